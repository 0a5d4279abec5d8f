"""A line: text as the rules read it, without what only stands between characters.

Separators that hide a word from a search (傻-逼, 傻 逼, zero-width characters, emoji) are gone, marks are of two
sorts, letters are plain; offsets lead back to the text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import rjieba

from core.zh.script import simplified_char
from core.zh.syllables import plain, syllables

PAUSE = "，"
STOPS = "。！？"
MARKS = PAUSE + STOPS

_PAUSES = frozenset("，、,:：…；;—–\t")
_STOPS = {
    "。": "。",
    "！": "！",
    "？": "？",
    "!": "！",
    "?": "？",
    "\n": "。",
    "\r": "。",
    "｡": "。",
    "‼": "！",
    "⁇": "？",
}
_VARIANTS = {"妳": "你"}
"""What the simplified script keeps apart."""

_Sort = Literal["sound", "pause", "stop", "space", "thin"]


@lru_cache(maxsize=1 << 14)
def _sort(char: str) -> _Sort:
    if char in _STOPS:
        return "stop"
    if char in _PAUSES:
        return "pause"
    if char.isspace():
        return "space"
    return "sound" if unicodedata.category(plain(char))[0] in "LN" else "thin"


@lru_cache(maxsize=1 << 14)
def keys(char: str) -> tuple[str, ...]:
    """What a character is looked up by: itself (upper case, which no syllable is), then its syllables; none for stops.

    A pause has none either; who may step over it leaves it out.
    """
    return () if char in MARKS else (char.upper(), *syllables(char))


@dataclass(frozen=True, slots=True)
class Line:
    """Characters that count and marks. `starts` and `ends` are offsets in the text; `loose`: none glued before it."""

    chars: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    loose: tuple[bool, ...]

    def words(self) -> list[tuple[int, int]]:
        """For each character the dictionary word it belongs to, as [start, end); itself where that is none."""
        found: list[tuple[int, int]] = []
        at = 0
        for word in rjieba.cut(self.chars):
            size = len(word)
            if size > 1 and rjieba.has_word(word):
                found += [(at, at + size)] * size
            else:
                found += [(place, place + 1) for place in range(at, at + size)]
            at += size
        return found


def read(text: str) -> Line:
    """`text` as a line. Linear; takes any string."""
    chars: list[str] = []
    starts: list[int] = []
    loose: list[bool] = []
    gap = True
    for start, char in enumerate(text):
        sort = "pause" if char == " " and _parts_phrases(text, start) else _sort(char)
        if sort in {"thin", "space"}:
            gap = gap or sort == "space" or not unicodedata.combining(char)
            continue
        if sort == "sound":
            chars.append(_VARIANTS.get(written := simplified_char(plain(char)), written))
        else:
            mark = _STOPS.get(char, PAUSE)
            if not chars:
                continue
            if chars[-1] in MARKS:
                chars[-1] = max(chars[-1], mark, key=MARKS.index)
                continue
            chars.append(mark)
        starts.append(start)
        loose.append(gap or sort != "sound")
        gap = sort != "sound"
    return Line("".join(chars), tuple(starts), tuple(start + 1 for start in starts), tuple(loose))


def _parts_phrases(text: str, space: int) -> bool:
    """Whether a space stands for a mark: at least two Chinese characters on either side (傻 逼 is one word)."""
    around = text[max(0, space - 2) : space], text[space + 1 : space + 3]
    return all(len(side) == 2 and all("\u3400" <= char <= "\u9fff" for char in side) for side in around)
