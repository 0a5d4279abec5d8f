"""Numbers read out, put right by ear: what the digit head heard beside what the decoder wrote.

The decoder writes from what it has read; it drops repeated digits and makes words of short groups. The head hears
digits and nothing else, and is not always right either (`models/digits/README.md`). What both agree on stays as the
decoder wrote it. Where they differ the head's digits are taken if it is likely to be right, and in any case the words
are marked as doubtful, so that no number of theirs is given as sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.types import DOUBTFUL
from core.zh.numerals import digits_of
from models.digits.decode import Run

if TYPE_CHECKING:
    # It calls what is here.
    from asr.speech_model import Decoded, TimedToken

LEAST_DIGITS = 3
"""Digits one by one that make a number being read out; fewer are left to the decoder, which knows the sentence."""

LIKELY = 0.3
"""Probability of a run from which it is taken for what was said.

Of 54 numbers spoken for development (`bench.digits_speech`) 38 are then whole, 31 at 0.7. What is taken in spite of the
decoder is never given as sure.
"""

_DIGITS = dict(zip("零一二三四五六七八九幺两", "012345678912", strict=True))
_ALSO = frozenset("十百千个双")
_ALONE = re.compile("[零一二三四五六七八九幺两](?![十百千])")
_FIGURES = re.compile(rf"\d{{{LEAST_DIGITS},}}")
_BEFORE_S = 0.20
_AFTER_S = 0.16
"""A spike lies inside of its word: the word begins and ends so much earlier and later. Half a digit spoken slowly, by
judgement."""


def with_digits_heard(decoded: Decoded, runs: Sequence[Run]) -> Decoded:
    """The clip with numbers as the head heard them, where it is likely to be right and the decoder wrote another.

    `runs`: in order of time. What they do not agree on has at most the probability `DOUBTFUL`. Word times are needed;
    without them nothing is changed.
    """
    pieces = list(decoded.timed)
    doubtful = _figures(pieces)
    for run in runs:
        first, last = _overlap(pieces, run) if _read_out(run.text) else (0, 0)
        if first == last:
            continue
        spoken = _as_written(run.text)
        agreed = digits_of("".join(piece.text for piece in pieces[first:last])) == digits_of(spoken)
        if not agreed and run.probability >= LIKELY:
            pieces[first:last] = [
                replace(pieces[first], text=spoken, end_s=pieces[last - 1].end_s, probability=run.probability)
            ]
            doubtful[first:last] = [True]
        else:
            doubtful[first:last] = [not agreed] * (last - first)
    pieces = [
        replace(piece, probability=min(piece.probability, DOUBTFUL)) if doubt else piece
        for piece, doubt in zip(pieces, doubtful, strict=True)
    ]
    if pieces == list(decoded.timed):
        return decoded
    return replace(decoded, text="".join(piece.text for piece in pieces).strip(), timed=tuple(pieces))


def _figures(pieces: Sequence[TimedToken]) -> list[bool]:
    """Of each piece whether it is part of a number in figures; the decoder may cut one into several."""
    text = "".join(piece.text for piece in pieces)
    stretches = [found.span() for found in _FIGURES.finditer(text)]
    found: list[bool] = []
    at = 0
    for piece in pieces:
        end = at + len(piece.text)
        found.append(any(first < end and at < last for first, last in stretches))
        at = end
    return found


def _read_out(spoken: str) -> bool:
    one_by_one = len(_ALONE.findall(spoken))
    return one_by_one >= LEAST_DIGITS and all(char in _DIGITS or char in _ALSO for char in spoken)


def _as_written(spoken: str) -> str:
    """Digits alone as figures, as the decoder writes them; with 十, 个 or 双 as spoken, for the rules to read."""
    if any(char in _ALSO for char in spoken):
        return spoken
    return "".join(_DIGITS[char] for char in spoken)


def _overlap(pieces: Sequence[TimedToken], run: Run) -> tuple[int, int]:
    """Pieces that were spoken within the run, [first, last): those whose middle lies in it."""
    begin_s, end_s = run.start_s - _BEFORE_S, run.end_s + _AFTER_S
    inside = [
        place
        for place, piece in enumerate(pieces)
        if begin_s < (piece.start_s + piece.end_s) / 2 < end_s and any(char.isalnum() for char in piece.text)
    ]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)
