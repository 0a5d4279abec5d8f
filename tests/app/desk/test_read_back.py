"""A number is shown for a few seconds, cannot be taken along, and leaves nothing behind."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.desk import read_back
from app.desk.desk_state import DeskState
from app.desk.language import Translation
from app.desk.panel import Panel
from app.desk.read_back import STEPS, ReadBackBar
from core.messages import NumberReadBack

NUMBER = "138 0013 8000"
TOLD = NumberReadBack("a", "pii.mobile", NUMBER, "right")


@pytest.fixture
def shown(qtbot: QtBot, panel: Panel, state: DeskState) -> Panel:
    panel.present()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def bar(shown: Panel) -> ReadBackBar:
    return shown.read_back


def said(widget: QWidget) -> list[str]:
    """Everything that a person or a screen reader could find in a widget."""
    widgets = [widget, *widget.findChildren(QWidget)]
    texts = [label.text() for label in widgets if isinstance(label, QLabel)]
    for one in widgets:
        texts += [one.accessibleName(), one.accessibleDescription(), one.toolTip(), one.windowTitle()]
    return [text for text in texts if text]


def visible(bar: ReadBackBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel) if label.isVisible() and label.text()]


def test_a_number_is_shown_with_kind_and_check(bar: ReadBackBar) -> None:
    bar.show_number(TOLD)
    assert bar.isVisible()
    assert visible(bar) == ["Mobile", "Check digit right", NUMBER]
    assert bar.countdown.left == STEPS


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (NumberReadBack("a", "pii.number", "1380 0138", sure=False), ["号码", "不确定", "1380 0138"]),
        (NumberReadBack("a", "pii.bank_card", "6222 0212", "wrong", sure=False), ["银行卡号", "校验不符"]),
        (NumberReadBack("a", "pii.order_no", "2026 1125"), ["单号", "2026 1125"]),
        (NumberReadBack("a"), ["本次通话还没有听到号码。"]),
    ],
)
def test_doubts_are_said(bar: ReadBackBar, translation: Translation, told: NumberReadBack, words: list[str]) -> None:
    translation.choose("zh_CN")
    bar.show_number(told)
    assert visible(bar)[: len(words)] == words
    assert bar.countdown.isVisible() == bool(told.kind)


def test_digits_are_all_of_one_width(bar: ReadBackBar) -> None:
    metrics = bar.number.fontMetrics()
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


@pytest.mark.parametrize(("told", "shown_ms"), [(TOLD, 8000), (NumberReadBack("a"), 3000)])
def test_it_goes_by_itself(qtbot: QtBot, bar: ReadBackBar, told: NumberReadBack, shown_ms: int) -> None:
    bar.show_number(told)
    assert bar._ticks.interval() * STEPS == pytest.approx(shown_ms, rel=0.01)
    seen = [bar.countdown.left]
    for _ in range(STEPS):
        bar._ticks.timeout.emit()
        seen.append(bar.countdown.left)
    assert not bar.is_open
    assert seen[:-1] == list(range(STEPS, 0, -1))


def test_it_is_wiped_when_its_time_is_over(
    qtbot: QtBot, shown: Panel, bar: ReadBackBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_back, "SHOWN_MS", 8 * STEPS)
    with qtbot.waitSignals([bar.open_changed, bar.open_changed]):
        bar.show_number(TOLD)
        assert NUMBER in said(shown)
    assert not bar.isVisible()
    assert not any(digit in text for text in said(bar) for digit in "0123456789")
    assert "Mobile" not in said(bar)
    assert TOLD not in vars(bar).values()


def test_it_cannot_be_selected_or_copied(qtbot: QtBot, bar: ReadBackBar) -> None:
    QGuiApplication.clipboard().setText("before")
    QGuiApplication.clipboard().setText("before", QGuiApplication.clipboard().Mode.Selection)
    bar.show_number(TOLD)
    assert bar.number.textInteractionFlags() == Qt.TextInteractionFlag.NoTextInteraction
    qtbot.mouseDClick(bar.number, Qt.MouseButton.LeftButton)
    assert not bar.number.hasSelectedText()
    assert QGuiApplication.clipboard().text() == "before"
    assert QGuiApplication.clipboard().text(QGuiApplication.clipboard().Mode.Selection) == "before"


def test_esc_and_the_button_close_it(qtbot: QtBot, shown: Panel, bar: ReadBackBar) -> None:
    bar.show_number(TOLD)
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert not bar.is_open
    bar.show_number(TOLD)
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert not bar.is_open
    assert NUMBER not in said(shown)
    with qtbot.assertNotEmitted(bar.open_changed):
        qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_another_number_begins_anew(bar: ReadBackBar) -> None:
    bar.show_number(TOLD)
    bar._ticks.timeout.emit()
    bar.show_number(NumberReadBack("a", "pii.order_no", "2026 1125"))
    assert bar.countdown.left == STEPS
    assert NUMBER not in said(bar)


def test_it_follows_the_language(qtbot: QtBot, bar: ReadBackBar, translation: Translation) -> None:
    translation.choose("en")
    bar.show_number(TOLD)
    translation.choose("zh_CN")
    qtbot.waitUntil(lambda: visible(bar) == ["手机号", "校验正确", NUMBER])


def test_a_folded_panel_opens_for_as_long(shown: Panel, bar: ReadBackBar) -> None:
    shown.fold(True)
    shown.show_number(TOLD)
    assert not shown.folded
    bar.dismiss()
    assert shown.folded
    shown.fold(False)
    shown.show_number(TOLD)
    bar.dismiss()
    assert not shown.folded


def test_what_goes_out_of_sight_is_wiped(shown: Panel, bar: ReadBackBar) -> None:
    shown.show_number(TOLD)
    shown.fold(True)
    assert not bar.is_open
    shown.fold(False)
    shown.show_number(TOLD)
    shown.withdraw()
    assert not bar.is_open
    assert NUMBER not in said(shown)
