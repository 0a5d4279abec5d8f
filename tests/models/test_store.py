"""Installing, finding and refusing models."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from core.errors import BadInput, EnvironmentFault, ModelFault
from core.locks import FileLock
from models.manifest import PASSPORT_FILE
from models.publication import Publication
from models.store import ModelStore
from models.whisper import read_weights
from tests.harness.tiny_whisper import weights, write_tiny_whisper


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_whisper(tmp_path / "tiny")


def test_an_added_model_is_found_whole(store: ModelStore, tiny: Path) -> None:
    added = store.add("mine", tiny, licence="MIT")
    assert store.resolve("mine") == added == store.verify("mine")
    assert (added.path / "model.bin").read_bytes() == (tiny / "model.bin").read_bytes()
    assert (added.n_mels, added.multilingual) == (80, False)
    assert store.passport("mine").licence == "MIT"


def test_only_files_of_a_model_are_taken(store: ModelStore, tiny: Path) -> None:
    (tiny / "pytorch_model.bin").write_bytes(b"pickle")
    added = store.add("mine", tiny)
    assert not (added.path / "pytorch_model.bin").exists()


def test_the_list_begins_with_what_the_product_knows(store: ModelStore, tiny: Path) -> None:
    assert [(state.name, state.status) for state in store.states()] == [("base", "missing")]
    store.add("mine", tiny)
    (store.root / "Not A Model").mkdir()
    assert [(state.name, state.status) for state in store.states()] == [("base", "missing"), ("mine", "installed")]


def test_adding_again_replaces(store: ModelStore, tiny: Path, tmp_path: Path) -> None:
    store.add("mine", write_tiny_whisper(tmp_path / "larger", n_mels=128))
    again = store.add("mine", tiny)
    assert again.n_mels == 80
    assert not (again.path / "preprocessor_config.json").exists()


@pytest.mark.parametrize("name", ["base", "../mine", "Mine"])
def test_names_that_cannot_be_added(store: ModelStore, tiny: Path, name: str) -> None:
    with pytest.raises(BadInput, match="name of a model"):
        store.add(name, tiny)


def test_a_folder_that_is_no_model_leaves_nothing(store: ModelStore, tiny: Path) -> None:
    (tiny / "vocabulary.txt").write_text("one\n")
    with pytest.raises(BadInput, match="mixes two models"):
        store.add("mine", tiny)
    with pytest.raises(BadInput, match="not a folder"):
        store.add("mine", tiny / "nowhere")
    assert not (store.root / "mine").exists()


def test_a_missing_model_is_refused_with_the_way_to_get_it(store: ModelStore) -> None:
    with pytest.raises(ModelFault, match="models fetch base"):
        store.resolve("base")
    with pytest.raises(ModelFault, match="models add mine DIR"):
        store.resolve("mine")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.bin", weights()[:-1]),
        ("model.bin", None),
        ("model.bin", b"\xff" * len(weights())),
        ("tokenizer.json", b""),
        (PASSPORT_FILE, b"{}"),
        (PASSPORT_FILE, None),
    ],
)
def test_the_quick_check_refuses(store: ModelStore, tiny: Path, name: str, content: bytes | None) -> None:
    path = store.add("mine", tiny).path / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelFault) as caught:
        store.resolve("mine")
    assert "models add mine DIR" in caught.value.remedy
    assert [state.status for state in store.states() if state.name == "mine"] == ["damaged"]


def test_a_passport_of_another_model_is_refused(store: ModelStore, tiny: Path) -> None:
    added = store.add("mine", tiny)
    added.path.rename(store.root / "theirs")
    with pytest.raises(ModelFault, match="called 'mine'"):
        store.resolve("theirs")
    (store.root / "theirs").rename(store.root / "base")
    passport = store.root / "base" / PASSPORT_FILE
    passport.write_text(passport.read_text().replace('"mine"', '"base"'))
    with pytest.raises(ModelFault, match="not the passport of this program's model"):
        store.resolve("base")


def test_verify_finds_one_wrong_bit_and_withdraws_the_model(store: ModelStore, tiny: Path) -> None:
    path = store.add("mine", tiny).path / "model.bin"
    content = bytearray(path.read_bytes())
    content[content.index(b"\x2a")] ^= 1
    path.write_bytes(content)
    store.resolve("mine")  # the structure is whole
    with pytest.raises(ModelFault, match="hash differs"):
        store.verify("mine")
    with pytest.raises(ModelFault):
        store.resolve("mine")


def test_what_the_processor_loads_is_made_beside(store: ModelStore, tiny: Path) -> None:
    added = store.add("mine", tiny)
    assert added.int8_path == added.path / "int8"
    assert (added.path_for("int8"), added.path_for("float16")) == (added.int8_path, added.path)
    names = {path.name for path in added.path.iterdir() if path.is_file()}
    assert {path.name for path in added.int8_path.iterdir()} == names
    assert (added.int8_path / "tokenizer.json").read_bytes() == (tiny / "tokenizer.json").read_bytes()


def test_other_weights_under_the_name_bring_their_own(store: ModelStore, tiny: Path, tmp_path: Path) -> None:
    store.add("mine", write_tiny_whisper(tmp_path / "larger", n_mels=128))
    again = store.add("mine", tiny)
    assert again.int8_path is not None
    assert read_weights(again.int8_path / "model.bin").n_mels == 80


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", PASSPORT_FILE])
@pytest.mark.parametrize("content", [b"short", None])
def test_the_original_serves_where_they_are_not_whole(
    store: ModelStore, tiny: Path, name: str, content: bytes | None
) -> None:
    added = store.add("mine", tiny)
    assert added.int8_path is not None
    (added.int8_path / name).unlink()
    if content is not None:
        (added.int8_path / name).write_bytes(content)
    found = store.resolve("mine")
    assert (found.int8_path, found.path_for("int8")) == (None, added.path)
    assert store.prepare("mine") == added


def test_verify_makes_damaged_ones_anew(store: ModelStore, tiny: Path) -> None:
    added = store.add("mine", tiny)
    assert added.int8_path is not None
    weights_file = added.int8_path / "model.bin"
    whole = weights_file.read_bytes()
    weights_file.write_bytes(whole.replace(b"\x2a", b"\x2b", 1))
    assert store.resolve("mine") == added  # the structure is whole
    assert store.verify("mine") == added
    assert weights_file.read_bytes() == whole


def test_weights_that_are_int8_are_left_as_they_are(store: ModelStore, tiny: Path) -> None:
    prepared = store.add("mine", tiny).int8_path
    assert prepared is not None
    assert store.add("narrow", prepared).int8_path is None


def test_no_room_for_them_leaves_a_model_that_loads(
    store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "require_room", Mock(side_effect=[None, EnvironmentFault("full", remedy="make room")]))
    with pytest.raises(EnvironmentFault, match="full"):
        store.add("mine", tiny)
    assert store.resolve("mine").int8_path is None


def test_one_writer_at_a_time(store: ModelStore, tiny: Path) -> None:
    store.root.mkdir()
    other = FileLock(store.root / ".mine.lock")
    with pytest.raises(EnvironmentFault, match="Another process"):
        store.add("mine", tiny)
    other.release()
    store.add("mine", tiny)


def test_no_room_is_said_before_anything_is_written(
    store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.store._SPARE_BYTES", 1 << 60)
    with pytest.raises(EnvironmentFault, match="MB free"):
        store.add("mine", tiny)
    assert not (store.root / "mine").exists()


def test_a_disk_that_fills_is_a_sentence_and_leaves_the_old_model(store: ModelStore, tiny: Path) -> None:
    before = store.add("mine", tiny)

    def filling() -> Iterator[bytes]:
        yield b"first"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(EnvironmentFault, match="No space left"), Publication(before.path) as publication:
        publication.write("model.bin", filling())
    assert store.verify("mine") == before
    assert sorted(path.name for path in before.path.iterdir()) == [
        "config.json",
        "int8",
        "model.bin",
        PASSPORT_FILE,
        "tokenizer.json",
        "vocabulary.txt",
    ]


def test_cancelling_leaves_no_trace(store: ModelStore, tiny: Path) -> None:
    def cancel(_stage: str, done_bytes: int, _total_bytes: int) -> None:
        if done_bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.add("mine", tiny, progress=cancel)
    assert not (store.root / "mine").exists()


def test_a_killed_process_leaves_no_model_and_the_next_one_starts_clean(store: ModelStore, tiny: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from models.store import ModelStore
kill = lambda stage, done, total: os._exit(9) if done > 1000 else None
ModelStore(Path(sys.argv[1])).add("mine", Path(sys.argv[2]), progress=kill)
"""
    (tiny / "LICENSE").write_text("x" * 2000)
    done = subprocess.run([sys.executable, "-c", script, str(store.root), str(tiny)], check=False)
    assert done.returncode == 9
    assert list((store.root / "mine").glob("*.partial"))
    with pytest.raises(ModelFault):
        store.resolve("mine")
    added = store.add("mine", tiny)
    assert not list(added.path.glob("*.partial"))
