"""A preallocated ring of samples between a device's callback and the thread that reads it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from core.types import SAMPLE_RATE_HZ, Samples

RING_S = 10.0
"""Longer than any stall a desk recovers from by itself; 640 kB a leg."""

WAKE_SAMPLES = 320
"""The reader is woken for 20 ms at least: a server may call back every 2 ms with a handful of samples."""


@dataclass(frozen=True, slots=True)
class Block:
    """Samples that arrived together.

    `arrival_s` is the monotonic time at which the last of them was handed over; `lost_samples` were missed just
    before the first of them.
    """

    samples: Samples
    arrival_s: float
    lost_samples: int = 0


class Ring:
    """Single writer, single reader, bounded. The writer never waits: what finds no room is counted as lost."""

    def __init__(self, capacity_samples: int = int(RING_S * SAMPLE_RATE_HZ)) -> None:
        self._samples = np.zeros(capacity_samples, dtype=np.float32)
        self._entries: deque[tuple[int, float, int]] = deque()
        self._written = 0
        self._read = 0
        self._lost = 0
        self._failure = ""
        self._wake = threading.Event()

    @property
    def failure(self) -> str:
        """Why no more samples will come, or an empty string."""
        return self._failure

    def write(self, samples: Samples, arrival_s: float) -> None:
        """Copy a callback's samples in. Writer's thread; allocates no array and waits for nobody."""
        count = len(samples)
        capacity = len(self._samples)
        if count > capacity - (self._written - self._read):
            self._lost += count
            return
        at = self._written % capacity
        head = min(count, capacity - at)
        self._samples[at : at + head] = samples[:head]
        self._samples[: count - head] = samples[head:]
        self._written += count
        self._entries.append((count, arrival_s, self._lost))
        self._lost = 0
        if self._written - self._read >= WAKE_SAMPLES:
            self._wake.set()

    def lose(self, count: int) -> None:
        """The device itself reports samples lost before the next write. Writer's thread."""
        self._lost += count

    def fail(self, reason: str) -> None:
        """No more samples will come; what was written can still be read. Any thread."""
        self._failure = self._failure or reason
        self._wake.set()

    def wake(self) -> None:
        """Let a waiting reader look up. Any thread."""
        self._wake.set()

    def read(self, timeout_s: float) -> Block | None:
        """What has arrived up to the next loss, or None when less than 20 ms came. Reader's thread.

        Once the writer has failed, whatever is left is returned at once.
        """
        if self._written - self._read < WAKE_SAMPLES and not self._failure:
            self._wake.wait(timeout_s)
        self._wake.clear()
        if not self._entries or (self._written - self._read < WAKE_SAMPLES and not self._failure):
            return None
        count, arrival_s, lost = self._entries.popleft()
        while self._entries and not self._entries[0][2]:
            more, arrival_s, _ = self._entries.popleft()
            count += more
        capacity = len(self._samples)
        at = self._read % capacity
        head = min(count, capacity - at)
        samples = np.concatenate((self._samples[at : at + head], self._samples[: count - head]))
        self._read += count
        return Block(samples, arrival_s, lost)
