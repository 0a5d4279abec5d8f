"""Keys that work while another window has the focus: start or end a call, pause, read a number back, mark a chip.

X11: grabs through a connection of our own. Windows: `RegisterHotKey`. Elsewhere there are none, and the buttons do.
"""

from __future__ import annotations

import logging
import re
import sys
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

KeyAction = Literal["call", "pause", "read_number", "wrong_mask", "dismiss"]
"""`dismiss` is Esc, which is taken only while there is something to dismiss; the others are settings."""

DEFAULT_KEYS: dict[KeyAction, str] = {
    "call": "Ctrl+Alt+C",
    "pause": "Ctrl+Alt+S",
    "read_number": "Ctrl+Alt+R",
    "wrong_mask": "Ctrl+Alt+M",
}
"""Free of the keys that cards, timeline and scripts use, and of what desktops take (Ctrl+Alt+T, L, Del)."""

_CHORD = re.compile(r"^(?P<modifiers>(?:(?:Ctrl|Alt|Shift)\+)+)(?P<key>[A-Z0-9]|F[1-9]|F1[0-2])$")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chord:
    """Modifiers and one key."""

    ctrl: bool
    alt: bool
    shift: bool
    key: str
    """`A` to `Z`, `0` to `9`, `F1` to `F12`, or `Escape`, which no setting can choose."""


ESCAPE = Chord(ctrl=False, alt=False, shift=False, key="Escape")


def parse_chord(text: str) -> Chord | None:
    """`Ctrl+Alt+C` as a chord; None for what is none. Shift alone is refused, it would swallow typing."""
    match = _CHORD.match(text)
    if match is None:
        return None
    modifiers = match["modifiers"].rstrip("+").split("+")
    if set(modifiers) == {"Shift"}:
        return None
    return Chord("Ctrl" in modifiers, "Alt" in modifiers, "Shift" in modifiers, match["key"])


class KeyGrabber(Protocol):
    """Takes keys from the system and reports presses on a thread of its own."""

    def grab(self, chords: dict[KeyAction, Chord]) -> list[KeyAction]:
        """Take these and no others; the actions whose key somebody else holds."""
        ...

    def close(self) -> None:
        """Give all keys back."""
        ...


class Hotkeys(QObject):
    """Global keys of the window.

    Signals: `pressed(str)` with the action, on the main thread; `taken(str)` for an action whose key another program
    holds.
    """

    pressed = Signal(str)
    taken = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # A signal sent from the grabber's thread is queued for this object's thread.
        self._grabber = _platform_grabber(self.pressed.emit)
        self._chords: dict[KeyAction, Chord] = {}
        self._takes_escape = False

    @property
    def available(self) -> bool:
        """Whether this platform gives global keys."""
        return self._grabber is not None

    def bind(self, keys: dict[KeyAction, str]) -> None:
        """Take these keys; an empty text leaves an action without one."""
        self._chords = {action: chord for action, text in keys.items() if (chord := parse_chord(text)) is not None}
        for action in self._grab():
            log.warning("The key for %s is held by another program", action)
            self.taken.emit(action)

    def take_escape(self, takes: bool) -> None:
        """Take Esc from the window in front, or give it back; without it there is still the button."""
        if takes != self._takes_escape:
            self._takes_escape = takes
            # Keys that others hold have been told of already.
            self._grab()

    def close(self) -> None:
        """Give all keys back."""
        if self._grabber is not None:
            self._grabber.close()
            self._grabber = None

    def _grab(self) -> list[KeyAction]:
        """The actions of the settings whose key another program holds."""
        if self._grabber is None:
            return []
        chords = self._chords | ({"dismiss": ESCAPE} if self._takes_escape else {})
        return [action for action in self._grabber.grab(chords) if action != "dismiss"]


class PressListener(Protocol):
    """What a grabber calls with an action."""

    def __call__(self, action: str, /) -> None:
        """An action's key was pressed."""
        ...


def _platform_grabber(pressed: PressListener) -> KeyGrabber | None:
    platform = QGuiApplication.platformName()
    if platform == "xcb":
        from app.desk.docking_x11 import XUnavailable  # noqa: PLC0415 - Linux alone has python-xlib
        from app.desk.hotkeys_x11 import XKeyGrabber  # noqa: PLC0415 - likewise

        try:
            return XKeyGrabber(pressed)
        except XUnavailable:
            log.warning("No connection of our own to the X server: no global keys")
    elif sys.platform == "win32" and platform == "windows":
        from app.desk.hotkeys_windows import WindowsKeyGrabber  # noqa: PLC0415 - exists on Windows alone

        return WindowsKeyGrabber(pressed)
    return None
