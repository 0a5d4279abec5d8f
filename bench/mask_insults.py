"""How well insults are hidden: utterance recall, false alarms, masked characters, kinds, and cost.

    python -m bench.mask_insults [--abusive FILE ...] [--innocent FILE ...] [--misses] [--json FILE]

Each file is a table with tabs and a header (`id speaker sector note text`); what is to be hidden stands as
`〔kind:span〕`. A line of an abusive file without such a span counts as innocent, so that one file may hold both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.report import Figure, parser, run, table, write_json
from bench.sets import KINDS, SETS, Line, marked_lines
from redaction.finding import Finding
from redaction.insults import InsultFinder

REPEATS = 3
"""A line is masked so often; the quickest counts, as the others were held up by the machine."""


@dataclass(frozen=True, slots=True)
class Masked:
    """One line with what was found, and how long that took."""

    line: Line
    found: tuple[Finding, ...]
    cost_ms: float

    @property
    def wanted_chars(self) -> set[int]:
        """Code points that are to be hidden."""
        return {place for start, end, _ in self.line.spans for place in range(start, end)}

    @property
    def hidden_chars(self) -> set[int]:
        """Code points that were hidden."""
        return {place for one in self.found for place in range(one.start, one.end)}


def masked(lines: Iterable[Line], finder: InsultFinder) -> list[Masked]:
    """What `finder` finds in each line; the first text of all is read beforehand, since it loads the lists."""
    finder.find("喂")
    done: list[Masked] = []
    for line in lines:
        costs_ms = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            found = tuple(finder.find(line.text))
            costs_ms.append(1000 * (time.perf_counter() - start))
        done.append(Masked(line, found, min(costs_ms)))
    return done


def share(part: int, whole: int) -> float:
    """`part` of `whole`; NaN of nothing."""
    return part / whole if whole else float("nan")


def figures(done: Sequence[Masked]) -> dict[str, Figure]:
    """All figures of one run."""
    abusive = [one for one in done if one.line.spans]
    innocent = [one for one in done if not one.line.spans]
    wanted = sum(len(one.wanted_chars) for one in done)
    hidden = sum(len(one.hidden_chars) for one in done)
    right = sum(len(one.wanted_chars & one.hidden_chars) for one in done)
    hidden_in_abusive = sum(len(one.hidden_chars) for one in abusive)
    by_kind: dict[str, Figure] = {}
    touched = right_kind = 0
    for name, kind in KINDS.items():
        spans = [(one, span) for one in abusive for span in one.line.spans if span[2] == kind]
        hit = [
            [found.kind for found in one.found if found.start < span[1] and found.end > span[0]] for one, span in spans
        ]
        touched += sum(map(bool, hit))
        right_kind += sum(kind in kinds for kinds in hit)
        by_kind[name] = {"spans": len(spans), "recall": share(sum(map(bool, hit)), len(spans))}
    costs = sorted(one.cost_ms for one in done)
    return {
        "abusive": len(abusive),
        "innocent": len(innocent),
        "utterance_recall": share(sum(bool(one.wanted_chars & one.hidden_chars) for one in abusive), len(abusive)),
        "false_alarms": share(sum(bool(one.found) for one in innocent), len(innocent)),
        "char_recall": share(right, wanted),
        "char_precision": share(right, hidden),
        "char_precision_in_abusive": share(right, hidden_in_abusive),
        "kind_accuracy": share(right_kind, touched),
        "cost_ms_p50": statistics.median(costs) if costs else float("nan"),
        "cost_ms_p95": costs[int(0.95 * (len(costs) - 1))] if costs else float("nan"),
        "by_kind": by_kind,
    }


def _misses(done: Iterable[Masked]) -> Iterable[str]:
    for one in done:
        if one.wanted_chars == one.hidden_chars:
            continue
        shown = ", ".join(f"{one.line.text[found.start : found.end]} ({found.kind})" for found in one.found)
        wanted = ", ".join(one.line.text[start:end] for start, end, _ in one.line.spans)
        sort = "miss" if one.line.spans and not one.found else "span" if one.line.spans else "alarm"
        yield f"{sort} {one.line.id} {one.line.text} | wanted: {wanted} | hidden: {shown}"


def main() -> int:
    """Measure, print, and write where asked."""
    made = parser(__doc__)
    made.add_argument("--abusive", type=Path, nargs="+", metavar="FILE", default=[SETS / "abusive.tsv"])
    made.add_argument(
        "--innocent",
        type=Path,
        nargs="*",
        metavar="FILE",
        default=[SETS / "innocent.tsv", SETS / "innocent_writing.tsv"],
    )
    made.add_argument("--misses", action="store_true", help="also print every line whose mask is not as wanted")
    options = made.parse_args()
    lines = [line for path in dict.fromkeys([*options.abusive, *options.innocent]) for line in marked_lines(path)]
    done = masked(lines, InsultFinder())
    if options.misses:
        print(*_misses(done), sep="\n")
    result = figures(done)
    by_kind = result.pop("by_kind")
    assert isinstance(by_kind, dict)
    print(table(["figure", "value"], list(result.items())))
    print()
    print(table(["kind", "spans", "recall"], [[name, *row.values()] for name, row in by_kind.items()]))
    write_json(options.json, {**result, "by_kind": by_kind})
    return 0


if __name__ == "__main__":
    run(main)
