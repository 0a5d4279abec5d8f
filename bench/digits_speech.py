"""How many numbers that are read out on the telephone end up whole? Spoken dialogues through recognition and the mask.

    python -m bench.digits_speech --heard /tmp/heard --json digits.json
    python -m bench.digits_speech --heard /tmp/heard --show      # every number that is not right
    python -m bench.digits_speech --text                         # the written turns alone, nothing is recognised

Each dialogue of `tests/audio/spoken_digits.opus` is a call of its own on a virtual clock (`virtual_clock.py`). The
numbers that the mask has joined when the call ends are held against those that were said, none left out; beside it
stands what the mask makes of the written turns, so that the recogniser's share of what is lost can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from rapidfuzz.distance import Levenshtein

from bench.heard import Call, Heard, Told, add_arguments, listen_as_asked, read_calls, show, written
from bench.material import find
from bench.report import Figure, parser, run, table, write_json
from bench.score import CallScore, Interval, Turn, pooled_cer, score_call
from bench.sets import SETS, Dialogue, Gold, number_kind, objects
from core.protocols import Masker
from core.types import Utterance

SET = SETS / "digits_speech.jsonl"

KINDS = ("mobile", "landline", "id_card", "bank_card", "order", "code")
"""Kinds of the set, in the order of the table."""


class Number(Protocol):
    """A number as the mask has joined it. `value`: digits and letters without separators, upper case."""

    @property
    def kind(self) -> str:
        """As in `MaskSpan`."""
        ...

    @property
    def value(self) -> str:
        """Never logged."""
        ...

    @property
    def sure(self) -> bool:
        """Complete, its checksum right where there is one."""
        ...


class NumberMask(Masker, Protocol):
    """A mask that tells the numbers of the call."""

    def numbers(self) -> Sequence[Number]:
        """Those of the call so far, in order of their first digit."""
        ...


class Fared(NamedTuple):
    """What became of a number that was said; `got` is what was joined in its place, None where nothing was."""

    dialogue: str
    gold: Gold
    got: Number | None

    @property
    def right(self) -> bool:
        """Every digit, and none more."""
        return self.got is not None and self.got.value == self.gold.value

    @property
    def kind_right(self) -> bool:
        """Right, and known for what it is."""
        return self.right and self.got is not None and number_kind(self.got.kind) == self.gold.kind

    @property
    def wrong_but_sure(self) -> bool:
        """Wrong, and nothing says so; also a broken number that is read right and passed as a whole one."""
        return self.got is not None and self.got.sure and (not self.right or self.gold.valid is False)

    @property
    def right_digits(self) -> int:
        """Digits in their place, by alignment."""
        return _in_place(self.gold.value, self.got.value) if self.got else 0


def _in_place(value: str, other: str) -> int:
    """Characters of `value` that stand in `other` too, by alignment."""
    blocks = Levenshtein.opcodes(value, other)
    return sum(block.src_end - block.src_start for block in blocks if block.tag == "equal")


def match(dialogue: str, golds: Sequence[Gold], numbers: Sequence[Number]) -> tuple[list[Fared], list[Number]]:
    """Each number said with the one joined in its place, and those joined where none was said.

    Equal values belong together; of the rest, those that have most digits in common, if that is half of either's.
    """
    left = list(numbers)
    got: dict[int, Number] = {}
    for place, gold in enumerate(golds):
        same = next((one for one in left if one.value == gold.value), None)
        if same is not None:
            got[place] = same
            left.remove(same)
    pairs = sorted(
        (Levenshtein.normalized_distance(gold.value, one.value), place, number)
        for place, gold in enumerate(golds)
        if place not in got
        for number, one in enumerate(left)
    )
    taken: set[int] = set()
    for _, place, number in pairs:
        value, other = golds[place].value, left[number].value
        alike = 2 * _in_place(value, other) >= min(len(value), len(other))
        if alike and place not in got and number not in taken:
            got[place] = left[number]
            taken.add(number)
    extra = [one for number, one in enumerate(left) if number not in taken]
    return [Fared(dialogue, gold, got.get(place)) for place, gold in enumerate(golds)], extra


class Score(NamedTuple):
    """Numbers of a kind, or of all. Shares in percent, with 95 % intervals over numbers."""

    said: int
    whole: Interval
    kind_right: int
    wrong_but_sure: int
    digits: Interval
    missing: int

    @classmethod
    def of(cls, fared: Sequence[Fared]) -> Score:
        """Nothing is left out."""
        return cls(
            len(fared),
            pooled_cer([int(one.right) for one in fared], [1 for _ in fared]),
            sum(one.kind_right for one in fared),
            sum(one.wrong_but_sure for one in fared),
            pooled_cer([one.right_digits for one in fared], [len(one.gold.value) for one in fared]),
            sum(one.got is None for one in fared),
        )

    def figure(self) -> dict[str, Figure]:
        """As JSON."""
        return self._asdict()


def as_written(call: Call) -> Heard:
    """A call as if every turn had been recognised as it is written, each an utterance."""
    return Heard(
        call.id,
        tuple(
            Told(
                line.end_ms - call.start_ms,
                Utterance(
                    f"{call.id}-{number}",
                    line.leg,
                    line.start_ms - call.start_ms,
                    line.end_ms - call.start_ms,
                    line.text,
                    confidence=1.0,
                ),
            )
            for number, line in enumerate(call.lines)
        ),
    )


def joined(heard: Heard, mask: NumberMask) -> list[Number]:
    """The numbers of a call when it has ended."""
    for _ in show(heard, mask):
        pass
    return list(mask.numbers())


def fare(
    dialogues: Iterable[Dialogue], heard: Iterable[Heard], mask: NumberMask
) -> tuple[list[Fared], list[tuple[str, Number]]]:
    """All numbers of all dialogues, and what was joined where none was said."""
    every: list[Fared] = []
    extra: list[tuple[str, Number]] = []
    for dialogue, call in zip(dialogues, heard, strict=True):
        fared, more = match(dialogue.id, dialogue.numbers, joined(call, mask))
        every += fared
        extra += [(dialogue.id, number) for number in more]
    return every, extra


def error_rate(calls: Sequence[Call], heard: Sequence[Heard]) -> Interval:
    """Of the unmasked finals, both legs."""
    turns = [
        turn
        for call, one in zip(calls, heard, strict=True)
        for turn in score_call(
            [Turn(line.leg, line.start_ms, line.end_ms, line.text) for line in call.lines], written(call, one)
        ).turns
    ]
    return CallScore(tuple(turns)).cer()


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    add_arguments(arguments)
    arguments.add_argument("--show", action="store_true", help="every number that is not right")
    arguments.add_argument("--text", action="store_true", help="the written turns alone")
    arguments.add_argument("--set", type=Path, default=SET, metavar="FILE", help="what was said (%(default)s)")
    chosen = arguments.parse_args()
    from app.masking import rule_mask  # noqa: PLC0415 - the word lists take a moment, and `--help` needs none

    audio = find("spoken_digits.opus", chosen.data)
    calls = read_calls(audio)[: chosen.first]
    every = {dialogue.id: dialogue for dialogue in objects(chosen.set, Dialogue)}
    dialogues = [every[call.id] for call in calls]
    sources = {"written turns": [as_written(call) for call in calls]}
    figures: dict[str, Figure] = {}
    if not chosen.text:
        sources = {"recognised": listen_as_asked(audio, calls, chosen), **sources}
        cer = error_rate(calls, sources["recognised"])
        print(f"{len(calls)} dialogues, CER of the recognised text unmasked: {cer} %\n")
        figures["cer"] = cer
    mask = rule_mask()
    rows: list[tuple[object, ...]] = []
    for name, heard in sources.items():
        fared, extra = fare(dialogues, heard, mask)
        by_kind: dict[str, Figure] = {}
        for kind in (*KINDS, "all"):
            score = Score.of([one for one in fared if kind in ("all", one.gold.kind)])
            of_extra = [number for _, number in extra if kind in ("all", number_kind(number.kind))]
            sure_extra = sum(number.sure for number in of_extra)
            if score.said or of_extra:
                rows.append((name, kind, *score, f"{len(of_extra)}, {sure_extra}"))
            by_kind[kind] = {**score.figure(), "never_said": len(of_extra), "never_said_but_sure": sure_extra}
        nothing = {dialogue.id for dialogue in dialogues if not dialogue.numbers}
        invented = sum(dialogue in nothing for dialogue, _ in extra)
        figures[name] = {**by_kind, "dialogues_without_number": len(nothing), "joined_in_those": invented}
        if chosen.show:
            for one in fared:
                if not one.kind_right or one.wrong_but_sure:
                    got = f"{one.got.kind} {one.got.value} {'sure' if one.got.sure else 'unsure'}" if one.got else "–"
                    print(f"  {name}  {one.dialogue}  {one.gold.kind} {one.gold.value}  got  {got}")
            for dialogue, number in extra:
                sureness = "sure" if number.sure else "unsure"
                print(f"  {name}  {dialogue}  never said  {number.kind} {number.value} {sureness}")
    header = (
        *("text", "kind", "said", "whole %", "kind right too", "wrong but sure", "digits right %", "missing"),
        "never said, of them sure",
    )
    print(table(header, rows))
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
