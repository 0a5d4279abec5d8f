"""Full names of people, by what introduces them, by a title after them, and by their form."""

from __future__ import annotations

import re
from functools import lru_cache

import rjieba

from redaction.finding import Finding
from redaction.personal.surnames import BRANDS, COMMON, COMPOUND, GIVEN, NEVER_GIVEN, RARE

_KIN = (
    "老公|老婆|爱人|丈夫|妻子|先生|太太|妈妈?|母亲|爸爸?|父亲|儿子|女儿|哥哥?|弟弟?|姐姐?|妹妹?|爷爷|"
    "奶奶|外公|外婆|姥姥|姥爷|岳父|岳母|公公|婆婆|叔叔|"
    "舅舅|阿姨|姑姑|侄子|侄女|孙子|孙女|朋友|同事|同学|邻居|室友|房东|男朋友|女朋友|对象|孩子|小孩|闺女|领导|老板"
)
_LINK = (
    r"(?:[:：,，\s]|呢|啊|嗯|呃|那个|就是|写的?是|填的?是|登记的?是|叫做?|是|为|改成|改为|换成|变更为|"
    r"写|填|应该|的话|分别)"
)
_STRONG = (
    r"(?:姓名|名字|全名|真名|大名|联系人|收件人|收货人|寄件人|发件人|寄货人|签收人|取件人|代收人|户名|"
    r"开户名|账户名|机主|户主|持卡人|开户人|投保人|被保险人|被保人|受益人|办理人|"
    r"经办人|代办人|委托人|申请人|担保人|借款人|法人代?表?|法定代表人|负责人|紧急联系人|联络人|患者|"
    r"病人|业主|车主|租客|房主|购买人|购票人|乘车人|乘机人|乘客|入住人|预订人|预约人|"
    r"会员名|抬头|当事人|投诉人|报修人|收款人|付款人|汇款人|客户名|用户名字|学生|家长|称呼)"
)
_INTRODUCTION = re.compile(
    rf"(?P<strong>{_STRONG}{_LINK}{{0,4}}|(?:我|他|她|本人|名字|姓名|人)(?:呢)?(?:的名字)?(?:就?叫做?|"
    rf"名叫)[,，\s]?|(?:我|你|您|他|她|"
    rf"咱)(?:们)?家?(?:的)?(?:{_KIN})(?:的名字)?(?:呢)?[,，]?(?:就?叫做?|名叫|是)[,，\s]?"
    rf"|姓[一-鿿][,，](?:[一-鿿]{{1,3}}的[一-鿿][,，])?(?:全名|名字|我|就)?(?:叫做?|是)|(?:请问)?(?:您|"
    rf"你)(?:就)?是|本人[,，:：]?(?:叫|是)?|免贵姓?(?:[一-鿿][,，])?(?:叫|我叫)?)"
    rf"|(?P<weak>(?:我|这边|这里|对方|客户|那边|他|她|人)就?是(?:那个)?|叫|(?:我|你|您|他|"
    rf"她)(?:们)?家?(?:的)?(?:{_KIN})|(?:请问)?是不?是?|找一?下?|帮|给|替|联系一?下?|转给|寄给|发给|"
    rf"打给|问一?下|请|同|和|由|"
    r"改成|换成|写)"
)
_TITLE = re.compile(
    r"(?:先生|女士|小姐(?!姐)|同学|老师|经理|师傅|阿姨|大姐|大哥|主任|医生|律师|太太|同志|老板)(?!您?贵姓)"
)
_AFTER = re.compile(
    r"[,，]?(?:本人|您好|你好|是吗|对吗|的(?:手机|电话|身份证|快递|订单|卡|账户|账号|户头|包裹|名字|"
    r"名下|银行卡|号码|家|车|件|单子|地址|资料|信息|档案|保单|邮箱|微信)|名下|收$|收[,，。]|签收|"
    r"接的?电话|来取|代收|代签|这个名字|这个人|实名)"
)
_NUMBER_NEXT = re.compile(
    r"[,，、:：\s]{0,3}(?:(?:他|她|我)?(?:手机|电话|联系方式|身份证)|(?:\+?86[- ]?)?1[3-9][\d\- ]{6}|"
    r"[一幺][3-9三四五六七八九][\d零一二三四五六七八九幺\- ]{3})"
)
_NUMBER_BEFORE = re.compile(r"[0-9零一二三四五六七八九]{4}[,，、\s]{1,2}$")
_MINORITY = re.compile(r"[一-鿿]{2,6}[·•・‧][一-鿿]{1,6}(?:[·•・‧][一-鿿]{1,6}){0,2}")
_CJK = re.compile(r"[一-鿿]")
_CHAIN = re.compile(r"(?:和|跟|、|还有|以及|或者?)")
_WINDOW_CHARS = 12
_NOT_A_PERSON_AFTER = re.compile(
    r"(?:牌|专卖|旗舰|官方|系列|公司|集团|银行|品牌|麻辣|门店|超市|药店|酒店|饭店|餐厅|路|街|区|县|市|"
    r"省|镇|乡|村|小区|大厦|广场|医院|学校|大学|中学|小学|演唱会|代言|同款|的歌|会员|用户|套餐|客服|"
    r"快递|物流)"
)
_PARTIAL = re.compile(
    rf"(?:{_STRONG}{_LINK}{{0,4}}|(?:我|他|她|名字|姓名)(?:就?叫做?|名叫)|(?:我|你|您|他|"
    rf"她)(?:的)?(?:{_KIN})(?:就?叫|名叫|是)|(?:请问)?(?:您|你)是|[,，]叫)[,，\s]?([一-鿿]{{0,4}})$"
)


