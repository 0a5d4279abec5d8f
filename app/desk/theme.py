"""How the window looks now: colours, scale and fonts, and the one place that changes them while it runs."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.desk.palette import DARK, LIGHT, Palette
from app.desk.style_sheet import style_sheet
from assets import asset_bytes

ThemeName = Literal["system", "light", "dark"]

FONT_FILE = "fonts/TingbanSans-Regular.otf"
SCALE_PERCENT_MIN, SCALE_PERCENT_MAX = 100, 200

BODY_PX, SMALL_PX, TITLE_PX = 14, 12, 17
"""Text sizes at 100 %, in device-independent pixels."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and sizes that widgets paint with."""

    palette: Palette
    scale: float
    family: str

    def px(self, size_px: float) -> int:
        """A length at 100 %, in pixels at the scale that holds."""
        return round(size_px * self.scale)

    def font(self, size_px: float = BODY_PX) -> QFont:
        """The bundled font at a size given for 100 %."""
        font = QFont(self.family)
        font.setPixelSize(self.px(size_px))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def colour(self, name: str) -> QColor:
        """A colour of the palette by its name."""
        return QColor(getattr(self.palette, name))


@cache
def load_font() -> str:
    """Register the bundled font, once a process; its family name. Raises: RuntimeError when Qt refuses it, a bug."""
    font_id = QFontDatabase.addApplicationFontFromData(asset_bytes(FONT_FILE))
    if font_id < 0:
        raise RuntimeError(f"Qt does not take {FONT_FILE}.")
    return QFontDatabase.applicationFontFamilies(font_id)[0]


class Theme(QObject):
    """Holds the `Look` and puts it on the application.

    Signals: `changed(Look)` after every change.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name: ThemeName = "system"
        self.look = Look(LIGHT, 1.0, load_font())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    def choose(self, name: ThemeName, scale_percent: int) -> None:
        """Take over theme and scale, 100 to 200 percent."""
        self._name = name
        scale = min(max(scale_percent, SCALE_PERCENT_MIN), SCALE_PERCENT_MAX) / 100
        self._apply(replace(self.look, palette=self._palette(), scale=scale))

    def _palette(self) -> Palette:
        if self._name == "system":
            dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
            return DARK if dark else LIGHT
        return DARK if self._name == "dark" else LIGHT

    def _system_changed(self) -> None:
        if self._name == "system":
            self._apply(replace(self.look, palette=self._palette()))

    def _apply(self, look: Look) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self.look = look
        application.setFont(look.font())
        application.setPalette(_qt_palette(look))
        application.setStyleSheet(style_sheet(look.palette, look.px))
        log.debug("Look: dark=%s, scale=%.2f", look.palette.dark, look.scale)
        self.changed.emit(look)


def _qt_palette(look: Look) -> QPalette:
    """For what the style draws itself: menus, combo boxes, tool tips."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, name in (
        (roles.Window, "window"),
        (roles.WindowText, "text"),
        (roles.Base, "surface"),
        (roles.AlternateBase, "window"),
        (roles.Text, "text"),
        (roles.Button, "surface"),
        (roles.ButtonText, "text"),
        (roles.BrightText, "recording"),
        (roles.ToolTipBase, "surface"),
        (roles.ToolTipText, "text"),
        (roles.PlaceholderText, "muted"),
        (roles.Highlight, "accent"),
        (roles.HighlightedText, "on_accent"),
        (roles.Link, "accent"),
        (roles.Accent, "accent"),
        (roles.Mid, "outline"),
    ):
        palette.setColor(role, look.colour(name))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, look.colour("muted"))
    return palette
