"""What the mask costs: one thread, every text of the test sets as a final and as a partial, and texts made to hurt.

    python -m bench.mask_cost

An utterance is timed alone, its words and chips included, after one round that fills the caches. The long texts are of
kinds that make careless rules slow: digits without end, prefixes of insults, spaces and joiners between characters.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import msgspec
import numpy as np

from app.masking import rule_mask
from bench.report import Figure, parser, run, table, write_json
from bench.sets import SETS, Turn, marked_lines, objects
from core.types import Hypothesis, Utterance
from redaction.mask import RuleMask

HARD: dict[str, str] = {
    "digits": "138",
    "spoken digits": "幺三八零",
    "insult": "傻逼",
    "beginnings of insults": "傻操他妈",
    "zero-width joiners": "傻\u200b",
    "letters": "sb",
    "address words": "省市区路号",
    "names": "我叫张",
    "emoji": "👍🏽",
    "plain talk": "您好，我想查一下上个月的话费账单。",
}
UTTERANCES_A_CALL = 100
LENGTHS = (1_000, 10_000, 100_000)


class _Case(msgspec.Struct):
    """A line of any set of numbers: one text, or the turns of a dialogue."""

    text: str = ""
    turns: tuple[Turn, ...] = ()


def texts(folder: Path) -> list[str]:
    """Every text of the sets, markup taken out. Raises BadInput."""
    found = [line.text for file in sorted(folder.glob("*.tsv")) for line in marked_lines(file)]
    for file in sorted(folder.glob("*.jsonl")):
        for case in objects(file, _Case):
            found += [turn.text for turn in case.turns] or [case.text]
    return found


def _masked_ms(mask: RuleMask, item: Utterance | Hypothesis) -> float:
    started = time.perf_counter()
    if isinstance(item, Utterance):
        mask.mask_utterance(item)
        mask.revised()
    else:
        mask.mask_hypothesis(item)
    return (time.perf_counter() - started) * 1000


def main() -> int:
    """Time the mask."""
    arguments = parser(__doc__)
    arguments.add_argument("--sets", type=Path, default=SETS)
    chosen = arguments.parse_args()
    mask = rule_mask()
    said = texts(chosen.sets)
    finals = [Utterance(f"a-c-{at}", "customer", at * 3000, at * 3000 + 2000, text) for at, text in enumerate(said)]
    partials = [Hypothesis("customer", 0, 2000, text) for text in said]
    rows: list[list[Figure]] = []
    kinds: tuple[tuple[str, Sequence[Utterance | Hypothesis]], ...] = (("final", finals), ("partial", partials))
    for name, items in kinds:
        taken_ms: list[float] = []
        for round_ in range(2):
            taken_ms = []
            for at, item in enumerate(items):
                if at % UTTERANCES_A_CALL == 0:
                    mask.begin_call(f"{round_}-{at}")
                taken_ms.append(_masked_ms(mask, item))
        p50, p95, most = np.percentile(taken_ms, [50, 95, 100])
        rows.append([name, len(taken_ms), float(p50), float(p95), float(most)])
    print(f"{len(said)} texts, {sum(map(len, said)) / len(said):.0f} characters on average\n")
    print(table(["one utterance (ms)", "texts", "p50", "p95", "most"], rows))
    long_rows: list[list[Figure]] = []
    for name, unit in HARD.items():
        taken_ms = []
        for length in LENGTHS:
            text = "".join(islice(cycle(unit), length))
            mask.begin_call(name)
            taken_ms.append(_masked_ms(mask, Utterance("x", "agent", 0, 1, text)))
        long_rows.append([name, *taken_ms, taken_ms[-1] / taken_ms[-2]])
    print()
    print(table(["made to hurt (ms)", *(f"{length:,}" for length in LENGTHS), "last / one before"], long_rows))
    write_json(chosen.json, {"utterances": rows, "long": long_rows})
    return 0


if __name__ == "__main__":
    run(main)
