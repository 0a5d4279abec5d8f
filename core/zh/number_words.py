"""Words and characters that numbers are spoken and written with, as tokens with their offsets.

`tokens` cuts a whole text; `core.zh.numerals` makes numbers of them. Pure logic, linear in the length of the text.

Source of the forms: how phone, card and identity numbers are dictated in Mandarin (幺 for 一, 洞拐勾 of radio talk,
三个八, 双零, cardinals by groups), and what Whisper writes for them: half-width digits with spaces, hyphens or commas
at breaths, homophones for a digit or two (8614 came out as 「86意思」).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from core.zh.homophones import FUNCTION_CHARS, SOUNDS_LIKE

Role = Literal["digits", "letters", "gap", "deny", "hold", "restart", "not", "place", "extension", "amount", "other"]

_VALUES = {
    **{
        char: str(n % 10)
        for n, char in enumerate("0123456789０１２３４５６７８９〇一二三四五六七八九零壹贰叁肆伍陆柒捌玖")
    },
    "○": "0",
    "洞": "0",
    "幺": "1",
    "拐": "7",
    "勾": "9",
    "两": "2",
    "俩": "2",
    "仨": "3",
}
_DIGIT = "0-9０-９〇○零一二三四五六七八九幺洞拐勾两壹贰叁肆伍陆柒捌玖"
_ASCII_DIGIT = "0-9０-９"
_COUNT = "[两二俩三仨四五六七八九2-9]"

_FILLER = (
    r"嗯+|呃+|额+|啊+|哦+|噢+|喔+|诶+|欸+|哎+|唉|呀|哈|嘛|呢|哟|那个|这个|那什么|然后呢?|接着|接下来|"
    r"紧接着|就是说?|完了|再来个?|再|"
    r"还有|再?往后|后面|后边|后头|前面|前边|前头|中间|最后|末尾|末了|结尾|开头|跟着|下面|对+的?|"
    r"(?:大写|小写)?的?字母(?=[A-Za-z])|好的?|空格|空一格|横杠|短横|"
    r"中杠|杠|减号|空|是|的话|(?:[等让]?我)(?:看看|想想|找找|看一下|想一下|看下|想下|瞅瞅|翻翻)|稍等(?:一下|啊)?|"
    r"我?[看说念报讲读]到哪儿?了|怎么说呢|(?:出生)(?:日期|年月日?)?|生日|校验码|顺序码|年月日"
)
_MARKS = r"[\s\-–—‐‑－_·•.．。,，、/~～…;；()（）？?！!]"
_PLACE = (
    rf"(?:(?:第(?P<nth>[{_DIGIT}十]{{1,2}})位|倒数第(?P<nth_last>[{_DIGIT}十]{{1,2}})[位个])(?:数字?)?|(?:(?P<tail>最后|倒数|末尾|末了|结尾|末|尾|后面|后边|后头|后)|"
    rf"(?P<head>开头|前面|前边|前头|打头|前|头)"
    rf"|(?P<middle>中间))的?(?:那|这)?(?P<many>[{_DIGIT}十俩仨]{{1,2}}?)(?:位数字?|位|个数字?|个数|(?<=[俩仨])(?=是))"
    r"|(?P<tail1>尾数|末位|尾号|尾巴))(?:应该)?(?:就?是|为|应该是|改成|改为)?"
    r"|(?P<last>(?:最后|末尾)(?:那|这)?一个(?:数字?)?)(?:应该)?(?:就?是|为|改成|改为)"
    rf"|(?P<last_that>(?:最后|末尾)[那这]一?个)(?=[{_DIGIT}][，, ]?(?:不对|错了)?[，, ]?(?:是|应该|改))"
    r"|(?:(?P<tail0>最后面?|末尾|末了|结尾|后面|后边|后头)|(?P<head0>开头|打头|前面)|(?P<middle0>中间|当中))"
    r"(?:的?那?(?:几位|[一两]段|部分))?(?:应该|其实|就)?(?:是|为|改成|改为)"
)
_DENY = (
    r"(?:(?:啊|哦|呃|嗯|诶|哎)[，, ]?)?(?:不对|不不不?|不是不是|(?:我|你|您)?(?:刚才?|刚刚)?(?:说|报|念|讲|"
    r"写|记|搞|弄|打|听|看|读)(?:错|岔|反)了?|口误|错了|错啦|反了|更正一?下?|纠正一?下?)"
    r"(?:[啊呀哦啦了，,。 ]|不对|不好意思|抱歉|对不起|等一下|等等|我?(?:刚才?|刚刚)?(?:说|报|念|讲|"
    r"记)错了?|错了|不是)*(?:应该|那个)?(?:就?是|改成)?"
    r"|(?:啊|哦|呃|哎|诶|欸)?[，, ]?不(?:是)?[，, ](?:(?:那个|应该)?是)?|不是(?=是)|哎?呀?不好意思[，, ]|"
    r"抱歉[，, ]|应该是|应该(?=[0-9零一二三四五六七八九幺洞拐两])|应为|改成|改为|换成"
)
_RESTART = (
    r"(?:(?:算了|哎呀?|那个|等等|等一?下|刚才(?:那个|说?的)?(?:都)?不算)[，, ]?)?(?:(?:让|等)?我)?"
    r"(?:(?:重新|从头|重头)再?(?:来|说|报|念|讲|给你说|给您说|跟您说|给您报|给你报)(?:一遍|一次|一下|过|起)?|"
    r"重[说报念讲来](?:一遍|一次|一下)?|刚才(?:那个|说?的)?(?:都)?不算|"
    r"换(?:一个|个)(?:号码?|手机号?)?|(?:再|给您再|给你再|跟您再)(?:说|报|念|讲|"
    r"来)(?:一遍|一次|一下))(?:吧|啊|哈|哦)?(?:这一?[段组]|这[几四三两]位|这一?部分)?"
)
_EXTENSION = r"(?:转接?|再[拨按转]|分机号?码?是?|转分机号?|[Ee][Xx][Tt]\.?){1,3}"
_X = (
    r"(?:最后)?(?:一?个)?(?:大写|小写)?的?(?:字母|英文)?的?[xXｘＸ×](?![A-Za-z])|(?:大写|小写|字母|英文|个)的?叉|"
    r"(?:艾|爱|埃|哎)克斯|叉(?![车子烧口腰号])"
)

_EXPLAINS = (
    rf"[{_DIGIT}]{{1,4}}(?:的)?后[面头边]还有一?个?(?=[{_DIGIT}])|"
    rf"[{_DIGIT}]{{1,4}}(?:也|就|只|都)?有[一两俩仨二三四五六2-6][个回遍次处]?(?![{_DIGIT}])"
    rf"|[{_DIGIT}]{{1,4}}(?:是|排|跟|接|写|应该)?在[{_DIGIT}]{{0,4}}的?[前后](?:[面头边]|$|(?=[，,。 ]))"
    rf"|[你您](?:少|漏|缺|丢|掉|落)(?:了|掉|说|写|记|念)*一?[个位][{_DIGIT}](?![{_DIGIT}])"
    rf"|[{_DIGIT}](?:和|跟|与)[{_DIGIT}]的?(?:中间|之间|当中)(?:还|是)?(?:有|夹)?一?个?[{_DIGIT}]"
    rf"|[{_DIGIT}]是[俩仨](?=[，, ])"
    rf"|没有[一两俩仨二三四五六2-6]个[{_DIGIT}]"
    rf"|(?<=[{_DIGIT}十百千][，, ])就[一两俩仨二三四][个回]?[{_DIGIT}](?=[，,。 啊哈]|$)"
)
"""Digits that only say how others are to be understood: 「四有俩」, 「六在三前头」, 「二七七零，就两个七」."""

_NOT_A_DIGIT = re.compile(
    r"一(?:下|共|样|定|起|般|会|些|直|旦|切|向|路|边|致|系|方面|刻|辈|贯|律|概|再|并|半|来|家|则|等|"
    r"体|把|口|早|开始|听|看|打|到|说|问|查|键)"
    r"|[一二两三四五六七八九十]{1,4}(?=个(?![零〇一二三四五六七八九幺0-9]))|三(?:方|亚|星|包|里|维)|"
    r"四(?:川|处|周)|五(?:星|险|一节)|"
    r"七(?:夕|天)|八(?:卦|成)|九(?:州|寨)|十分|两(?:者|边|口|种)|万一|统一|唯一|第一|"
    r"第[一二两三四五六七八九十](?:个|组|段|串|行)|周[一二三四五六日]|星期[一二三四五六]|礼拜[一二三四五六]"
)
"""Characters that write a digit inside another word. Such a word ends a number: 「一三八…零零零一共」."""

_MASTER = re.compile(
    rf"(?P<restart>{_RESTART})|(?P<place>{_PLACE})|(?P<deny>{_DENY})|(?P<not>而?不是)"
    rf"|(?P<hold>等等|等一下|等会儿?|慢着)(?![我你您他她])"
    rf"|(?P<explains>{_EXPLAINS})"
    rf"|(?P<repeat>(?:(?<=[{_DIGIT}])|(?<=[{_DIGIT}][，, ])|(?=[一1][个個][{_DIGIT}][，, ]?{_COUNT}[个個]))(?=[一1])"
    rf"[一1][个個](?P<rep1>[{_DIGIT}])(?![个個十百千万亿])|"
    rf"{_COUNT}[个個](?P<rep>[{_DIGIT}])(?![个個十百千万亿])|[双俩仨](?P<rep2>[{_DIGIT}])(?![十百千万亿]))"
    rf"|(?P<explained>(?<![{_DIGIT}])[{_DIGIT}]{{0,2}}(?P<which>[{_DIGIT}])[{_DIGIT}]{{0,2}}的(?P=which))"
    rf"|(?P<word>{_NOT_A_DIGIT.pattern})"
    rf"|(?P<extension>{_EXTENSION})(?=[，, ]?(?:的|是|号)?[，, ]?[{_DIGIT}])"
    rf"|(?P<big>[{_ASCII_DIGIT}.]+[十百千]?[万亿]+)"
    rf"|(?P<ascii>[{_ASCII_DIGIT}]+(?![十百千]))"
    rf"|(?P<numeral>[一二两三四五六七八九1-9]?[十百千]|[{_DIGIT}])"
    rf"|(?P<x>{_X})|(?P<letters>[A-Za-zＡ-Ｚａ-ｚ]+)|(?P<filler>{_FILLER})|(?P<mark>{_MARKS}+)|(?P<other>.)",
    re.DOTALL,
)


_DATE = re.compile(
    rf"([{_DIGIT}]{{2}}|[{_DIGIT}]{{4}})年[，, ]?([{_DIGIT}十]{{1,3}})月份?[，, ]?([{_DIGIT}十]{{1,3}})[日号]?"
)
_YEAR = re.compile(
    rf"([{_DIGIT}]{{2}}|[{_DIGIT}]{{4}})年(?:的|生的?|出生的?)?(?=[，,、 ]?[{_DIGIT}]{{2}}[，,、 ]?[{_DIGIT}]{{2}})"
)
_DAY = re.compile(rf"([{_DIGIT}十]{{1,3}})月份?[，, ]?([{_DIGIT}十]{{1,3}})[日号]?")
_AFTER_BIRTH = re.compile(rf"[，,、。 ]{{0,2}}(?:{_FILLER})?[，,、 ]?(?:[{_DIGIT}xX]|[{''.join(SOUNDS_LIKE)}]){{2}}")
_REGION_DIGITS = 6
_YEAR_DIGITS = 4
_BORN_BEFORE_2000 = 30
"""From this two-digit year on it is one of the last century."""
_ABBREVIATED = {100: 10, 1000: 100}


class Place(NamedTuple):
    """Where in a number a correction goes: the first, middle or last `digits`, or the digit numbered `digits`,
    from the end where that is negative.
    """

    where: Literal["head", "middle", "tail", "nth"]
    digits: int


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text and what it is in a number. `value`: its digits or letters, half width, upper case.

    (Of a gap: 是, which parts the wrong digits from the right ones.) `level`: of a gap, how strongly it parts two
    groups: 1 space or hyphen, 2 comma or filler, 3 end of a sentence.
    `unsure`: a homophone that was taken for a digit. `soft`: one that may as well be a word.
    """

    role: Role
    start: int
    end: int
    value: str = field(default="", repr=False)
    level: int = 0
    unsure: bool = False
    soft: bool = False
    place: Place | None = None
    clear: bool = False
    """Of a homophone: it is hardly ever a word by itself."""


