"""What of a call is kept: told in order, told again to a new analyst, and nothing once refused."""

from __future__ import annotations

import pytest

from app.keeping import Keeping
from app.link import DeskEvent
from core.messages import (
    CallClosed,
    CallOpened,
    Caption,
    CapturePaused,
    Message,
    NoticeHeard,
    NoticeSet,
    NumberReadBack,
    NumberShown,
    PauseCapture,
    Role,
    SealedOriginal,
)
from core.types import Gap, MaskedHypothesis, MaskedUtterance, MaskSpan


class Desk:
    def __init__(self) -> None:
        self.told: list[Message] = []
        self.events: list[DeskEvent] = []
        self.to_recogniser: list[Message] = []
        self.keeping = Keeping(self.tell, self.events.append)

    def tell(self, role: Role, message: Message) -> None:
        (self.told if role == "analyst" else self.to_recogniser).append(message)

    def open(self, call_id: str = "a", *, notice_played: bool = False) -> None:
        self.keeping.open_call(CallOpened(call_id, 1, "button"), notice_played=notice_played)

    def notices(self) -> list[str]:
        return [one.state for one in self.told if isinstance(one, NoticeSet)]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.open()
    return desk


def final(call_id: str = "a") -> Caption:
    return Caption(call_id, MaskedUtterance(f"{call_id}-c-0", "customer", 0, 900, "您好", masked_by="rules"), 1000)


SEALED = SealedOriginal("a", "e", "a-c-0", b"sealed")


def test_finals_gaps_and_seals_are_kept_partials_only_shown(desk: Desk) -> None:
    partial = Caption("a", MaskedHypothesis("customer", 0, 500, "您"), 600)
    gap = Caption("a", Gap("agent", 0, 100, "device"), 200)
    for message in (partial, SEALED, final(), gap):
        desk.keeping.hear(message)
    assert desk.told[1:] == [SEALED, final(), gap]
    assert [one for one in desk.events if isinstance(one, Caption)] == [partial, final(), gap]


def test_a_new_analyst_is_told_this_call_and_the_one_before(desk: Desk) -> None:
    desk.keeping.hear(final())
    desk.keeping.close_call()
    desk.open("b")
    desk.keeping.hear(final("b"))
    said = list(desk.told)
    desk.told.clear()
    desk.keeping.tell_again()
    assert desk.told == said
    desk.keeping.close_call()
    desk.open("c")
    desk.told.clear()
    desk.keeping.tell_again()
    assert {one.call_id for one in desk.told} == {"b", "c"}


def test_after_a_refusal_nothing_is_kept_nor_told_again(desk: Desk) -> None:
    desk.keeping.hear(final())
    desk.keeping.set_notice("refused")
    desk.keeping.set_notice("said")
    desk.keeping.hear(SEALED)
    desk.keeping.hear(final())
    assert desk.notices() == ["refused"]
    desk.keeping.close_call()
    desk.told.clear()
    desk.keeping.tell_again()
    assert [type(one) for one in desk.told] == [CallOpened, NoticeSet, CallClosed]
    assert len([one for one in desk.events if isinstance(one, Caption)]) == 2
    assert [one.state for one in desk.to_recogniser] == ["refused"]
    desk.keeping.brief_recogniser()
    assert [one.state for one in desk.to_recogniser] == ["refused", "refused"]


def test_the_notice_of_the_line_and_the_one_that_is_heard() -> None:
    desk = Desk()
    desk.open(notice_played=True)
    desk.keeping.hear(NoticeHeard("a", "notice"))
    assert desk.notices() == ["played"]
    desk.open("b")
    desk.keeping.hear(NoticeHeard("b", "notice"))
    desk.keeping.hear(NoticeHeard("b", "notice"))
    assert desk.notices() == ["played", "heard"]


def test_a_refusal_that_is_heard_is_put_to_the_agent(desk: Desk) -> None:
    desk.keeping.hear(NoticeHeard("a", "refusal"))
    assert desk.events[-1] == NoticeHeard("a", "refusal")
    assert desk.notices() == []
    desk.keeping.set_notice("said")
    desk.keeping.close_call()
    assert desk.notices() == ["said"]


def test_a_refusal_that_nobody_spoke_against_counts(desk: Desk) -> None:
    desk.keeping.hear(final())
    desk.keeping.hear(NoticeHeard("a", "refusal"))
    desk.keeping.close_call()
    assert desk.notices() == ["refused"]
    assert isinstance(desk.told[-1], CallClosed)


def test_a_pause_is_noted(desk: Desk) -> None:
    desk.keeping.hear(PauseCapture("a", paused=True))
    assert desk.events[-1] == PauseCapture("a", paused=True)
    assert desk.told[-1] == CapturePaused("a", paused=True)


def test_reading_back_is_noted_without_the_number(desk: Desk) -> None:
    desk.keeping.hear(NumberReadBack("a", "pii.mobile", "138 0013 8000", "right"))
    desk.keeping.hear(NumberReadBack("a"))
    assert desk.told[-1] == NumberShown("a", "pii.mobile")
    assert not any("8000" in repr(one) for one in desk.told + desk.events)
    assert len([one for one in desk.events if isinstance(one, NumberReadBack)]) == 2


def test_a_wrong_mask_of_the_call_that_has_just_ended(desk: Desk) -> None:
    desk.keeping.close_call()
    desk.keeping.mark_wrong("a-c-0", MaskSpan(2, 9, "abuse.personal"))
    marked = desk.told[-1]
    assert (marked.call_id, marked.utterance_id, marked.start, marked.end) == ("a", "a-c-0", 2, 9)
