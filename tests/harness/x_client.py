"""Another program's window on a test's display, and what the window manager says of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from Xlib import X, display
from Xlib.protocol import event
from Xlib.xobject.drawable import Window

DEADLINE_S = 20.0


class OtherWindow:
    """A plain window that takes the focus, as a softphone's does."""

    def __init__(self, name: str) -> None:
        self.display = display.Display(name)
        self.screen = self.display.screen()
        self.window: Window = self.screen.root.create_window(
            100, 100, 400, 300, 0, self.screen.root_depth, event_mask=X.PropertyChangeMask | X.KeyPressMask
        )
        self.window.set_wm_name("softphone")
        self.window.set_wm_class("softphone", "Softphone")
        self.window.map()
        self.display.flush()
        self.wait(lambda: self.active_window() == self.window.id)

    def property(self, window: Window, name: str) -> list[int]:
        found = window.get_full_property(self.display.intern_atom(name), X.AnyPropertyType)
        return [] if found is None else list(found.value)

    def active_window(self) -> int:
        """The window that has the focus, as the window manager says."""
        return (self.property(self.screen.root, "_NET_ACTIVE_WINDOW") or [0])[0]

    def work_area(self) -> list[int]:
        """Left, top, width and height that windows may cover, pixels."""
        return self.property(self.screen.root, "_NET_WORKAREA")[:4]

    def toggle(self, state: str, second: str = "") -> None:
        """Ask the window manager to toggle states, and wait until it has: all it was asked before is then done."""
        states = [self.display.intern_atom(name) for name in (state, second) if name]
        had = states[0] in self.property(self.window, "_NET_WM_STATE")
        message = event.ClientMessage(
            window=self.window,
            client_type=self.display.intern_atom("_NET_WM_STATE"),
            data=(32, [2, states[0], states[1] if len(states) > 1 else 0, 1, 0]),
        )
        self.screen.root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        self.display.flush()
        self.wait(lambda: (states[0] in self.property(self.window, "_NET_WM_STATE")) != had)

    def settle(self) -> None:
        """Wait until the window manager has done all that it was asked so far."""
        self.toggle("_NET_WM_STATE_SKIP_PAGER")

    def geometry(self) -> tuple[int, int, int, int]:
        """Left, top, width and height on the screen, pixels, without the frame."""
        size = self.window.get_geometry()
        place = self.screen.root.translate_coords(self.window, 0, 0)
        return -place.x if place.x < 0 else place.x, place.y, size.width, size.height

    def wait(self, ready: Callable[[], bool]) -> None:
        """Wait for the window manager. Fails when it does not answer in time."""
        deadline = time.monotonic() + DEADLINE_S
        while not ready():
            assert time.monotonic() < deadline, "the window manager does not answer"
            time.sleep(0.01)


@contextmanager
def other_window(name: str) -> Iterator[OtherWindow]:
    """Another program's window for the length of a `with` block."""
    window = OtherWindow(name)
    try:
        yield window
    finally:
        window.window.destroy()
        window.display.close()
