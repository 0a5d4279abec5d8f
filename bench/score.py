"""What a system wrote of a call, against its reference: errors, delays, splits, losses.

Words are judged by alignment: all finals of a leg, in order of time, against all its turns, so that a final that runs
over two turns, or a turn in two finals, costs nothing by itself. Times are judged by overlap: a final belongs to a turn
when more than half of either lies in the other; where no final does, the one with the largest overlap does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from rapidfuzz.distance import Levenshtein

from bench.normalise import nearest, normalise

BOOTSTRAP_RESAMPLES = 2_000
BOOTSTRAP_SEED = 20_260
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;])")
_PROOF_CHARS = 2
"""A final has a share in a sentence when so many of the sentence's characters are right in it: one may be chance."""


class Turn(msgspec.Struct, frozen=True):
    """A turn of the reference. `end_ms`: last 10 ms frame above -40 dB of the turn's peak."""

    leg: str
    start_ms: int
    end_ms: int
    text: str


class Written(msgspec.Struct, frozen=True):
    """A line of a system under test; `emitted_ms` is on the audio's clock, from the file's start."""

    type: Literal["hypothesis", "utterance", "gap"]
    leg: str
    start_ms: int
    end_ms: int
    text: str = ""
    emitted_ms: int = 0


class Interval(NamedTuple):
    """A measured share with its 95 % bootstrap interval, all in percent."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


class TurnScore(msgspec.Struct, frozen=True):
    """How one turn fared. Delays are None where the turn was lost, or nothing of it was right."""

    leg: str
    chars: int
    errors: int
    lost: bool
    finals: int
    """How many finals lie mostly in the turn."""
    sentences: int
    split_sentences: int
    final_delay_ms: int | None
    """End of speech to the final that completes the turn."""
    first_text_ms: int | None
    """Start of speech to the first text of any kind."""
    first_right_ms: int | None
    """Start of speech to the first right character of the turn."""


class CallScore(msgspec.Struct, frozen=True):
    """A call in figures. Delays in milliseconds, CER in percent."""

    turns: tuple[TurnScore, ...]

    def cer(self, leg: str | None = None) -> Interval:
        """Pooled character error rate of a leg, or of both, with its interval over turns."""
        kept = [turn for turn in self.turns if leg in (None, turn.leg)]
        return pooled_cer([turn.errors for turn in kept], [turn.chars for turn in kept])

    def delays(self, name: Literal["final_delay_ms", "first_text_ms", "first_right_ms"]) -> tuple[float, float]:
        """p50 and p95 over the turns that have one; nan where none has."""
        known = [value for turn in self.turns if (value := getattr(turn, name)) is not None]
        return percentile(known, 50), percentile(known, 95)

    @property
    def lost(self) -> int:
        """Turns of which nothing was written."""
        return sum(turn.lost for turn in self.turns)

    @property
    def split_turns(self) -> int:
        """Turns with more than one final."""
        return sum(turn.finals > 1 for turn in self.turns)

    @property
    def split_sentences(self) -> int:
        """Sentences whose characters stand in more than one final."""
        return sum(turn.split_sentences for turn in self.turns)

    @property
    def sentences(self) -> int:
        """Sentences of all turns."""
        return sum(turn.sentences for turn in self.turns)


def percentile(values: Sequence[float], percent: float) -> float:
    """Linear between the nearest ranks; nan of nothing."""
    return float(np.percentile(values, percent)) if values else float("nan")


def _resampled(*columns: Sequence[int]) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Sums of each column over resamples of the rows, the same rows for all columns."""
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    rows = rng.integers(len(columns[0]), size=(BOOTSTRAP_RESAMPLES, len(columns[0])))
    return [np.asarray(column, dtype=np.float64)[rows].sum(axis=1) for column in columns]


