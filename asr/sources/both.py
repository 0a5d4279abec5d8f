"""Two sources of one leg each as one source of a call."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator

from core.errors import TingbanError
from core.protocols import AudioSource
from core.types import AudioFrame, Gap, Leg

QUEUE_FRAMES = 64
"""At most 3 s of two legs. When full, the legs wait in their own rings, which count what they lose."""

LOOK_UP_S = 0.1


class BothLegs:
    """Runs two sources, each in a thread of its own, and interleaves their frames. Ends when both have ended."""

    def __init__(self, agent: AudioSource, customer: AudioSource) -> None:
        """The sources should share a `CallClock`."""
        self._sources = (agent, customer)
        self.legs: tuple[Leg, ...] = (*agent.legs, *customer.legs)
        self._queue: queue.Queue[AudioFrame | TingbanError | None] = queue.Queue(QUEUE_FRAMES)
        self._gaps: deque[Gap] = deque()
        self._closed = threading.Event()

    def close(self) -> None:
        """Stop both. Idempotent, any thread."""
        self._closed.set()
        for source in self._sources:
            source.close()

    def dropped(self) -> list[Gap]:
        """Spans lost on either leg since the last call."""
        return [self._gaps.popleft() for _ in range(len(self._gaps))]

    def frames(self) -> Iterator[AudioFrame]:
        """Frames of both legs. A leg that fails ends both, with its DeviceFault or BadInput."""
        threads = [
            threading.Thread(target=self._run, args=(source,), name=f"leg-{source.legs[0]}") for source in self._sources
        ]
        for thread in threads:
            thread.start()
        running = len(threads)
        try:
            while running and not self._closed.is_set():
                try:
                    item = self._queue.get(timeout=LOOK_UP_S)
                except queue.Empty:
                    continue
                if isinstance(item, TingbanError):
                    raise item
                if item is None:
                    running -= 1
                else:
                    yield item
        finally:
            self.close()
            for thread in threads:
                thread.join()

    def _run(self, source: AudioSource) -> None:
        try:
            for frame in source.frames():
                self._gaps.extend(source.dropped())
                if not self._put(frame):
                    return
            self._gaps.extend(source.dropped())
            self._put(None)
        except TingbanError as fault:
            self._put(fault)

    def _put(self, item: AudioFrame | TingbanError | None) -> bool:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=LOOK_UP_S)
            except queue.Full:
                continue
            return True
        return False
