"""A source kept open."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from app import device_loop
from app.device_loop import DeviceLoop
from core.errors import BadInput, DeviceFault, TingbanError
from core.types import AudioFrame, Gap, Leg

WAIT_S = 10.0


class Source:
    """Delivers some frames, then ends, fails or waits to be closed."""

    legs: tuple[Leg, ...] = ("agent",)
    name = "desk microphone"

    def __init__(self, frames: int, then: Exception | str) -> None:
        self._frames = frames
        self._then = then
        self.closed = threading.Event()

    def frames(self) -> Iterator[AudioFrame]:
        for number in range(self._frames):
            yield AudioFrame("agent", number * 320, np.zeros(320, dtype=np.float32))
        if isinstance(self._then, Exception):
            raise self._then
        if self._then == "wait":
            assert self.closed.wait(WAIT_S)

    def dropped(self) -> list[Gap]:
        return []

    def close(self) -> None:
        self.closed.set()


class Sink:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: queue.Queue[tuple[Any, ...]] = queue.Queue()

    def opened(self, name: str) -> None:
        self.told.put(("opened", name))

    def frame(self, frame: AudioFrame, gaps: list[Gap]) -> None:
        self.told.put(("frame", frame.start_sample, gaps))

    def failed(self, fault: TingbanError, *, retrying: bool) -> None:
        self.told.put(("failed", fault.sentence, retrying))

    def ended(self) -> None:
        self.told.put(("ended",))

    def next(self) -> tuple[Any, ...]:
        return self.told.get(timeout=WAIT_S)


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_loop, "FIRST_RETRY_S", 0.001)
    monkeypatch.setattr(device_loop, "LONGEST_RETRY_S", 0.005)


def loop(*sources: Source | TingbanError, sink: Sink) -> DeviceLoop:
    """A running loop whose attempts to open give these, one after the other."""
    attempts = iter(sources)

    def open_source() -> Source:
        made = next(attempts)
        if isinstance(made, TingbanError):
            raise made
        return made

    go = threading.Event()
    go.set()
    running = DeviceLoop("test", open_source, sink, go)
    running.start()
    return running


def test_a_source_that_ends_is_not_opened_again() -> None:
    sink = Sink()
    running = loop(Source(1, "end"), sink=sink)
    assert [sink.next() for _ in range(3)] == [("opened", "desk microphone"), ("frame", 0, []), ("ended",)]
    running.join(WAIT_S)
    assert not running.crashed


def test_a_device_that_goes_is_told_once_and_tried_until_it_is_back() -> None:
    sink = Sink()
    fault = DeviceFault("Gone.")
    running = loop(Source(1, fault), fault, fault, fault, Source(0, "wait"), sink=sink)
    assert [sink.next() for _ in range(4)] == [
        ("opened", "desk microphone"),
        ("frame", 0, []),
        ("failed", "Gone.", True),
        ("opened", "desk microphone"),
    ]
    running.stop()
    assert sink.next() == ("ended",)


def test_bad_input_is_not_tried_again() -> None:
    sink = Sink()
    loop(BadInput("No such file."), sink=sink)
    assert [sink.next(), sink.next()] == [("failed", "No such file.", False), ("ended",)]


def test_frames_wait_for_the_word_and_the_device_does_not() -> None:
    sink = Sink()
    go = threading.Event()
    running = DeviceLoop("test", lambda: Source(1, "end"), sink, go)
    running.start()
    assert running.tried.wait(WAIT_S)
    assert sink.next() == ("opened", "desk microphone")
    assert sink.told.empty()
    go.set()
    assert sink.next() == ("frame", 0, [])


def test_stopping_closes_the_source() -> None:
    sink = Sink()
    source = Source(0, "wait")
    running = loop(source, sink=sink)
    assert sink.next()[0] == "opened"
    running.stop()
    assert source.closed.is_set()
    assert not running.is_alive()


def test_stopping_gives_up_on_a_driver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_loop, "JOIN_S", 0.01)
    sink = Sink()
    opening = threading.Event()
    source = Source(3, "end")

    def hang() -> Source:
        assert opening.wait(WAIT_S)
        return source

    go = threading.Event()
    running = DeviceLoop("test", hang, sink, go)
    running.start()
    running.stop()
    assert running.is_alive()
    opening.set()
    running.join(WAIT_S)
    assert source.closed.is_set()
    assert [sink.next()] == [("ended",)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_the_thread_is_seen() -> None:
    running = loop(Source(0, KeyError("a bug")), sink=Sink())
    running.join(WAIT_S)
    assert running.crashed
