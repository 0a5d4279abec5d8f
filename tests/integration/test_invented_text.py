"""Where nobody speaks, nothing is written; where somebody speaks through the same noise, he is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from asr.live import LiveRecogniser
from asr.offline import transcribe
from asr.speech_model import SpeechModel
from core.types import AudioFrame, Gap, Leg, Utterance
from tests.harness.noise import NOISE_KINDS, NoiseKind, mix, noise
from tests.harness.speech import Samples, char_errors, clip, turns

SECONDS = 20.0
# Of wordless singing some is written down as syllables: a known gap.
KINDS = tuple(kind for kind in NOISE_KINDS if kind not in {"music_voice", "music_scat"})

pytestmark = pytest.mark.model


class OneLeg:
    """A source of samples already at hand."""

    legs: tuple[Leg, ...] = ("customer",)

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def frames(self) -> Iterator[AudioFrame]:
        for start in range(0, len(self._samples), 640):
            yield AudioFrame("customer", start, self._samples[start : start + 640])

    def dropped(self) -> list[Gap]:
        return []

    def close(self) -> None: ...


def live(samples: Samples, model: SpeechModel) -> list:
    shown: list = []
    recogniser = LiveRecogniser(model, shown.append, legs=("customer",))
    for frame in OneLeg(samples).frames():
        recogniser.feed(frame)
    recogniser.finish()
    return shown


@pytest.mark.parametrize("kind", KINDS)
def test_not_one_character_is_written(speech_model: SpeechModel, kind: NoiseKind) -> None:
    samples = noise(kind, SECONDS, seed=7)
    assert [item.text for item in live(samples, speech_model)] == []
    assert list(transcribe(OneLeg(samples), speech_model)) == []


@pytest.mark.parametrize("kind", ["fan", "line", "music_piano"])
def test_an_answer_is_heard_through_it(speech_model: SpeechModel, kind: NoiseKind) -> None:
    turn = turns()[-3]
    samples = np.concatenate([np.zeros(32_000, np.float32), clip(turn), np.zeros(32_000, np.float32)])
    noisy = mix(samples, noise(kind, len(samples) / 16_000, seed=7), snr_db=15)
    (said,) = [item for item in live(noisy, speech_model) if isinstance(item, Utterance)]
    assert char_errors(turn.text, said.text) <= 3
    assert abs(said.end_ms - (turn.end_ms - turn.start_ms + 2_200)) < 200
