"""Whether digits begin a number, and of which kind it may be. Pure logic."""

from __future__ import annotations

import re

from redaction.finding import PersonalKind
from redaction.personal.assembly import Assembly
from redaction.personal.context import Named
from redaction.personal.dictation import MOSTLY_DIGITS_REST, Fragment, Spoken

_ASIDE_CHARS = 12
_SHORTEST_HEARD = 3
_REGION_DIGITS = 6


def may_begin(one: Spoken, fragment: Fragment, named: Named | None) -> bool:  # noqa: PLR0911 - a case a line
    """Whether digits may be the beginning of a number: one by themselves, asked for, or all that was said."""
    if fragment.whole:
        return True
    if named in ("email", "plate"):
        return False
    if fragment.verdict is not None:
        return True
    digits = len(fragment.value)
    if fragment.value.isalpha() and fragment.value != "X":
        return named == "order_no"
    if fragment.heard and named is None and not (short(one) and digits >= _SHORTEST_HEARD):
        return False
    if named is None:
        # What is begun so is hidden once more of it is told.
        if one.talk_chars == 0 and re.fullmatch(r"1[3-9]?", fragment.value):
            return True  # who says digit by digit begins with it
        begins = (fragment.ends or digits > _REGION_DIGITS) and re.match(
            r"1[3-9]\d|62\d{4}", fragment.value
        ) is not None
        return digits >= 3 and (short(one) or begins)
    if digits < 2 and not short(one):
        return False
    return fragment.named is not None or short(one) or one.talk_chars <= _ASIDE_CHARS


def short(one: Spoken) -> bool:
    """Whether an utterance is hardly more than digits."""
    return one.talk_chars <= MOSTLY_DIGITS_REST


_PHONES: frozenset[Named] = frozenset({"mobile", "phone", "landline", "person"})


def same_kind(one: Named | None, other: Named | None) -> bool:
    """Whether two words for a number may mean the same one."""
    return one == other or {one, other} <= _PHONES or "person" in (one, other)


def is_called(kind: PersonalKind, named: Named | None) -> bool:
    """Whether a kind of number may be called so."""
    if named in ("phone", "person"):
        return kind in ("pii.mobile", "pii.landline", "pii.number")
    return kind == f"pii.{named}"


def awaits_birth(number: Assembly) -> bool:
    """Whether the region of an identity number has been told and nothing more."""
    return number.named in (None, "id_card") and len(number.value) == _REGION_DIGITS


def go_together(fragment: Fragment, target: Assembly) -> bool:
    """Whether two words for a number may mean the same one."""
    return same_kind(fragment.named, target.named)
