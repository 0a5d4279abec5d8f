"""Docking beside a second screen. Xvfb has one, so this runs on Qt's own platform without a display, in a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

SCREENS = [
    {"name": "left", "x": 0, "y": 0, "width": 1000, "height": 700, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1},
    {
        "name": "right",
        "x": 1000,
        "y": 0,
        "width": 1400,
        "height": 900,
        "logicalDpi": 96,
        "logicalBaseDpi": 96,
        "dpr": 1,
    },
]

SCRIPT = """
import json, sys
from PySide6.QtWidgets import QApplication, QWidget
from app.desk.docking import Dock

class Reservation:
    room = None
    def reserve(self, window_id, edge, desktop, room):
        self.room = [edge, desktop.width(), room.x(), room.y(), room.width(), room.height()]
    def release(self):
        self.room = None
    def close(self):
        self.room = None

application = QApplication([])
screens = {screen.name(): screen for screen in application.screens()}
reservation = Reservation()
dock = Dock(reservation)
window = QWidget()
moved = []
dock.moved.connect(lambda: moved.append(dock.screen_name))
told = []
for name in ("left", "right"):
    dock.follow(screens[name])
    for edge in ("left", "right"):
        dock.place(window, edge, 360)
        told.append([name, edge, window.geometry().getRect(), reservation.room])
print(json.dumps({"moved": moved, "told": told}))
"""


def test_the_panel_follows_its_screen_and_reserves_outer_edges_alone(tmp_path: Path) -> None:
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": SCREENS}))
    env = os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={config}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["moved"] == ["right"]
    assert result["told"] == [
        ["left", "left", [0, 0, 360, 700], ["left", 2400, 0, 0, 360, 700]],
        # Between the screens nothing is reserved: a strut would swallow the whole screen beyond.
        ["left", "right", [640, 0, 360, 700], None],
        ["right", "left", [1000, 0, 360, 900], None],
        ["right", "right", [2040, 0, 360, 900], ["right", 2400, 2040, 0, 360, 900]],
    ]
