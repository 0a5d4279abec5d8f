"""Whether words stand in a text by their sound, whatever characters the recogniser chose. Not the product's detector.

A text is its syllables: toneless pinyin in which zh and z, ch and c, sh and s, and n and ng at the end are one. A
character counts with its reading in the sentence and with the one it has by itself. Punctuation and spaces are nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pypinyin import lazy_pinyin

from bench.normalise import normalise

_LETTERS = {"b": "bi", "d": "di", "p": "pi", "t": "ti", "g": "ji", "e": "yi", "q": "qiu"}
"""Letters that are heard as a Chinese syllable: 傻B is 傻逼."""


class Syllable(NamedTuple):
    """One character and the sounds it may have; `char` is normalised as for the error rate."""

    char: str
    sounds: frozenset[str]


def folded(pinyin: str) -> str:
    """A toneless syllable as it is compared: `zhang` is `zan`."""
    for written, read in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if pinyin.startswith(written):
            pinyin = read + pinyin[2:]
    return pinyin.removesuffix("g") if pinyin.endswith("ng") else pinyin


def syllables(text: str) -> list[Syllable]:
    """The syllables of a text; a Latin letter is one. Arabic numbers are read as they are most likely spoken."""
    chars = normalise(text)
    return [
        Syllable(char, frozenset({_sound(char, here), _sound(char, alone)}))
        for char, here, alone in zip(chars, _pinyin(chars), (_pinyin(char)[0] for char in chars), strict=True)
    ]


def _pinyin(chars: str) -> list[str]:
    """A syllable, or what is none as it is, for each character."""
    return lazy_pinyin(chars, errors=list)  # type: ignore[arg-type]  # a list is taken too, an entry a character


def _sound(char: str, pinyin: str) -> str:
    return _LETTERS.get(char, char) if char.isascii() else folded(pinyin)


def count(words: Sequence[Syllable], text: Sequence[Syllable]) -> int:
    """How often `words` sound in `text`; a single syllable counts where the very character stands."""
    if len(words) == 1:
        return sum(one.char == words[0].char for one in text)
    if not words:
        return 0
    return sum(
        all(wanted.sounds & found.sounds for wanted, found in zip(words, text[at:], strict=False))
        for at in range(len(text) - len(words) + 1)
    )


def runs(words: Sequence[Syllable], length: int) -> list[Sequence[Syllable]]:
    """All runs of so many syllables in a row; the whole where it is not longer."""
    return [words[at : at + length] for at in range(max(1, len(words) - length + 1))]
