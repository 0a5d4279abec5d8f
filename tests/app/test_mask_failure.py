"""A mask that fails: what it fails on is not shown, the window is told once a call, and the call goes on."""

from __future__ import annotations

import logging
import threading

import pytest

from app.masking import NoMask
from app.recogniser import RecogniserProcess, _Call
from core.messages import Caption, Fault, Message
from core.types import Gap, MaskedUtterance, Utterance


class Broken(NoMask):
    def mask_utterance(self, utterance: Utterance) -> MaskedUtterance:
        if "坏" in utterance.text:
            raise RuntimeError(utterance.text)
        return super().mask_utterance(utterance)


class Pipe:
    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)


@pytest.fixture
def process() -> RecogniserProcess:
    """Without an engine: only what is written reaches the mask here."""
    process = RecogniserProcess.__new__(RecogniserProcess)
    process._pipe = Pipe()
    process._masker = Broken()
    process._masking = threading.Lock()
    process._call = _Call("a", 0.0)
    return process


def heard(text: str) -> Utterance:
    return Utterance(f"a-c-{len(text)}", "customer", 0, 900, text)


def test_it_is_told_once_and_the_rest_goes_on(process: RecogniserProcess, caplog: pytest.LogCaptureFixture) -> None:
    gap = Gap("agent", 0, 100, "paused")
    with caplog.at_level(logging.ERROR):
        for item in (heard("这个坏了"), heard("又坏了"), gap, heard("好的")):
            process._emit(item)
    shown = [one.item for one in process._pipe.sent if isinstance(one, Caption)]
    assert [getattr(one, "text", one) for one in shown] == [gap, "好的"]
    assert [one.code for one in process._pipe.sent if isinstance(one, Fault)] == ["mask"]
    assert [record.message for record in caplog.records] == ["the mask failed", "the mask failed"]


def test_the_next_call_is_told_again(process: RecogniserProcess, caplog: pytest.LogCaptureFixture) -> None:
    process._emit(heard("坏"))
    process._call = _Call("b", 0.0)
    process._emit(heard("坏"))
    assert [one.code for one in process._pipe.sent if isinstance(one, Fault)] == ["mask", "mask"]
