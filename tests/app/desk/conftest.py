"""A real desktop for the window's tests: one Xvfb with openbox and a session bus, one QApplication on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.desk.desk_state import DeskState
from app.desk.docking import Dock, NoReservation
from app.desk.language import Translation
from app.desk.panel import Panel
from app.desk.theme import Theme
from app.desk.transcript_model import TranscriptModel
from core.settings import Settings
from tests.harness.x_display import XDisplay, missing, x_display


@pytest.fixture(scope="session")
def desktop() -> Iterator[XDisplay]:
    if reason := missing():
        pytest.skip(reason)
    with x_display() as display:
        yield display


@pytest.fixture(scope="session")
def qapp(desktop: XDisplay) -> Iterator[QApplication]:
    """The application, on the private display. The environment is put back, so that other tests never see it."""
    with pytest.MonkeyPatch.context() as patch:
        _use(desktop, patch)
        application = QApplication(["tingban"])
    application.setStyle("Fusion")
    application.setQuitOnLastWindowClosed(False)
    yield application
    # Before its X server goes: Qt ends the whole process when the connection breaks.
    application.shutdown()


@pytest.fixture(autouse=True)
def on_desktop(desktop: XDisplay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections of our own to the X server, and processes that a test starts, go to the private display."""
    _use(desktop, monkeypatch)
    # Windows of the last test, which would be styled again with every look that this one chooses.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _use(desktop: XDisplay, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("WAYLAND_DISPLAY", raising=False)
    patch.setenv("QT_QPA_PLATFORM", "xcb")
    for name in ("DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"):
        patch.setenv(name, desktop.env[name])


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    theme = Theme()
    theme.choose("light", 100)
    return theme


@pytest.fixture
def translation(qapp: QApplication) -> Iterator[Translation]:
    translation = Translation()
    yield translation
    # Tests name widgets in English unless they ask for Chinese.
    translation.choose("en")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(tmp_path / "settings.json", tmp_path / "policy.json")


@pytest.fixture
def state(qapp: QApplication) -> DeskState:
    return DeskState()


@pytest.fixture
def transcript(qapp: QApplication) -> TranscriptModel:
    return TranscriptModel()


@pytest.fixture
def panel(state: DeskState, transcript: TranscriptModel, theme: Theme) -> Iterator[Panel]:
    """A panel that reserves nothing, shown by the test if it wants."""
    panel = Panel(state, transcript, theme, Dock(NoReservation()))
    yield panel
    panel.hide()
    panel.deleteLater()
