"""A number of the call, shown for reading aloud, for a few seconds and no longer.

It is the one place where something masked is seen. Nothing of it can be selected or copied, the label is emptied when
the bar closes, and no object of the window keeps it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.desk.chips import check_words, kind_words
from app.desk.icons import IconName, icon
from app.desk.status_header import PanelButton
from app.desk.theme import Look, Theme
from core.messages import NumberReadBack
from core.types import Checksum

SHOWN_MS, NOTHING_MS = 8000, 3000
"""How long a number is shown, and the sentence that there is none."""
STEPS = 8
"""The countdown goes in steps: nothing moves, so that there is nothing to be stilled for those who want no motion."""


class Countdown(QWidget):
    """A thin line of `STEPS` pieces, one fewer with every step."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = theme.look
        self._left = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)

    @property
    def left(self) -> int:
        """Pieces that are left."""
        return self._left

    def show_left(self, left: int) -> None:
        """Show so many pieces."""
        self._left = left
        self.update()

    def sizeHint(self) -> QSize:
        """Thin, and as long as there is room."""
        return QSize(self._look.px(80), self._look.px(3))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Paint the pieces: full ones for time that is left."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        gap = self._look.px(3)
        length = (self.width() - gap * (STEPS - 1)) / STEPS
        radius = self.height() / 2
        for step in range(STEPS):
            painter.setBrush(self._look.colour("accent" if step < self._left else "track"))
            painter.drawRoundedRect(QRectF(step * (length + gap), 0, length, self.height()), radius, radius)

    def _take_look(self, look: Look) -> None:
        self._look = look
        self.setFixedHeight(look.px(3))
        self.update()


class ReadBackBar(QFrame):
    """The bar.

    Signals: `open_changed(bool)`.
    """

    open_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readBack")
        self._look = theme.look
        self._kind = ""
        self._checksum: Checksum = "none"
        self._sure = True
        self._kind_label, self._sign, self._check = QLabel(self), QLabel(self), QLabel(self)
        self.number = QLabel(self)
        self.number.setProperty("rank", "number")
        self._kind_label.setProperty("rank", "muted")
        self._check.setProperty("rank", "muted")
        for label in (self._kind_label, self._check, self.number):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
            label.setWordWrap(True)
        self._check.setWordWrap(False)
        self.close_button = PanelButton(theme, self)
        self.close_button.clicked.connect(self.dismiss)
        self.countdown = Countdown(theme, self)
        self._ticks = QTimer(self)
        self._ticks.setTimerType(Qt.TimerType.PreciseTimer)
        self._ticks.timeout.connect(self._tick)
        self._lay_out()
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether the bar shows a number, or that there is none."""
        return self._ticks.isActive()

    def show_number(self, told: NumberReadBack) -> None:
        """Show a number from now on for `SHOWN_MS`, or for `NOTHING_MS` that none was heard."""
        self._kind, self._checksum, self._sure = told.kind, told.checksum, told.sure
        self.number.setText(told.number)
        self._ticks.start((SHOWN_MS if told.kind else NOTHING_MS) // STEPS)
        self.countdown.show_left(STEPS)
        self.retranslate()
        self.show()
        self.open_changed.emit(True)

    def dismiss(self) -> None:
        """Close the bar and forget the number."""
        if not self.is_open:
            return
        self._ticks.stop()
        self.hide()
        # Hidden is not gone: a screen reader, or a picture of the window's memory, would still find it.
        for label in (self.number, self._kind_label, self._check):
            label.clear()
        self._kind, self._checksum, self._sure = "", "none", True
        self.open_changed.emit(False)

    def retranslate(self) -> None:
        """Show it in the language of the moment."""
        self.setAccessibleName(self.tr("Number to read back"))
        self.close_button.show_as("close", self.tr("Close"))
        if self.is_open:
            heard = bool(self._kind)
            self._kind_label.setText(kind_words(self._kind) if heard else self.tr("No number was heard in this call."))
            # Both a wrong digit and that it is unsure would say one thing twice.
            told = check_words(self._checksum, sure=self._sure) or [""]
            self._check.setText(told[0] if self._checksum == "wrong" else told[-1])
            for widget in (self.number, self.countdown):
                widget.setVisible(heard)
            self._check.setVisible(bool(self._check.text()))
        self._take_look(self._look)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    # --- inside -----------------------------------------------------------------------------------------------------
    def _tick(self) -> None:
        left = self.countdown.left - 1
        if left <= 0:
            self.dismiss()
        else:
            self.countdown.show_left(left)

    def _lay_out(self) -> None:
        self._top = QHBoxLayout()
        self._top.addWidget(self._kind_label, 1)
        self._top.addWidget(self._sign)
        self._top.addWidget(self._check)
        self._top.addWidget(self.close_button)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addWidget(self.number)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.countdown)
        self._column.addLayout(self._foot)

    def _take_look(self, look: Look) -> None:
        self._look = look
        sign: IconName | None = "question" if not self._sure else "tick" if self._checksum == "right" else None
        self._sign.setVisible(sign is not None)
        if sign is not None:
            size_px = look.px(14)
            colour = look.colour("accent" if self._sure else "on_notice")
            self._sign.setPixmap(icon(sign, colour, size_px, self.devicePixelRatioF()).pixmap(size_px))
        self._column.setContentsMargins(look.px(14), look.px(6), look.px(8), look.px(10))
        self._column.setSpacing(look.px(4))
        self._top.setSpacing(look.px(5))
        self._foot.setContentsMargins(0, look.px(2), look.px(6), 0)
