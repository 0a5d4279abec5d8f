"""Patterns: abuse that is a way of speaking rather than a word, from grammar.tsv."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from redaction.entries import kind_named, rows, spelt_out, word_classes
from redaction.finding import AbuseKind
from redaction.line import MARKS

Extent = Literal["run", "rest", "clause"]

_CLASS = re.compile(r"<(?!x>|x2>)([a-z_]+)>")
_GAP = re.compile(r"<g(\d+)>")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One rule of grammar.tsv, ready to be tried."""

    kind: AbuseKind
    extent: Extent
    needs: frozenset[str]
    regex: re.Pattern[str]
    example: str


def _alternation(words: tuple[str, ...]) -> str:
    """The words of a class, the longest first. Their brackets mean the same in a regular expression; spelt out,
    <people> would be 2,500 alternatives to try at one place.
    """
    longest_first = sorted(words, key=lambda word: max(map(len, spelt_out(word))), reverse=True)
    return "(?:" + "|".join(longest_first).replace("(", "(?:") + ")"


def compiled(source: str) -> re.Pattern[str]:
    """A pattern of grammar.tsv with its classes and gaps filled in. Raises KeyError for a class there is none of."""
    classes = word_classes()

    def filled(name: re.Match[str]) -> str:
        return _alternation(classes[name[1]])

    return re.compile(_GAP.sub(rf"[^{MARKS}]{{0,\1}}", _CLASS.sub(filled, source)))


@cache
def patterns() -> tuple[Pattern, ...]:
    """All rules, in the order of the list."""
    return tuple(
        Pattern(
            kind_named(kind),
            cast(Extent, extent),
            frozenset() if needs == "-" else frozenset(needs.split()),
            compiled(source),
            example,
        )
        for kind, extent, needs, source, example in rows("grammar.tsv", 5)
    )


@cache
def _class_pattern(name: str) -> re.Pattern[str]:
    return re.compile(_alternation(word_classes()[name]))


def speaks_of(name: str, chars: str) -> bool:
    """Whether a word of the class `name` (legal, flirt) stands anywhere in a line."""
    return _class_pattern(name).search(chars) is not None
