import pytest

from bench.digits_speech import SET, Fared, Score, as_written, fare, match
from bench.heard import Call, Line
from bench.sets import Dialogue, Gold, objects
from tests.bench.stand_in_mask import Joined, StandInMask

MOBILE = Gold("mobile", "13800138000", valid=True)
CARD = Gold("id_card", "11010519491231002X", valid=True)


def fared(gold: Gold, got: Joined | None) -> Fared:
    return Fared("S1", gold, got)


@pytest.mark.parametrize(
    ("got", "right", "kind_right", "wrong_but_sure", "digits"),
    [
        (Joined("13800138000"), True, True, False, 11),
        (Joined("13800138000", "pii.number"), True, False, False, 11),
        (Joined("13800138001"), False, False, True, 10),
        (Joined("1380013800", sure=False), False, False, False, 10),
        (Joined("138001380000"), False, False, True, 11),
        (None, False, False, False, 0),
    ],
)
def test_how_a_number_fared(got, right, kind_right, wrong_but_sure, digits) -> None:
    one = fared(MOBILE, got)
    assert (one.right, one.kind_right, one.wrong_but_sure, one.right_digits) == (
        right,
        kind_right,
        wrong_but_sure,
        digits,
    )


def test_a_broken_number_that_passes_as_whole_is_wrong() -> None:
    broken = Gold("mobile", "1380013800", valid=False)
    assert fared(broken, Joined("1380013800")).wrong_but_sure
    assert not fared(broken, Joined("1380013800", sure=False)).wrong_but_sure


def test_numbers_are_matched_by_value_then_by_likeness() -> None:
    near, exact, other = Joined("110105194912310028", "pii.id_card"), Joined("13800138000"), Joined("555")
    some, extra = match("S1", [CARD, MOBILE], [exact, other, near])
    assert [one.got for one in some] == [near, exact]
    assert extra == [other]


def test_a_number_unlike_any_that_was_said_is_not_in_its_place() -> None:
    some, extra = match("S1", [MOBILE], [Joined("299")])
    assert some[0].got is None
    assert len(extra) == 1


def test_one_joined_number_serves_one_that_was_said() -> None:
    some, extra = match("S1", [MOBILE, MOBILE], [Joined("13800138000")])
    assert [one.right for one in some] == [True, False]
    assert extra == []


def test_score_leaves_nothing_out() -> None:
    score = Score.of([fared(MOBILE, Joined("13800138000")), fared(MOBILE, Joined("13800138001")), fared(CARD, None)])
    assert (score.said, score.kind_right, score.wrong_but_sure, score.missing) == (3, 1, 1, 1)
    assert score.whole.value == pytest.approx(100 / 3)
    assert score.digits.value == pytest.approx(100 * 21 / 40)


def test_score_of_nothing() -> None:
    assert Score.of([]).said == 0


def test_dialogues_end_with_the_numbers_of_the_mask() -> None:
    dialogue = objects(SET, Dialogue)[0]
    lines = tuple(
        Line("S0001", 1000 * n + 5000, 1000 * n + 5900, turn.text, turn.speaker)
        for n, turn in enumerate(dialogue.turns)
    )
    heard = as_written(Call("S0001", {}, lines, 4500))
    assert [(told.at_ms, told.item.leg) for told in heard.told] == [(1400, "agent"), (2400, "customer")]
    mask = StandInMask(joined=[Joined("15864485876"), Joined("400")])
    every, extra = fare([dialogue], [heard], mask)
    assert [one.kind_right for one in every] == [True]
    assert [(id_, number.value) for id_, number in extra] == [("S0001", "400")]
