"""Digit words from encoder states: what the network reads, and how scores become symbols."""

from __future__ import annotations

import math
import re
from importlib.resources import files
from itertools import product
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from faster_whisper.audio import decode_audio
from faster_whisper.utils import get_assets_path

from asr.digit_head import STATE_SIZE, DigitHead, States
from asr.speech_model import SpeechModel, window_s
from core.errors import ModelFault
from core.types import SAMPLE_RATE_HZ, Samples
from models.digits import decode
from models.digits.decode import LogProbabilities
from models.digits.labels import CLASS, OTHER, SYMBOLS, symbols
from models.digits.texts import spoken_cardinal
from tests.harness.speech import clip, turns

CLIP = Path(__file__).parents[1] / "audio" / "digit_words.opus"
SAID = "#幺三八零零零零五五六六#"
"""Of the clip: 我的手机号是幺三八，零零零零，五五六六，你试一下."""


@pytest.fixture(scope="module")
def head() -> DigitHead:
    return DigitHead()


def encoded(model: SpeechModel, speech: Samples) -> States:
    seconds = len(speech) / SAMPLE_RATE_HZ
    states = model.states([speech], int(window_s(seconds) * 100))[0]
    return states[: math.ceil(seconds * decode.FRAMES_PER_S)]


def scores(written: str, sure: float = 0.9) -> LogProbabilities:
    """One frame a character: `_` is a blank, every other class shares what is left."""
    rows = np.full((len(written), len(SYMBOLS)), (1 - sure) / (len(SYMBOLS) - 1))
    for row, character in zip(rows, written, strict=True):
        row[CLASS["" if character == "_" else character]] = sure
    return np.log(rows).astype(np.float32)


@pytest.mark.model
def test_repeated_digits_are_read_from_speech(head: DigitHead, speech_model: SpeechModel) -> None:
    speech = decode_audio(str(CLIP))
    states = encoded(speech_model, speech)
    read = head.read(states)
    assert "".join(symbol.text for symbol in read) == SAID
    ends = [symbol.end_s for symbol in read]
    assert ends == sorted(ends)
    assert 0 <= read[0].start_s < read[0].end_s < read[-1].end_s <= len(speech) / SAMPLE_RATE_HZ + 0.02
    (run,) = head.runs(states)
    assert run.text == SAID.strip(OTHER)
    assert run.probability > 0.5


@pytest.mark.model
def test_the_silence_that_fills_the_window_says_nothing(head: DigitHead, speech_model: SpeechModel) -> None:
    filled = np.concatenate([decode_audio(str(CLIP)), np.zeros(SAMPLE_RATE_HZ, np.float32)])
    assert "".join(symbol.text for symbol in head.read(encoded(speech_model, filled))) == SAID


@pytest.mark.model
def test_ordinary_speech_is_not_digits(head: DigitHead, speech_model: SpeechModel) -> None:
    for speech in [np.zeros(2 * SAMPLE_RATE_HZ, np.float32), *(clip(turn) for turn in turns()[-3:])]:
        assert all(symbol.is_other for symbol in head.read(encoded(speech_model, speech)))


def test_no_states_hold_no_digits(head: DigitHead) -> None:
    assert head.read(np.zeros((0, STATE_SIZE), np.float32)) == []
    assert head.runs(np.zeros((0, STATE_SIZE), np.float32)) == []


def test_scores_are_normalised_at_every_frame(head: DigitHead) -> None:
    states = np.random.default_rng(1).normal(size=(60, STATE_SIZE)).astype(np.float32)
    assert np.exp(head.log_probabilities(states)).sum(axis=1) == pytest.approx(np.ones(60), abs=1e-4)


def test_states_of_another_model_are_refused(head: DigitHead) -> None:
    with pytest.raises(ValueError, match="Whisper base"):
        head.read(np.zeros((10, 768), np.float32))


def test_a_file_that_is_no_network_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "digits.onnx"
    path.write_bytes(b"none")
    with pytest.raises(ModelFault, match="does not load"):
        DigitHead(path)


def test_another_network_is_a_fault() -> None:
    with pytest.raises(ModelFault, match="does not load"):
        DigitHead(Path(get_assets_path()) / "silero_vad_v6.onnx")


def test_the_network_is_small_and_knows_its_symbols() -> None:
    content = files("models.digits").joinpath("digits.onnx").read_bytes()
    assert len(content) < 2_000_000
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert session.get_outputs()[0].shape == ["frames", len(SYMBOLS)]


def test_spikes_become_symbols_with_times() -> None:
    read = decode.symbols(scores("__##_#__八八_八_#__"))
    assert [symbol.text for symbol in read] == ["#", "八", "八", "#"]
    assert (read[0].start_s, read[0].end_s) == pytest.approx((0.04, 0.12))
    assert (read[1].start_s, read[1].end_s) == pytest.approx((0.16, 0.20))
    assert read[1].probability == pytest.approx(0.9, abs=1e-3)


def test_runs_are_parted_by_other_speech() -> None:
    found = decode.runs(scores("_一_二_#_三__"))
    assert [run.text for run in found] == ["一二", "三"]
    assert found[0].start_s == pytest.approx(0.02)
    assert found[1].end_s == pytest.approx(0.16)


def test_a_run_is_as_likely_as_all_ways_to_say_it() -> None:
    frames = scores("_零_零_", 0.8)
    (run,) = decode.runs(frames)
    ways = 0.0
    classes = {"_": 0, "零": CLASS["零"], OTHER: CLASS[OTHER]}
    for path in product(classes, repeat=len(frames)):
        if re.fullmatch("[_#]*零+_+零+[_#]*", "".join(path)):
            ways += math.exp(sum(float(row[classes[one]]) for row, one in zip(frames, path, strict=True)))
    assert run.probability == pytest.approx(ways, rel=1e-4)
    assert decode.runs(scores("_零_零_", 0.99))[0].probability > run.probability
    assert run.weakest == pytest.approx(0.8, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("我等一下，一个月三十块", "#######三十#"),
        ("三个八零零", "三个八零零"),
        ("您的尾号是{四四七一}对吗", "#####四四七一##"),
        ("下午三点半", "##三点#"),
        ("有一点贵", "####"),
        ("周一下午一点钟", "#一##一点#"),
        ("两天，三个月，三百二十八块五", "两#三##三百二十八#五"),
        ("一三八，零零一三，八千", "一三八零零一三八千"),
        ("千万别，十分抱歉，万一呢", "##########"),
    ],
)
def test_what_the_head_is_taught(text: str, written: str) -> None:
    assert "".join(symbols(text)) == written


@pytest.mark.parametrize(
    ("number", "spoken"),
    [(10, "十"), (17, "十七"), (101, "一百零一"), (138, "一百三十八"), (2_020, "两千零二十"), (20_300, "两万零三百")],
)
def test_cardinals_as_spoken(number: int, spoken: str) -> None:
    assert spoken_cardinal(number, liang=True) == spoken
