"""The test sets are well formed: ids, offsets, markup, kinds, check digits, and nothing twice."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from stdnum import luhn
from stdnum.cn import ric

SETS = Path(__file__).parent / "sets"
ABUSE_KINDS = {"personal", "threat", "harassment", "discrimination", "family_curse"}
PERSONAL_KINDS = {
    "mobile",
    "landline",
    "id_card",
    "bank_card",
    "plate",
    "email",
    "address",
    "name",
    "code",
    "order",
}
_SPAN = re.compile(r"〔([a-z_]+):([^〔〕]+)〕")


def rows(name: str) -> list[dict[str, str]]:
    with (SETS / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def objects(name: str) -> list[dict]:
    return [json.loads(line) for line in (SETS / name).read_text(encoding="utf-8").splitlines()]


def bare(marked: str) -> str:
    return _SPAN.sub(r"\2", marked)


@pytest.mark.parametrize(
    ("abusive", "clean", "at_least"),
    [("spoken_abuse.tsv", ["spoken_clean.tsv"], 200), ("abusive.tsv", ["innocent.tsv", "innocent_writing.tsv"], 300)],
)
def test_abuse(abusive: str, clean: list[str], at_least: int) -> None:
    bad, good = rows(abusive), [row for name in clean for row in rows(name)]
    assert len(bad) >= at_least
    for row in bad:
        kinds = {kind for kind, _ in _SPAN.findall(row["text"])}
        assert kinds, row["id"]
        assert kinds <= ABUSE_KINDS, row["id"]
    texts = [bare(row["text"]) for row in [*bad, *good]]
    assert not [text for text in texts if set("〔〕\t") & set(text)]
    assert len(set(texts)) == len(texts)
    ids = [row["id"] for row in [*bad, *good]]
    assert len(set(ids)) == len(ids)
    by_kind = {kind: sum(f"〔{kind}:" in row["text"] for row in bad) for kind in ABUSE_KINDS}
    assert min(by_kind.values()) >= 25, by_kind


def test_personal_data() -> None:
    cases = objects("personal_data.jsonl")
    assert len({case["text"] for case in cases}) == len(cases) >= 400
    assert len({case["id"] for case in cases}) == len(cases)
    assert sum(not case["spans"] for case in cases) >= 120
    assert sum(case["form"] != "written" for case in cases) >= 150
    for case in cases:
        at = 0
        for span in case["spans"]:
            assert at <= span["start"] < span["end"] <= len(case["text"]), case["id"]
            assert span["kind"] in PERSONAL_KINDS, case["id"]
            at = span["end"]
    by_kind = {kind: sum(span["kind"] == kind for case in cases for span in case["spans"]) for kind in PERSONAL_KINDS}
    assert min(by_kind.values()) >= 25, by_kind


@pytest.mark.parametrize(("name", "at_least"), [("digits_written.jsonl", 300), ("digits_speech.jsonl", 100)])
def test_digits(name: str, at_least: int) -> None:
    cases = objects(name)
    assert len({case["id"] for case in cases}) == len(cases) >= at_least
    for case in cases:
        assert {turn["speaker"] for turn in case["turns"]} <= {"agent", "customer"}, case["id"]
        for number in case["numbers"]:
            value = number["value"]
            assert re.fullmatch(r"[0-9A-Z]+", value), case["id"]
            if number["kind"] == "mobile":
                assert number["valid"] is bool(re.fullmatch(r"1[3-9]\d{9}", value)), case["id"]
            if number["kind"] == "bank_card":
                assert number["valid"] is (luhn.is_valid(value) and 16 <= len(value) <= 19), case["id"]
            if number["kind"] == "id_card" and number["valid"]:
                assert ric.calc_check_digit(value) == value[-1], case["id"]
