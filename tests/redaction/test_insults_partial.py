"""Abuse in texts still being spoken: what is held back, and how little of ordinary talk is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.sets import marked_lines
from redaction.insults import InsultFinder

DEV = Path(__file__).parent / "dev" / "insults.tsv"


@pytest.fixture(scope="module")
def finder() -> InsultFinder:
    return InsultFinder()


def held_back(finder: InsultFinder, text: str) -> int:
    return len(text) - finder.partial(text).shown_to


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("你就是个傻", "傻"),
        ("你就是个傻，", "傻，"),
        ("我操你", "操你"),
        ("断子绝", "断子绝"),
        ("你个王八", "王八"),
        ("麻烦查一下话费", ""),
        ("操作", ""),
    ],
)
def test_a_beginning_is_held_back(finder: InsultFinder, text: str, held: str) -> None:
    count = held_back(finder, text)
    assert count >= len(held)
    assert text.endswith(held)
    if not held:
        assert count <= 2


def test_ordinary_talk_is_hardly_held_back(finder: InsultFinder) -> None:
    held = [
        held_back(finder, line.text[:size])
        for line in marked_lines(DEV)
        if not line.spans
        for size in range(1, len(line.text) + 1)
    ]
    # These lines were written to look like abuse; of the sentences of `models/turn_end` it is 0.07 and 0.26.
    assert sum(count > 2 for count in held) / len(held) < 0.13
    assert sum(count > 0 for count in held) / len(held) < 0.42


def test_no_word_of_the_lists_is_ever_shown_half(finder: InsultFinder) -> None:
    for word in ("傻逼", "操你妈", "王八蛋", "断子绝孙", "臭不要脸", "婊子", "杂种"):
        for size in range(1, len(word)):
            text = f"你这个{word[:size]}"
            assert held_back(finder, text) >= size or finder.partial(text).findings, text


@pytest.mark.parametrize(
    ("heard", "from_there"),
    [
        ("那个骗子昨天打电话来", 2),
        ("我想改一下地址", None),
        ("垃圾短信太多了", None),
    ],
)
def test_a_partial_stops_at_words_that_more_words_may_make_abuse(
    finder: InsultFinder, heard: str, from_there: int | None
) -> None:
    assert finder.partial(heard).shown_to == (len(heard) if from_there is None else from_there)


def test_a_partial_stops_where_it_may_have_been_misheard(finder: InsultFinder) -> None:
    assert finder.partial("我想问我同了你").shown_to <= 3
    assert finder.partial("片子年费退我").shown_to == 0
    assert finder.partial("我想改一下地址").shown_to == len("我想改一下地址")