class Names:
    """Full name of a person.

    Legal basis: 个人信息保护法 art. 4; GB/T 35273-2020, annex A. Format: a surname (`surnames`) and one or two
    characters, or a
    name with a middle dot. A surname with a title (张先生) tells little and stays; so does a title after a full
    name. No check.
    Algorithm: candidates where something introduces a name, where a title or 本人 follows, or where a common surname
    is followed
    by two characters of given names; each must not be a word of the dictionary (`rjieba`) or a brand. Example: of
    「我姓陆，叫陆文博」 陆文博 is hidden.
    """

    def find(self, text: str) -> list[Finding]:
        """Names in order of start."""
        spans: dict[int, int] = {}
        for match in _MINORITY.finditer(text):
            start = _minority_start(text, match.start(), match.end())
            spans[start] = _minority_end(text, match.end())
        words = _Words(text)
        for match in _INTRODUCTION.finditer(text):
            self._chain(text, match.end(), strong=match.lastgroup == "strong", words=words, spans=spans)
        for match in _TITLE.finditer(text):
            self._titled(text, match.start(), words, spans)
        self._formed(text, words, spans)
        found: list[Finding] = []
        for start, end in sorted(spans.items()):
            if found and start < found[-1].end:
                if end <= found[-1].end or found[-1].end - found[-1].start >= end - start:
                    continue
                found.pop()
            found.append(Finding(start, end, "pii.name"))
        return found

    def held_back(self, text: str) -> int:
        """A name that has been introduced, as far as it has come, or a full name that a title may follow."""
        match = _PARTIAL.search(text, max(0, len(text) - 3 * _WINDOW_CHARS))
        name = match[1] if match is not None else ""
        surname = name[:1] in COMMON or name[:1] in RARE or name[:2] in COMPOUND
        if name and surname and name not in BRANDS and (len(name) < 4 or name[:2] in COMPOUND):
            return len(name)
        tail = self.find(text[-2 * _WINDOW_CHARS :])
        if tail and tail[-1].end == min(len(text), 2 * _WINDOW_CHARS):
            return tail[-1].end - tail[-1].start
        for size in (3, 2):
            name = text[-size:]
            typical = len(name) == size and name[0] in COMMON and all(char in GIVEN for char in name[1:])
            if not typical or name in BRANDS or rjieba.has_word(name):
                continue
            if not _splits_a_word(text, len(text) - size):
                return size
        return 0

    def _chain(self, text: str, at: int, *, strong: bool, words: _Words, spans: dict[int, int]) -> None:
        for _ in range(4):
            end = _name_at(text, at, strong=strong, words=words)
            if end is None:
                return
            spans[at] = max(end, spans.get(at, 0))
            link = _CHAIN.match(text, end)
            if link is None:
                return
            at, strong = link.end(), False

    def _titled(self, text: str, title: int, words: _Words, spans: dict[int, int]) -> None:
        for size in (4, 3, 2):
            start = title - size
            if start < 0:
                continue
            name = text[start:title]
            compound = name[:2] in COMPOUND
            if (size == 4 and not compound) or (compound and size == 2):
                continue
            if not compound and (name[0] not in COMMON or size == 4):
                continue
            if not _given(name[2 if compound else 1 :]) or name in BRANDS:
                continue
            if compound or (not _splits_a_word(text, start) and words.starts(start) and not words.is_word(start)):
                spans[start] = title
                return

    def _formed(self, text: str, words: _Words, spans: dict[int, int]) -> None:
        """Names that nothing introduces: followed by what follows names, or of two characters that only names have."""
        for start, char in enumerate(text):
            compound = text[start : start + 2] in COMPOUND
            if not compound and char not in COMMON:
                continue
            for size in (4, 3) if compound else (3, 2):
                end = start + size
                name = text[start:end]
                given = name[2:] if compound else name[1:]
                if len(name) < size or not all(one in GIVEN for one in given) or name in BRANDS or name[:2] in BRANDS:
                    continue
                if _splits_a_word(text, start) or not words.starts(start) or words.is_word(start):
                    continue
                if _TITLE.match(text, start + size - len(given)):
                    continue
                follows = _AFTER.match(text, end) or _NUMBER_NEXT.match(text, end)
                if follows is None and _closed(text, end):
                    follows = _NUMBER_BEFORE.search(text, max(0, start - 8), start)
                if follows is None and size == 2:
                    continue
                if follows is None and not (words.ends(end) and _whole(text, start, end, given)):
                    continue
                spans.setdefault(start, end)
                break


