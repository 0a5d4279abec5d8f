"""A number said again by either side: whole, in pieces, or a little otherwise.

Pure logic. Source of the rules: how agents read numbers back and how callers insist on theirs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from redaction.personal.assembly import RECOGNISERS, REPORTED_DIGITS, Assembly
from redaction.personal.beginnings import same_kind, short
from redaction.personal.context import Named
from redaction.personal.dictation import Fragment, Spoken
from redaction.personal.kinds import LENGTHS
from redaction.personal.likeness import near, retold, within

_SHORTEST_PIECE = 2
_LONG_DIGITS = 11
_LOOK_BACK = 4
_LETTERS_FIRST = re.compile(r"[A-Z]{1,3}")


def groups_of(fragment: Fragment) -> tuple[str, ...]:
    """All groups of a fragment as they were said, also those that another takes the place of."""
    return tuple(group for step in fragment.steps for group in step.groups) or (fragment.value,)


def stands(one: Spoken, fragment: Fragment, number: Assembly) -> bool:
    """Whether the speaker tells again of his number what was read back otherwise; the number stands as it was told."""
    said = groups_of(fragment)
    wrong = fragment.steps[0].value if len(fragment.steps) > 1 else ""
    names_wrong = wrong in number.misread and wrong not in number.value  # 「六六不对，六五」
    if names_wrong:
        said = tuple(group for step in fragment.steps[1:] for group in step.groups)
    if number.complete and retold(said, number.value) and (one.nods or _echoed_by(one, number)):
        number.echo(one, fragment)
        return True
    if not number.misread or any(step.op in ("doubt", "restart") for step in fragment.steps):
        return False
    ends = number.value.endswith(fragment.value) and not number.misread.endswith(fragment.value)
    mine, theirs = (retold(said, value, at_least=_SHORTEST_PIECE) for value in (number.value, number.misread))
    if not ends and (not mine or (theirs and not names_wrong)):
        if mine and number.complete and one.talk_chars:
            number.echo(one, fragment)
            return True  # 「第二段八八五」: no more of it, and which was meant is open
        return False
    number.echo(one, fragment)
    number.understood()
    return True


def _echoed_by(one: Spoken, number: Assembly) -> bool:
    """Whether this utterance has said something of the number again before: 「三六八，三百六十八的三六八」."""
    return bool(number.parts) and number.parts[-1].echo and number.parts[-1].utterance_id == one.id


def taken_from_readback(one: Spoken, fragment: Fragment, number: Assembly, more: str = "") -> bool:
    """Whether the other leg reads back whole what had not been told clearly; the number is then what it has read.

    `more`: what the owner said besides.
    """
    said = fragment.value
    if not _with_area(said, number) and not _with_letters(said, number):
        if number.clear or (said in number.value and (number.full or len(number.value) <= number.longest)):
            return False
        untouched = number.full and number.certain and not number.open and not number.scattered
        if not _formed(said, number.named) or (untouched and not RECOGNISERS.fits(number.named)(said)):
            return False
        if not (near(said, number.value) or _explained(said, number, more) or _in_another_order(said, number)):
            return False
    number.add(one, fragment, said, certain=False, anew=True)
    number.misread, number.confirmed = "", one.leg
    return True


def _with_area(said: str, number: Assembly) -> bool:
    """Whether it is the landline number with the area code that had not been told."""
    if number.kind != "pii.landline" or not number.clear or len(said) <= len(number.value):
        return False
    return said.endswith(number.value) and RECOGNISERS.fits("landline")(said)


def _with_letters(said: str, number: Assembly) -> bool:
    """Whether it is the number with letters before it, which the speaker had not told or which were not heard."""
    letters = said.removesuffix(number.value)
    return number.value.isdigit() and len(letters) < len(said) and _LETTERS_FIRST.fullmatch(letters) is not None


def _in_another_order(said: str, number: Assembly) -> bool:
    """Whether a number whose check digit is right has been made of the digits told, but for one or two."""
    verdict = RECOGNISERS.judge(said, number.named)
    if number.complete or verdict is None or verdict.checksum != "right" or len(said) < _LONG_DIGITS:
        return False
    missing = sum((Counter(said) - Counter(number.value)).values())
    return missing <= _SHORTEST_PIECE and len(number.value) - len(said) <= _SHORTEST_PIECE


def _explained(said: str, number: Assembly, more: str) -> bool:
    """Whether all that is read back had been told, or all that had been told is in what is read back."""
    if len(said) < REPORTED_DIGITS:
        return False
    if len(number.value) >= REPORTED_DIGITS and within(number.value, said):
        return True
    return len(number.heard) <= 2 * len(said) and within(said, number.heard + more)


def told_whole_again(one: Spoken, fragment: Fragment, number: Assembly, *, again: bool, another: bool) -> bool:
    """Whether the speaker tells the whole of a number again, and otherwise.

    `again`: he was asked to. `another`: it was said that there are two, so only of a disputed one is it no second.
    """
    disputed = number.misread or number.open or number.doubted or not number.certain or one.troubled or again
    verdict = RECOGNISERS.judge(fragment.value, number.named)
    in_a_breath = number.parts[-1].utterance_id == one.id and not one.denies
    if number.kind == "pii.order_no" and verdict is None and not in_a_breath and (disputed or number.read_back):
        return _order_again(one, fragment, number)
    if in_a_breath or (another and not disputed) or verdict is None or not near(fragment.value, number.value):
        return False
    if number.kind not in (None, verdict.kind) or not (fragment.whole or len(fragment.value) == len(number.value)):
        return False
    clear = bool(disputed) and not fragment.heard and len(fragment.steps) == 1 and verdict.sure
    number.add(one, fragment, fragment.value, certain=clear, anew=True)
    number.misread = ""
    return True


def _order_again(one: Spoken, fragment: Fragment, number: Assembly) -> bool:
    """Whether an order number with fewer digits than most, which was not found, is told again and otherwise."""
    if len(fragment.value) != len(number.value) or not near(fragment.value, number.value):
        return False
    number.add(one, fragment, fragment.value, certain=False, anew=True)
    number.misread = ""
    return True


def scraps_explained(one: Spoken, fragment: Fragment, numbers: list[Assembly]) -> bool:
    """Whether a read-back shows that the digits told last are of the number before; they are then part of it."""
    if len(numbers) <= 1:
        return False
    number, scraps = numbers[-2:]
    if not number.scattered or number.owner != scraps.owner or scraps.full:
        return False
    if not taken_from_readback(one, fragment, number, scraps.heard):
        return False
    number.parts = (*scraps.parts, *number.parts)
    numbers.pop()
    return True


def misread_before(one: Spoken, fragment: Fragment, numbers: Sequence[Assembly]) -> bool:
    """Whether a number of the other leg is one told before the last, read back otherwise."""
    for number in numbers[-_LOOK_BACK:-1]:
        if one.leg != number.owner and number.full and fragment.whole and near(fragment.value, number.told):
            number.echo(one, fragment)
            number.misread = fragment.value
            return True
    return False


def _formed(said: str, named: Named | None) -> bool:
    """Whether digits are as many as a number of that name has, whatever its check digit."""
    verdict = RECOGNISERS.judge(said, named)
    if named == "order_no" or verdict is None:
        return named == "order_no"
    return RECOGNISERS.fits(named)(said) or len(said) in LENGTHS.get(verdict.kind, ())


def left_over(one: Spoken, fragment: Fragment, number: Assembly, named: Named | None) -> bool:
    """Whether digits are of the number just told though they have no room in it: said against it, or misheard."""
    if fragment.whole or one.leg != number.owner:
        return False
    if number.full and len(fragment.value) <= _SHORTEST_PIECE and number.parts[-1].utterance_id == one.id:
        number.echo(one, fragment)
        if fragment.value not in number.value:
            number.dispute("digits")
        return True  # 「138 0013 8000，我刚少说一个八」
    instead = one.discards and (one.another or not one.denies)  # 「那张注销了，用另一张」
    against = number.full and one.troubled and not instead
    if not against and (number.complete or number.closed or not short(one)):
        return False
    if fragment.named not in (None, "none") or not same_kind(named or number.named, number.named):
        return False
    if len(number.value) < REPORTED_DIGITS or len(number.value) + len(fragment.value) <= number.longest:
        return False
    number.echo(one, fragment)
    number.dispute("digits")
    return True
