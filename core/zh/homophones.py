"""Characters that a recogniser writes where a digit was said: 「妖三八」 for 138, 「令令久期」 for 0097.

Source: readings of the digits in Mandarin, the radio ones (幺 yāo, 洞, 拐, 勾) among them, by all tones; what Whisper
made of dictated digits (8614 came out as 「86意思」).
"""

from __future__ import annotations

_HOMOPHONES = {
    "0": "林令灵玲铃龄凌陵伶领岭邻临淋另圈",
    "1": "妖腰夭邀吆姚要药衣依医伊意易移已以",
    "2": "儿而耳尔洱",
    "3": "山伞散珊衫",
    "4": "是事市试士世斯丝思死司似撕",
    "5": "武舞午屋吴无物务吾捂",
    "6": "溜刘流留柳榴硫",
    "7": "期妻其起气齐奇棋旗器漆",
    "8": "吧扒巴爸把拔霸捌芭",
    "9": "就久酒旧救玖韭",
}
SOUNDS_LIKE = {char: digit for digit, chars in _HOMOPHONES.items() for char in chars}
CLEAR = frozenset("妖腰夭吆酒铃龄凌扒捌玖")
FUNCTION_CHARS = frozenset("是就吧把要已以而另试事起其无市路圈")
"""Homophones that are words of their own between two digits: read as digits only where the length asks for it."""
EDGE_AFTER = frozenset(SOUNDS_LIKE) - FUNCTION_CHARS
EDGE_BEFORE = EDGE_AFTER | {"要"}
"""Homophones that may be the first or last digit of a number; 吧 and 就 after one are what they say."""
FIRST_WORDS = frozenset("是就把另以已")
LAST_WORDS = frozenset("吧是就把")
"""Of a stretch that is digits throughout, the first or last character may still be a word: 「是妖三八」, 「令九吧」."""
