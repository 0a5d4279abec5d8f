"""Kinds of number: the form, the check digit, and how much a name that was given to the number counts.

Each recogniser judges the digits and letters of a whole number, separators gone, and gives a verdict or none. A right
check digit only makes a verdict stronger: a number of somebody's with a slip in it is hidden as well, but not `sure`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from stdnum import luhn
from stdnum.cn import ric

from core.types import Checksum
from redaction.finding import PersonalKind
from redaction.personal.context import Named

DEFAULT_ORDER_PATTERNS = (r"(?=.*\d)[A-Z0-9]{10,20}", r"SF\d{12,13}", r"YT\d{13}", r"JD[A-Z]{0,2}\d{11,13}")
"""Order, waybill and ticket numbers, 10 to 20 letters and digits; waybills of three carriers tell themselves."""

CERTAIN, LIKELY, POSSIBLE = 1.0, 0.7, 0.4
NAMED_BONUS = 0.5
"""What a word before the number adds: a possible form that is named outweighs a likely one that is not."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a number is. `value` is without country code. The highest score wins."""

    kind: PersonalKind
    value: str = field(repr=False)
    checksum: Checksum
    sure: bool
    score: float


class Recogniser(Protocol):
    """Judges one kind of number."""

    kind: PersonalKind

    def judge(self, value: str, named: Named | None) -> Verdict | None:
        """The verdict on digits and letters (upper case) that were named as `named`, or None: not of this kind."""
        ...


_AFTER_FILLER = re.compile(r"(?!1[3-9])\d{1,2}(1[3-9]\d{9})")
"""A mobile number after 「嗯」 or 「好」 that the recogniser took for digits."""


class Mobile:
    """Mobile number of the mainland.

    Legal basis: 个人信息保护法 art. 4; GB/T 35273-2020, annex A. Format: 11 digits, 1[3-9] first (numbering plan of
    工信部, 电信网编号计划 2017); country code 86 or 0086 before it is not part of the value. No check digit: the
    form is the
    check. Example: 138 0013 8000 right; 1380013800 after 「手机号」 wrong, hidden all the same.
    """

    kind: PersonalKind = "pii.mobile"

    def judge(self, value: str, named: Named | None) -> Verdict | None:
        """See Recogniser."""
        if not value.isdigit():
            return None
        bare = re.sub(r"^(?:00)?86(?=1\d{9,11}$)", "", value)
        bonus = NAMED_BONUS if named in ("mobile", "phone") else 0.0
        if re.fullmatch(r"1[3-9]\d{9}", bare):
            return Verdict(self.kind, bare, "right", True, CERTAIN + bonus)
        if bonus and (after := _AFTER_FILLER.fullmatch(bare)):
            return Verdict(self.kind, after[1], "wrong", False, POSSIBLE + bonus)
        if bonus and 10 <= len(bare) <= 12 and (bare[0] == "1" or (named == "mobile" and bare[0] != "0")):
            return Verdict(self.kind, bare, "wrong", False, POSSIBLE + bonus)
        if re.fullmatch(r"1[3-9]\d{8}|1[3-9]\d{10}|1[0-2]\d{9}", bare) and named in (None, "person"):
            return Verdict(self.kind, bare, "wrong", False, POSSIBLE)
        return None


class Landline:
    """Landline number.

    Legal basis: as for mobile numbers. Format: area code 010, 02x or 0[3-9]xx and 7 or 8 digits that don't begin
    with 0, 1
    or 9 (电信网编号计划); without area code only where it is called a phone number. An extension is hidden with it
    but no
    part of the value. Example: 0571-8765 4321 转 801 has the value 057187654321.
    """

    kind: PersonalKind = "pii.landline"

    def judge(self, value: str, named: Named | None) -> Verdict | None:  # noqa: PLR0911 - a form a line
        """See Recogniser."""
        if not value.isdigit() or is_hotline(value):
            return None
        bonus = NAMED_BONUS if named in ("landline", "phone") else 0.0
        if len(value) > _LONGEST_WITHOUT_COUNTRY:
            value = re.sub(r"^(?:00)?860?(?=(?:10|2\d|[3-9]\d\d)[2-8]\d{6,7}$)", "0", value)
        if re.fullmatch(r"(?:010|02\d)[2-9]\d{7}|0[3-9]\d\d[2-9]\d{6,7}", value):
            return Verdict(self.kind, value, "none", True, CERTAIN + bonus)
        extended = re.fullmatch(r"((?:010|02\d)[2-9]\d{7}|0[3-9]\d\d[2-9]\d{7})\d{2,5}", value)
        if extended is not None and len(value) > 12 and (bonus or named is None):
            return Verdict(self.kind, extended[1], "none", True, POSSIBLE + bonus)  # 0755-82345678-103
        if bonus and re.fullmatch(r"[2-9]\d{6,7}", value):
            return Verdict(self.kind, value, "none", True, LIKELY + bonus)
        if re.fullmatch(r"(?:010|02\d)\d{6,9}|0[3-9]\d{7,11}", value) and (bonus or named is None):
            return Verdict(self.kind, value, "none", False, POSSIBLE + bonus)
        if named == "landline" and re.fullmatch(r"\d{6,12}", value):
            return Verdict(self.kind, value, "none", False, POSSIBLE + bonus)
        return None


