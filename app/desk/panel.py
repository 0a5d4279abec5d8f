"""The docked panel: status line, recording notice, faults, transcript, a number to read back and call control.

It folds to a strip, and never takes the focus.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QScreen, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.desk.banner import Banner, BannerStack, NoticeArea
from app.desk.desk_state import DeskState
from app.desk.docking import Dock, Edge
from app.desk.fault_sentences import Sentence
from app.desk.folded_strip import FoldedStrip
from app.desk.icons import app_icon, icon
from app.desk.notice_row import NoticeRow
from app.desk.read_back import ReadBackBar
from app.desk.status_header import StatusHeader
from app.desk.theme import Look, Theme
from app.desk.transcript_model import TranscriptModel
from app.desk.transcript_view import TranscriptView
from core.messages import NumberReadBack

WIDTH_PX, STRIP_WIDTH_PX = 360, 56
"""At 100 %. A larger scale widens the panel, up to `WIDEST_SHARE` of the screen."""
WIDEST_SHARE = 0.4

TRANSCRIPT_LEAST_PX = 40
NOTICES_SHARE = 0.35
"""Most of the screen's height that notices take; the transcript keeps its place below them."""


class Panel(QWidget):
    """The docked panel.

    Signals: `call_asked()`, `pause_asked(bool)`, `folded_changed(bool)`, `edge_asked(str)`, `settings_asked()`,
    `quit_asked()`, `customer_only_changed(bool)`, `read_asked()` for the latest number. Signals of `notice_row`,
    `read_back` and `view.row_actions` are theirs.
    """

    call_asked = Signal()
    pause_asked = Signal(bool)
    folded_changed = Signal(bool)
    edge_asked = Signal(str)
    settings_asked = Signal()
    quit_asked = Signal()
    customer_only_changed = Signal(bool)
    read_asked = Signal()

    def __init__(self, state: DeskState, transcript: TranscriptModel, theme: Theme, dock: Dock) -> None:
        flags = Qt.WindowType
        super().__init__(
            None,
            flags.Tool | flags.FramelessWindowHint | flags.WindowStaysOnTopHint | flags.WindowDoesNotAcceptFocus,
        )
        self.setObjectName("panel")
        self.setWindowIcon(app_icon())
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_X11NetWmWindowTypeDock)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_AlwaysShowToolTips)
        self._state, self._theme, self._dock = state, theme, dock
        self._edge: Edge = "right"
        self._presented = False
        self._unfolded_to_read = False
        self.menu = QMenu(self)
        self._build(transcript)
        state.changed.connect(self.retranslate)
        theme.changed.connect(self._take_look)
        dock.moved.connect(self.place)
        self._take_look(theme.look)
        self.retranslate()

    # --- what the application asks ----------------------------------------------------------------------------------
    @property
    def folded(self) -> bool:
        """Whether the panel is a strip."""
        return self._pages.currentIndex() == 1

    def fold(self, folded: bool) -> None:
        """Fold to the strip, or open again."""
        if folded != self.folded:
            if folded:
                # Out of sight: nothing of it may come back with the panel.
                self.read_back.dismiss()
            self._unfolded_to_read = False
            self._pages.setCurrentIndex(1 if folded else 0)
            self.place()
            self.folded_changed.emit(folded)

    def show_number(self, told: NumberReadBack) -> None:
        """Show a number for reading back; a folded panel opens for as long."""
        if self.folded:
            self.fold(False)
            self._unfolded_to_read = True
        self.read_back.show_number(told)

    def set_edge(self, edge: Edge) -> None:
        """Dock at the left or the right edge."""
        self._edge = edge
        self.setProperty("edge", edge)
        self.header.set_edge(edge)
        self.strip.set_edge(edge)
        self._take_look(self._theme.look)
        self.place()
        self.retranslate()

    def set_screen(self, screen: QScreen) -> None:
        """Dock on another screen."""
        self._dock.follow(screen)

    def present(self) -> None:
        """Reserve the edge, then show the panel there."""
        self._presented = True
        self.place()
        self.show()

    def withdraw(self) -> None:
        """Hide the panel and give the edge back."""
        self._presented = False
        self.read_back.dismiss()
        self._dock.release()
        self.hide()

    def place(self) -> None:
        """Take the place at the edge and reserve it, while the panel is presented."""
        if not self._presented:
            return
        look = self._theme.look
        room_px = self._dock.screen_size().width()
        width_px = look.px(STRIP_WIDTH_PX) if self.folded else look.px(WIDTH_PX)
        if not self.folded:
            width_px = max(WIDTH_PX, min(width_px, int(room_px * WIDEST_SHARE)))
        self._dock.place(self, self._edge, width_px)

    def retranslate(self) -> None:
        """Show the state in the language of the moment."""
        self.setWindowTitle(self.tr("Tingban"))
        self._transcript_title.setText(self.tr("Conversation"))
        self.customer_only.setText(self.tr("Customer only"))
        self.mask_notice.setVisible(self._state.masked_by == "none")
        self._show_call_button()
        self._fill_menu()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the number, where the panel is given keys after all."""
        if event.key() == Qt.Key.Key_Escape and self.read_back.is_open:
            self.read_back.dismiss()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Some window managers place a window when it is mapped; take the place back after that."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self.place)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing asks the application to quit, which hides the panel first and leaves when everything has ended."""
        if self.isVisible():
            event.ignore()
            self.quit_asked.emit()

    # --- inside -----------------------------------------------------------------------------------------------------
    def _build(self, transcript: TranscriptModel) -> None:
        state, theme = self._state, self._theme
        self.header = StatusHeader(state, theme, self.menu)
        self.mask_notice = Banner(self._mask_words, theme)
        self.banners = BannerStack(theme)
        self.notice_row = NoticeRow(state, theme)
        self._transcript_title = QLabel()
        self._transcript_title.setProperty("rank", "muted")
        self.customer_only = QPushButton()
        self.customer_only.setProperty("role", "toggle")
        self.customer_only.setCheckable(True)
        self.view = TranscriptView(transcript, theme)
        self.customer_only.toggled.connect(self.view.show_customer_only)
        self.customer_only.toggled.connect(self.customer_only_changed)
        self.read_back = ReadBackBar(theme)
        self.read_back.open_changed.connect(self._fold_again)
        self.call_button = QPushButton()
        self.call_button.clicked.connect(self.call_asked)
        self._notices = NoticeArea(self.mask_notice, self.banners)
        self._tools = QHBoxLayout()
        self._tools.addWidget(self._transcript_title, 1)
        self._tools.addWidget(self.customer_only)
        self._foot = QWidget()
        self._foot.setObjectName("foot")
        self._foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._foot_row = QHBoxLayout(self._foot)
        self._foot_row.addWidget(self.call_button)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(_rule())
        column.addWidget(self.notice_row)
        column.addWidget(self._notices)
        column.addLayout(self._tools)
        column.addWidget(self.view, 1)
        column.addWidget(self.read_back)
        column.addWidget(_rule())
        column.addWidget(self._foot)
        self.strip = FoldedStrip(state, theme)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(full)
        self._pages.addWidget(self.strip)
        self.header.pause_asked.connect(self.pause_asked)
        self.header.fold_asked.connect(lambda: self.fold(True))
        self.strip.unfold_asked.connect(lambda: self.fold(False))
        self.strip.pause_asked.connect(self.pause_asked)
        self.strip.call_asked.connect(self.call_asked)
        # A click must not leave a focus ring on a panel that takes no keys.
        for button in self.findChildren(QPushButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _mask_words(self) -> Sentence:
        return Sentence(self.tr("Mask not active: captions are as spoken."), "", grave=False)

    def _show_call_button(self) -> None:
        in_call = self._state.in_call
        role = "danger" if in_call else "primary"
        text = self.tr("End call") if in_call else self.tr("Start call")
        if self.call_button.accessibleName() == text and self.call_button.property("role") == role:
            return
        # An en space keeps icon and words apart; Qt has no setting for it.
        self.call_button.setText(f"\N{EN SPACE}{text}")
        self.call_button.setAccessibleName(text)
        self.call_button.setProperty("role", role)
        self.call_button.style().polish(self.call_button)
        self._show_call_icon()

    def _show_call_icon(self) -> None:
        look = self._theme.look
        in_call = self._state.in_call
        colour = look.colour("on_fault" if in_call else "on_accent")
        size_px = look.px(20)
        self.call_button.setIcon(icon("end" if in_call else "call", colour, size_px, self.devicePixelRatioF()))
        self.call_button.setIconSize(QSize(size_px, size_px))

    def _fill_menu(self) -> None:
        other: Edge = "left" if self._edge == "right" else "right"
        if not self.menu.actions():
            self._read_action = self.menu.addAction("", self.read_asked.emit)
            self.menu.addSeparator()
            self._settings_action = self.menu.addAction("", self.settings_asked.emit)
            self._edge_action = self.menu.addAction("", self._ask_other_edge)
            self.menu.addSeparator()
            self._quit_action = self.menu.addAction("", self.quit_asked.emit)
        self._read_action.setText(self.tr("Read the latest number back"))
        self._read_action.setEnabled(self._state.in_call)
        self._settings_action.setText(self.tr("Settings"))
        move = self.tr("Move to the left edge") if other == "left" else self.tr("Move to the right edge")
        self._edge_action.setText(move)
        self._quit_action.setText(self.tr("Quit"))

    def _fold_again(self, is_open: bool) -> None:
        if not is_open and self._unfolded_to_read:
            self.fold(True)

    def _ask_other_edge(self) -> None:
        self.edge_asked.emit("left" if self._edge == "right" else "right")

    def _take_look(self, look: Look) -> None:
        self._notices.set_room(look.px(10), look.px(8), int(self._dock.screen_size().height() * NOTICES_SHARE))
        # A line or two at least, also at 200 % on a low screen.
        self.view.setMinimumHeight(look.px(TRANSCRIPT_LEAST_PX))
        self._tools.setContentsMargins(look.px(14), look.px(8), look.px(12), look.px(6))
        self._foot_row.setContentsMargins(look.px(12), look.px(10), look.px(12), look.px(10))
        # The hairline at the inner edge belongs to the panel itself.
        left, right = (1, 0) if self._edge == "right" else (0, 1)
        self.setContentsMargins(left, 0, right, 0)
        self._show_call_icon()
        self.place()


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    return rule
