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
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from bench.heard import Call, Heard, Line, Shown, add_arguments, listen_as_asked, read_calls, show, written
from bench.material import find
from bench.normalise import normalise
from bench.report import Figure, parser, run, table, write_json
from bench.score import CallScore, Turn, percentile, score_call
from bench.syllables import Syllable, count, runs, syllables
from core.protocols import Masker
from core.types import Hypothesis, MaskedHypothesis, MaskedUtterance, MaskSpan, Utterance

CLAUSE_KINDS = frozenset({"threat", "harassment", "family_curse"})
"""Kinds whose gold spans are whole clauses: part of one may be visible without the other."""

PART_SYLLABLES = 4
"""Of a clause, so many in a row may already say it."""


@lru_cache(maxsize=4_096)
def _syllables(text: str) -> list[Syllable]:
    return syllables(text)


# --- what is to be seen -------------------------------------------------------------------------------------------
def pieces(text: str, spans: Sequence[MaskSpan]) -> list[str]:
    """What of a masked text is not a chip, in order: one more than there are chips, some empty."""
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def hidden(original: str, text: str, spans: Sequence[MaskSpan]) -> list[tuple[int, int]] | None:
    """Where in the original each chip's words are; None where `text` is not the original with chips.

    Where several readings are possible the first chips hide as little as may be.
    """
    shown = pieces(text, spans)
    if not original.startswith(shown[0]):
        return None

    def placed(number: int, at: int) -> list[tuple[int, int]] | None:
        if number == len(shown):
            return [] if at == len(original) else None
        piece = shown[number]
        if number == len(shown) - 1:
            start = len(original) - len(piece)
            return [(at, start)] if start > at and original.endswith(piece) else None
        start = original.find(piece, at + 1)
        while start >= 0:
            rest = placed(number + 1, start + len(piece))
            if rest is not None:
                return [(at, start), *rest]
            start = original.find(piece, start + 1)
        return None

    return placed(1, len(shown[0]))


def often(words: Sequence[Syllable], shown: Shown) -> int:
    """How often words sound in what a window was given, never over a chip."""
    return sum(count(words, _syllables(piece)) for piece in pieces(shown.masked.text, shown.masked.spans))


# --- (a) visible first, hidden later ------------------------------------------------------------------------------
class Late(NamedTuple):
    """An insult that the final hides and an earlier text of the utterance showed."""

    words: str
    partial: str


def late(shown: Sequence[Shown]) -> tuple[int, list[Late]]:
    """How many insults the finals hide, and those of them that could be read before."""
    total = 0
    found: list[Late] = []
    for place, final in enumerate(shown):
        if not isinstance(final.masked, MaskedUtterance) or final.again:
            continue
        stretches = hidden(final.original.text, final.masked.text, final.masked.spans)
        if stretches is None:
            raise AssertionError("A masked final is not its original with chips.")
        earlier = [one for one in shown[:place] if _of(one, final)]
        for (start, end), span in zip(stretches, final.masked.spans, strict=True):
            if not span.kind.startswith("abuse."):
                continue
            total += 1
            words = final.original.text[start:end]
            heard = syllables(words)
            rest = count(heard, syllables(final.original.text[:start])) + count(
                heard, syllables(final.original.text[end:])
            )
            seen = next((one for one in earlier if heard and often(heard, one) > rest), None)
            if seen:
                found.append(Late(words, seen.masked.text))
    return total, found


def _of(partial: Shown, final: Shown) -> bool:
    first, second = partial.original, final.original
    return (
        isinstance(first, Hypothesis)
        and first.leg == second.leg
        and first.start_ms < second.end_ms
        and second.start_ms < first.end_ms
    )


# --- (b) gold -----------------------------------------------------------------------------------------------------
class Gold(NamedTuple):
    """How a gold span fared. `part`: of a clause, any four syllables in a row; of another span the same as whole.

    Attributes:
        written: the recogniser wrote it, in a partial or a final.
        visible: it stood in something that was shown.
        visible_final: in something that was not a partial.
        visible_chars: in the very characters, not by sound alone.
        chip: a final has a chip of abuse.
    """

    call: str
    kind: str
    words: str
    written: bool
    written_part: bool
    visible: bool
    visible_part: bool
    visible_final: bool
    visible_chars: bool
    chip: bool


