"""Loudness of a leg."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.levels import SILENCE_DB, LevelMeter, rms_db
from tests.harness.sound import tone


def test_known_levels() -> None:
    assert rms_db(np.ones(1600, dtype=np.float32)) == pytest.approx(0.0)
    assert rms_db(tone(1, 1000, level=1.0)) == pytest.approx(-3.01, abs=0.01)
    assert rms_db(tone(1, 1000, level=0.1)) == pytest.approx(-23.01, abs=0.01)
    assert rms_db(np.zeros(1600, dtype=np.float32)) == SILENCE_DB
    assert rms_db(np.zeros(0, dtype=np.float32)) == SILENCE_DB


def test_the_meter_shows_the_last_100_ms() -> None:
    meter = LevelMeter()
    assert meter.db == SILENCE_DB
    meter.add(tone(1, 500, level=0.5))
    assert meter.db == pytest.approx(-9.03, abs=0.1)
    meter.add(np.zeros(800, dtype=np.float32))
    assert meter.db == pytest.approx(-12.04, abs=0.1)
    meter.add(np.zeros(800, dtype=np.float32))
    assert meter.db == SILENCE_DB
    meter.add(tone(1, 500))
    meter.reset()
    assert meter.db == SILENCE_DB


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=20))
def test_the_size_of_frames_does_not_matter(sizes: list[int]) -> None:
    sound = tone(sum(sizes) / 16_000, 200)
    meter, at = LevelMeter(), 0
    for size in sizes:
        meter.add(sound[at : at + size])
        at += size
    whole = LevelMeter()
    whole.add(sound)
    assert meter.db == pytest.approx(whole.db)