def tokens(text: str) -> list[Token]:
    """The whole text as tokens; neighbours touch, what is no part of any number is `other`."""
    return list(_tokens(text))


@lru_cache(maxsize=2)  # the rules read a text several times over; no more of them is kept than must be
def _tokens(text: str) -> tuple[Token, ...]:
    made: list[Token] = []
    at = 0
    while at < len(text):
        match = _MASTER.match(text, at)
        assert match is not None  # the last branch takes any character
        token = _birth(text, at, made) or _token(match, text)
        if match["explained"] and _is_said(made, token.value):
            token = Token("gap", token.start, token.end, level=2)  # 「幺，幺二的幺」
        assert token.end > at, "a token without a character would be found for ever"
        made.append(token)
        at = token.end
    return tuple(_with_homophones(made, text))


def _birth(text: str, at: int, made: list[Token]) -> Token | None:
    """The date inside an identity number: 「330106，九零年一月一号，0123」 says 19900101 after the region."""
    wanted = _REGION_DIGITS
    if "年" in text[at + 2 : at + 5]:
        date = date_at(text, at) or _year_at(text, at)
    elif "月" in text[at + 1 : at + 3]:
        date, wanted = _day_at(text, at), _REGION_DIGITS + _YEAR_DIGITS
    else:
        return None
    if date is None or not _AFTER_BIRTH.match(text, date[1]):
        return None
    before = 0
    for token in reversed(made[-2 * wanted - 2 :]):
        if token.role not in ("digits", "gap"):
            break
        before += len(token.value) if token.role == "digits" else 0
    return Token("digits", at, date[1], date[0]) if before == wanted else None


