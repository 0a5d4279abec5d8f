"""A device as an `AudioSource` of one leg."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Literal, Protocol

from asr.sources.clock import IDLE_SAMPLES, CallClock, LegClock
from asr.sources.ring import Ring
from core.errors import DeviceFault
from core.types import SAMPLE_RATE_HZ, AudioFrame, Gap, Leg

POLL_S = 0.02
"""How often a reader looks up while nothing comes."""

LATE_OPEN_SAMPLES = 1600
"""A device that opens 100 ms after the call's origin missed something; sooner than that, it was still starting."""

IDLE_S = IDLE_SAMPLES / SAMPLE_RATE_HZ
SETTLE_S = 0.01
"""After an idle span the first block may be one of many that were held up: let them all arrive, then place them."""

DEAD_MICROPHONE_S = 3.0
"""A microphone always delivers; one that is silent for so long has gone without saying so. A loopback may be idle."""


log = logging.getLogger(__name__)


class Capture(Protocol):
    """A device that records into a ring from its construction until `stop`."""

    def stop(self) -> None:
        """Release the device. Idempotent."""
        ...


class LiveSource:
    """One device on one leg, until it is closed or its device goes (DeviceFault).

    The device opens with `open`, or with the first frame. Sources that share a `CallClock` share the origin of their
    samples. What the device delivered before the clock started is not kept.
    """

    def __init__(
        self,
        leg: Leg,
        kind: Literal["microphone", "loopback"],
        capture: Callable[[Ring], Capture],
        *,
        name: str = "",
        clock: CallClock | None = None,
    ) -> None:
        self.legs: tuple[Leg, ...] = (leg,)
        self.name = name
        self._kind = kind
        self._start_capture = capture
        self._clock = clock or CallClock()
        self._leg_clock: LegClock | None = None
        self._ring = Ring()
        self._capture: Capture | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def open(self) -> None:
        """Open the device unless it is open. Raises DeviceFault."""
        with self._lock:
            if self._capture is None and not self._closed.is_set():
                self._capture = self._start_capture(self._ring)

    def close(self) -> None:
        """Stop and release the device. Idempotent, any thread; `frames` ends."""
        self._closed.set()
        self._ring.wake()
        with self._lock:
            if self._capture is not None:
                self._capture.stop()
                self._capture = None
                if self.slips:
                    log.info("leg %s: the device's clock was off by %d blocks of 20 ms", self.legs[0], self.slips)

    def dropped(self) -> list[Gap]:
        """Spans lost since the last call. The reader's thread."""
        return self._leg_clock.take_gaps() if self._leg_clock else []

    @property
    def slips(self) -> int:
        """20 ms blocks put in less those taken out, to follow the device's crystal."""
        return self._leg_clock.slips if self._leg_clock else 0

    def frames(self) -> Iterator[AudioFrame]:
        """Frames in order of time, without end. Raises DeviceFault when the device cannot be opened or has gone."""
        self.open()
        first = max(self._clock.from_sample, self._clock.sample_at(time.monotonic()))
        # A device opened with the clock begins at its origin; one opened later in the call, where the call is now.
        late_open = first - self._clock.from_sample > LATE_OPEN_SAMPLES
        leg_clock = LegClock(self.legs[0], self._clock, at_sample=first if late_open else None)
        self._leg_clock = leg_clock
        idle_s = 0.0
        looked_s = time.monotonic()
        while not self._closed.is_set():
            block = self._ring.read(POLL_S)
            now_s = time.monotonic()
            if block is not None:
                if idle_s >= IDLE_S:
                    self._closed.wait(SETTLE_S)
                yield from leg_clock.place(block)
                idle_s = 0.0
            elif self._ring.failure:
                raise DeviceFault(self._ring.failure, remedy="Plug it in again, or choose another one.")
            else:
                # Only time in which this thread did look counts: after a stall of the whole process, what the device
                # delivered meanwhile is still on its way.
                idle_s += min(now_s - looked_s, 2 * POLL_S)
                if self._kind == "microphone" and idle_s > DEAD_MICROPHONE_S:
                    raise DeviceFault(
                        "The microphone delivers nothing.", remedy="Plug it in again, or choose another one."
                    )
                if idle_s >= IDLE_S:
                    yield from leg_clock.idle(now_s)
            looked_s = now_s