class _Words:
    """Words of a text as `rjieba` cuts it, asked for only where a name may stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans: dict[int, tuple[int, str]] | None = None
        self._ends: set[int] = set()

    def _cut(self) -> dict[int, tuple[int, str]]:
        if self._spans is None:
            self._spans = {}
            at = 0
            for word, tag in rjieba.tag(self._text):
                self._spans[at] = (at + len(word), tag)
                at += len(word)
                self._ends.add(at)
        return self._spans

    def starts(self, at: int) -> bool:
        """Whether a word begins here."""
        return at in self._cut()

    def ends(self, at: int) -> bool:
        """Whether a word ends here."""
        self._cut()
        return at in self._ends

    def word(self, at: int) -> tuple[int, str]:
        """End and tag of the word that begins here; (at, "") where none does."""
        return self._cut().get(at, (at, ""))

    def is_word(self, start: int) -> bool:
        """Whether a word of the dictionary that is no name begins here."""
        stop, tag = self.word(start)
        return stop - start > 1 and not tag.startswith("nr") and _known(self._text[start:stop])


@lru_cache(maxsize=4096)
def _known(word: str) -> bool:
    return bool(rjieba.has_word(word))


def _given(chars: str) -> bool:
    return 0 < len(chars) <= 2 and not any(char in NEVER_GIVEN or not _CJK.match(char) for char in chars)


def _name_at(  # noqa: C901, PLR0911 - reasons why it is no name, one a line
    text: str, start: int, *, strong: bool, words: _Words
) -> int | None:
    """End of the full name that begins at `start`, or None."""
    if start >= len(text):
        return None
    compound = text[start : start + 2] in COMPOUND
    first = text[start]
    if not compound and first not in COMMON and not (strong and first in RARE):
        return None
    surname = 2 if compound else 1
    limit = min(len(text), start + surname + 2)
    end = start + surname
    while end < limit and text[end] not in NEVER_GIVEN and _CJK.match(text[end]):
        end += 1
    if end == start + surname or text[start:end] in BRANDS:
        return None
    if end - start - surname == 2:
        end = _one_or_two(text, start, surname, end, words)
    name = text[start:end]
    if name in BRANDS or (name[:2] in BRANDS and not compound):
        return None
    if _NOT_A_PERSON_AFTER.match(text, end) or _TITLE.match(text, start + surname):
        return None
    if (
        not compound
        and words.is_word(start)
        and not (strong and _closed(text, end) and all(c in GIVEN for c in name[1:]))
    ):
        return None
    if not compound and _known(name) and words.word(start)[1] not in ("nr", "nrt", "nrfg", "") and not strong:
        return None
    if strong:
        return end
    typical = all(char in GIVEN for char in name[surname:])
    tagged = words.word(start)[0] == end and words.word(start)[1].startswith("nr")
    if typical and end - start - surname == 2 and _whole(text, start, end, name[surname:]):
        return end
    if (tagged or typical or compound) and (
        _closed(text, end) or _AFTER.match(text, end) or _TITLE.match(text, end) or words.ends(end)
    ):
        return end if typical or tagged or _closed(text, end) else None
    return None


def _one_or_two(  # noqa: PLR0911 - signs in order of how far they can be trusted
    text: str, start: int, surname: int, end: int, words: _Words
) -> int:
    """Whether two characters of given name are meant or one, where two are possible."""
    short = end - 1
    rest = text[short : short + 2]
    if _CHAIN.match(text, short) and text[short] in "和跟" and end < len(text) and text[end] in COMMON:
        return short
    if _TITLE.match(text, short):
        return short
    if _TITLE.match(text, end) or _closed(text, end):
        given = text[start + surname : end]
        # 「我叫张伟哈。」: a particle is no name.
        if text[short] in "哈哟喔噢诶欸":
            return short
        return short if _known(text[short:end]) and len(given) == 1 else end
    if len(rest) == 2 and _known(rest) and not all(char in GIVEN for char in text[start + surname : end]):
        return short
    stop, tag = words.word(start)
    if tag.startswith("nr") and stop in (short, end) and (stop == end or words.starts(short)):
        return stop
    if words.starts(end) and (words.starts(start + surname) or words.starts(short) is False):
        return end
    if words.starts(short):
        return short
    return end


def _closed(text: str, end: int) -> bool:
    """Whether nothing more of a sentence's Chinese follows directly."""
    return end >= len(text) or not _CJK.match(text[end]) or text[end] in "吧吗呢啊呀嘛"