def _interval(value: float, samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Interval:
    low, high = np.percentile(samples, [2.5, 97.5])
    return Interval(100 * value, 100 * float(low), 100 * float(high))


def pooled_cer(errors: Sequence[int], chars: Sequence[int]) -> Interval:
    """Errors of all utterances over their reference characters; utterances are resampled, 2,000 times, seeded."""
    if not sum(chars):
        return Interval(float("nan"), float("nan"), float("nan"))
    error_sums, char_sums = _resampled(errors, chars)
    return _interval(sum(errors) / sum(chars), error_sums / np.maximum(char_sums, 1))


def cer_difference(errors: Sequence[int], other_errors: Sequence[int], chars: Sequence[int]) -> Interval:
    """Ours less the other's on the same utterances, in points of CER, resampled in pairs."""
    ours, others, char_sums = _resampled(errors, other_errors, chars)
    return _interval((sum(errors) - sum(other_errors)) / sum(chars), (ours - others) / np.maximum(char_sums, 1))


def char_errors(reference: str, text: str) -> tuple[int, int]:
    """Edits that turn `text` into `reference`, and the reference's characters, both normalised."""
    wanted = normalise(reference)
    return Levenshtein.distance(wanted, nearest(text, wanted)), len(wanted)


def overlap_ms(first: Turn | Written, second: Turn | Written) -> int:
    """Length of the time two spans share, 0 where they do not meet."""
    return max(0, min(first.end_ms, second.end_ms) - max(first.start_ms, second.start_ms))


def finals_of(turn: Turn, finals: Sequence[Written]) -> list[Written]:
    """The finals that belong to a turn by time."""
    shared = {final: overlap_ms(turn, final) for final in finals if final.leg == turn.leg and final.text.strip()}
    belonging = [
        final
        for final, share_ms in shared.items()
        if 2 * share_ms > min(final.end_ms - final.start_ms, turn.end_ms - turn.start_ms)
    ]
    if belonging or not shared:
        return belonging
    best = max(shared, key=shared.__getitem__)
    return [best] if shared[best] else []


class _LegAlignment:
    """All finals of a leg against all its turns, character by character."""

    def __init__(self, turns: Sequence[Turn], finals: Sequence[Written]) -> None:
        self.turns = turns
        self.wanted = [normalise(turn.text) for turn in turns]
        self.finals = sorted(finals, key=lambda final: (final.start_ms, final.emitted_ms))
        texts = [
            nearest(
                final.text,
                "".join(text for turn, text in zip(turns, self.wanted, strict=True) if overlap_ms(turn, final)),
            )
            for final in self.finals
        ]
        turn_of_char = [place for place, text in enumerate(self.wanted) for _ in text]
        final_of_char = [place for place, text in enumerate(texts) for _ in text]
        self.errors = [0] * len(turns)
        self.right: list[int | None] = [None] * len(turn_of_char)
        """For each reference character the final that has it right."""
        self.touched = [False] * len(turns)
        """Whether any character, right or wrong, was written in the turn's place."""
        for opcode in Levenshtein.opcodes("".join(self.wanted), "".join(texts)):
            start, end = opcode.src_start, opcode.src_end
            if opcode.tag == "insert":
                if turn_of_char:
                    self.errors[turn_of_char[max(0, start - 1)]] += opcode.dest_end - opcode.dest_start
                continue
            for char in range(start, end):
                place = turn_of_char[char]
                if opcode.tag == "equal":
                    self.right[char] = final_of_char[opcode.dest_start + char - start]
                else:
                    self.errors[place] += 1
                self.touched[place] |= opcode.tag != "delete"

    def sentence_counts(self, place: int) -> tuple[int, int]:
        """Sentences of a turn, and those of them that stand in more than one final."""
        char = sum(map(len, self.wanted[:place]))
        count = split = 0
        for sentence in _SENTENCE_END.split(self.turns[place].text):
            length = len(normalise(sentence))
            writers = [writer for writer in self.right[char : char + length] if writer is not None]
            count += length > 0
            split += sum(writers.count(writer) >= _PROOF_CHARS for writer in set(writers)) > 1
            char += length
        return count, split


def _first_times(turn: Turn, neighbours: Sequence[Turn], events: Sequence[Written]) -> tuple[int | None, int | None]:
    """Start of speech to first text and to first right character, in milliseconds.

    Text that also covers an earlier turn of the leg counts only once it has a right character of this one.
    """
    first_text_ms: int | None = None
    wanted = normalise(turn.text)
    for event in sorted(events, key=lambda event: event.emitted_ms):
        if event.emitted_ms < turn.start_ms or not overlap_ms(turn, event) or not normalise(event.text):
            continue
        before = "".join(
            normalise(other.text) for other in neighbours if other.start_ms < turn.start_ms and overlap_ms(other, event)
        )
        delay_ms = event.emitted_ms - turn.start_ms
        if not before and first_text_ms is None:
            first_text_ms = delay_ms
        text = nearest(event.text, before + wanted)
        blocks = Levenshtein.opcodes(before + wanted, text)
        if any(block.tag == "equal" and block.src_end > len(before) for block in blocks):
            return (delay_ms if first_text_ms is None else first_text_ms), delay_ms
    return first_text_ms, None


def score_call(turns: Sequence[Turn], events: Sequence[Written]) -> CallScore:
    """Every turn of a call against everything a system wrote of it.

    A turn is lost when no final lies mostly in it and the alignment puts no character in its place.
    """
    scores: list[TurnScore] = []
    for leg in dict.fromkeys(turn.leg for turn in turns):
        own_turns = [turn for turn in turns if turn.leg == leg]
        own_events = [event for event in events if event.leg == leg and event.type != "gap"]
        finals = [event for event in own_events if event.type == "utterance"]
        alignment = _LegAlignment(own_turns, finals)
        for place, turn in enumerate(own_turns):
            belonging = finals_of(turn, finals)
            inside = [final for final in belonging if 2 * overlap_ms(turn, final) > final.end_ms - final.start_ms]
            lost = not belonging or not (inside or alignment.touched[place])
            first_text_ms, first_right_ms = _first_times(turn, own_turns, own_events)
            sentences, split_sentences = alignment.sentence_counts(place)
            scores.append(
                TurnScore(
                    leg=leg,
                    chars=len(alignment.wanted[place]),
                    errors=alignment.errors[place],
                    lost=lost,
                    finals=len(inside),
                    sentences=sentences,
                    split_sentences=split_sentences,
                    final_delay_ms=None if lost else max(final.emitted_ms for final in belonging) - turn.end_ms,
                    first_text_ms=first_text_ms,
                    first_right_ms=first_right_ms,
                )
            )
    return CallScore(tuple(scores))
