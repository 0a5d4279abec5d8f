"""What is said against a number without changing it, which is why it cannot be trusted. Pure logic.

Source of the rules: an agent who trusts a wrong number does harm, one who asks once more does none. So words against a
number and digits beside it that are not understood leave it open until it is told whole or read back and agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence

from redaction.personal.assembly import Assembly
from redaction.personal.beginnings import same_kind, short
from redaction.personal.dictation import Spoken
from redaction.personal.likeness import near

_ENOUGH_DIGITS = 3


def weigh(one: Spoken, number: Assembly, before: str, numbers: Sequence[Assembly]) -> None:
    """Takes note of what an utterance says against a number that was `before`, beside what it has changed of it."""
    _mark_scraps(one, numbers)
    if numbers[-1] is not number:
        return
    touched = number.value != before or any(part.utterance_id == one.id for part in number.parts[-_ENOUGH_DIGITS:])
    if _left(one, number):
        number.dispute("digits")
    elif one.troubled and not touched and not one.agrees:
        number.dispute("denied")


def _mark_scraps(one: Spoken, numbers: Sequence[Assembly]) -> None:
    """Takes note of whether digits that were begun after a number turn out to be none."""
    if len(numbers) <= 1:
        return
    number, last = numbers[-2:]
    if last.parts[0].utterance_id == one.id:
        number.scattered = _scattered(last, number)
    elif last.complete and not near(last.told, number.told):
        number.scattered = False


def _scattered(later: Assembly, number: Assembly) -> bool:
    """Whether what was begun after a number is only digits of it that were not understood."""
    return later.owner == number.owner and not later.complete and same_kind(later.named or number.named, number.named)


def doubt_twins(one: Spoken, numbers: Sequence[Assembly], *, another: bool) -> None:
    """Of two numbers that are hardly different, either may be the other misheard or told wrong.

    `another`: two numbers were spoken of. Else the first of two of a kind may have been given up.
    """
    whole = [number for number in numbers[-3:] if number.full]
    if len(whole) <= 1 or whole[-1].parts[0].utterance_id != one.id:
        return
    number, later = whole[-2:]
    if later.kind != number.kind or later.owner != number.owner:
        return
    if near(later.told, number.told):
        later.dispute("digits")
        number.dispute("digits")
    elif not another and number.parts[-1].utterance_id != one.id:
        number.dispute("denied")


def _left(one: Spoken, number: Assembly) -> bool:
    """Whether digits are left that are part of nothing."""
    if one.leg != number.owner and not one.troubled:
        return False
    mine = [part for part in number.parts if part.utterance_id == one.id]
    spans = [*one.loose, *((fragment.start, fragment.end) for fragment in one.fragments)]
    left = [(start, end) for start, end in spans if not any(part.start < end and start < part.end for part in mine)]
    return bool(left) and (one.troubled or short(one) or sum(end - start for start, end in left) >= _ENOUGH_DIGITS)
