"""Docking at a screen edge: where the panel stands, and the room it reserves there so that it never covers others.

X11: struts through a connection of our own. Windows: an application bar. macOS has no such thing: the panel floats.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal, Protocol

from PySide6.QtCore import QObject, QRect, QSize, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

Edge = Literal["left", "right"]

log = logging.getLogger(__name__)


class Reservation(Protocol):
    """Keeps the room at an edge free of other windows. Lengths in physical pixels of the whole desktop."""

    def reserve(self, window_id: int, edge: Edge, desktop: QRect, room: QRect) -> None:
        """Keep `room`, which touches `edge` of `desktop`, for the window."""
        ...

    def release(self) -> None:
        """Give the room back."""
        ...

    def close(self) -> None:
        """Give the room back for good."""
        ...


class NoReservation:
    """Where the platform keeps no room."""

    def reserve(self, window_id: int, edge: Edge, desktop: QRect, room: QRect) -> None:
        """Keep nothing."""

    def release(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is kept."""


def platform_reservation() -> Reservation:
    """The reservation of this platform; `NoReservation` where there is none, or its server does not answer."""
    platform = QGuiApplication.platformName()
    if platform == "xcb":
        from app.desk.docking_x11 import StrutReservation, XUnavailable  # noqa: PLC0415 - Linux alone has python-xlib

        try:
            return StrutReservation()
        except XUnavailable:
            log.warning("No connection of our own to the X server: the panel reserves no edge")
    elif sys.platform == "win32" and platform == "windows":
        from app.desk.docking_windows import AppBarReservation  # noqa: PLC0415 - exists on Windows alone

        return AppBarReservation()
    return NoReservation()


class Dock(QObject):
    """Places a window at the edge of the screen it follows.

    Signals: `moved()` when screen or work area changed and the window should be placed again.
    """

    moved = Signal()

    def __init__(self, reservation: Reservation, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reservation = reservation
        self._reserved: tuple[Edge, QRect, QRect] | None = None
        self._screen = QGuiApplication.primaryScreen()
        self._other_bars_px = {"left": 0, "right": 0}
        self._listen(self._screen)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenRemoved.connect(self._screen_removed)
        self._measure_other_bars()

    def follow(self, screen: QScreen) -> None:
        """Follow another screen."""
        if screen is not self._screen:
            self._screen.geometryChanged.disconnect(self._changed)
            self._screen.availableGeometryChanged.disconnect(self._work_area_changed)
            self._take(screen)

    def screen_size(self) -> QSize:
        """Size of the screen, device-independent pixels."""
        return self._screen.size()

    @property
    def screen_name(self) -> str:
        """Name of the screen that is followed."""
        return self._screen.name()

    def place(self, window: QWidget, edge: Edge, width_px: int) -> None:
        """Put the window at the edge, in the full height of the work area, and reserve the room it takes."""
        screen, work = self._screen.geometry(), self._screen.availableGeometry()
        inset_px = self._other_bars_px[edge]
        left = screen.left() + inset_px if edge == "left" else screen.right() + 1 - inset_px - width_px
        place = QRect(left, work.top(), width_px, work.height())
        window.setFixedWidth(width_px)
        window.setGeometry(place)
        if not self._at_outer_edge(edge):
            # A strut counts from the edge of the whole desktop and would swallow the screen beyond.
            self.release()
            return
        ratio = self._screen.devicePixelRatio()
        desktop, room = _scaled(self._screen.virtualGeometry(), ratio), _scaled(place, ratio)
        if self._reserved != (edge, desktop, room):
            self._reserved = (edge, desktop, room)
            self._reservation.reserve(int(window.winId()), edge, desktop, room)

    def release(self) -> None:
        """Give the room back."""
        self._reserved = None
        self._reservation.release()

    def close(self) -> None:
        """Give the room back for good."""
        reservation, self._reservation = self._reservation, NoReservation()
        reservation.close()

    def _at_outer_edge(self, edge: Edge) -> bool:
        here = self._screen.geometry()
        for screen in self._screen.virtualSiblings():
            there = screen.geometry()
            beside = there.top() <= here.bottom() and there.bottom() >= here.top()
            beyond = there.left() < here.left() if edge == "left" else there.right() > here.right()
            if beside and beyond:
                return False
        return True

    def _measure_other_bars(self) -> None:
        """Room that other bars hold at the sides, taken while we hold none."""
        screen, work = self._screen.geometry(), self._screen.availableGeometry()
        self._other_bars_px = {"left": work.left() - screen.left(), "right": screen.right() - work.right()}

    def _take(self, screen: QScreen) -> None:
        self.release()
        self._screen = screen
        self._listen(screen)
        self._measure_other_bars()
        self.moved.emit()

    def _listen(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self._changed)
        screen.availableGeometryChanged.connect(self._work_area_changed)

    def _changed(self) -> None:
        log.info("Screen geometry changed: the panel is placed anew")
        self.moved.emit()

    def _work_area_changed(self) -> None:
        # Our own reservation changes the work area too; only its height moves the panel, so this comes to rest.
        self.moved.emit()

    def _screen_removed(self, screen: QScreen) -> None:
        if screen is self._screen:
            self._take(QGuiApplication.primaryScreen())


def _scaled(rect: QRect, ratio: float) -> QRect:
    return QRect(
        round(rect.left() * ratio), round(rect.top() * ratio), round(rect.width() * ratio), round(rect.height() * ratio)
    )
