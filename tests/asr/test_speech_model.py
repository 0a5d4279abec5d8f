"""The real weights on real windows."""

from __future__ import annotations

import re
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from asr.finals import final_options
from asr.speech_model import Decoded, DecodeOptions, SpeechModel, window_s
from bench.material import read_utterances
from core.errors import ModelFault
from core.zh.script import simplified
from models.store import InstalledModel
from models.whisper import read_weights
from tests.harness.noise import noise
from tests.harness.speech import RATE_HZ, Samples, char_errors, clip, turns

pytestmark = pytest.mark.model

FINAL = final_options()
PARTIAL = DecodeOptions(beam_size=1)
AUDIO = Path(__file__).parents[1] / "audio"
LAST = turns()[-3:]
"""Short turns without numbers: 请问还有别的需要吗, 没有了…谢谢, 不客气…再见."""


@pytest.fixture(scope="module")
def clips() -> list[Samples]:
    return [clip(turn) for turn in LAST]


@pytest.fixture(scope="module")
def finals(speech_model: SpeechModel, clips: list[Samples]) -> list[Decoded]:
    return [speech_model.decode([one], FINAL)[0] for one in clips]


def test_words_are_heard_right(finals: list[Decoded]) -> None:
    errors = sum(char_errors(turn.text, simplified(one.text)) for turn, one in zip(LAST, finals, strict=True))
    assert errors <= 3, f"{errors} errors in 32 characters"
    assert all(0.5 < one.confidence <= 1 for one in finals)
    assert all(one.no_speech < 0.6 and one.compression < 2.4 for one in finals)
    assert {one.language for one in finals} == {"zh"}


def test_a_batch_writes_what_each_clip_alone_does(
    speech_model: SpeechModel, clips: list[Samples], finals: list[Decoded]
) -> None:
    together = speech_model.decode(clips, FINAL)
    assert [one.text for one in together] == [one.text for one in finals]
    assert [one.seconds for one in together] == [len(one) / RATE_HZ for one in clips]


def test_greedy_decoding_is_near_the_search(speech_model: SpeechModel, clips: list[Samples]) -> None:
    greedy = speech_model.decode(clips, PARTIAL)
    errors = sum(char_errors(turn.text, simplified(one.text)) for turn, one in zip(LAST, greedy, strict=True))
    assert errors <= 6
    assert all(one.timed == () for one in greedy)


def test_pieces_have_times_within_the_clip_in_order(finals: list[Decoded]) -> None:
    for one in finals:
        assert "".join(piece.text for piece in one.timed).strip() == one.text
        assert all(0 <= piece.start_s <= piece.end_s <= one.seconds for piece in one.timed)
        assert all(before.start_s <= after.start_s for before, after in pairwise(one.timed))
        assert all(0 <= piece.probability <= 1 for piece in one.timed)
        # The clip has a fifth of a second around the words, which take most of the rest.
        assert one.timed[0].end_s < 1.0
        assert one.timed[-1].end_s > one.seconds - 1.0


@pytest.mark.parametrize("kind", ["silence", "fan"])
def test_nothing_said_is_decoded_in_bounds(speech_model: SpeechModel, kind: str) -> None:
    (one,) = speech_model.decode([noise(kind, 2.0, seed=1)], FINAL)
    assert one.seconds == 2.0
    assert len(one.tokens) <= 12 + 2 * 14
    assert one.confidence <= 1
    assert all(piece.end_s <= 2.0 for piece in one.timed)


@pytest.mark.parametrize("samples", [1, 160, 511, 8_000])
def test_any_length_is_taken(speech_model: SpeechModel, samples: int) -> None:
    (one,) = speech_model.decode([np.zeros(samples, np.float32)], FINAL)
    assert one.seconds == samples / RATE_HZ


def test_more_than_the_longest_window_is_cut_not_refused(speech_model: SpeechModel, clips: list[Samples]) -> None:
    long = np.concatenate([clips[0], np.zeros(31 * RATE_HZ, np.float32)])
    (one,) = speech_model.decode([long], PARTIAL)
    assert char_errors(LAST[0].text, simplified(one.text)) <= 2


