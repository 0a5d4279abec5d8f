"""The panel folded to a strip: light, timer, notice where it wants a look, levels, pause, the call button; no text of
the call.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.desk.desk_state import DeskState, notice_text, phase_text, refusal_heard_text
from app.desk.indicators import LevelBar, RecordingLight
from app.desk.notice_row import ICONS, notice_mode
from app.desk.status_header import CallClock, PanelButton
from app.desk.theme import Look, Theme


class FoldedStrip(QWidget):
    """The strip.

    Signals: `unfold_asked()`, `pause_asked(bool)`, `call_asked()`.
    """

    unfold_asked = Signal()
    pause_asked = Signal(bool)
    call_asked = Signal()

    def __init__(self, state: DeskState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._edge = "right"
        self.unfold_button = PanelButton(theme, self)
        self.unfold_button.clicked.connect(self.unfold_asked)
        self._light = RecordingLight(theme, self)
        self._clock = CallClock(state, self)
        self._clock.setProperty("rank", "muted")
        self.notice_button = PanelButton(theme, self)
        self.notice_button.clicked.connect(self.unfold_asked)
        self.customer_bar = LevelBar("customer", theme, upright=True, parent=self)
        self.agent_bar = LevelBar("agent", theme, upright=True, parent=self)
        self.pause_button = PanelButton(theme, self)
        self.pause_button.clicked.connect(lambda: self.pause_asked.emit(self._state.phase != "paused"))
        self.call_button = PanelButton(theme, self)
        self.call_button.clicked.connect(self.call_asked)
        self._rule = QFrame(self)
        self._rule.setObjectName("rule")
        self._column = QVBoxLayout(self)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._column.addWidget(self.unfold_button, 0, centre)
        self._column.addWidget(self._rule)
        self._column.addWidget(self._light, 0, centre)
        self._column.addWidget(self._clock, 0, centre)
        self._column.addWidget(self.notice_button, 0, centre)
        self._bars = QHBoxLayout()
        self._bars.addStretch(1)
        self._bars.addWidget(self.customer_bar)
        self._bars.addWidget(self.agent_bar)
        self._bars.addStretch(1)
        self._column.addLayout(self._bars)
        self._column.addStretch(1)
        self._column.addWidget(self.pause_button, 0, centre)
        self._column.addWidget(self.call_button, 0, centre)
        state.changed.connect(self.retranslate)
        state.levels_changed.connect(self._show_levels)
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)
        self.retranslate()

    def set_edge(self, edge: str) -> None:
        """The unfold button points away from the edge."""
        self._edge = edge
        self.retranslate()

    def retranslate(self) -> None:
        """Show the state in the language of the moment."""
        state = self._state
        phase = state.phase
        self._light.show_phase(phase, phase_text(phase))
        self.unfold_button.show_as("fold_left" if self._edge == "right" else "fold_right", self.tr("Unfold the panel"))
        notice = notice_mode(state)
        words = refusal_heard_text() if notice == "asked" else notice_text(state.notice)
        self.notice_button.show_as(ICONS[notice], words)
        self.notice_button.setVisible(state.in_call and notice != "given")
        self.pause_button.setEnabled(state.in_call)
        if phase == "paused":
            self.pause_button.show_as("resume", self.tr("Go on recording"))
        else:
            self.pause_button.show_as("pause", self.tr("Pause for passwords and codes"))
        if state.in_call:
            self.call_button.show_as("end", self.tr("End call"))
        else:
            self.call_button.show_as("call", self.tr("Start call"))
        self.customer_bar.setAccessibleName(self.tr("Level of the customer"))
        self.customer_bar.setToolTip(self.tr("Level of the customer"))
        self.agent_bar.setAccessibleName(self.tr("Level of the agent"))
        self.agent_bar.setToolTip(self.tr("Level of the agent"))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _show_levels(self) -> None:
        self.customer_bar.show_level(self._state.levels.customer_db)
        self.agent_bar.show_level(self._state.levels.agent_db)

    def _take_look(self, look: Look) -> None:
        self._column.setContentsMargins(look.px(2), look.px(8), look.px(2), look.px(10))
        self._column.setSpacing(look.px(8))
        self._bars.setSpacing(look.px(6))
        for bar in (self.customer_bar, self.agent_bar):
            bar.setMaximumHeight(look.px(120))
            bar.setMinimumHeight(look.px(60))
