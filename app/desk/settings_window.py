"""The settings window: pages of fields, saved together. It takes the focus as any dialogue does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk.banner import BannerStack
from app.desk.desk_state import DeskState
from app.desk.device_page import DevicePage
from app.desk.hotkeys import DEFAULT_KEYS, parse_chord
from app.desk.icons import app_icon
from app.desk.settings_fields import ChoiceField, Field, KeyField, SettingsStore, SwitchField, TextField
from app.desk.theme import Look, Theme
from core.errors import TingbanError
from core.messages import Fault
from core.settings_schema import SettingValue
from core.types import DeviceInfo

WIDTH_PX, HEIGHT_PX = 680, 620
"""At 100 %; never more than the screen's work area."""
SCALES_PERCENT = (100, 125, 150, 175, 200)
PORTS = (1, 65535)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that may be chosen: its name in the settings, and what is said of it."""

    name: str
    description: str = ""


ModelProvider = Callable[[], Sequence[ModelChoice]]
"""Lists the models installed on this desk, as plain data."""


class SettingsWindow(QDialog):
    """The settings.

    Signals: `saved()` after the settings were kept, `devices_wanted()` when the list of devices is needed,
    `meter_asked(str, str)` as of `DevicePage`.
    """

    saved = Signal()
    devices_wanted = Signal()
    meter_asked = Signal(str, str)

    def __init__(self, store: SettingsStore, models: ModelProvider, state: DeskState, theme: Theme) -> None:
        super().__init__()
        self.setWindowIcon(app_icon())
        self._store, self._models, self._theme = store, models, theme
        self._page_names: list[Callable[[], str]] = []
        self.devices = DevicePage(state, theme)
        self.devices.meter_asked.connect(self.meter_asked)
        self.banners = BannerStack(theme)
        self.pages = QListWidget()
        self.pages.setObjectName("pages")
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack = QStackedWidget()
        self._columns: list[QVBoxLayout] = []
        self.fields: dict[str, Field] = {}
        self._build_pages()
        self.pages.currentRowChanged.connect(self._turn_to)
        self.save_button, self.cancel_button = QPushButton(), QPushButton()
        self.save_button.setProperty("role", "primary")
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self._save)
        self.cancel_button.clicked.connect(self.reject)
        self._lay_out()
        theme.changed.connect(self._take_look)
        self._take_look(theme.look)
        self.retranslate()
        self.pages.setCurrentRow(0)

    def show_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        """The devices there are now."""
        self.devices.show_devices(devices)

    def show_values(self) -> None:
        """Show what the store holds."""
        for name, field in self.fields.items():
            field.show_value(self._store.get(name))
            field.lock(name in self._store.locked)

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.setWindowTitle(self.tr("Tingban settings"))
        self.pages.setAccessibleName(self.tr("Pages"))
        for row, name in enumerate(self._page_names):
            self.pages.item(row).setText(name())
        for heading, name in zip(self._headings, self._page_names, strict=True):
            heading.setText(name())
        for field in self.fields.values():
            field.retranslate()
        self.devices.retranslate()
        self.save_button.setText(self.tr("Save"))
        self.cancel_button.setText(self.tr("Cancel"))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with what holds now."""
        self.show_values()
        self.devices_wanted.emit()
        super().showEvent(event)
        self._turn_to(self.pages.currentRow())

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is captured for level bars that nobody sees."""
        self.devices.meter(False)
        super().hideEvent(event)

    # --- inside -----------------------------------------------------------------------------------------------------
    def _build_pages(self) -> None:
        theme = self._theme
        self._headings: list[QLabel] = []
        self._add_page(lambda: self.tr("Devices"), [self.devices])
        self._register(self.devices.agent, self.devices.customer)
        self._add_page(
            lambda: self.tr("Calls"),
            self._register(
                SwitchField(
                    "audio.start_on_voice",
                    lambda: self.tr("Start a call when the customer is heard"),
                    theme,
                    help_text=lambda: self.tr("Listens for a voice on the customer's output between calls."),
                ),
                KeyField(
                    "keys.call",
                    lambda: self.tr("Key to start and end a call"),
                    help_text=lambda: self.tr("Works while another window is in front."),
                ),
                KeyField("keys.pause", lambda: self.tr("Key to pause")),
                KeyField("keys.read_number", lambda: self.tr("Key to read a number back")),
                KeyField("keys.wrong_mask", lambda: self.tr("Key to mark a wrong mask")),
                SwitchField(
                    "call.notice_played",
                    lambda: self.tr("The line plays the recording notice"),
                    theme,
                    help_text=lambda: self.tr("Every call then begins with the notice given."),
                ),
                ChoiceField("softphone.kind", lambda: self.tr("Softphone to follow"), self._softphones, theme),
                TextField("softphone.host", lambda: self.tr("Control address of the softphone")),
                TextField("softphone.port", lambda: self.tr("Control port of the softphone"), limits=PORTS),
            ),
        )
        self._add_page(
            lambda: self.tr("Recognition"),
            self._register(
                ChoiceField("recognition.model", lambda: self.tr("Model"), self._model_choices, theme),
                ChoiceField(
                    "recognition.device",
                    lambda: self.tr("Computed on"),
                    self._compute_devices,
                    theme,
                    help_text=lambda: self.tr("A change takes hold when no call runs."),
                ),
            ),
        )
        self._add_page(
            lambda: self.tr("Window"),
            self._register(
                ChoiceField("window.language", lambda: self.tr("Language"), self._languages, theme),
                ChoiceField("window.theme", lambda: self.tr("Theme"), self._themes, theme),
                ChoiceField("window.scale_percent", lambda: self.tr("Size of text and controls"), _scales, theme),
                ChoiceField("window.edge", lambda: self.tr("Edge of the screen"), self._edges, theme),
                ChoiceField("window.screen", lambda: self.tr("Screen"), self._screens, theme),
            ),
        )

    def _register(self, *fields: Field) -> list[QWidget]:
        self.fields.update((field.name, field) for field in fields)
        return list(fields)

    def _add_page(self, name: Callable[[], str], widgets: Sequence[QWidget]) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        heading = QLabel()
        heading.setProperty("rank", "heading")
        column.addWidget(heading)
        for widget in widgets:
            column.addWidget(widget)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("page")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        self._stack.addWidget(area)
        self.pages.addItem("")
        self._page_names.append(name)
        self._headings.append(heading)
        self._columns.append(column)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.pages)
        middle.addWidget(self._stack, 1)
        outer.addLayout(middle, 1)
        self._banner_row = QHBoxLayout()
        self._banner_row.addWidget(self.banners)
        outer.addLayout(self._banner_row)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.cancel_button)
        self._buttons.addWidget(self.save_button)
        outer.addLayout(self._buttons)

    def _turn_to(self, row: int) -> None:
        self._stack.setCurrentIndex(row)
        self.devices.meter(self.isVisible() and row == 0)

    def _save(self) -> None:
        for action in DEFAULT_KEYS:
            keys = str(self.fields[f"keys.{action}"].value())
            if keys and parse_chord(keys) is None:
                self.banners.show_fault(Fault("recorder", "key-unfit", keys))
                return
        try:
            for name, field in self.fields.items():
                value = field.value()
                if name not in self._store.locked and value != self._store.get(name):
                    self._store.set(name, value)
            self._store.save()
        except TingbanError as fault:
            code = "bad-input" if fault.code == "bad-input" else "settings"
            self.banners.show_fault(Fault("recorder", code, str(fault)))
            return
        self.accept()
        self.saved.emit()

    def _softphones(self) -> list[tuple[SettingValue, str]]:
        return [("none", self.tr("None")), ("baresip", "baresip")]

    def _model_choices(self) -> list[tuple[SettingValue, str]]:
        return [
            (model.name, f"{model.name} – {model.description}" if model.description else model.name)
            for model in self._models()
        ]

    def _compute_devices(self) -> list[tuple[SettingValue, str]]:
        return [
            ("auto", self.tr("Chosen by itself")),
            ("cpu", self.tr("Processor (CPU)")),
            ("cuda", self.tr("Graphics card (CUDA)")),
        ]

    def _languages(self) -> list[tuple[SettingValue, str]]:
        # Each language in its own words, so that it is found by those who need it.
        return [("system", self.tr("As the system")), ("zh_CN", "简体中文"), ("en", "English")]

    def _themes(self) -> list[tuple[SettingValue, str]]:
        return [("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))]

    def _edges(self) -> list[tuple[SettingValue, str]]:
        return [("left", self.tr("Left")), ("right", self.tr("Right"))]

    def _screens(self) -> list[tuple[SettingValue, str]]:
        named: list[tuple[SettingValue, str]] = [("primary", self.tr("Main screen"))]
        return named + [(screen.name(), screen.name()) for screen in QGuiApplication.screens()]

    def _take_look(self, look: Look) -> None:
        work = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(look.px(WIDTH_PX), work.width()), min(look.px(HEIGHT_PX), work.height()))
        self.pages.setFixedWidth(look.px(150))
        for column in self._columns:
            column.setContentsMargins(look.px(28), look.px(22), look.px(28), look.px(16))
            column.setSpacing(look.px(16))
        self._banner_row.setContentsMargins(look.px(16), 0, look.px(16), 0)
        self._buttons.setContentsMargins(look.px(16), look.px(12), look.px(16), look.px(14))
        self._buttons.setSpacing(look.px(10))


def _scales() -> list[tuple[SettingValue, str]]:
    return [(percent, f"{percent} %") for percent in SCALES_PERCENT]
