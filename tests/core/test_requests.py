from __future__ import annotations

import hmac
import os
import secrets
import socket
import stat
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

import msgspec
import pytest

from core import paths, requests
from core.errors import BadInput, EnvironmentFault, KeyFault, StoreBusy, TingbanError
from core.requests import (
    MAX_CLIENTS,
    MAX_REQUEST_BYTES,
    AnalystStatus,
    AuditReport,
    CallList,
    CallState,
    CallStatus,
    InstallKeys,
    KeyList,
    ListCalls,
    ListKeys,
    NobodyThere,
    RemoveKeys,
    RequestClient,
    RequestFault,
    RequestServer,
    StartCall,
    Status,
    StopCall,
    VerifyAudit,
)
from core.types import CallRecord, SupervisorKey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="speaks to the socket directly")

CALLS = tuple(CallRecord(f"call-{number}", number, None, "cli") for number in range(5))
DEADLINE_S = 30


@pytest.fixture(autouse=True)
def short_deadlines(desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "STEP_DEADLINE_S", 2.0)


@pytest.fixture
def desk() -> Iterator[RequestClient]:
    """A window that remembers its call."""
    state = CallState(running=False)

    def start(request: StartCall) -> CallState:
        nonlocal state
        state = CallState(True, f"call-{len(request.number)}-{request.customer_id}", 0.0, "cli")
        return state

    def stop(_request: StopCall) -> CallState:
        nonlocal state
        state = CallState(running=False)
        return state

    with RequestServer("desk", {StartCall: start, StopCall: stop, CallStatus: lambda _: state}):
        yield RequestClient("desk")


def address(name: str) -> str:
    return str(paths.runtime_folder() / f"{name}.sock")


def raw(name: str = "desk") -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(DEADLINE_S)
    client.connect(address(name))
    return client


def until_dropped(client: socket.socket) -> bytes:
    """What the server still says before it hangs up."""
    said = b""
    try:
        while chunk := client.recv(4096):
            said += chunk
    except ConnectionResetError:
        pass
    return said


def authenticated(name: str = "desk") -> Connection:
    token = (paths.runtime_folder() / f"{name}.token").read_bytes()
    connection = Client(address(name))
    theirs, ours = connection.recv_bytes(), secrets.token_bytes(32)
    connection.send_bytes(ours + hmac.digest(token, b"client" + theirs + ours, "sha256"))
    assert connection.recv_bytes() == hmac.digest(token, b"server" + ours + theirs, "sha256")
    return connection


def exchange(connection: Connection, body: bytes) -> bytes:
    connection.send_bytes(body)
    return connection.recv_bytes()


def test_requests_are_answered_with_their_replies(desk: RequestClient) -> None:
    assert desk.ask(CallStatus()) == CallState(running=False)
    assert desk.ask(StartCall("13800138000", "c-1")) == CallState(True, "call-11-c-1", 0.0, "cli")
    assert desk.ask(CallStatus()).running
    assert not desk.ask(StopCall()).running


def test_two_endpoints_stand_side_by_side(desk: RequestClient) -> None:
    keys = KeyList((SupervisorKey("f1", "age1"),))
    handlers = {
        ListCalls: lambda request: CallList(CALLS[: request.limit]),
        Status: lambda _: AnalystStatus(),
        VerifyAudit: lambda _: AuditReport(9, False, 3),
        **dict.fromkeys((ListKeys, InstallKeys, RemoveKeys), lambda _: keys),
    }
    with RequestServer("analyst", handlers):
        analyst = RequestClient("analyst")
        assert analyst.ask(ListCalls(2)).calls == CALLS[:2]
        assert analyst.ask(VerifyAudit()) == AuditReport(9, False, 3)
        for request in (ListKeys(), InstallKeys(("age1",)), RemoveKeys("f1")):
            assert analyst.ask(request) == keys
        assert analyst.ask(Status()) == AnalystStatus(None, 0)
        with pytest.raises(BadInput, match="analyst does not answer CallStatus"):
            analyst.ask(CallStatus())


