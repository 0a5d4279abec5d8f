"""Endpointing loses and repeats no audio, whatever the voice does."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.endpoint import (
    Dropped,
    Ended,
    Endpointer,
    EndpointEvent,
    EndpointOptions,
    Paused,
    Resumed,
    Started,
)
from asr.vad import FRAME_MS, FRAME_SAMPLES

OPTIONS = EndpointOptions(
    onset=0.5,
    offset=0.35,
    pause_ms=192,
    hangover_ms=512,
    pre_roll_ms=256,
    tail_ms=192,
    min_voiced_ms=96,
    long_ms=9_000,
    long_hangover_ms=288,
    max_ms=14_000,
)
"""Set here, so that tuning the product's own changes no test."""

SHORT = EndpointOptions(hangover_ms=256, pause_ms=96, tail_ms=96, long_ms=960, long_hangover_ms=160, max_ms=1600)
"""Limits that a few seconds of frames reach."""


@dataclass
class Heard:
    """Events of a run, with the frame that was the last one pushed when each came."""

    probabilities: list[float] = field(default_factory=list)
    events: list[tuple[int, EndpointEvent]] = field(default_factory=list)

    def of(self, kind: type) -> list:
        return [event for _, event in self.events if isinstance(event, kind)]


def run(
    steps: list[float | int], options: EndpointOptions = OPTIONS, begin: int = 0, *, finish: bool = True
) -> tuple[Heard, Endpointer]:
    """Push floats as probabilities, call `set_hangover` with integers."""
    endpointer, heard = Endpointer(options), Heard()
    endpointer.begin_at(begin)
    for step in steps:
        if isinstance(step, int):
            events = endpointer.set_hangover(step)
        else:
            heard.probabilities.append(step)
            events = endpointer.push(step)
        heard.events += [(begin + len(heard.probabilities) - 1, event) for event in events]
    if finish:
        heard.events += [(begin + len(heard.probabilities) - 1, event) for event in endpointer.finish()]
    return heard, endpointer


VOICE = st.sampled_from([0.5, 0.6, 0.75, 0.9, 0.99])
BETWEEN = st.sampled_from([0.35, 0.4, 0.49])
SILENCE = st.sampled_from([0.0, 0.1, 0.2, 0.34])
RUNS = st.one_of(
    st.tuples(st.one_of(VOICE, BETWEEN, SILENCE), st.integers(1, 60)),
    st.tuples(st.integers(0, 800), st.just(1)),
)
STEPS = st.lists(st.one_of(RUNS, st.tuples(st.floats(0, 1), st.integers(1, 4))), max_size=20).map(
    lambda runs: [step for value, count in runs for step in [value] * count]
)


@settings(deadline=None)
@given(steps=STEPS, options=st.sampled_from([OPTIONS, SHORT]), begin=st.integers(0, 1000))
def test_spans_are_in_order_cover_all_speech_and_nothing_stays_open(
    steps: list[float | int], options: EndpointOptions, begin: int
) -> None:
    heard, endpointer = run(steps, options, begin)
    limits = endpointer.options
    assert not endpointer.speaking
    end_of_leg = (begin + len(heard.probabilities)) * FRAME_SAMPLES
    free_from = begin * FRAME_SAMPLES
    spans: list[tuple[int, int]] = []
    for at_frame, event in heard.events:
        if not isinstance(event, Ended | Dropped):
            continue
        assert free_from <= event.start_sample < event.end_sample <= (at_frame + 1) * FRAME_SAMPLES <= end_of_leg
        assert event.start_sample % FRAME_SAMPLES == event.end_sample % FRAME_SAMPLES == 0
        assert event.end_sample - event.start_sample <= (limits.max_ms + FRAME_MS) * 16
        if isinstance(event, Ended):
            assert event.start_sample < event.voiced_end_sample <= event.end_sample
            assert event.voice.voiced_ms >= (0 if event.cut else limits.min_voiced_ms)
            assert 0 <= event.voice.mean <= event.voice.peak + 1e-9 <= 1 + 1e-9
            flat = [place for pause in event.pauses for place in pause]
            assert flat == sorted(set(flat))
            assert all(event.start_sample < place <= event.end_sample for place in flat)
            assert all(stop - start >= limits.inner_pause_ms * 16 for start, stop in event.pauses)
        spans.append((event.start_sample, event.end_sample))
        free_from = event.end_sample
    for number, probability in enumerate(heard.probabilities):
        place = (begin + number) * FRAME_SAMPLES
        if probability >= limits.onset:
            assert any(start <= place < end for start, end in spans), f"speech in frame {number} belongs to nothing"


@settings(deadline=None)
@given(steps=STEPS, options=st.sampled_from([OPTIONS, SHORT]))
def test_events_tell_a_consistent_story(steps: list[float | int], options: EndpointOptions) -> None:
    heard, _ = run(steps, options)
    start: int | None = None
    paused: Paused | None = None
    for _, event in heard.events:
        match event:
            case Started():
                assert start is None
                start, paused = event.start_sample, None
            case Paused():
                assert event.start_sample == start
                assert start < event.voiced_end_sample <= event.end_sample
                paused = event
            case Resumed():
                assert start is not None
                paused = None
            case Ended() | Dropped():
                assert event.start_sample == start
                if paused is not None and isinstance(event, Ended) and not event.cut:
                    # A final begun in the pause is made of the very same audio.
                    assert (paused.end_sample, paused.voiced_end_sample) == (event.end_sample, event.voiced_end_sample)
                start = None
    assert start is None


