"""Global keys under X11: passive grabs on the root window, on a connection and a thread of their own."""

from __future__ import annotations

import os
import select
from threading import Lock, Thread

from Xlib import XK, X, error
from Xlib.protocol import event as x_event

from app.desk.docking_x11 import open_display
from app.desk.hotkeys import Chord, KeyAction, PressListener

# Caps Lock and Num Lock (Mod2 on every common layout) must not matter.
_IGNORED_LOCKS = (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask)
_MEANT_MODIFIERS = X.ControlMask | X.Mod1Mask | X.ShiftMask | X.Mod4Mask

Grab = tuple[int, int]
"""Key code and modifier mask."""


class XKeyGrabber:
    """Takes keys on the root window. `pressed` is called on the grabber's thread."""

    def __init__(self, pressed: PressListener) -> None:
        self._pressed = pressed
        self._display = open_display()
        self._root = self._display.screen().root
        # python-xlib's own lock guards single requests; this one guards a whole exchange against the reading thread.
        self._lock = Lock()
        self._grabs: dict[Grab, KeyAction] = {}
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread = Thread(target=self._listen, name="hotkeys", daemon=True)
        self._thread.start()

    def grab(self, chords: dict[KeyAction, Chord]) -> list[KeyAction]:
        """Take these keys and no others; the actions whose key another program holds."""
        refused: list[KeyAction] = []
        with self._lock:
            self._release()
            for action, chord in chords.items():
                code = self._display.keysym_to_keycode(
                    XK.string_to_keysym(chord.key.lower() if len(chord.key) == 1 else chord.key)
                )
                mask = X.ControlMask * chord.ctrl | X.Mod1Mask * chord.alt | X.ShiftMask * chord.shift
                held = error.CatchError(error.BadAccess)
                for locks in _IGNORED_LOCKS:
                    self._root.grab_key(code, mask | locks, False, X.GrabModeAsync, X.GrabModeAsync, onerror=held)
                self._display.sync()
                if code == 0 or held.get_error() is not None:
                    refused.append(action)
                    self._ungrab(code, mask)
                else:
                    self._grabs[code, mask] = action
        os.write(self._wake_writer, b"g")
        return refused

    def close(self) -> None:
        """Give all keys back and end the thread."""
        os.write(self._wake_writer, b"q")
        self._thread.join()
        with self._lock:
            self._release()
            self._display.close()
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def _release(self) -> None:
        for code, mask in self._grabs:
            self._ungrab(code, mask)
        self._grabs.clear()
        self._display.sync()

    def _ungrab(self, code: int, mask: int) -> None:
        for locks in _IGNORED_LOCKS:
            self._root.ungrab_key(code, mask | locks)

    def _listen(self) -> None:
        while True:
            ready, _, _ = select.select([self._display.fileno(), self._wake_reader], [], [])
            if self._wake_reader in ready and os.read(self._wake_reader, 1) == b"q":
                return
            actions: list[KeyAction] = []
            with self._lock:
                try:
                    # Also what a synchronous exchange of `grab` has read and queued meanwhile.
                    while self._display.pending_events():
                        action = self._action(self._display.next_event())
                        if action is not None:
                            actions.append(action)
                except (error.ConnectionClosedError, OSError):
                    # The X server has gone, and the window with it.
                    return
            for action in actions:
                self._pressed(action)

    def _action(self, event: x_event.KeyPress) -> KeyAction | None:
        if event.type != X.KeyPress:
            return None
        return self._grabs.get((event.detail, event.state & _MEANT_MODIFIERS))


def _keysym(key: str) -> int:
    """Letters have their keysym in lower case, function keys in upper case."""
    keysym: int = XK.string_to_keysym(key.lower() if len(key) == 1 else key)
    return keysym