class IdCard:
    """Resident identity number.

    Legal basis: 居民身份证法; 个人信息保护法 art. 28 (sensitive). Format and algorithm: GB 11643-1999, six digits of
    region,
    eight of birth, three of order and a check character by ISO 7064 MOD 11-2 (X for 10), computed by
    `stdnum.cn.ric`; the
    old form of 15 digits has a two-digit year and no check. Example: 11010519491231002X is right (the
    standard's own); ending in 1 it is wrong, and hidden.
    """

    kind: PersonalKind = "pii.id_card"

    def judge(self, value: str, named: Named | None) -> Verdict | None:
        """See Recogniser."""
        bonus = NAMED_BONUS if named == "id_card" else 0.0
        if not re.fullmatch(r"\d{13,20}(?:\d|XX?\d?)?", value):
            return None
        formed = _REGION.match(value) is not None and _BIRTH.match(value, 6) is not None
        if len(value) == 18 and (value[-1] == "X" or value.isdigit()):
            right = ric.calc_check_digit(value) == value[-1]
            if right and formed:
                return Verdict(self.kind, value, "right", True, CERTAIN + bonus)
            if formed or bonus or value[-1] == "X":
                return Verdict(self.kind, value, "right" if right else "wrong", right, LIKELY + 0.1 * formed + bonus)
        if len(value) == 15 and _REGION.match(value) and _SHORT_BIRTH.match(value, 6):
            return Verdict(self.kind, value, "none", bool(bonus), LIKELY + bonus if bonus else POSSIBLE)
        if bonus or like_id(value):
            likely = formed and len(value) in (17, 19)
            return Verdict(self.kind, value, "wrong", False, LIKELY * likely + POSSIBLE * (not likely) + 0.05 + bonus)
        return None


def like_id(value: str) -> bool:
    """Whether a slip, a digit lost or one doubled may have made this of an identity number, whatever its check."""
    digits = len(value.rstrip("X"))
    if digits < len(value):
        return _LIKE_ID_DIGITS[0] - 2 <= digits <= _LIKE_ID_DIGITS[1]
    if not _LIKE_ID_DIGITS[0] <= len(value) <= _LIKE_ID_DIGITS[1]:
        return False
    off = len(value) - 18
    region, century = _REGION.match(value) is not None, value[6:8] in ("19", "20")
    if off:
        born = any(_BIRTH.match(value, at) is not None for at in (6, 6 + off))
        return born or (region and century and not value.startswith("62"))
    return region + century + (_MONTH_AND_DAY.match(value, 10) is not None) > 1


class BankCard:
    """Bank card number.

    Legal basis: 个人信息保护法 art. 28; JR/T 0171-2020. Format: GB/T 14694, ISO/IEC 7812, 16 to 19 digits with the
    check
    digit of Luhn's algorithm (`stdnum.luhn`). Example: 6222 0212 3456 7890 128 is right; with its last digit changed
    it is
    wrong, and hidden.
    """

    kind: PersonalKind = "pii.bank_card"

    def judge(self, value: str, named: Named | None) -> Verdict | None:  # noqa: PLR0911 - a form a line
        """See Recogniser."""
        if not value.isdigit():
            return None
        bonus = NAMED_BONUS if named == "bank_card" else 0.0
        if not bonus and len(value) == _ONE_SHORT_OF_ID and like_id(value):
            return None
        if 16 <= len(value) <= 19:
            right = luhn.is_valid(value)
            looks = value[0] in "3456" or value.startswith(("95", "90"))
            if not bonus and not right and not looks:
                return None
            if right and len(value) == 18 and not value.startswith("62"):
                return Verdict(self.kind, value, "right", True, LIKELY + bonus)
            score = CERTAIN - 0.1 if right else LIKELY if looks else POSSIBLE
            return Verdict(self.kind, value, "right" if right else "wrong", right, score + bonus)
        if bonus and 12 <= len(value) <= 21:
            return Verdict(self.kind, value, "wrong", False, POSSIBLE + bonus)
        if value.startswith("62") and 13 <= len(value) <= 21 and named is None:
            return Verdict(self.kind, value, "wrong", False, POSSIBLE)
        return None


