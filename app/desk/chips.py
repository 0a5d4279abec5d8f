"""Chips: what the transcript shows, says and tells of a stretch that the mask has hidden.

A caption carries each chip as text in Chinese and as a span. From the span come the chip that is painted, in the
language of the window, and the words for the clipboard, the screen reader and the tool tip. The kind is told by words
and by an icon, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTextCharFormat, QTextLayout, QTextLine

from app.desk.icons import IconName, draw_icon
from app.desk.theme import SMALL_PX, Look
from core.types import MaskSpan

PAD_PX, ICON_PX, GAP_PX, APART_PX, RADIUS_PX = 5, 12, 3, 2, 5
"""Within a chip: at its ends, its icons, between icon and words. Between a chip and the text beside it. Its corners."""
DOT_PX, DOTS, DOTS_APART_PX = 1.1, 4, 4
"""Radius, number and distance of the dots before last digits: the font's own are as wide as a Chinese character."""
LEADING_PX = 4
"""Between the lines of a text with chips, so that chips above one another do not touch."""

STAND_IN = "\N{CJK UNIFIED IDEOGRAPH-4E00}"
"""Stands for a chip while lines are broken: a Chinese character is never broken, and keeps its full stop with it."""

HIDDEN = "····"
"""Before the last digits that a chip keeps (`redaction.chips`)."""
CONTINUED = "…"
"""What a chip keeps of a number that is told whole in another utterance (`redaction.chips`)."""

_CONTEXT = "Chip"

_WORDS: dict[str, object] = {
    "abuse.personal": QT_TRANSLATE_NOOP("Chip", "Insult"),
    "abuse.threat": QT_TRANSLATE_NOOP("Chip", "Threat"),
    "abuse.harassment": QT_TRANSLATE_NOOP("Chip", "Harassment"),
    "abuse.discrimination": QT_TRANSLATE_NOOP("Chip", "Discrimination"),
    "abuse.curse": QT_TRANSLATE_NOOP("Chip", "Curse on the family"),
    "pii.mobile": QT_TRANSLATE_NOOP("Chip", "Mobile"),
    "pii.landline": QT_TRANSLATE_NOOP("Chip", "Landline"),
    "pii.id_card": QT_TRANSLATE_NOOP("Chip", "ID card"),
    "pii.bank_card": QT_TRANSLATE_NOOP("Chip", "Bank card"),
    "pii.plate": QT_TRANSLATE_NOOP("Chip", "Number plate"),
    "pii.email": QT_TRANSLATE_NOOP("Chip", "E-mail"),
    "pii.address": QT_TRANSLATE_NOOP("Chip", "Address"),
    "pii.name": QT_TRANSLATE_NOOP("Chip", "Name"),
    "pii.code": QT_TRANSLATE_NOOP("Chip", "Code"),
    "pii.order_no": QT_TRANSLATE_NOOP("Chip", "Order"),
    "pii.number": QT_TRANSLATE_NOOP("Chip", "Number"),
}

KINDS = frozenset(_WORDS)
"""Kinds with words of their own."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip as it is painted: its kind, then what is kept. `place`: what it covers, relative to its row, in pixels."""

    span: MaskSpan
    marked: bool
    kind: str
    place: QRectF


# --- in words -------------------------------------------------------------------------------------------------------
def kind_words(kind: str) -> str:
    """A kind in the language of the window."""
    # A kind that this window does not know still hides something; a chip without words would stop all painting.
    known = _WORDS.get(kind)
    return QCoreApplication.translate("Chip", "Hidden") if known is None else _say(known)


def chip_words(span: MaskSpan, *, marked: bool = False) -> str:
    """A chip in a line of text, for the clipboard and the screen reader: `[Mobile ····8000]`."""
    said = [f"{kind_words(span.kind)} {span.kept}".rstrip()]
    if not span.sure:
        said.append(QCoreApplication.translate("Chip", "unsure"))
    if marked:
        said.append(QCoreApplication.translate("Chip", "marked as masked wrongly"))
    between = QCoreApplication.translate("Chip", ", ")
    return f"[{between.join(said)}]"


