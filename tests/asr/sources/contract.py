"""What every audio source holds to, whatever it reads from: a test class inherits `SourceContract` and gives a case."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
import pytest

from core.errors import TingbanError
from core.protocols import AudioSource
from core.types import AudioFrame, Leg, Samples
from tests.harness.sound import alikeness

FRAME_LIMIT_SAMPLES = 1600
END_DEADLINE_S = 1.0


@dataclass
class Case:
    """A source, what is played to it, and the same with something wrong."""

    open: Callable[[], AudioSource]
    references: dict[Leg, Samples]
    """What each leg should hear."""
    open_long: Callable[[], AudioSource]
    """A source that does not end by itself within the test."""
    open_bad: Callable[[], AudioSource]
    """Fails, in the constructor or at the first frame, with `fault`."""
    fault: type[TingbanError]
    play: Callable[[], None] = lambda: None
    """Begin to play the references to it; nothing for a file."""
    tail_samples: int = 0
    """How much more than the references to listen to: the way from player to source."""


@dataclass
class Heard:
    """Everything a source delivered."""

    frames: list[AudioFrame] = field(default_factory=list)

    def of(self, leg: Leg) -> list[AudioFrame]:
        return [frame for frame in self.frames if frame.leg == leg]

    def samples(self, leg: Leg) -> Samples:
        return np.concatenate([frame.samples for frame in self.of(leg)])


def listen(case: Case) -> Heard:
    """Play to a source and take its frames until every leg has heard its reference, or the source ends."""
    heard = Heard()
    counts = dict.fromkeys(case.references, 0)
    with closing(case.open()) as source:
        assert set(source.legs) == set(case.references)
        for frame in source.frames():
            if not heard.frames:
                case.play()
            heard.frames.append(frame)
            counts[frame.leg] += len(frame.samples)
            if (
                all(counts[leg] >= len(case.references[leg]) + case.tail_samples for leg in counts)
                and case.tail_samples
            ):
                break
        assert source.dropped() == []
    return heard


class SourceContract:
    """Inherit, and give a fixture `case`."""

    def test_frames_of_a_leg_are_contiguous_float32_within_range_and_100_ms(self, case: Case) -> None:
        heard = listen(case)
        for leg in case.references:
            position = 0
            for frame in heard.of(leg):
                assert frame.start_sample == position
                assert frame.samples.dtype == np.float32
                assert frame.samples.ndim == 1
                assert 0 < len(frame.samples) <= FRAME_LIMIT_SAMPLES
                assert np.max(np.abs(frame.samples)) <= 1.0
                position = frame.end_sample

    def test_what_was_played_is_heard_on_its_leg(self, case: Case) -> None:
        heard = listen(case)
        assert {frame.leg for frame in heard.frames} == set(case.references)
        for leg, reference in case.references.items():
            assert alikeness(reference, heard.samples(leg)) >= 0.95
            for other in set(case.references) - {leg}:
                assert alikeness(reference, heard.samples(other)) < 0.3

    def test_legs_interleave(self, case: Case) -> None:
        ends = dict.fromkeys(case.references, 0)
        for frame in listen(case).frames:
            ends[frame.leg] = frame.end_sample
            assert max(ends.values()) - min(ends.values()) <= 4 * FRAME_LIMIT_SAMPLES

    def test_close_from_another_thread_ends_the_iteration(self, case: Case) -> None:
        source = case.open_long()
        begun = threading.Event()

        def iterate() -> None:
            for _frame in source.frames():
                begun.set()

        thread = threading.Thread(target=iterate)
        thread.start()
        assert begun.wait(10)
        source.close()
        thread.join(END_DEADLINE_S)
        assert not thread.is_alive()

    def test_close_is_idempotent_and_ends_a_source_never_begun(self, case: Case) -> None:
        source = case.open_long()
        source.close()
        source.close()
        assert list(source.frames()) == []

    def test_opens_again_after_close(self, case: Case) -> None:
        for _ in range(3):
            with closing(case.open_long()) as source:
                assert next(iter(source.frames())).start_sample == 0

    def test_says_what_is_wrong_with_a_bad_one(self, case: Case) -> None:
        with pytest.raises(case.fault) as caught, closing(case.open_bad()) as source:
            next(iter(source.frames()), None)
        assert caught.value.sentence.endswith(".")
        assert caught.value.remedy
