"""A number with a slip in it is hidden as a whole one is: checks, dates and lengths decide about `sure` alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from redaction.mask import RuleMask
from redaction.personal import PersonalDataFinder

FINDER = PersonalDataFinder()
_SPOKEN = dict(zip("0123456789X", "零幺二三四五六七八九叉", strict=True))
_WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_REGIONS = ("110105", "330106", "440305", "320583", "510104", "610113", "420111", "220102", "130102")
_ISSUERS = ("622202", "622848", "621700", "436742", "552245", "356833", "603367", "955880")
_GAPS = ("", " ", "-", "，", "、", "。", "，嗯，", "，然后", "，那个，", "，后面是", "，呃", "，接着")
_WORDS = {
    "id": (
        "身份证号是{}",
        "我的身份证{}",
        "{}这是我身份证",
        "您记一下身份证，{}，谢谢",
        "证件号{}对吗",
        "对，{}，没错",
        "{}",
        "手机13800138000，身份证{}",
        "工号多少，我身份证{}",
        "我说一下啊，{}",
    ),
    "card": (
        "卡号是{}",
        "银行卡号：{}",
        "{}这是我卡号",
        "退到{}这个卡",
        "建行{}",
        "账号是{}",
        "{}",
        "信用卡{}有笔账单",
        "尾数我看不清，卡号{}",
        "手机13800138000，卡号{}",
    ),
    "mobile": ("手机号是{}", "我的电话{}", "{}这是我手机", "联系方式{}", "打我电话{}，谢谢", "微信同号{}"),
}
_DIGITS = st.text(alphabet="0123456789", min_size=18, max_size=18)


@st.composite
def _number(draw: st.DrawFn, kind: str) -> str:
    digits = draw(_DIGITS)
    if kind == "mobile":
        return f"1{draw(st.sampled_from('3456789'))}{digits[:9]}"
    if kind == "card":
        value = draw(st.sampled_from(_ISSUERS)) + digits[: draw(st.integers(9, 12))]
        return value + luhn.calc_check_digit(value)
    year, month, day = draw(st.integers(1940, 2010)), draw(st.integers(1, 12)), draw(st.integers(1, 28))
    value = f"{draw(st.sampled_from(_REGIONS))}{year}{month:02d}{day:02d}{digits[:3]}"
    return value + ric.calc_check_digit(f"{value}0")


@st.composite
def _with_slip(draw: st.DrawFn, value: str) -> str:
    at = draw(st.integers(0, len(value) - 1))
    slip = draw(st.sampled_from(["other", "lost", "doubled", "swapped"]))
    if slip == "other":
        return value[:at] + draw(st.sampled_from("0123456789")) + value[at + 1 :]
    if slip == "lost":
        return value[:at] + value[at + 1 :]
    if slip == "doubled":
        return value[: at + 1] + value[at:]
    return value[:at] + value[at : at + 2][::-1] + value[at + 2 :]


@st.composite
def _told(draw: st.DrawFn, value: str) -> str:
    """The number as it is read out or written: in figures or characters, by groups of this or that size."""
    size = draw(st.sampled_from([1, 3, 4, 6, len(value)]))
    gap = draw(st.sampled_from(_GAPS))
    mixed = draw(st.sampled_from(["figures", "wide", "spoken", "mixed"]))
    groups = [value[at : at + size] for at in range(0, len(value), size)]
    written = []
    for n, group in enumerate(groups):
        if mixed == "wide":
            written.append(group.translate(_WIDE))
        elif mixed == "figures" or (mixed == "mixed" and n % 2):
            written.append(group)
        else:
            written.append("".join(_SPOKEN[digit] for digit in group))
    return gap.join(written)


def _shown(text: str) -> list[str]:
    hidden = {place for one in FINDER.find(text) for place in range(one.start, one.end)}
    return [char for place, char in enumerate(text) if place not in hidden and char in _ALL_DIGITS]


_ALL_DIGITS = frozenset("0123456789X０１２３４５６７８９Ｘ零幺二三四五六七八九叉")


@pytest.mark.parametrize("kind", ["id", "card", "mobile"])
@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_a_slip_shows_no_digit(kind: str, data: st.DataObject) -> None:
    value = data.draw(_number(kind))
    words = data.draw(st.sampled_from(_WORDS[kind]))
    told = data.draw(_told(value))
    assert _shown(words.format(told)) == []
    slipped = data.draw(_with_slip(value).flatmap(_told))
    assert _shown(words.format(slipped)) == []


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("9222021234567890128", "9222021234567890128", "pii.number"),
        ("6217，0055，9961，9935，0675", "62170055996199350675", "pii.bank_card"),
        ("我说一下啊，3301061990130112345", "3301061990130112345", "pii.bank_card"),
        ("对，330106，19900101，123", "33010619900101123", "pii.id_card"),
        ("号码是130，幺零二，193，042，五二七，二二", "13010219304252722", "pii.id_card"),
        ("退到063，367，690，760，448，817这个卡", "063367690760448817", "pii.number"),
        ("证件是1 1 0 1 1 0 5 1 9 4 1 0 7 0 2 8 7 9 0", "1101105194107028790", "pii.id_card"),
        ("尾号我看不清，330106199001011235", "330106199001011235", "pii.id_card"),
        ("手机号码是10612345678", "10612345678", "pii.mobile"),
        ("证件是三午灵二灵山儿零灵期零一妖二零三五幺", "350203200701120351", "pii.id_card"),
    ],
)
def test_what_a_slip_makes_of_a_number(text: str, value: str, kind: str) -> None:
    (one,) = FINDER.find(text)
    assert (one.value, one.kind, one.sure) == (value, kind, False)
    assert _shown(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "退到0 3 3 6 7 0 0 0 0 0 0 0 0 0 8这个卡",
        "卡号0 3 3 6 7 0 0 0 0 1 2 3 4 5 8",
        "退到1 3 6 7 4 2 0 0 0 0 0 0 0 0 0 9这个卡",
    ],
)
def test_a_slip_at_the_beginning_makes_no_shorter_number_of_it(text: str) -> None:
    assert _shown(text) == []


def test_what_sounds_like_a_correction_at_every_digit_shows_none() -> None:
    assert _shown("身份证号是" + "，后面是".join("13010219760307894X")) == []


@pytest.mark.parametrize("text", ["手机号是1060000000", "我的电话1060000000"])
def test_a_number_of_ones_own_is_no_public_one(text: str) -> None:
    assert _shown(text) == []


@pytest.mark.parametrize("text", ["客服电话是8001234567", "拨打4008123456", "短信是10657525819214发的"])
def test_public_numbers_stay(text: str) -> None:
    assert FINDER.find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "条形码6901234567892",
        "时间戳是1764054321000",
        "2026年11月25号18点51分",
        "106575258192144是银行发的短信",
        "工号3021，分机8001",
    ],
)
def test_long_digits_that_are_nobodys_stay(text: str) -> None:
    assert FINDER.find(text) == []


def test_two_numbers_in_one_breath_are_still_two() -> None:
    assert [one.value for one in FINDER.find("13800138000，62345678")] == ["13800138000"]
    assert [one.value for one in FINDER.find("八四六幺。是15902738461对吧")][-1] == "15902738461"
    assert [one.value for one in FINDER.find("13812345678 15987654321")] == ["13812345678", "15987654321"]


def test_a_slip_is_never_shown_while_it_is_spoken() -> None:
    mask = RuleMask([FINDER])
    for told in (
        "退到9222021234567890128",
        "我说一下啊，330106199013011234",
        "身份证三三零幺零六幺九九零零幺零幺幺二三",
    ):
        first = next(at for at, char in enumerate(told) if char in _ALL_DIGITS)
        for upto in range(first + 2, len(told) + 1):
            shown = len(told[:upto]) - FINDER.held_back(told[:upto])
            hidden = {at for one in mask.find(told[:upto]) for at in range(one.start, one.end)}
            assert all(at in hidden for at in range(first, shown)), told[:upto]
