"""A number being told over several utterances: what was said of it, where, and what it is by now."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import Literal

from core.types import Leg
from redaction.finding import Finding, PersonalKind
from redaction.personal.context import Named
from redaction.personal.dictation import Fragment, Spoken
from redaction.personal.kinds import LENGTHS, Verdict
from redaction.personal.numbers import NumberRecognisers

REPORTED_DIGITS = 7
"""A number broken off before so many digits is hidden but not listed."""
_HIDDEN_DIGITS = 5
"""Digits that nobody asked for are hidden from so many on, once two utterances told them."""
_KEPT_PARTS = 120
_CLEAR_CHARS = 2
_LONGEST: dict[Named | None, int] = {
    "mobile": 11,
    "phone": 12,
    "person": 12,
    "landline": 12,
    "id_card": 18,
    "bank_card": 19,
    "code": 8,
    "order_no": 20,
}
_KINDS: dict[Named, PersonalKind] = {
    "mobile": "pii.mobile",
    "id_card": "pii.id_card",
    "bank_card": "pii.bank_card",
    "landline": "pii.landline",
    "order_no": "pii.order_no",
}
_MOBILE = re.compile(r"1[3-9]\d{9}")
_MOBILE_BEGUN = re.compile(r"1[3-9]\d{6,8}")
_CARD_BEGUN = re.compile(r"62\d{8,}")
_LETTERED = re.compile(r"[A-Z]{1,3}\d{9,20}")
_CODED = re.compile(r"\d{10,20}|[A-Z]{1,3}\d{8,20}")
"""What is read out and read back and no other kind of number: that of an order or the like."""
_LIKE_A_CODE = re.compile(r"\d{4}|\d{6}")
"""What is read out and read back and has as many digits as codes mostly have."""
_FULL_DIGITS: dict[str, int] = {"pii.mobile": 11, "pii.id_card": 18, "pii.bank_card": 19}
"""Kinds that can't grow any more with so many digits."""
CHECKED = frozenset({"pii.id_card", "pii.bank_card"})
"""Their last digit depends on all others: nine in ten misheard ones do not fit. A mobile number has a form alone."""
GROUPS: dict[str, tuple[int, ...]] = {"pii.mobile": (3, 4, 4), "pii.id_card": (6, 8, 4)}
"""How the digits of a kind are grouped when they are read out; all others by four."""

