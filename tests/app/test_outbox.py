"""Messages on their way up the pipe."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outbox import Outbox
from core.messages import AudioChunk, CaptureGap, LegEnded, Levels, Message
from core.types import Gap, Leg

LIMIT_SAMPLES = 1600
CHUNK_SAMPLES = 160


class Parent:
    """Reads messages, once it is let."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.reading = threading.Event()
        self.stuck = threading.Event()

    def send(self, message: Message) -> None:
        self.stuck.set()
        self.reading.wait()
        self.received.append(message)


def chunk(number: int, leg: Leg = "customer") -> AudioChunk:
    return AudioChunk("c", leg, number * CHUNK_SAMPLES, bytes(2 * CHUNK_SAMPLES))


@pytest.fixture
def parent() -> Parent:
    return Parent()


@pytest.fixture
def outbox(parent: Parent) -> Outbox:
    """An outbox whose sender is stuck on a first message."""
    box = Outbox(parent.send, audio_limit_samples=LIMIT_SAMPLES)
    box.put(LegEnded("before", "agent", 0))
    assert parent.stuck.wait(5)
    return box


def finish(parent: Parent, outbox: Outbox) -> list[Message]:
    parent.reading.set()
    outbox.close(10)
    return parent.received[1:]


def test_sends_in_order_while_the_parent_reads(parent: Parent) -> None:
    outbox = Outbox(parent.send)
    parent.reading.set()
    messages = [chunk(0), LegEnded("c", "agent", 5), chunk(1), chunk(0, "agent")]
    for message in messages:
        outbox.put(message)
    outbox.close(10)
    assert parent.received == messages


def test_a_parent_that_does_not_read_costs_the_oldest_sound_told_as_one_gap(parent: Parent, outbox: Outbox) -> None:
    for number in range(15):
        outbox.put(chunk(number))
    outbox.put(LegEnded("c", "customer", 15 * CHUNK_SAMPLES))
    received = finish(parent, outbox)
    assert received == [
        CaptureGap("c", Gap("customer", 0, 50, "overflow")),
        *[chunk(number) for number in range(5, 15)],
        LegEnded("c", "customer", 15 * CHUNK_SAMPLES),
    ]


def test_a_leg_that_overflows_costs_the_other_nothing(parent: Parent, outbox: Outbox) -> None:
    outbox.put(chunk(0, "agent"))
    for number in range(12):
        outbox.put(chunk(number))
    received = finish(parent, outbox)
    assert [m for m in received if isinstance(m, AudioChunk) and m.leg == "agent"] == [chunk(0, "agent")]
    assert CaptureGap("c", Gap("customer", 0, 20, "overflow")) in received


def test_only_the_last_levels_are_kept(parent: Parent, outbox: Outbox) -> None:
    for number in range(5):
        outbox.put(Levels(-float(number), -90.0))
    outbox.put(chunk(0))
    assert finish(parent, outbox) == [chunk(0), Levels(-4.0, -90.0)]


def test_closing_gives_up_on_a_parent_that_never_reads(parent: Parent, outbox: Outbox) -> None:
    outbox.put(chunk(0))
    outbox.close(0.05)
    assert parent.received == []
    parent.reading.set()


@given(st.lists(st.tuples(st.sampled_from(["agent", "customer"]), st.booleans()), max_size=120))
def test_every_sample_is_sent_or_lies_in_a_gap_in_order(script: list[tuple[Leg, bool]]) -> None:
    parent = Parent()
    outbox = Outbox(parent.send, audio_limit_samples=LIMIT_SAMPLES)
    ends: dict[Leg, int] = {"agent": 0, "customer": 0}
    for leg, paused in script:
        if paused:
            start_ms = ends[leg] * 10
            outbox.put(CaptureGap("c", Gap(leg, start_ms, start_ms + 10, "paused")))
        else:
            outbox.put(chunk(ends[leg], leg))
        ends[leg] += 1
    parent.reading.set()
    outbox.close(10)
    for leg, end in ends.items():
        position_ms = 0
        for message in parent.received:
            if isinstance(message, CaptureGap) and message.gap.leg == leg:
                assert message.gap.start_ms == position_ms
                position_ms = message.gap.end_ms
            elif isinstance(message, AudioChunk) and message.leg == leg:
                assert message.start_sample == position_ms * 16
                position_ms += 10
        assert position_ms == end * 10