class Code:
    """Verification code or password, where it is called one.

    Legal basis: JR/T 0171-2020 ranks them highest. Format: 4 to 8 letters and digits, no check. Example: 「验证码是
    402913」.
    """

    kind: PersonalKind = "pii.code"

    def judge(self, value: str, named: Named | None) -> Verdict | None:
        """See Recogniser."""
        if named != "code" or not re.fullmatch(r"(?=.*\d)[A-Z0-9]{4,8}", value):
            return None
        return Verdict(self.kind, value, "none", True, CERTAIN + NAMED_BONUS)


class OrderNumber:
    """Order, waybill or ticket number, where it is called one.

    Legal basis: it leads to a name and an address (GB/T 35273-2020, 3.1). Format: the house's own, given as regular
    expressions for the whole number; 10 to 20 letters and digits unless told otherwise. Example: 「运单号
    SF1234567890123」.
    A pattern that begins with letters needs no introduction.
    """

    kind: PersonalKind = "pii.order_no"

    def __init__(self, patterns: Sequence[str] = DEFAULT_ORDER_PATTERNS) -> None:
        self._patterns = [(re.compile(pattern), pattern[:1].isalpha()) for pattern in patterns]

    def judge(self, value: str, named: Named | None) -> Verdict | None:
        """See Recogniser."""
        for pattern, speaks_for_itself in self._patterns:
            if (named == "order_no" or speaks_for_itself) and pattern.fullmatch(value):
                # Among the named forms the order number is the least special: a mobile form named so is one all the
                # same.
                return Verdict(self.kind, value, "none", True, CERTAIN + NAMED_BONUS)
        return None


class Somebodys:
    """Digits that belong to somebody, of which kind cannot be told.

    Legal basis: GB/T 35273-2020, 3.1: what alone or with other information identifies a person. Format: 5 to 15
    digits (or a
    letter and 5 to 9 digits) after a word for a personal number. Example: 「我的号码是 87654」.
    """

    kind: PersonalKind = "pii.number"
    _NAMES = frozenset({"mobile", "landline", "phone", "id_card", "bank_card", "person"})

    def judge(self, value: str, named: Named | None) -> Verdict | None:
        """See Recogniser."""
        if named not in self._NAMES or not re.fullmatch(r"[A-Z]{0,2}\d{5,15}", value):
            return None
        if is_hotline(value) and named != "id_card":
            return None
        return Verdict(self.kind, value, "none", False, 0.2)


class Long:
    """Digits as many as a card or an identity number has, that nobody has called anything.

    Legal basis: as for those. Format: 15 to 21 digits, an X among the last; one lost or doubled, a wrong first digit
    or an impossible birth date does not show what was meant. Example: 「9222021234567890128」.
    """

    kind: PersonalKind = "pii.number"

    def judge(self, value: str, named: Named | None) -> Verdict | None:
        """See Recogniser."""
        if named in ("order_no", "code", "none") or not re.fullmatch(r"\d{14,20}[\dX]X?\d?", value):
            return None
        if is_hotline(value):
            return None
        return Verdict(self.kind, value, "none", False, 0.1)


def is_hotline(value: str) -> bool:
    """Whether digits are a public service's: 110, 10086, 12315, 95588, 96xxx, 400 and 800 numbers.

    Source: 电信网编号计划 2017, chapters on short codes.
    """
    return re.fullmatch(r"1[0-2]\d{1,4}|9[5-6]\d{3,4}|100\d{2,5}|123\d{2,3}|[48]00\d{7}|106\d{5,17}", value) is not None


_LONGEST_WITHOUT_COUNTRY = 11
LENGTHS: dict[str, tuple[int, ...]] = {
    "pii.mobile": (11,),
    "pii.id_card": (18,),
    "pii.bank_card": (16, 17, 18, 19),
}
_ONE_SHORT_OF_ID = 17
_REGION = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_BIRTH = re.compile(r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_MONTH_AND_DAY = re.compile(r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_LIKE_ID_DIGITS = (17, 19)
_SHORT_BIRTH = re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
