"""Rows come in the order in which people began to speak; finals stay; nothing is lost, repeated or reset."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.desk.transcript_model import LegFilter, TranscriptModel, clock_text
from core.types import Gap, Leg, MaskedHypothesis, MaskedUtterance
from tests.app.desk import captions
from tests.app.desk.captions import Hidden


def partial(leg: Leg, start_ms: int, text: str) -> MaskedHypothesis:
    return MaskedHypothesis(leg, start_ms, start_ms + 500, text)


def final(name: str, leg: Leg, start_ms: int, text: str | None = None) -> MaskedUtterance:
    return MaskedUtterance(name, leg, start_ms, start_ms + 900, name if text is None else text)


def rows(model: TranscriptModel) -> list[tuple[str, str]]:
    return [(model.row_at(at).kind, model.row_at(at).text) for at in range(model.rowCount())]


@pytest.fixture
def model(qapp) -> TranscriptModel:
    model = TranscriptModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.modelReset.connect(lambda: pytest.fail("the model was reset"))
    return model


def test_a_partial_turns_into_its_final_in_the_same_row(model: TranscriptModel) -> None:
    model.add(partial("customer", 0, "您"))
    inserted, removed = [], []
    model.rowsInserted.connect(lambda *_: inserted.append(1))
    model.rowsRemoved.connect(lambda *_: removed.append(1))
    model.add(partial("customer", 0, "您好"))
    model.add(final("您好。", "customer", 10))
    assert rows(model) == [("final", "您好。")]
    assert (inserted, removed) == ([], [])


def test_both_legs_keep_the_order_in_which_they_began(model: TranscriptModel) -> None:
    model.add(partial("customer", 0, "我想问"))
    model.add(partial("agent", 400, "嗯"))
    model.add(final("嗯。", "agent", 400))
    model.add(final("我想问一下。", "customer", 0))
    assert rows(model) == [("final", "我想问一下。"), ("final", "嗯。")]


def test_a_shown_final_never_moves_for_a_late_one(model: TranscriptModel) -> None:
    model.add(final("二", "agent", 2000))
    model.add(final("一", "customer", 1000))
    assert [text for _, text in rows(model)] == ["二", "一"]


def test_a_final_goes_before_a_partial_that_began_later(model: TranscriptModel) -> None:
    model.add(partial("agent", 5000, "然后"))
    model.add(final("早", "customer", 4000))
    assert rows(model) == [("final", "早"), ("partial", "然后")]


def test_a_final_leaves_the_partial_of_the_next_utterance(model: TranscriptModel) -> None:
    model.add(partial("customer", 2000, "下一句"))
    model.add(final("上一句", "customer", 0))
    assert rows(model) == [("final", "上一句"), ("partial", "下一句")]
    model.add(final("下一句。", "customer", 2000))
    assert rows(model) == [("final", "上一句"), ("final", "下一句。")]


def test_a_repeated_final_changes_nothing_but_clears_its_partial(model: TranscriptModel) -> None:
    model.add(final("一", "customer", 0))
    model.add(partial("customer", 0, "一"))
    model.add(final("一", "customer", 0))
    assert rows(model) == [("final", "一")]


@pytest.mark.parametrize("empty", [partial("customer", 0, ""), final("nothing", "customer", 0, "")])
def test_empty_text_takes_the_partial_away(model: TranscriptModel, empty: MaskedHypothesis | MaskedUtterance) -> None:
    model.add(partial("customer", 0, "请不吝"))
    model.add(empty)
    assert rows(model) == []


def test_a_gap_is_said_in_words(model: TranscriptModel) -> None:
    model.add(Gap("agent", 61_000, 63_000, "paused"))
    said = model.index(0).data()
    assert said == "01:01–01:03 Nothing from Agent: paused by you"


def pause(leg: Leg, start_ms: int, end_ms: int) -> Gap:
    return Gap(leg, start_ms, end_ms, "paused")


def said(model: TranscriptModel) -> list[object]:
    return [model.index(at).data() for at in range(model.rowCount())]


def test_a_pause_of_both_sides_is_one_row(model: TranscriptModel) -> None:
    model.add(pause("agent", 61_000, 63_000))
    model.add(final("嗯。", "customer", 63_100))
    model.add(pause("customer", 60_900, 63_060))
    assert said(model) == ["01:00–01:03 Both sides paused", "Customer 01:03 嗯。"]
    # The next pause is one of its own, and so is what one side alone has missed.
    model.add(pause("customer", 70_000, 72_000))
    assert said(model)[2:] == ["01:10–01:12 Nothing from Customer: paused by you"]
    model.add(pause("agent", 70_000, 75_000))
    model.add(Gap("agent", 70_000, 72_000, "device"))
    assert model.rowCount() == 5


def test_a_pause_of_both_sides_is_seen_with_the_customer_alone(model: TranscriptModel) -> None:
    shown = LegFilter()
    shown.setSourceModel(model)
    shown.show_customer_only(True)
    model.add(pause("agent", 1000, 2000))
    assert shown.rowCount() == 0
    model.add(pause("customer", 1000, 2000))
    assert shown.rowCount() == 1
    assert shown.index(0, 0).data() == "00:01–00:02 Both sides paused"


def watched(model: TranscriptModel) -> list[tuple[str, int]]:
    seen: list[tuple[str, int]] = []
    model.rowsInserted.connect(lambda _, first, __: seen.append(("inserted", first)))
    model.rowsRemoved.connect(lambda _, first, __: seen.append(("removed", first)))
    model.dataChanged.connect(lambda first, *_: seen.append(("changed", first.row())))
    return seen


def test_a_final_told_anew_is_replaced_where_it_stands(model: TranscriptModel) -> None:
    model.add(captions.final("u1", "customer", 0, "号码是一三八"))
    model.add(final("好的。", "agent", 1000))
    model.add(partial("customer", 2000, "零零"))
    key = model.row_at(0).key
    seen = watched(model)
    model.add(captions.final("u1", "customer", 0, "号码是", Hidden("pii.mobile", "…")))
    assert seen == [("changed", 0)]
    assert said(model) == ["Customer 00:00 号码是[Mobile …]", "Agent 00:01 好的。", "Customer 00:02 (speaking) 零零"]
    assert model.row_at(0).key == key


def test_a_final_told_again_as_it_was_changes_nothing(model: TranscriptModel) -> None:
    one = captions.final("u1", "customer", 0, "号码是", Hidden("pii.mobile", "····8000"))
    model.add(one)
    row = model.row_at(0)
    seen = watched(model)
    model.add(one)
    assert seen == []
    assert model.row_at(0) is row


def test_other_chips_alone_are_a_revision_too(model: TranscriptModel) -> None:
    model.add(captions.final("u1", "customer", 0, Hidden("pii.mobile", sure=False)))
    model.add(captions.final("u1", "customer", 0, Hidden("pii.mobile")))
    assert said(model) == ["Customer 00:00 [Mobile]"]


def test_a_partial_may_change_its_chips_alone(model: TranscriptModel) -> None:
    model.add(captions.partial("customer", 0, Hidden("pii.mobile", sure=False)))
    model.add(captions.partial("customer", 0, Hidden("pii.mobile")))
    assert said(model) == ["Customer 00:00 (speaking) [Mobile]"]


def test_a_chip_of_a_final_is_marked_once(model: TranscriptModel) -> None:
    item = captions.final("u1", "customer", 0, Hidden("abuse.threat"), "，", Hidden("pii.name"))
    threat, name = item.spans
    model.add(captions.partial("customer", 0, Hidden("abuse.threat")))
    assert not model.mark_wrong("", threat)
    model.add(item)
    assert model.mark_wrong("u1", threat)
    assert not model.mark_wrong("u1", threat)
    assert not model.mark_wrong("u2", name)
    assert not model.mark_wrong("u1", replace(threat, start=1))
    assert said(model) == ["Customer 00:00 [Threat, marked as masked wrongly]，[Name]"]
    assert model.index(0).data(Qt.ItemDataRole.AccessibleDescriptionRole) == "Threat, Marked as masked wrongly; Name"


def test_a_mark_stays_with_its_chip_when_the_final_is_told_anew(model: TranscriptModel) -> None:
    first = captions.final("u1", "customer", 0, Hidden("abuse.threat"), "，一三八")
    model.add(first)
    model.mark_wrong("u1", first.spans[0])
    model.add(captions.final("u1", "customer", 0, Hidden("abuse.threat"), "，", Hidden("pii.mobile", "…")))
    assert said(model) == ["Customer 00:00 [Threat, marked as masked wrongly]，[Mobile …]"]


def test_partials_go_when_the_call_ends_and_all_when_the_next_begins(model: TranscriptModel) -> None:
    model.add(final("一", "customer", 0))
    model.add(partial("customer", 2000, "二"))
    model.add(partial("agent", 2000, "三"))
    model.end_call()
    assert rows(model) == [("final", "一")]
    model.clear()
    assert rows(model) == []
    model.add(final("一", "customer", 0))
    assert rows(model) == [("final", "一")]


def test_a_row_is_one_line_for_the_screen_reader(model: TranscriptModel) -> None:
    model.add(final("您好。", "agent", 65_000))
    model.add(partial("customer", 66_000, "我"))
    assert model.index(0).data() == "Agent 01:05 您好。"
    assert model.index(1).data() == "Customer 01:06 (speaking) 我"


def test_the_filter_shows_the_customer_alone(model: TranscriptModel) -> None:
    shown = LegFilter()
    shown.setSourceModel(model)
    for number in range(4):
        model.add(final(f"{number}", "customer" if number % 2 else "agent", number * 1000))
    model.add(partial("agent", 9000, "嗯"))
    shown.show_customer_only(True)
    assert [shown.index(at, 0).data() for at in range(shown.rowCount())] == ["Customer 00:01 1", "Customer 00:03 3"]
    shown.show_customer_only(False)
    assert shown.rowCount() == 5


def test_clock() -> None:
    assert [clock_text(time_ms) for time_ms in (0, 59_999, 3_599_000, 3_600_000)] == [
        "00:00",
        "00:59",
        "59:59",
        "1:00:00",
    ]


legs = st.sampled_from(["agent", "customer"])
told = st.one_of(
    st.builds(partial, legs, st.integers(0, 60_000), st.text("字句", max_size=4)),
    st.builds(final, st.text("abcdef", min_size=1, max_size=2), legs, st.integers(0, 60_000)),
    st.builds(lambda leg, start_ms: Gap(leg, start_ms, start_ms + 100, "overflow"), legs, st.integers(0, 60_000)),
)


@given(st.lists(told, max_size=40))
@settings(deadline=None)
def test_finals_are_shown_once_and_keep_their_order(qapp, items: list) -> None:
    model = TranscriptModel()
    order: list[int] = []
    for item in items:
        model.add(item)
        keys = [model.row_at(at).key for at in range(model.rowCount()) if model.row_at(at).kind != "partial"]
        # Whatever came, rows that had settled stand in the order they stood in.
        assert [key for key in keys if key in order] == order
        order = keys
        partial_legs = [model.row_at(at).leg for at in range(model.rowCount()) if model.row_at(at).kind == "partial"]
        assert len(partial_legs) == len(set(partial_legs))
    shown = sorted(text for kind, text in rows(model) if kind == "final")
    assert shown == sorted({item.id for item in items if isinstance(item, MaskedUtterance)})
    assert sum(kind == "gap" for kind, _ in rows(model)) == sum(isinstance(item, Gap) for item in items)
    assert not model.index(0).parent().isValid()
    assert model.rowCount(QModelIndex()) == len(rows(model))