def chip_description(span: MaskSpan, *, marked: bool = False) -> str:
    """What a tool tip tells of a chip: kind and doubts, one a line; nothing of what is hidden."""
    said = [kind_words(span.kind)]
    said += check_words(span.checksum, sure=span.sure)
    if span.kept == CONTINUED:
        said.append(QCoreApplication.translate("Chip", "Goes on in another utterance"))
    if marked:
        said.append(QCoreApplication.translate("Chip", "Marked as masked wrongly"))
    return "\n".join(said)


def check_words(checksum: str, *, sure: bool) -> list[str]:
    """Whether a number can be relied on; nothing where there is nothing to check and no doubt."""
    said: list[str] = []
    if checksum == "right":
        said.append(QCoreApplication.translate("Chip", "Check digit right"))
    elif checksum == "wrong":
        said.append(QCoreApplication.translate("Chip", "Check digit wrong"))
    if not sure:
        said.append(QCoreApplication.translate("Chip", "Unsure"))
    return said


def spoken_text(text: str, spans: Sequence[MaskSpan], marked: Collection[MaskSpan] = ()) -> str:
    """A caption's text with its chips in words."""
    return _with_spans(text, spans, [chip_words(span, marked=span in marked) for span in spans])


# --- on screen ------------------------------------------------------------------------------------------------------
class ChipSetting:
    """Sets the chips of one text into its lines, each as one character that is as wide as the chip."""

    def __init__(self, text: str, spans: Sequence[MaskSpan], marked: Collection[MaskSpan], look: Look) -> None:
        self._spans, self._marked, self._look = spans, marked, look
        self.text = _with_spans(text, spans, [STAND_IN] * len(spans))
        """The text to be broken into lines."""
        self._kinds: list[str] = []
        self._at: list[int] = []
        """Where each stands in `text`, counted as Qt counts, in UTF-16."""
        end = 0
        before = 0
        for span in spans:
            before += _utf16_length(text[end : span.start])
            self._at.append(before)
            before += 1
            end = span.end

    def formats(self, font: QFont, room_px: float) -> list[QTextLayout.FormatRange]:
        """Makes every stand-in invisible, and as wide as its chip; a chip is never wider than the room for a line."""
        look = self._look
        stand_in_px = QFontMetricsF(font).horizontalAdvance(STAND_IN)
        metrics = QFontMetricsF(chip_font(look))
        ranges: list[QTextLayout.FormatRange] = []
        for span, at in zip(self._spans, self._at, strict=True):
            around_px = look.px(2 * PAD_PX + 2 * APART_PX + ICON_PX + GAP_PX) + _kept_px(span, metrics, look)
            if _sign(span) is not None:
                around_px += look.px(ICON_PX + GAP_PX)
            kind = metrics.elidedText(kind_words(span.kind), Qt.TextElideMode.ElideRight, room_px - around_px)
            self._kinds.append(kind)
            width_px = min(metrics.horizontalAdvance(kind) + around_px, room_px)
            made = QTextLayout.FormatRange()
            made.start, made.length = at, 1
            made.format = QTextCharFormat()
            made.format.setForeground(QColor(Qt.GlobalColor.transparent))
            made.format.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
            made.format.setFontLetterSpacing(width_px - stand_in_px)
            ranges.append(made)
        return ranges

    def placed(self, layout: QTextLayout, text_at: QPointF) -> tuple[Chip, ...]:
        """The chips where the lines have put them; `text_at`: where the text begins in its row."""
        apart = self._look.px(APART_PX)
        chips: list[Chip] = []
        for span, at, kind in zip(self._spans, self._at, self._kinds, strict=True):
            line = layout.lineForTextPosition(at)
            left, right = _x_of(line, at), _x_of(line, at + 1)
            place = QRectF(left + apart, line.y() - 1, right - left - 2 * apart, line.height() + 2)
            chips.append(Chip(span, span in self._marked, kind, place.translated(text_at)))
        return tuple(chips)