def date_at(text: str, at: int) -> tuple[str, int] | None:
    """The date told at `at` as eight digits, and where it ends: 「九零年一月一号」 19900101."""
    match = _DATE.match(text, at)
    if match is None:
        return None
    year, month, day = ("".join(_VALUES.get(char, "") for char in match[1]), cardinal(match[2]), cardinal(match[3]))
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return f"{_full_year(year)}{month:02d}{day:02d}", match.end()


def _year_at(text: str, at: int) -> tuple[str, int] | None:
    """The year of birth alone, with month and day as digits after it: 「九二年的，1103」."""
    match = _YEAR.match(text, at)
    return (_full_year("".join(_VALUES[char] for char in match[1])), match.end()) if match is not None else None


def _day_at(text: str, at: int) -> tuple[str, int] | None:
    """Month and day of birth after the year as digits: 「1992，十一月三号」."""
    match = _DAY.match(text, at)
    month, day = (cardinal(match[1]), cardinal(match[2])) if match is not None else (0, 0)
    if match is None or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return f"{month:02d}{day:02d}", match.end()


def _full_year(year: str) -> str:
    if len(year) == _YEAR_DIGITS:
        return year
    return f"{'19' if int(year) >= _BORN_BEFORE_2000 else '20'}{year}"


def _is_said(made: list[Token], value: str) -> bool:
    """Whether the digit said last is this one."""
    last = next((one for one in reversed(made[-3:]) if one.role == "digits"), None)
    return last is not None and last.value.endswith(value)


