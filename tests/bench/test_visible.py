import pytest

from bench.heard import Heard, Line, Shown, Told, show
from bench.visible import held_back, hidden, judge, late, masked_kinds, partials, pieces
from core.types import Gap, Hypothesis, MaskSpan, Utterance
from tests.bench.stand_in_mask import StandInMask

ABUSE = {"草包": "abuse.personal", "弄死你": "abuse.threat"}


def partial(text: str, end_ms: int = 1000, start_ms: int = 0) -> Hypothesis:
    return Hypothesis("customer", start_ms, end_ms, text)


def final(text: str, end_ms: int = 2000, start_ms: int = 0, id_: str = "u1") -> Utterance:
    return Utterance(id_, "customer", start_ms, end_ms, text)


def shown(mask: StandInMask, *items: Hypothesis | Utterance | Gap) -> list[Shown]:
    return list(show(Heard("S1", tuple(Told(100 * n, item) for n, item in enumerate(items))), mask))


def test_a_call_passes_the_mask_as_a_window_is_given_it() -> None:
    mask = StandInMask(ABUSE, again={"u2": "u1"})
    told = shown(mask, partial("你"), Gap("customer", 0, 10, "overflow"), final("草包。"), final("是的。", id_="u2"))
    assert mask.begun == "S1"
    assert [(one.at_ms, one.original.text, one.masked.text, one.again) for one in told] == [
        (0, "你", "你", False),
        (200, "草包。", "【abuse.personal】。", False),
        (300, "是的。", "是的。", False),
        (300, "草包。", "【x】", True),
    ]


@pytest.mark.parametrize(
    ("original", "text", "spans", "stretches"),
    [
        ("你是草包吗", "你是【x】吗", [(2, 5)], [(2, 4)]),
        ("草包", "【x】", [(0, 3)], [(0, 2)]),
        ("草包，蠢货，草包", "【x】，【x】，【x】", [(0, 3), (4, 7), (8, 11)], [(0, 2), (3, 5), (6, 8)]),
        ("你，真，你呢", "【x】你呢", [(0, 3)], [(0, 4)]),
        ("你好", "你好", [], []),
        ("你好", "您好", [], None),
        ("你好啊", "【x】好", [(0, 3)], None),
    ],
)
def test_where_chips_stand_for(original, text, spans, stretches) -> None:
    marked = [MaskSpan(start, end, "abuse.personal") for start, end in spans]
    assert hidden(original, text, marked) == stretches


def test_pieces_are_what_is_no_chip() -> None:
    assert pieces("你【x】吗【x】", [MaskSpan(1, 4, "k"), MaskSpan(5, 8, "k")]) == ["你", "吗", ""]


def test_an_insult_that_a_partial_showed_is_late() -> None:
    mask = StandInMask(ABUSE, in_partials=False)
    total, found = late(shown(mask, partial("你们都"), partial("你们都是炒包"), final("你们都是草包。")))
    assert total == 1
    assert [(one.words, one.partial) for one in found] == [("草包", "你们都是炒包")]


def test_an_insult_that_was_hidden_or_held_back_is_not_late() -> None:
    told = (partial("你们都是草包"), final("你们都是草包。"))
    assert late(shown(StandInMask(ABUSE), *told)) == (1, [])
    assert late(shown(StandInMask(ABUSE, in_partials=False, tail=1), *told)) == (1, [])


def test_partials_of_an_utterance_before_are_not_of_this_one() -> None:
    mask = StandInMask(ABUSE, in_partials=False)
    told = (partial("草包", 900), final("曹抱。", 1000), final("你们都是草包。", 3000, 2000, "u2"))
    assert late(shown(mask, *told)) == (1, [])


def test_what_is_said_innocently_too_is_not_late() -> None:
    mask = StandInMask({"滚。": "abuse.personal"}, in_partials=False)
    assert late(shown(mask, partial("滚筒洗衣机"), final("滚筒洗衣机。滚。")))[1] == []


THREAT = Line("S1", 0, 2000, "再不退钱，我明天弄死你全家。", spans=(("threat", 5, 13),))


@pytest.mark.parametrize(
    ("text", "written", "written_part", "visible", "visible_part"),
    [
        ("再不退钱我明天弄死你全家。", True, True, False, False),
        ("再不退钱我明天拢死你前家。", False, False, False, False),
        ("再不退钱，我明天龙死你全家", False, True, False, True),
    ],
)
def test_a_clause_is_visible_whole_or_in_part(text, written, written_part, visible, visible_part) -> None:
    # 我明天【弄死你】全家: three syllables are left, and two.
    (gold,) = judge(THREAT, shown(StandInMask(ABUSE), final(text)))
    assert (gold.written, gold.written_part) == (written, written_part)
    assert (gold.visible, gold.visible_part) == (visible, visible_part)


def test_gold_that_stands_in_a_partial_alone_is_visible() -> None:
    line = Line("S1", 0, 2000, "你是草包吗，蠢货", spans=(("personal", 2, 4), ("personal", 6, 8)))
    first, second = judge(line, shown(StandInMask(ABUSE, in_partials=False), partial("你是草包"), final("你是草包吗")))
    assert (first.written, first.visible, first.visible_final, first.chip) == (True, True, False, True)
    assert first.visible_chars
    assert (second.written, second.visible) == (False, False)


def test_gold_that_is_visible_by_sound_alone() -> None:
    line = Line("S1", 0, 2000, "你去死吧", spans=(("personal", 1, 3),))
    (gold,) = judge(line, shown(StandInMask(), final("你去十八")))
    assert (gold.visible, gold.visible_chars) == (True, False)


def test_gold_of_one_syllable_is_its_character_and_not_the_one_said_otherwise() -> None:
    line = Line("S1", 0, 2000, "滚筒坏了，滚", spans=(("personal", 5, 6),))
    (hidden_one,) = judge(line, shown(StandInMask(), final("滚筒坏了，棍。")))
    (visible_one,) = judge(line, shown(StandInMask(), final("滚筒坏了，滚。")))
    assert not hidden_one.visible
    assert visible_one.visible


def test_kinds_hidden_in_a_clean_utterance() -> None:
    mask = StandInMask(ABUSE)
    assert masked_kinds(shown(mask, partial("草包"), final("炒面包。"))) == ({"abuse.personal"}, set())
    assert masked_kinds(shown(mask, partial("炒面"), final("炒面包。"))) == (set(), set())


@pytest.mark.parametrize(
    ("tail", "text", "chars"),
    [(0, "你们都是", 0), (2, "你们都是", 2), (2, "你们都是草包吗的", 2), (1, "你们都是草包吗", 1), (4, "你们都是", 4)],
)
def test_characters_held_back(tail: int, text: str, chars: int) -> None:
    mask = StandInMask(ABUSE, tail=tail)
    (one,) = shown(mask, partial(text))
    assert held_back(one, StandInMask(ABUSE)) == chars


def test_partials_wholly_held_back_and_how_much_later_text_comes() -> None:
    told = shown(StandInMask(ABUSE, tail=2), partial(""), partial("你"), partial("你们都"), final("你们都。"))
    some = partials([told], StandInMask(ABUSE))
    assert some.chars == [1, 2]
    assert some.wholly == 1
    assert some.first_later_ms == [100]