RECOGNISERS = NumberRecognisers()


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an utterance that tells of the number. `echo`: it adds nothing; `whole`: it is a number by
    itself.
    """

    utterance_id: str
    start: int
    end: int
    whole: bool = False
    echo: bool = False


@dataclass(slots=True)
class Assembly:
    """A number being told by `owner`, as far as it has come."""

    owner: Leg
    named: Named | None
    value: str = field(default="", repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)
    """What it may be as well: words in it sound like digits."""
    groups: tuple[str, ...] = field(default=(), repr=False)
    """What each fragment added, for echoes and restatements."""
    parts: tuple[Part, ...] = ()
    carrier: Part | None = None
    """The part with which the number was complete."""
    certain: bool = True
    closed: bool = False
    """It can't grow any more, or too long a pause has passed."""
    talked: bool = False
    """The owner has gone on to other things."""
    doubted: bool = False
    """The other leg has echoed a group wrong."""
    confirmed: Leg | None = None
    """The leg that has read it back right."""
    serial: int = 0
    replaces: int | None = None
    """The serial of a number that is not to be used any more once this one is told."""
    misread: str = field(default="", repr=False)
    """How the other leg read the number back, where that was wrong."""
    open: Literal["", "denied", "digits"] = ""
    """That something was said against it: in words, or with digits that are not understood as part of it."""
    troubled: bool = False
    """Something was once said against it since it was told whole."""
    scattered: bool = False
    """Digits of the same speaker followed that make no number by themselves."""
    read_back: bool = False
    """The other leg has read all of it back right."""
    prompted: bool = False
    """It may be the answer to something else that the other leg has asked: a price, a room, a date."""
    agreed: bool = False
    """The owner has said yes to that."""
    heard: str = field(default="", repr=False)
    """All digits of it that the owner said, in order, also those that were wrong."""
    last_ms: int = 0
    end_ms: int = 0
    _judged: tuple[tuple[str, Named | None, bool, bool, bool], Verdict | None] | None = field(default=None, repr=False)

    def copied(self) -> Assembly:
        """A copy that may change by itself."""
        return copy.copy(self)

    @property
    def verdict(self) -> Verdict | None:
        """What the digits so far are."""
        state = (self.value, self.named, len(self.parts) > 1, self.read_back, self.agreed)
        if self._judged is None or self._judged[0] != state:
            verdict = RECOGNISERS.judge(self.value, self.named)
            if verdict is None or verdict.kind == "pii.number":
                verdict = broken_off(self.value, self.named, parts=len(self.parts)) or verdict
            if verdict is None and self.named is None:
                verdict = self._unnamed()
            self._judged = (state, verdict)
        return self._judged[1]

    def _unnamed(self) -> Verdict | None:
        """What nobody has called anything is, if it was read back or has letters before its digits."""
        code = self.agreed or (self.read_back and len(self.groups) > 1)
        if code and not self.prompted and _LIKE_A_CODE.fullmatch(self.value):
            return Verdict("pii.code", self.value, "none", False, 0.0)
        if _LETTERED.fullmatch(self.value) or (self.read_back and _CODED.fullmatch(self.value)):
            return Verdict("pii.order_no", self.value, "none", False, 0.0)
        return None

    @property
    def told(self) -> str:
        """The value without country code."""
        verdict = self.verdict
        return verdict.value if verdict is not None else self.value

    @property
    def kind(self) -> PersonalKind | None:
        """The kind, where it can be told."""
        verdict = self.verdict
        return verdict.kind if verdict is not None and verdict.kind != "pii.number" else None

    @property
    def complete(self) -> bool:
        """Whether it is a number of a known form."""
        verdict = self.verdict
        return verdict is not None and verdict.sure and verdict.checksum != "wrong" and verdict.kind != "pii.number"

    @property
    def full(self) -> bool:
        """Whether it is complete, or has as many digits as it needs though its check digit is wrong."""
        return self.complete or (self.kind in CHECKED and len(self.told) in LENGTHS[self.kind])

    @property
    def clear(self) -> bool:
        """Whether it is complete, no digit is left over, and nothing has been said against it."""
        # Digits after a landline number are an extension only where they are called one.
        open_yet = self.open or self.scattered
        return self.complete and self.certain and not open_yet and (self.kind != "pii.landline" or self._fits_all)

    @property
    def _of_two_kinds(self) -> bool:
        """Whether its digits may as well be another number, or more than one."""
        if self.kind == "pii.landline":
            return not self._fits_all
        return self.kind == "pii.order_no" and _MOBILE.fullmatch(self.value) is not None

    @property
    def _fits_all(self) -> bool:
        return len(self.value) <= _LONGEST["landline"] or self.value.startswith(("86", "00"))

    @property
    def sure(self) -> bool:
        """Whether the number is complete, its check right, every correction clear and nothing left open."""
        verdict = self.verdict
        disputed = self.misread or self.open or self.scattered or self._of_two_kinds
        return self.certain and not disputed and verdict is not None and verdict.sure

    @property
    def listed(self) -> bool:
        """Whether there is enough of it to be one of the call's numbers."""
        verdict = self.verdict
        return verdict is not None and (verdict.kind != "pii.number" or len(self.value) >= REPORTED_DIGITS)

    @property
    def hidden(self) -> bool:
        """Whether its parts are hidden: a number, or the beginning of one that was asked for."""
        return (
            self.verdict is not None
            or self.named is not None
            or (len(self.parts) > 1 and len(self.value) >= _HIDDEN_DIGITS)
        )

    @property
    def longest(self) -> int:
        """How many digits it may come to have."""
        return longest(self.named, self.value)

    @property
    def may_go_on(self) -> bool:
        """Whether its kind has no length of its own."""
        return self.kind in ("pii.code", "pii.order_no", "pii.landline")

    @property
    def last_group(self) -> str:
        """What was said of it last."""
        return self.groups[-1] if self.groups else ""

    def add(
        self,
        one: Spoken,
        fragment: Fragment,
        value: str,
        *,
        certain: bool,
        anew: bool = False,
        others: tuple[str, ...] = (),
    ) -> None:
        """The number as it is after a fragment of it. `anew`: the fragment tells all of it, or changes what was
        told.
        """
        self.read_back = self.read_back and value == self.value
        self.agreed = self.agreed and value == self.value
        self.value, self.others = value, others
        self.certain = certain if anew else self.certain and certain
        self.groups = (value,) if anew else (*self.groups, fragment.value)
        self.carrier = self._part(one, fragment, echo=False)
        self.end_ms = self.last_ms = one.end_ms
        self.doubted = False
        if self.open == "denied" and certain and (anew or self.complete):
            self.open = ""
        full = _FULL_DIGITS.get(self.kind or "", 0)
        self.closed = self.complete and len(self.told) == full

    def mend(self, one: Spoken, fragment: Fragment, value: str, *, certain: bool) -> None:
        """The number with a part of it told otherwise.

        Where more is said than the correction, the other leg has to say that it understood it so as well.
        """
        self.add(one, fragment, value, certain=certain, anew=True)
        self.troubled = True
        if one.talk_chars > _CLEAR_CHARS or len(fragment.steps) > 1 or len(one.fragments) > 1:
            self.want_echo()

    def want_echo(self) -> None:
        """Leaves it open until the other leg has said how it understood it, unless its check digit is right."""
        if not (self.verdict is not None and self.verdict.checksum == "right" and self.kind in CHECKED):
            self.dispute("denied")

    def understood(self) -> None:
        """The other leg has said what it understood, and it is the same."""
        self.misread = ""
        if self.open == "denied":
            self.open = ""

    def change(self, value: str) -> None:
        """The number with a digit of it told otherwise."""
        if value != self.value:
            self.value, self.groups, self.others = value, (value,), ()

    def echo(self, one: Spoken, fragment: Fragment) -> None:
        """A fragment that says again what is known."""
        self._part(one, fragment, echo=True)

    def settle(self) -> None:
        """All of it was told again, or read back and agreed to: whatever was said against it is past."""
        self.certain, self.confirmed, self.open = True, None, ""
        self.misread, self.troubled, self.scattered = "", False, False

    def dispute(self, how: Literal["denied", "digits"]) -> None:
        """Something is said against it that changes nothing yet."""
        self.open = how if self.open != "digits" else self.open
        self.troubled = True

    def findings(self, utterance_id: str) -> list[Finding]:
        """What is hidden of an utterance."""
        mine = [part for part in self.parts if part.utterance_id == utterance_id and not (part.whole and part.echo)]
        if not mine or not self.hidden:
            return []
        verdict, sure = self.verdict, self.sure
        kind: PersonalKind = verdict.kind if verdict is not None else "pii.number"
        found: list[Finding] = []
        for part in mine:
            if part is not self.carrier:
                found.append(Finding(part.start, part.end, kind, sure=sure, part=True))
            else:
                checksum = verdict.checksum if verdict is not None else "none"
                found.append(Finding(part.start, part.end, kind, self.told, checksum, sure=sure))
        return found

    def _part(self, one: Spoken, fragment: Fragment, *, echo: bool) -> Part:
        if one.leg == self.owner:
            self.heard = (self.heard + fragment.value)[-_KEPT_PARTS:]
        part = Part(one.id, fragment.start, fragment.end, whole=fragment.whole, echo=echo)
        self.parts = (*self.parts, part)[-_KEPT_PARTS:]
        return part