def _splits_a_word(text: str, start: int) -> bool:
    """Whether the surname belongs to a word with the character before it: 电话, 于是."""
    if start == 0:
        return False
    before = text[start - 1]
    if not _CJK.match(before):
        return False
    return _known(text[start - 1 : start + 1]) and before not in "是叫和跟的给找请问我您你人名"


def _whole(text: str, start: int, end: int, given: str) -> bool:
    """Whether a common surname and two characters of names stand like a name, introduced by nothing."""
    if len(given) != 2 or any(char in _ALSO_WORDS for char in given) or _NOT_A_PERSON_AFTER.match(text, end):
        return False
    if _known(given) or (end < len(text) and _known(text[end - 1 : end + 1])):
        return False
    name = text[start:end]
    return not _known(name) or rjieba.tag(name)[0][1].startswith("nr")


_MINORITY_CHARS = frozenset("买卖吾也都打不提")
_ALSO_WORDS = frozenset(
    "小大一二三四五六七八九十会有心来先行时中发生可之以和学天家长全东水木土金平安成风江海山河光信利可新清明兴达进力"
)


def _minority_start(text: str, start: int, end: int) -> int:
    """Without the words before the first part: 「我叫古丽·买买提」."""
    head = text[start:end]
    cut = 0
    for match in re.finditer(
        r"我叫|名字叫|姓名是?|叫做?|我是|是|收件人|联系人|户名|机主|请问|您好|本人|给|找|名字|人",
        re.split(r"[·•・‧]", head)[0],
    ):
        cut = match.end()
    return start + cut if cut < len(re.split(r"[·•・‧]", head)[0]) else start


def _minority_end(text: str, end: int) -> int:
    """Without what follows the last part: 「古丽·买买提先生」."""
    last = max(text.rfind(dot, 0, end) for dot in "·•・‧") + 1
    for at in range(last + 1, end):
        if (
            text[at] in NEVER_GIVEN - _MINORITY_CHARS
            or _TITLE.match(text, at)
            or (at - last >= 2 and len(text[at : at + 2]) == 2 and _known(text[at : at + 2]))
        ):
            return at
    return end
