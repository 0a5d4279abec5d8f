"""Characters that a regular expression needs: where a line lacks them it need not be tried.

Of some 260 rules three in four fall away for an ordinary line. Understands what grammar.tsv uses: groups, lookarounds,
classes, `|` and quantifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_

_QUANTIFIER = re.compile(r"(?P<least>[?*+]|\{(?P<count>\d*)(?:,\d*)?\})\??")
_OPENED = re.compile(r"\((?P<around>\?<?[=!])?(?:\?:|\?P<\w+>)?")

Needed = tuple[frozenset[str], ...]
"""Sets of characters: every match has one of each."""


def needed(source: str) -> Needed:
    """What every match of `source` has. Raises ValueError for odd brackets."""
    found, end = _alternatives(source, 0)
    if end != len(source):
        raise ValueError(f"a bracket is closed that was not opened, at {end}")
    return tuple(sorted(set(found), key=lambda one: (len(one), sorted(one))))


def _alternatives(source: str, at: int) -> tuple[Needed, int]:
    branches: list[Needed] = []
    while True:
        one, at = _sequence(source, at)
        branches.append(one)
        if at == len(source) or source[at] != "|":
            break
        at += 1
    if len(branches) == 1:
        return branches[0], at
    if not all(branches):
        return (), at
    return (frozenset().union(*(min(branch, key=len) for branch in branches)),), at


def _sequence(source: str, at: int) -> tuple[Needed, int]:
    every: Needed = ()
    while at < len(source) and source[at] not in "|)":
        one, at = _atom(source, at)
        quantifier = _QUANTIFIER.match(source, at)
        if quantifier:
            at = quantifier.end()
            if quantifier["least"] in ("?", "*") or quantifier["count"] in ("", "0"):
                one = ()
        every += one
    return every, at


def _atom(source: str, at: int) -> tuple[Needed, int]:
    char = source[at]
    if char == "(":
        opened = _OPENED.match(source, at)
        assert opened is not None
        one, at = _alternatives(source, opened.end())
        if at == len(source):
            raise ValueError("a bracket is not closed")
        return (() if opened["around"] else one), at + 1
    if char == "[":
        end = source.index("]", at)
        members = source[at + 1 : end]
        plain = not members.startswith("^") and "-" not in members and "\\" not in members
        return ((frozenset(members),) if plain else ()), end + 1
    if char == "\\":
        return (), at + 2
    return (() if char in ".^$" else (frozenset(char),)), at + 1


class Regexes:
    """Regular expressions that are tried together on short lines."""

    def __init__(self, sources: Sequence[str]) -> None:
        """Raises: ValueError for odd brackets, re.error for what else is no regular expression."""
        self._compiled = [re.compile(source) for source in sources]
        needs = [needed(source) for source in sources]
        # Of the nth set of each expression: which expressions (bits of a number) a character will do for.
        self._asked: list[dict[str, int]] = []
        self._unasked: list[int] = []
        for place in range(max(map(len, needs), default=0)):
            asked: dict[str, int] = {}
            for number, sets in enumerate(needs):
                for char in sets[place] if place < len(sets) else ():
                    asked[char] = asked.get(char, 0) | 1 << number
            self._asked.append(asked)
            self._unasked.append(sum(1 << number for number, sets in enumerate(needs) if place >= len(sets)))

    def matches(self, chars: str) -> Iterator[tuple[int, re.Match[str]]]:
        """All matches of each expression that may have one, with its number, in order of the expressions."""
        for number in self._candidates(frozenset(chars)):
            for match in self._compiled[number].finditer(chars):
                yield number, match

    def at(self, number: int, chars: str, start: int) -> bool:
        """Whether an expression matches at a place."""
        return self._compiled[number].match(chars, start) is not None

    def _candidates(self, present: Iterable[str]) -> Iterator[int]:
        left = (1 << len(self._compiled)) - 1
        for asked, unasked in zip(self._asked, self._unasked, strict=True):
            left &= reduce(or_, (asked.get(char, 0) for char in present), unasked)
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest
