"""Where chips lie in a row: whole, in order, in their bubble, at every scale; and that they look as they should."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from app.desk.language import Translation
from app.desk.theme import Theme
from app.desk.transcript_delegate import RowLayout, TranscriptDelegate
from app.desk.transcript_model import Row, TranscriptModel
from core.types import Gap
from tests.app.desk.captions import Hidden, final, partial

WIDTH_PX = 360
MOBILE = Hidden("pii.mobile", "····8000", "right")
CARD = Hidden("pii.bank_card", "····0366", "wrong", sure=False)
INSULT = Hidden("abuse.personal")
MANY = ("我的手机", MOBILE, "，卡", CARD, CARD, "，你们这些", INSULT, "，order ", Hidden("pii.order_no", "…"), " 。")

every_scale = pytest.mark.parametrize("percent", [100, 125, 150, 175, 200])
every_theme = pytest.mark.parametrize("theme_name", ["light", "dark"])


@pytest.fixture
def delegate(theme: Theme) -> TranscriptDelegate:
    return TranscriptDelegate(theme.look)


def row(transcript: TranscriptModel, *pieces: str | Hidden) -> Row:
    transcript.add(final("u", "customer", 0, *pieces))
    return transcript.row_at(transcript.rowCount() - 1)


def places(layout: RowLayout) -> list[QRectF]:
    return [chip.place for chip in layout.chips]


@every_scale
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_chips_are_whole_and_in_their_bubble(
    theme: Theme, transcript: TranscriptModel, translation: Translation, percent: int, language: str
) -> None:
    translation.choose(language)
    theme.choose("light", percent)
    look = theme.look
    layout = TranscriptDelegate(look).layout_row(row(transcript, *MANY), look.px(WIDTH_PX))
    assert [chip.span.kind for chip in layout.chips] == [piece.kind for piece in MANY if isinstance(piece, Hidden)]
    lines = [layout.text.lineAt(at) for at in range(layout.text.lineCount())]
    for place in places(layout):
        assert layout.bubble.contains(place)
        # On one line, and so never broken.
        line = [line for line in lines if line.rect().translated(layout.text_at).contains(place.center())]
        assert len(line) == 1
        assert place.width() > place.height()
    for before, after in pairwise(places(layout)):
        assert not before.intersects(after)
        assert (before.top(), before.right()) < (after.top(), after.left()) or before.bottom() < after.top()


def test_a_chip_is_as_wide_as_what_it_says(delegate: TranscriptDelegate, transcript: TranscriptModel) -> None:
    layout = delegate.layout_row(row(transcript, MOBILE, Hidden("pii.mobile"), Hidden("pii.mobile", "…")), WIDTH_PX)
    whole, kind_alone, continued = (place.width() for place in places(layout))
    assert whole > continued > kind_alone


def test_a_character_of_two_units_moves_no_chip(delegate: TranscriptDelegate, transcript: TranscriptModel) -> None:
    layout = delegate.layout_row(row(transcript, "𠮷", MOBILE, "。"), WIDTH_PX)
    line = layout.text.lineAt(0)
    chip = layout.chips[0].place.translated(-layout.text_at)
    # The character itself lies before the chip, and the full stop after it.
    assert line.cursorToX(2)[0] <= chip.left()
    assert line.cursorToX(3)[0] >= chip.right()


def test_a_chip_wider_than_a_line_is_shortened(delegate: TranscriptDelegate, transcript: TranscriptModel) -> None:
    layout = delegate.layout_row(row(transcript, "卡", Hidden("abuse.curse"), "。"), 130)
    assert layout.bubble.contains(layout.chips[0].place)
    assert layout.chips[0].kind.endswith("…")


def test_a_full_stop_stays_with_its_chip(delegate: TranscriptDelegate, transcript: TranscriptModel) -> None:
    for count in range(1, 30):
        layout = delegate.layout_row(row(transcript, "一" * count, MOBILE, "。"), WIDTH_PX)
        transcript.clear()
        last = layout.text.lineAt(layout.text.lineCount() - 1)
        assert last.textLength() >= 2


def test_the_chip_under_a_point(delegate: TranscriptDelegate, transcript: TranscriptModel) -> None:
    layout = delegate.layout_row(row(transcript, "我的", MOBILE, "，", INSULT), WIDTH_PX)
    assert [layout.chip_at(place.center()) for place in places(layout)] == list(layout.chips)
    assert layout.chip_at(layout.text_at) is None
    assert layout.chip_at(QPointF(0, 0)) is None


def test_text_without_chips_is_set_as_before(delegate: TranscriptDelegate, transcript: TranscriptModel) -> None:
    plain = delegate.layout_row(row(transcript, "请问一下。"), WIDTH_PX)
    assert plain.chips == ()
    assert plain.text.text() == "请问一下。"


def painted(theme: Theme, shown: Row, *, selected: bool = False) -> tuple[QImage, RowLayout]:
    delegate = TranscriptDelegate(theme.look)
    layout = delegate.layout_row(shown, WIDTH_PX)
    image = QImage(WIDTH_PX, layout.height_px, QImage.Format.Format_RGB32)
    image.fill(theme.look.colour("window"))
    model = TranscriptModel()
    model._insert(0, shown)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, WIDTH_PX, layout.height_px)
    option.state = QStyle.StateFlag.State_Selected if selected else QStyle.StateFlag.State_None
    painter = QPainter(image)
    delegate.paint(painter, option, model.index(0))
    painter.end()
    return image, layout


def ground(image: QImage, place: QRectF) -> QColor:
    """A point of a chip that neither words nor icons reach."""
    return image.pixelColor(QPoint(round(place.left()) + 3, round(place.bottom()) - 4))


@every_theme
@pytest.mark.parametrize("selected", [False, True])
def test_chips_have_the_colours_of_their_family(
    theme: Theme, transcript: TranscriptModel, theme_name: str, selected: bool
) -> None:
    theme.choose(theme_name, 100)
    image, layout = painted(theme, row(transcript, MOBILE, INSULT), selected=selected)
    personal, abuse = places(layout)
    assert ground(image, personal) == theme.look.colour("chip_personal")
    assert ground(image, abuse) == theme.look.colour("chip_abuse")


@every_theme
def test_chips_of_a_partial_are_grey(theme: Theme, transcript: TranscriptModel, theme_name: str) -> None:
    theme.choose(theme_name, 100)
    transcript.add(partial("customer", 0, MOBILE, INSULT))
    image, layout = painted(theme, transcript.row_at(0))
    assert {ground(image, place).name() for place in places(layout)} == {theme.look.palette.hover}


@every_theme
def test_a_marked_chip_looks_different_in_its_outline_alone(
    theme: Theme, transcript: TranscriptModel, theme_name: str
) -> None:
    theme.choose(theme_name, 100)
    before, layout = painted(theme, row(transcript, MOBILE))
    assert transcript.mark_wrong("u", layout.chips[0].span)
    after, _ = painted(theme, transcript.row_at(0))
    assert before != after
    inner = layout.chips[0].place.adjusted(3, 3, -3, -3).toRect()
    assert before.copy(inner) == after.copy(inner)


def test_kinds_of_one_family_differ_by_words_and_families_by_icon(theme: Theme, transcript: TranscriptModel) -> None:
    """Without colour: the icons are drawn in shades of grey, and are not the same."""
    image, layout = painted(theme, row(transcript, MOBILE, INSULT))
    icons = [
        image.copy(QRect(round(place.left()) + 5, round(place.center().y()) - 6, 12, 12)).convertToFormat(
            QImage.Format.Format_Mono, Qt.ImageConversionFlag.ThresholdDither
        )
        for place in places(layout)
    ]
    assert icons[0] != icons[1]


def test_a_pause_has_two_bars(theme: Theme, transcript: TranscriptModel) -> None:
    transcript.add(Gap("agent", 0, 1000, "paused"))
    transcript.add(Gap("agent", 2000, 3000, "device"))
    delegate = TranscriptDelegate(theme.look)
    pause, device = (delegate.layout_row(transcript.row_at(at), WIDTH_PX) for at in range(2))
    assert pause.icon is not None
    assert pause.bubble.contains(pause.icon)
    assert device.icon is None
