"""The docked window: `tingban`. Reads its arguments, makes the application, and puts the desk's session behind it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import MutableMapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.desk.desk import Desk, quit_application
from app.desk.icons import app_icon
from app.desk.settings_fields import SettingsStore
from app.desk.settings_window import ModelChoice, ModelProvider
from app.link import DeskLink
from assets import asset_path
from core import __version__
from core.errors import TingbanError
from core.logs import start_logging
from core.settings import Settings

SIGNAL_POLL_MS = 500
"""Python sees a signal only when it runs: Qt's loop is left for it this often."""

ENV_EPHEMERAL = "TINGBAN_EPHEMERAL"
"""Tells the analyst to keep the store in a temporary folder under a key that ends with it."""

DEMO_FILE = "sample_call/sample.flac"


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; returns when it has closed.

    Returns: 0 closed, 2 bad usage or settings, 3 the environment.
    """
    arguments = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    start_logging("window")
    choose_platform(os.environ, sys.platform)
    with ExitStack() as until_closed:
        try:
            settings = Settings.load()
            link = _session(arguments.demo, until_closed)
        except TingbanError as fault:
            sys.stderr.write(f"{fault}\n")
            return fault.exit_code
        return run(link, settings, installed_models, frame_log=arguments.frame_log)


def run(link: DeskLink, settings: SettingsStore, models: ModelProvider, *, frame_log: Path | None = None) -> int:
    """Run the window over any link until it is closed. Returns: the exit code."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Tingban")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("tingban")
    application.setWindowIcon(app_icon())
    application.setStyle("Fusion")
    # A hidden panel still listens; only `leave` ends the program.
    application.setQuitOnLastWindowClosed(False)
    desk = Desk(link, settings, models, frame_log=frame_log)
    desk.ended.connect(quit_application)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: desk.leave())
    wake = QTimer()
    wake.timeout.connect(lambda: None)
    wake.start(SIGNAL_POLL_MS)
    desk.start()
    return application.exec()


def choose_platform(environment: MutableMapping[str, str], platform: str) -> None:
    """Under Wayland take XWayland where it runs: only X11 lets a window dock, reserve its edge and take global keys."""
    if platform != "linux" or "QT_QPA_PLATFORM" in environment:
        return
    if environment.get("WAYLAND_DISPLAY") and environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "xcb"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tingban", description="Live captions of both sides of a call, docked.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--demo", nargs="?", const="", metavar="FILE", help="replay a call, by default the bundled one")
    parser.add_argument("--frame-log", type=Path, metavar="FILE", help="write how smoothly the window ran, as JSON")
    return parser


def _session(demo: str | None, until_closed: ExitStack) -> DeskLink:
    """The desk's session; `demo` is a file to replay, empty for the bundled call, None for none."""
    from app.session import DeskSession  # noqa: PLC0415 - loads threads and sockets that `--help` does without

    if demo is None:
        return DeskSession()
    file = demo or str(until_closed.enter_context(asset_path(DEMO_FILE)))
    # A demonstration leaves nothing behind.
    return DeskSession(demo_file=file, environment={ENV_EPHEMERAL: "1"})


def installed_models() -> list[ModelChoice]:
    """Models on this desk that may be chosen, with their size."""
    from models.store import ModelStore  # noqa: PLC0415 - wanted only when the settings are opened

    return [
        ModelChoice(state.name, f"{state.passport.bytes / 1e6:.0f} MB")
        for state in ModelStore().states()
        if state.status == "installed" and state.passport is not None
    ]
