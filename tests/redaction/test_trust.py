"""When a number told over turns may be trusted: what is said against it, read-backs, corrections understood or not."""

from __future__ import annotations

import pytest

from core.types import Leg
from core.zh.numerals import runs
from redaction.joining import NumberJoiner
from redaction.personal.likeness import like_a_part, near, retold, with_part, within


def _numbers(*turns: str) -> list[tuple[str, bool]]:
    joiner = NumberJoiner()
    for n, turn in enumerate(turns):
        leg: Leg = "agent" if turn[0] == "a" else "customer"
        joiner.hear(str(n), leg, turn[1:], n * 3000, n * 3000 + 2500)
    return [(one.value, one.sure) for one in joiner.numbers()]


ASKED = "a手机号"
TOLD = "c138 0013 8000"


@pytest.mark.parametrize(
    "turns",
    [
        (ASKED, TOLD, "c等等，好像哪里不对"),
        (ASKED, TOLD, "a这个是空号"),
        (ASKED, TOLD, "a138 0013 8006"),
        (ASKED, TOLD, "a0031 对吗"),
        (ASKED, TOLD, "c哎 漏了一个"),
        (ASKED, TOLD, "c第一个八后面那个写错了"),
        (ASKED, TOLD, "a138 0013 800"),
    ],
)
def test_what_is_said_against_a_number_leaves_it_open(turns: tuple[str, ...]) -> None:
    assert _numbers(*turns) == [("13800138000", False)]


@pytest.mark.parametrize(
    "turns",
    [
        (ASKED, TOLD, "c等等，好像哪里不对", TOLD),
        (ASKED, TOLD, "c等等，好像哪里不对", "a138 0013 8000", "c对，没错"),
        (ASKED, TOLD, "a138 0013 8006", "c8000"),
        (ASKED, TOLD, "a138 0013 8006", "c不是，最后是8000", "a8000"),
        (ASKED, TOLD, "a138 0031 8000", "c零零一三，一在前头", "a0013"),
        (ASKED, TOLD, "a138 0013 8008", "c八千，就一个八"),
    ],
)
def test_it_is_sure_again_once_told_or_agreed_to(turns: tuple[str, ...]) -> None:
    assert _numbers(*turns) == [("13800138000", True)]


@pytest.mark.parametrize(
    "turns",
    [
        (ASKED, "c138 0031 8000", "c第二个零后面不是三", "a138 0013 8000", "c嗯这就对了"),
        (ASKED, "c138 0013 80 80 00", "a138 0013 8000", "c对"),
        (ASKED, "c138 0013", "c两个八零 零零", "a138 0013 8000", "c对"),
        (ASKED, "c138 0031 8000", "c那个零零三一写成一三", "a138 0013 8000", "c是这个"),
    ],
)
def test_a_read_back_of_what_was_not_clear_is_the_number(turns: tuple[str, ...]) -> None:
    assert _numbers(*turns) == [("13800138000", True)]


@pytest.mark.parametrize(
    "turns",
    [
        (ASKED, "c我只记得后四位8000", "a前面呢", "c前面七位是1380013"),
        (ASKED, "c尾号8000", "a全号呢", TOLD),
        (ASKED, "c138 013 8000", "a中间四位再说一遍", "c0013"),
        (ASKED, "c138 0013 800", "a还差一位", "c零，8000"),
        (ASKED, "c138 0013 8006", "c8006 是8000"),
        (ASKED, "c138 0013 8006", "a138 0013 8006", "c最后那个六 是零"),
        (ASKED, "c138 0013 8008", "a138 0013 8008", "c把八零零八换成八千"),
        (ASKED, "c那个號碼是139 1234 5678", "c啊這張卡註銷了，別打這個", "c138 0013 8000"),
        (ASKED, "c老号139 1234 5678，停了，新号是138 0013 8000"),
        (ASKED, "c138 0013", "c8006，哎，8000"),
        (ASKED, "c138", "a138", "c138 后面是 0013", "c8000"),
        (ASKED, "c138 0013", "a138 013", "c0013", "c8000"),
        (ASKED, "c138 0018 8000", "a138 0013 8000", "c零零幺三 对", "a138 0013 8000"),
        (ASKED, TOLD, "a138 0018 8000", "c八零不对，三八零"),
        (ASKED, "c别打139 1234 5678了", "c138 0013 8000"),
        (ASKED, "c138 0013 8000，我刚少说一个零"),
        (ASKED, "c138 0018 8000", "c138 0013 8000"),
        (ASKED, TOLD, "a重复一下", "c138 013 8000", "a138 0013 8000"),
    ],
)
def test_one_number_comes_of_it(turns: tuple[str, ...]) -> None:
    assert [value for value, _ in _numbers(*turns)] == ["13800138000"]