def _token(match: re.Match[str], text: str) -> Token:
    start, end = match.span()
    groups = match.groupdict()
    digits = _digits(groups, match[0], text, start)
    if digits is not None:
        return digits
    if groups["place"]:
        return Token("place", start, end, level=2, place=_place(groups))
    if groups["filler"] or groups["explains"]:
        return Token("gap", start, end, match[0] if match[0] == "是" else "", level=2)
    if groups["mark"]:
        level = 3 if re.search(r"[。…;；？?！!]", match[0]) else 2 if re.search(r"[,，、/]", match[0]) else 1
        return Token("gap", start, end, level=level)
    for name in _ROLES:
        if groups[name]:
            return Token(name, start, end, level=2)
    return Token("amount" if groups["big"] else "other", start, end)


def _digits(  # noqa: PLR0911 - a way of writing digits a line
    groups: dict[str, str | None], written: str, text: str, start: int
) -> Token | None:
    """Digits or letters; None where the match is neither."""
    end = start + len(written)
    if groups["repeat"]:
        said = _VALUES[groups["rep"] or groups["rep1"] or groups["rep2"] or ""]
        return Token("digits", start, end, said * (2 if written[0] == "双" else int(_VALUES[written[0]])))
    if groups["explained"]:
        return Token("digits", start, end, _VALUES[groups["which"] or ""])
    if groups["ascii"]:
        return Token("digits", start, end, "".join(_VALUES[char] for char in written))
    if groups["numeral"]:
        return _numeral(text, start)
    if groups["x"]:
        return Token("letters", start, end, "X")
    if groups["letters"]:
        value = "".join(chr(ord(char) - 0xFEE0) if ord(char) > 0xFF00 else char for char in written)
        return Token("letters", start, end, value.upper())
    return None


