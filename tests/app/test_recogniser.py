"""The recogniser's process: audio in, masked captions out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.messages import (
    Acknowledged,
    AudioChunk,
    BeginCall,
    CallFinished,
    Caption,
    CaptureGap,
    EndCall,
    EngineState,
    Fault,
    LegsOpened,
    Message,
    Ready,
)
from core.types import Gap, Leg, MaskedHypothesis, MaskedUtterance
from tests.harness.speech import call, char_errors, turns
from tests.harness.worker import Worker

DEADLINE_S = 60.0
ENTRY = "from app.recogniser import main; raise SystemExit(main())"
AGENT, CUSTOMER = turns()[-3:-1]
BEGIN = 50_400 * 16
"""In the silence before the two turns."""

END = 56_000 * 16


@pytest.fixture
def worker(desk_with_models: Path) -> Iterator[Worker]:
    one = Worker("", os.environ, code=ENTRY)
    yield one
    assert one.stop() == 0


def feed(worker: Worker, call_id: str, leg: Leg, start: int = BEGIN, stop: int = END) -> None:
    pcm = np.rint(call()[leg][start:stop] * 32767).astype("<i2")
    for at in range(0, len(pcm), 640):
        worker.send(AudioChunk(call_id, leg, start + at, pcm[at : at + 640].tobytes()))


def finals(worker: Worker, call_id: str) -> list[MaskedUtterance]:
    return [one.item for one in worker.of(Caption) if one.call_id == call_id and isinstance(one.item, MaskedUtterance)]


def finished(call_id: str) -> object:
    return lambda messages: CallFinished(call_id) in messages


@pytest.mark.model
def test_calls_are_written_down(worker: Worker) -> None:
    worker.wait_for(lambda messages: any(isinstance(one, Ready) for one in messages), DEADLINE_S)
    loading, ready = worker.messages[:2]
    assert (loading.state, loading.model) == ("loading", "base")
    assert ready.role == "recogniser"
    assert ready.detail

    # Of a call that nobody began nothing is written; its end is answered all the same.
    feed(worker, "unknown", "agent")
    worker.send(CaptureGap("unknown", Gap("agent", 0, 100, "device")))
    worker.send(EndCall("unknown"))
    worker.wait_for(finished("unknown"), DEADLINE_S)
    assert worker.of(Caption) == []

    worker.send(BeginCall("c1"))
    worker.send(LegsOpened("c1", "mic", "speaker", 0))
    for leg in ("agent", "customer"):
        feed(worker, "c1", leg)
    worker.wait_for(lambda _: len(finals(worker, "c1")) == 2, DEADLINE_S)
    # All will be called written, but for the pre-roll of what might come next.
    near_end = {"agent", "customer"}
    worker.wait_for(
        lambda _: {one.leg for one in worker.of(Acknowledged) if one.sample >= END - 16_000} == near_end, DEADLINE_S
    )
    gap = Gap("agent", 56_000, 57_000, "paused")
    worker.send(CaptureGap("c1", gap))
    worker.send(EndCall("c1"))
    messages = worker.wait_for(finished("c1"), DEADLINE_S)

    by_leg = {one.leg: one for one in finals(worker, "c1")}
    for turn in (AGENT, CUSTOMER):
        one = by_leg[turn.leg]
        assert char_errors(turn.text, one.text) <= 2
        assert (one.id, one.masked_by) == (f"c1-{turn.leg[0]}-{one.start_ms}", "rules")
        assert abs(one.end_ms - turn.end_ms) < 150
    captions = [one.item for one in messages if isinstance(one, Caption)]
    assert captions.count(gap) == 1
    assert not any(isinstance(one, Caption) for one in messages[messages.index(CallFinished("c1")) :])
    for leg in ("agent", "customer"):
        samples = [one.sample for one in worker.of(Acknowledged) if one.leg == leg]
        assert samples == sorted(set(samples))
        # The gap is over with, and may be said to be before the call ends.
        assert samples[-1] <= gap.end_ms * 16
    # Sample 0 was heard in 1970: by the wall clock every caption came long after.
    assert all(one.emitted_ms > 10**12 for one in messages if isinstance(one, Caption))
    states = {one.state for one in worker.of(EngineState)}
    assert states & {"listening", "behind"}


@pytest.mark.model
def test_a_new_call_drops_the_one_before(worker: Worker) -> None:
    worker.send(BeginCall("c1"))
    feed(worker, "c1", "agent", stop=BEGIN + 40_000)
    worker.send(BeginCall("c2"))
    feed(worker, "c1", "agent", start=BEGIN + 40_000)
    feed(worker, "c2", "customer")
    worker.send(EndCall("c1"))
    worker.send(EndCall("c2"))
    worker.wait_for(finished("c2"), DEADLINE_S)
    assert CallFinished("c1") in worker.messages
    assert finals(worker, "c1") == []
    assert [one.leg for one in finals(worker, "c2")] == ["customer"]


@pytest.mark.model
def test_between_calls_it_says_that_it_is_ready(worker: Worker) -> None:
    def ready(messages: list[Message]) -> bool:
        return any(isinstance(one, EngineState) and one.state == "ready" for one in messages)

    worker.wait_for(ready, DEADLINE_S)
    state = next(one for one in worker.of(EngineState) if one.state == "ready")
    assert (state.model, state.device, state.delay_ms, state.partials) == ("base", "cpu", 0, "on")
    assert state.threads >= 1
    assert not any(isinstance(one, MaskedHypothesis) for one in worker.messages)


def test_without_weights_it_says_what_to_do_and_ends(desk_folder: Path) -> None:
    worker = Worker("", os.environ, code=ENTRY)
    worker.wait_for(lambda messages: any(isinstance(one, Fault) for one in messages), DEADLINE_S)
    (fault,) = worker.of(Fault)
    assert (fault.role, fault.code, fault.fatal) == ("recogniser", "model", True)
    assert "not installed" in fault.detail
    assert "models fetch" in fault.remedy
    assert worker.process.wait(DEADLINE_S) == 3
    worker.stop()
