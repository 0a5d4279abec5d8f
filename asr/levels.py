"""Loudness of a leg for its level bar."""

from __future__ import annotations

import math

import numpy as np

from core.types import Samples

SILENCE_DB = -90.0
"""What a leg shows to which nothing comes; below it 16-bit audio has nothing left."""

WINDOW_SAMPLES = 1600
"""100 ms: long enough to hold a pitch period many times, short enough for the bar to follow syllables."""


def rms_db(samples: Samples) -> float:
    """RMS in dBFS (a full-scale square wave is 0), -90 for silence or no samples.

    `samples`: float32, shape (n_samples,), range [-1, 1].
    """
    if not len(samples):
        return SILENCE_DB
    power = float(np.dot(samples, samples)) / len(samples)
    return max(SILENCE_DB, 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DB


class LevelMeter:
    """RMS of the last 100 ms. One writer; `db` may be read from any thread."""

    def __init__(self) -> None:
        self._window = np.zeros(WINDOW_SAMPLES, dtype=np.float32)

    def add(self, samples: Samples) -> None:
        """Take samples in, 16 kHz mono float32."""
        recent = samples[-WINDOW_SAMPLES:]
        self._window = np.concatenate((self._window[len(recent) :], recent))

    def reset(self) -> None:
        """Nothing comes any more."""
        self._window = np.zeros(WINDOW_SAMPLES, dtype=np.float32)

    @property
    def db(self) -> float:
        """Level in dBFS, at least -90."""
        return rms_db(self._window)
