"""What could be read through the mask: of gold insults, of what the final hides, and how much a partial holds back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from bench.heard import Line, Shown
from bench.normalise import normalise
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
