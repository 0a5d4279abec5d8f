"""The window as a whole: wires link, state, panel, tray, keys and settings, and ends them in order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import cast

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from app.desk.bridge import Bridge
from app.desk.desk_state import DeskState
from app.desk.docking import Dock, Edge, platform_reservation
from app.desk.frame_probe import FrameProbe
from app.desk.hotkeys import DEFAULT_KEYS, Hotkeys, KeyAction
from app.desk.language import LanguageName, Translation
from app.desk.panel import Panel
from app.desk.settings_fields import SettingsStore
from app.desk.settings_window import ModelProvider, SettingsWindow
from app.desk.theme import Theme, ThemeName
from app.desk.transcript_model import TranscriptModel
from app.desk.tray import Tray
from app.link import DeskEvent, DeskLink, Trigger
from core.errors import TingbanError
from core.messages import CallClosed, Caption, DeviceList, Fault, NumberReadBack, ProcessState
from core.settings_schema import SettingValue

SHUTDOWN_DEADLINE_MS = 6000
"""The link promises 5 s; then the window leaves without it."""

log = logging.getLogger(__name__)


class Desk(QObject):
    """The running window.

    Signals: `ended()` when the link has shut down, or its deadline has passed.
    """

    ended = Signal()
    _shut_down = Signal()

    def __init__(
        self,
        link: DeskLink,
        settings: SettingsStore,
        models: ModelProvider,
        *,
        frame_log: Path | None = None,
    ) -> None:
        super().__init__()
        self._link, self._settings, self._models = link, settings, models
        self._leaving = False
        self.translation = Translation(self)
        self.translation.choose(cast(LanguageName, settings.get("window.language")))
        self.theme = Theme(self)
        self._choose_look()
        self.state = DeskState(self)
        self.transcript = TranscriptModel(self)
        self.dock = Dock(platform_reservation(), self)
        self.panel = Panel(self.state, self.transcript, self.theme, self.dock)
        self.tray = Tray(self.state, self.panel)
        self.settings_window: SettingsWindow | None = None
        self.hotkeys = Hotkeys(self)
        self.bridge = Bridge(self)
        self.probe = FrameProbe(self.panel, frame_log) if frame_log else None
        self._connect()

    def start(self) -> None:
        """Show the panel, then start what is behind it."""
        self._follow_screen()
        self.panel.customer_only.setChecked(bool(self._settings.get("window.customer_only")))
        self.panel.fold(bool(self._settings.get("window.collapsed")))
        self.panel.set_edge(cast(Edge, self._settings.get("window.edge")))
        self.panel.present()
        if self.probe is not None:
            self.probe.start()
        self.bridge.attach(self._link.subscribe)
        self._bind_keys()
        # Processes are started off the main thread: a slow disk must not keep the panel from being painted.
        Thread(target=self._link.start, name="link-start", daemon=True).start()

    def toggle_call(self, trigger: Trigger = "button") -> None:
        """Start a call, or end the one that runs."""
        if self.state.in_call:
            self._link.end_call()
        else:
            self._link.start_call(trigger)

    def leave(self) -> None:
        """Shut the link down off the main thread, then say `ended`; at the latest when the deadline has passed."""
        if self._leaving:
            return
        self._leaving = True
        self.panel.withdraw()
        self.dock.close()
        self.tray.hide()
        self.hotkeys.close()
        if self.settings_window is not None:
            self.settings_window.hide()
        if self.probe is not None:
            self.probe.finish()
        deadline = QTimer(self)
        deadline.setSingleShot(True)
        deadline.timeout.connect(self._end)
        self._shut_down.connect(deadline.stop)
        self._shut_down.connect(self._end, Qt.ConnectionType.QueuedConnection)
        deadline.start(SHUTDOWN_DEADLINE_MS)
        Thread(target=self._shut_link_down, name="link-shutdown", daemon=True).start()

    def open_settings(self) -> None:
        """Show the settings, and give them the focus: here somebody types."""
        if self.settings_window is None:
            window = SettingsWindow(self._settings, self._models, self.state, self.theme)
            window.saved.connect(self._take_settings)
            window.devices_wanted.connect(self._link.list_devices)
            window.meter_asked.connect(self._link.meter_devices)
            self.settings_window = window
        self.settings_window.show()
        self.settings_window.raise_()
        self.settings_window.activateWindow()

    # --- inside -----------------------------------------------------------------------------------------------------
    def _connect(self) -> None:
        self.bridge.arrived.connect(self._take)
        self.bridge.caption.connect(self._take_caption)
        self.state.call_opened.connect(self._begin_call)
        self.panel.call_asked.connect(self.toggle_call)
        self.panel.pause_asked.connect(self._link.pause)
        self.panel.notice_row.notice_asked.connect(self._link.set_notice)
        self.panel.view.row_actions.marked_wrong.connect(self._link.mark_wrong)
        self.panel.read_asked.connect(self._read_number)
        self.panel.read_back.open_changed.connect(self.hotkeys.take_escape)
        self.panel.settings_asked.connect(self.open_settings)
        self.panel.quit_asked.connect(self.leave)
        self.panel.edge_asked.connect(self._change_edge)
        self.panel.folded_changed.connect(self._keep("window.collapsed"))
        self.panel.customer_only_changed.connect(self._keep("window.customer_only"))
        self.tray.show_asked.connect(self._show_or_hide)
        self.tray.call_asked.connect(self.toggle_call)
        self.tray.settings_asked.connect(self.open_settings)
        self.tray.quit_asked.connect(self.leave)
        self.hotkeys.pressed.connect(self._key_pressed)
        self.hotkeys.taken.connect(self._key_taken)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._follow_screen)

    def _take(self, event: DeskEvent) -> None:
        self.state.take(event)
        match event:
            case Fault():
                self.panel.banners.show_fault(event)
            case ProcessState():
                self.panel.banners.show_process(event)
            case DeviceList() if self.settings_window is not None:
                self.settings_window.show_devices(event.devices)
            case CallClosed() if event.call_id == self.state.call_id:
                self.transcript.end_call()
                self.panel.read_back.dismiss()
            case NumberReadBack() if event.call_id == self.state.call_id and self.state.in_call:
                self.panel.show_number(event)
            case _:
                pass

    def _take_caption(self, caption: Caption) -> None:
        if self.state.take_caption(caption.call_id, caption.item):
            self.transcript.add(caption.item)

    def _begin_call(self) -> None:
        self.transcript.clear()
        self.panel.banners.clear_mild()

    def _read_number(self) -> None:
        """Show the latest number, or close the bar that shows one. Told by the link, so that every look is noted."""
        if self.panel.read_back.is_open:
            self.panel.read_back.dismiss()
        elif self.state.in_call:
            self.panel.present()
            self._link.read_number()

    def _key_pressed(self, action: KeyAction) -> None:
        match action:
            case "call":
                self.toggle_call()
            case "pause" if self.state.in_call:
                self._link.pause(self.state.phase != "paused")
            case "read_number":
                self._read_number()
            case "wrong_mask" if self.panel.isVisible() and not self.panel.folded:
                # What nobody sees, nobody can say is wrong.
                self.panel.view.row_actions.mark_by_key()
            case "dismiss":
                self.panel.read_back.dismiss()
            case _:
                pass

    def _key_taken(self, action: KeyAction) -> None:
        self.panel.banners.show_fault(Fault("recorder", f"hotkey-{action}"))

    def _bind_keys(self) -> None:
        self.hotkeys.bind({action: str(self._settings.get(f"keys.{action}")) for action in DEFAULT_KEYS})

    def _show_or_hide(self) -> None:
        if not self.panel.isVisible():
            self.panel.present()
        elif self.tray.available:
            self.panel.withdraw()

    def _choose_look(self) -> None:
        theme = cast(ThemeName, self._settings.get("window.theme"))
        self.theme.choose(theme, int(self._settings.get("window.scale_percent")))

    def _take_settings(self) -> None:
        self.translation.choose(cast(LanguageName, self._settings.get("window.language")))
        self._choose_look()
        self._follow_screen()
        self.panel.set_edge(cast(Edge, self._settings.get("window.edge")))
        self._bind_keys()
        self._link.reload_settings()

    def _follow_screen(self, _added: QScreen | None = None) -> None:
        wanted = self._settings.get("window.screen")
        named = [screen for screen in QGuiApplication.screens() if screen.name() == wanted]
        self.panel.set_screen(named[0] if named else QGuiApplication.primaryScreen())

    def _change_edge(self, edge: Edge) -> None:
        self._keep("window.edge")(edge)
        self.panel.set_edge(edge)

    def _keep(self, name: str) -> Callable[[SettingValue], None]:
        """Keeps a choice made in the panel itself, where the policy leaves it open."""

        def keep(value: SettingValue) -> None:
            if name in self._settings.locked or self._settings.get(name) == value:
                return
            try:
                self._settings.set(name, value)
                self._settings.save()
            except TingbanError as fault:
                self.panel.banners.show_fault(Fault("recorder", "settings", str(fault)))

        return keep

    def _shut_link_down(self) -> None:
        try:
            self._link.shutdown()
        finally:
            self._shut_down.emit()

    def _end(self) -> None:
        self.bridge.close()
        log.info("The window has ended")
        self.ended.emit()


def quit_application() -> None:
    """Leave the event loop. `quit` would first ask every window whether it may close."""
    QCoreApplication.exit(0)
