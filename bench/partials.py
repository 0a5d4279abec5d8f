"""Does abuse become visible while it is spoken? The sets of spoken abuse through live recognition and the mask.

    python -m bench.partials --heard /tmp/heard --json partials.json
    python -m bench.partials --heard /tmp/heard --show        # with the words of what was missed

Each utterance is a call of its own on a virtual clock (`virtual_clock.py`): every decode is real, the times between are
not waited for. All that a window would have been given counts: partials, finals, finals shown anew. Abuse is found in
it by syllables (`syllables.py`).
"""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bench.heard import Call, Heard, Shown, add_arguments, listen_as_asked, read_calls, show, written
from bench.material import find
from bench.report import Figure, parser, run, table, write_json
from bench.score import CallScore, Turn, percentile, score_call
from bench.visible import (
    CLAUSE_KINDS,
    PART_SYLLABLES,
    Gold,
    judge,
    late,
    masked_kinds,
    partials,
)
from core.protocols import Masker


# --- the whole ----------------------------------------------------------------------------------------------------
class Measured(NamedTuple):
    """A recording through the mask, call by call."""

    calls: list[Call]
    heard: list[Heard]
    shown: list[list[Shown]]

    def score(self) -> CallScore:
        """Errors of the unmasked finals."""
        turns = (
            score_call(
                [Turn(line.leg, line.start_ms, line.end_ms, line.text) for line in call.lines], written(call, heard)
            ).turns
            for call, heard in zip(self.calls, self.heard, strict=True)
        )
        return CallScore(tuple(turn for some in turns for turn in some))


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "–"


def gold_rows(golds: Sequence[Gold]) -> Iterator[tuple[str, list[Gold]]]:
    """Gold spans by kind, then all."""
    for kind in dict.fromkeys(gold.kind for gold in golds):
        yield kind, [gold for gold in golds if gold.kind == kind]
    yield "all", list(golds)


def measure(name: str, chosen: Namespace, masker: Masker) -> Measured:
    """One recording as the command line asks."""
    audio = find(name, chosen.data)
    calls = read_calls(audio)[: chosen.first]
    heard = listen_as_asked(audio, calls, chosen)
    return Measured(calls, heard, [list(show(one, masker)) for one in heard])


def _late_part(abuse: Measured, *, words: bool) -> Figure:
    """(a), printed."""
    print("Insults that the final hides and an earlier partial showed\n")
    lates = [late(shown) for shown in abuse.shown]
    hidden_count, late_count = sum(total for total, _ in lates), sum(len(found) for _, found in lates)
    print(table(("hidden in finals", "visible before"), [(hidden_count, late_count)]))
    named = [
        f"{call.id} {one.words} in {one.partial}"
        for call, (_, found) in zip(abuse.calls, lates, strict=True)
        for one in found
    ]
    _print_words(named, words=words)
    return {"hidden_in_finals": hidden_count, "visible_before": late_count, "which": named}


def _gold_part(abuse: Measured, *, words: bool) -> Figure:
    """(b), printed."""
    print("\nGold insults: what the recogniser wrote of them, and what could be read through the mask\n")
    golds = [
        gold
        for call, shown in zip(abuse.calls, abuse.shown, strict=True)
        for line in call.lines
        for gold in judge(line, shown)
    ]
    rows: list[tuple[object, ...]] = []
    by_kind: dict[str, Figure] = {}
    for kind, some in gold_rows(golds):
        never = [gold for gold in some if not gold.written]
        counts = {
            "gold": len(some),
            "written": sum(gold.written for gold in some),
            "visible": sum(gold.visible for gold in some),
            "visible_in_the_very_characters": sum(gold.visible_chars for gold in some),
            "visible_in_finals": sum(gold.visible_final for gold in some),
            "visible_in_part": sum(gold.visible_part for gold in some),
            "written_in_part": sum(gold.written_part for gold in some),
            "never_written": len(never),
            "never_written_but_chip": sum(gold.chip for gold in never),
        }
        by_kind[kind] = {**counts, "visible_share": counts["visible"] / len(some) if some else None}
        rows.append(
            (
                kind,
                len(some),
                _share(counts["written"], len(some)),
                _share(counts["visible"], len(some)),
                counts["visible_in_the_very_characters"],
                counts["visible_in_finals"],
                _share(counts["written_in_part"], len(some)),
                _share(counts["visible_in_part"], len(some)),
                f"{len(never)}, {counts['never_written_but_chip']}",
            )
        )
    header = (
        *("kind", "gold", "written", "visible", "same characters", "in finals", "written in part", "visible in part"),
        "never written, with a chip",
    )
    print(table(header, rows))
    print(f"\nIn part: of a clause ({', '.join(sorted(CLAUSE_KINDS))}) any {PART_SYLLABLES} syllables in a row.")
    named = {
        "visible": [_named(gold) for gold in golds if gold.visible],
        "visible_in_part_alone": [_named(gold) for gold in golds if gold.visible_part and not gold.visible],
        "never_written": [_named(gold) for gold in golds if not gold.written],
    }
    for title, lines in named.items():
        _print_words(lines, title, words=words)
    return {"by_kind": by_kind, **named}