def longest(named: Named | None, value: str) -> int:
    """How many digits a number that begins with `value` may come to have."""
    known = _LONGEST.get(named)
    if known is not None:
        return known
    if not value.startswith("1") or (len(value) > _LONGEST["mobile"] and begins_like_id(value)):
        return 19
    return _LONGEST["mobile"]


def begins_like_id(value: str) -> bool:
    """Whether six digits of a region and a year of birth come first."""
    return re.match(r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])\d{4}(?:19|20)", value) is not None


def broken_off(value: str, named: Named | None, *, parts: int) -> Verdict | None:
    """The kind of a number that is too short or too long, by its name or, if it was told in parts, its beginning."""
    kind: PersonalKind | None = None
    if named in ("mobile", "id_card", "bank_card", "landline", "order_no") and len(value) >= REPORTED_DIGITS:
        kind = _KINDS[named]
    elif named in (None, "phone", "person") and _MOBILE_BEGUN.fullmatch(value) and (named or parts > 1):
        kind = "pii.mobile"
    elif named in (None, "person") and len(value) > _LONGEST["mobile"] and begins_like_id(value):
        kind = "pii.id_card"
    elif named is None and _CARD_BEGUN.fullmatch(value) and parts > 1:
        kind = "pii.bank_card"
    return Verdict(kind, value, "wrong", False, 0.0) if kind is not None else None


def with_group_replaced(number: Assembly, said: str) -> str | None:
    """A complete number with the group that `said` is most like replaced by it; None where none is like it."""
    value = number.value
    places = groups_like(number, said)
    return value[: places[-1]] + said + value[places[-1] + len(said) :] if places else None


def groups_like(number: Assembly, said: str) -> list[int]:
    """Where the groups begin that `said` is most like."""
    costs: dict[int, int] = {}
    at = 0
    for size in _sizes(number):
        group = number.value[at : at + size]
        if size == len(said):
            # Its digits in another order are no less like it than half of them.
            costs[at] = min(differing(group, said), size // 2 if sorted(group) == sorted(said) else size)
        at += size
    best = min(costs.values(), default=len(said))
    return [at for at, cost in costs.items() if cost == best] if best <= len(said) // 2 else []


def _sizes(number: Assembly) -> tuple[int, ...]:
    value = number.value
    if number.kind == "pii.landline":
        area = 0 if not value.startswith("0") else 3 if value.startswith(("01", "02")) else 4
        return (area, len(value) - area - 4, 4)
    return GROUPS.get(number.kind or "", (4,) * (len(value) // 4))


def differing(one: str, other: str) -> int:
    """In how many places two strings differ."""
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def misheard(said: str, group: str) -> bool:
    """Whether an echo is a group misheard: a few digits wrong, or one lost."""
    if len(said) == len(group):
        return differing(said, group) <= len(group) // 2
    return abs(len(said) - len(group)) == 1 and len(group) >= 3 and misread(said, group)


def misread(said: str, value: str) -> bool:
    """Whether one is the other read back wrong: as long and wrong in a few places, or a digit or two lost or
    doubled.
    """
    if len(said) == len(value):
        return differing(said, value) <= max(3, len(value) // 4)
    if abs(len(said) - len(value)) > 2:
        return False
    shorter = min(len(said), len(value))
    return _common(said, value) + _common(said[::-1], value[::-1]) >= shorter - 2


def _common(one: str, other: str) -> int:
    length = min(len(one), len(other))
    return next((n for n in range(length) if one[n] != other[n]), length)
