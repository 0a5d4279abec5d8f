"""How well numbers told over turns are joined: dialogues whose list of numbers is exactly right, and those wrong but
sure.

A line of a set: `{"id", "hard", "turns": [{"speaker", "text"}], "numbers": [{"kind", "value", "valid", "ext"?}]}`,
kinds without `pii.`, `order` for an order number. A turn lasts three seconds and half a second lies between turns.
Numbers are compared by kind and value, in whatever order.

    python -m bench.join_digits [--set FILE] [--show] [--json FILE]
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench import report
from bench.sets import SETS, Dialogue, number_kind, objects
from redaction.joining import JoinedNumber, NumberJoiner

DEFAULT_SET = SETS / "digits_written.jsonl"
_TURN_MS, _PAUSE_MS = 3_000, 500


class Outcome(NamedTuple):
    """How a dialogue fared. `sure_but_wrong`: a number that isn't in the reference was given as sure."""

    dialogue: Dialogue
    got: list[JoinedNumber]
    right: bool
    sure_but_wrong: bool
    whole: int
    """How many of the numbers told were found with kind and value."""
    ms_a_turn: float


def joined(dialogue: Dialogue) -> Outcome:
    """Runs one dialogue."""
    joiner = NumberJoiner()
    begun = time.perf_counter()
    at_ms = 0
    for n, turn in enumerate(dialogue.turns):
        joiner.hear(f"{n}", turn.speaker, turn.text, at_ms, at_ms + _TURN_MS)
        at_ms += _TURN_MS + _PAUSE_MS
    took_ms = (time.perf_counter() - begun) * 1000 / max(1, len(dialogue.turns))
    got = joiner.numbers()
    wanted = sorted((number.kind, number.value) for number in dialogue.numbers)
    have = sorted((number_kind(number.kind), number.value) for number in got)
    return Outcome(
        dialogue,
        got,
        wanted == have,
        any(number.sure and (number_kind(number.kind), number.value) not in wanted for number in got),
        sum(pair in have for pair in wanted),
        took_ms,
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _row(name: str, outcomes: Sequence[Outcome]) -> tuple[str, int, float, float, float]:
    told = sum(len(one.dialogue.numbers) for one in outcomes)
    return (
        name,
        len(outcomes),
        _share(sum(one.right for one in outcomes), len(outcomes)),
        _share(sum(one.sure_but_wrong for one in outcomes), len(outcomes)),
        _share(sum(one.whole for one in outcomes), told),
    )


def main() -> int:
    """Prints the table."""
    parser = report.parser(__doc__)
    parser.add_argument(
        "--set", type=Path, default=DEFAULT_SET, metavar="FILE", help="dialogues, JSON lines (%(default)s)"
    )
    parser.add_argument(
        "--show", action="store_true", help="print the dialogues that went wrong (for a development set)"
    )
    asked = parser.parse_args()
    outcomes = [joined(dialogue) for dialogue in objects(asked.set, Dialogue)]
    rows = [
        _row("hard", [one for one in outcomes if one.dialogue.hard]),
        _row("others", [one for one in outcomes if not one.dialogue.hard]),
        _row("all", outcomes),
    ]
    print(report.table(("dialogues", "n", "exactly right", "sure but wrong", "numbers whole"), rows))
    p95_ms = float(np.percentile([one.ms_a_turn for one in outcomes], 95))
    print(f"\np95 {p95_ms:.2f} ms a turn")
    if asked.show:
        for one in outcomes:
            if not one.right:
                turns = "|".join(turn.speaker[0] + turn.text for turn in one.dialogue.turns)
                got = [(number_kind(number.kind), number.value, number.sure) for number in one.got]
                gold = [(number.kind, number.value) for number in one.dialogue.numbers]
                print(json.dumps({"id": one.dialogue.id, "turns": turns, "gold": gold, "got": got}, ensure_ascii=False))
    figures: dict[str, report.Figure] = {
        name: {"n": n, "right": right, "sure but wrong": wrong, "whole": whole} for name, n, right, wrong, whole in rows
    }
    report.write_json(asked.json, {**figures, "p95 ms a turn": p95_ms})
    return 0


if __name__ == "__main__":
    report.run(main)
