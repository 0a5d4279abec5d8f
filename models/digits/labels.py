"""What the head is taught to write for a text: digit words as spoken, `#` for every syllable of other speech."""

from __future__ import annotations

import re

OTHER = "#"
DIGITS = "零一二三四五六七八九幺两洞拐勾"
UNITS = "十百千万"
SYMBOLS = ("", *DIGITS, *UNITS, "个", "双", "点", "叉", "X", OTHER)
"""By class of the network's output; the empty one is CTC's blank."""

CLASS = {symbol: number for number, symbol in enumerate(SYMBOLS)}

_PLAIN = "零一二三四五六七八九幺两十百千万"
_WORDS = (
    "零件|零食|零售|零钱|零碎|十分(?!钟)|百分之百|百分|百货|百度|千万(?!元|块)|万一(?![零一二三四五六七八九])|万分|"
    "第一时间|二维码|二手|三星|四川|四处|四周|五金|八成|双击|双方|星期天|统一|唯一|一五一十|七上八下|乱七八糟|"
    "三番五次|四面八方|三七二十一|六神|一一|一十|百姓|千篇|万能|千方百计|两口子|十字"
)
_NUMBER = re.compile(
    rf"(?P<word>{_WORDS})"
    rf"|(?P<number>双?[{_PLAIN}]"
    rf"(?:[，、 ]*(?:点(?=[{_PLAIN}])|个(?=[零二三四五六七八九幺])|双(?=[{_PLAIN}])|[{_PLAIN}]))*"
    r"点?)"
    r"|(?P<rest>.)"
)
_ONE_BEFORE = ("第", "周", "期", "拜", "号")
_ONE_AFTER = ("号", "月", "楼", "栋", "块", "元", "期", "点", "单")


def symbols(text: str) -> list[str]:
    """Symbols of a text, Simplified, with marks; what stands in braces is a number whatever the rules say.

    Every Chinese character outside numbers is one `OTHER`. Latin letters can't be told; give none but X in braces.
    """
    written: list[str] = []
    for piece in re.split(r"(\{[^}]*\})", text):
        if piece.startswith("{"):
            written += [character for character in piece if character in CLASS]
        else:
            written += _by_rule(piece)
    return written


def _by_rule(text: str) -> list[str]:
    written: list[str] = []
    for found in _NUMBER.finditer(text):
        spoken = re.sub(r"[，、 ]", "", found[0])
        before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
        if found["number"] and _is_number(spoken, before, after):
            written += spoken
        else:
            written += [OTHER for character in spoken if "一" <= character <= "鿿"]
    return written


def _is_number(spoken: str, before: str, after: str) -> bool:
    bare = spoken.rstrip("点")
    if bare == "一":  # 一下, 一个, 有一点, but 一号, 周一, 一点钟
        dated = before in _ONE_BEFORE or after in _ONE_AFTER
        return (dated and spoken == bare) or (
            spoken != bare and (after in ("半", "钟") or before in ("晚", "早", "午"))
        )
    return bare not in ("百", "千", "万", "幺")
