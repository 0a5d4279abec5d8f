"""Keeps one source open in a thread of its own: a device that fails or goes is tried again while other legs go on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from core.errors import DeviceFault, TingbanError
from core.protocols import AudioSource
from core.types import AudioFrame, Gap

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 4.0
"""Half a second finds a headset that was moved to another socket; four keep a desk without one quiet."""

JOIN_S = 2.0

log = logging.getLogger(__name__)


class NamedSource(AudioSource, Protocol):
    """A source that says which device or file it is."""

    name: str


class Sink(Protocol):
    """What a loop tells of its source, all on the loop's thread."""

    def opened(self, name: str) -> None:
        """The device runs, or runs again."""
        ...

    def frame(self, frame: AudioFrame, gaps: list[Gap]) -> None:
        """A frame, and the spans lost just before it."""
        ...

    def failed(self, fault: TingbanError, *, retrying: bool) -> None:
        """The device could not be opened or has gone; told once until it runs again."""
        ...

    def ended(self) -> None:
        """No more frames will come."""
        ...


class DeviceLoop(threading.Thread):
    """Opens a source, hands its frames to a sink, and opens it again when its device goes, until `stop`."""

    def __init__(self, name: str, open_source: Callable[[], NamedSource], sink: Sink, go: threading.Event) -> None:
        """`go`: frames are taken once it is set; the device is opened before."""
        super().__init__(name=name, daemon=True)
        self.tried = threading.Event()
        """Set after the first attempt to open, whatever came of it."""
        self._open_source = open_source
        self._sink = sink
        self._go = go
        self._stopping = threading.Event()
        self._source: NamedSource | None = None
        self._lock = threading.Lock()
        self._finished = False

    def stop(self) -> None:
        """End the loop and release the device; returns when it has, or after `JOIN_S` where a driver hangs."""
        self._stopping.set()
        self._go.set()
        with self._lock:
            if self._source is not None:
                self._source.close()
        self.join(JOIN_S)
        if self.is_alive():
            log.error("device loop %s hangs", self.name)

    def run(self) -> None:
        retry_s = FIRST_RETRY_S
        failing = False
        while not self._stopping.is_set():
            fault: TingbanError | None = None
            try:
                source = self._opened()
                if source is None:
                    break
                failing = False
                for frame in source.frames():
                    retry_s = FIRST_RETRY_S
                    self._sink.frame(frame, source.dropped())
            except TingbanError as error:
                fault = error
            finally:
                self.tried.set()
                self._release()
            if fault is None:
                break
            retrying = isinstance(fault, DeviceFault)
            if not failing:
                self._sink.failed(fault, retrying=retrying)
                failing = True
            if not retrying:
                break
            self._stopping.wait(retry_s)
            retry_s = min(2 * retry_s, LONGEST_RETRY_S)
        self._sink.ended()
        self._finished = True

    @property
    def crashed(self) -> bool:
        """Whether the thread has died of a bug, which threading reports but does not spread."""
        return self.ident is not None and not self.is_alive() and not self._finished

    def _opened(self) -> NamedSource | None:
        source = self._open_source()
        with self._lock:
            self._source = source
            if self._stopping.is_set():
                return None
        self._sink.opened(source.name)
        self.tried.set()
        self._go.wait()
        return source

    def _release(self) -> None:
        with self._lock:
            if self._source is not None:
                self._source.close()
                self._source = None
