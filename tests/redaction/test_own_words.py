"""A call centre's own lists: read whole, or refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BadInput
from redaction.own_words import MOST_BYTES, OwnWords, read_own_words


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mask.tsv"


def test_without_a_file_there_are_none(file: Path) -> None:
    assert read_own_words(file) == OwnWords()


def test_each_list(file: Path) -> None:
    file.write_text("\ufeff# remark\nhide\tabuse.threat\t走着瞧\n\nnever\t狗不理\norder\tTB\\d{8}\n", "utf-8")
    assert read_own_words(file) == OwnWords((("走着瞧", "abuse.threat"),), ("狗不理",), ("TB\\d{8}",))


@pytest.mark.parametrize(
    "line",
    [
        "hide\t走着瞧",
        "hide\tabuse.rude\t走着瞧",
        "hide\tabuse.threat\t",
        "never\t",
        "order\t(",
        "order\t\\d*",
        "show\t走着瞧",
        "走着瞧",
    ],
)
def test_a_line_that_is_not_understood_is_named(file: Path, line: str) -> None:
    file.write_text(f"never\t狗不理\n{line}\n", "utf-8")
    with pytest.raises(BadInput, match="Line 2") as caught:
        read_own_words(file)
    assert "走着瞧" not in str(caught.value)
    assert "tabs" in caught.value.remedy


def test_other_encodings_and_endless_files_are_refused(file: Path) -> None:
    file.write_bytes("never\t狗不理".encode("gbk"))
    with pytest.raises(BadInput, match="UTF-8"):
        read_own_words(file)
    file.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(BadInput, match="larger"):
        read_own_words(file)


def test_a_folder_in_its_place_is_a_sentence(file: Path) -> None:
    file.mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        read_own_words(file)
