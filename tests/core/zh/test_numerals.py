"""Numbers in text: value, exact position, and what is no number at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.zh.heard import heard_tokens
from core.zh.number_words import cardinal, tokens
from core.zh.numerals import digits_of, heard_runs, runs

_ODD = st.text(alphabet=st.characters(), max_size=80) | st.text(
    alphabet="一二三零幺十百千万个双三1388０Xx ，,。不对是错了最后四位转+-嗯那个妖意思吧😀\ud800", max_size=80
)


@pytest.mark.parametrize(
    ("text", "value", "stretch"),
    [
        ("我的号码是13800138000，谢谢", "13800138000", "13800138000"),
        ("一三八零零一三八零零零", "13800138000", "一三八零零一三八零零零"),
        ("幺三八，那个，零零一三 八千吧", "13800138000", "幺三八，那个，零零一三 八千"),
        ("138,0013,8000。", "13800138000", "138,0013,8000"),
        ("１３８００１３８０００", "13800138000", "１３８００１３８０００"),
        ("洞拐勾两", "0792", "洞拐勾两"),
        ("一百三十八零零一三八千", "13800138000", "一百三十八零零一三八千"),
        ("一百零五", "105", "一百零五"),
        ("二十三", "23", "二十三"),
        ("十八", "18", "十八"),
        ("八千零一三", "8000013", "八千零一三"),
        ("三个八", "888", "三个八"),
        ("双零", "00", "双零"),
        ("四个零", "0000", "四个零"),
        ("仨六", "666", "仨六"),
        ("5个8", "88888", "5个8"),
        ("SF 1234 5678", "SF12345678", "SF 1234 5678"),
        ("33010619900101123叉", "33010619900101123X", "33010619900101123叉"),
        ("三八零零妖三八令零", "380013800", "三八零零妖三八令零"),
        ("138，然后是0013，后四位8000", "13800138000", "138，然后是0013，后四位8000"),
        ("三个88十", "88880", "三个88十"),
        ("双38百", "33800", "双38百"),
        ("1380013八千", "13800138000", "1380013八千"),
        ("三个八一个幺", "8881", "三个八一个幺"),
        ("一三九，幺二三的三", "1393", "一三九，幺二三的三"),
        ("幺，幺二的幺，八", "18", "幺，幺二的幺，八"),
        ("330106，九零年一月一号，后面0123", "330106199001010123", "330106，九零年一月一号，后面0123"),
        ("151？1309，7101", "15113097101", "151？1309，7101"),
    ],
)
def test_value_and_place(text: str, value: str, stretch: str) -> None:
    (run,) = runs(text)
    assert (run.value, text[run.start : run.end], run.chars) == (value, stretch, len(stretch))


@pytest.mark.parametrize("text", ["138块", "2024年", "三天", "20分钟", "八折", "三楼", "100元"])
def test_a_unit_is_seen(text: str) -> None:
    assert [run.unit for run in runs(text)] == [True]


@pytest.mark.parametrize(
    "text", ["一下", "一共", "万一", "三万五", "3万", "第一个", "十分", "二十个", "你好", "ABC", "四川"]
)
def test_no_run(text: str) -> None:
    assert not [run for run in runs(text) if not run.unit]


def test_a_count_at_the_end_is_cut_off() -> None:
    assert [run.value for run in runs("13800138000，三天前")] == ["13800138000", "3"]
    assert [run.value for run in runs("一三八零零一三八零零零一共多少")] == ["13800138000"]


def test_homophones_count_between_digits_only() -> None:
    (run,) = runs("1380013令000")
    assert run.unsure
    assert not runs("令人")
    (run,) = runs("286意思")
    assert "".join(one.value for one in run.after) == "14"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("我手机号是妖三八，令令久期，武六儿四", "13800975624"),
        ("吧妻而。", "872"),
        ("要五儿，吧吧久灵，山四期妻你打这个", "15288903477"),
    ],
)
def test_what_sounds_like_digits_throughout_is_read(text: str, value: str) -> None:
    (run,) = heard_runs(text)
    assert run.value == value
    assert run.unsure


def test_words_at_the_edge_of_what_is_heard_are_kept_apart() -> None:
    (run,) = heard_runs("是而八")
    assert (run.value, [one.value for one in run.before]) == ("28", ["4"])
    (run,) = heard_runs("扒九是")
    assert (run.value, [one.value for one in run.after]) == ("89", ["4"])
    assert not heard_runs("我要就是")


def test_letters_that_are_words_begin_no_number() -> None:
    assert [run.value for run in runs("tel 182/3514/9019")] == ["18235149019"]


def test_words_of_correction_are_kept() -> None:
    (run,) = runs("一三八，不对，一三九")
    assert run.corrected
    (run,) = runs("不对，是7")
    assert [one.role for one in run.lead] == ["deny"]
    (run,) = runs("138 0013 8000")
    assert not run.corrected


@pytest.mark.parametrize(("written", "number"), [("四", 4), ("十八", 18), ("12", 12), ("十", 10), ("", 0)])
def test_cardinal(written: str, number: int) -> None:
    assert cardinal(written) == number


@given(_ODD)
def test_offsets_lie_in_the_text_and_never_overlap(text: str) -> None:
    assert "".join(text[one.start : one.end] for one in heard_tokens(text)) == text
    end = 0
    for run in heard_runs(text):
        assert end <= run.start < run.end <= len(text)
        end = run.end
    pieces = tokens(text)
    assert "".join(text[one.start : one.end] for one in pieces) == text
    end = 0
    for run in runs(text):
        assert end <= run.start < run.end <= len(text)
        assert run.value.isascii()
        end = run.end
    assert isinstance(digits_of(text), str)


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "1",
        "转",
        "嗯",
        "不对",
        "三个",
        "一百",
        "是",
        "a1",
        "第",
        "，",
        "妖吧",
        "年",
        "零年一月",
        "的",
        "不是",
        "算了",
    ],
)
def test_work_is_linear(unit: str) -> None:
    begun = time.process_time()
    runs((unit * 10_000)[:10_000])
    heard_runs((unit * 10_000)[:10_000])
    assert time.process_time() - begun < 3
