"""The recording notice: said in words, changed in the row itself, and nothing deleted by a double click."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.desk.desk_state import DeskState
from app.desk.language import Translation
from app.desk.notice_row import NoticeRow
from app.desk.panel import Panel
from core.messages import CallClosed, CallOpened, NoticeHeard, NoticeSet
from core.types import NoticeState


@pytest.fixture
def shown(qtbot: QtBot, panel: Panel, state: DeskState) -> Panel:
    panel.present()
    qtbot.waitExposed(panel)
    state.take(CallOpened("a", 0, "button"))
    return panel


@pytest.fixture
def row(shown: Panel) -> NoticeRow:
    return shown.notice_row


@pytest.fixture
def asked(row: NoticeRow) -> list[str]:
    asked: list[str] = []
    row.notice_asked.connect(asked.append)
    return asked


def set_notice(state: DeskState, notice: NoticeState) -> None:
    state.take(NoticeSet("a", notice, 0))


def entry(row: NoticeRow, text: str) -> None:
    next(action for action in row.menu.actions() if action.text() == text).trigger()


def test_it_is_there_in_calls_alone(shown: Panel, row: NoticeRow, state: DeskState) -> None:
    assert row.isVisible()
    state.take(CallClosed("a", 1000))
    assert not row.isVisible()


@pytest.mark.parametrize(
    ("notice", "mode", "sentence"),
    [
        ("unknown", "unknown", "Recording notice: not confirmed"),
        ("played", "given", "Recording notice: played by the line"),
        ("said", "given", "Recording notice: said by you"),
        ("heard", "given", "Recording notice: heard in the call"),
        ("refused", "refused", "The customer refuses: nothing of this call is kept"),
    ],
)
def test_what_is_known_is_said_in_words_and_by_an_icon(
    row: NoticeRow, state: DeskState, notice: NoticeState, mode: str, sentence: str
) -> None:
    set_notice(state, notice)
    assert (row.mode, row.accessibleName()) == (mode, sentence)
    assert sentence in [label.text() for label in row.findChildren(QLabel)]
    assert any(not label.pixmap().isNull() for label in row.findChildren(QLabel))


def test_the_menu_sets_it(row: NoticeRow, state: DeskState, asked: list[str]) -> None:
    entry(row, "I have said it")
    entry(row, "The line has played it")
    assert asked == ["said", "played"]
    # A click sets no tick; what holds does.
    assert not any(action.isChecked() for action in row.menu.actions())
    set_notice(state, "played")
    assert [action.text() for action in row.menu.actions() if action.isChecked()] == ["The line has played it"]


def test_the_menu_opens_from_its_button(qtbot: QtBot, row: NoticeRow) -> None:
    assert row.menu_button.accessibleName() == "Change what is known of the recording notice"
    qtbot.mouseClick(row.menu_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(row.menu.isVisible)
    row.menu.close()


def test_a_refusal_from_the_menu_is_asked_once_more(
    qtbot: QtBot, row: NoticeRow, state: DeskState, asked: list[str]
) -> None:
    entry(row, "The customer refuses: keep nothing")
    assert (asked, row.mode) == ([], "confirm")
    assert row.accessibleName() == "Delete what is kept of this call, for good?"
    qtbot.mouseClick(row.back_button, Qt.MouseButton.LeftButton)
    assert (asked, row.mode) == ([], "unknown")
    entry(row, "The customer refuses: keep nothing")
    qtbot.mouseClick(row.delete_button, Qt.MouseButton.LeftButton)
    assert asked == ["refused"]
    set_notice(state, "refused")
    assert row.mode == "refused"


def test_a_refusal_that_was_heard_is_a_question(
    qtbot: QtBot, row: NoticeRow, state: DeskState, asked: list[str]
) -> None:
    set_notice(state, "played")
    state.take(NoticeHeard("a", "refusal"))
    assert (row.mode, row.accessibleName()) == ("asked", "The customer seems not to agree to the recording")
    qtbot.mouseClick(row.agreed_button, Qt.MouseButton.LeftButton)
    assert asked == ["said"]
    set_notice(state, "said")
    assert row.mode == "given"


def test_a_double_click_on_the_refusal_deletes_nothing(
    qtbot: QtBot, shown: Panel, row: NoticeRow, state: DeskState, asked: list[str]
) -> None:
    state.take(NoticeHeard("a", "refusal"))
    qtbot.waitUntil(row.refused_button.isVisible)
    at = row.refused_button.mapTo(row, row.refused_button.rect().center())
    qtbot.mouseClick(row.refused_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.childAt(row.back_button.geometry().center()) is row.back_button)
    assert row.childAt(at) is not row.delete_button
    qtbot.mouseClick(row.back_button, Qt.MouseButton.LeftButton)
    assert (asked, row.mode) == ([], "asked")


def test_refused_is_final(row: NoticeRow, state: DeskState, asked: list[str]) -> None:
    set_notice(state, "refused")
    assert not row.menu_button.isVisible()
    # A menu that stood open meanwhile.
    entry(row, "The customer refuses: keep nothing")
    assert (row.mode, asked) == ("refused", [])


def test_a_question_ends_with_its_call(row: NoticeRow, state: DeskState) -> None:
    entry(row, "The customer refuses: keep nothing")
    state.take(CallClosed("a", 1000))
    state.take(CallOpened("b", 2000, "button"))
    assert row.mode == "unknown"


def test_it_is_as_high_with_its_menu_as_without(qtbot: QtBot, row: NoticeRow, state: DeskState) -> None:
    height_px = row.height()
    set_notice(state, "heard")
    qtbot.waitUntil(row.menu_button.isVisible)
    assert row.height() == height_px
    set_notice(state, "refused")
    qtbot.waitUntil(lambda: not row.menu_button.isVisible())
    assert row.height() == height_px


def test_it_speaks_the_language_of_the_window(row: NoticeRow, state: DeskState, translation: Translation) -> None:
    translation.choose("zh_CN")
    row.retranslate()
    set_notice(state, "refused")
    assert row.accessibleName() == "客户拒绝录音：本次通话不保存任何内容"


@pytest.mark.parametrize(
    ("notice", "seen"),
    [("unknown", True), ("played", False), ("said", False), ("heard", False), ("refused", True)],
)
def test_the_strip_shows_what_wants_a_look(
    qtbot: QtBot, shown: Panel, state: DeskState, notice: NoticeState, seen: bool
) -> None:
    shown.fold(True)
    set_notice(state, notice)
    assert shown.strip.notice_button.isVisible() == seen
    state.take(NoticeHeard("a", "refusal"))
    assert shown.strip.notice_button.isVisible() == (seen or notice != "refused")
    qtbot.mouseClick(shown.strip.notice_button, Qt.MouseButton.LeftButton)
    assert not shown.folded
