"""Line icons of the controls, drawn on a 24-unit grid in the colour of the theme: sharp at every scale, no files."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from assets import asset_bytes

IconName = Literal[
    "pause",
    "resume",
    "menu",
    "fold_left",
    "fold_right",
    "close",
    "info",
    "warning",
    "call",
    "end",
    "tick",
    "question",
    "barred",
    "lock",
    "more",
]

_Lines = tuple[tuple[tuple[float, float], ...], ...]

GRID = 24
APP_ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


def app_icon() -> QIcon:
    """The product's icon in all sizes."""
    icon = QIcon()
    for size_px in APP_ICON_SIZES_PX:
        pixmap = QPixmap()
        pixmap.loadFromData(asset_bytes(f"icons/tingban-{size_px}.png"))
        icon.addPixmap(pixmap)
    return icon


def icon(name: IconName, colour: QColor, size_px: int, ratio: float = 1.0) -> QIcon:
    """An icon for a button; `ratio` is the screen's device pixel ratio."""
    pixmap = QPixmap(round(size_px * ratio), round(size_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_icon(painter, name, QRectF(0, 0, size_px, size_px), colour)
    painter.end()
    return QIcon(pixmap)


def draw_icon(painter: QPainter, name: IconName, rect: QRectF, colour: QColor) -> None:
    """Draw an icon into `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / GRID, rect.height() / GRID)
    pen = QPen(colour, 2.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    if name in ("pause", "resume"):
        painter.setBrush(colour)
        if name == "pause":
            painter.drawRect(QRectF(7, 6, 2.5, 12))
            painter.drawRect(QRectF(14.5, 6, 2.5, 12))
        else:
            painter.drawPolygon(QPolygonF([QPointF(8, 6), QPointF(8, 18), QPointF(18, 12)]))
    elif name in ("call", "end"):
        painter.setPen(QPen(colour, 0.8))
        painter.setBrush(colour)
        if name == "end":
            painter.translate(12, 12)
            painter.rotate(135)
            painter.translate(-12, -12)
        painter.drawPath(_receiver())
    else:
        painter.drawPath(_strokes(name))
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        for dot in _DOTS.get(name, ()):
            painter.drawEllipse(QPointF(*dot), 1.4, 1.4)
    painter.restore()


_LINES: dict[IconName, _Lines] = {
    "menu": (((5, 7), (19, 7)), ((5, 12), (19, 12)), ((5, 17), (19, 17))),
    "fold_left": (((15, 6), (9, 12), (15, 18)),),
    "fold_right": (((9, 6), (15, 12), (9, 18)),),
    "close": (((7, 7), (17, 17)), ((17, 7), (7, 17))),
    "tick": (((5, 12.5), (10, 17), (19, 7)),),
    "info": (((12, 11.5), (12, 16.5)),),
    "warning": (((12, 3.5), (21.5, 20), (2.5, 20), (12, 3.5)), ((12, 9.5), (12, 13.2))),
    "barred": (((6, 18), (18, 6)),),
    "lock": (((5.5, 11), (18.5, 11), (18.5, 20), (5.5, 20), (5.5, 11)),),
}
"""Strokes from point to point."""
_RINGED = ("info", "question", "barred")
_DOTS: dict[IconName, tuple[tuple[float, float], ...]] = {
    "info": ((12, 8.0),),
    "warning": ((12, 16.6),),
    "question": ((12, 17.0),),
    "more": ((6, 12), (12, 12), (18, 12)),
}


def _strokes(name: IconName) -> QPainterPath:
    path = QPainterPath()
    for line in _LINES.get(name, ()):
        path.moveTo(*line[0])
        for point in line[1:]:
            path.lineTo(*point)
    if name in _RINGED:
        path.addEllipse(QRectF(3, 3, 18, 18))
    if name == "question":
        path.moveTo(9.2, 9.8)
        path.cubicTo(9.2, 6.2, 14.8, 6.2, 14.8, 9.8)
        path.cubicTo(14.8, 12.0, 12, 11.6, 12, 13.8)
    elif name == "lock":
        path.moveTo(8.5, 11)
        path.cubicTo(8.5, 2.5, 15.5, 2.5, 15.5, 11)
    return path


def _receiver() -> QPainterPath:
    """A telephone receiver."""
    path = QPainterPath(QPointF(5.4, 4.2))
    path.lineTo(8.6, 4.2)
    path.cubicTo(9.2, 4.2, 9.5, 4.6, 9.6, 5.1)
    path.cubicTo(9.7, 6.2, 10.0, 7.2, 10.3, 8.2)
    path.cubicTo(10.5, 8.7, 10.4, 9.1, 10.0, 9.5)
    path.lineTo(8.4, 11.0)
    path.cubicTo(9.6, 13.2, 10.8, 14.4, 13.0, 15.6)
    path.lineTo(14.5, 14.0)
    path.cubicTo(14.9, 13.6, 15.3, 13.5, 15.8, 13.7)
    path.cubicTo(16.8, 14.0, 17.8, 14.3, 18.9, 14.4)
    path.cubicTo(19.4, 14.5, 19.8, 14.8, 19.8, 15.4)
    path.lineTo(19.8, 18.6)
    path.cubicTo(19.8, 19.3, 19.3, 19.8, 18.6, 19.8)
    path.cubicTo(11.0, 19.4, 4.6, 13.0, 4.2, 5.4)
    path.cubicTo(4.2, 4.7, 4.7, 4.2, 5.4, 4.2)
    return path
