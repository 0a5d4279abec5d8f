"""Samples of one leg that may still be needed, addressed by their place in the call."""

from __future__ import annotations

import numpy as np

from core.types import SAMPLE_RATE_HZ, Samples

_CAPACITY_S = 64


class LegBuffer:
    """A window over a leg's samples: appended at the end, dropped from the front."""

    def __init__(self) -> None:
        self._data = np.zeros(_CAPACITY_S * SAMPLE_RATE_HZ, np.float32)
        self._filled = 0
        self.start_sample = 0

    @property
    def end_sample(self) -> int:
        """First sample not yet here."""
        return self.start_sample + self._filled

    def append(self, samples: Samples) -> None:
        """Add samples at the end; the store grows when nothing was dropped for long."""
        needed = self._filled + len(samples)
        if needed > len(self._data):
            grown = np.zeros(max(needed, 2 * len(self._data)), np.float32)
            grown[: self._filled] = self._data[: self._filled]
            self._data = grown
        self._data[self._filled : needed] = samples
        self._filled = needed

    def clip(self, start_sample: int, end_sample: int) -> Samples:
        """A copy of samples [start_sample, end_sample). Raises IndexError when they are not all here."""
        if start_sample < self.start_sample or end_sample > self.end_sample:
            raise IndexError(f"samples {start_sample}..{end_sample} of {self.start_sample}..{self.end_sample}")
        return self._data[start_sample - self.start_sample : end_sample - self.start_sample].copy()

    def drop_before(self, sample: int) -> None:
        """Forget what lies before `sample`, in steps of a second at least."""
        surplus = min(sample - self.start_sample, self._filled)
        if surplus < SAMPLE_RATE_HZ:
            return
        self._data[: self._filled - surplus] = self._data[surplus : self._filled]
        self._filled -= surplus
        self.start_sample += surplus
