"""Patterns: abuse that is a way of speaking rather than a word, from grammar.tsv."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, cast

from redaction import ear
from redaction.entries import kind_named, rows, spelt_out, word_classes
from redaction.finding import AbuseKind
from redaction.line import MARKS
from redaction.needed import Regexes

Extent = Literal["run", "rest", "clause"]

_CLASS = re.compile(r"<(?!x>|x2>)([a-z_]+)>")
_GAP = re.compile(r"<g(\d+)>")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One rule of grammar.tsv. `source`: its regular expression, with classes and gaps by name."""

    kind: AbuseKind
    extent: Extent
    needs: frozenset[str]
    source: str
    example: str


def _alternation(words: tuple[str, ...]) -> str:
    """The words of a class, the longest first. Their brackets mean the same in a regular expression; spelt out,
    <people> would be 2,500 alternatives to try at one place.
    """
    longest_first = sorted(words, key=lambda word: max(map(len, spelt_out(word))), reverse=True)
    return "(?:" + "|".join(longest_first).replace("(", "(?:") + ")"


def filled_in(source: str, *, by_ear: bool = False) -> str:
    """A pattern of grammar.tsv with its classes and gaps filled in. Raises KeyError for a class there is none of.

    `by_ear`: it takes a character or its sound (`redaction.ear`).
    """
    classes = word_classes()

    def filled(name: re.Match[str]) -> str:
        words = _alternation(classes[name[1]])
        return ear.either(words) if by_ear else words

    made = _CLASS.sub(filled, ear.either(source) if by_ear else source)
    return _GAP.sub(rf"[^{MARKS}]{{0,\1}}", made)


@cache
def patterns() -> tuple[Pattern, ...]:
    """All rules, in the order of the list."""
    return tuple(
        Pattern(
            kind_named(kind),
            cast(Extent, extent),
            frozenset() if needs == "-" else frozenset(needs.split()),
            source,
            example,
        )
        for kind, extent, needs, source, example in rows("grammar.tsv", 5)
    )


@cache
def _written() -> Regexes:
    return Regexes([filled_in(pattern.source) for pattern in patterns()])


@cache
def _by_ear() -> Regexes:
    return Regexes([filled_in(pattern.source, by_ear=True) for pattern in patterns()])


class RuleMatch(NamedTuple):
    """A rule and what it matches. `sounds`: how many characters of it are there by ear alone."""

    rule: Pattern
    match: re.Match[str]
    sounds: int

    @property
    def written(self) -> int:
        """How many characters of it stand as they are."""
        return self.match.end() - self.match.start() - self.sounds


def as_written(chars: str) -> list[RuleMatch]:
    """What the rules match, in the order of the list."""
    return [RuleMatch(patterns()[number], match, 0) for number, match in _written().matches(chars)]


def sounding(chars: str, unsure: Collection[int]) -> Iterator[RuleMatch]:
    """What the rules match only where the characters at the places `unsure` are taken for others that sound alike."""
    if not unsure:
        return
    for number, match in _by_ear().matches(ear.heard(chars, unsure)):
        sounds = sum(place in unsure for place in range(*match.span()))
        if sounds and not _written().at(number, chars, match.start()):
            yield RuleMatch(patterns()[number], match, sounds)


@cache
def _class_pattern(name: str) -> re.Pattern[str]:
    return re.compile(_alternation(word_classes()[name]))


def speaks_of(name: str, chars: str) -> bool:
    """Whether a word of the class `name` (legal, flirt) stands anywhere in a line."""
    return _class_pattern(name).search(chars) is not None
