"""One normaliser for everything that is scored, references and every system alike.

NFKC, Simplified Chinese (OpenCC tw2s, which has all of t2s and knows 著 for 着), lower case, numbers as they are
spoken, then letters and digits only. Arabic numbers can be spoken in two ways (`8023`: 八零二三, 八千零二十三); a
reference takes the likelier one, a system's text takes whichever lies nearer to the reference (`nearest`), so that
nobody pays for how he writes a number. Spoken variants that writing does not keep apart are folded: 幺 to 一, 〇 to
零, 两 to 二.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC
from rapidfuzz.distance import Levenshtein

_FOLD = str.maketrans({"幺": "一", "〇": "零", "两": "二"})
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):([0-5]\d)(?!\d)")
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(%?)")
_LONGEST_VALUE_DIGITS = 9
"""Ten digits and more are a number one dials or reads out, never an amount."""


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("tw2s")


def spoken_value(digits: str) -> str:
    """An integer as an amount is spoken: `"1001"` to 一千零一, `"12"` to 十二, `"20000"` to 二万.

    `digits`: at most 9 Arabic digits, no leading zero unless it is `"0"`.
    """
    if digits == "0":
        return "零"
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)][::-1]
    spoken = ""
    skipped = False
    for group, unit in zip(groups, ("亿", "万", "")[-len(groups) :], strict=True):
        if int(group) == 0:
            skipped = True
            continue
        if spoken and (skipped or group[0] == "0"):
            spoken += "零"
        skipped = False
        spoken += _below_ten_thousand(group) + unit
    return spoken[1:] if spoken.startswith("一十") else spoken


def _below_ten_thousand(group: str) -> str:
    spoken = ""
    missing = False
    for place, digit in zip(range(len(group) - 1, -1, -1), group, strict=True):
        if digit == "0":
            missing = True
            continue
        if spoken and missing:
            spoken += "零"
        missing = False
        spoken += digit.translate(_DIGITS) + ("", "十", "百", "千")[place]
    return spoken


def _readings(number: re.Match[str], text: str) -> tuple[str, ...]:
    """The ways a number may be spoken, the likelier first."""
    whole = number[1].replace(",", "")
    tail = "点" + number[2].translate(_DIGITS) if number[2] else ""
    head = "百分之" if number[3] else ""
    digit_by_digit = whole.translate(_DIGITS)
    if len(whole) > _LONGEST_VALUE_DIGITS or (len(whole) > 1 and whole[0] == "0"):
        return (head + digit_by_digit + tail,)
    value = spoken_value(whole)
    is_year = len(whole) == 4 and text[number.end() : number.end() + 1] == "年"
    is_code = len(whole) >= 5 and not whole.endswith("00") and not number[2]
    both = (digit_by_digit, value) if is_year or is_code else (value, digit_by_digit)
    return tuple(dict.fromkeys(head + reading + tail for reading in both))


def _prepare(text: str) -> str:
    text = _to_simplified().convert(unicodedata.normalize("NFKC", text)).lower()
    return _CLOCK.sub(lambda clock: f"{clock[1]}点" + ("" if clock[2] == "00" else clock[2]), text)


def _strip(text: str) -> str:
    kept = "".join(char for char in text if unicodedata.category(char)[0] in "LN")
    return kept.translate(_DIGITS).translate(_FOLD)


def normalise(text: str) -> str:
    """The text as it is scored, every number in its likelier reading."""
    prepared = _prepare(text)
    return _strip(_NUMBER.sub(lambda number: _readings(number, prepared)[0], prepared))


def nearest(text: str, reference: str) -> str:
    """The text as it is scored, each number in the reading that lies nearer to `reference` (already normalised).

    Numbers are settled one by one from the left, the rest in their likelier reading.
    """
    prepared = _prepare(text)
    numbers = list(_NUMBER.finditer(prepared))
    choices = [_readings(number, prepared) for number in numbers]
    chosen = [readings[0] for readings in choices]

    def written() -> str:
        parts: list[str] = []
        end = 0
        for number, reading in zip(numbers, chosen, strict=True):
            parts += (prepared[end : number.start()], reading)
            end = number.end()
        return _strip("".join([*parts, prepared[end:]]))

    for place, readings in enumerate(choices):
        distances: list[int] = []
        for reading in readings:
            chosen[place] = reading
            distances.append(Levenshtein.distance(reference, written()))
        chosen[place] = readings[distances.index(min(distances))]
    return written()
