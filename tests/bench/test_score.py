import math

import pytest

from bench.score import (
    CallScore,
    Turn,
    TurnScore,
    Written,
    cer_difference,
    char_errors,
    finals_of,
    pooled_cer,
    score_call,
)


def final(start_ms: int, end_ms: int, text: str, emitted_ms: int, leg: str = "agent") -> Written:
    return Written("utterance", leg, start_ms, end_ms, text, emitted_ms)


def partial(start_ms: int, end_ms: int, text: str, emitted_ms: int, leg: str = "agent") -> Written:
    return Written("hypothesis", leg, start_ms, end_ms, text, emitted_ms)


def only(score: CallScore) -> TurnScore:
    (turn,) = score.turns
    return turn


FIRST = Turn("agent", 1000, 3000, "今天天气很好。")
SECOND = Turn("agent", 4000, 6000, "我们出去走走吧。")


def test_errors_are_edits_of_the_normalised_text() -> None:
    assert char_errors("今天天气很好。", "今天天汽好") == (2, 6)
    assert char_errors("工号八零二三", "工號8023") == (0, 6)


def test_a_perfect_final() -> None:
    turn = only(score_call([FIRST], [final(900, 3100, "今天天气很好", 3600)]))
    assert (turn.errors, turn.chars, turn.lost, turn.finals) == (0, 6, False, 1)
    assert turn.final_delay_ms == 600
    assert turn.first_text_ms == turn.first_right_ms == 2600


def test_one_final_over_two_turns_has_no_errors_by_itself() -> None:
    score = score_call([FIRST, SECOND], [final(1000, 6000, "今天天气很好，我们出去走走吧", 6500)])
    assert [turn.errors for turn in score.turns] == [0, 0]
    assert [turn.final_delay_ms for turn in score.turns] == [3500, 500]
    assert (score.lost, score.split_turns) == (0, 0)


def test_a_turn_in_two_finals_is_split_and_completed_by_the_later() -> None:
    score = score_call([FIRST], [final(1000, 1900, "今天天", 2300), final(2100, 3000, "气很好", 3400)])
    turn = only(score)
    assert (turn.errors, turn.finals, turn.final_delay_ms) == (0, 2, 400)
    assert (turn.sentences, turn.split_sentences) == (1, 1)
    assert (score.split_turns, score.split_sentences, score.sentences) == (1, 1, 1)


def test_a_cut_between_sentences_splits_no_sentence() -> None:
    turn = Turn("agent", 0, 4000, "今天天气很好。我们出去走走吧！")
    score = score_call([turn], [final(0, 1800, "今天天气很好", 2300), final(2000, 4000, "我们出去走走吧", 4500)])
    assert (score.split_turns, score.split_sentences, score.sentences) == (1, 0, 2)


def test_a_stray_character_across_the_cut_splits_no_sentence() -> None:
    turn = Turn("agent", 0, 4000, "今天天气很好。我们出去走走吧！")
    score = score_call([turn], [final(0, 1800, "今天天气很好我", 2300), final(2000, 4000, "们出去走走吧", 4500)])
    assert score.split_sentences == 0


def test_nothing_written_is_lost_and_costs_its_characters() -> None:
    score = score_call([FIRST, SECOND], [final(4000, 6000, "我们出去走走吧", 6700)])
    lost, kept = score.turns
    assert (lost.lost, lost.errors, lost.final_delay_ms, lost.first_text_ms) == (True, 6, None, None)
    assert (kept.lost, kept.errors, kept.final_delay_ms) == (False, 0, 700)
    assert score.lost == 1


def test_a_short_turn_swallowed_by_a_longer_final_is_lost() -> None:
    short = Turn("agent", 4000, 4300, "嗯。")
    score = score_call([FIRST, short], [final(1000, 4400, "今天天气很好", 4900)])
    assert [turn.lost for turn in score.turns] == [False, True]


def test_a_short_turn_heard_wrongly_is_not_lost() -> None:
    short = Turn("agent", 4000, 4300, "嗯。")
    score = score_call([FIRST, short], [final(1000, 3000, "今天天气很好", 3500), final(3900, 4400, "恩", 4800)])
    assert [turn.lost for turn in score.turns] == [False, False]
    assert [turn.errors for turn in score.turns] == [0, 1]


def test_empty_finals_write_nothing() -> None:
    assert only(score_call([FIRST], [final(1000, 3000, " ", 3500)])).lost


def test_invented_text_is_charged() -> None:
    score = score_call([FIRST], [final(1000, 3000, "今天天气很好", 3500), final(8000, 9000, "请订阅", 9500)])
    assert only(score).errors == 3


def test_legs_are_kept_apart() -> None:
    customer = Turn("customer", 1000, 3000, "喂你好吗。")
    score = score_call(
        [FIRST, customer],
        [final(1000, 3000, "今天天气很好", 3300), final(1000, 3000, "喂你号吗", 3900, leg="customer")],
    )
    assert score.cer("agent").value == 0
    assert score.cer("customer").value == 25
    assert score.cer().value == pytest.approx(10)
    assert score.delays("final_delay_ms") == (600, pytest.approx(870))


def test_first_text_and_first_right_character_differ() -> None:
    score = score_call(
        [FIRST],
        [
            partial(1000, 1600, "惊", 1700),
            partial(1000, 2000, "今天", 2100),
            final(1000, 3000, "今天天气很好", 3500),
        ],
    )
    assert (only(score).first_text_ms, only(score).first_right_ms) == (700, 1100)


def test_text_of_an_earlier_turn_is_no_first_text_of_the_next() -> None:
    events = [
        partial(1000, 4100, "今天天气很好", 4150),
        partial(1000, 4600, "今天天气很好我们", 4700),
        final(1000, 6000, "今天天气很好我们出去走走吧", 6500),
    ]
    second = score_call([FIRST, SECOND], events).turns[1]
    assert (second.first_text_ms, second.first_right_ms) == (700, 700)


def test_text_from_before_the_turn_does_not_count() -> None:
    score = score_call([FIRST], [partial(500, 1100, "今", 990), final(1000, 3000, "今天天气很好", 3500)])
    assert only(score).first_text_ms == 2500


def test_a_final_belongs_where_most_of_either_lies() -> None:
    inside = final(2500, 3400, "好", 3500)
    around = final(0, 9000, "今天", 9500)
    beside = final(2900, 4500, "我", 5000)
    assert finals_of(FIRST, [inside, around, beside]) == [inside, around]
    assert finals_of(FIRST, [beside]) == [beside]
    assert finals_of(FIRST, [final(3000, 3500, "我", 3600)]) == []


def test_gaps_are_no_text() -> None:
    gap = Written("gap", "agent", 1000, 3000)
    assert only(score_call([FIRST], [gap])).lost


def test_pooled_cer_weighs_by_length_and_its_interval_is_reproducible() -> None:
    once = pooled_cer([1, 0, 3], [10, 10, 20])
    assert once.value == 10
    assert once == pooled_cer([1, 0, 3], [10, 10, 20])
    assert 0 <= once.low < once.value < once.high <= 15


def test_equal_rates_have_no_spread() -> None:
    assert pooled_cer([1, 2], [10, 20]) == (10, 10, 10)


def test_no_reference_no_rate() -> None:
    assert math.isnan(pooled_cer([], []).value)


def test_a_paired_difference_knows_no_noise_that_both_share() -> None:
    assert cer_difference([2, 6, 1], [1, 5, 0], [10, 10, 10]) == pytest.approx((10, 10, 10))
    assert cer_difference([1, 0], [1, 0], [5, 5]) == (0, 0, 0)
