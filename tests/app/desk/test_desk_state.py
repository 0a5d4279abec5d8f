from __future__ import annotations

from typing import get_args

import pytest

from app.desk.desk_state import DeskState, Phase, delay_text, engine_text, notice_text, phase_text
from app.link import DeskEvent
from core.messages import (
    CallClosed,
    CallOpened,
    EngineState,
    LegEnded,
    LegsOpened,
    Levels,
    NoticeHeard,
    NoticeSet,
    PauseCapture,
    ProcessState,
)
from core.types import Gap, MaskedHypothesis, MaskedUtterance, NoticeState

OPENED = CallOpened("a", 1_000_000, "button")
RUNNING = LegsOpened("a", "Headset", "Headset Monitor", 1_000_000)
CLOSED = CallClosed("a", 1_090_500)


@pytest.mark.parametrize(
    ("events", "phase"),
    [
        ([], "idle"),
        ([OPENED], "opening"),
        ([OPENED, RUNNING], "recording"),
        ([OPENED, RUNNING, PauseCapture("a", True)], "paused"),
        ([OPENED, RUNNING, PauseCapture("a", True), PauseCapture("a", False)], "recording"),
        ([OPENED, RUNNING, PauseCapture("other", True)], "recording"),
        ([OPENED, RUNNING, ProcessState("recorder", "restarting", 1)], "interrupted"),
        ([OPENED, RUNNING, ProcessState("recorder", "failed", 4)], "interrupted"),
        ([OPENED, RUNNING, ProcessState("recorder", "restarting", 1), ProcessState("recorder", "up", 1)], "recording"),
        ([OPENED, RUNNING, ProcessState("recogniser", "restarting", 1)], "recording"),
        ([OPENED, RUNNING, CallClosed("other", 0)], "recording"),
        ([OPENED, RUNNING, CLOSED], "idle"),
        ([OPENED, RUNNING, CLOSED, CallOpened("b", 2_000_000, "voice")], "opening"),
    ],
)
def test_the_light_shows_what_is_captured(state: DeskState, events: list[DeskEvent], phase: Phase) -> None:
    for event in events:
        state.take(event)
    assert state.phase == phase


def test_the_timer_stands_still_after_the_call(state: DeskState) -> None:
    for event in (OPENED, RUNNING, CLOSED):
        state.take(event)
    assert state.elapsed_s == 90


def test_bars_fall_when_the_call_ends(state: DeskState) -> None:
    for event in (OPENED, RUNNING, Levels(-20, -30)):
        state.take(event)
    assert state.levels == Levels(-20, -30)
    state.take(CLOSED)
    assert state.levels == Levels(-90, -90)


def test_a_new_call_is_told_once(qtbot, state: DeskState) -> None:
    told = []
    state.call_opened.connect(lambda: told.append(state.call_id))
    for event in (OPENED, OPENED, CLOSED, CallOpened("b", 2_000_000, "cli")):
        state.take(event)
    assert told == ["a", "b"]


def test_events_without_a_word_change_nothing(qtbot, state: DeskState) -> None:
    with qtbot.assertNotEmitted(state.changed):
        state.take(LegEnded("a", "agent", 0))


def test_captions_of_another_call_are_not_shown(state: DeskState) -> None:
    state.take(OPENED)
    partial = MaskedHypothesis("customer", 0, 500, "您好")
    assert state.take_caption("a", partial)
    assert not state.take_caption("b", partial)


def test_the_mask_that_captions_passed_is_known(qtbot, state: DeskState) -> None:
    state.take(OPENED)
    # Before a caption has come there is nothing that a mask could have missed.
    assert state.masked_by == "rules"
    with qtbot.waitSignal(state.changed):
        state.take_caption("a", MaskedUtterance("u", "customer", 0, 500, "您好", masked_by="none"))
    assert state.masked_by == "none"
    state.take_caption("a", Gap("customer", 0, 500, "device"))
    assert state.masked_by == "none"
    state.take_caption("a", MaskedHypothesis("customer", 0, 500, "您好", masked_by="rules+encoder"))
    assert state.masked_by == "rules+encoder"


@pytest.mark.parametrize(
    ("events", "notice", "asked"),
    [
        ([], "unknown", False),
        ([NoticeSet("a", "played", 0)], "played", False),
        ([NoticeSet("other", "played", 0)], "unknown", False),
        ([NoticeHeard("a", "refusal")], "unknown", True),
        ([NoticeHeard("other", "refusal")], "unknown", False),
        ([NoticeSet("a", "heard", 0), NoticeHeard("a", "refusal")], "heard", True),
        ([NoticeHeard("a", "refusal"), NoticeSet("a", "said", 0)], "said", False),
        ([NoticeHeard("a", "refusal"), NoticeSet("a", "refused", 0)], "refused", False),
        ([NoticeSet("a", "refused", 0), NoticeHeard("a", "refusal")], "refused", False),
        ([NoticeSet("a", "refused", 0), CLOSED, CallOpened("b", 2_000_000, "voice")], "unknown", False),
        ([NoticeHeard("a", "refusal"), CLOSED, CallOpened("b", 2_000_000, "voice")], "unknown", False),
    ],
)
def test_what_is_known_of_the_notice(
    state: DeskState, events: list[DeskEvent], notice: NoticeState, asked: bool
) -> None:
    for event in (OPENED, *events):
        state.take(event)
    assert (state.notice, state.refusal_heard) == (notice, asked)


def test_every_state_of_the_notice_has_words() -> None:
    assert len({notice_text(notice) for notice in get_args(NoticeState)}) == len(get_args(NoticeState))


def test_every_phase_has_words() -> None:
    phases: tuple[Phase, ...] = ("idle", "opening", "recording", "paused", "interrupted")
    assert len({phase_text(phase) for phase in phases}) == len(phases)


def test_engine_and_delay_are_said_in_words() -> None:
    state = EngineState("behind", "small", "cuda", "float16", delay_ms=1240)
    assert engine_text(state) == "Busy·small·CUDA"
    assert delay_text(state) == "Delay 1.2 s"
    assert engine_text(None) == "Captions are starting"
    assert delay_text(None) == "Delay 0.0 s"
