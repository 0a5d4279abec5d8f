"""Personal data is found where it stands, and nothing else is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.mask_personal import Case, measure
from bench.sets import objects
from redaction.chips import with_chips
from redaction.finding import Finding
from redaction.personal import PersonalDataFinder
from redaction.personal.context import Context
from redaction.personal.corrections import Edit, applied
from redaction.personal.kinds import is_hotline

FINDER = PersonalDataFinder()
DEV = Path(__file__).parent / "dev" / "personal.jsonl"


def _found(text: str) -> list[tuple[str, str]]:
    return [(one.kind.removeprefix("pii."), text[one.start : one.end]) for one in FINDER.find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "value", "checksum", "sure"),
    [
        ("我的手机号是13800138000", "pii.mobile", 6, 17, "13800138000", "right", True),
        ("手机幺三八，零零幺三，八千吧", "pii.mobile", 2, 13, "13800138000", "right", True),
        ("+86 138 0013 8000", "pii.mobile", 0, 17, "13800138000", "right", True),
        ("手机号1380013800", "pii.mobile", 3, 13, "1380013800", "wrong", False),
        ("一三八零零一三八零零六，不对，是七", "pii.mobile", 0, 17, "13800138007", "right", True),
        ("座机0571-87654321转801", "pii.landline", 2, 19, "057187654321", "none", True),
        ("(021)62345678", "pii.landline", 0, 13, "02162345678", "none", True),
        ("身份证11010519491231002X", "pii.id_card", 3, 21, "11010519491231002X", "right", True),
        ("身份证110105194912310021", "pii.id_card", 3, 21, "110105194912310021", "wrong", False),
        ("卡号6222 0212 3456 7890 128", "pii.bank_card", 2, 25, "6222021234567890128", "right", True),
        ("卡号6222021234567890127", "pii.bank_card", 2, 21, "6222021234567890127", "wrong", False),
        ("验证码是四零二九幺三", "pii.code", 4, 10, "402913", "none", True),
        ("运单号sf1234567890123", "pii.order_no", 3, 18, "SF1234567890123", "none", True),
        ("我的号码是87654", "pii.number", 5, 10, "87654", "none", False),
        ("车牌粤B幺二三四五", "pii.plate", 2, 9, "粤B12345", "right", True),
        ("湘A七二K九五，不对，K九六", "pii.plate", 0, 14, "湘A72K96", "right", True),
        ("车号豫A 吧久 L 儿山", "pii.plate", 2, 12, "豫A89L23", "right", True),
        ("请加8613574813482", "pii.mobile", 2, 15, "13574813482", "right", True),
        ("发到a_1艾特qq点com", "pii.email", 2, 13, "", "none", True),
        ("我手机号是妖三八，令令久期，武六儿四", "pii.mobile", 5, 18, "13800975624", "right", False),
        ("手机幺三八，零零幺三，等等，零零一四，八千", "pii.mobile", 2, 21, "13800148000", "right", True),
        ("前台0755-26738801-1208", "pii.landline", 2, 20, "075526738801", "none", True),
        ("国外请拨+86 21 5863 7702", "pii.landline", 4, 20, "02158637702", "none", True),
        ("13805，不是，13806524771", "pii.mobile", 0, 20, "13806524771", "right", True),
        ("777926是你的登录验证码", "pii.code", 0, 6, "777926", "none", True),
        ("email abc123@163.com", "pii.email", 6, 20, "", "none", True),
        ("li九五艾特幺六三，不对，艾特幺二六点com", "pii.email", 0, 22, "", "none", True),
        ("填zhou小老鼠网易点康姆", "pii.email", 1, 13, "", "none", True),
        ("我住文三路90号3栋501。", "pii.address", 2, 13, "", "none", True),
        ("我姓陆，叫陆文博", "pii.name", 5, 8, "", "none", True),
        ("请问是张伟先生吗", "pii.name", 3, 5, "", "none", True),
    ],
)
def test_kind_place_and_value(
    text: str, kind: str, start: int, end: int, value: str, checksum: str, *, sure: bool
) -> None:
    assert FINDER.find(text) == [Finding(start, end, kind, value, checksum, sure=sure)]  # type: ignore[arg-type]


def test_the_development_set_is_found() -> None:
    cases = objects(DEV, Case)
    assert len(cases) >= 250
    assert sum(not case.spans for case in cases) >= 80
    figures = measure(cases)
    assert sum(figures.found.values()) / sum(figures.wanted.values()) >= 0.97
    assert sum(figures.right.values()) / sum(figures.reported.values()) >= 0.95
    assert figures.f1("name") >= 0.9
    assert figures.f1("address") >= 0.9
    assert figures.alarms / figures.negatives <= 0.02
    assert figures.leaked[False] == 0


def test_sets_made_of_the_same_families_are_found() -> None:
    names = ("more", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    figures = measure([case for name in names for case in objects(DEV.with_name(f"personal_{name}.jsonl"), Case)])
    assert sum(figures.found.values()) / sum(figures.wanted.values()) >= 0.97
    assert sum(figures.right.values()) / sum(figures.reported.values()) >= 0.97


def test_two_numbers_are_two() -> None:
    assert _found("13812345678，15987654321") == [("mobile", "13812345678"), ("mobile", "15987654321")]
    assert _found("身份证11010519491231002X，手机138 0013 8000") == [
        ("id_card", "11010519491231002X"),
        ("mobile", "138 0013 8000"),
    ]


@pytest.mark.parametrize(
    "text",
    ["服务器 192.168.10.38 连不上", "武器装备和医药", "要一九九的，不要二九九的", "版本是12.3.4", "儿子有事就来"],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert _found(text) == []


def test_a_phone_number_before_an_address_is_its_own() -> None:
    assert _found("手机13800138000，zhang@qq.com") == [("mobile", "13800138000"), ("email", "zhang@qq.com")]


def test_digits_of_an_address_are_not_numbers_of_their_own() -> None:
    assert _found("文三路90号3栋501 13800138000") == [("address", "文三路90号3栋501"), ("mobile", "13800138000")]


def test_order_patterns_are_the_houses_own() -> None:
    finder = PersonalDataFinder([r"TB\d{6}"])
    assert [one.value for one in finder.find("您说的是TB123456吗")] == ["TB123456"]
    assert not finder.find("订单号1234567890")


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("我的手机号是138", 3),
        ("幺三八，", 4),
        ("手机号13800138000", 0),
        ("一共138", 0),
        ("验证码是12", 2),
        ("我叫", 0),
        ("我叫张", 1),
        ("我叫张伟", 2),
        ("邮箱是zhang", 5),
        ("我住文三路", 3),
        ("文三路9", 4),
        ("京A12", 4),
        ("您好，请问有什么可以帮您", 0),
        ("今天天气不错", 0),
        ("打10086", 0),
        ("我手机号是妖三八，令令", 6),
        ("就是要把", 0),
        ("", 0),
    ],
)
def test_held_back(text: str, held: int) -> None:
    assert FINDER.held_back(text) == held


@pytest.mark.parametrize(
    "told", ["手机号是幺三八零零幺三八零零零", "身份证号11010519491231002X", "卡号6222021234567890128"]
)
def test_a_number_never_flashes_while_it_is_spoken(told: str) -> None:
    first = next(i for i, char in enumerate(told) if char in "幺16")
    for upto in range(first + 2, len(told) + 1):
        text = told[:upto]
        shown = len(text) - FINDER.held_back(text)
        hidden = {i for one in FINDER.find(text) for i in range(one.start, one.end)}
        assert all(i in hidden for i in range(first, shown)), text


def test_hotlines() -> None:
    assert all(is_hotline(value) for value in ("110", "10086", "12315", "95588", "4008001234"))
    assert not any(is_hotline(value) for value in ("13800138000", "87654321"))


def test_context_is_the_nearest_word() -> None:
    assert Context("工号3021，手机13800138000").of(9, 20).named == "mobile"
    assert Context("工号3021").of(2, 6).named == "none"
    assert Context("13800138000是我的手机号").of(0, 11).named == "mobile"


@pytest.mark.parametrize(
    ("said", "edit", "value"),
    [
        ("13800138006", Edit("fix", ("7",), denied=True), "13800138007"),
        ("1380016", Edit("fix", ("0017",), denied=True), "1380017"),
        ("13800138000", Edit("swap", ("9000",), "8000", denied=True), "13800139000"),
        ("138", Edit("restart", ("139",)), "139"),
        ("138", Edit("say", ("0013",)), "1380013"),
    ],
)
def test_corrections(said: str, edit: Edit, value: str) -> None:
    assert applied(said, edit, lambda digits: len(digits) == 11)[0] == value


@settings(deadline=None)
@given(
    st.text(max_size=60)
    | st.text(
        alphabet="我叫张伟手机号是138零幺三八路号栋市@艾特点com京A不对，。 转最后四位·先生码\ud800😀", max_size=60
    )
)
def test_any_text_is_survived_and_findings_lie_apart(text: str) -> None:
    findings = FINDER.find(text)
    end = 0
    for one in findings:
        assert end <= one.start < one.end <= len(text)
        end = one.end
    assert 0 <= FINDER.held_back(text) <= len(text)
    assert FINDER.find(text) == findings
    with_chips(text, findings)


@pytest.mark.parametrize("unit", ["1 ", "1-", "不对", "张伟", "路", "3号", "at ", "京A", "a1", "·", "嗯", "转"])
@pytest.mark.parametrize("method", [FINDER.find, FINDER.held_back])
def test_work_is_linear(unit: str, method: Callable[[str], object]) -> None:
    """Quadratic work on 10,000 characters would take minutes."""
    begun = time.process_time()
    method((unit * 10_000)[:10_000])
    assert time.process_time() - begun < 10


def test_an_utterance_costs_little() -> None:
    text = "您好我的手机号是幺三八零零幺三八零零零请帮我查一下订单"
    FINDER.find(text)
    begun = time.process_time()
    for _ in range(50):
        FINDER.find(text)
    assert (time.process_time() - begun) / 50 < 0.01


def test_a_value_is_in_no_repr() -> None:
    assert "13800138000" not in repr(FINDER.find("手机13800138000"))
    assert "13800138000" not in repr(FINDER.numbers("手机13800138000"))
