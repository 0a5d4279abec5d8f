"""The window as a program: what it loads, that it ends when told, and what a screen reader hears of it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.main import choose_platform
from tests.app.desk.window_process import SAID, SPEAKING
from tests.harness.x_display import XDisplay

ROOT = Path(__file__).parents[3]
DEADLINE_S = 60.0
SYSTEM_PYTHON = "/usr/bin/python3"

pytestmark = pytest.mark.display


@pytest.fixture
def window(desktop: XDisplay, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    env = desktop.env | {"PYTHONPATH": str(ROOT), "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.app.desk.window_process", str(tmp_path)],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"started": True}
        yield process
        if process.poll() is None:
            process.kill()


def test_the_window_loads_no_model_runtime_no_store_and_no_audio(window: subprocess.Popen[str]) -> None:
    window.send_signal(signal.SIGTERM)
    out, _ = window.communicate(timeout=DEADLINE_S)
    assert window.returncode == 0
    assert json.loads(out.splitlines()[-1]) == {"loaded": []}


LISTEN = """
import json, pyatspi
said = []
def walk(node):
    for child in node:
        if child is not None:
            said.append(child.name or "")
            walk(child)
for application in pyatspi.Registry.getDesktop(0):
    if application is not None and application.name == "Tingban":
        walk(application)
print(json.dumps(said))
"""


def has_atspi() -> bool:
    if not Path(SYSTEM_PYTHON).exists() or shutil.which("dbus-daemon") is None:
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", "import pyatspi"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_atspi(), reason="not installed: python3-pyatspi at-spi2-core")
def test_a_screen_reader_hears_controls_and_captions(window: subprocess.Popen[str], desktop: XDisplay) -> None:
    deadline = time.monotonic() + DEADLINE_S
    said: set[str] = set()
    while not any(SPEAKING in name for name in said):
        assert time.monotonic() < deadline, said
        listened = subprocess.run(
            [SYSTEM_PYTHON, "-c", LISTEN], env=desktop.env, capture_output=True, text=True, check=False
        )
        said = set(json.loads(listened.stdout or "[]"))
    assert {f"坐席 00:00 {SAID[0]}", f"客户 00:03 {SAID[1]}", f"客户 00:07（正在说）{SPEAKING}"} <= said
    assert {"录音中", "结束通话", "只看客户", "对话记录", "客户音量", "坐席音量", "菜单", "收起为窄条"} <= said
    assert {"录音告知：尚未确认", "更改录音告知的状态"} <= said


@pytest.mark.parametrize(
    ("environment", "platform", "chosen"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux", "xcb"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", None),
        ({"DISPLAY": ":0"}, "linux", None),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0", "QT_QPA_PLATFORM": "wayland"}, "linux", "wayland"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "darwin", None),
    ],
)
def test_wayland_desktops_are_used_through_xwayland(
    environment: dict[str, str], platform: str, chosen: str | None
) -> None:
    choose_platform(environment, platform)
    assert environment.get("QT_QPA_PLATFORM") == chosen
