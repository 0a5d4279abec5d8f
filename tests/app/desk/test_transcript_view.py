"""The view follows the talk, stays put for a reader, and does the same work at five thousand rows as at fifty."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from unittest.mock import patch

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from app.desk.theme import Theme
from app.desk.transcript_delegate import TranscriptDelegate
from app.desk.transcript_model import ROW_ROLE, TranscriptModel
from app.desk.transcript_view import TranscriptView
from core.types import Gap, MaskedHypothesis, MaskedUtterance, MaskSpan
from tests.app.desk import captions
from tests.app.desk.captions import Hidden

LONG = "我上周在你们网上商城买了一副耳机,收到以后左边那只一直没有声音,重新配对了好几次也没有用,请问怎么办?"


def add(model: TranscriptModel, number: int, text: str = LONG) -> None:
    leg = "agent" if number % 2 else "customer"
    model.add(MaskedUtterance(f"u{number}", leg, number * 1000, number * 1000 + 900, text))


def fill(model: TranscriptModel, first: int, last: int) -> None:
    for number in range(first, last):
        add(model, number)


@pytest.fixture
def view(qtbot: QtBot, transcript: TranscriptModel, theme: Theme) -> Iterator[TranscriptView]:
    view = TranscriptView(transcript, theme)
    qtbot.addWidget(view)
    view.resize(360, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


def top_row(view: TranscriptView) -> tuple[int, int]:
    """Key of the topmost row, and where it begins in the viewport."""
    index = view.indexAt(QPoint(5, 0))
    return index.data(ROW_ROLE).key, view.visualRect(index).top()


def at_end(view: TranscriptView) -> bool:
    return view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def button(view: TranscriptView) -> QPushButton:
    return view.findChild(QPushButton)


def test_it_follows_the_talk(view: TranscriptView, transcript: TranscriptModel) -> None:
    for number in range(30):
        add(transcript, number)
        assert at_end(view)
    last = transcript.index(29)
    assert view.indexAt(QPoint(5, view.viewport().height() - 10)).data(ROW_ROLE) is last.data(ROW_ROLE)


def test_a_reader_further_up_is_not_moved_and_is_told_what_came(
    qtbot: QtBot, view: TranscriptView, transcript: TranscriptModel
) -> None:
    fill(transcript, 0, 30)
    view.verticalScrollBar().setValue(777)
    before = top_row(view)
    fill(transcript, 30, 33)
    transcript.add(MaskedHypothesis("customer", 40_000, 40_500, "还有"))
    transcript.add(MaskedHypothesis("customer", 40_000, 41_500, "还有" + LONG))
    assert top_row(view) == before
    assert view.unread == 3
    transcript.add(MaskedUtterance("last", "customer", 40_000, 42_000, "还有一个问题。"))
    transcript.add(Gap("agent", 42_000, 43_000, "device"))
    assert (top_row(view), view.unread) == (before, 5)
    assert button(view).isVisible()
    assert button(view).text() == "5 new"
    qtbot.mouseClick(button(view), Qt.MouseButton.LeftButton)
    assert at_end(view)
    assert not button(view).isVisible()
    add(transcript, 50)
    assert at_end(view)
    assert view.unread == 0


def test_scrolling_back_to_the_end_follows_again(view: TranscriptView, transcript: TranscriptModel) -> None:
    fill(transcript, 0, 30)
    view.verticalScrollBar().setValue(100)
    fill(transcript, 30, 32)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    assert view.unread == 0
    fill(transcript, 32, 33)
    assert at_end(view)


def test_customer_only_keeps_the_place(view: TranscriptView, transcript: TranscriptModel) -> None:
    fill(transcript, 0, 60)
    view.scrollTo(view.model().index(20, 0), TranscriptView.ScrollHint.PositionAtTop)
    key, offset = top_row(view)
    view.show_customer_only(True)
    assert top_row(view) == (key, offset)
    assert {view.model().index(at, 0).data(ROW_ROLE).leg for at in range(view.model().rowCount())} == {"customer"}
    view.show_customer_only(False)
    assert top_row(view) == (key, offset)
    assert view.unread == 0


def test_customer_only_goes_on_at_the_next_row_when_the_top_one_goes(
    view: TranscriptView, transcript: TranscriptModel
) -> None:
    fill(transcript, 0, 60)
    view.scrollTo(view.model().index(21, 0), TranscriptView.ScrollHint.PositionAtTop)
    view.show_customer_only(True)
    assert view.indexAt(QPoint(5, 0)).data(ROW_ROLE).start_ms == 22_000


def test_another_width_keeps_the_place_and_wraps_anew(view: TranscriptView, transcript: TranscriptModel) -> None:
    fill(transcript, 0, 40)
    view.scrollTo(view.model().index(10, 0), TranscriptView.ScrollHint.PositionAtTop)
    key = top_row(view)[0]
    height = view.visualRect(view.model().index(10, 0)).height()
    view.resize(240, 500)
    assert top_row(view)[0] == key
    assert view.visualRect(view.model().index(10, 0)).height() > height


def test_a_larger_scale_keeps_the_place(view: TranscriptView, transcript: TranscriptModel, theme: Theme) -> None:
    fill(transcript, 0, 40)
    view.scrollTo(view.model().index(10, 0), TranscriptView.ScrollHint.PositionAtTop)
    key = top_row(view)[0]
    theme.choose("dark", 200)
    assert top_row(view)[0] == key


def test_nothing_is_cut_off(view: TranscriptView, transcript: TranscriptModel, theme: Theme) -> None:
    unbroken = "http" + "x" * 300
    add(transcript, 0, unbroken)
    add(transcript, 1, LONG * 10)
    delegate = view.itemDelegate()
    assert isinstance(delegate, TranscriptDelegate)
    for position, text in ((0, unbroken), (1, LONG * 10)):
        layout = delegate.layout_row(transcript.row_at(position), view.viewport().width())
        lines = [layout.text.lineAt(at) for at in range(layout.text.lineCount())]
        assert sum(line.textLength() for line in lines) == len(text)
        assert layout.bubble.left() >= 0
        assert layout.bubble.right() <= view.viewport().width()
        assert max(line.naturalTextWidth() for line in lines) <= layout.bubble.width()
        assert layout.bubble.bottom() <= layout.height_px


def test_rows_stand_below_one_another(view: TranscriptView, transcript: TranscriptModel) -> None:
    fill(transcript, 0, 20)
    transcript.add(Gap("agent", 42_000, 43_000, "device"))
    rects = [view.visualRect(view.model().index(at, 0)) for at in range(21)]
    for above, below in pairwise(rects):
        assert below.top() == above.bottom() + 1


def test_one_caption_costs_one_layout_however_long_the_call(view: TranscriptView, transcript: TranscriptModel) -> None:
    fill(transcript, 0, 5000)
    view.repaint()
    with patch.object(
        TranscriptDelegate, "_set_text", autospec=True, side_effect=TranscriptDelegate._set_text
    ) as set_text:
        transcript.add(MaskedHypothesis("customer", 9_000_000, 9_000_500, "请问"))
        transcript.add(MaskedHypothesis("customer", 9_000_000, 9_000_900, "请问一下"))
        transcript.add(MaskedUtterance("last", "customer", 9_000_000, 9_001_000, "请问一下。"))
        view.repaint()
    assert set_text.call_count == 3
    assert at_end(view)


def test_copying_takes_the_selected_rows_in_order(
    qtbot: QtBot, view: TranscriptView, transcript: TranscriptModel
) -> None:
    for number, text in enumerate(("一", "二", "三")):
        add(transcript, number, text)
    view.setCurrentIndex(view.model().index(2, 0))
    qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Agent 00:01 二\nCustomer 00:02 三"


def test_the_context_menu_copies(qtbot: QtBot, view: TranscriptView, transcript: TranscriptModel) -> None:
    add(transcript, 0, "一")
    QGuiApplication.clipboard().clear()
    at = view.visualRect(view.model().index(0, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.viewport().mapToGlobal(at)))
    menu = view.findChild(QMenu)
    copy = next(action for action in menu.actions() if action.text() == "Copy")
    assert copy.isEnabled()
    copy.trigger()
    assert QGuiApplication.clipboard().text() == "Customer 00:00 一"
    menu.close()


PHONE = captions.final(
    "p", "customer", 0, "号码是", Hidden("pii.mobile", "····8000", "right"), "，", Hidden("pii.name")
)
THREAT = captions.final("t", "agent", 2000, "他说", Hidden("abuse.threat"))


def chip_point(view: TranscriptView, position: int, number: int) -> QPoint:
    index = view.model().index(position, 0)
    rect = view.visualRect(index)
    layout = view._delegate.layout_row(index.data(ROW_ROLE), rect.width())
    return layout.chips[number].place.center().toPoint() + rect.topLeft()


def open_menu(view: TranscriptView, at: QPoint, reason: QContextMenuEvent.Reason) -> QMenu:
    view.contextMenuEvent(QContextMenuEvent(reason, at, view.viewport().mapToGlobal(at)))
    return view.findChildren(QMenu)[-1]


def entries(menu: QMenu) -> list[tuple[str, bool]]:
    found = [(action.text(), action.isEnabled()) for action in menu.actions() if action.text()]
    menu.close()
    return [entry for entry in found if entry[0] not in ("Copy", "Select all")]


@pytest.fixture
def marked(view: TranscriptView) -> list[tuple[str, MaskSpan]]:
    marked: list[tuple[str, MaskSpan]] = []
    view.row_actions.marked_wrong.connect(lambda utterance_id, span: marked.append((utterance_id, span)))
    return marked


def test_the_menu_marks_the_chip_under_the_mouse(
    view: TranscriptView, transcript: TranscriptModel, marked: list[tuple[str, MaskSpan]]
) -> None:
    transcript.add(PHONE)
    at = chip_point(view, 0, 1)
    menu = open_menu(view, at, QContextMenuEvent.Reason.Mouse)
    next(action for action in menu.actions() if action.text() == "Masked wrongly: [Name]").trigger()
    menu.close()
    assert marked == [("p", PHONE.spans[1])]
    again = open_menu(view, at, QContextMenuEvent.Reason.Mouse)
    assert entries(again) == [("Marked as wrong: [Name]", False)]


def test_beside_the_chips_the_menu_names_each(view: TranscriptView, transcript: TranscriptModel) -> None:
    transcript.add(PHONE)
    beside = view.visualRect(view.model().index(0, 0)).topLeft() + QPoint(2, 2)
    menu = open_menu(view, beside, QContextMenuEvent.Reason.Mouse)
    assert entries(menu) == [("Masked wrongly: [Mobile ····8000]", True), ("Masked wrongly: [Name]", True)]
    # By key the menu is the current row's, wherever the mouse is.
    transcript.add(THREAT)
    view.setCurrentIndex(view.model().index(1, 0))
    assert entries(open_menu(view, beside, QContextMenuEvent.Reason.Keyboard)) == [("Masked wrongly: [Threat]", True)]


def test_partials_and_plain_rows_cannot_be_marked(
    view: TranscriptView, transcript: TranscriptModel, marked: list[tuple[str, MaskSpan]]
) -> None:
    transcript.add(captions.partial("customer", 0, "号码是", Hidden("pii.mobile")))
    add(transcript, 1)
    for position in range(2):
        at = view.visualRect(view.model().index(position, 0)).center()
        assert entries(open_menu(view, at, QContextMenuEvent.Reason.Mouse)) == []
    view.row_actions.mark_by_key()
    assert marked == []


def test_the_key_marks_the_selected_row_chip_by_chip_else_the_newest(
    view: TranscriptView, transcript: TranscriptModel, marked: list[tuple[str, MaskSpan]]
) -> None:
    transcript.add(PHONE)
    transcript.add(THREAT)
    add(transcript, 3)
    for _ in range(3):
        view.row_actions.mark_by_key()
    assert marked == [("t", THREAT.spans[0])]
    view.setCurrentIndex(view.model().index(0, 0))
    for _ in range(3):
        view.row_actions.mark_by_key()
    assert marked[1:] == [("p", PHONE.spans[0]), ("p", PHONE.spans[1])]


def test_a_chip_is_copied_as_words(view: TranscriptView, transcript: TranscriptModel) -> None:
    transcript.add(PHONE)
    view.selectAll()
    view.row_actions.copy()
    assert QGuiApplication.clipboard().text() == "Customer 00:00 号码是[Mobile ····8000]，[Name]"


def test_a_tool_tip_tells_of_the_chip_under_the_mouse(
    qtbot: QtBot, view: TranscriptView, transcript: TranscriptModel
) -> None:
    transcript.add(PHONE)
    for number, words in enumerate(("Mobile\nCheck digit right", "Name")):
        at = chip_point(view, 0, number)
        QApplication.sendEvent(view.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at)))
        qtbot.waitUntil(lambda words=words: QToolTip.text() == words)
    beside = QPoint(2, 2)
    QApplication.sendEvent(view.viewport(), QHelpEvent(QEvent.Type.ToolTip, beside, QPoint(2, 2)))
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
    assert view.chip_at(beside) is None
    assert view.chip_at(QPoint(2, 490)) is None


def test_a_revision_and_a_mark_are_no_news_and_move_nobody(view: TranscriptView, transcript: TranscriptModel) -> None:
    transcript.add(PHONE)
    fill(transcript, 3, 33)
    view.verticalScrollBar().setValue(777)
    before = top_row(view)
    transcript.add(captions.final("p", "customer", 0, LONG, Hidden("pii.mobile", "…"), LONG))
    assert transcript.mark_wrong("p", transcript.row_at(0).spans[0])
    assert (top_row(view), view.unread) == (before, 0)
    view.scroll_to_end()
    transcript.add(captions.final("p", "customer", 0, Hidden("pii.mobile", "…")))
    assert at_end(view)


def test_keys_move_through_the_rows(qtbot: QtBot, view: TranscriptView, transcript: TranscriptModel) -> None:
    fill(transcript, 0, 30)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0
    assert view.verticalScrollBar().value() == 0
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert 1 < view.currentIndex().row() < 10
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == 29
    assert at_end(view)


def test_an_empty_transcript_says_what_will_come(view: TranscriptView, transcript: TranscriptModel) -> None:
    empty = view.grab().toImage()
    add(transcript, 0, "一")
    transcript.clear()
    assert view.grab().toImage() == empty
    assert view.verticalScrollBar().maximum() == 0
