"""Texts to be spoken: numbers of every kind as customers and agents say them, and sentences without any.

`python -m models.digits.texts` prints them: split, kind, text. Numbers stand in braces (see `labels`). All are
invented.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Split = Literal["train", "held_out"]

_HERE = Path(__file__).parent
_SEEDS: dict[Split, int] = {"train": 20261125, "held_out": 20261126}
_PLAIN = "零一二三四五六七八九"
_TENS = ("", "十", "百", "千")
_COUNTS: dict[Split, dict[str, int]] = {
    "train": {
        "mobile": 230, "landline": 50, "identity": 90, "card": 110, "order": 100, "code": 170, "short": 190,
        "repeats": 200, "multiples": 90, "cardinals": 100, "corrections": 90, "amounts": 110, "radio": 40, "words": 40,
    },
    "held_out": {
        "mobile": 24, "landline": 6, "identity": 10, "card": 12, "order": 12, "code": 20, "short": 24, "repeats": 24,
        "multiples": 10, "cardinals": 10, "corrections": 10, "amounts": 14, "radio": 4,
    },
}  # fmt: skip
_ORDINARY_TURNS = 230
_HELD_OUT_SHARE = 6
"""Every sixth ordinary sentence is held out."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text to be spoken alone; numbers in braces."""

    split: Split
    kind: str
    text: str


