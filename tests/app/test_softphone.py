"""Softphone adapters: one contract, held against a scripted baresip and against a real call."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.softphone import (
    MAX_MESSAGE_BYTES,
    BaresipAdapter,
    Closed,
    Established,
    Reachable,
    Ringing,
    SoftphoneAdapter,
    SoftphoneEvent,
    follow_softphone,
    netstrings,
    number_of,
)
from core.errors import FramingFault
from core.settings import Settings
from tests.harness import sip
from tests.harness.media import write
from tests.harness.pulse import PulseServer
from tests.harness.sound import babble

NUMBER = "13800138000"
WAIT_S = 20.0


@dataclass
class Follower:
    """A listener that keeps what it is told."""

    events: queue.Queue[SoftphoneEvent] = field(default_factory=queue.Queue)

    def next(self) -> SoftphoneEvent:
        return self.events.get(timeout=WAIT_S)

    def until(self, kind: type) -> list[SoftphoneEvent]:
        """Events up to and with the first of a kind."""
        found = [self.next()]
        while not isinstance(found[-1], kind):
            found.append(self.next())
        return found


class FakeBaresip:
    """The control port of a baresip, under the test's hand."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(WAIT_S)
        self.port = int(self._server.getsockname()[1])
        self._connection: socket.socket | None = None

    def accept(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, _ = self._server.accept()

    def send(self, data: bytes) -> None:
        assert self._connection is not None
        self._connection.sendall(data)

    def event(self, kind: str, call: str = "c1", uri: str = f"sip:{NUMBER}@127.0.0.1:5082", **more: Any) -> None:
        message = {"event": True, "type": kind, "class": "call", "id": call, "peeruri": uri, **more}
        self.send(netstring(json.dumps(message).encode()))

    def vanish(self) -> None:
        assert self._connection is not None
        self._connection.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._server.close()


def netstring(message: bytes) -> bytes:
    return b"%d:%s," % (len(message), message)


@pytest.fixture
def fake() -> Iterator[FakeBaresip]:
    baresip = FakeBaresip()
    yield baresip
    baresip.close()


@pytest.fixture
def follower() -> Follower:
    return Follower()


@pytest.fixture
def adapter(fake: FakeBaresip, follower: Follower) -> Iterator[BaresipAdapter]:
    """An adapter that follows the scripted baresip."""
    following = BaresipAdapter("127.0.0.1", fake.port, first_retry_s=0.01)
    following.start(follower.events.put)
    fake.accept()
    assert follower.next() == Reachable(reachable=True)
    yield following
    following.stop()


@dataclass
class Phone:
    """What the contract needs of a softphone, real or not."""

    adapter: SoftphoneAdapter
    be_called: Callable[[], None]
    be_hung_up: Callable[[], None]
    die: Callable[[], None]


class SoftphoneContract:
    """Inherit, and give a fixture `phone`."""

    def test_tells_of_a_call_with_its_number_from_beginning_to_end(self, phone: Phone, follower: Follower) -> None:
        phone.adapter.start(follower.events.put)
        assert follower.next() == Reachable(reachable=True)
        phone.be_called()
        *ringing, established = follower.until(Established)
        assert established.number == NUMBER
        # One that answers by itself need not ring.
        assert ringing in ([], [Ringing(established.call, NUMBER)])
        phone.be_hung_up()
        assert follower.next() == Closed(established.call)

    def test_a_softphone_that_dies_in_a_call_closes_it(self, phone: Phone, follower: Follower) -> None:
        phone.adapter.start(follower.events.put)
        assert follower.next() == Reachable(reachable=True)
        phone.be_called()
        established = follower.until(Established)[-1]
        phone.die()
        assert follower.next() == Closed(established.call)
        assert follower.next() == Reachable(reachable=False)

    def test_stop_is_idempotent_and_silent(self, phone: Phone, follower: Follower) -> None:
        phone.adapter.start(follower.events.put)
        assert follower.next() == Reachable(reachable=True)
        phone.adapter.stop()
        phone.adapter.stop()
        assert follower.events.empty()
        assert not [thread for thread in threading.enumerate() if thread.name == "softphone"]

    def test_no_log_and_no_repr_carries_the_number(
        self, phone: Phone, follower: Follower, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            phone.adapter.start(follower.events.put)
            phone.be_called()
            events = follower.until(Established)
            phone.be_hung_up()
            events += follower.until(Closed)
        assert NUMBER not in caplog.text
        assert NUMBER not in repr(events)


class TestScriptedBaresip(SoftphoneContract):
    @pytest.fixture
    def phone(self, fake: FakeBaresip) -> Iterator[Phone]:
        def be_called() -> None:
            fake.accept()
            fake.event("CALL_INCOMING")
            fake.event("CALL_ESTABLISHED")

        following = BaresipAdapter("127.0.0.1", fake.port, first_retry_s=0.01)
        yield Phone(following, be_called, lambda: fake.event("CALL_CLOSED"), fake.vanish)
        following.stop()


@pytest.mark.audio
class TestRealBaresip(SoftphoneContract):
    @pytest.fixture
    def phone(self, pulse: PulseServer, tmp_path: Path) -> Iterator[Phone]:
        if reason := sip.missing():
            pytest.skip(reason)
        wav = write(tmp_path / "far.wav", babble(5, 1), rate_hz=8000)
        with sip.sip_pair(pulse, tmp_path, wav, number=NUMBER) as pair:
            following = BaresipAdapter("127.0.0.1", pair.agent_control_port, first_retry_s=0.05)
            yield Phone(following, pair.dial, pair.hang_up, pair.stop_agent)
            following.stop()


def test_waits_for_a_softphone_that_is_not_there_yet_and_for_one_that_comes_back(follower: Follower) -> None:
    with socket.create_server(("127.0.0.1", 0)) as placeholder:
        port = int(placeholder.getsockname()[1])
    adapter = BaresipAdapter("127.0.0.1", port, first_retry_s=0.01)
    adapter.start(follower.events.put)
    try:
        for _ in range(2):
            with socket.create_server(("127.0.0.1", port)) as server:
                server.settimeout(WAIT_S)
                connection, _ = server.accept()
                assert follower.next() == Reachable(reachable=True)
                connection.close()
                assert follower.next() == Reachable(reachable=False)
    finally:
        adapter.stop()


@pytest.mark.usefixtures("adapter")
@pytest.mark.parametrize(
    "junk",
    [
        b"not json",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"event": "yes"}',
        b'{"event": true, "type": "CALL_ESTABLISHED", "id": 7}',
        b'{"event": true, "type": "CALL_ESTABLISHED"}',
        b'{"response": true, "ok": true, "data": ""}',
        b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    ],
)
def test_a_message_that_is_no_event_is_passed_over(fake: FakeBaresip, follower: Follower, junk: bytes) -> None:
    fake.send(netstring(junk))
    fake.event("CALL_ESTABLISHED")
    assert follower.next() == Established("c1", NUMBER)


@pytest.mark.usefixtures("adapter")
@pytest.mark.parametrize(
    "junk",
    [b"HTTP/1.1 200 OK\r\n\r\n", b":", b"5:hello!", b"%d:" % (MAX_MESSAGE_BYTES + 1), b"99999999:", b"-1:,", b"GET"],
)
def test_a_stream_that_is_none_of_ours_is_left_and_tried_again(
    fake: FakeBaresip, follower: Follower, junk: bytes
) -> None:
    fake.send(junk)
    assert follower.next() == Reachable(reachable=False)
    fake.accept()
    assert follower.next() == Reachable(reachable=True)
    fake.event("CALL_ESTABLISHED", "c2")
    assert follower.next() == Established("c2", NUMBER)


@pytest.mark.usefixtures("adapter")
def test_a_call_nobody_told_of_is_not_closed(fake: FakeBaresip, follower: Follower) -> None:
    fake.event("CALL_CLOSED", "unknown")
    fake.event("CALL_RTCP")
    fake.event("CALL_INCOMING")
    fake.event("CALL_RINGING")
    fake.event("CALL_CLOSED")
    assert [follower.next(), follower.next()] == [Ringing("c1", NUMBER), Closed("c1")]


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 50))
def test_netstrings_come_whole_however_they_are_cut(messages: list[bytes], cut: int) -> None:
    stream = b"".join(netstring(message) for message in messages)
    assert list(netstrings(_Chunks(stream, cut))) == messages