@pytest.mark.parametrize(
    "turns",
    [
        ("c我上个月话费怎么一百五十二", ASKED, "c138 0013", "c8000"),
        ("a请讲您的好码", "c138 0013", "c8000"),
        (ASKED, "c139 7788 这是上次那个", "c138 0013 8000"),
        (ASKED, TOLD, "a138 0013 8000", "c对，八千，我鞋子是四十三码的"),
        (ASKED, "c138 0013", "a138 0013", "c0013 8000"),
        (ASKED, "c138 0013 8006", "c尾巴是8000"),
        (ASKED, "c138 0013 8000", "a138 0013 800", "c您少一个零"),
    ],
)
def test_what_is_beside_a_number_is_no_part_of_it(turns: tuple[str, ...]) -> None:
    assert [value for value, _ in _numbers(*turns)] == ["13800138000"]


@pytest.mark.parametrize(
    ("turns", "numbers"),
    [
        (("a验证码", "c2990", "a2990", "cplay"), [("2990", True)]),
        (("a取件码", "c2990 play"), [("2990", True)]),
        (("a验证码", "cyes 2990"), [("2990", True)]),
        (("a验证码", "c2990", "cDUI"), [("2990", False)]),
        (("a单号", "csto 7712 3390 2045"), [("STO771233902045", True)]),
        (("a短信里六位数字念一下", "c28 43 66", "c最后俩是69"), [("284369", False)]),
        (("a验证码", "c625 917，最后一位是二，不是七", "a625912"), [("625912", True)]),
        (("c双一 六五", "a1165", "c嗯"), [("1165", False)]),
        (("c1165", "a好"), []),
        (("a您的房号", "c1165", "a1165", "c对"), []),
        (("a邮编", "c310012", "a310012", "c嗯"), []),
        (("a多少钱买的", "c一千一百六十五", "a1165", "c对的"), []),
    ],
)
def test_codes_and_what_is_none_of_them(turns: tuple[str, ...], numbers: list[tuple[str, bool]]) -> None:
    assert _numbers(*turns) == numbers


@pytest.mark.parametrize(
    ("turns", "value"),
    [
        (("a单号", "cYT 6875 04", "aWT", "c圆通的YT", "c1554 28", "aYT6875041554 28"), "YT687504155428"),
        (("a单号", "c4431 2290 1187", "a中间是2290吗", "c对，2290"), "443122901187"),
        (("a单号", "cYT7731 这是上次那个 我找找 SF602", "c7704 4413 25"), "SF6027704441325"),
        (("a卡号全部念一下", "c尾号3178 全号是6228 4800", "c3391 3178"), "6228480033913178"),
        (("a卡号", "c6225 8801 7733 2210", "c不对 那张注销了 用另外一张 6214 8377", "c0092 1158"), "6214837700921158"),
        (("c5139 3475 04", "aDD 5139 3475 04", "c86 489"), "DD513934750486489"),
    ],
)
def test_order_numbers_and_cards(turns: tuple[str, ...], value: str) -> None:
    assert [told for told, _ in _numbers(*turns)] == [value]


