"""The view follows the talk, stays put for a reader, and does the same work at five thousand rows as at fifty."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from unittest.mock import patch

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app.desk.theme import Theme
from app.desk.transcript_delegate import TranscriptDelegate
from app.desk.transcript_model import ROW_ROLE, TranscriptModel
from app.desk.transcript_view import TranscriptView
from core.types import Gap, MaskedHypothesis, MaskedUtterance

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
