"""The walk over a model's structure, and the checks on a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, ModelFault
from models.whisper import WhisperFacts, inspect, read_weights
from tests.harness.tiny_whisper import N_TOKENS, weights, write_tiny_whisper

WHOLE = weights()


def files_of(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.iterdir()}


@pytest.mark.parametrize("n_mels", [80, 128])
def test_reads_what_the_model_is(tmp_path: Path, n_mels: int) -> None:
    folder = write_tiny_whisper(tmp_path / "tiny", n_mels=n_mels)
    assert inspect(folder, files_of(folder)) == WhisperFacts(n_mels=n_mels, n_vocabulary=N_TOKENS)


def test_the_vocabulary_tells_multilingual_models_from_english_ones() -> None:
    assert WhisperFacts(80, 51_865).languages == ("zh", "en")
    assert WhisperFacts(80, 51_864).languages == ("en",)


@given(size=st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "model.bin"
    path.write_bytes(WHOLE[:size])
    with pytest.raises(ModelFault, match=r"model\.bin"):
        read_weights(path)


@given(content=st.binary(max_size=200))
def test_anything_else_is_refused_with_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("noise") / "model.bin"
    path.write_bytes(content)
    with pytest.raises(ModelFault):
        read_weights(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (WHOLE + b"\0", "1 bytes too many"),
        (weights(version=3), "no CTranslate2 model of format 4 to 6"),
        (weights(version=7), "no CTranslate2 model of format 4 to 6"),
        (weights(spec="TransformerSpec"), "not a Whisper model"),
        (weights(conv="encoder/other"), "lacks the layers"),
        (weights(n_mels=64), "lacks the layers"),
        (WHOLE[:24] + b"\xff\xff\xff\xff" + WHOLE[28:], "variables"),
    ],
)
def test_refusals_say_why(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(ModelFault, match=reason) as caught:
        read_weights(tmp_path / "model.bin")
    assert caught.value.remedy


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="cannot be read"):
        read_weights(tmp_path / "model.bin")


def remove(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def write(name: str, content: object) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (remove("config.json"), "has no config.json"),
        (remove("model.bin"), "has no model.bin"),
        (remove("tokenizer.json"), "has no tokenizer.json"),
        (remove("vocabulary.txt"), "has no vocabulary"),
        (write("config.json", {}), "alignment_heads"),
        (write("tokenizer.json", []), "'model'"),
        (write("vocabulary.json", ["a", "b"]), "2 entries"),
        (write("vocabulary.json", {"a": 1}), "not a list"),
        (write("preprocessor_config.json", {"feature_size": 128}), "says 128 mel bands"),
        (lambda folder: (folder / "model.bin").write_bytes(WHOLE[:-3]), "not whole"),
        (lambda folder: (folder / "config.json").write_text("{"), "not readable JSON"),
    ],
)
def test_folders_that_are_no_model(tmp_path: Path, spoil: Callable[[Path], object], reason: str) -> None:
    folder = write_tiny_whisper(tmp_path / "tiny")
    spoil(folder)
    with pytest.raises(BadInput, match=reason):
        inspect(folder, files_of(folder))


def test_128_bands_need_the_file_that_says_so(tmp_path: Path) -> None:
    folder = write_tiny_whisper(tmp_path / "tiny", n_mels=128)
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(BadInput, match="128 mel bands"):
        inspect(folder, files_of(folder))