def _place(groups: dict[str, str | None]) -> Place:
    if groups["nth"]:
        return Place("nth", cardinal(groups["nth"]))
    if groups["nth_last"]:
        return Place("nth", -cardinal(groups["nth_last"]))
    if groups["last"] or groups["last_that"]:
        return Place("tail", 1)
    if groups["tail1"] or groups["tail0"]:
        return Place("tail", 0)
    if groups["head0"] or groups["middle0"]:
        return Place("head" if groups["head0"] else "middle", 0)
    where: Literal["head", "middle", "tail"] = "tail" if groups["tail"] else "head" if groups["head"] else "middle"
    return Place(where, cardinal(groups["many"] or ""))


def cardinal(written: str) -> int:
    """The number that a short numeral names: 四 4, 十八 18, 12 12; 0 where it names none."""
    value = "".join(_VALUES.get(char, "") for char in written)
    if "十" in written:
        value = _numeral(written, 0).value if written[0] in _VALUES or written[0] == "十" else ""
    return int(value) if value.isascii() and value.isdigit() else 0


_ROLES: tuple[Role, ...] = ("restart", "deny", "hold", "not", "extension")
_UNIT_VALUES = {"十": 10, "百": 100, "千": 1000}


def _numeral(text: str, start: int) -> Token:
    """A cardinal below ten thousand at `start` (一百三十八, 八千, 一百零五, 十八), or the single digit there.

    「一百三」 is a hundred and thirty unless another digit follows. Digits after a zero are digits: 八千零一三 is
    8000, 0, 1, 3.
    """
    total, at, unit = 0, start, 10_000
    while at < len(text):
        zero = total > 0 and text[at] in "零〇"
        i = at + zero
        char = text[i : i + 1]
        after = text[i + 1 : i + 2]
        if char == "十" and unit > 10:
            total, at, unit = total + 10, i + 1, 10
        elif char in _VALUES and char not in "零〇" and after in _UNIT_VALUES and _UNIT_VALUES[after] < unit:
            unit = _UNIT_VALUES[after]
            total, at = total + int(_VALUES[char]) * unit, i + 2
        elif total and char in _VALUES and char not in "零〇○洞" and not char.isascii():
            if unit == 10 and not zero:
                total, at = total + int(_VALUES[char]), i + 1
            elif after not in _VALUES or not after:
                total, at = total + int(_VALUES[char]) * (1 if zero else _ABBREVIATED.get(unit, 1)), i + 1
            break
        else:
            break
    if text[start + 1 : start + 2] in ("万", "亿") and not total:
        return Token("amount", start, _end_of_numeral(text, start + 2))
    if not total:
        return Token("digits" if text[start] in _VALUES else "other", start, start + 1, _VALUES.get(text[start], ""))
    if text[at : at + 1] and text[at] in "万亿":
        return Token("amount", start, _end_of_numeral(text, at + 1))
    return Token("digits", start, at, str(total))


def _end_of_numeral(text: str, at: int) -> int:
    while at < len(text) and text[at] in "零一二两三四五六七八九十百千":
        at += 1
    return at


def _with_homophones(made: list[Token], text: str) -> list[Token]:
    """Homophones between two digits become digits, at most two in a row; words of their own become soft ones."""
    changed = list(made)
    at = 0
    while at < len(made):
        end = at
        while end < len(made) and end - at < 3 and _may_sound(made[end], text):
            end += 1
        inner = 0 < end - at <= 2 and at > 0 and end < len(made) and _is_digits(made[at - 1]) and _is_digits(made[end])
        if inner:
            for i in range(at, end):
                char = text[made[i].start]
                soft = char in FUNCTION_CHARS
                changed[i] = Token(
                    "digits", made[i].start, made[i].end, SOUNDS_LIKE[char], level=2 * soft, unsure=True, soft=soft
                )
        at = max(end, at + 1)
    return changed


def _may_sound(token: Token, text: str) -> bool:
    return token.end - token.start == 1 and token.role in ("other", "gap") and text[token.start] in SOUNDS_LIKE


def _is_digits(token: Token) -> bool:
    return token.role == "digits"
