"""Chips: what stands in the text, where the rest moved to, and what of a number is still told."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import MaskSpan, Word
from redaction.chips import KIND_WORDS, chip, kept, merged, with_chips
from redaction.finding import AbuseKind, Finding, PersonalKind

MOBILE = Finding(5, 16, "pii.mobile", "13800138000", "right")


def test_every_kind_has_a_word() -> None:
    assert set(KIND_WORDS) == {*get_args(AbuseKind), *get_args(PersonalKind)}


def test_a_chip_stands_in_place_of_what_was_found() -> None:
    masked = with_chips("我的号码是13800138000，谢谢", [MOBILE])
    assert masked.text == "我的号码是【手机号 ····8000】，谢谢"
    assert masked.spans == (MaskSpan(5, 19, "pii.mobile", "····8000", "right"),)
    assert masked.text[5:19] == "【手机号 ····8000】"


def test_words_that_a_chip_covers_are_told_by_it() -> None:
    words = tuple(
        Word(text, at * 100, at * 100 + 100, 0.9 - at / 100)
        for at, text in enumerate(["我的", "号码是", "138", "0013", "8000，", "谢谢"])
    )
    masked = with_chips("我的号码是13800138000，谢谢", [MOBILE], words)
    assert [(word.text, word.start_ms, word.end_ms) for word in masked.words] == [
        ("我的", 0, 100),
        ("号码是", 100, 200),
        ("【手机号 ····8000】", 200, 500),
        ("谢谢", 500, 600),
    ]
    assert masked.words[2].probability == pytest.approx(0.86)


def test_a_word_that_is_not_in_the_text_takes_all_words_away() -> None:
    assert with_chips("我的号码是13800138000", [MOBILE], (Word("傻", 0, 1, 1.0),)).words == ()


@pytest.mark.parametrize(
    ("finding", "told"),
    [
        (MOBILE, "····8000"),
        (Finding(0, 18, "pii.id_card", "11010519491231002X"), "····2X"),
        (Finding(0, 18, "pii.bank_card", "6222021234567890123"), "····0123"),
        (Finding(0, 10, "pii.landline", "01012345678"), "····78"),
        (Finding(0, 4, "pii.code", "4821"), ""),
        (Finding(0, 3, "pii.name", ""), ""),
        (Finding(0, 5, "pii.mobile", "13800"), ""),
        (Finding(0, 5, "pii.mobile", "13800138000", part=True), "…"),
    ],
)
def test_what_is_told_of_a_value(finding: Finding, told: str) -> None:
    assert kept(finding) == told
    assert len(told.strip("·…")) * 2 <= len(finding.value)


def test_what_overlaps_becomes_one_chip_of_the_longer_kind() -> None:
    threat, insult = Finding(0, 8, "abuse.threat"), Finding(6, 9, "abuse.personal")
    assert merged([insult, threat]) == [Finding(0, 9, "abuse.threat")]
    beside = Finding(9, 11, "abuse.personal")
    assert merged([beside, insult]) == [insult, beside]


@given(st.text("甲乙丙a1 ", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=6))
def test_the_rest_of_the_text_stays_and_moves(text: str, cuts: list[tuple[int, int]]) -> None:
    wanted = [
        Finding(start, min(start + length, len(text)), "abuse.personal") for start, length in cuts if start < len(text)
    ]
    findings = merged(wanted)
    hidden = {at for finding in wanted for at in range(finding.start, finding.end)}
    masked = with_chips(text, findings)
    assert {at for one in findings for at in range(one.start, one.end)} == hidden
    assert len(masked.moved) == len(text) + 1
    assert list(masked.moved) == sorted(masked.moved)
    assert masked.moved[-1] == len(masked.text)
    for at, character in enumerate(text):
        if at not in hidden:
            assert masked.text[masked.moved[at]] == character
    for span in masked.spans:
        assert masked.text[span.start : span.end] == chip(span.kind)
    assert len(masked.text) == len(text) - len(hidden) + sum(span.end - span.start for span in masked.spans)
