"""The ring between a callback and its reader."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.sources.ring import WAKE_SAMPLES, Ring


def ramp(start: int, count: int) -> np.ndarray:
    return np.arange(start, start + count, dtype=np.float32)


@given(st.lists(st.integers(1, 900), max_size=60), st.data())
def test_hands_on_every_sample_in_order_or_counts_it_as_lost(sizes: list[int], data: st.DataObject) -> None:
    ring = Ring(2000)
    written = lost = 0
    received: list[np.ndarray] = []
    for size in sizes:
        ring.write(ramp(written, size), float(written))
        written += size
        if data.draw(st.booleans()) and (block := ring.read(0)):
            lost += block.lost_samples
            received.append(block.samples)
    ring.fail("end")
    while (block := ring.read(0)) is not None:
        lost += block.lost_samples
        received.append(block.samples)
    ring_lost = written - lost - sum(map(len, received))
    assert ring_lost >= 0  # what was lost after the last sample that found room is never reported as if before one
    values = np.concatenate(received) if received else np.zeros(0)
    assert np.all(np.diff(values) >= 1)
    missing = sum(int(step) - 1 for step in np.diff(values) if step > 1)
    assert missing == lost


def test_a_reader_that_stops_costs_the_newest_samples_and_they_are_counted() -> None:
    ring = Ring(1000)
    ring.write(ramp(0, 800), 1.0)
    ring.write(ramp(800, 400), 2.0)  # does not fit
    assert np.array_equal(ring.read(0).samples, ramp(0, 800))
    ring.write(ramp(1200, 400), 3.0)
    block = ring.read(0)
    assert (block.lost_samples, block.arrival_s) == (400, 3.0)
    assert np.array_equal(block.samples, ramp(1200, 400))


def test_a_handful_of_samples_waits_for_company() -> None:
    ring = Ring()
    ring.write(ramp(0, 2), 1.0)
    assert ring.read(0) is None
    ring.write(ramp(2, WAKE_SAMPLES), 2.0)
    block = ring.read(0)
    assert len(block.samples) == WAKE_SAMPLES + 2
    assert block.arrival_s == 2.0


def test_what_the_device_reports_lost_comes_with_the_next_samples() -> None:
    ring = Ring()
    ring.write(ramp(0, 400), 1.0)
    ring.lose(77)
    ring.write(ramp(477, 400), 2.0)
    assert ring.read(0).lost_samples == 0
    assert ring.read(0).lost_samples == 77


def test_after_a_failure_what_was_written_can_still_be_read() -> None:
    ring = Ring()
    ring.write(ramp(0, 5), 1.0)
    ring.fail("gone")
    ring.fail("later")
    assert len(ring.read(0).samples) == 5
    assert ring.read(0) is None
    assert ring.failure == "gone"


@pytest.mark.parametrize("event", ["write", "fail", "wake"])
def test_a_waiting_reader_is_woken(event: str) -> None:
    ring = Ring()
    woken = threading.Event()

    def wait() -> None:
        ring.read(30)
        woken.set()

    thread = threading.Thread(target=wait)
    thread.start()
    {"write": lambda: ring.write(ramp(0, 400), 1.0), "fail": lambda: ring.fail("gone"), "wake": ring.wake}[event]()
    assert woken.wait(5)
    thread.join()
