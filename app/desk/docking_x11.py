"""Struts under X11, set through a connection of our own so that no error of ours ends Qt's.

Source: Extended Window Manager Hints 1.5, `_NET_WM_STRUT` and `_NET_WM_STRUT_PARTIAL`.
"""

from __future__ import annotations

from PySide6.QtCore import QRect
from Xlib import X, Xatom, display, error

from app.desk.docking import Edge


class XUnavailable(Exception):
    """No second connection to the X server is to be had."""


def open_display() -> display.Display:
    """A connection to the X server of `DISPLAY`. Raises: XUnavailable."""
    try:
        return display.Display()
    except (error.DisplayError, error.ConnectionClosedError, OSError) as reason:
        raise XUnavailable(str(reason)) from reason


class StrutReservation:
    """Keeps the edge free through struts on the panel's window."""

    def __init__(self) -> None:
        self._display = open_display()
        self._window_id = 0

    def reserve(self, window_id: int, edge: Edge, desktop: QRect, room: QRect) -> None:
        """Set both struts; before the window is mapped, so that no window has to move twice."""
        if edge == "left":
            left_px, right_px = room.right() + 1 - desktop.left(), 0
            spans = [room.top(), room.bottom(), 0, 0, 0, 0, 0, 0]
        else:
            left_px, right_px = 0, desktop.right() + 1 - room.left()
            spans = [0, 0, room.top(), room.bottom(), 0, 0, 0, 0]
        self._window_id = window_id
        self._set("_NET_WM_STRUT", [left_px, right_px, 0, 0])
        self._set("_NET_WM_STRUT_PARTIAL", [left_px, right_px, 0, 0, *spans])
        self._display.sync()

    def release(self) -> None:
        """Take the struts away."""
        if not self._window_id:
            return
        window = self._display.create_resource_object("window", self._window_id)
        for name in ("_NET_WM_STRUT", "_NET_WM_STRUT_PARTIAL"):
            window.delete_property(self._display.intern_atom(name), onerror=error.CatchError(error.BadWindow))
        self._display.sync()
        self._window_id = 0

    def close(self) -> None:
        """Take the struts away and close the connection."""
        self.release()
        self._display.close()

    def _set(self, name: str, values: list[int]) -> None:
        window = self._display.create_resource_object("window", self._window_id)
        # The window may be gone by the time the request arrives; that is no fault.
        gone = error.CatchError(error.BadWindow)
        window.change_property(
            self._display.intern_atom(name), Xatom.CARDINAL, 32, values, X.PropModeReplace, onerror=gone
        )