def chip_font(look: Look) -> QFont:
    """The font of a chip's words."""
    return look.font(SMALL_PX)


def paint_chip(painter: QPainter, chip: Chip, look: Look, *, grey: bool = False) -> None:
    """Paint a chip where it is placed; `grey`: in a text that is still being spoken."""
    family = "abuse" if _is_abuse(chip.span) else "personal"
    ground = look.colour("hover" if grey else f"chip_{family}")
    front = look.colour("muted" if grey else f"on_chip_{family}")
    edge = look.colour("muted" if grey else f"chip_{family}_edge")
    pen = QPen(edge, look.px(1))
    if chip.marked:
        # Dots for what the agent objects to: quiet, and seen without colour.
        pen = QPen(front, 1.6 * look.scale, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.RoundCap)
        pen.setDashPattern([0.1, 2.2])
    painter.setPen(pen)
    painter.setBrush(ground)
    radius = look.px(RADIUS_PX)
    painter.drawRoundedRect(chip.place.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    side, gap, pad = look.px(ICON_PX), look.px(GAP_PX), look.px(PAD_PX)
    top = chip.place.center().y() - side / 2
    inner = chip.place.adjusted(pad, 0, -pad, 0)
    draw_icon(painter, "barred" if _is_abuse(chip.span) else "lock", QRectF(inner.left(), top, side, side), front)
    sign = _sign(chip.span)
    if sign is not None:
        draw_icon(painter, sign, QRectF(inner.right() - side, top, side, side), front)
    painter.setFont(chip_font(look))
    painter.setPen(front)
    metrics = QFontMetricsF(chip_font(look))
    inner.setLeft(inner.left() + side + gap)
    _draw_words(painter, inner, chip.kind)
    inner.setLeft(inner.left() + metrics.horizontalAdvance(chip.kind) + look.px(GAP_PX))
    if chip.span.kept.startswith(HIDDEN):
        inner.setLeft(_draw_dots(painter, inner, look))
    _draw_words(painter, inner, chip.span.kept.removeprefix(HIDDEN))


# --- inside ---------------------------------------------------------------------------------------------------------
def _kept_px(span: MaskSpan, metrics: QFontMetricsF, look: Look) -> float:
    """Width of what is kept, and of the gap before it."""
    if not span.kept:
        return 0.0
    dots_px = look.px(DOTS * DOTS_APART_PX) if span.kept.startswith(HIDDEN) else 0
    return look.px(GAP_PX) + dots_px + metrics.horizontalAdvance(span.kept.removeprefix(HIDDEN))


def _draw_words(painter: QPainter, place: QRectF, words: str) -> None:
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, words)


def _draw_dots(painter: QPainter, place: QRectF, look: Look) -> float:
    """Draw the dots; where the digits after them begin."""
    apart, radius = look.px(DOTS_APART_PX), DOT_PX * look.scale
    painter.save()
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    for dot in range(DOTS):
        painter.drawEllipse(QPointF(place.left() + (dot + 0.4) * apart, place.center().y()), radius, radius)
    painter.restore()
    return place.left() + DOTS * apart


def _sign(span: MaskSpan) -> IconName | None:
    if not span.sure:
        return "question"
    return "tick" if span.checksum == "right" else None


def _is_abuse(span: MaskSpan) -> bool:
    return span.kind.startswith("abuse.")


def _with_spans(text: str, spans: Sequence[MaskSpan], said: Sequence[str]) -> str:
    pieces: list[str] = []
    end = 0
    for span, words in zip(spans, said, strict=True):
        pieces += (text[end : span.start], words)
        end = span.end
    pieces.append(text[end:])
    return "".join(pieces)


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _x_of(line: QTextLine, at: int) -> float:
    told = line.cursorToX(at)
    # The place, and the position in the text, which Qt corrects where it is none.
    assert isinstance(told, tuple)
    x: float = told[0]
    return x


def _say(text: object) -> str:
    # QT_TRANSLATE_NOOP gives back the string it is given; its stub says object.
    return QCoreApplication.translate(_CONTEXT, str(text))
