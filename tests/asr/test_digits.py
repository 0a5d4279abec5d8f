"""Numbers put right by what the digit head heard: when its digits are taken, and what is marked as doubtful."""

from __future__ import annotations

import pytest

from asr.digits import with_digits_heard
from asr.speech_model import Decoded, TimedToken
from core.types import DOUBTFUL
from models.digits.decode import Run, Symbol


def heard_run(text: str, start_s: float, end_s: float, probability: float = 0.9) -> Run:
    """A run whose words follow each other evenly."""
    step_s = (end_s - start_s) / len(text)
    words = (
        Symbol(char, start_s + place * step_s, start_s + (place + 1) * step_s, 0.9) for place, char in enumerate(text)
    )
    return Run(tuple(words), probability)


def decoded(*pieces: tuple[str, float, float]) -> Decoded:
    timed = tuple(TimedToken(text, start_s, end_s, 0.8) for text, start_s, end_s in pieces)
    return Decoded("".join(piece.text for piece in timed), (), -0.2, 0.0, 1.0, 5.0, "zh", timed)


CARRIER = decoded(
    ("我的", 0.0, 0.4), ("号码", 0.4, 0.8), ("是", 0.8, 1.0), ("138", 1.0, 1.6), ("013", 1.6, 2.2), ("吧", 2.2, 2.5)
)


def test_a_lost_digit_is_put_back_and_the_number_doubted() -> None:
    heard = with_digits_heard(CARRIER, [heard_run("一三八零零一三", 1.1, 2.1)])
    assert heard.text == "我的号码是1380013吧"
    assert [piece.probability <= DOUBTFUL for piece in heard.timed] == [False, False, False, True, False]
    assert (heard.timed[3].start_s, heard.timed[3].end_s) == (1.0, 2.2)


def test_what_both_heard_stays_as_it_was() -> None:
    assert with_digits_heard(CARRIER, [heard_run("幺三八零一三", 1.1, 2.1)]) is CARRIER


def test_an_unlikely_run_changes_nothing_and_leaves_a_doubt() -> None:
    heard = with_digits_heard(CARRIER, [heard_run("一三八零零一三", 1.1, 2.1, probability=0.2)])
    assert heard.text == CARRIER.text
    assert [piece.text for piece in heard.timed if piece.probability <= DOUBTFUL] == ["138", "013"]


def test_figures_that_nobody_else_heard_are_doubted() -> None:
    heard = with_digits_heard(CARRIER, [])
    assert heard.text == CARRIER.text
    assert [piece.text for piece in heard.timed if piece.probability <= DOUBTFUL] == ["138", "013"]


def test_words_that_were_digits_become_digits() -> None:
    misheard = decoded(("要", 0.0, 0.3), ("山", 0.3, 0.6), ("霸", 0.6, 0.9), ("，", 0.9, 0.9), ("对吗", 1.2, 1.6))
    heard = with_digits_heard(misheard, [heard_run("幺三八", 0.1, 0.8)])
    assert heard.text == "138，对吗"


@pytest.mark.parametrize("spoken", ["三", "三五", "三百五十八", "一万二", "三点五六七"])
def test_counts_prices_and_short_groups_are_left_to_the_decoder(spoken: str) -> None:
    sentence = decoded(("一共", 0.0, 0.5), ("三", 0.5, 0.8), ("样", 0.8, 1.1))
    assert with_digits_heard(sentence, [heard_run(spoken, 0.5, 1.0)]) is sentence


def test_repeats_stay_as_spoken_for_the_rules() -> None:
    sentence = decoded(("尾号", 0.0, 0.5), ("88", 0.5, 1.2))
    assert with_digits_heard(sentence, [heard_run("三个八零七", 0.6, 1.1)]).text == "尾号三个八零七"


def test_without_word_times_nothing_is_changed() -> None:
    bare = decoded()
    assert with_digits_heard(bare, [heard_run("一三八", 0.1, 0.8)]) is bare


def test_figures_in_several_pieces_are_one_number() -> None:
    sentence = decoded(("尾号", 0.0, 0.5), ("88", 0.5, 1.0), ("05", 1.0, 1.5))
    assert [piece.probability <= DOUBTFUL for piece in with_digits_heard(sentence, []).timed] == [False, True, True]
