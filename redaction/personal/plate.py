"""Number plates, written and spoken: 「京A12345」, 「浙A D12345」, 「粤B幺二三四五」."""

from __future__ import annotations

import re

from core.zh.heard import heard_tokens
from core.zh.number_words import Token, tokens
from redaction.finding import Finding

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_HEARD_LINES = """
沪户护互 京经精金惊 浙这哲折 粤月越岳 苏速 闽敏民 皖完玩 鄂恶饿 赣干感 冀记继 津进 豫于欲宇
琼穷 鲁路 川串穿
"""
_HEARD = {heard: one[0] for one in _HEARD_LINES.split() for heard in one[1:]}
"""What a recogniser writes for the province's character; believed only after 车牌 and its like."""

_LETTER_LINES = """
A/诶/欸/哎 B/比/必/逼/笔 C/西/希 D/地/弟/第/迪 E/伊 F/艾弗/爱福/艾福 G/寄/吉
H/艾尺/爱吃 J/杰/接 K/开/凯/克 L/艾勒/艾欧 M/艾姆/爱慕 N/恩/摁 P/屁/皮/批 Q/扣/球
R/阿/啊 S/艾斯/爱丝/艾丝 T/踢/提 U/优/有 V/威/微 W/达不溜/达布溜 X/艾克斯/叉 Y/歪/外
Z/贼/再
"""
_SPOKEN_LETTERS = {
    said: letter for letter, *names in (one.split("/") for one in _LETTER_LINES.split()) for said in names
}
"""Names of the letters as a recogniser writes them (汉语拼音字母 in their English names); only right after a
province."""

_NAMED = re.compile(r"(?:车牌|牌照|车号|牌号|车牌照)(?:号码?)?")
_LETTER = re.compile(
    r"[\s·•.,，、\-]{0,2}(?:[A-Za-zＡ-Ｚａ-ｚ]|" + "|".join(sorted(_SPOKEN_LETTERS, key=len, reverse=True)) + ")"
)
_HEAD = re.compile(rf"[{_PROVINCES}]|[{''.join(_HEARD)}]")
_SPECIAL = re.compile(r"[警学挂港澳领使试超](?![一-鿿]{0,1}[校生习])")
_TAKEN_BACK = re.compile(r"[，,、 。]{0,2}(?:不对|错了|说错了|哦不|不是)[，,、 ]{0,2}(?:应该)?(?:是)?")
_SHORTEST_REST = 5
_LONGEST_CHARS = 48
_NAMED_WITHIN = 16
_SEPARATOR = re.compile(r"[\s·•.,，、\-—]*")


class Plates:
    """Number plate of the mainland.

    Legal basis: 个人信息保护法 art. 4; GB/T 35273-2020, annex A. Format: GA 36-2018, a character for the province, a
    letter for the
    city, five letters or digits (not I, O) or 警, 学, 挂, 港, 澳 last; new energy six, with D, F and the like first
    or last. No
    check. Examples: 京A12345, 浙AD12345 (new energy), 「沪C，幺二三四五」. With six after the letter a seventh is
    not taken.
    """

    def find(self, text: str) -> list[Finding]:
        """Plates in order of start."""
        if not _HEAD.search(text):
            return []
        named = [match.end() for match in _NAMED.finditer(text)]
        found: list[Finding] = []
        at = 0
        for head in _HEAD.finditer(text):
            if head.start() < at:
                continue
            near = any(0 <= head.start() - end <= _NAMED_WITHIN for end in named)
            if head[0] not in _PROVINCES and not near:
                continue
            plate = _plate(text, head.start(), near=near)
            if plate is not None:
                found.append(plate)
                at = plate.end
        return found

    def held_back(self, text: str) -> int:
        """A province and a letter, with fewer digits than a plate has."""
        tail = text[-_LONGEST_CHARS:]
        for head in _HEAD.finditer(tail):
            if head[0] not in _PROVINCES:
                continue
            letter = _LETTER.match(tail, head.end())
            if letter is None:
                if head.end() == len(tail) and any(len(tail) - match.end() <= 6 for match in _NAMED.finditer(tail)):
                    return 1
                continue
            _, end, _ = _rest(tail, letter.end())
            written = letter[0][-1].isascii()
            if len(tail) - max(end, letter.end()) == 0 and (written or end > letter.end()):
                return len(tail) - head.start()
        return 0


def _plate(text: str, start: int, *, near: bool) -> Finding | None:
    letter = _LETTER.match(text, start + 1)
    if letter is None:
        return None
    rest, end, digits = _rest(text, letter.end())
    if near and len(rest) < _SHORTEST_REST:
        heard = _rest(text, letter.end(), heard=True)
        rest, end, digits = heard if len(heard[0]) in (_SHORTEST_REST, _SHORTEST_REST + 1) else (rest, end, digits)
    if len(rest) == 4:
        special = _SPECIAL.match(text, end)
        if special is not None:
            rest, end = rest + special[0], special.end()
    written = letter[0][-1].isascii()
    enough = len(rest) in (5, 6) and digits >= (1 if near else 2 if written else 3)
    broken = near and written and len(rest) in (3, 4, 7) and digits >= 2
    if not enough and not broken:
        return None
    if enough:
        rest, end = _amended(text, rest, end)
    name = _SEPARATOR.sub("", letter[0])
    value = _HEARD.get(text[start], text[start]) + _SPOKEN_LETTERS.get(name, name.upper()) + rest
    return Finding(start, end, "pii.plate", value, "right" if enough else "wrong", sure=enough)


def _amended(text: str, rest: str, end: int) -> tuple[str, int]:
    """The plate's end told again: 「湘A72K95，不对，K96」."""
    taken_back = _TAKEN_BACK.match(text, end)
    if taken_back is None:
        return rest, end
    new, stop, _ = _rest(text, taken_back.end())
    old = rest[-len(new) :] if new else ""
    if not new or len(new) > len(rest) or sum(a != b for a, b in zip(old, new, strict=True)) > max(1, len(new) // 2):
        return rest, end
    return rest[: -len(new)] + new, stop


def _rest(text: str, start: int, *, heard: bool = False) -> tuple[str, int, int]:
    """Letters and digits after the city's letter: what they are, where they end, how many are digits."""
    cut = heard_tokens if heard else tokens
    value, end, digits, gap = "", start, 0, 0
    for token in cut(text[start : start + _LONGEST_CHARS]):
        if token.role in ("digits", "letters") and not token.soft:
            if len(value) + len(token.value) > 7:
                break
            if len(value) >= 5 and gap > 1:
                break
            value += token.value
            digits += len(token.value) * (token.role == "digits")
            end, gap = start + token.end, 0
        elif token.role == "gap":
            gap = max(gap, token.level)
            if gap > 2 or token.end - (end - start) > 4:
                break
        else:
            letter = _spoken_letter(text, start, token)
            if letter is None or not 0 <= len(value) < 6 or (digits == 0 and value):
                break
            if len(value) >= 5:
                break
            value += letter
            end, gap = start + token.end, 0
    return value, end, digits


def _spoken_letter(text: str, start: int, token: Token) -> str | None:
    """A letter that was said, between two digits or letters of a plate: only the ones that no word is made of."""
    char = text[start + token.start : start + token.end]
    return _SPOKEN_LETTERS.get(char) if char in "诶欸必弟迪艾踢贼" else None
