"""Numbers of which the recogniser wrote more than a digit or two as other words: 「要五儿，吧吧久灵，山四期妻」.

`heard_tokens` reads every stretch that is nothing but digits and what sounds like digits as digits. It goes too far for
running text (「武器」 is 57), so who uses it asks for more: that the whole is a number of a known form, or that a
number is just being told. Pure logic, linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.zh.homophones import CLEAR, FIRST_WORDS, FUNCTION_CHARS, LAST_WORDS, SOUNDS_LIKE
from core.zh.number_words import Token, tokens

_ENOUGH_UNWRITTEN = 3
"""So many characters in a row that all sound like digits, none of them written as one, are digits inside a text."""


def may_be_heard(text: str) -> bool:
    """Whether any character sounds like a digit without being one."""
    return not SOUNDS_LIKE.keys().isdisjoint(text)


def heard_tokens(text: str) -> list[Token]:
    """The text as tokens, with all that sounds like digits as digits; they are `unsure`."""
    made = tokens(text)
    at = 0
    while at < len(made):
        end = at
        while end < len(made) and _may_be_digit(made[end], text):
            end += 1
        if end > at:
            apart = at > 0 and made[at - 1].role in ("not", "place", "hold")  # 「不是八是九」
            pure = (_ends_here(made, at - 1), _ends_here(made, end))
            for start, stop in _without_copula(made, text, at, end) if apart else [(at, end)]:
                made[start:stop] = _stretch(made[start:stop], text, pure)
        at = max(end, at + 1)
    return made


def _may_be_digit(token: Token, text: str) -> bool:
    if token.role == "digits":
        return True
    return token.end - token.start == 1 and token.role in ("other", "gap") and text[token.start] in SOUNDS_LIKE


def _without_copula(made: Sequence[Token], text: str, at: int, end: int) -> list[tuple[int, int]]:
    """The pieces of a stretch between the characters 是, which part what is wrong from what is right."""
    pieces: list[tuple[int, int]] = []
    start = at
    for here in range(at, end):
        if text[made[here].start] == "是":
            pieces.append((start, here))
            start = here + 1
    return [(one, other) for one, other in [*pieces, (start, end)] if one < other]


def _ends_here(made: Sequence[Token], at: int) -> bool:
    """Whether the token beside a stretch is no word: a mark, a filler, the end of the text, letters."""
    return not 0 <= at < len(made) or made[at].role not in ("other", "amount")


def _stretch(stretch: list[Token], text: str, pure: tuple[bool, bool]) -> list[Token]:
    first, last = 0, len(stretch)
    # 「号是妖三八」: beside a word, function words are words; else only the one at the edge may be.
    while first < last and _written(stretch[first], text) in (FIRST_WORDS if pure[0] else FUNCTION_CHARS - {"要"}):
        first += 1
        if pure[0]:
            break
    while first < last and _written(stretch[last - 1], text) in (LAST_WORDS if pure[1] else FUNCTION_CHARS):
        last -= 1
        if pure[1]:
            break
    inner = stretch[first:last]
    # After the copula a number begins as after a mark.
    begins = pure[0] or (first > 0 and _written(stretch[first - 1], text) == "是")
    if not _convincing(inner, text, all_of_it=begins and pure[1]):
        return stretch
    return [
        *(_as_digit(token, text, soft=True) if pure[0] else token for token in stretch[:first]),
        *(_as_digit(token, text) for token in inner),
        *(_as_digit(token, text, soft=True) if pure[1] else token for token in stretch[last:]),
    ]


def _written(token: Token, text: str) -> str:
    """The character that a homophone was written with; empty for a digit that was written as one."""
    if token.role == "digits" and not token.unsure:
        return ""
    return text[token.start]


def _convincing(inner: Sequence[Token], text: str, *, all_of_it: bool) -> bool:
    written = [_written(token, text) for token in inner]
    sounds = [char for char in written if char]
    if not sounds:
        return False
    if len(sounds) < len(written):
        return True
    if not all_of_it:
        return len(sounds) >= _ENOUGH_UNWRITTEN and any(char in CLEAR for char in sounds)
    return any(char not in FUNCTION_CHARS for char in sounds)


def _as_digit(token: Token, text: str, *, soft: bool = False) -> Token:
    char = _written(token, text)
    if not char:
        return token
    return Token("digits", token.start, token.end, SOUNDS_LIKE[char], level=2 * soft, unsure=True, soft=soft)