def _named(gold: Gold) -> str:
    return f"{gold.call} {gold.kind}: {gold.words}"


def _clean_part(clean: Measured, *, words: bool) -> Figure:
    """(c), printed."""
    print("\nClean utterances with anything hidden\n")
    found = [masked_kinds(shown) for shown in clean.shown]
    notes = [call.lines[0].note for call in clean.calls]
    rows: list[tuple[object, ...]] = []
    by_note: dict[str, Figure] = {}
    for note in (*dict.fromkeys(notes), "all"):
        some = [kinds for own, kinds in zip(notes, found, strict=True) if note in ("all", own)]
        anything, finals = sum(bool(every) for every, _ in some), sum(bool(last) for _, last in some)
        abusive = sum(any(kind.startswith("abuse.") for kind in every) for every, _ in some)
        rows.append((note, len(some), anything, finals, abusive))
        by_note[note] = {"utterances": len(some), "anything": anything, "in_finals": finals, "as_abuse": abusive}
    print(table(("note", "utterances", "anything hidden", "in the final", "as abuse"), rows))
    named = [
        f"{call.id} {', '.join(sorted(every))}: {call.lines[0].text}"
        for call, (every, _) in zip(clean.calls, found, strict=True)
        if every
    ]
    _print_words(named, words=words)
    return {
        "by_note": by_note,
        "kinds": dict(Counter(kind for every, _ in found for kind in every)),
        "which": named,
    }


def _held_back_part(sets: Mapping[str, Measured], finder: Masker) -> Figure:
    """(d), printed."""
    print("\nWhat holding back does to partials\n")
    rows: list[tuple[object, ...]] = []
    figures: dict[str, Figure] = {}
    for name, measured in sets.items():
        chars, wholly, later_ms = partials(measured.shown, finder)
        some, later_mean_ms = sum(one > 0 for one in chars), _mean(later_ms)
        cer = measured.score().cer()
        rows.append(
            (
                *(name, len(chars), _mean(chars), percentile(chars, 95)),
                *(_share(some, len(chars)), _share(wholly, len(chars)), later_mean_ms, percentile(later_ms, 95), cer),
            )
        )
        figures[name] = {
            "partials": len(chars),
            "chars_mean": _mean(chars),
            "chars_p95": percentile(chars, 95),
            "with_any": some,
            "wholly": wholly,
            "first_text_later_mean_ms": later_mean_ms,
            "first_text_later_p95_ms": percentile(later_ms, 95),
            "cer_unmasked": cer,
        }
    header = (
        *("set", "partials", "characters held back, mean", "p95", "partials with any", "wholly"),
        *("first text later, mean ms", "p95", "CER % unmasked"),
    )
    print(table(header, rows))
    return figures


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _print_words(lines: Sequence[str], title: str = "", *, words: bool) -> None:
    if words and lines:
        print("\n" + "\n".join([f"  {title}"] * bool(title) + [f"  {line}" for line in lines]))


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    add_arguments(arguments)
    arguments.add_argument("--show", action="store_true", help="the words of what was missed")
    chosen = arguments.parse_args()
    from app.masking import rule_mask  # noqa: PLC0415 - the word lists take a moment, and `--help` needs none

    abuse = measure("spoken_abuse.opus", chosen, rule_mask())
    clean = measure("spoken_clean.opus", chosen, rule_mask())
    figures: dict[str, Figure] = {
        "late": _late_part(abuse, words=chosen.show),
        "gold": _gold_part(abuse, words=chosen.show),
        "clean": _clean_part(clean, words=chosen.show),
        "held_back": _held_back_part({"abuse": abuse, "clean": clean}, rule_mask()),
    }
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
