"""Chips in words: every kind has them in both languages, doubts are said, and nothing of what is hidden is told."""

from __future__ import annotations

from typing import get_args

import pytest

from app.desk.chips import CONTINUED, HIDDEN, KINDS, chip_description, chip_words, kind_words, spoken_text
from app.desk.language import Translation
from core.types import MaskSpan
from redaction import chips as told
from redaction.finding import AbuseKind, PersonalKind
from tests.app.desk.captions import Hidden, masked

ALL_KINDS = (*get_args(AbuseKind), *get_args(PersonalKind))


def span(kind: str = "pii.mobile", kept: str = "", checksum: str = "none", sure: bool = True) -> MaskSpan:
    return MaskSpan(0, 1, kind, kept, checksum, sure=sure)


def test_every_kind_that_is_found_has_words(translation: Translation) -> None:
    assert set(ALL_KINDS) == KINDS
    translation.choose("en")
    assert len({kind_words(kind) for kind in ALL_KINDS}) == len(ALL_KINDS)
    translation.choose("zh_CN")
    assert {kind: kind_words(kind) for kind in ALL_KINDS} == told.KIND_WORDS


def test_a_kind_that_is_not_known_is_hidden_all_the_same() -> None:
    assert kind_words("pii.of_next_year") == "Hidden"


def test_marks_are_those_of_the_mask() -> None:
    assert (HIDDEN, CONTINUED) == (told.HIDDEN, told.CONTINUED)


@pytest.mark.parametrize(
    ("chip", "marked", "words"),
    [
        (span(kept="····8000", checksum="right"), False, "[Mobile ····8000]"),
        (span("abuse.threat"), False, "[Threat]"),
        (span("pii.order_no", kept="…"), False, "[Order …]"),
        (span("pii.number", sure=False), False, "[Number, unsure]"),
        (span("abuse.personal"), True, "[Insult, marked as masked wrongly]"),
    ],
)
def test_a_chip_in_a_line_of_text(translation: Translation, chip: MaskSpan, marked: bool, words: str) -> None:
    translation.choose("en")
    assert chip_words(chip, marked=marked) == words


@pytest.mark.parametrize(
    ("chip", "marked", "words"),
    [
        (span(kept="····8000", checksum="right"), False, ["手机号", "校验正确"]),
        (
            span("pii.bank_card", kept="····0366", checksum="wrong", sure=False),
            False,
            ["银行卡号", "校验不符", "不确定"],
        ),
        (span("pii.order_no", kept="…"), False, ["单号", "号码分在几句话里"]),
        (span("abuse.threat"), True, ["威胁", "已标记为遮错"]),
    ],
)
def test_a_tool_tip_tells_kind_and_doubts_and_no_content(
    translation: Translation, chip: MaskSpan, marked: bool, words: list[str]
) -> None:
    translation.choose("zh_CN")
    said = chip_description(chip, marked=marked)
    assert said.split("\n") == words
    assert not any(digit in said for digit in "0123456789·")


def test_a_text_is_said_with_its_chips(translation: Translation) -> None:
    translation.choose("zh_CN")
    # A character beyond the first plane is one code point.
    text, spans = masked("𠮷先生的手机", Hidden("pii.mobile", "····8000"), "，", Hidden("abuse.threat"), "!")
    assert spoken_text(text, spans) == "𠮷先生的手机[手机号 ····8000]，[威胁]!"
    assert spoken_text(text, spans, {spans[1]}) == "𠮷先生的手机[手机号 ····8000]，[威胁，已标记遮错]!"