def test_a_number_that_lacks_a_digit_is_none_after_its_end_was_told_again() -> None:
    assert _numbers(ASKED, "c138 0013 800", "a少一位，末三位再说一遍", "c800") == [("1380013800", False)]


def test_a_number_told_before_the_last_and_read_back_wrong_is_not_sure() -> None:
    turns = (ASKED, TOLD, "a备用的呢", "c152 8888 7777", "a138 0013 8006")
    assert _numbers(*turns) == [("13800138000", False), ("15288887777", True)]


def test_an_area_code_that_is_read_back_is_of_the_number() -> None:
    assert _numbers("a座机", "c8765 4321", "a0571 8765 4321", "c对") == [("057187654321", True)]


def test_digits_after_a_number_was_read_back_want_to_be_read_back_too() -> None:
    assert _numbers("a单号", "c2025 0099 88", "a2025009988", "c后面还有个7")[-1] == ("20250099887", False)
    assert _numbers("a单号", "c2025 0099 88", "a2025009988", "c8后面还有个7", "a20250099887", "c对") == [
        ("20250099887", True)
    ]


def test_a_code_told_otherwise_is_no_longer_one() -> None:
    assert _numbers("a验证码", "c4021", "a4021", "c4012") == [("4012", False)]


def test_the_group_that_is_likest_is_corrected() -> None:
    assert _numbers("a座机", "c0571 8765 2200", "c不对，0022") == [("057187650022", True)]
    assert _numbers(ASKED, "c138 1030 1003", "c不对，是1300") == [("13810301300", False)]


def test_a_second_number_hardly_different_makes_neither_sure() -> None:
    assert _numbers(ASKED, TOLD, "a再留一个", "c138 0013 8001") == [("13800138000", False), ("13800138001", False)]


def test_of_two_numbers_the_first_may_have_been_given_up_where_no_second_was_asked_for() -> None:
    assert _numbers(ASKED, TOLD, "c152 8888 7777") == [("13800138000", False), ("15288887777", True)]
    assert _numbers(ASKED, TOLD, "a备用的呢", "c152 8888 7777") == [("13800138000", True), ("15288887777", True)]


def test_a_nod_to_a_second_number_is_none_to_the_first() -> None:
    turns = (ASKED, TOLD, TOLD.replace("c", "a"), "c还有我老婆的 138 0013 8001", "a8001", "c对")
    assert _numbers(*turns) == [("13800138000", False), ("13800138001", False)]


def test_two_numbers_in_a_breath_are_two() -> None:
    values = [value for value, _ in _numbers(ASKED, "c有俩，一个138 0013 8000，一个152 8888 7777")]
    assert values == ["13800138000", "15288887777"]


def test_a_number_that_is_given_up_is_replaced() -> None:
    assert _numbers("a订单号", "c10203040", "a查不到", "c哦那是别人的，我的是50607080", "a50607080") == [
        ("50607080", False)
    ]


def test_an_identity_number_with_its_year_and_a_last_letter() -> None:
    turns = ("a身份证", "c110105 四九年的 1231", "c零零二，艾克斯")
    assert _numbers(*turns) == [("11010519491231002X", True)]


def test_a_region_is_no_short_number_of_a_service() -> None:
    assert _numbers("c110105", "a110105", "c19491231", "c002X") == [("11010519491231002X", True)]


def test_what_explains_digits_is_none() -> None:
    assert [one.value for one in runs("零零一三，一在三前头")] == ["0013"]
    assert [one.value for one in runs("八有两个")] == []
    assert [one.value for one in runs("二七七零，就两个七")] == ["2770"]


def test_likeness() -> None:
    assert near("13800138000", "13800183000")
    assert not near("13800138000", "15266223311")
    assert retold(("0013", "138", "0013", "8000"), "13800138000")
    assert not retold(("138", "13"), "13800138000")
    assert like_a_part("0031", "13800138000")
    assert with_part("0031", "13800138000") == "13800318000"
    assert within("13800138000", "1380031001380000")
