"""How well personal data is found: exact spans of numbers, characters of names and addresses, leaks, false alarms.

A line of a set: `{"id", "form", "hard", "text", "spans": [{"start", "end", "kind", "valid"}]}`, kinds
without `pii.`, `order` for an order number. A number counts as found when its span is exact and its kind right; it
leaks when a digit of it stays outside everything that was found. Recall by kind, precision over all kinds.

    python -m bench.mask_personal [--set FILE] [--show] [--json FILE]
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from bench import report
from bench.sets import SETS, number_kind, objects
from redaction.finding import Finding
from redaction.personal import PersonalDataFinder

DEFAULT_SET = SETS / "personal_data.jsonl"
_BY_CHARACTER = ("name", "address")


class Span(msgspec.Struct, frozen=True):
    """A stretch to be hidden; `valid` is False for a number with a slip in it, None for a kind without check."""

    start: int
    end: int
    kind: str
    valid: bool | None = None


class Case(msgspec.Struct, frozen=True):
    """A text of the set."""

    id: str
    text: str
    spans: tuple[Span, ...]
    form: str = ""
    hard: str | bool = ""


class Figures:
    """Counts over a set."""

    def __init__(self) -> None:
        self.wanted: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.reported: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.leaked: Counter[bool] = Counter()
        self.told: Counter[bool] = Counter()
        self.chars: Counter[tuple[str, str]] = Counter()
        self.negatives = 0
        self.alarms = 0
        self.wrong: list[tuple[Case, list[Finding]]] = []
        self.times_ms: list[float] = []

    def add(self, case: Case, findings: Sequence[Finding], took_ms: float) -> None:
        """Counts one case."""
        self.times_ms.append(took_ms)
        exact = {(one.start, one.end, number_kind(one.kind)) for one in findings}
        wanted = {(span.start, span.end, span.kind) for span in case.spans}
        hidden = {i for one in findings for i in range(one.start, one.end)}
        for span in case.spans:
            if span.kind in _BY_CHARACTER:
                continue
            self.wanted[span.kind] += 1
            self.found[span.kind] += (span.start, span.end, span.kind) in exact
            self.told[span.valid is not False] += 1
            inside = [i for i in range(span.start, span.end) if case.text[i].isalnum()]
            self.leaked[span.valid is not False] += any(i not in hidden for i in inside)
        for start, end, kind in exact:
            if kind not in _BY_CHARACTER:
                self.reported[kind] += 1
                self.right[kind] += (start, end, kind) in wanted
        for kind in _BY_CHARACTER:
            gold = {i for span in case.spans if span.kind == kind for i in range(span.start, span.end)}
            got = {i for one in findings if number_kind(one.kind) == kind for i in range(one.start, one.end)}
            self.chars[kind, "both"] += len(gold & got)
            self.chars[kind, "gold"] += len(gold)
            self.chars[kind, "got"] += len(got)
        if not case.spans:
            self.negatives += 1
            self.alarms += bool(findings)
        if exact != wanted:
            self.wrong.append((case, list(findings)))

    def f1(self, kind: str) -> float:
        """Character F1 of names or addresses."""
        total = self.chars[kind, "gold"] + self.chars[kind, "got"]
        return 2 * self.chars[kind, "both"] / total if total else float("nan")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def measure(cases: Sequence[Case]) -> Figures:
    """Runs the finder over all cases."""
    finder = PersonalDataFinder()
    finder.find("热身：我叫张伟，手机13800138000，住文三路90号3栋501")
    figures = Figures()
    for case in cases:
        begun = time.perf_counter()
        findings = finder.find(case.text)
        figures.add(case, findings, (time.perf_counter() - begun) * 1000)
    return figures


def main() -> int:
    """Prints the tables."""
    parser = report.parser(__doc__)
    parser.add_argument("--set", type=Path, default=DEFAULT_SET, metavar="FILE", help="cases, JSON lines (%(default)s)")
    parser.add_argument("--show", action="store_true", help="print the cases that went wrong (for a development set)")
    asked = parser.parse_args()
    cases = objects(asked.set, Case)
    figures = measure(cases)
    rows = [
        (
            kind,
            figures.wanted[kind],
            _share(figures.found[kind], figures.wanted[kind]),
            _share(figures.right[kind], figures.reported[kind]),
        )
        for kind in sorted({*figures.wanted, *figures.reported})
    ]
    wanted, found = sum(figures.wanted.values()), sum(figures.found.values())
    reported, right = sum(figures.reported.values()), sum(figures.right.values())
    rows.append(("all numbers", wanted, _share(found, wanted), _share(right, reported)))
    print(report.table(("kind", "n", "recall", "precision"), rows))
    p95_ms = float(np.percentile(figures.times_ms, 95))
    other: dict[str, report.Figure] = {
        "recall": _share(found, wanted),
        "precision": _share(right, reported),
        "name F1": figures.f1("name"),
        "address F1": figures.f1("address"),
        "leak, valid": _share(figures.leaked[True], figures.told[True]),
        "leak, broken": _share(figures.leaked[False], figures.told[False]),
        "false alarms": f"{figures.alarms} of {figures.negatives}",
        "p95 ms a text": p95_ms,
    }
    print()
    print(report.table(("figure", "value"), list(other.items())))
    if asked.show:
        for case, findings in figures.wrong:
            got = [(number_kind(one.kind), case.text[one.start : one.end]) for one in findings]
            gold = [(span.kind, case.text[span.start : span.end]) for span in case.spans]
            print(json.dumps({"id": case.id, "text": case.text, "gold": gold, "got": got}, ensure_ascii=False))
    report.write_json(asked.json, other)
    return 0


if __name__ == "__main__":
    report.run(main)
