"""Samples of a leg are addressed by their place in the call, whatever was appended and dropped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.buffer import LegBuffer
from core.types import SAMPLE_RATE_HZ, Samples


def numbered(start: int, count: int) -> Samples:
    """Samples that tell their own place in the call (exact in float32 below 2**24)."""
    return np.arange(start, start + count, dtype=np.float32)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 40_000)), st.tuples(st.just("drop"), st.integers(-20_000, 60_000))
    ),
    max_size=30,
)


@settings(max_examples=30, deadline=None)
@given(begin=st.integers(0, 100_000), steps=STEPS, data=st.data())
def test_every_sample_still_held_lies_at_its_place(
    begin: int, steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    buffer = LegBuffer()
    buffer.start_sample = end = begin
    for kind, value in steps:
        before = buffer.start_sample
        if kind == "append":
            buffer.append(numbered(end, value))
            end += value
        else:
            buffer.drop_before(before + value)
            # What lies at or after the place asked for is never forgotten, and nothing comes back.
            assert before <= buffer.start_sample <= max(before, before + value)
        assert buffer.end_sample == end
    first = data.draw(st.integers(buffer.start_sample, end))
    last = data.draw(st.integers(first, end))
    np.testing.assert_array_equal(buffer.clip(first, last), numbered(first, last - first))


def test_dropping_waits_until_a_second_is_due() -> None:
    buffer = LegBuffer()
    buffer.append(numbered(0, 2 * SAMPLE_RATE_HZ))
    buffer.drop_before(SAMPLE_RATE_HZ - 1)
    assert buffer.start_sample == 0
    buffer.drop_before(SAMPLE_RATE_HZ)
    assert buffer.start_sample == SAMPLE_RATE_HZ


def test_samples_that_are_not_here_are_refused() -> None:
    buffer = LegBuffer()
    buffer.append(numbered(0, 20_000))
    buffer.drop_before(16_000)
    for first, last in ((15_999, 16_010), (19_000, 20_001)):
        with pytest.raises(IndexError):
            buffer.clip(first, last)


def test_a_clip_is_a_copy() -> None:
    buffer = LegBuffer()
    buffer.append(numbered(0, 40_000))
    clip = buffer.clip(20_000, 20_010)
    buffer.drop_before(39_000)
    buffer.append(np.zeros(30_000, np.float32))
    np.testing.assert_array_equal(clip, numbered(20_000, 10))


def test_more_than_its_first_capacity_is_held() -> None:
    buffer = LegBuffer()
    for start in range(0, 70 * SAMPLE_RATE_HZ, SAMPLE_RATE_HZ):
        buffer.append(numbered(start, SAMPLE_RATE_HZ))
    assert buffer.start_sample == 0
    np.testing.assert_array_equal(
        buffer.clip(69 * SAMPLE_RATE_HZ - 5, 69 * SAMPLE_RATE_HZ + 5), numbered(1_103_995, 10)
    )
