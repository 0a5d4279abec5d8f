"""Live recognition loses and repeats no audio, and writes it once."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.live import LiveRecogniser
from asr.live_leg import LiveOptions
from asr.schedule import Job
from asr.vad import FRAME_MS, FRAME_SAMPLES
from core.types import LEGS, AudioFrame, Gap, Hypothesis, Leg, Utterance
from tests.harness.told_audio import (
    DEADLINE_S,
    OPTIONS,
    SILENCE,
    VOICE,
    Decoder,
    Detector,
    Feeder,
    Shown,
    audio,
    work,
)

# --- whatever happens -------------------------------------------------------------------------------------------------
PROBABILITIES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.2, 0.4, 0.8, 0.9, 0.99]), st.integers(1, 40)), min_size=1, max_size=12
).map(lambda runs: [value for value, count in runs for _ in range(count)])
SEEDS = st.integers(0, 2**32).map(Random)
"""How the audio is cut and when it is decoded: too many choices to shrink one by one."""


def cut(random: Random, leg: Leg, first_frame: int, probabilities: list[float]) -> list[AudioFrame]:
    """The leg in frames of any size, some fed twice."""
    samples = audio(leg, first_frame, probabilities)
    longest = random.choice([500, 2_000, 12_000])
    frames: list[AudioFrame] = []
    at = 0
    while at < len(samples):
        size = random.randint(1, longest)
        frames.append(AudioFrame(leg, first_frame * FRAME_SAMPLES + at, samples[at : at + size]))
        if random.random() < 0.1:
            frames.append(random.choice(frames))
        at += size
    return frames


def interleaved(random: Random, legs: dict[Leg, tuple[int, list[float]]]) -> Iterator[AudioFrame]:
    waiting = {leg: cut(random, leg, *line)[::-1] for leg, line in legs.items()}
    while any(waiting.values()):
        yield waiting[random.choice([leg for leg, frames in waiting.items() if frames])].pop()


def check_finals(decoder: Decoder, shown: Shown, legs: dict[Leg, tuple[int, list[float]]]) -> None:
    utterances = shown.of(Utterance)
    assert len({utterance.id for utterance in utterances}) == len(utterances)
    decoded = decoder.of_finals()
    assert len(set(decoded)) == len(decoded), "a span was decoded twice"
    for leg, (first_frame, probabilities) in legs.items():
        mine = [utterance for utterance in utterances if utterance.leg == leg]
        assert all(one.start_ms < one.end_ms for one in mine)
        assert all(one.end_ms <= other.start_ms for one, other in pairwise(mine))
        # The last word reaches to the end of the clip that was written.
        spans = [(one.start_ms // FRAME_MS, one.words[-1].end_ms // FRAME_MS) for one in mine]
        assert all((leg, *span) in decoded for span in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        written = np.zeros(len(probabilities) + 1, bool)
        for start, end in spans:
            assert first_frame <= start
            written[start - first_frame : end - first_frame] = True
        lost = (np.array([*probabilities, 0.0]) >= 0.5) & ~written
        # Less than 96 ms of voice is a click.
        assert not (lost[:-2] & lost[1:-1] & lost[2:]).any(), "speech was lost"


@settings(deadline=None, max_examples=150)
@given(customer=PROBABILITIES, agent=PROBABILITIES, begin=st.integers(0, 50), random=SEEDS)
def test_no_speech_is_lost_or_repeated_however_late_it_is_decoded(
    customer: list[float], agent: list[float], begin: int, random: Random
) -> None:
    decoder = Decoder(lambda span: "好的完" if span[2] % 3 else "好的")
    shown = Shown()
    recogniser = LiveRecogniser(decoder, shown, options=OPTIONS, detector=Detector, threaded=False)
    legs = {"agent": (0, agent), "customer": (begin, customer)}
    written_before = dict.fromkeys(LEGS, 0)
    job: Job | None = None
    for frame in interleaved(random, legs):
        recogniser.feed(frame)
        for _ in range(random.randint(0, 3)):
            if job is None:
                job = recogniser.next_job()
            else:
                recogniser.deliver(job, recogniser.decode(job), 0.1)
                job = None
        for leg in LEGS:
            before = recogniser.written_before_sample(leg)
            assert before >= written_before[leg]
            written_before[leg] = before
    recogniser.finish()
    if job:
        recogniser.deliver(job, recogniser.decode(job), 0.1)
    work(recogniser)
    assert not shown.of(Gap)
    check_finals(decoder, shown, legs)
    for leg, (first_frame, probabilities) in legs.items():
        end = (first_frame + len(probabilities)) * FRAME_SAMPLES
        assert end - 8 * FRAME_SAMPLES <= recogniser.written_before_sample(leg) <= end


@settings(deadline=None, max_examples=20)
@given(customer=PROBABILITIES, agent=PROBABILITIES, random=SEEDS)
def test_the_same_with_the_decoding_thread(customer: list[float], agent: list[float], random: Random) -> None:
    decoder = Decoder(lambda span: "好的完" if span[2] % 3 else "好的")
    shown = Shown()
    recogniser = LiveRecogniser(decoder, shown, options=OPTIONS, detector=Detector)
    legs = {"agent": (0, agent), "customer": (0, customer)}
    for frame in interleaved(random, legs):
        recogniser.feed(frame)
    recogniser.finish()
    assert not shown.of(Gap)
    check_finals(decoder, shown, legs)


@settings(deadline=None, max_examples=60)
@given(probabilities=PROBABILITIES, random=SEEDS)
def test_missing_frames_are_told_and_nothing_else_moves(probabilities: list[float], random: Random) -> None:
    decoder, shown = Decoder(), Shown()
    recogniser = LiveRecogniser(decoder, shown, options=OPTIONS, detector=Detector, threaded=False)
    samples = audio("agent", 0, probabilities)
    heard = np.zeros(len(samples), bool)
    at = 0
    gaps_ms = []
    while at < len(samples):
        # A gap of a millisecond at least does not hide between two ones.
        stop = min(len(samples), at + random.randint(16, 9_000))
        if at and random.random() < 0.2 and stop < len(samples):
            gaps_ms.append((at // 16, stop // 16))
            if random.random() < 0.5:
                recogniser.skip(Gap("agent", at // 16, stop // 16, "overflow"))
        else:
            recogniser.feed(AudioFrame("agent", at, samples[at:stop]))
            heard[at:stop] = True
            work(recogniser)
        at = stop
    recogniser.finish()
    work(recogniser)
    told = sorted((gap.start_ms, gap.end_ms) for gap in shown.of(Gap))
    covered = {ms for start, stop in told for ms in range(start, stop)}
    assert covered == {ms for start, stop in gaps_ms for ms in range(start, stop)}
    assert sum(stop - start for start, stop in told) == len(covered), "a gap was told twice"
    # A frame whose beginning was heard kept its probability, and its place is checked by the decoder.
    frames_heard = heard.reshape(-1, FRAME_SAMPLES).all(axis=1)
    check_finals(decoder, shown, {"agent": (0, list(np.where(frames_heard, probabilities, 0.0)))})


# --- pauses ---------------------------------------------------------------------------------------------------------
def test_a_final_begun_in_the_pause_is_used_at_its_end(by_hand: LiveRecogniser, decoder: Decoder, shown: Shown) -> None:
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 192)
    assert work(by_hand) == ["speculation"]
    feed("customer", SILENCE, 224)
    assert shown.items == []
    feed("customer", SILENCE, 32)
    (utterance,) = shown.items
    assert utterance == Utterance("call-c-0", "customer", 0, 960, "好的完。", utterance.words, confidence=0.819)
    feed("customer", SILENCE, 960)
    assert work(by_hand) == []
    assert decoder.of_finals() == [("customer", 0, 36)]


def test_a_final_still_being_decoded_when_its_utterance_ends_is_not_decoded_again(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 192)
    job = by_hand.next_job()
    feed("customer", SILENCE, 960)
    assert by_hand.next_job() is None
    assert by_hand.written_before_sample("customer") == 0
    by_hand.deliver(job, by_hand.decode(job), 0.0)
    assert len(shown.of(Utterance)) == 1
    assert work(by_hand) == []
    assert by_hand.written_before_sample("customer") > 960 * 16


def test_words_that_sound_unfinished_wait_longer(by_hand: LiveRecogniser, decoder: Decoder, shown: Shown) -> None:
    decoder.text = lambda _: "因为"
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 192)
    work(by_hand)
    feed("customer", SILENCE, 512)
    assert shown.items == []
    feed("customer", SILENCE, 32)
    assert [item.text for item in shown.of(Utterance)] == ["因为。"]


@pytest.mark.parametrize(("finished", "hangover_ms"), [(1.0, 448), (0.9, 448), (0.775, 592), (0.65, 736), (0.0, 736)])
def test_the_surer_the_words_sound_finished_the_shorter_the_silence(finished: float, hangover_ms: int) -> None:
    assert OPTIONS.hangover_ms(finished) == hangover_ms


@pytest.mark.parametrize("decoded_before", [True, False])
def test_whose_turn_the_other_side_takes_has_finished(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown, decoded_before: bool
) -> None:
    decoder.text = lambda _: "因为"
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    feed("agent", SILENCE, 960)
    for _ in range(448 // FRAME_MS):
        feed("agent", VOICE, FRAME_MS)
        feed("customer", SILENCE, FRAME_MS)
        if decoded_before:
            work(by_hand)
    work(by_hand)
    (utterance,) = shown.of(Utterance)
    assert (utterance.leg, utterance.end_ms) == ("customer", 960)


def test_a_word_of_the_other_side_before_the_pause_takes_no_turn(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    decoder.text = lambda _: "因为"
    feed = Feeder(by_hand)
    for _ in range(960 // FRAME_MS):
        feed("agent", VOICE, FRAME_MS)
        feed("customer", VOICE, FRAME_MS)
    for _ in range(448 // FRAME_MS):
        feed("agent", SILENCE, FRAME_MS)
        feed("customer", SILENCE, FRAME_MS)
        work(by_hand)
    assert not shown.of(Utterance)


def test_a_pause_that_was_not_the_end_shows_its_text_and_goes_on(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    feed = Feeder(by_hand)
    decoder.text = lambda _: "因为"
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 512)
    assert work(by_hand) == ["speculation"]
    feed("customer", VOICE, 320)
    (hypothesis,) = shown.items
    assert (type(hypothesis), hypothesis.text, hypothesis.start_ms) == (Hypothesis, "因为", 0)
    decoder.text = lambda _: "因为我要退货完"
    work(by_hand)
    feed("customer", SILENCE, 960)
    work(by_hand)
    (utterance,) = shown.of(Utterance)
    assert (utterance.start_ms, utterance.end_ms) == (0, 1792)


def test_words_decoded_after_the_voice_came_back_are_shown_too(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 192)
    job = by_hand.next_job()
    decoded = by_hand.decode(job)
    feed("customer", VOICE, 320)
    by_hand.deliver(job, decoded, 0.0)
    assert [item.text for item in shown.of(Hypothesis)] == ["好的完"]
    assert not shown.of(Utterance)


def test_a_partial_of_an_utterance_that_has_ended_is_not_shown(by_hand: LiveRecogniser, shown: Shown) -> None:
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    job = by_hand.next_job()
    assert job.kind == "partial"
    feed("customer", SILENCE, 960)
    by_hand.deliver(job, by_hand.decode(job), 0.0)
    assert shown.items == []


def test_a_click_is_neither_shown_nor_written(by_hand: LiveRecogniser, shown: Shown) -> None:
    feed = Feeder(by_hand)
    feed("customer", VOICE, 64)
    feed("customer", SILENCE, 960)
    work(by_hand)
    assert shown.items == []


def test_text_that_is_not_believed_is_neither_shown_nor_written(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    decoder.text = lambda _: "谢谢大家观看"
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    work(by_hand)
    feed("customer", SILENCE, 960)
    work(by_hand)
    assert decoder.of_finals()
    assert shown.items == []


# --- the clock ------------------------------------------------------------------------------------------------------
def test_a_call_may_begin_anywhere(by_hand: LiveRecogniser, shown: Shown) -> None:
    feed = Feeder(by_hand, first_frame=1000)
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 960)
    work(by_hand)
    (utterance,) = shown.items
    assert (utterance.id, utterance.start_ms, utterance.end_ms) == ("call-c-32000", 32_000, 32_960)


def test_a_leg_that_begins_within_a_frame_begins_at_the_next(by_hand: LiveRecogniser, shown: Shown) -> None:
    whole = audio("agent", 0, [VOICE] * 30 + [SILENCE] * 30)
    for start in range(100, len(whole), 300):
        by_hand.feed(AudioFrame("agent", start, whole[start : start + 300]))
    work(by_hand)
    (utterance,) = shown.items
    assert (utterance.start_ms, utterance.end_ms) == (32, 960)


@pytest.mark.parametrize("fed", [True, False])
def test_a_gap_keeps_the_clock_and_stands_between_what_was_said(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown, fed: bool
) -> None:
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    gap = Gap("customer", 960, 3200, "device" if fed else "overflow")
    if fed:
        by_hand.skip(gap)
    feed.at["customer"] = 100
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 960)
    work(by_hand)
    first, told, second = shown.items
    assert (first.start_ms, first.end_ms) == (0, 960)
    assert told == gap
    assert 3200 - 256 <= second.start_ms <= 3200
    assert second.end_ms == 4160
    assert [span[0] for span in decoder.of_finals()] == ["customer"] * 2


def test_a_gap_of_no_whole_milliseconds_is_told_once(by_hand: LiveRecogniser, shown: Shown) -> None:
    line = audio("agent", 0, [SILENCE] * 100)
    by_hand.feed(AudioFrame("agent", 0, line[:8000]))
    by_hand.feed(AudioFrame("agent", 8055, line[8055:9000]))
    by_hand.feed(AudioFrame("agent", 9000, line[9000:]))
    assert shown.items == [Gap("agent", 500, 503, "overflow")]


def test_a_gap_before_the_first_frame(by_hand: LiveRecogniser, shown: Shown) -> None:
    by_hand.skip(Gap("agent", 0, 3200, "paused"))
    feed = Feeder(by_hand, first_frame=100)
    feed("agent", VOICE, 960)
    feed("agent", SILENCE, 960)
    work(by_hand)
    assert [item.start_ms for item in shown.items] == [0, 3200]


def test_what_was_fed_already_is_ignored(by_hand: LiveRecogniser, decoder: Decoder, shown: Shown) -> None:
    line = audio("agent", 0, [VOICE] * 30 + [SILENCE] * 30)
    for start, stop in ((0, 8000), (0, 8000), (4000, 20_000), (100, 200), (16_000, len(line))):
        by_hand.feed(AudioFrame("agent", start, line[start:stop]))
    work(by_hand)
    assert len(shown.of(Utterance)) == 1
    assert not shown.of(Gap)


def test_a_long_gap_is_cheap(by_hand: LiveRecogniser, shown: Shown) -> None:
    feed = Feeder(by_hand)
    feed("agent", VOICE, 960)
    by_hand.skip(Gap("agent", 960, 3_600_000, "paused"))
    assert by_hand.written_before_sample("agent") == 0
    work(by_hand)
    assert math.isclose(by_hand.written_before_sample("agent"), 3_600_000 * 16, abs_tol=16 * FRAME_SAMPLES)


# --- the decoding thread --------------------------------------------------------------------------------------------
def test_finish_writes_what_is_open(recogniser: LiveRecogniser, shown: Shown) -> None:
    feed = Feeder(recogniser)
    for leg in LEGS:
        feed(leg, VOICE, 960)
    recogniser.finish()
    assert sorted((one.leg, one.start_ms, one.end_ms) for one in shown.of(Utterance)) == [
        ("agent", 0, 960),
        ("customer", 0, 960),
    ]
    recogniser.finish()
    assert len(shown.of(Utterance)) == 2


def test_what_was_said_before_a_pause_key_is_whole(by_hand: LiveRecogniser, shown: Shown) -> None:
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    by_hand.break_off()
    work(by_hand)
    assert [(one.start_ms, one.end_ms) for one in shown.of(Utterance)] == [(0, 960)]
    feed("customer", VOICE, 640)
    by_hand.break_off()
    work(by_hand)
    assert [(one.start_ms, one.end_ms) for one in shown.of(Utterance)] == [(0, 960), (960, 1600)]


def test_finish_waits_for_the_decoder(recogniser: LiveRecogniser, decoder: Decoder, shown: Shown) -> None:
    decoder.hold()
    feed = Feeder(recogniser)
    feed("agent", VOICE, 960)
    assert decoder.entered.wait(DEADLINE_S)
    ending = threading.Thread(target=recogniser.finish)
    ending.start()
    assert not shown.of(Utterance)
    decoder.go.set()
    ending.join(DEADLINE_S)
    assert not ending.is_alive()
    assert len(shown.of(Utterance)) == 1


def test_finish_with_nothing_said(recogniser: LiveRecogniser, shown: Shown) -> None:
    recogniser.feed(AudioFrame("agent", 0, np.zeros(1000, np.float32)))
    recogniser.finish()
    assert shown.items == []


def test_close_drops_what_is_in_hand_and_ends_the_thread(
    recogniser: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    decoder.hold()
    feed = Feeder(recogniser)
    feed("agent", VOICE, 960)
    assert decoder.entered.wait(DEADLINE_S)  # a partial is being decoded
    feed("agent", SILENCE, 960)
    closing = threading.Thread(target=recogniser.close)
    closing.start()
    decoder.go.set()
    closing.join(DEADLINE_S)
    assert not closing.is_alive()
    assert not any(thread.name == "decode" and thread.is_alive() for thread in threading.enumerate())
    recogniser.close()
    recogniser.finish()
    assert not shown.of(Utterance)


@pytest.mark.parametrize("job", ["partial", "final"])
def test_a_fault_of_the_decoder_reaches_whoever_feeds(
    recogniser: LiveRecogniser, decoder: Decoder, shown: Shown, job: str
) -> None:
    decoder.faults[0] = MemoryError("no room")
    feed = Feeder(recogniser)
    with suppress(MemoryError):  # from the thread, as soon as there is something to decode
        feed("agent", VOICE, 960 if job == "partial" else 320)
    if job == "partial":
        assert decoder.entered.wait(DEADLINE_S)
    with pytest.raises(MemoryError):
        recogniser.finish()
    with pytest.raises(MemoryError):
        feed("agent", VOICE, 32)
    with pytest.raises(MemoryError):
        recogniser.finish()
    assert not shown.of(Utterance)


def test_a_fault_of_the_listener_reaches_whoever_feeds(decoder: Decoder) -> None:
    def emit(_: object) -> None:
        raise BrokenPipeError

    recogniser = LiveRecogniser(decoder, emit, options=OPTIONS, detector=Detector)
    feed = Feeder(recogniser)
    feed("agent", VOICE, 320)
    with pytest.raises(BrokenPipeError):
        recogniser.finish()


def test_utterances_come_from_the_thread_while_audio_is_fed(
    recogniser: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    feed = Feeder(recogniser)
    for count in range(1, 4):
        feed("customer", VOICE, 640)
        feed("customer", SILENCE, 960)
        shown.wait_for(Utterance, count)
    assert len(decoder.of_finals()) == 3


def test_one_leg_alone(decoder: Decoder, shown: Shown) -> None:
    recogniser = LiveRecogniser(
        decoder, shown, legs=("customer",), call_id="c1", options=LiveOptions(final_beam_size=2), detector=Detector
    )
    feed = Feeder(recogniser)
    feed("customer", VOICE, 960)
    recogniser.finish()
    assert [one.id for one in shown.of(Utterance)] == ["c1-c-0"]
    assert decoder.batches[-1][1].beam_size == 2
