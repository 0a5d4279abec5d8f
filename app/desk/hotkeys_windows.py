"""Global keys on Windows, through `RegisterHotKey`. Untested: written from the reference, not yet run there.

Source: Win32 reference, `RegisterHotKey`, `GetMessageW`, `PostThreadMessageW`. A hot key belongs to the thread that
registered it, so one thread registers, waits and unregisters.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from queue import Queue
from threading import Event, Thread

from app.desk.hotkeys import Chord, KeyAction, PressListener

WM_HOTKEY, WM_QUIT, WM_APP = 0x0312, 0x0012, 0x8000
MOD_ALT, MOD_CONTROL, MOD_SHIFT, MOD_NOREPEAT = 1, 2, 4, 0x4000
VK_ESCAPE, VK_F1 = 0x1B, 0x70


class WindowsKeyGrabber:
    """Takes keys from the system. `pressed` is called on the grabber's thread."""

    def __init__(self, pressed: PressListener) -> None:
        self._pressed = pressed
        self._asked: Queue[dict[KeyAction, Chord]] = Queue()
        self._refused: Queue[list[KeyAction]] = Queue()
        self._ids: dict[int, KeyAction] = {}
        self._thread_id = 0
        self._running = Event()
        self._thread = Thread(target=self._listen, name="hotkeys", daemon=True)
        self._thread.start()
        self._running.wait()

    def grab(self, chords: dict[KeyAction, Chord]) -> list[KeyAction]:
        """Take these keys and no others; the actions whose key another program holds."""
        self._asked.put(chords)
        self._post(WM_APP)
        return self._refused.get()

    def close(self) -> None:
        """Give all keys back and end the thread."""
        self._post(WM_QUIT)
        self._thread.join()

    def _post(self, message: int) -> None:
        if sys.platform == "win32":
            ctypes.windll.user32.PostThreadMessageW(self._thread_id, message, 0, 0)

    def _listen(self) -> None:
        if sys.platform == "win32":
            user32 = ctypes.windll.user32
            message = wintypes.MSG()
            # Looking once makes the queue of the thread before anybody posts to it.
            user32.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)
            self._thread_id = ctypes.windll.kernel32.GetCurrentThreadId()
            self._running.set()
            while user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
                if message.message == WM_APP:
                    self._refused.put(self._register(self._asked.get()))
                elif message.message == WM_HOTKEY and message.wParam in self._ids:
                    self._pressed(self._ids[message.wParam])
            self._register({})

    def _register(self, chords: dict[KeyAction, Chord]) -> list[KeyAction]:
        refused: list[KeyAction] = []
        if sys.platform == "win32":
            user32 = ctypes.windll.user32
            for hotkey_id in self._ids:
                user32.UnregisterHotKey(None, hotkey_id)
            self._ids.clear()
            for hotkey_id, (action, chord) in enumerate(chords.items(), start=1):
                modifiers = MOD_CONTROL * chord.ctrl | MOD_ALT * chord.alt | MOD_SHIFT * chord.shift | MOD_NOREPEAT
                if user32.RegisterHotKey(None, hotkey_id, modifiers, _virtual_key(chord.key)):
                    self._ids[hotkey_id] = action
                else:
                    refused.append(action)
        return refused


def _virtual_key(key: str) -> int:
    """Virtual key codes of letters and digits are their ASCII codes."""
    if key == "Escape":
        return VK_ESCAPE
    return ord(key) if len(key) == 1 else VK_F1 + int(key[1:]) - 1