def test_many_clients_at_once(desk: RequestClient) -> None:
    answers: list[CallState] = []
    clients = [threading.Thread(target=lambda: answers.append(desk.ask(CallStatus()))) for _ in range(MAX_CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert answers == [CallState(running=False)] * MAX_CLIENTS


@pytest.mark.parametrize(("name", "sentence"), [("desk", "No Tingban window"), ("analyst", "analyst is not running")])
def test_where_nobody_listens_it_is_said_with_a_remedy(name, sentence: str) -> None:
    with pytest.raises(NobodyThere, match=sentence) as caught:
        RequestClient(name).ask(Status() if name == "analyst" else CallStatus())
    assert "tingban" in caught.value.remedy


def test_after_closing_nobody_listens_and_nothing_is_left_but_the_lock(desk_folder: Path) -> None:
    server = RequestServer("desk", {})
    server.close()
    server.close()
    with pytest.raises(EnvironmentFault, match="No Tingban window"):
        RequestClient("desk").ask(CallStatus())
    assert [file.name for file in paths.runtime_folder().iterdir()] == ["desk.lock"]


def test_one_endpoint_has_one_server(desk: RequestClient) -> None:
    with pytest.raises(EnvironmentFault, match="already answers"):
        RequestServer("desk", {})
    assert desk.ask(CallStatus()) == CallState(running=False)


def test_what_a_killed_server_left_is_no_hindrance() -> None:
    folder = paths.runtime_folder()
    stale = Listener(str(folder / "desk.sock"))
    stale._listener._unlink.cancel()  # a killed process does not tidy up
    stale.close()
    (folder / "desk.token").write_bytes(b"old")
    (folder / "desk.lock").touch()
    assert (folder / "desk.sock").exists()
    with pytest.raises(EnvironmentFault, match="No Tingban window"):
        RequestClient("desk").ask(CallStatus())
    with RequestServer("desk", {CallStatus: lambda _: CallState(running=False)}):
        assert RequestClient("desk").ask(CallStatus()) == CallState(running=False)


def test_socket_and_token_are_their_owners_alone(desk: RequestClient) -> None:
    folder = paths.runtime_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "desk.token").stat().st_mode) == 0o600


def test_every_run_has_a_token_of_its_own() -> None:
    tokens = set()
    for _ in range(2):
        with RequestServer("desk", {}):
            tokens.add((paths.runtime_folder() / "desk.token").read_bytes())
    assert len(tokens) == 2


# --- faults of handlers ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [TingbanError, BadInput, KeyFault, StoreBusy])
def test_a_fault_comes_back_as_what_it_was(kind: type[TingbanError]) -> None:
    def refuse(_request: CallStatus) -> CallState:
        raise kind("It cannot be.", remedy="Do this.")

    with RequestServer("desk", {CallStatus: refuse}), pytest.raises(TingbanError) as caught:
        RequestClient("desk").ask(CallStatus())
    assert type(caught.value) is kind
    assert (caught.value.sentence, caught.value.remedy) == ("It cannot be.", "Do this.")


