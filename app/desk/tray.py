"""The tray icon and its menu. All of it is in the panel too, for desktops without a tray."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from app.desk.desk_state import DeskState, phase_text
from app.desk.icons import app_icon


class Tray(QObject):
    """The tray icon.

    Signals: `show_asked()` to show or hide the panel, `call_asked()`, `settings_asked()`, `quit_asked()`.
    """

    show_asked = Signal()
    call_asked = Signal()
    settings_asked = Signal()
    quit_asked = Signal()

    def __init__(self, state: DeskState, panel: QWidget) -> None:
        super().__init__(panel)
        self._state, self._panel = state, panel
        self.menu = QMenu(panel)
        self._show = self.menu.addAction("", self.show_asked.emit)
        self._call = self.menu.addAction("", self.call_asked.emit)
        self.menu.addSeparator()
        self._settings = self.menu.addAction("", self.settings_asked.emit)
        self._quit = self.menu.addAction("", self.quit_asked.emit)
        self._icon = QSystemTrayIcon(app_icon(), self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        state.changed.connect(self.retranslate)
        panel.installEventFilter(self)
        self.retranslate()
        # Without a tray Qt keeps the icon until one appears; nothing fails.
        self._icon.show()

    @property
    def available(self) -> bool:
        """Whether the desktop has a tray: without one the panel is never hidden."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def retranslate(self) -> None:
        """Show the state in the language of the moment."""
        hidden = not self._panel.isVisible()
        self._show.setText(self.tr("Show panel") if hidden else self.tr("Hide panel"))
        self._call.setText(self.tr("End call") if self._state.in_call else self.tr("Start call"))
        self._settings.setText(self.tr("Settings"))
        self._quit.setText(self.tr("Quit"))
        self._icon.setToolTip(self.tr("Tingban: {phase}").format(phase=phase_text(self._state.phase)))

    def hide(self) -> None:
        """Take the icon away."""
        self._icon.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the panel: shown, hidden, another language."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LanguageChange):
            self.retranslate()
        return super().eventFilter(watched, event)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.show_asked.emit()
