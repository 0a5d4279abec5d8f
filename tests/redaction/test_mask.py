"""The mask of a call: partials hold back what may still grow, finals go to the seal, later words mask earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import Hypothesis, Leg, MaskedUtterance, Utterance, Word
from redaction.finding import Finding, Partial
from redaction.mask import REMEMBERED_FINALS, RuleMask


class Words:
    """Finds certain words; a tail that begins one is held back, and what follows a word that may become one."""

    def __init__(self, *words: str, doubts: Sequence[str] = ()) -> None:
        self._words = words
        self._doubts = doubts

    def find(self, text: str, doubts: Collection[int] = ()) -> list[Finding]:
        found = [Finding(place, place + 1, "abuse.threat") for place in doubts]
        for word in self._words:
            at = text.find(word)
            while at >= 0:
                found.append(Finding(at, at + len(word), "abuse.personal"))
                at = text.find(word, at + len(word))
        return sorted(found, key=lambda one: one.start)

    def partial(self, text: str) -> Partial:
        tails = [size for word in self._words for size in range(1, len(word)) if text.endswith(word[:size])]
        doubtful = [text.find(word) for word in self._doubts if word in text]
        return Partial(self.find(text), min([*doubtful, len(text) - max(tails, default=0)]))


class Seal:
    def __init__(self) -> None:
        self.sealed: list[Utterance] = []

    def __call__(self, utterance: Utterance) -> str:
        self.sealed.append(utterance)
        return f"e/{utterance.id}"


@pytest.fixture
def seal() -> Seal:
    return Seal()


@pytest.fixture
def mask(seal: Seal) -> RuleMask:
    mask = RuleMask([Words("坏蛋", "大坏蛋")], seal)
    mask.begin_call("a")
    return mask


def partial(text: str, stable_chars: int = 0) -> Hypothesis:
    return Hypothesis("customer", 0, 900, text, stable_chars)


def final(text: str, at_s: int = 0, leg: Leg = "customer", words: tuple[Word, ...] = ()) -> Utterance:
    return Utterance(f"a-{leg[0]}-{at_s * 1000}", leg, at_s * 1000, at_s * 1000 + 900, text, words, 0.9)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("你好", "你好"),
        ("你这个大", "你这个"),
        ("你这个大坏", "你这个"),
        ("你这个大坏蛋", "你这个【辱骂·人身攻击】"),
        ("你这个坏人", "你这个坏人"),
        ("坏蛋坏", "【辱骂·人身攻击】"),
        ("大", ""),
    ],
)
def test_a_partial_shows_no_word_that_may_still_grow_into_an_insult(mask: RuleMask, text: str, shown: str) -> None:
    masked = mask.mask_hypothesis(partial(text))
    assert masked.text == shown
    assert masked.masked_by == "rules"
    assert [masked.text[span.start : span.end] for span in masked.spans] == ["【辱骂·人身攻击】"] * shown.count("【")


def test_a_partial_stops_where_later_words_may_make_it_an_insult() -> None:
    mask = RuleMask([Words("坏蛋", doubts=["垃圾"])])
    heard = "坏蛋，这垃圾你们自己"
    shown = mask.mask_hypothesis(Hypothesis("customer", 0, 1_000, heard, len(heard)))
    assert shown.text == "【辱骂·人身攻击】，这"
    assert shown.stable_chars == len(shown.text)
    assert mask.mask_utterance(Utterance("u", "customer", 0, 1_000, heard)).text == "【辱骂·人身攻击】，这垃圾你们自己"


@pytest.mark.parametrize(("stable", "moved"), [(0, 0), (3, 3), (5, 12), (6, 12), (7, 13)])
def test_the_stable_part_of_a_partial_moves_with_the_text(mask: RuleMask, stable: int, moved: int) -> None:
    masked = mask.mask_hypothesis(partial("你这个大坏蛋！", stable))
    assert masked.text == "你这个【辱骂·人身攻击】！"
    assert masked.stable_chars == moved


def test_a_final_is_sealed_before_it_is_shown_and_only_if_something_is_hidden(mask: RuleMask, seal: Seal) -> None:
    clean = mask.mask_utterance(final("您好"))
    assert (clean.text, clean.sealed_ref, seal.sealed) == ("您好", None, [])
    heard = final("你这个坏蛋", 2, words=(Word("你这个", 2000, 2300, 0.9), Word("坏蛋", 2300, 2900, 0.8)))
    masked = mask.mask_utterance(heard)
    assert masked == MaskedUtterance(
        heard.id,
        "customer",
        2000,
        2900,
        "你这个【辱骂·人身攻击】",
        (Word("你这个", 2000, 2300, 0.9), Word("【辱骂·人身攻击】", 2300, 2900, 0.8)),
        0.9,
        masked.spans,
        "rules",
        f"e/{heard.id}",
    )
    mask.mask_utterance(heard)
    assert seal.sealed == [heard]


def test_without_a_seal_there_is_no_reference() -> None:
    mask = RuleMask([Words("坏蛋")])
    assert mask.mask_utterance(final("坏蛋")).sealed_ref is None


def test_a_number_told_in_two_parts_masks_the_first_part_again(mask: RuleMask, seal: Seal) -> None:
    asked = mask.mask_utterance(final("请报一下您的手机号。", 0, "agent"))
    first = mask.mask_utterance(final("幺三九零零", 3))
    mask.mask_utterance(final("嗯", 5, "agent"))
    second = mask.mask_utterance(final("二七六四五幺", 6))
    assert asked.spans == ()
    assert [span.kind for span in second.spans] == ["pii.mobile"]
    assert (second.spans[0].kept, second.spans[0].checksum) == ("····6451", "right")
    shown = {one.id: one for one in [first, *mask.revised()]}
    assert "三九" not in shown[first.id].text
    assert shown[first.id].sealed_ref == f"e/{first.id}"
    assert mask.revised() == []
    assert len(seal.sealed) == 2
    number = mask.latest_number()
    assert number is not None
    assert (number.kind, number.number, number.checksum, number.sure) == ("pii.mobile", "139 0027 6451", "right", True)
    assert "6451" not in repr(number)


def test_a_partial_that_goes_on_with_a_number_is_masked(mask: RuleMask) -> None:
    mask.mask_utterance(final("我的手机号是幺三八零零", 0))
    assert "八零零零" not in mask.mask_hypothesis(partial("幺三八零零零")).text


def test_the_next_call_knows_no_number_of_this_one(mask: RuleMask) -> None:
    mask.mask_utterance(final("我的手机号是13800138000", 0))
    assert mask.latest_number() is not None
    mask.begin_call("b")
    assert mask.latest_number() is None
    assert mask.numbers() == []


def test_memory_is_bounded(mask: RuleMask) -> None:
    for at_s in range(3 * REMEMBERED_FINALS):
        mask.mask_utterance(final("坏蛋，幺三八零零幺三八", at_s))
    assert len(mask._heard) == len(mask._sealed) == REMEMBERED_FINALS


@given(st.lists(st.sampled_from(["大", "坏", "蛋", "坏蛋", "你", "好，"]), max_size=12))
def test_whatever_a_partial_shows_the_final_shows_too(pieces: list[str]) -> None:
    """Nothing that is hidden at the end was visible on the way."""
    mask = RuleMask([Words("坏蛋", "大坏蛋")])
    text = "".join(pieces)
    whole = mask.mask_utterance(final(text)).text
    for size in range(len(text) + 1):
        assert whole.startswith(mask.mask_hypothesis(partial(text[:size])).text)


def test_finders_are_told_where_the_recogniser_doubts(mask: RuleMask) -> None:
    words = (Word("我", 0, 100, 0.99), Word("隔", 100, 200, 0.4), Word("你", 200, 300, 0.81))
    shown = mask.mask_utterance(Utterance("a-c-1", "customer", 0, 300, "我隔你", words))
    assert [span.kind for span in shown.spans] == ["abuse.threat"]
    assert shown.text.startswith("我")
    assert shown.text.endswith("你")