def test_a_fault_of_an_unknown_kind_is_still_a_fault() -> None:
    class Strange(TingbanError):
        code = "strange"

    def refuse(_request: CallStatus) -> CallState:
        raise Strange("It cannot be.")

    with RequestServer("desk", {CallStatus: refuse}), pytest.raises(TingbanError, match="It cannot be"):
        RequestClient("desk").ask(CallStatus())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_a_handler_costs_that_request_alone() -> None:
    def handler(request: StartCall) -> CallState:
        return CallState(running=1 // len(request.number) == 1)

    with RequestServer("desk", {StartCall: handler}):
        client = RequestClient("desk")
        with pytest.raises(EnvironmentFault, match="did not answer"):
            client.ask(StartCall())
        assert client.ask(StartCall("1")).running


def test_a_handler_that_is_slow_is_not_waited_for_beyond_the_deadline() -> None:
    finish = threading.Event()

    def wait(_request: CallStatus) -> CallState:
        finish.wait(DEADLINE_S)
        return CallState(running=False)

    with RequestServer("desk", {CallStatus: wait, StopCall: lambda _: CallState(running=False)}):
        client = RequestClient("desk")
        with pytest.raises(EnvironmentFault, match="did not answer"):
            client.ask(CallStatus(), timeout_s=0.05)
        assert client.ask(StopCall()) == CallState(running=False)
        finish.set()


# --- hostile clients ------------------------------------------------------------------------------------------------
def garbage_instead_of_proof(client: socket.socket) -> None:
    client.sendall(struct.pack("!i", 64) + secrets.token_bytes(64))


def short_proof(client: socket.socket) -> None:
    client.sendall(struct.pack("!i", 3) + b"abc")


def huge_claim(client: socket.socket) -> None:
    client.sendall(struct.pack("!i", 0x7FFFFFFF))


def huge_claim_of_eight_bytes(client: socket.socket) -> None:
    client.sendall(struct.pack("!iQ", -1, 2**60))


def negative_claim(client: socket.socket) -> None:
    client.sendall(struct.pack("!i", -7) + b"x" * 100)


def half_a_length(client: socket.socket) -> None:
    client.sendall(b"\0\0")


def half_a_message(client: socket.socket) -> None:
    client.sendall(struct.pack("!i", 64) + b"x" * 10)


def silence(client: socket.socket) -> None:
    pass


def hanging_up(client: socket.socket) -> None:
    client.shutdown(socket.SHUT_WR)


HOSTILE = [
    garbage_instead_of_proof,
    short_proof,
    huge_claim,
    huge_claim_of_eight_bytes,
    negative_claim,
    half_a_length,
    half_a_message,
    silence,
    hanging_up,
]


@pytest.mark.parametrize("attack", HOSTILE, ids=lambda attack: attack.__name__)
def test_strangers_are_dropped_learn_nothing_and_hold_up_nobody(
    desk: RequestClient, attack: Callable[[socket.socket], None]
) -> None:
    with raw() as stranger:
        attack(stranger)
        assert desk.ask(CallStatus()) == CallState(running=False)
        said = until_dropped(stranger)
    assert len(said) == 4 + 32  # the challenge
    assert desk.ask(CallStatus()) == CallState(running=False)


def test_a_crowd_of_strangers_is_bounded_and_passes(desk: RequestClient) -> None:
    strangers = [raw() for _ in range(2 * MAX_CLIENTS)]
    threads = sum(thread.name == "request" for thread in threading.enumerate())
    assert threads <= MAX_CLIENTS
    for stranger in strangers:
        until_dropped(stranger)
        stranger.close()
    assert desk.ask(CallStatus()) == CallState(running=False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        msgspec.msgpack.encode({"type": "Nonsense"}),
        msgspec.msgpack.encode({"type": "StartCall", "number": 7}),
        msgspec.msgpack.encode({"type": "StartCall", "number": "1" * 65}),
        msgspec.msgpack.encode({"type": "ListCalls", "limit": 0}),
        b"\x91" * 10_000,
        b"cos\nsystem\n(S'exit 1'\ntR.",  # what pickle would run
    ],
)
def test_a_friend_who_speaks_nonsense_is_told_so(desk: RequestClient, body: bytes) -> None:
    with authenticated() as connection:
        reply = msgspec.msgpack.decode(exchange(connection, body), type=RequestFault)
    assert reply.code == "bad-input"
    assert desk.ask(CallStatus()) == CallState(running=False)


