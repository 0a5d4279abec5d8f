from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database import Store
from core.messages import CallClosed, CallOpened
from core.types import CallRecord
from records import CallLog

NUMBER = "13800138000"


@pytest.fixture
def calls(store: Store) -> CallLog:
    return CallLog(store)


def test_a_call_that_began_and_ended_is_listed(calls: CallLog) -> None:
    calls.open_call(CallOpened("a", 1000, "cli"))
    assert calls.list(10) == [CallRecord("a", 1000, None, "cli")]
    calls.close_call(CallClosed("a", 5000))
    assert calls.list(10) == [CallRecord("a", 1000, 5000, "cli")]


def test_the_latest_come_first_and_no_more_than_asked(calls: CallLog) -> None:
    for name, started in (("a", 2000), ("b", 3000), ("c", 1000)):
        calls.open_call(CallOpened(name, started, "button"))
    assert [call.id for call in calls.list(2)] == ["b", "a"]


def test_what_is_told_twice_changes_nothing(calls: CallLog) -> None:
    assert calls.open_call(CallOpened("a", 1000, "cli"))
    assert calls.close_call(CallClosed("a", 5000))
    assert not calls.open_call(CallOpened("a", 7000, "voice"))
    assert not calls.close_call(CallClosed("a", 9000))
    assert calls.list(10) == [CallRecord("a", 1000, 5000, "cli")]


def test_the_end_of_an_unknown_call_is_passed_over(calls: CallLog) -> None:
    calls.close_call(CallClosed("a", 5000))
    assert calls.list(10) == []


def test_the_log_of_calls_keeps_neither_number_nor_customer(calls: CallLog, store: Store) -> None:
    calls.open_call(CallOpened("a", 1000, "softphone", NUMBER, "customer-88"))
    with store.reading() as db:
        kept = [str(value) for table in db.table_names() for row in db[table].rows for value in row.values()]
    assert "softphone" in kept
    assert not any(NUMBER in value or "customer-88" in value for value in kept)


EVENTS = st.one_of(
    st.builds(CallOpened, st.sampled_from("abc"), st.integers(0, 9), st.sampled_from(["cli", "voice"])),
    st.builds(CallClosed, st.sampled_from("abc"), st.integers(10, 19)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(EVENTS, max_size=8))
def test_telling_everything_again_changes_nothing(calls: CallLog, events: list[CallOpened | CallClosed]) -> None:
    def tell() -> None:
        for event in events:
            calls.open_call(event) if isinstance(event, CallOpened) else calls.close_call(event)

    tell()
    tell()  # an end told before its beginning counts from here on
    told_once_more = calls.list(100)
    tell()
    assert calls.list(100) == told_once_more
