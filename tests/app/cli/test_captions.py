"""How captions look in a terminal and to programs."""

from __future__ import annotations

import json
import sys

import pytest

from app.cli.captions import CaptionPrinter
from core.types import CaptionItem, Gap, MaskedHypothesis, MaskedUtterance, MaskSpan, Word

UTTERANCE = MaskedUtterance(
    "c-a-61000",
    "agent",
    61_000,
    62_500,
    "好的。",
    (Word("好的。", 61_000, 61_800, 0.912),),
    0.9,
    (MaskSpan(0, 2, "abuse.personal"),),
)
HYPOTHESIS = MaskedHypothesis("customer", 61_000, 62_000, "我想", 1)
GAP = Gap("customer", 3_599_000, 3_600_000, "paused")


def shown(capsys: pytest.CaptureFixture[str], item: CaptionItem, *, as_json: bool = False) -> str:
    CaptionPrinter(as_json=as_json).show(item, 63_000)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("item", "row"),
    [
        (
            UTTERANCE,
            {
                "type": "utterance",
                "id": "c-a-61000",
                "leg": "agent",
                "start_ms": 61_000,
                "end_ms": 62_500,
                "text": "好的。",
                "emitted_ms": 63_000,
                "confidence": 0.9,
                "words": [["好的。", 61_000, 61_800, 0.912]],
                "spans": [{"start": 0, "end": 2, "kind": "abuse.personal"}],
            },
        ),
        (
            HYPOTHESIS,
            {
                "type": "hypothesis",
                "leg": "customer",
                "start_ms": 61_000,
                "end_ms": 62_000,
                "text": "我想",
                "emitted_ms": 63_000,
                "confidence": None,
                "spans": [],
            },
        ),
        (
            GAP,
            {
                "type": "gap",
                "leg": "customer",
                "start_ms": 3_599_000,
                "end_ms": 3_600_000,
                "text": "",
                "emitted_ms": 63_000,
                "confidence": None,
                "reason": "paused",
            },
        ),
    ],
)
def test_rows_for_programs(capsys: pytest.CaptureFixture[str], item: CaptionItem, row: dict) -> None:
    printed = shown(capsys, item, as_json=True)
    assert printed.count("\n") == 1
    assert json.loads(printed) == row
    assert "\\u" not in printed


def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, UTTERANCE) == "01:01 坐席 好的。\n"
    assert shown(capsys, GAP) == "59:59 客户 [paused]\n"
    assert shown(capsys, HYPOTHESIS) == ""


def test_a_terminal_shows_partials_in_grey_and_clears_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    partial = shown(capsys, HYPOTHESIS)
    assert partial.startswith("\r\x1b[2K\x1b[90m客户")
    assert "\n" not in partial
    long = MaskedHypothesis("customer", 0, 1, "一" * 50 + "完")
    assert shown(capsys, long).count("一") == 29
    final = shown(capsys, UTTERANCE)
    assert final.startswith("\r\x1b[2K")
    assert final.endswith(" 好的。\n")
