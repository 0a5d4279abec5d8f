"""Bundles: whole or refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from core.errors import BadInput, ModelFault
from models.bundle import INDEX_FILE, export_bundle, import_bundle
from models.manifest import shipped
from models.store import ModelStore
from tests.harness.tiny_whisper import write_tiny_whisper

Member = tuple[zipfile.ZipInfo, bytes]


@pytest.fixture
def origin(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "origin")
    store.add("mine", write_tiny_whisper(tmp_path / "tiny"), licence="MIT")
    store.add("larger", write_tiny_whisper(tmp_path / "tiny-128", n_mels=128))
    return store


@pytest.fixture
def desk(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "desk")


@pytest.fixture
def bundle(origin: ModelStore, tmp_path: Path) -> Path:
    export_bundle(origin, tmp_path / "models.tingban")
    return tmp_path / "models.tingban"


def test_models_arrive_as_they_left(origin: ModelStore, desk: ModelStore, bundle: Path) -> None:
    assert [model.name for model in import_bundle(desk, bundle)] == ["larger", "mine"]
    for name in ("mine", "larger"):
        desk.verify(name)
        assert desk.passport(name) == origin.passport(name)


def test_one_model_can_be_chosen(origin: ModelStore, desk: ModelStore, tmp_path: Path) -> None:
    export_bundle(origin, tmp_path / "one", ["mine"])
    assert [model.name for model in import_bundle(desk, tmp_path / "one")] == ["mine"]


def test_the_index_comes_first_and_the_same_models_make_the_same_file(
    origin: ModelStore, bundle: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert archive.namelist()[0] == INDEX_FILE
        assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
    export_bundle(origin, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == bundle.read_bytes()


def test_there_must_be_something_to_export(desk: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no installed model"):
        export_bundle(desk, tmp_path / "empty")
    with pytest.raises(ModelFault, match="not installed"):
        export_bundle(desk, tmp_path / "empty", ["base"])
    assert not (tmp_path / "empty").exists()


def test_a_damaged_model_is_not_handed_on(origin: ModelStore, tmp_path: Path) -> None:
    path = origin.folder("mine") / "tokenizer.json"
    path.write_bytes(path.read_bytes().replace(b"BPE", b"EPB"))
    with pytest.raises(ModelFault, match="hash differs"):
        export_bundle(origin, tmp_path / "models.tingban")
    assert not (tmp_path / "models.tingban").exists()


def refused(desk: ModelStore, path: Path, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        import_bundle(desk, path)
    left = [folder.name for folder in desk.root.iterdir() if folder.is_dir()] if desk.root.exists() else []
    assert left == []


@pytest.mark.parametrize("place", range(0, 100, 9))
def test_a_wrong_bit_anywhere_never_installs_a_wrong_model(
    origin: ModelStore, desk: ModelStore, tmp_path: Path, place: int
) -> None:
    path = tmp_path / "one"
    export_bundle(origin, path, ["mine"])
    content = bytearray(path.read_bytes())
    content[len(content) * place // 100] ^= 0x10
    path.write_bytes(content)
    try:
        import_bundle(desk, path)
    except BadInput:
        assert [state.status for state in desk.states() if state.name == "mine"] == []
    else:
        # The bit was in a part of the zip that carries nothing of ours, a second copy of a time for instance.
        assert desk.passport("mine") == origin.passport("mine")
        desk.verify("mine")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_bundle_cut_short_is_refused(desk: ModelStore, bundle: Path, share: float) -> None:
    content = bundle.read_bytes()
    bundle.write_bytes(content[: int(len(content) * share)])
    refused(desk, bundle, "no bundle")


def test_what_is_no_file_is_refused(desk: ModelStore, tmp_path: Path) -> None:
    refused(desk, tmp_path / "nowhere", "cannot be read")
    refused(desk, tmp_path, "cannot be read")


def reorder(members: list[Member]) -> list[Member]:
    return members[::-1]


def drop_last(members: list[Member]) -> list[Member]:
    return members[:-1]


def add_traversal(members: list[Member]) -> list[Member]:
    return [*members, (zipfile.ZipInfo("../../evil"), b"evil")]


def rename_to_traversal(members: list[Member]) -> list[Member]:
    return [*members[:-1], (zipfile.ZipInfo("mine/../../evil"), members[-1][1])]


def make_symlink(members: list[Member]) -> list[Member]:
    link = zipfile.ZipInfo(members[-1][0].filename)
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    return [*members[:-1], (link, members[-1][1])]


def compress(members: list[Member]) -> list[Member]:
    squeezed = zipfile.ZipInfo(members[-1][0].filename)
    squeezed.compress_type = zipfile.ZIP_DEFLATED
    return [*members[:-1], (squeezed, members[-1][1])]


def grow(members: list[Member]) -> list[Member]:
    return [*members[:-1], (members[-1][0], members[-1][1] + b"more")]


def swap_content(members: list[Member]) -> list[Member]:
    return [*members[:-1], (members[-1][0], members[-1][1][::-1])]


def garble_index(members: list[Member]) -> list[Member]:
    return [(members[0][0], b'{"schema": 2}'), *members[1:]]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (reorder, "does not begin with"),
        (drop_last, "exactly the files"),
        (add_traversal, "exactly the files"),
        (rename_to_traversal, "exactly the files"),
        (make_symlink, "not a plain"),
        (compress, "not a plain"),
        (grow, "another size"),
        (swap_content, "is damaged"),
        (garble_index, "no bundle of this version"),
        (lambda members: members[:0], "does not begin with"),
    ],
)
def test_bundles_made_in_bad_faith_are_refused(
    origin: ModelStore, desk: ModelStore, tmp_path: Path, spoil: Callable[[list[Member]], list[Member]], reason: str
) -> None:
    export_bundle(origin, tmp_path / "one", ["mine"])
    with zipfile.ZipFile(tmp_path / "one") as archive:
        members = [(zipfile.ZipInfo(member.filename), archive.read(member)) for member in archive.infolist()]
    with zipfile.ZipFile(tmp_path / "spoilt", "w") as archive:
        for info, content in spoil(members):
            archive.writestr(info, content, compress_type=info.compress_type)
    refused(desk, tmp_path / "spoilt", reason)
    assert not (tmp_path / "evil").exists()


def test_another_model_cannot_come_under_a_name_of_the_product(
    origin: ModelStore, desk: ModelStore, tmp_path: Path
) -> None:
    path = tmp_path / "one"
    export_bundle(origin, path, ["mine"])
    with zipfile.ZipFile(path) as archive:
        index = msgspec.json.decode(archive.read(INDEX_FILE))
    index["models"][0]["name"] = shipped().default
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INDEX_FILE, msgspec.json.encode(index))
    refused(desk, path, "not the product's")


def test_a_folder_that_is_whole_but_no_model_is_refused(origin: ModelStore, desk: ModelStore, tmp_path: Path) -> None:
    path = tmp_path / "one"
    export_bundle(origin, path, ["larger"])
    with zipfile.ZipFile(path) as archive:
        index = msgspec.json.decode(archive.read(INDEX_FILE))
        members = {name: archive.read(name) for name in archive.namelist()[1:]}
    index["models"][0]["files"] = [file for file in index["models"][0]["files"] if "preprocessor" not in file["path"]]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INDEX_FILE, msgspec.json.encode(index))
        for name, content in members.items():
            if "preprocessor" not in name:
                archive.writestr(name, content)
    refused(desk, path, "128 mel bands")
