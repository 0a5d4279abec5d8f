"""What numbers are called, put right by ear: 「严正马」, 「验证满」, 「手机好」.

The recogniser loses the word that says what the next number is for more often than the number. One character is put for
one, so that offsets stay. Pure logic, linear.
"""

from __future__ import annotations

import re
from functools import cache

from core.zh.syllables import SyllableIndex, syllables

_TERMS: dict[str, tuple[str, ...]] = {
    "验证码": ("yan zen ma", "yan zen man", "yan zen na", "yan zen mai", "yan zong ma", "yin zen ma", "ren zen ma"),
    "动态码": ("dong tai ma", "dong tai man", "dong tai na"),
    "校验码": ("jiao yan ma", "xiao yan ma", "jiao yan man"),
    "取件码": ("qu jian ma", "qu jian man", "qu jin ma"),
    "手机号": ("sou ji hao", "sou ji ha"),
    "身份证": ("sen fen zen",),
    "银行卡": ("yin han ka",),
    "订单号": ("din dan hao",),
    "快递单号": ("kuai di dan hao",),
    "固定电话": ("gu din dian hua",),
    "电话号码": ("dian hua hao ma",),
}
"""Words and how they sound, folded as `core.zh.syllables` folds them. The variants were met in what Whisper base made
of dialogues that were spoken for development; other endings are by analogy."""

_SLIPS = re.compile("[好浩毫](?=码)|(?<=[单编卡机证水])(?:[浩毫]|好(?=$|[？?]|多少|[念报读]))")
"""号 in such words, as it is written where the word is none then."""
_ASKED = re.compile("[吗嘛呢么哪]$")
_ABOUT_CODES = re.compile("位|报|说|念|读|告诉|收到|短信|发")
"""「需要验证吗」 asks something else than 「请说六位验证吗」."""


_HUM = re.compile(r"(?<![A-Za-z])[NM](?=1[3-9]\d)")
"""「嗯」 before a mobile number, as a recogniser that writes figures writes it."""


@cache
def _index() -> SyllableIndex[str]:
    index: SyllableIndex[str] = SyllableIndex()
    for term, sounds in _TERMS.items():
        for sound in sounds:
            index.add([(syllable,) for syllable in sound.split()], term)
    return index


def with_terms_heard(text: str) -> str:
    """`text` with what numbers are called as it is written, where only that can be meant; as long as it was."""
    text = _HUM.sub("嗯", text)
    found = _index().matches([syllables(char) if not char.isascii() else () for char in text])
    text = _SLIPS.sub("号", text)
    if not found:
        return text
    chars = list(text)
    for start, end, term in found:
        written = text[start:end]
        if _ASKED.search(written) and not (_ABOUT_CODES.search(text[:start]) or _ABOUT_CODES.search(text[end:])):
            continue
        chars[start:end] = term
    return "".join(chars)
