"""A leg's place on the call's clock, against simulated devices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from asr.sources.clock import IDLE_SAMPLES, MAX_DRIFT_SAMPLES, CallClock, LegClock
from asr.sources.ring import Block
from core.types import SAMPLE_RATE_HZ, AudioFrame, Gap

BLOCK = 320


class SteadyClock(CallClock):
    """Starts at 100 s of a monotonic clock that the test moves."""

    def start(self) -> float:
        return 100.0


@dataclass
class Device:
    """Delivers blocks of 20 ms; `ppm`: how much faster its crystal runs than the machine's clock."""

    ppm: float = 0.0
    level: float = 0.0
    leg: LegClock = field(default_factory=lambda: LegClock("customer", SteadyClock()))
    now_s: float = 100.0
    frames: list[AudioFrame] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    def run(self, seconds: float, *, jitter_s: float = 0.0, lost: bool = False) -> None:
        for number in range(round(seconds * SAMPLE_RATE_HZ / BLOCK)):
            self.now_s += BLOCK / SAMPLE_RATE_HZ / (1 + self.ppm / 1e6)
            if lost:
                continue
            # Syllables: every tenth block is a pause.
            loud = self.level if number % 10 else self.level / 100
            samples = (self.random.standard_normal(BLOCK) * loud).astype(np.float32)
            self.place(samples, self.now_s + jitter_s * self.random.random())

    def place(self, samples: np.ndarray, arrival_s: float, lost_samples: int = 0) -> None:
        self.frames += self.leg.place(Block(samples, arrival_s, lost_samples))
        self.gaps += self.leg.take_gaps()

    def idle(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s - 1e-6:
            self.now_s += 0.02
            self.frames += self.leg.idle(self.now_s)
        self.gaps += self.leg.take_gaps()

    @property
    def offset_samples(self) -> int:
        """How far the leg is from where the clock says it should be."""
        return SteadyClock().sample_at(self.now_s) - self.leg.position


def assert_contiguous(device: Device) -> None:
    """Every sample is either in one frame or in one gap."""
    position = 0
    gap_samples = 0
    for frame in device.frames:
        assert frame.start_sample >= position
        gap_samples += frame.start_sample - position
        assert 0 < len(frame.samples) <= 1600
        position = frame.end_sample
    declared = sum(gap.end_ms - gap.start_ms for gap in device.gaps) * SAMPLE_RATE_HZ // 1000
    assert abs(gap_samples - declared) <= 16 * len(device.gaps)


def test_a_steady_device_is_placed_as_it_comes() -> None:
    device = Device(level=0.1)
    device.run(10)
    assert_contiguous(device)
    assert device.leg.position == 10 * SAMPLE_RATE_HZ
    assert device.leg.slips == 0
    assert not device.gaps


@pytest.mark.parametrize("ppm", [-500, -100, 100, 500])
@pytest.mark.parametrize("level", [0.0, 0.25])
@pytest.mark.parametrize("jitter_s", [0.0, 0.03])
def test_a_crystal_that_runs_fast_or_slow_stays_within_50_ms_and_loses_no_speech(
    ppm: float, level: float, jitter_s: float
) -> None:
    device = Device(ppm=ppm, level=level)
    for _ in range(24):
        device.run(5, jitter_s=jitter_s)
        assert abs(device.offset_samples) <= MAX_DRIFT_SAMPLES
    assert_contiguous(device)
    assert not device.gaps
    assert abs(device.leg.slips) <= abs(ppm) * 1e-6 * 120 / 0.02 + 1


def test_slips_fall_into_the_quiet_between_words() -> None:
    device = Device(ppm=400, level=0.1)
    device.run(100)
    assert device.leg.slips < 0
    loud = sum(len(frame.samples) for frame in device.frames if np.std(frame.samples) > 0.05)
    delivered = 100 * SAMPLE_RATE_HZ * 9 // 10
    assert loud == delivered  # taken out were quiet blocks alone


def test_a_slip_that_finds_no_quiet_is_declared() -> None:
    device = Device(ppm=2000)
    for number in range(30 * 50):
        device.now_s += BLOCK / SAMPLE_RATE_HZ / (1 + device.ppm / 1e6)
        rising_db = -60 + 2 * number / 50  # always louder than the two seconds before
        device.place(np.full(BLOCK, 10 ** (rising_db / 20), dtype=np.float32), device.now_s)
        assert abs(device.offset_samples) <= MAX_DRIFT_SAMPLES
    assert {gap.reason for gap in device.gaps} == {"overflow"}
    assert {gap.end_ms - gap.start_ms for gap in device.gaps} == {20}
    assert len(device.gaps) == -device.leg.slips


def test_samples_that_vanish_without_a_word_become_a_gap() -> None:
    device = Device(level=0.1)
    device.run(5)
    device.run(0.2, lost=True)  # the clock goes on, nothing comes, nobody looks
    device.run(5)
    assert [gap.reason for gap in device.gaps] == ["device"]
    assert device.gaps[0].end_ms - device.gaps[0].start_ms == pytest.approx(200, abs=5)
    assert abs(device.offset_samples) <= MAX_DRIFT_SAMPLES
    assert_contiguous(device)


def test_samples_reported_lost_become_a_gap_of_their_length() -> None:
    device = Device(level=0.1)
    device.run(1)
    device.now_s += 0.25 + 0.02
    device.place(np.ones(BLOCK, dtype=np.float32), device.now_s, lost_samples=4000)
    assert device.gaps == [Gap("customer", 1000, 1250, "overflow")]
    assert device.frames[-1].start_sample == SAMPLE_RATE_HZ + 4000
    assert device.offset_samples == 0


def test_an_idle_device_leaves_silence_by_the_clock() -> None:
    device = Device(level=0.1)
    device.run(1)
    device.idle(3)
    assert device.offset_samples == pytest.approx(IDLE_SAMPLES, abs=BLOCK)
    assert not device.frames[-1].samples.any()
    device.run(1)
    assert device.offset_samples == pytest.approx(0, abs=BLOCK)
    assert not device.gaps
    assert_contiguous(device)


def test_a_stall_shorter_than_idle_loses_nothing() -> None:
    device = Device(level=0.1)
    device.run(1)
    device.idle(0.4)
    device.place(np.ones(6400, dtype=np.float32), device.now_s)
    assert device.offset_samples == 0
    assert np.all(device.frames[-1].samples == 1)
    assert sum(len(frame.samples) for frame in device.frames) == device.leg.position
    assert not device.gaps


@pytest.mark.parametrize("block_samples", [160, 320, 12_800])
def test_what_comes_so_late_that_its_time_is_taken_is_declared(block_samples: int) -> None:
    device = Device(level=0.1)
    device.run(1)
    device.idle(0.8)  # 300 ms of silence were filled in
    for _ in range(12_800 // block_samples):  # now everything comes at once
        device.place(np.ones(block_samples, dtype=np.float32), device.now_s)
    device.run(4)
    assert abs(device.offset_samples) <= MAX_DRIFT_SAMPLES
    assert device.gaps[0].reason == "device"
    assert_contiguous(device)


def test_what_was_heard_before_the_call_is_left_out() -> None:
    device = Device()
    device.place(np.ones(8000, dtype=np.float32), 100.1)  # half a second, of which 100 ms belong to the call
    assert device.leg.position == 1600
    assert sum(len(frame.samples) for frame in device.frames) == 1600
    assert not device.gaps


def test_whole_blocks_from_before_the_call_move_nothing() -> None:
    device = Device()
    for arrival_s in (99.5, 99.95, 100.04):  # the last one straddles the origin
        device.place(np.ones(1600, dtype=np.float32), arrival_s)
    assert device.leg.position == 640
    assert not device.gaps


def test_a_device_that_starts_late_begins_with_silence() -> None:
    device = Device()
    device.place(np.ones(BLOCK, dtype=np.float32), 100.07)
    assert device.leg.position == 1120
    samples = np.concatenate([frame.samples for frame in device.frames])
    assert not samples[:800].any()
    assert samples[800:].all()


def test_a_device_opened_within_a_call_begins_where_the_call_is() -> None:
    leg = LegClock("agent", SteadyClock(), at_sample=80_000)
    frames = leg.place(Block(np.ones(BLOCK, dtype=np.float32), 105.04))
    assert frames[0].start_sample == 80_000
    assert leg.position == round(5.04 * SAMPLE_RATE_HZ)


def test_the_first_to_start_a_call_sets_its_origin() -> None:
    clock = CallClock(from_sample=16_000)
    origin_s = clock.start()
    assert clock.start() == origin_s
    assert clock.sample_at(origin_s + 2.0) == 48_000
    assert clock.time_of(48_000) == pytest.approx(origin_s + 2.0)
