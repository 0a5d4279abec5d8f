"""The spoken sets are those that are written: nobody measures with speech of another text."""

import csv
import json
import re

import pytest

from bench.heard import read_calls
from bench.report import ROOT, SPEECH

SETS = ROOT / "tests" / "redaction" / "sets"
GOLD = re.compile(r"〔(\w+):([^〔〕]+)〕")


@pytest.mark.parametrize("name", ["spoken_abuse", "spoken_clean"])
def test_utterances(name: str) -> None:
    with (SETS / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    calls = read_calls(SPEECH / f"{name}.opus")
    assert [call.id for call in calls] == [row["id"] for row in rows]
    for call, row in zip(calls, rows, strict=True):
        (line,) = call.lines
        assert (line.text, line.note) == (GOLD.sub(r"\2", row["text"]), row["note"])
        assert [(kind, line.text[start:end]) for kind, start, end in line.spans] == GOLD.findall(row["text"])
        assert call.legs["customer"].any()


def test_dialogues() -> None:
    dialogues = [json.loads(line) for line in (SETS / "digits_speech.jsonl").read_text("utf-8").splitlines()]
    calls = read_calls(SPEECH / "spoken_digits.opus")
    assert [call.id for call in calls] == [dialogue["id"] for dialogue in dialogues]
    for call, dialogue in zip(calls, dialogues, strict=True):
        assert [(line.leg, line.text) for line in call.lines] == [
            (turn["speaker"], turn["text"]) for turn in dialogue["turns"]
        ]
        for line in call.lines:
            spoken = call.legs[line.leg][(line.start_ms - call.start_ms) * 16 : (line.end_ms - call.start_ms) * 16]
            assert abs(spoken).max() > 0.05