def judge(line: Line, shown: Sequence[Shown]) -> list[Gold]:
    """Each gold span of an utterance against all that was shown of it.

    What the utterance also says outside of its gold spans counts only where it is shown more often than it is said.
    """
    ends = [0, *(end for _, _, end in line.spans)]
    starts = [*(start for _, start, _ in line.spans), len(line.text)]
    innocent = [syllables(line.text[end:start]) for end, start in zip(ends, starts, strict=True)]
    plain = [Shown(one.at_ms, one.original, _unmasked(one.original)) for one in shown]
    finals = [one for one in shown if isinstance(one.masked, MaskedUtterance)]
    chip = any(span.kind.startswith("abuse.") for one in finals for span in one.masked.spans)

    readable = {piece for one in shown for piece in pieces(one.masked.text, one.masked.spans)}

    def seen(words: Sequence[Syllable], where: Sequence[Shown]) -> bool:
        said = sum(count(words, text) for text in innocent)
        return any(often(words, one) > said for one in where)

    def in_part(parts: Sequence[Sequence[Syllable]], where: Sequence[Shown]) -> bool:
        return any(seen(part, where) for part in parts)

    judged: list[Gold] = []
    for kind, start, end in line.spans:
        words = syllables(line.text[start:end])
        parts = runs(words, PART_SYLLABLES) if kind in CLAUSE_KINDS else [words]
        judged.append(
            Gold(
                line.id,
                kind,
                line.text[start:end],
                seen(words, plain),
                in_part(parts, plain),
                seen(words, shown),
                in_part(parts, shown),
                seen(words, finals),
                any(normalise(line.text[start:end]) in normalise(piece) for piece in readable) and seen(words, shown),
                chip,
            )
        )
    return judged


def _unmasked(item: Hypothesis | Utterance) -> MaskedHypothesis:
    return MaskedHypothesis(item.leg, item.start_ms, item.end_ms, item.text)


# --- (c) clean ----------------------------------------------------------------------------------------------------
def masked_kinds(shown: Sequence[Shown]) -> tuple[set[str], set[str]]:
    """Kinds of all chips, and of those in finals as they stood last."""
    last = {one.masked.id: one.masked for one in shown if isinstance(one.masked, MaskedUtterance)}
    return (
        {span.kind for one in shown for span in one.masked.spans},
        {span.kind for final in last.values() for span in final.spans},
    )


# --- (d) held back ------------------------------------------------------------------------------------------------
def held_back(partial: Shown, finder: Masker) -> int:
    """How many characters at the end of a partial were not shown, neither as they are nor by a chip.

    `finder`: another mask, without a call. It is given the partial as a final, which holds nothing back.
    """
    original, masked = partial.original.text, partial.masked
    *_, last = pieces(masked.text, masked.spans)
    if not masked.spans:
        return len(original) - len(last)
    finder.begin_call("held back")
    whole = finder.mask_utterance(
        Utterance("u", partial.original.leg, partial.original.start_ms, partial.original.end_ms, original)
    )
    stretches = hidden(original, whole.text, whole.spans) or []
    # Where the mask, knowing the call, saw a number that is none by itself, the least that can have been held back.
    likeliest = [stretches[len(masked.spans) - 1][1] + len(last)] if len(masked.spans) <= len(stretches) else []
    for shown_to in chain(likeliest, range(len(original), -1, -1)):
        if hidden(original[:shown_to], masked.text, masked.spans) is not None:
            return len(original) - shown_to
    raise AssertionError("A masked partial is not the beginning of its original.")


class Partials(NamedTuple):
    """What holding back does to partials. `first_later_ms`: how much later an utterance's first text is shown."""

    chars: list[int]
    wholly: int
    first_later_ms: list[int]


def partials(calls: Sequence[Sequence[Shown]], finder: Masker) -> Partials:
    """All partials of some calls."""
    chars: list[int] = []
    wholly = 0
    first_later_ms: list[int] = []
    for shown in calls:
        told = [one for one in shown if isinstance(one.original, Hypothesis) and one.original.text]
        chars += [held_back(one, finder) for one in told]
        wholly += sum(not one.masked.text for one in told)
        first = next((one.at_ms for one in shown if one.original.text), None)
        first_shown = next((one.at_ms for one in shown if one.masked.text), None)
        if first is not None and first_shown is not None:
            first_later_ms.append(first_shown - first)
    return Partials(chars, wholly, first_later_ms)


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
