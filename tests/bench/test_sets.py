"""Sets are read whole, or refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.sets import Dialogue, Line, marked, marked_lines, number_kind, objects
from core.errors import BadInput


def test_markup_becomes_spans() -> None:
    assert marked("a", "你〔personal:他妈的〕管不管，〔threat:弄死你〕") == Line(
        "a", "你他妈的管不管，弄死你", ((1, 4, "abuse.personal"), (8, 11, "abuse.threat"))
    )
    assert marked("b", "您好") == Line("b", "您好", ())


@pytest.mark.parametrize("text", ["〔rude:笨〕", "〔personal:笨", "笨〕"])
def test_markup_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="Line a"):
        marked("a", text)


def test_a_table_needs_its_header(tmp_path: Path) -> None:
    table = tmp_path / "set.tsv"
    table.write_text("id\ttext\na\t您好\n\n", "utf-8")
    assert marked_lines(table) == [Line("a", "您好", ())]
    table.write_text("a\t您好\n", "utf-8")
    with pytest.raises(BadInput, match="header"):
        marked_lines(table)
    with pytest.raises(BadInput, match="Cannot read"):
        marked_lines(tmp_path / "none.tsv")


def test_json_lines_name_the_one_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text('{"id": "a", "turns": [], "numbers": []}\n\n{}\n', "utf-8")
    with pytest.raises(BadInput, match="line 3"):
        objects(file, Dialogue)
    file.write_text('{"id": "a", "turns": [], "numbers": []}\n\n', "utf-8")
    assert [one.id for one in objects(file, Dialogue)] == ["a"]


def test_kinds_of_numbers() -> None:
    assert [number_kind(kind) for kind in ("pii.order_no", "pii.mobile")] == ["order", "mobile"]
