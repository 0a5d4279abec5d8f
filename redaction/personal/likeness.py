"""How alike two strings of digits are: the same number misheard, a part of it, all of it in another order of telling.

Pure logic. Source of the rules: who repeats a number repeats its groups, in its order or only those in dispute. Of two
numbers that are hardly different one is the other misheard, for no caller has two such numbers by chance.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

_LONG_DIGITS = 7
_SHORTEST_SAID = 3
_SHORTEST_PIECE = 2


def _leaves_out(piece: str, group: str, value: str) -> bool:
    """Whether between two groups a digit or two of the number were left out."""
    end = value.find(piece) + len(piece)
    return any(value.startswith(group, end + size) for size in (1, 2))


def near(said: str, value: str) -> bool:
    """Whether two long strings are so alike that they are the same number."""
    if min(len(said), len(value)) < _LONG_DIGITS or abs(len(said) - len(value)) > _most_wrong(value):
        return False
    return sorted(said) == sorted(value) or OSA.distance(said, value) <= _most_wrong(value)


def _most_wrong(value: str) -> int:
    return max(3, len(value) // 4)


def retold(groups: tuple[str, ...], value: str, *, at_least: int = _SHORTEST_SAID) -> bool:
    """Whether groups are all of the number, told in its order or starting again: 「3372，182 5707 3372」."""
    if len("".join(groups)) < at_least:
        return False
    piece = ""
    for group in groups:
        if piece + group in value:
            piece += group
        elif _leaves_out(piece, group, value):
            return False
        elif len(piece) != 1 and len(group) >= _SHORTEST_PIECE and group in value:
            piece = group
        else:
            return False
    return len(piece) >= _SHORTEST_PIECE


def with_part(said: str, value: str) -> str:
    """The number with the part that is likest replaced by what was said; of several the last."""
    starts = range(len(value) - len(said), -1, -1)
    at = min(starts, key=lambda at: OSA.distance(said, value[at : at + len(said)]))
    return value[:at] + said + value[at + len(said) :]


def within(said: str, heard: str) -> bool:
    """Whether digits can be had of others by leaving some out."""
    rest = iter(heard)
    return all(char in rest for char in said)


def like_a_part(said: str, value: str) -> bool:
    """Whether digits are a part of the number with a digit or two of it said otherwise."""
    size = len(said)
    if size < _SHORTEST_SAID or size >= len(value):
        return False
    most = max(1, size // 3)
    return any(
        sum(a != b for a, b in zip(said, value[at : at + size], strict=True)) <= most
        or sorted(said) == sorted(value[at : at + size])
        for at in range(len(value) - size + 1)
    )
