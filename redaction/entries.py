"""Entries: the word lists of `lexicon/`, read and spelt out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

from core.zh.syllables import plain
from redaction.finding import AbuseKind, Kind

SoundRule = Literal["any", "cue", "exact", "mild"]

_TOKEN = re.compile(r"\[([^\]]+)\]|(\()|(\))|(\|)|(\?)|(.)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One word. `cues`: alternatives, each a set that must hold together; none: it counts wherever it stands."""

    text: str
    kind: Kind
    sound: SoundRule
    cues: tuple[tuple[str, ...], ...] = ()


def spelt_out(pattern: str) -> list[str]:
    """All words that `pattern` stands for: `[ab]`, `(ab|cd|)`, `x?`. Raises ValueError where brackets don't close."""
    words, rest = _alternatives(list(_TOKEN.finditer(pattern)), 0)
    if rest != len(list(_TOKEN.finditer(pattern))):
        raise ValueError(f"an entry's brackets do not match: {pattern!r}")
    return list(dict.fromkeys(words))


def _alternatives(tokens: list[re.Match[str]], at: int) -> tuple[list[str], int]:
    done: list[str] = []
    words = [""]
    while at < len(tokens):
        characters, opens, closes, bar, _, char = tokens[at].groups()
        if closes:
            break
        if bar:
            done, words = done + words, [""]
            at += 1
            continue
        if opens:
            choice, at = _alternatives(tokens, at + 1)
            if at == len(tokens):
                raise ValueError("an entry's bracket is not closed")
        else:
            choice = list(characters or char)
        at += 1
        if at < len(tokens) and tokens[at][5]:
            choice = [*choice, ""]
            at += 1
        words = [word + one for word in words for one in choice]
    return done + words, at


def rows(name: str, columns: int) -> Iterator[list[str]]:
    """The lines of a word list, split; comments aside. Raises ValueError where one has another number of columns."""
    text = files("redaction").joinpath("lexicon", name).read_text("utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line and not line.startswith("#"):
            cells = line.split("\t")
            if len(cells) != columns:
                raise ValueError(f"{name}, line {number}: {len(cells)} columns instead of {columns}")
            yield cells


def kind_named(name: str) -> AbuseKind:
    """`threat` to `abuse.threat`. Raises ValueError for a kind there is none of."""
    kind = f"abuse.{name}"
    if kind not in get_args(AbuseKind):
        raise ValueError(f"no kind of abuse: {name!r}")
    return cast(AbuseKind, kind)


def _plain(word: str) -> str:
    return "".join(map(plain, word))


@cache
def entries() -> tuple[Entry, ...]:
    """Both tiers, certain ones first; of doubles within a tier and a rule of sound the first."""
    found: dict[tuple[str, str], Entry] = {}
    for patterns, kind, sound, _ in rows("certain.tsv", 4):
        if sound not in get_args(SoundRule):
            raise ValueError(f"certain.tsv: no rule of sound: {sound!r}")
        for pattern in patterns.split():
            for word in map(_plain, spelt_out(pattern)):
                found.setdefault((word, sound), Entry(word, kind_named(kind), cast(SoundRule, sound)))
    certain = {word for word, _ in found}
    for number, (patterns, kind, cues, _) in enumerate(rows("context.tsv", 4)):
        needed = tuple(tuple(cue.split("+")) for cue in cues.split() if cue != "ear")
        by_ear = "ear" in cues.split()
        for pattern in patterns.split():
            for word in map(_plain, spelt_out(pattern)):
                if word and word not in certain:
                    heard: SoundRule = "cue" if by_ear and len(word) > 1 else "exact"
                    found.setdefault((word, str(number)), Entry(word, kind_named(kind), heard, needed))
    return tuple(found.values())


@cache
def word_classes() -> dict[str, tuple[str, ...]]:
    """The classes of parts.tsv: for each its entries as they are listed, brackets and all."""
    return {name: tuple(words.split()) for name, words in rows("parts.tsv", 2)}