class Numbers:
    """Invented numbers and how they are said."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 (reproducible texts, no secret)

    def line(self, kind: str) -> str:
        """One text of a kind."""
        makers: dict[str, Callable[[], str]] = {
            "mobile": self._mobile,
            "landline": self._landline,
            "identity": self._identity,
            "card": self._card,
            "order": self._order,
            "code": self._code,
            "short": self._short,
            "repeats": self._repeats,
            "multiples": self._multiples,
            "cardinals": self._cardinals,
            "corrections": self._corrections,
            "amounts": self._amounts,
            "radio": self._radio,
            "words": self._words,
        }
        return makers[kind]()

    def _digits(self, length: int) -> str:
        """Random digits in which repeats are three times as frequent as by chance."""
        chosen = ""
        while len(chosen) < length:
            if chosen and self._chance.random() < 0.25:
                chosen += chosen[-1]
            else:
                chosen += self._chance.choice(_PLAIN)
        return chosen

    def _said(self, digits: str) -> str:
        """一 as 幺 throughout, as about half of all speakers say it in numbers."""
        return digits.replace("一", "幺") if self._chance.random() < 0.5 else digits

    def _grouped(self, digits: str, *ways: Sequence[int]) -> str:
        """Digits cut into groups with a pause, a short one or none between."""
        way = list(self._chance.choice(ways)) if ways else []
        if not way or self._chance.random() < 0.2:
            way = []
            while sum(way) < len(digits):
                way.append(self._chance.choice((2, 3, 3, 4, 4, 4, 5)))
        mark = self._chance.choice(("，", "，", "，", " ", "", "。"))
        groups, at = [], 0
        for size in way:
            groups.append(digits[at : at + size])
            at += size
        groups.append(digits[at:])
        return mark.join(group for group in groups if group)

    def _carried(self, number: str, names: Sequence[str], share: float = 0.55) -> str:
        """A number alone or inside a sentence."""
        number = "{" + number + "}"
        if self._chance.random() > share:
            filler = self._chance.choice(("", "", "", "", "嗯，", "那个，", "是，", "对，", "啊，", "好，"))
            tail = self._chance.choice(("", "", "", "", "，对", "，没错", "。", "，记下了吗"))
            return filler + number + tail
        name = self._chance.choice(names)
        before = self._chance.choice((
            f"我的{name}是", f"{name}是", f"您的{name}是", f"{name}，", f"我的{name}，嗯，", f"那个{name}啊，就是",
            f"您记一下，{name}，", f"跟您核对一下，{name}是", f"我说一下{name}啊，", f"麻烦您查一下{name}",
            f"{name}我找一下，在这儿，", f"然后{name}是", f"我这边看到您的{name}是", "请您记一下，",
            "我报一下啊，", "是这样的，", "等一下，", "那我说了啊，", "后面是", "前面是", "您好，", "我给您念一遍，",
            "麻烦您回拨", "就是",
        ))  # fmt: skip
        after = self._chance.choice((
            "", "", "", "", "，对吗", "，是这个吗", "，您记一下", "，谢谢", "，您看一下", "，没有错吧", "的，对",
            "，然后呢", "，麻烦您查一下", "，就是这个", "，您听清楚了吗", "吧", "，是不是", "，一直打不通",
        ))  # fmt: skip
        return before + number + after

    def _mobile(self) -> str:
        second = self._chance.choice("三三五五七八八九九六")
        digits = "一" + second + self._digits(9)
        number = self._grouped(
            self._said(digits), (3, 4, 4), (3, 4, 4), (3, 4, 4), (3, 2, 2, 2, 2), (3, 3, 5), (11,), (4, 4, 3)
        )
        names = ("手机号", "手机号码", "电话", "联系电话", "号码", "预留手机号", "新号码", "收件人电话")
        return self._carried(number, names)

    def _landline(self) -> str:
        area = self._chance.choice(
            ("零一零", "零二一", "零五七一", "零七五五", "零二八", "零五一二", "零三一一", "四零零", "八零零")
        )
        local = self._digits(8 if area[0] == "零" else 7)
        number = self._grouped(self._said(area + local), (len(area), 4, 4), (len(area), 3, 4), (len(area), 8))
        return self._carried(number, ("座机", "固定电话", "办公室电话", "客服电话", "公司电话"))

    def _identity(self) -> str:
        born = self._chance.choice(("一九", "一九", "二零零")) + self._digits(2)
        born = (
            born[:4]
            + self._chance.choice(("零", "一"))
            + self._chance.choice("一二零五八九")
            + self._chance.choice("零一二")
        )
        last = self._chance.choice((*_PLAIN, "X", "X", "叉", "叉"))
        digits = (self._digits(6) + born + self._digits(10))[:17] + last
        number = self._grouped(self._said(digits), (6, 4, 4, 4), (3, 3, 4, 4, 4), (6, 8, 4), (4, 4, 4, 4, 2))
        return self._carried(number, ("身份证", "身份证号", "身份证号码", "证件号"), 0.4)

    def _card(self) -> str:
        digits = "六二" + self._digits(self._chance.choice((14, 17, 17)))
        number = self._grouped(self._said(digits), (4, 4, 4, 4, 3), (4, 4, 4, 7), (6, 6, 7))
        return self._carried(number, ("卡号", "银行卡号", "信用卡号", "账号"), 0.4)

    def _order(self) -> str:
        digits = self._chance.choice(("", "二零二六")) + self._digits(self._chance.choice((6, 8, 8, 10, 12)))
        return self._carried(
            self._grouped(self._said(digits)),
            ("订单号", "单号", "快递单号", "运单号", "工单号", "保单号", "会员号", "合同编号"),
        )

    def _code(self) -> str:
        digits = self._digits(self._chance.choice((4, 4, 4, 6, 6)))
        number = (
            self._said(digits) if self._chance.random() < 0.7 else self._grouped(self._said(digits), (3, 3), (2, 2))
        )
        names = ("验证码", "密码", "尾号", "取件码", "后四位", "末四位", "房间号", "工号", "提货码", "动态码", "分机号")
        return self._carried(number, names)

    def _short(self) -> str:
        """One to four digits, alone or a few such groups one after another."""
        groups = [
            self._said(self._digits(self._chance.choice((1, 1, 2, 2, 3, 3, 4))))
            for _ in range(self._chance.choice((1, 1, 3, 4)))
        ]
        return "，".join("{" + group + "}" for group in groups)

    def _repeats(self) -> str:
        """Runs of the same digit, above all."""
        parts: list[str] = []
        for _ in range(self._chance.choice((1, 2, 2, 3))):
            one, two = self._chance.choice(_PLAIN), self._chance.choice(_PLAIN)
            parts.append(
                self._chance.choice(
                    (
                        one * 2,
                        one * 3,
                        one * 4,
                        one * 5,
                        one * 2 + two * 2,
                        one * 3 + two,
                        one + two * 3,
                        one * 2 + two,
                        one + two * 2,
                        one + two + one + two,
                        one * 4 + two * 4,
                    )
                )
            )
        mark = self._chance.choice(("，", "，", ""))
        return self._carried(self._said(mark.join(parts)), ("尾号", "号码", "后面", "中间", "卡号", "前面四位"), 0.35)

    def _multiples(self) -> str:
        """三个八, 双零."""
        parts: list[str] = []
        for _ in range(self._chance.choice((1, 2, 3))):
            digit = self._chance.choice("零零二三四五六六七八八九幺")
            multiple = self._chance.choice(("两个", "三个", "四个", "五个", "双", "双"))
            parts.append(multiple + digit)
            if self._chance.random() < 0.7:
                parts.append(self._digits(self._chance.choice((2, 3, 4))))
        self._chance.shuffle(parts)
        return self._carried(
            self._chance.choice(("，", "")).join(parts), ("尾号", "号码", "手机号", "后面", "车牌"), 0.5
        )

    def _below(self, limit: int) -> str:
        """A cardinal below 10 to the power `limit`, as spoken."""
        return spoken_cardinal(self._chance.randrange(10, 10**limit), self._chance.random() < 0.7)

    def _cardinals(self) -> str:
        """A number by groups, each read as a cardinal or digit by digit: 一百三十八，零零一三，八千."""
        parts = [
            self._chance.choice(
                (self._below(2), self._below(3), self._below(3), self._below(4), self._digits(4), self._digits(3))
            )
            for _ in range(self._chance.choice((1, 2, 3, 3)))
        ]
        return self._carried("，".join(parts), ("手机号", "号码", "尾号", "编号", "房间号"), 0.4)

    def _corrections(self) -> str:
        digits, other = (
            self._said(self._digits(self._chance.choice((4, 7, 11)))),
            self._digits(self._chance.choice((1, 1, 4))),
        )
        wrong = self._chance.choice((
            "不对，是{%}", "不对不对，{%}", "错了，应该是{%}", "不是，是{%}", "不好意思，最后一位是{%}",
            "等一下，中间是{%}",
            "哦，不是{%}", "我说错了，是{%}", "不对，后面是{%}", "是{%}，不是{?}", "{?}不对，改成{%}",
        )).replace("%", other).replace("?", self._digits(1))  # fmt: skip
        return "{" + self._grouped(digits) + "}，" + wrong

    def _amounts(self) -> str:
        number, day = (
            self._below(self._chance.choice((2, 3, 4, 5))),
            spoken_cardinal(self._chance.randrange(2, 31), False),
        )
        month, hour = (
            spoken_cardinal(self._chance.randrange(1, 13), False),
            spoken_cardinal(self._chance.randrange(2, 13), True),
        )
        hour = "两" if hour == "二" else hour
        return self._chance.choice((
            "一共是{" + number + "}块钱", "扣了我{" + number + "}元", "每个月{" + number + "}块",
            "退款{" + number + "}元，已经到账了", "{" + month + "}月{" + day + "}号买的",
            "{" + month + "}月{" + day + "}号下午{" + hour + "点}左右送到", "大概{" + hour + "}天以后",
            "{" + hour + "}个工作日之内处理", "我买了{" + hour + "}件", "等了{" + day + "}分钟了",
            "{" + number + "点" + self._digits(self._chance.choice((1, 2))) + "}元", "上午{" + hour + "点}半",
            "已经打了{" + hour + "}次电话了", "{" + day + "}楼，{" + month + "}单元", "百分之{" + day + "}",
            "打{" + hour + "}折", "余额是{" + number + "}块{" + self._digits(1) + "}",
            "{二零二" + self._chance.choice("三四五六") + "}年{" + month + "}月份的账单",
        ))  # fmt: skip

    def _radio(self) -> str:
        """Digits as they are said over radio: 洞 拐 勾."""
        digits = self._digits(self._chance.choice((4, 7, 11))).replace("一", "幺").replace("零", "洞")
        if self._chance.random() < 0.6:
            digits = digits.replace("七", "拐")
        if self._chance.random() < 0.5:
            digits = digits.replace("九", "勾")
        return self._carried(self._grouped(digits), ("号码", "尾号", "代码"), 0.4)

    def _words(self) -> str:
        """Ordinary words that sound like digits, one after another."""
        words = (
            "就是", "一下", "意思", "试试", "事情", "酒", "要是", "其实", "因此", "电视", "故事", "老师", "时间",
            "实在", "石头", "午饭", "服务", "误会", "有", "又", "留下", "流量", "刘姐", "牛", "起来", "汽车", "妻子",
            "爸爸", "把", "吧", "罢了", "久了", "旧的", "救命", "山上", "三明治", "散步", "司机", "丝巾", "死了",
            "儿子", "而且", "耳朵", "零件", "领导", "另外", "医院", "衣服", "以后", "已经", "摇一摇", "腰带", "药",
            "要", "凉快", "两边", "白色", "摆放", "钱", "前面", "千万", "晚上", "完了", "万一", "各位", "霜", "双方",
            "店", "电", "点头", "查", "茶", "洞口", "动了", "怪", "快", "够了",
        )  # fmt: skip
        chosen = self._chance.sample(words, self._chance.choice((2, 3, 4, 6)))
        return self._chance.choice(("，", "，", "")).join(chosen)


def spoken_cardinal(number: int, liang: bool) -> str:
    """A number below 100,000 as spoken, 两 before 百, 千 and 万 if so wished."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        head = spoken_cardinal(high, liang)
        head = "两" if head == "二" and liang else head
        middle = "零" if 0 < low < 1_000 else ""
        return head + "万" + (middle + spoken_cardinal(low, liang) if low else "")
    written, digits = "", str(number)
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit == "0":
            if written and not written.endswith("零"):
                written += "零"
            continue
        name = _PLAIN[int(digit)]
        written += ("两" if name == "二" and place > 1 and liang else name) + _TENS[place]
    written = written.rstrip("零")
    return written.removeprefix("一") if 10 <= number < 20 else written


