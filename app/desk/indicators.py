"""Small painted parts of the status line: the recording light and the level bars."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desk.desk_state import SILENT_DB, Phase
from app.desk.theme import Look, Theme
from core.types import Leg

FLOOR_DB = -60.0
"""The empty end of a level bar; speech in a headset lies between -45 and -10 dBFS."""
STEPS = 32
"""A bar is painted again only when it moves by a step."""


class RecordingLight(QWidget):
    """A shape for each phase, so that colour is never alone: ring, ring with a dot, disc, two bars, triangle."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = theme.look
        self._phase: Phase = "idle"
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)

    def show_phase(self, phase: Phase, words: str) -> None:
        """Show a phase; `words` are for the screen reader."""
        self.setAccessibleName(words)
        self.setToolTip(words)
        if phase != self._phase:
            self._phase = phase
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Paint the shape of the phase."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.width()
        box = QRectF(2, 2, side - 4, side - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._phase in ("idle", "opening"):
            painter.setPen(QPen(look.colour("outline"), look.px(2)))
            painter.drawEllipse(box.adjusted(1, 1, -1, -1))
            if self._phase == "opening":
                painter.setBrush(look.colour("outline"))
                painter.drawEllipse(box.center(), box.width() * 0.1, box.width() * 0.1)
        elif self._phase == "recording":
            painter.setBrush(look.colour("recording"))
            painter.drawEllipse(box)
        elif self._phase == "paused":
            painter.setBrush(look.colour("on_notice"))
            bar = box.width() * 0.3
            painter.drawRect(QRectF(box.left() + bar * 0.3, box.top(), bar, box.height()))
            painter.drawRect(QRectF(box.right() - bar * 1.3, box.top(), bar, box.height()))
        else:
            painter.setBrush(look.colour("recording"))
            corners = [QPointF(box.center().x(), box.top()), box.bottomRight(), box.bottomLeft()]
            painter.drawPolygon(QPolygonF(corners))

    def _take_look(self, look: Look) -> None:
        self._look = look
        self.setFixedSize(look.px(14), look.px(14))
        self.update()


class LevelBar(QWidget):
    """The level of one leg, in its own colour; lies, or stands in the folded strip."""

    def __init__(self, leg: Leg, theme: Theme, *, upright: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = theme.look
        self._colour = "level_customer" if leg == "customer" else "accent"
        self._upright = upright
        self._step = 0
        policies = QSizePolicy.Policy
        if upright:
            self.setSizePolicy(policies.Fixed, policies.Expanding)
        else:
            self.setSizePolicy(policies.Expanding, policies.Fixed)
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)

    @property
    def step(self) -> int:
        """How far the bar is filled, 0 to `STEPS`."""
        return self._step

    def show_level(self, level_db: float = SILENT_DB) -> None:
        """Show a level in dBFS."""
        share = min(max((level_db - FLOOR_DB) / -FLOOR_DB, 0.0), 1.0)
        step = round(share * STEPS)
        if step != self._step:
            self._step = step
            self.update()

    def sizeHint(self) -> QSize:
        """Thin, and as long as there is room."""
        thin, long = self._look.px(6), self._look.px(48)
        return QSize(thin, long) if self._upright else QSize(long, thin)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Paint the track and the level on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(self.rect())
        radius = min(track.width(), track.height()) / 2
        painter.setBrush(self._look.colour("track"))
        painter.drawRoundedRect(track, radius, radius)
        if not self._step:
            return
        level = QRectF(track)
        if self._upright:
            level.setTop(track.bottom() - max(track.height() * self._step / STEPS, track.width()))
        else:
            level.setWidth(max(track.width() * self._step / STEPS, track.height()))
        painter.setBrush(self._look.colour(self._colour))
        painter.drawRoundedRect(level, radius, radius)

    def _take_look(self, look: Look) -> None:
        self._look = look
        if self._upright:
            self.setFixedWidth(look.px(6))
        else:
            self.setFixedHeight(look.px(6))
        self.update()
