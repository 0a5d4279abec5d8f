"""A new recogniser is fed what the old one had not written down, from the very sample on."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.kept_audio import KEEP_S, KeptAudio
from core.messages import AudioChunk
from core.types import SAMPLE_RATE_HZ


def chunk(start: int, count: int) -> AudioChunk:
    return AudioChunk("c", "agent", start, np.arange(start, start + count, dtype="<i2").tobytes())


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.lists(st.integers(-5, 900), max_size=5))
def test_what_is_unwritten_is_whole(sizes: list[int], written: list[int]) -> None:
    audio, at = KeptAudio(), 0
    for size in sizes:
        audio.add(chunk(at, size))
        at += size
    for sample in written:
        audio.forget("agent", sample)
    assert audio.heard == {"agent": at, "customer": 0}
    fed = list(audio.unwritten("agent"))
    begin = min(max([0, *written]), at)
    samples = [sample for one in fed for sample in np.frombuffer(one.pcm, "<i2")]
    assert samples == list(range(begin, at))
    assert all(one.start_sample == np.frombuffer(one.pcm, "<i2")[0] for one in fed)
    assert list(audio.unwritten("customer")) == []


def test_no_more_than_two_minutes_are_kept() -> None:
    audio = KeptAudio()
    second = bytes(2 * SAMPLE_RATE_HZ)
    for start in range(0, (KEEP_S + 60) * SAMPLE_RATE_HZ, SAMPLE_RATE_HZ):
        audio.add(AudioChunk("c", "customer", start, second))
    fed = list(audio.unwritten("customer"))
    assert len(fed) == KEEP_S
    assert fed[0].start_sample == 60 * SAMPLE_RATE_HZ