@given(st.lists(st.binary(max_size=20), max_size=3), st.binary(min_size=1, max_size=200))
def test_whatever_comes_after_whole_messages_is_refused_or_waited_for(messages: list[bytes], junk: bytes) -> None:
    found: list[bytes] = []
    with contextlib.suppress(FramingFault):
        found.extend(netstrings(_Chunks(b"".join(map(netstring, messages)) + junk, 7)))
    assert found[: len(messages)] == messages


class _Chunks(socket.socket):
    """A socket that hands out bytes in pieces."""

    def __init__(self, stream: bytes, size: int) -> None:
        self._pieces = [stream[at : at + size] for at in range(0, len(stream), size)]

    def recv(self, *_arguments: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def __del__(self) -> None:
        """No descriptor was opened."""


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:13800138000@127.0.0.1:5082", "13800138000"),
        ("sip:+8613800138000@example.com;user=phone", "+8613800138000"),
        ('"Wang" <sips:010-8888-7777@example.com>', "01088887777"),
        ("sip:%2B86138@example.com", "+86138"),
        ("sip:138;phone-context=x@example.com", "138"),
        ("sip:138:secret@example.com", "138"),
        ("tel:+86-10-1234-5678;ext=9", "+861012345678"),
        ("sip:li.hua@example.com", "li.hua"),
        ("sip:anonymous@anonymous.invalid", ""),
        ("sip:example.com", ""),
        ("http://example.com", ""),
        ("", ""),
    ],
)
def test_numbers_of_addresses(uri: str, number: str) -> None:
    assert number_of(uri) == number


