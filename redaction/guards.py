"""Guards: what keeps innocent words from being hidden, and the cues that tell an insult from a plain word."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from redaction.entries import rows
from redaction.line import MARKS

_CHAIN_WORDS = (
    "这么个 这个 那个 这种 那种 这些 那些 这帮 那帮 这群 那群 这伙 这 那 个个 一个 一群 一帮 "
    "一堆 一窝 一条 一头 整个一个 头 条 只 个 些 帮 群 伙 种 是 就 真 真的 简直 纯粹 纯属 "
    "纯 才 也 都 全 净 还 是不是 不是 他妈的 他妈 特么的 特么 妈的 尼玛 到底 究竟 怎么 这么 "
    "那么 咋 可 太 好 很 挺 有点 有够 够 的 不就 他娘的 原来 果然 确实 肯定 一定 怕不是 "
    "怕是 难道 莫非 该不会 可能 大概 大 小 老 死 臭 破 烂 脑子 人 家伙 客服 话务员 接线员 "
    "业务员 啊 呀 ， 我看 我说 活脱脱 彻底 根本 整个 又 算 算是 自己 长得 跟 像 好像 当 做 "
    "给我 一 多 副 张 样 天生 本来 根本就 多么 不过 以为 一家 有够 十足 "
)
_CHAIN = "(?:" + "|".join(sorted(_CHAIN_WORDS.split(), key=len, reverse=True)) + "){0,8}"
_END = r"(?:得很|死了|透了|是吧|是不是|是吗|对吧|对不对|都不如|一样|似的|一个|[的了吗吧啊呀呢哦嘛啦么哈哟呐你们]){0,4}"
_MARK = f"(?:$|[{MARKS}])"
_POSSESSED = (
    "(?:手机|号|电话|名字|名下|身份|医保|社保|卡|账|套餐|宽带|户口|生日|房|地址|快递|手续|药|钱|工资|养老|银行|存折|微信|"
    "衣服|车|保单|保险|照片|证|资料|密码|签名|单位|声音|订单|包裹|业务|病历|退休|话|意见|同意|情况|那个号|那张)"
)
_OTHERS_MOTHER = "我俺咱她他你您干姑大姨舅后爸孩伯岳丈婆亲奶宝娃妞妈"

LOOK_BACK_CHARS = 20
"""How far before a word an address may begin: room for 你们这帮人简直就是一群, with some to spare."""
LOOK_AHEAD_CHARS = 12

_BEFORE: dict[str, re.Pattern[str]] = {
    "you": re.compile(f"(?:你们|你|妳|您|恁|侬|尼){_CHAIN}$"),
    "one": re.compile(
        f"(?:(?:你|妳|恁|侬)(?!们){_CHAIN}|(?:你们)?{_CHAIN}(?:这帮|那帮|这群|那群|这伙|一群|一帮|一伙|一窝|都是些|活))$"
    ),
    "gang": re.compile(
        "(?:这种|那种|什么|啥|一群|一帮|这帮|那帮|这群|那群|这伙|那伙|一伙|一窝|哪来的|哪里来的|活脱脱一个|死)$"
    ),
    "is": re.compile("(?:真是|就是|简直是|简直|纯|活脱脱|怎么是|都是)(?:一)?(?:个|群|帮|头|条|些)?$"),
    "see": re.compile("(?:你那|看你|瞧你|你这|副|你什么|什么|啥|那个|这种)$"),
    "midst": re.compile(
        "(?:你|你们|我|咱|老子|真|太|这|都|谁|怎么|什么|别|少|滚|给我|还|又|不|好|贼|可|全|净|再|一群|一帮|简直|尽|天天|敢|"
        "就知道|到底|是不是|能不能|爱|有)$"
    ),
    "he": re.compile(
        f"(?:这人|那人|这个人|那个人|他们|他|她|这客户|这女的|这男的|那女的|那男的|这家伙|这些人|客服){_CHAIN}$"
    ),
    "like": re.compile("(?:跟|像|和)(?:个|一个|是|是个)?$"),
    "heard": re.compile("(?:听|看|口音|说话)[^，。！？]{0,6}(?:就是|就知道是|就是个|是个)(?:个)?$"),
    "small": re.compile(f"(?:(?:你|你们){_CHAIN}(?:个|群|帮|些|种)|一群|一帮|这帮|那帮|这群)(?:臭|破|死|烂|小)?$"),
}
_AFTER_YOU = re.compile(f"(?:啊|吧|呀|啦|哦|吗|是吧|是不是|，)?你们?(?:这|个|啊|呀|吧)?{_MARK}")
_AFTER_END = re.compile(_END + _MARK)
_AFTER_ASKS = re.compile(r"(?:是吧|是不是|吧|啊|呀|吗|呢|啦|哦|哈|嘛|你们?){1,3}" + _MARK)
_LEAD_IN = re.compile(
    r"(?:真的?|太|好|我看|我说|简直|就|都|这|哎|唉|啊|呀|是不是|怕不是|可|可真|真是|你|你们|又|全|是|个|怎么这么){0,3}"
)
_CRY_AFTER = re.compile(f"(?:了|啊|呀|啦)?{_MARK}|[你他她这那谁怎又真气都还]|什么")
_ALONE_CRIES = "靠草擦槽"
_OWN = re.compile(
    "(?:给|跟|对|让|帮|和|找|气|耍|骗|逗)我|我(?:看|说|觉得|操|日|靠|草|艹|就问|问|告诉|去|听|请|要|知道)"
)
_PERSONS = re.compile("[你您妳恁侬我俺咱]|自己")


@cache
def innocent_patterns() -> tuple[re.Pattern[str], ...]:
    """The stretches of innocent.tsv."""
    return tuple(
        re.compile(re.sub(r"<g(\d)>", rf"[^{MARKS}]{{0,\1}}", pattern)) for pattern, _ in rows("innocent.tsv", 2)
    )


class Innocence:
    """Where a line says something harmless that looks like abuse. `never`: patterns beside those of the list."""

    def __init__(self, chars: str, never: Sequence[re.Pattern[str]] = ()) -> None:
        self._over: dict[int, list[tuple[int, int]]] = {}
        for pattern in (*innocent_patterns(), *never):
            for found in pattern.finditer(chars):
                for place in range(*found.span()):
                    self._over.setdefault(place, []).append(found.span())

    def covers(self, start: int, end: int, *, firm: bool) -> bool:
        """Whether [start, end) lies in a harmless stretch.

        One that only overlaps it counts against what is not `firm` (one character, misheard, or broken by a pause):
        逼我 is no word in 傻逼我告诉你.
        """
        over = (*self._over.get(start, ()), *self._over.get(end - 1, ()))
        return any(
            (first <= start and last >= end) or (not firm and (first < start or last > end)) for first, last in over
        )


def of_himself(before: str) -> bool:
    """Whether the last one named in `before` is the speaker: 我真是个笨蛋."""
    plain = _OWN.sub("", before)
    persons = _PERSONS.findall(plain)
    return bool(persons) and persons[-1] in {"我", "俺", "咱", "自己"}


def has_cue(name: str, chars: str, start: int, end: int, *, near: bool) -> bool:
    """Whether the cue `name` (see context.tsv) holds for [start, end) of a line."""
    if name == "near":
        return near
    before = chars[max(0, start - LOOK_BACK_CHARS) : start]
    after = chars[end : end + LOOK_AHEAD_CHARS]
    clause_before = re.split(f"[{MARKS}]", before)[-1]
    pattern = _BEFORE.get(name)
    if pattern is not None:
        return bool(pattern.search(before)) or (name in {"you", "one"} and bool(_AFTER_YOU.match(after)))
    return _SHAPES[name](clause_before, chars[start:end], after)


def _oath(before: str, _word: str, after: str) -> bool:
    return (not before or before[-1] not in _OTHERS_MOTHER) and not re.match(_POSSESSED, after)


_BOAST = re.compile("[，]?(?:还|也|就|都)?(?:牛|横|拽|装|懂|狂|嚣张|神气|嘚瑟|凭什么|有什么资格|配|敢|算)")
_ADDRESSED = re.compile(
    f"{_MARK}|还|别|给我|给老子|怎么|咋|敢|又|快|赶紧|滚|凭|到底|是不是|能不能|会不会|等着|你|让|害|骗|说|听|懂|有什么|算|也|连|就"
)
_CALLED_OUT = re.compile("给我(?:出来|滚|说|听|等|闭|爬|死|站|过来)")
_CURSED = re.compile("(?:客服|公司|平台|银行|商家|店家|物业|中介|商城|软件|运营商)" + _END + _MARK)

_SHAPES: dict[str, Callable[[str, str, str], bool]] = {
    "alone": lambda before, _, after: bool(_LEAD_IN.fullmatch(before) and _AFTER_END.match(after)),
    "asks": lambda before, _, after: bool(_LEAD_IN.fullmatch(before) and _AFTER_ASKS.match(after)),
    "tail": lambda _before, _word, after: bool(_AFTER_ASKS.match(after)),
    "end": lambda _before, _word, after: bool(_AFTER_END.match(after)),
    "cry": lambda before, word, after: (
        before in {"", "我", "哎", "唉", "啊"}
        and bool(_CRY_AFTER.match(after))
        and (word not in _ALONE_CRIES or bool(re.match(f"(?:啊|了|呀)?{_MARK}", after)))
    ),
    "oath": _oath,
    "calls": lambda before, _, after: (
        (_BEFORE["small"].search(before) is not None and _ADDRESSED.match(after) is not None)
        or (_LEAD_IN.fullmatch(before) is not None and _CALLED_OUT.match(after) is not None)
    ),
    "boast": lambda _before, _word, after: bool(_BOAST.match(after)),
    "curses": lambda before, _, after: bool(_LEAD_IN.fullmatch(before) and _CURSED.match(after)),
    "curt": lambda before, word, after: (
        _oath("", word, after)
        and _LEAD_IN.fullmatch(before) is not None
        and re.match(f"{_MARK}|什么|谁|怎么|到底|又|还|再|敢|有病|有完|给|能不|会不|是不|啊|我|你|老子|把", after)
        is not None
        and (word.endswith("的") or re.match(f"(?:啊|了)?{_MARK}", after) is not None)
    ),
}