def test_a_request_above_the_limit_is_dropped(desk: RequestClient) -> None:
    with authenticated() as connection, pytest.raises((EOFError, OSError)):
        exchange(connection, b"x" * (MAX_REQUEST_BYTES + 1))
    assert desk.ask(CallStatus()) == CallState(running=False)


def test_a_client_that_leaves_before_the_reply_is_no_harm(desk: RequestClient) -> None:
    with authenticated() as connection:
        connection.send_bytes(msgspec.msgpack.encode(CallStatus()))
    assert desk.ask(CallStatus()) == CallState(running=False)


def test_closing_does_not_wait_for_strangers_for_ever(desk_folder: Path) -> None:
    server = RequestServer("desk", {})
    with raw() as stranger:
        closing = threading.Thread(target=server.close)
        closing.start()
        closing.join(DEADLINE_S)
        assert not closing.is_alive()
        until_dropped(stranger)


# --- hostile servers ------------------------------------------------------------------------------------------------
def impostor(*words: bytes) -> threading.Thread:
    """Somebody who listens in the window's place and says `words`, one after each of the client's messages."""
    folder = paths.runtime_folder()
    paths.write_private(folder / "desk.token", b"t" * 32)
    listener = Listener(str(folder / "desk.sock"))

    def speak() -> None:
        with listener, listener.accept() as connection:
            for word in words:
                connection.send_bytes(word)
                try:
                    heard.append(connection.recv_bytes())
                except (EOFError, ConnectionResetError):
                    return

    heard: list[bytes] = []
    thread = threading.Thread(target=speak)
    thread.start()
    thread.heard = heard  # type: ignore[attr-defined]
    return thread


def test_a_server_without_the_token_gets_no_request() -> None:
    server = impostor(secrets.token_bytes(32), secrets.token_bytes(32))
    with pytest.raises(EnvironmentFault, match="did not answer"):
        RequestClient("desk").ask(StartCall("13800138000"))
    server.join(DEADLINE_S)
    assert not any(b"13800138000" in message for message in server.heard)  # type: ignore[attr-defined]


def test_a_server_that_says_too_much_or_nothing_is_given_up() -> None:
    for words in ((b"x" * 33,), ()):
        server = impostor(*words)
        with pytest.raises(EnvironmentFault, match="did not answer"):
            RequestClient("desk").ask(CallStatus())
        server.join(DEADLINE_S)


def test_a_reply_of_another_version_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hologram(msgspec.Struct, tag=True):
        pass

    with (
        RequestServer("desk", {CallStatus: lambda _: Hologram()}),  # type: ignore[dict-item,return-value]
        pytest.raises(EnvironmentFault, match="another version"),
    ):
        RequestClient("desk").ask(CallStatus())


def test_where_no_socket_can_be_made_it_is_said(desk_folder: Path) -> None:
    (paths.runtime_folder() / "desk.sock").mkdir()
    with pytest.raises(EnvironmentFault, match="cannot be taken"):
        RequestServer("desk", {})
    (paths.runtime_folder() / "desk.sock").rmdir()
    (paths.runtime_folder() / "desk.lock").unlink()
    (paths.runtime_folder() / "desk.lock").mkdir()
    with pytest.raises(EnvironmentFault, match="cannot be taken"):
        RequestServer("desk", {})


def test_a_process_out_of_descriptors_goes_on_when_it_has_some_again(
    desk_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Event()
    accept = Listener.accept

    def accept_once_full(listener: Listener) -> Connection:
        if not refused.is_set():
            refused.set()
            raise OSError(24, os.strerror(24))
        return accept(listener)

    monkeypatch.setattr(Listener, "accept", accept_once_full)
    with RequestServer("desk", {CallStatus: lambda _: CallState(running=False)}):
        assert refused.wait(DEADLINE_S)
        assert RequestClient("desk").ask(CallStatus()) == CallState(running=False)


def test_a_request_shows_no_number_in_its_repr() -> None:
    assert "13800138000" not in repr(StartCall("13800138000", "c-1"))