class _Desk:
    """The part of a desk that a softphone drives."""

    def __init__(self) -> None:
        self.told: queue.Queue[tuple[str, ...]] = queue.Queue()

    def start_call(self, trigger: str, number: str = "", customer_id: str = "") -> None:
        self.told.put(("start", trigger, number, customer_id))

    def end_call(self) -> None:
        self.told.put(("end",))


def _settings(kind: str, port: int = 4444) -> Settings:
    return Settings(Path("none.json"), chosen={"softphone": {"kind": kind, "port": port}}, policy={})


def test_a_desk_that_follows_no_softphone_opens_nothing() -> None:
    assert follow_softphone(_settings("none"), _Desk()) is None


def test_the_desks_call_is_from_the_first_established_to_the_last_closed(fake: FakeBaresip) -> None:
    desk = _Desk()
    following = follow_softphone(_settings("baresip", fake.port), desk)
    fake.accept()
    fake.event("CALL_INCOMING")
    fake.event("CALL_ESTABLISHED")
    fake.event("CALL_INCOMING", "waits")
    fake.event("CALL_CLOSED", "waits")
    fake.event("CALL_ESTABLISHED", "second")
    fake.event("CALL_CLOSED")
    fake.event("CALL_CLOSED", "second")
    fake.event("CALL_ESTABLISHED", "next")
    assert [desk.told.get(timeout=WAIT_S) for _ in range(3)] == [
        ("start", "softphone", NUMBER, ""),
        ("end",),
        ("start", "softphone", NUMBER, ""),
    ]
    following.stop()
