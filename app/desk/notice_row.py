"""What is known of the recording notice, under the status line, while a call runs; and the way to say it.

A refusal that was heard is a question to the agent, who alone can tell it from talk about one. To say that the customer
refuses deletes what is kept of the call, so that is asked once more, in place: no dialogue stands before the softphone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from app.desk.desk_state import DeskState, notice_text, refusal_heard_text
from app.desk.icons import IconName, icon
from app.desk.status_header import PanelButton
from app.desk.theme import Look, Theme
from core.types import NoticeState

NoticeMode = Literal["unknown", "given", "asked", "confirm", "refused"]
"""`asked`: a refusal was heard; `confirm`: the agent says the customer refuses."""

ICONS: dict[NoticeMode, IconName] = {
    "unknown": "question",
    "given": "tick",
    "asked": "question",
    "confirm": "warning",
    "refused": "barred",
}


def notice_mode(state: DeskState) -> NoticeMode:
    """What the state alone asks for."""
    if state.notice == "refused":
        return "refused"
    if state.refusal_heard:
        return "asked"
    return "unknown" if state.notice == "unknown" else "given"


class NoticeRow(QFrame):
    """The notice of the call that runs.

    Signals: `notice_asked(str)` with `played`, `said` or `refused`.
    """

    notice_asked = Signal(str)

    def __init__(self, state: DeskState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeRow")
        self._state, self._look = state, theme.look
        self._confirming = False
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self.menu = QMenu(self)
        self._actions: dict[NoticeState, QAction] = {}
        for notice in ("said", "played", "refused"):
            self._add_action(notice)
        self.menu_button = PanelButton(theme, self)
        # A menu set on the button itself would open in an event loop of its own.
        self.menu_button.clicked.connect(self._open_menu)
        self.refused_button, self.agreed_button = self._button(self._confirm), self._button(self._say_agreed)
        # The harmless answer stands where the first click was, and is as wide: a double click deletes nothing.
        self.back_button, self.delete_button = self._button(self._go_back), self._button(self._refuse)
        self._lay_out()
        state.changed.connect(self._follow)
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)
        self._follow()

    @property
    def mode(self) -> NoticeMode:
        """What the row shows."""
        return "confirm" if self._confirming else notice_mode(self._state)

    @property
    def sentence(self) -> str:
        """What the row says."""
        if self._confirming:
            return self.tr("Delete what is kept of this call, for good?")
        return refusal_heard_text() if self.mode == "asked" else notice_text(self._state.notice)

    def retranslate(self) -> None:
        """Show the state in the language of the moment."""
        mode, sentence = self.mode, self.sentence
        if self._text.text() != sentence:
            self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._actions["said"].setText(self.tr("I have said it"))
        self._actions["played"].setText(self.tr("The line has played it"))
        self._actions["refused"].setText(self.tr("The customer refuses: keep nothing"))
        for notice, action in self._actions.items():
            action.setChecked(notice == self._state.notice)
        self.menu_button.show_as("more", self.tr("Change what is known of the recording notice"))
        self.menu_button.setVisible(mode in ("unknown", "given"))
        self.refused_button.setText(self.tr("Refuses: keep nothing"))
        self.agreed_button.setText(self.tr("No refusal"))
        self.back_button.setText(self.tr("Back"))
        self.delete_button.setText(self.tr("Delete it"))
        for button in (self.refused_button, self.agreed_button):
            button.setVisible(mode == "asked")
        for button in (self.back_button, self.delete_button):
            button.setVisible(mode == "confirm")
        if self.property("mode") != mode:
            self.setProperty("mode", mode)
            for widget in (self, self._text):
                widget.style().unpolish(widget)
                widget.style().polish(widget)
        self._take_look(self._look)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Answers stand side by side where there is room."""
        super().resizeEvent(event)
        self._arrange()

    # --- inside -----------------------------------------------------------------------------------------------------
    def _follow(self) -> None:
        if self._state.notice == "refused" or not self._state.in_call:
            self._confirming = False
        self.setVisible(self._state.in_call)
        self.retranslate()

    def _add_action(self, notice: Literal["said", "played", "refused"]) -> None:
        action = self.menu.addAction("")
        action.setCheckable(True)
        action.triggered.connect(self._confirm if notice == "refused" else lambda: self.notice_asked.emit(notice))
        # A click has set the tick; only what the state says counts.
        action.triggered.connect(self.retranslate)
        self._actions[notice] = action

    def _button(self, clicked: Callable[[], None]) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("role", "answer")
        button.clicked.connect(clicked)
        return button

    def _open_menu(self) -> None:
        self.menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _confirm(self) -> None:
        # The menu may have stood open while the call ended.
        self._confirming = self._state.in_call and self._state.notice != "refused"
        self.retranslate()

    def _go_back(self) -> None:
        self._confirming = False
        self.retranslate()

    def _say_agreed(self) -> None:
        self.notice_asked.emit("said")

    def _refuse(self) -> None:
        # The row goes on asking until the link says that it is so.
        self.notice_asked.emit("refused")

    def _lay_out(self) -> None:
        self._top = QHBoxLayout()
        self._top.addWidget(self._icon)
        self._top.addWidget(self._text, 1)
        self._top.addWidget(self.menu_button)
        self._answers = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for button in (self.refused_button, self.agreed_button, self.back_button, self.delete_button):
            self._answers.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        # Keeps the answers together at the left.
        self._answers.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addLayout(self._answers)

    def _arrange(self) -> None:
        self.back_button.setMinimumWidth(self.refused_button.sizeHint().width())
        answers = (self.refused_button, self.agreed_button, self.back_button, self.delete_button)
        widths_px = [
            max(one.sizeHint().width(), one.minimumWidth()) + self._answers.spacing()
            for one in answers
            if one.isVisibleTo(self)
        ]
        margins = self._column.contentsMargins()
        spare_px = self.width() - margins.left() - margins.right() - sum(widths_px)
        directions = QBoxLayout.Direction
        self._answers.setDirection(directions.LeftToRight if spare_px >= 0 else directions.TopToBottom)
        # Below the words where there is room for that too.
        indent_px = self._look.px(24)
        below_px = self._look.px(6) if widths_px else 0
        self._answers.setContentsMargins(indent_px if spare_px >= indent_px else 0, below_px // 2, 0, below_px)
        self._column.update()

    def _take_look(self, look: Look) -> None:
        self._look = look
        mode = self.mode
        colour = look.colour({"given": "accent", "refused": "text"}.get(mode, "on_notice"))
        size_px = look.px(16)
        self._icon.setPixmap(icon(ICONS[mode], colour, size_px, self.devicePixelRatioF()).pixmap(size_px))
        # The row is as high without its menu, so that the transcript below does not move.
        self._text.setMinimumHeight(self.menu_button.sizeHint().height())
        self._column.setContentsMargins(look.px(14), look.px(1), look.px(8), look.px(1))
        self._column.setSpacing(0)
        self._top.setSpacing(look.px(8))
        self._answers.setSpacing(look.px(6))
        self._arrange()
