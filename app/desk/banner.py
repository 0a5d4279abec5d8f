"""Calm banners: what is wrong in one sentence, what to do in another, and a button that takes them away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.desk.fault_sentences import Sentence, fault_sentence, process_sentence
from app.desk.icons import icon
from app.desk.theme import Look, Theme
from core.messages import Fault, ProcessState

SHOWN_AT_MOST = 3
"""More would push the transcript away; the oldest mild one makes room."""


class Banner(QFrame):
    """One notice. `said` gives its sentence in the language of the moment."""

    def __init__(
        self,
        said: Callable[[], Sentence],
        theme: Theme,
        *,
        detail: str = "",
        dismiss: Callable[[], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._said = said
        self._look = theme.look
        # Before there are labels, whose colour follows from it.
        self.setProperty("grave", "true" if said().grave else "false")
        self.setToolTip(detail)
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._remedy = QLabel(self)
        for label in (self._text, self._remedy):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._text)
        words.addWidget(self._remedy)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(words, 1)
        self._close: QToolButton | None = None
        if dismiss is not None:
            self._close = QToolButton(self)
            self._close.clicked.connect(dismiss)
            self._row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._take_look)
        self.retranslate()

    @property
    def grave(self) -> bool:
        """Whether the work is stopped until the remedy is done."""
        return self._said().grave

    def retranslate(self) -> None:
        """Say it in the language of the moment."""
        sentence = self._said()
        self._text.setText(sentence.text)
        self._remedy.setText(sentence.remedy)
        self._remedy.setVisible(bool(sentence.remedy))
        self.setAccessibleName(f"{sentence.text} {sentence.remedy}".strip())
        if self._close is not None:
            self._close.setAccessibleName(self.tr("Dismiss"))
            self._close.setToolTip(self.tr("Dismiss"))
        self._take_look(self._look)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _take_look(self, look: Look) -> None:
        self._look = look
        colour = look.colour("on_fault" if self.grave else "on_notice")
        size_px = look.px(18)
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(icon("warning" if self.grave else "info", colour, size_px, ratio).pixmap(size_px))
        if self._close is not None:
            self._close.setIcon(icon("close", colour, look.px(16), ratio))
            self._close.setIconSize(QSize(look.px(16), look.px(16)))
        self._row.setContentsMargins(look.px(10), look.px(6), look.px(6), look.px(6))
        self._row.setSpacing(look.px(8))


class NoticeArea(QScrollArea):
    """Room for banners: as high as they are, up to a share of the panel; beyond that it scrolls."""

    def __init__(self, *notices: QWidget) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self._most_px = 0
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        for notice in notices:
            self._column.addWidget(notice)
        self.setWidget(self._content)
        # Where a low screen has no room for everything at a large scale, banners scroll and buttons stay whole.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._content.installEventFilter(self)

    def set_room(self, margin_px: int, gap_px: int, most_px: int) -> None:
        """Margins, gap between banners, and greatest height, in pixels."""
        self._column.setContentsMargins(margin_px, gap_px, margin_px, 0)
        self._column.setSpacing(gap_px)
        self._most_px = most_px
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as the banners at the present width, within the room there is."""
        return QSize(self.width(), min(self._needed_px(self.width()), self._most_px))

    def minimumSizeHint(self) -> QSize:
        """No width of its own."""
        return QSize(0, 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Banners came, went or read differently."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps the text anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # A bar takes width, and narrower text is higher: once there, a bar would keep itself where none is needed.
        fits = self._needed_px(self.width()) <= self._most_px
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        if bar != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(bar)
        # A scroll area asks its content for the least height without saying for which width.
        self._content.setMinimumHeight(self._needed_px(self.viewport().width()))
        self.updateGeometry()

    def _needed_px(self, width_px: int) -> int:
        # Without banners there is no margin either.
        return 0 if self._column.isEmpty() else self._column.totalHeightForWidth(width_px)


class BannerStack(QWidget):
    """The faults that hold now, newest last; one banner for each part and kind."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._banners: dict[tuple[str, str], Banner] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_fault(self, fault: Fault) -> None:
        """Show a fault, once."""
        self._show((fault.role, fault.code), lambda: fault_sentence(fault), fault.detail)

    def show_process(self, state: ProcessState) -> None:
        """Say that a process is in trouble, or take that away when it runs again."""
        key = (state.role, "process")
        self.dismiss(key)
        sentence = process_sentence(state)
        if sentence is not None:
            self._show(key, lambda: process_sentence(state) or sentence, "")

    def clear_mild(self) -> None:
        """A new call begins: what did not stop the work has been read."""
        for key, banner in list(self._banners.items()):
            if not banner.grave:
                self.dismiss(key)

    def dismiss(self, key: tuple[str, str]) -> None:
        """Take a banner away."""
        banner = self._banners.pop(key, None)
        if banner is not None:
            self._column.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.setVisible(bool(self._banners))

    @property
    def sentences(self) -> list[str]:
        """What the banners say, for tests and screen readers."""
        return [banner.accessibleName() for banner in self._banners.values()]

    def _show(self, key: tuple[str, str], said: Callable[[], Sentence], detail: str) -> None:
        self.dismiss(key)
        if len(self._banners) >= SHOWN_AT_MOST:
            mild = [shown for shown, banner in self._banners.items() if not banner.grave]
            self.dismiss(mild[0] if mild else next(iter(self._banners)))
        banner = Banner(said, self._theme, detail=detail, dismiss=lambda: self.dismiss(key), parent=self)
        self._banners[key] = banner
        self._column.addWidget(banner)
        self.setVisible(True)
