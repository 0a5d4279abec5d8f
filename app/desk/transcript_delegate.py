"""Paints one row of the transcript: a line with speaker and time, and the text in a bubble with its chips; nothing is
cut off.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QStyle,
    QStyleOptionViewItem,
    QToolTip,
)

from app.desk.chips import LEADING_PX, Chip, ChipSetting, chip_description, paint_chip
from app.desk.icons import draw_icon
from app.desk.theme import SMALL_PX, Look
from app.desk.transcript_model import ROW_ROLE, Row, clock_text, gap_text, speaker_name

MARGIN_PX, GAP_PX = 12, 5
"""From the edge of the panel to a bubble; above and below a row."""
PAD_X_PX, PAD_Y_PX, RADIUS_PX = 11, 7, 9
BUBBLE_SHARE = 0.86
"""Widest bubble, as a share of the width between the margins: the side on which it stands stays visible."""
LAYOUTS_KEPT = 256
"""More than any screen shows at once."""


@dataclass(slots=True)
class RowLayout:
    """A row set for one width; positions relative to its top left, in pixels."""

    height_px: int
    header: str
    header_rect: QRectF
    bubble: QRectF
    text: QTextLayout
    text_at: QPointF
    chips: tuple[Chip, ...] = ()
    icon: QRectF | None = None
    """Two bars before the words of a pause."""

    def chip_at(self, point: QPointF) -> Chip | None:
        """The chip at a point of the row."""
        return next((chip for chip in self.chips if chip.place.contains(point)), None)


class TranscriptDelegate(QAbstractItemDelegate):
    """Lays out and paints rows. Heights of all rows and layouts of those in view are kept."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._heights: dict[int, tuple[Row, int, int]] = {}
        self._layouts: OrderedDict[int, tuple[Row, int, RowLayout]] = OrderedDict()

    def set_look(self, look: Look) -> None:
        """Colours or scale changed; another scale sets everything anew."""
        if (look.scale, look.family) != (self._look.scale, self._look.family):
            self.forget()
        self._look = look

    def forget(self) -> None:
        """Drop what is kept, when rows are gone or read differently."""
        self._heights.clear()
        self._layouts.clear()

    def height(self, row: Row, width_px: int) -> int:
        """Height of a row at a width, in pixels."""
        kept = self._heights.get(row.key)
        if kept is not None and kept[0] is row and kept[1] == width_px:
            return kept[2]
        height_px = self.layout_row(row, width_px).height_px
        self._heights[row.key] = (row, width_px, height_px)
        return height_px

    def layout_row(self, row: Row, width_px: int) -> RowLayout:
        """A row set for a width."""
        kept = self._layouts.get(row.key)
        if kept is not None and kept[0] is row and kept[1] == width_px:
            self._layouts.move_to_end(row.key)
            return kept[2]
        layout = self._set_note(row, width_px) if row.kind == "gap" else self._set_bubble(row, width_px)
        self._layouts[row.key] = (row, width_px, layout)
        if len(self._layouts) > LAYOUTS_KEPT:
            self._layouts.popitem(last=False)
        return layout

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Size of a row in the width of `option`."""
        width_px = option.rect.width()
        row: Row = index.data(ROW_ROLE)
        return QSize(width_px, self.height(row, width_px))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a row into the rectangle of `option`."""
        row: Row = index.data(ROW_ROLE)
        rect = option.rect
        layout = self.layout_row(row, rect.width())
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        look = self._look
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.topLeft())
        if row.kind != "gap":
            painter.setFont(look.font(SMALL_PX))
            painter.setPen(look.colour("muted"))
            side = Qt.AlignmentFlag.AlignLeft if row.leg == "customer" else Qt.AlignmentFlag.AlignRight
            painter.drawText(layout.header_rect, side | Qt.AlignmentFlag.AlignVCenter, layout.header)
        self._paint_bubble(painter, row, layout, selected)
        partial = row.kind == "partial"
        painter.setPen(look.colour("muted" if (partial or row.kind == "gap") and not selected else "text"))
        layout.text.draw(painter, layout.text_at)
        for chip in layout.chips:
            paint_chip(painter, chip, look, grey=partial)
        if layout.icon is not None:
            draw_icon(painter, "pause", layout.icon, look.colour("text" if selected else "muted"))
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """A tool tip for the chip under the mouse."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        row: Row = index.data(ROW_ROLE)
        chip = self.layout_row(row, option.rect.width()).chip_at(QPointF(event.pos() - option.rect.topLeft()))
        if chip is None:
            QToolTip.hideText()
            return False
        words = chip_description(chip.span, marked=chip.marked)
        QToolTip.showText(event.globalPos(), words, view, chip.place.toRect().translated(option.rect.topLeft()))
        return True

    def _paint_bubble(self, painter: QPainter, row: Row, layout: RowLayout, selected: bool) -> None:
        look = self._look
        radius = look.px(RADIUS_PX)
        if row.kind == "partial":
            pen = QPen(look.colour("outline"), 1.0, Qt.PenStyle.DashLine)
            painter.setBrush(look.colour("selection") if selected else Qt.BrushStyle.NoBrush)
        elif row.kind == "final":
            ground = "surface" if row.leg == "customer" else "agent_bubble"
            edge = "line" if row.leg == "customer" else ground
            pen = QPen(look.colour(edge), 1.0)
            painter.setBrush(look.colour("selection" if selected else ground))
        elif selected:
            pen = QPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("selection"))
        else:
            return
        painter.setPen(pen)
        painter.drawRoundedRect(layout.bubble.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _set_bubble(self, row: Row, width_px: int) -> RowLayout:
        look = self._look
        margin, gap, pad_x, pad_y = (look.px(size) for size in (MARGIN_PX, GAP_PX, PAD_X_PX, PAD_Y_PX))
        room_px = (width_px - 2 * margin) * BUBBLE_SHARE - 2 * pad_x
        chips = ChipSetting(row.text, row.spans, row.marked, look) if row.spans else None
        text, text_width, text_height = self._set_text(row.text, room_px, look.px(14), chips=chips)
        header = f"{speaker_name(row.leg)}  {clock_text(row.start_ms)}"
        if row.kind == "partial":
            header += " …"
        header_height = QFontMetricsF(look.font(SMALL_PX)).height()
        bubble_width, bubble_height = text_width + 2 * pad_x, text_height + 2 * pad_y
        left = margin if row.leg == "customer" else width_px - margin - bubble_width
        top = gap + header_height + look.px(2)
        text_at = QPointF(left + pad_x, top + pad_y)
        return RowLayout(
            height_px=round(top + bubble_height + gap),
            header=header,
            header_rect=QRectF(margin + look.px(2), gap, width_px - 2 * margin - look.px(4), header_height),
            bubble=QRectF(left, top, bubble_width, bubble_height),
            text=text,
            text_at=text_at,
            chips=chips.placed(text, text_at) if chips is not None else (),
        )

    def _set_note(self, row: Row, width_px: int) -> RowLayout:
        look = self._look
        margin, gap = look.px(MARGIN_PX), look.px(GAP_PX)
        room_px = width_px - 4 * margin
        text, text_width, text_height = self._set_text(gap_text(row), room_px, look.px(SMALL_PX), centred=True)
        side = look.px(SMALL_PX)
        icon = QRectF((width_px - text_width) / 2 - 1.5 * side, 2 * gap, side, text.lineAt(0).height())
        return RowLayout(
            height_px=round(text_height + 4 * gap),
            header="",
            header_rect=QRectF(),
            bubble=QRectF(margin, gap, width_px - 2 * margin, text_height + 2 * gap),
            text=text,
            text_at=QPointF(2 * margin, 2 * gap),
            icon=QRectF(icon.left(), icon.center().y() - side / 2, side, side) if row.reason == "paused" else None,
        )

    def _set_text(
        self, text: str, room_px: float, size_px: int, *, centred: bool = False, chips: ChipSetting | None = None
    ) -> tuple[QTextLayout, float, float]:
        font = self._look.font()
        font.setPixelSize(size_px)
        layout = QTextLayout(text if chips is None else chips.text, font)
        leading = 0
        if chips is not None:
            layout.setFormats(chips.formats(font, room_px))
            leading = self._look.px(LEADING_PX)
        option = QTextOption(Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        layout.beginLayout()
        width = height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(room_px)
            line.setPosition(QPointF(0, height + leading / 2))
            height += line.height() + leading
            width = max(width, line.naturalTextWidth())
        layout.endLayout()
        return layout, width, height