def ordinary() -> list[str]:
    """Sentences of calls: those that hold words like digits, then turns of the neighbouring model's own texts."""
    own = (_HERE / "ordinary.txt").read_text("utf-8").split("\n")
    turns = (_HERE.parent / "turn_end" / "data.txt").read_text("utf-8").split("\n")
    hand = [line.split("\t")[-1].replace("|", "，") for line in turns if "\thand\t" in line]
    spoken = [turn for turn in hand if not any(c.isascii() and c.isalnum() for c in turn) and len(turn) > 5]
    random.Random(_SEEDS["train"]).shuffle(spoken)  # noqa: S311 (reproducible texts, no secret)
    return [line for line in own if line] + spoken[:_ORDINARY_TURNS]


def lines() -> list[Line]:
    """All texts, in an order in which any beginning is a fair sample."""
    made: list[Line] = []
    for split, counts in _COUNTS.items():
        numbers = Numbers(_SEEDS[split])
        made += [Line(split, kind, numbers.line(kind)) for kind, count in counts.items() for _ in range(count)]
    for number, text in enumerate(ordinary()):
        made.append(Line("train" if number % _HELD_OUT_SHARE else "held_out", "ordinary", text))
    random.Random(_SEEDS["train"]).shuffle(made)  # noqa: S311 (reproducible texts, no secret)
    return made


def main() -> None:
    """Print every text with its split and kind."""
    sys.stdout.writelines(f"{line.split}\t{line.kind}\t{line.text}\n" for line in lines())


if __name__ == "__main__":
    main()
