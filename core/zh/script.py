"""The simplified script for text that a recogniser, or a person, wrote in the traditional one: OpenCC's `tw2s`.

`t2s` leaves 著 where 着 is meant.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Protocol, cast

import opencc


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _converter(name: str) -> _Converter:
    return cast(_Converter, opencc.OpenCC(name))


def simplified(text: str) -> str:
    """A text in the simplified script; its words decide where a character has several forms."""
    return _converter("tw2s").convert(text)


@lru_cache(maxsize=1 << 14)
def simplified_char(char: str) -> str:
    """One character in the simplified script: for who needs offsets to stay.

    What is of that script already stays, though 么 alone would be the traditional form of 幺.
    """
    if char.isascii() or _converter("s2tw").convert(char) != char:
        return char
    other = _converter("tw2s").convert(char)
    return other if len(other) == 1 else char


def simplified_by_char(text: str) -> str:
    """A text in the simplified script, as long as it was."""
    return "".join(map(simplified_char, text))
