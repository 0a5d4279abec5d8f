"""What is needed first is decoded first, and what is no longer needed is given up."""

from __future__ import annotations

from asr.live import LiveRecogniser
from asr.schedule import Job
from asr.speech_model import DecodeOptions
from asr.vad import FRAME_MS
from core.types import LEGS, Hypothesis, Utterance
from tests.harness.told_audio import SILENCE, VOICE, Decoder, Feeder, Shown, work


# --- what is done first ---------------------------------------------------------------------------------------------
def test_finals_go_before_partials_the_customer_first_and_both_in_one_batch(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    feed = Feeder(by_hand)
    for leg in LEGS:
        feed(leg, VOICE, 960)
        feed(leg, SILENCE, 960)
        feed(leg, VOICE, 640)
    assert work(by_hand) == ["final", "partial"]
    assert [[span[0] for span in spans] for spans, _ in decoder.batches] == [["customer", "agent"]] * 2
    assert decoder.batches[0][1] == DecodeOptions(beam_size=5, word_times=True, detect_english=True)
    assert decoder.batches[1][1] == DecodeOptions(beam_size=1, window_floor_s=8.0, languages=("zh", "zh"))
    assert [type(item) for item in shown.items] == [Utterance, Utterance, Hypothesis, Hypothesis]


def test_speculations_go_before_partials(by_hand: LiveRecogniser, decoder: Decoder) -> None:
    feed = Feeder(by_hand)
    feed("agent", VOICE, 960)
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 224)
    assert work(by_hand) == ["speculation", "partial"]
    assert [[span[0] for span in spans] for spans, _ in decoder.batches] == [["customer"], ["agent"]]


def test_at_most_so_many_finals_share_a_batch(by_hand: LiveRecogniser, decoder: Decoder) -> None:
    feed = Feeder(by_hand)
    for _ in range(6):
        feed("agent", VOICE, 320)
        feed("agent", SILENCE, 960)
    assert work(by_hand) == ["final", "final"]
    assert [len(spans) for spans, _ in decoder.batches] == [4, 2]


def test_no_partial_is_begun_while_the_other_leg_may_fall_silent(by_hand: LiveRecogniser) -> None:
    feed = Feeder(by_hand)
    feed("agent", VOICE, 960)
    feed("customer", VOICE, 320)
    feed("customer", SILENCE, 64)
    assert work(by_hand) == []
    feed("customer", VOICE, 32)
    assert work(by_hand) == ["partial"]


def test_a_partial_is_given_up_where_a_final_is_about_to_be_begun_and_due_again_at_once(
    by_hand: LiveRecogniser, shown: Shown
) -> None:
    feed = Feeder(by_hand)
    feed("agent", VOICE, 960)
    feed("customer", VOICE, 320)
    partial = by_hand.next_job()
    assert by_hand.wanted(partial)
    feed("customer", SILENCE, 64)
    assert not by_hand.wanted(partial)
    by_hand.deliver(partial, [], 0.1)
    assert by_hand.next_job() is None
    feed("customer", VOICE, 32)
    assert work(by_hand) == ["partial"]
    assert [item.leg for item in shown.of(Hypothesis)] == ["agent"]


def paused(recogniser: LiveRecogniser) -> tuple[Feeder, Job]:
    """The agent spoke and has fallen silent: the final that is begun."""
    feed = Feeder(recogniser)
    feed("agent", VOICE, 960)
    feed("agent", SILENCE, 224)
    return feed, recogniser.next_job()


def test_a_speculation_is_given_up_once_the_voice_came_back(by_hand: LiveRecogniser, decoder: Decoder) -> None:
    feed, speculation = paused(by_hand)
    assert speculation.kind == "speculation"
    assert by_hand.wanted(speculation)
    feed("agent", VOICE, 64)
    assert not by_hand.wanted(speculation)
    assert by_hand.decode(speculation) == []
    assert decoder.given_up == [0]


def test_a_speculation_that_an_ended_utterance_waits_for_is_not_given_up(
    by_hand: LiveRecogniser, decoder: Decoder, shown: Shown
) -> None:
    feed, speculation = paused(by_hand)
    feed("agent", SILENCE, 960)
    feed("agent", VOICE, 320)
    assert by_hand.wanted(speculation)
    by_hand.deliver(speculation, by_hand.decode(speculation), 0.5)
    assert decoder.given_up == []
    assert len(shown.of(Utterance)) == 1


def test_partials_come_at_their_interval(by_hand: LiveRecogniser, shown: Shown) -> None:
    feed = Feeder(by_hand)
    feed("agent", SILENCE, 320)
    came_ms = []
    for at_ms in range(0, 3200, FRAME_MS):
        feed("agent", VOICE, FRAME_MS)
        came_ms += [at_ms + FRAME_MS] * len(work(by_hand))
    # 480 ms after the onset, then every 800 ms, each at the next whole frame of 32 ms.
    assert came_ms == [480, 1280, 2080, 2880]
    assert [item.stable_chars for item in shown.of(Hypothesis)] == [0, 3, 3, 3]
    assert {item.start_ms for item in shown.of(Hypothesis)} == {320 - 256}


def test_who_spoke_english_is_shown_in_english_from_the_first_word(by_hand: LiveRecogniser, decoder: Decoder) -> None:
    feed = Feeder(by_hand)
    decoder.language = "en"
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 960)
    assert work(by_hand) == ["final"]
    for leg in LEGS:
        feed(leg, VOICE, 960)
    assert work(by_hand) == ["partial"]
    assert decoder.batches[-1][1].languages == ("en", "zh")


def test_partials_are_shed_as_finals_fall_behind(by_hand: LiveRecogniser) -> None:
    feed = Feeder(by_hand)
    feed("agent", VOICE, 960)
    feed("agent", SILENCE, 960)
    assert (by_hand.status().delay_ms, by_hand.status().partials) == (960, "on")
    assert by_hand.next_job().kind == "final"  # taken, and never delivered
    feed("agent", VOICE, 480)
    assert (by_hand.status().delay_ms, by_hand.status().partials) == (1440, "on")
    feed("agent", VOICE, 64)
    assert by_hand.status().partials == "slow"
    feed("agent", VOICE, 1504)
    assert (by_hand.status().delay_ms, by_hand.status().partials) == (3008, "off")
    assert by_hand.next_job() is None
