"""Numbers over turns: joined, echoed, corrected, and nothing joined that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.join_digits import joined
from bench.sets import Dialogue, objects
from core.types import Leg
from redaction.joining import REMEMBERED, NumberJoiner, grouped

DEV = Path(__file__).parent / "dev" / "digits.jsonl"


def _heard(*turns: str, pause_ms: int = 500) -> NumberJoiner:
    joiner = NumberJoiner()
    at_ms = 0
    for n, turn in enumerate(turns):
        leg: Leg = "agent" if turn[0] == "a" else "customer"
        joiner.hear(str(n), leg, turn[1:], at_ms, at_ms + 2000)
        at_ms += 2000 + pause_ms
    return joiner


def _numbers(*turns: str, pause_ms: int = 500) -> list[tuple[str, str, bool]]:
    return [(one.kind, one.value, one.sure) for one in _heard(*turns, pause_ms=pause_ms).numbers()]


MOBILE = [("pii.mobile", "13800138000", True)]


@pytest.mark.parametrize(
    "turns",
    [
        ("a请报一下手机号", "c幺三八", "a嗯", "c零零幺三", "a好", "c八千"),
        ("c我手机138", "a138", "c0013", "a0013", "c8000", "a8000，好的"),
        ("a手机号", "c13800138000", "a13800138000对吗", "c对"),
        ("a手机号", "c13800138000", "a13800138006对吗", "c不对，是8000"),
        ("a手机号", "c138 0016", "c不对，0013", "c8000"),
        ("a手机号", "c139", "c重新说", "c138 0013 8000"),
        ("a手机号", "c138 0013", "a没听清，再说一遍", "c138 0013 8000"),
        ("a手机号", "c138 0013 80", "a后面没听清", "c8000"),
        ("c加86", "c138 0013 8000"),
        ("a您的手机号是13800138006对吗", "c不对，最后一位是0"),
        ("a手机号", "c139", "c我重说啊", "c138", "c0013", "c8000"),
        ("a手机号", "c138 0013", "a8000结尾的吗", "c对"),
        ("a手机号", "c138 0013 8001", "a最后是1还是0", "c0"),
        ("a手机号", "c13800188000", "c倒数第五位是三"),
        ("a手机号", "c13800139000", "c9000错了，是8000"),
        ("a手机号", "c13912345678", "c那个号不用了，打13800138000"),
        ("a手机号", "c138", "a这个月扣一百二十八，您继续", "c0013", "c8000"),
        ("a手机号", "c138 0013", "c9000，说错了，8000"),
    ],
)
def test_one_number(turns: tuple[str, ...]) -> None:
    assert [(kind, value) for kind, value, _ in _numbers(*turns)] == [(kind, value) for kind, value, _ in MOBILE]


@pytest.mark.parametrize(
    ("turns", "number"),
    [
        (("a手机号", "c妖三八", "c令令一三", "c吧令令令"), ("pii.mobile", "13800138000", False)),
        (("a座机多少", "c87654321", "a区号呢", "c0571"), ("pii.landline", "057187654321", True)),
        (("a单号", "cY T", "c1234567890123"), ("pii.order_no", "YT1234567890123", True)),
        (("a手机号", "c138001380"), ("pii.mobile", "138001380", False)),
        (("a手机号", "c妖三八零零一三八零零零", "a13800138000对吗", "c对"), ("pii.mobile", "13800138000", True)),
    ],
)
def test_told_otherwise(turns: tuple[str, ...], number: tuple[str, str, bool]) -> None:
    assert _numbers(*turns) == [number]


def test_the_development_set_is_joined() -> None:
    outcomes = [joined(dialogue) for dialogue in objects(DEV, Dialogue)]
    assert len(outcomes) >= 200
    assert sum(one.right for one in outcomes) / len(outcomes) >= 0.99
    assert sum(one.sure_but_wrong for one in outcomes) == 0


def test_sets_made_of_the_same_families_are_joined() -> None:
    files = [
        DEV.with_name(f"digits_{name}.jsonl")
        for name in ("more", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh")
    ]
    outcomes = [joined(dialogue) for file in files for dialogue in objects(file, Dialogue)]
    assert sum(one.right for one in outcomes) / len(outcomes) >= 0.99
    assert sum(one.sure_but_wrong for one in outcomes) == 0


def test_sets_of_corrections_and_echoes_are_joined() -> None:
    files = [DEV.with_name(f"digits_{name}.jsonl") for name in ("twelfth", "thirteenth")]
    outcomes = [joined(dialogue) for file in files for dialogue in objects(file, Dialogue)]
    assert sum(one.right for one in outcomes) / len(outcomes) >= 0.97
    assert sum(one.sure_but_wrong for one in outcomes) == 0


@pytest.mark.parametrize(("name", "floor"), [("fourteenth", 0.99), ("fifteenth", 0.93), ("spoken", 0.99)])
def test_sets_of_everyday_calls_are_joined(name: str, floor: float) -> None:
    outcomes = [joined(dialogue) for dialogue in objects(DEV.with_name(f"digits_{name}.jsonl"), Dialogue)]
    assert sum(one.right for one in outcomes) / len(outcomes) >= floor
    assert sum(one.sure_but_wrong for one in outcomes) == 0


def test_parts_are_hidden_and_the_last_tells_the_whole() -> None:
    joiner = _heard("a手机号多少", "c是138", "a嗯", "c0013", "c8000吧")
    assert [(one.start, one.end, one.part) for one in joiner.findings("1")] == [(1, 4, True)]
    assert [(one.start, one.end, one.part) for one in joiner.findings("3")] == [(0, 4, True)]
    (last,) = joiner.findings("4")
    assert (last.start, last.end, last.value, last.part) == (0, 4, "13800138000", False)
    assert not joiner.findings("2")


def test_what_later_words_change_is_told_once() -> None:
    joiner = NumberJoiner()
    joiner.hear("1", "customer", "一三八", 0, 1000)
    assert not joiner.findings("1")
    assert joiner.changed() == []
    joiner.hear("2", "customer", "零零一三", 1500, 2500)
    assert joiner.findings("1")
    assert joiner.changed() == ["1"]
    assert joiner.changed() == []


def test_a_text_that_comes_again_replaces_the_first() -> None:
    joiner = _heard("a手机号", "c138", "c0013", "c8001")
    joiner.hear("3", "customer", "8000", 7500, 9500)
    assert [one.value for one in joiner.numbers()] == ["13800138000"]


def test_a_partial_is_hidden_by_what_was_heard_and_changes_nothing() -> None:
    joiner = _heard("a手机号多少", "c138")
    (one,) = joiner.partial("customer", "0013 80")
    assert (one.start, one.end) == (0, 7)
    assert joiner.partial("customer", "好的") == []
    assert joiner.numbers() == []


@pytest.mark.parametrize(
    "turns",
    [
        ("a一共138块", "c好的", "a8000积分"),
        ("c打10086", "a嗯", "c打了三次"),
        ("c等了30分钟", "a嗯", "c20分钟"),
        ("c尾号8000", "a嗯"),
        ("a2024年", "c3月5号下的单"),
        ("a工号3072", "c好"),
    ],
)
def test_what_is_no_number_is_not_joined(turns: tuple[str, ...]) -> None:
    assert _numbers(*turns) == []


def test_a_long_pause_ends_a_number() -> None:
    assert _numbers("c138", "c0013", "c8000", pause_ms=11_000) == []


def test_what_is_incomplete_or_wrong_is_not_sure() -> None:
    assert _numbers("a手机号", "c1380013800", "a好的") == [("pii.mobile", "1380013800", False)]
    assert _numbers("a身份证号", "c330106199001", "c011238") == [("pii.id_card", "330106199001011238", False)]
    # The customer says yes to a number that is not the one he gave.
    assert _numbers("a手机号", "c13800138000", "a13800138006对吗", "c对") == [("pii.mobile", "13800138000", False)]


def test_kinds_follow_what_was_asked() -> None:
    assert _numbers("a手机号", "c13800138000", "a身份证号呢", "c330106", "c19900101", "c123叉") == [
        *MOBILE,
        ("pii.id_card", "33010619900101123X", True),
    ]
    assert _numbers("a订单号", "c2026", "c1109", "c77354") == [("pii.order_no", "2026110977354", True)]
    assert _numbers("a验证码", "c402", "c913") == [("pii.code", "402913", True)]


def test_memory_is_bounded_and_numbers_stay() -> None:
    joiner = _heard("c手机13800138000", *["a请稍等一下"] * (3 * REMEMBERED))
    assert [one.value for one in joiner.numbers()] == ["13800138000"]
    assert len(joiner._heard) == REMEMBERED


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("pii.mobile", "13800138000", "138 0013 8000"),
        ("pii.id_card", "11010519491231002X", "110105 19491231 002X"),
        ("pii.bank_card", "6222021234567890128", "6222 0212 3456 7890 128"),
        ("pii.landline", "057187654321", "0571 8765 4321"),
        ("pii.code", "402913", "4029 13"),
        ("pii.mobile", "138", "138"),
        ("pii.mobile", "", ""),
    ],
)
def test_grouped(kind: str, value: str, shown: str) -> None:
    assert grouped(kind, value) == shown


_TURN = st.tuples(
    st.sampled_from(["agent", "customer"]),
    st.sampled_from(
        [
            "138",
            "0013",
            "8000",
            "13800138000",
            "嗯",
            "不对，是7",
            "重新说",
            "手机号多少",
            "身份证号",
            "最后一位是叉",
            "转801",
            "再说一遍",
            "对",
        ]
    )
    | st.text(max_size=12),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(_TURN, max_size=14))
def test_any_talk_is_survived(turns: list[tuple[Leg, str]]) -> None:
    joiner = NumberJoiner()
    for n, (leg, text) in enumerate(turns):
        joiner.hear(str(n), leg, text, n * 2500, n * 2500 + 2000)
        for one in joiner.partial(leg, text):
            assert 0 <= one.start < one.end <= len(text)
    for n, (_, text) in enumerate(turns):
        for one in joiner.findings(str(n)):
            assert 0 <= one.start < one.end <= len(text)
    values = [one.value for one in joiner.numbers()]
    assert len(values) == len(set(values))


def test_a_value_is_in_no_repr() -> None:
    joiner = _heard("c手机13800138000")
    assert "13800138000" not in repr(joiner.numbers())
    assert "13800138000" not in repr(joiner._now.numbers)


TOLD = "我手机号是13800138000"


def doubtful(joiner: NumberJoiner) -> list[bool]:
    return [not one.sure for one in joiner.numbers()]


def test_a_number_the_recogniser_doubts_is_not_sure() -> None:
    joiner = NumberJoiner()
    joiner.hear("u1", "customer", TOLD, 0, 3_000, doubts=[(5, 16)])
    assert doubtful(joiner) == [True]
    assert [one.sure for one in joiner.findings("u1")] == [False]


def test_a_doubt_elsewhere_is_none_of_the_number() -> None:
    joiner = NumberJoiner()
    joiner.hear("u1", "customer", TOLD, 0, 3_000, doubts=[(0, 2)])
    assert doubtful(joiner) == [False]


def test_a_second_telling_without_doubt_makes_it_sure() -> None:
    joiner = NumberJoiner()
    joiner.hear("u1", "customer", TOLD, 0, 3_000, doubts=[(5, 16)])
    joiner.hear("u2", "agent", "您的手机号是13800138000", 4_000, 7_000)
    assert doubtful(joiner) == [False]


def test_a_check_digit_that_is_right_settles_a_doubt() -> None:
    joiner = NumberJoiner()
    joiner.hear("u1", "customer", "身份证号11010519491231002X", 0, 3_000, doubts=[(4, 22)])
    assert doubtful(joiner) == [False]
