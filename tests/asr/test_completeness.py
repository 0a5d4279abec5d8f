"""Whether words sound finished: ends outrank pauses on the held-out turns, and odd text is survived."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.completeness import finished_probability, sounds_finished


def _held_out() -> list[tuple[str, bool]]:
    """Texts so far of the held-out turns, with whether the turn ends there."""
    texts = []
    for line in files("models.turn_end").joinpath("heldout.txt").read_text("utf-8").splitlines():
        pieces = line.split("\t")[1].split("|")
        texts += [("".join(pieces[: n + 1]), n + 1 == len(pieces)) for n in range(len(pieces))]
    return texts


def test_ends_outrank_pauses_on_turns_never_learnt_from() -> None:
    texts = _held_out()
    ends = [finished_probability(text) for text, finished in texts if finished]
    pauses = [finished_probability(text) for text, finished in texts if not finished]
    above = sum(end > pause for end in ends for pause in pauses) / (len(ends) * len(pauses))
    assert above > 0.77


def test_the_threshold_splits_few_turns_and_still_finds_ends() -> None:
    texts = _held_out()
    ends = [sounds_finished(text) for text, finished in texts if finished]
    pauses = [sounds_finished(text) for text, finished in texts if not finished]
    assert sum(pauses) / len(pauses) < 0.15
    assert sum(ends) / len(ends) > 0.4


@pytest.mark.parametrize(
    "text",
    ["好的，谢谢", "好的，我知道了", "请问还有什么可以帮到您的吗", "多久能到账呢", "那我什么时候能收到呢"],
)
def test_finished(text: str) -> None:
    assert sounds_finished(text)


@pytest.mark.parametrize(
    "text",
    [
        "因为我人在外地所以",
        "如果您",
        "您好我想问一下",
        "麻烦您提供一下",
        "我的号码是一三九",
        "根据服务协议",
        "我是说那个",
        "1398877",
    ],
)
def test_unfinished(text: str) -> None:
    assert not sounds_finished(text)


def test_marks_spaces_and_the_writing_of_numbers_do_not_matter() -> None:
    plain = finished_probability("您的余额是一百二十六块五")
    assert finished_probability(" 您的余额， 是126块5。") == pytest.approx(plain, abs=0.25)
    assert finished_probability("您的余额，是一百二十六块五？") == plain


def test_eleven_digits_are_more_of_a_number_than_seven() -> None:
    assert finished_probability("13800138000") > finished_probability("1380013")
    assert finished_probability("幺三八零零幺三八零零零") > finished_probability("幺三八")


@pytest.mark.parametrize("text", ["", "  ", "。。。", "♪"])
def test_nothing_said_is_not_finished(text: str) -> None:
    assert finished_probability(text) == 0.0
    assert not sounds_finished(text)


@given(st.text(max_size=300))
def test_any_text_has_a_probability(text: str) -> None:
    assert 0.0 <= finished_probability(text) <= 1.0
    assert finished_probability(text) == finished_probability(re.sub(r"[，。？\s]", "", text))
