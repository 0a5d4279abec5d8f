"""The panel never takes the focus: not when it shows, not when it is clicked, not when captions come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk.desk_state import DeskState
from app.desk.docking import Dock
from app.desk.docking_x11 import StrutReservation
from app.desk.panel import STRIP_WIDTH_PX, WIDTH_PX, Panel
from app.desk.theme import Theme
from app.desk.transcript_model import TranscriptModel
from core.messages import Fault
from core.types import MaskedUtterance
from tests.harness.x_client import OtherWindow, other_window
from tests.harness.x_display import XDisplay

SCREEN_WIDTH_PX, SCREEN_HEIGHT_PX = 1366, 768

pytestmark = pytest.mark.display


@pytest.fixture
def softphone(desktop: XDisplay) -> Iterator[OtherWindow]:
    with other_window(desktop.env["DISPLAY"]) as window:
        yield window


@pytest.fixture
def docked(
    qtbot: QtBot, state: DeskState, transcript: TranscriptModel, theme: Theme, softphone: OtherWindow
) -> Iterator[Panel]:
    dock = Dock(StrutReservation())
    panel = Panel(state, transcript, theme, dock)
    panel.set_edge("right")
    panel.present()
    qtbot.waitExposed(panel)
    softphone.wait(lambda: softphone.work_area()[2] == SCREEN_WIDTH_PX - WIDTH_PX)
    qtbot.waitUntil(lambda: (panel.x(), panel.height()) == (SCREEN_WIDTH_PX - WIDTH_PX, SCREEN_HEIGHT_PX))
    yield panel
    panel.withdraw()
    dock.close()
    panel.deleteLater()
    softphone.wait(lambda: softphone.work_area() == [0, 0, SCREEN_WIDTH_PX, SCREEN_HEIGHT_PX])


def click(desktop: XDisplay, widget: QWidget, button: int = 1) -> None:
    at = widget.mapToGlobal(widget.rect().center())
    desktop.run("xdotool", "mousemove", str(at.x()), str(at.y()), "click", str(button))


def test_showing_leaves_the_focus(docked: Panel, softphone: OtherWindow) -> None:
    softphone.settle()
    assert softphone.active_window() == softphone.window.id
    assert not docked.isActiveWindow()


def test_a_click_works_and_leaves_the_focus(
    qtbot: QtBot, desktop: XDisplay, docked: Panel, softphone: OtherWindow
) -> None:
    with qtbot.waitSignal(docked.call_asked):
        click(desktop, docked.call_button)
    with qtbot.waitSignal(docked.customer_only.toggled):
        click(desktop, docked.customer_only)
    with qtbot.waitSignal(docked.folded_changed):
        click(desktop, docked.header.fold_button)
    softphone.settle()
    assert softphone.active_window() == softphone.window.id
    # What is typed still goes to the softphone.
    desktop.run("xdotool", "key", "7")
    qtbot.waitUntil(lambda: softphone.display.pending_events() > 0)
    assert not docked.isActiveWindow()


def test_the_menu_opens_and_leaves_the_focus(
    qtbot: QtBot, desktop: XDisplay, docked: Panel, softphone: OtherWindow
) -> None:
    click(desktop, docked.header.menu_button)
    qtbot.waitUntil(docked.menu.isVisible)
    assert softphone.active_window() == softphone.window.id
    with qtbot.waitSignal(docked.settings_asked):
        settings = next(action for action in docked.menu.actions() if action.text() == "Settings")
        entry = docked.menu.actionGeometry(settings).center()
        qtbot.mouseClick(docked.menu, Qt.MouseButton.LeftButton, pos=QPoint(entry))
    softphone.settle()
    assert softphone.active_window() == softphone.window.id


def test_captions_and_faults_leave_the_focus(
    qtbot: QtBot, docked: Panel, transcript: TranscriptModel, softphone: OtherWindow
) -> None:
    for number in range(20):
        transcript.add(MaskedUtterance(f"u{number}", "customer", number * 1000, number * 1000 + 900, "请问一下。"))
    docked.banners.show_fault(Fault("recorder", "device", fatal=True))
    qtbot.waitUntil(docked.banners.isVisible)
    docked.repaint()
    softphone.settle()
    assert softphone.active_window() == softphone.window.id


def test_the_edge_is_reserved_and_given_back(qtbot: QtBot, docked: Panel, softphone: OtherWindow) -> None:
    softphone.wait(lambda: softphone.work_area() == [0, 0, SCREEN_WIDTH_PX - WIDTH_PX, SCREEN_HEIGHT_PX])
    docked.fold(True)
    softphone.wait(lambda: softphone.work_area() == [0, 0, SCREEN_WIDTH_PX - STRIP_WIDTH_PX, SCREEN_HEIGHT_PX])
    docked.fold(False)
    docked.set_edge("left")
    softphone.wait(lambda: softphone.work_area() == [WIDTH_PX, 0, SCREEN_WIDTH_PX - WIDTH_PX, SCREEN_HEIGHT_PX])
    qtbot.waitUntil(lambda: docked.geometry().left() == 0)
    assert docked.geometry().width() == WIDTH_PX


def test_a_maximised_window_stays_clear_of_the_panel(docked: Panel, softphone: OtherWindow) -> None:
    softphone.wait(lambda: softphone.work_area()[2] == SCREEN_WIDTH_PX - WIDTH_PX)
    softphone.toggle("_NET_WM_STATE_MAXIMIZED_VERT", "_NET_WM_STATE_MAXIMIZED_HORZ")
    softphone.wait(lambda: softphone.geometry()[2] > SCREEN_WIDTH_PX // 2)
    left, _, width, _ = softphone.geometry()
    assert left + width <= docked.geometry().left()


def test_the_panel_takes_the_full_height(qtbot: QtBot, docked: Panel) -> None:
    qtbot.waitUntil(lambda: docked.geometry().height() == SCREEN_HEIGHT_PX)
    assert docked.geometry().right() == SCREEN_WIDTH_PX - 1