def test_a_retry_samples(speech_model: SpeechModel, clips: list[Samples]) -> None:
    (one,) = speech_model.decode(clips[:1], DecodeOptions(temperature=0.4))
    assert char_errors(LAST[0].text, simplified(one.text)) <= 4


def test_windows_have_a_floor_a_margin_and_an_end() -> None:
    assert window_s(0.5) == window_s(2.0) == 10.0
    assert window_s(3.0) == window_s(6.0) == 8.0
    assert window_s(1.0, 8.0) == 8.0
    assert window_s(15.0) == 17.0
    assert window_s(29.5) == window_s(100.0) == 30.0


def test_weights_that_do_not_load_are_a_fault_with_a_remedy(installed_base: InstalledModel, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(installed_base.path, damaged, ignore=shutil.ignore_patterns("model.bin"))
    (damaged / "model.bin").write_bytes(b"\x06\x00\x00\x00 no weights")
    with pytest.raises(ModelFault, match="do not load") as caught:
        SpeechModel(damaged)
    assert "models verify" in caught.value.remedy
    with pytest.raises(ModelFault):
        SpeechModel(tmp_path / "missing")


def test_english_is_written_in_english(speech_model: SpeechModel) -> None:
    spoken = read_utterances(AUDIO / "english.opus", 200)[::5]
    decoded = [speech_model.decode([one.samples], FINAL)[0] for one in spoken]
    assert [one.language for one in decoded] == ["en"] * len(spoken)
    wanted, written = (
        [word for text in texts for word in re.findall(r"[a-z']+", text.lower())]
        for texts in ([one.text for one in spoken], [one.text for one in decoded])
    )
    assert Levenshtein.distance(wanted, written) < 0.2 * len(wanted)
    assert all(piece.start_s <= piece.end_s <= one.seconds for one in decoded for piece in one.timed)


def test_a_partial_is_written_in_the_language_it_is_known_to_be(
    speech_model: SpeechModel, clips: list[Samples]
) -> None:
    english = read_utterances(AUDIO / "english.opus", 200)[12]
    decoded = speech_model.decode([english.samples, clips[0]], DecodeOptions(languages=("en", "zh")))
    assert [one.language for one in decoded] == ["en", "zh"]
    wanted, written = (re.findall(r"[a-z']+", text.lower()) for text in (english.text, decoded[0].text))
    assert Levenshtein.distance(wanted, written) <= 1
    assert char_errors(LAST[0].text, simplified(decoded[1].text)) <= 2


def test_both_languages_in_one_batch(speech_model: SpeechModel, clips: list[Samples]) -> None:
    english = read_utterances(AUDIO / "english.opus", 200)[12].samples
    decoded = speech_model.decode([clips[0], english], FINAL)
    assert [one.language for one in decoded] == ["zh", "en"]
    assert char_errors(LAST[0].text, simplified(decoded[0].text)) <= 2


def test_weights_prepared_ahead_decode_to_the_same_words(
    installed_base: InstalledModel, clips: list[Samples], finals: list[Decoded]
) -> None:
    assert installed_base.int8_path is not None, "run 'tingbanctl models fetch'"
    original = SpeechModel(installed_base.path, threads=2)
    decoded = [original.decode([one], FINAL)[0] for one in clips]
    assert [(one.text, one.seconds, one.language) for one in decoded] == [
        (one.text, one.seconds, one.language) for one in finals
    ]
    for ahead, other in zip(finals, decoded, strict=True):
        assert ahead.no_speech == pytest.approx(other.no_speech, abs=0.01)
        # Of fewer tokens each is a little likelier.
        assert ahead.avg_logprob == pytest.approx(other.avg_logprob, abs=0.05)


def test_the_vocabulary_of_calls_is_smaller(installed_base: InstalledModel) -> None:
    assert installed_base.int8_path is not None
    whole, lean = (read_weights(path / "model.bin") for path in (installed_base.path, installed_base.int8_path))
    assert lean.n_vocabulary < 0.6 * whole.n_vocabulary
