"""An application bar on Windows, through `SHAppBarMessage`. Untested: written from the reference, not yet run there.

Source: Win32 reference, "Using Application Desktop Toolbars".
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes

from PySide6.QtCore import QRect

from app.desk.docking import Edge

ABM_NEW, ABM_REMOVE, ABM_QUERYPOS, ABM_SETPOS = 0, 1, 2, 3
ABE_LEFT, ABE_RIGHT = 0, 2


class _AppBarData(ctypes.Structure):
    _fields_ = (
        ("cbSize", wintypes.DWORD),
        ("hWnd", wintypes.HWND),
        ("uCallbackMessage", wintypes.UINT),
        ("uEdge", wintypes.UINT),
        ("rc", wintypes.RECT),
        ("lParam", wintypes.LPARAM),
    )


class AppBarReservation:
    """Keeps the edge free as an application bar."""

    def __init__(self) -> None:
        self._window_id = 0

    def reserve(self, window_id: int, edge: Edge, desktop: QRect, room: QRect) -> None:  # noqa: ARG002 - X11 needs it
        """Register the bar once, then take its place."""
        if not self._window_id:
            self._window_id = window_id
            self._send(ABM_NEW, self._data())
        data = self._data()
        data.uEdge = ABE_LEFT if edge == "left" else ABE_RIGHT
        data.rc = wintypes.RECT(room.left(), room.top(), room.right() + 1, room.bottom() + 1)
        self._send(ABM_QUERYPOS, data)
        self._send(ABM_SETPOS, data)

    def release(self) -> None:
        """Give the room back."""
        if self._window_id:
            self._send(ABM_REMOVE, self._data())
            self._window_id = 0

    def close(self) -> None:
        """Give the room back."""
        self.release()

    def _data(self) -> _AppBarData:
        data = _AppBarData()
        data.cbSize = ctypes.sizeof(_AppBarData)
        data.hWnd = self._window_id
        return data

    def _send(self, message: int, data: _AppBarData) -> None:
        if sys.platform == "win32":
            ctypes.windll.shell32.SHAppBarMessage(message, ctypes.byref(data))
