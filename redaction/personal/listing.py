"""Which of the numbers told are listed: each once, and none that is another in part or misheard. Pure logic."""

from __future__ import annotations

from collections.abc import Sequence

from redaction.personal.assembly import Assembly
from redaction.personal.likeness import near, within

_NEIGHBOURS = 3
"""How many numbers may lie between two tellings of the same one."""


def without_repeats(numbers: Sequence[Assembly]) -> list[Assembly]:
    """The numbers without those that lie in another told about the same time."""
    return [one for i, one in enumerate(numbers) if not any(_inside(one, other) for other in _beside(numbers, i))]


def _beside(numbers: Sequence[Assembly], at: int) -> list[Assembly]:
    return [*numbers[max(0, at - _NEIGHBOURS) : at], *numbers[at + 1 : at + 1 + _NEIGHBOURS]]


def _inside(one: Assembly, other: Assembly) -> bool:
    """Whether a number is only a part of another, or another with digits left out."""
    if len(one.told) < len(other.told) and one.told in other.told:
        return True
    return (
        other.full
        and not one.full
        and one.kind == other.kind
        and (near(one.told, other.told) or within(one.told, other.told))
    )
