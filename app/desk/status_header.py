"""The status line on top of the panel: light, phase, call timer, pause; level bars; engine and delay in words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.desk.desk_state import DeskState, delay_text, engine_text, phase_text
from app.desk.icons import IconName, icon
from app.desk.indicators import LevelBar, RecordingLight
from app.desk.theme import Look, Theme
from app.desk.transcript_model import clock_text, speaker_name

SECOND_MS = 1000


class PanelButton(QToolButton):
    """An icon button of the panel: takes no focus from the softphone, says its name to a screen reader."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = theme.look
        self._icon_name: IconName | None = None
        theme.changed.connect(self._take_look)

    def show_as(self, icon_name: IconName, words: str) -> None:
        """Set icon and name."""
        self._icon_name = icon_name
        self.setToolTip(words)
        self.setAccessibleName(words)
        self._take_look(self._look)

    def _take_look(self, look: Look) -> None:
        self._look = look
        if self._icon_name is not None:
            size_px = look.px(20)
            self.setIcon(icon(self._icon_name, look.colour("text"), size_px, self.devicePixelRatioF()))
            self.setIconSize(self.iconSize().scaled(size_px, size_px, Qt.AspectRatioMode.IgnoreAspectRatio))


class CallClock(QLabel):
    """Time of the call, once a second while one runs."""

    def __init__(self, state: DeskState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setProperty("rank", "timer")
        self._ticks = QTimer(self)
        self._ticks.setInterval(SECOND_MS)
        self._ticks.timeout.connect(self._show)
        state.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        if self._state.in_call != self._ticks.isActive():
            if self._state.in_call:
                self._ticks.start()
            else:
                self._ticks.stop()
        self._show()

    def _show(self) -> None:
        text = clock_text(self._state.elapsed_s * 1000) if self._state.call_id else "00:00"
        if text != self.text():
            self.setText(text)
        self.setAccessibleName(self.tr("Call time {time}").format(time=text))


class StatusHeader(QWidget):
    """The status line.

    Signals: `pause_asked(bool)`, `fold_asked()`.
    """

    pause_asked = Signal(bool)
    fold_asked = Signal()

    def __init__(self, state: DeskState, theme: Theme, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state = state
        self._edge = "right"
        self._light = RecordingLight(theme, self)
        self._phase = QLabel(self)
        self._phase.setWordWrap(True)
        self._clock = CallClock(state, self)
        self.pause_button = PanelButton(theme, self)
        self.pause_button.clicked.connect(lambda: self.pause_asked.emit(self._state.phase != "paused"))
        self.menu_button = PanelButton(theme, self)
        # A menu set on the button itself would open in an event loop of its own.
        self._menu = menu
        self.menu_button.clicked.connect(self._open_menu)
        self.fold_button = PanelButton(theme, self)
        self.fold_button.clicked.connect(self.fold_asked)
        self._customer, self._agent = QLabel(self), QLabel(self)
        self.customer_bar, self.agent_bar = (
            LevelBar("customer", theme, parent=self),
            LevelBar("agent", theme, parent=self),
        )
        self._engine, self._delay = QLabel(self), QLabel(self)
        self._engine.setWordWrap(True)
        for label in (self._customer, self._agent, self._engine, self._delay):
            label.setProperty("rank", "muted")
        self._column = QVBoxLayout(self)
        self._lay_out()
        state.changed.connect(self.retranslate)
        state.levels_changed.connect(self._show_levels)
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)
        self.retranslate()

    def set_edge(self, edge: str) -> None:
        """The fold button points to the edge."""
        self._edge = edge
        self.retranslate()

    def retranslate(self) -> None:
        """Show the state in the language of the moment."""
        state = self._state
        phase = state.phase
        words = phase_text(phase)
        self._light.show_phase(phase, words)
        _set_text(self._phase, words)
        shown_as = {"recording": "recording", "interrupted": "recording", "paused": "paused"}.get(phase, "")
        if self._phase.property("state") != shown_as:
            self._phase.setProperty("state", shown_as)
            self._phase.style().polish(self._phase)
        self.pause_button.setEnabled(state.in_call)
        if phase == "paused":
            self.pause_button.show_as("resume", self.tr("Go on recording"))
        else:
            self.pause_button.show_as("pause", self.tr("Pause for passwords and codes"))
        self.menu_button.show_as("menu", self.tr("Menu"))
        self.fold_button.show_as("fold_right" if self._edge == "right" else "fold_left", self.tr("Fold to a strip"))
        _set_text(self._customer, speaker_name("customer"))
        _set_text(self._agent, speaker_name("agent"))
        self.customer_bar.setAccessibleName(self.tr("Level of the customer"))
        self.customer_bar.setToolTip(state.customer_device)
        self.agent_bar.setAccessibleName(self.tr("Level of the agent"))
        self.agent_bar.setToolTip(state.agent_device)
        _set_text(self._engine, engine_text(state.engine))
        _set_text(self._delay, delay_text(state.engine))
        self._delay.setVisible(state.in_call)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _open_menu(self) -> None:
        below = self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft())
        self._menu.popup(below)

    def _show_levels(self) -> None:
        self.customer_bar.show_level(self._state.levels.customer_db)
        self.agent_bar.show_level(self._state.levels.agent_db)

    def _lay_out(self) -> None:
        self._top = QHBoxLayout()
        self._top.addWidget(self._light)
        self._top.addWidget(self._phase, 1)
        self._top.addWidget(self._clock)
        for button in (self.pause_button, self.menu_button, self.fold_button):
            self._top.addWidget(button)
        self._bars = QGridLayout()
        for column, widget in enumerate((self._customer, self.customer_bar, self._agent, self.agent_bar)):
            self._bars.addWidget(widget, 0, column)
        self._bars.setColumnStretch(1, 1)
        self._bars.setColumnStretch(3, 1)
        self._bottom = QHBoxLayout()
        self._engine.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bottom.addWidget(self._engine, 1)
        self._bottom.addWidget(self._delay)
        self._column.addLayout(self._top)
        self._column.addLayout(self._bars)
        self._column.addLayout(self._bottom)

    def _take_look(self, look: Look) -> None:
        self._column.setContentsMargins(look.px(14), look.px(8), look.px(8), look.px(9))
        self._column.setSpacing(look.px(6))
        self._top.setSpacing(look.px(4))
        self._phase.setContentsMargins(look.px(4), 0, 0, 0)
        self._clock.setContentsMargins(0, 0, look.px(4), 0)
        self._bars.setHorizontalSpacing(look.px(8))
        self._bars.setContentsMargins(0, 0, look.px(6), 0)
        self._bottom.setContentsMargins(0, 0, look.px(6), 0)


def _set_text(label: QLabel, text: str) -> None:
    """Set a text only when it differs: each setting costs a layout and speaks to a screen reader."""
    if label.text() != text:
        label.setText(text)