@settings(deadline=None)
@given(steps=STEPS, options=st.sampled_from([OPTIONS, SHORT]))
def test_what_was_called_silent_is_never_part_of_a_later_utterance(
    steps: list[float | int], options: EndpointOptions
) -> None:
    endpointer = Endpointer(options)
    silent_before = 0
    for step in [*steps, None]:
        match step:
            case None:
                events = endpointer.finish()
            case int():
                events = endpointer.set_hangover(step)
            case _:
                events = endpointer.push(step)
        for event in events:
            if isinstance(event, Started | Ended | Dropped):
                assert event.start_sample >= silent_before
        assert endpointer.silent_before_sample >= silent_before
        silent_before = endpointer.silent_before_sample


def frames(probability: float, ms: int) -> list[float | int]:
    return [float(probability)] * (ms // FRAME_MS)


SPEECH = frames(0.9, 960)


def test_an_utterance_with_its_pre_roll_and_tail() -> None:
    heard, _ = run([*frames(0.1, 640), *SPEECH, *frames(0.1, 960)], finish=False)
    assert [type(event) for _, event in heard.events] == [Started, Paused, Ended]
    (ended,) = heard.of(Ended)
    assert (ended.start_sample, ended.voiced_end_sample, ended.end_sample) == (384 * 16, 1600 * 16, 1792 * 16)
    assert ended.voice.voiced_ms == 960
    assert not ended.cut


def test_the_hangover_ends_it_and_can_be_shortened_in_the_pause() -> None:
    def silence_needed(*hangover: int) -> int:
        endpointer = Endpointer(OPTIONS)
        for step in SPEECH:
            endpointer.push(step)
        for count in range(1, 100):
            events = endpointer.push(0.0)
            if any(isinstance(event, Paused) for event in events):
                events += [event for ms in hangover for event in endpointer.set_hangover(ms)]
            if any(isinstance(event, Ended) for event in events):
                return count * FRAME_MS
        raise AssertionError("it never ended")

    assert silence_needed() == 512
    assert silence_needed(320) == 320
    assert silence_needed(96) == 192
    assert silence_needed(800) == 800


def test_a_shortened_hangover_holds_for_one_pause_only() -> None:
    heard, _ = run([*SPEECH, *frames(0, 224), 300, *SPEECH, *frames(0, 480)], finish=False)
    assert [type(event) for _, event in heard.events] == [Started, Paused, Resumed, Paused]


def test_the_hangover_counts_only_in_a_pause() -> None:
    endpointer = Endpointer(OPTIONS)
    assert endpointer.set_hangover(0) == []
    endpointer.push(0.9)
    assert endpointer.set_hangover(0) == []
    assert endpointer.speaking


def test_a_voice_between_the_thresholds_keeps_speech_alive_but_does_not_revive_it() -> None:
    alive, _ = run([*SPEECH, *frames(0.4, 1600)], finish=False)
    assert [type(event) for _, event in alive.events] == [Started]
    paused, _ = run([*SPEECH, *frames(0.1, 224), *frames(0.4, 1600)], finish=False)
    assert [type(event) for _, event in paused.events] == [Started, Paused, Ended]


def test_a_click_is_dropped() -> None:
    heard, _ = run([*frames(0, 320), 0.9, 0.9, *frames(0, 960)])
    assert [type(event) for _, event in heard.events] == [Started, Paused, Dropped]


def test_an_inner_pause_is_told() -> None:
    heard, _ = run([*SPEECH, *frames(0, 320), *SPEECH, *frames(0, 960)])
    (ended,) = heard.of(Ended)
    assert ended.pauses == ((960 * 16, 1280 * 16),)


@pytest.mark.parametrize("dip_ms", [9_600, 11_200, 13_600])
def test_a_monologue_is_cut_at_its_least_voiced_place(dip_ms: int) -> None:
    steps = [0.9] * 600
    steps[dip_ms // FRAME_MS] = 0.45
    heard, _ = run([*steps])
    first, second = heard.of(Ended)
    assert first.cut
    assert first.end_sample == second.start_sample == (dip_ms + FRAME_MS) * 16
    assert second.end_sample == 600 * FRAME_SAMPLES
    assert first.voice.voiced_ms + second.voice.voiced_ms == 600 * FRAME_MS


def test_a_monologue_ends_at_a_short_pause() -> None:
    heard, _ = run([*frames(0.9, 9_600), *frames(0.1, 320), *SPEECH, *frames(0, 960)])
    first, second = heard.of(Ended)
    assert not first.cut
    assert first.voiced_end_sample == 9_600 * 16
    assert second.start_sample >= first.end_sample


def test_a_cut_in_silence_leaves_nothing_open() -> None:
    heard, endpointer = run([0.9] * 430 + [0.1] * 8, finish=False)
    (ended,) = heard.of(Ended)
    assert ended.cut
    assert ended.voiced_end_sample == 430 * FRAME_SAMPLES < ended.end_sample
    assert not endpointer.speaking
    assert endpointer.push(0.9) == [Started(ended.end_sample)]


def test_a_pause_under_way_at_a_cut_is_told_again_for_what_goes_on() -> None:
    steps = [0.9] * 431 + [0.2] * 7
    steps[400] = 0.15
    heard, _ = run(steps, finish=False)
    assert [type(event) for _, event in heard.events] == [Started, Paused, Ended, Started, Paused]
    _, again = heard.of(Paused)
    assert again.start_sample == 401 * FRAME_SAMPLES
    assert again.voiced_end_sample == 431 * FRAME_SAMPLES
