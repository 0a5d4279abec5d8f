"""A final that failed is tried once more, and the better of the two is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from asr.finals import decode_finals
from asr.live import LiveRecogniser
from asr.speech_model import Decoded, DecodeOptions
from core.types import Samples, Utterance
from tests.harness.told_audio import SILENCE, VOICE, Decoder, Feeder, Shown, work


# --- finals that fail -----------------------------------------------------------------------------------------------
def test_a_looping_final_is_tried_once_more(by_hand: LiveRecogniser, decoder: Decoder, shown: Shown) -> None:
    decoder.compression[0] = 3.0
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 960)
    work(by_hand)
    assert [options.temperature for _, options in decoder.batches] == [0.0, 0.4]
    assert len(shown.of(Utterance)) == 1


def test_it_is_not_tried_again_when_speech_waits(by_hand: LiveRecogniser, decoder: Decoder, shown: Shown) -> None:
    decoder.compression[0] = 3.0
    feed = Feeder(by_hand)
    feed("customer", VOICE, 960)
    feed("customer", SILENCE, 2080)
    work(by_hand)
    assert [options.temperature for _, options in decoder.batches] == [0.0]
    assert shown.items == []  # a loop is not believed


@pytest.mark.parametrize(
    ("first", "again", "chosen"),
    [
        ((3.0, -0.2), (1.0, -0.9), "again"),
        ((3.0, -0.2), (3.0, -0.1), "first"),
        ((1.0, -1.5), (1.0, -0.9), "again"),
        ((1.0, -1.5), (1.0, -1.6), "first"),
        ((1.0, -1.5), (3.0, -0.1), "first"),
    ],
)
def test_the_better_of_two_tries(first: tuple[float, float], again: tuple[float, float], chosen: str) -> None:
    class Twice:
        def decode(
            self, clips: Sequence[Samples], options: DecodeOptions, wanted: Callable[[], bool] | None = None
        ) -> list[Decoded]:
            text, (compression, logprob) = ("again", again) if options.temperature else ("first", first)
            return [Decoded(text, (1,), logprob, 0.1, compression, 1.0, "zh")] * len(clips)

    (decoded,) = decode_finals(Twice(), [np.zeros(16_000, np.float32)], 5, lambda: True)
    assert decoded.text == chosen
