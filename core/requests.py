"""The request path: window and command line ask the analyst; the command line asks a running window.

Typed msgspec structs over a socket (a named pipe on Windows) in the person's runtime folder; `send_bytes` and
`recv_bytes` alone, so nothing is ever unpickled. One connection carries one question:

    server: a random challenge
    client: its own challenge, and HMAC-SHA256 of both under the run's token
    server: HMAC-SHA256 of both the other way round
    client: the request
    server: the reply, or a `RequestFault`

The token is made anew by every server and lies in a file that its owner alone can read; each side thereby knows that
the other is of the same person. How it was chosen: `docs/adr/0003-request-path.md`.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import secrets
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Literal, Self, overload

import msgspec
from msgspec import Meta

from core import errors, paths
from core.errors import BadInput, EnvironmentFault, TingbanError
from core.framing import UNDECODABLE
from core.locks import FileLock, LockHeld
from core.types import CallRecord, Discreet, SupervisorKey

Endpoint = Literal["analyst", "desk"]

MAX_REQUEST_BYTES = 64 * 1024
MAX_REPLY_BYTES = 4 * 1024 * 1024
MAX_CLIENTS = 8
"""At once; the next is turned away, not queued."""

STEP_DEADLINE_S = 5.0
"""For each message of the other side until the request is in."""

_NONCE_BYTES = 32

log = logging.getLogger(__name__)


# --- requests -------------------------------------------------------------------------------------------------------
class ListCalls(msgspec.Struct, frozen=True, tag=True):
    """To the analyst: the latest calls. Answered with `CallList`."""

    limit: Annotated[int, Meta(ge=1, le=10_000)]


class Status(msgspec.Struct, frozen=True, tag=True):
    """To the analyst: how it fares. Answered with `AnalystStatus`."""


class VerifyAudit(msgspec.Struct, frozen=True, tag=True):
    """To the analyst: walk the audit log. Answered with `AuditReport`; a long log takes a while."""


class ListKeys(msgspec.Struct, frozen=True, tag=True):
    """To the analyst: whom originals are sealed to. Answered with `KeyList`."""


class InstallKeys(msgspec.Struct, frozen=True, tag=True):
    """To the analyst: seal to these public keys too. Answered with those that were new, as a `KeyList`."""

    public_keys: Annotated[tuple[Annotated[str, Meta(max_length=128)], ...], Meta(min_length=1, max_length=16)]


class RemoveKeys(msgspec.Struct, frozen=True, tag=True):
    """To the analyst: seal no more to the key with this fingerprint, or beginning of one. Answered with it."""

    fingerprint: Annotated[str, Meta(max_length=128)]


class StartCall(Discreet, frozen=True, tag=True):
    """To the window: a call begins (screen pop). Answered with `CallState`, as the next two."""

    number: Annotated[str, Meta(max_length=64)] = ""
    customer_id: Annotated[str, Meta(max_length=128)] = ""


class StopCall(msgspec.Struct, frozen=True, tag=True):
    """To the window: the call is over."""


class CallStatus(msgspec.Struct, frozen=True, tag=True):
    """To the window: is there a call?"""


StoreRequest = ListCalls | VerifyAudit | ListKeys | InstallKeys | RemoveKeys
"""What the owner of the store answers: a running analyst, or a command that has opened it."""

Request = StoreRequest | Status | StartCall | StopCall | CallStatus


# --- replies --------------------------------------------------------------------------------------------------------
class RequestFault(msgspec.Struct, frozen=True, tag=True):
    """Refused, or failed in a way a person can mend. `code` as in `TingbanError.code`."""

    code: str
    sentence: str
    remedy: str = ""


class CallList(msgspec.Struct, frozen=True, tag=True):
    """Calls, the latest first."""

    calls: tuple[CallRecord, ...]


class AnalystStatus(msgspec.Struct, frozen=True, tag=True):
    """The analyst works; `store_fault` says why it does so without the store, if it does."""

    store_fault: RequestFault | None = None
    supervisor_keys: int = 0
    """How many public keys originals are sealed to; 0: they are dropped."""


class AuditReport(msgspec.Struct, frozen=True, tag=True):
    """The audit log: how long it is, and the number of the first entry that is wrong or missing."""

    entries: int
    ok: bool
    first_bad: int | None = None


class KeyList(msgspec.Struct, frozen=True, tag=True):
    """Supervisors' public keys."""

    keys: tuple[SupervisorKey, ...]


class CallState(msgspec.Struct, frozen=True, tag=True):
    """The call that runs in the window; the other fields are empty when none does."""

    running: bool
    call_id: str = ""
    seconds: float = 0.0
    trigger: str = ""
    paused: bool = False


Reply = CallList | AnalystStatus | AuditReport | KeyList | CallState
Handlers = Mapping[type[Any], Callable[[Any], Reply]]
"""What answers each request type. A handler runs in a thread of its own and may raise TingbanError."""


class RequestServer:
    """Answers at `name` from construction to `close`.

    Clients that send garbage, too much, or nothing are dropped by deadline and hold up nobody. Raises EnvironmentFault
    when another process of this person answers there already.
    """

    def __init__(self, name: Endpoint, handlers: Handlers) -> None:
        self._name = name
        self._handlers = handlers
        folder = paths.runtime_folder()
        self._address = _address(folder, name)
        self._token = secrets.token_bytes(32)
        self._token_file = folder / f"{name}.token"
        with contextlib.ExitStack() as undo:
            self._lock = _alone(folder, name)
            undo.callback(self._lock.release)
            paths.write_private(self._token_file, self._token)
            self._listener = _listener(self._address)
            undo.pop_all()
        self._places = threading.BoundedSemaphore(MAX_CLIENTS)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._accept, name=f"requests-{name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering; requests in hand are finished, each within its deadlines. Idempotent."""
        if self._closing.is_set():
            return
        self._closing.set()
        with contextlib.suppress(OSError):
            # Nothing but a visitor wakes the accepting thread on every platform.
            Client(self._address).close()
        self._thread.join()
        self._listener.close()
        self._token_file.unlink(missing_ok=True)
        deadline_s = time.monotonic() + 2 * STEP_DEADLINE_S
        for _ in range(MAX_CLIENTS):
            self._places.acquire(timeout=max(0.0, deadline_s - time.monotonic()))
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError as error:
                log.warning("Accepting a client at %s failed with errno %s", self._name, error.errno)
                self._closing.wait(0.1)  # out of descriptors, perhaps: don't spin
                continue
            if self._closing.is_set() or not self._places.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), name="request", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        try:
            with connection:
                _set_deadline(connection)
                self._authenticate(connection)
                reply = self._reply(_received(connection, MAX_REQUEST_BYTES))
                connection.send_bytes(msgspec.msgpack.encode(reply))
        except (OSError, EOFError, _Refused) as error:
            log.warning("A client of %s was dropped: %s", self._name, error)
        finally:
            self._places.release()

    def _authenticate(self, connection: Connection) -> None:
        ours = secrets.token_bytes(_NONCE_BYTES)
        connection.send_bytes(ours)
        answer = _received(connection, 2 * _NONCE_BYTES)
        theirs, proof = answer[:_NONCE_BYTES], answer[_NONCE_BYTES:]
        if len(theirs) != _NONCE_BYTES or not hmac.compare_digest(proof, _proof(self._token, b"client", ours, theirs)):
            raise _Refused
        connection.send_bytes(_proof(self._token, b"server", theirs, ours))

    def _reply(self, body: bytes) -> Reply | RequestFault:
        try:
            request = msgspec.msgpack.decode(body, type=Request)
        except UNDECODABLE:
            # The error text of msgspec may quote a value.
            return RequestFault(BadInput.code, "The request cannot be understood.", "Use one version of Tingban.")
        handler = self._handlers.get(type(request))
        if handler is None:
            return RequestFault(BadInput.code, f"The {self._name} does not answer {type(request).__name__}.")
        try:
            return handler(request)
        except TingbanError as fault:
            return RequestFault(fault.code, fault.sentence, fault.remedy)


class NobodyThere(EnvironmentFault):
    """No process answers at that name: the store is free to be opened, or no window runs."""


class RequestClient:
    """Asks `name`. Safe to share between threads; every question is a connection of its own."""

    def __init__(self, name: Endpoint) -> None:
        self._name = name

    @overload
    def ask(self, request: ListCalls, *, timeout_s: float = ...) -> CallList: ...
    @overload
    def ask(self, request: Status, *, timeout_s: float = ...) -> AnalystStatus: ...
    @overload
    def ask(self, request: VerifyAudit, *, timeout_s: float = ...) -> AuditReport: ...
    @overload
    def ask(self, request: ListKeys | InstallKeys | RemoveKeys, *, timeout_s: float = ...) -> KeyList: ...
    @overload
    def ask(self, request: StartCall | StopCall | CallStatus, *, timeout_s: float = ...) -> CallState: ...

    def ask(self, request: Request, *, timeout_s: float = 5.0) -> Reply:
        """The reply to `request`. Blocks, at most about `timeout_s`.

        Raises: NobodyThere when nobody listens, EnvironmentFault when no reply comes in time; the kind of TingbanError
        that the other side met when it refuses.
        """
        folder = paths.runtime_folder()
        try:
            token = (folder / f"{self._name}.token").read_bytes()
            connection = Client(_address(folder, self._name))
        except OSError as error:
            raise self._nobody() from error
        with connection:
            try:
                _set_deadline(connection)
                self._authenticate(connection, token)
                connection.send_bytes(msgspec.msgpack.encode(request))
                body = _received(connection, MAX_REPLY_BYTES, timeout_s)
            except (OSError, EOFError, _Refused) as error:
                raise EnvironmentFault(
                    f"Tingban's {self._name} did not answer.", remedy="Try again; if it stays so, restart Tingban."
                ) from error
        try:
            reply: Reply | RequestFault = msgspec.msgpack.decode(body, type=Reply | RequestFault)
        except UNDECODABLE:
            raise EnvironmentFault(
                f"Tingban's {self._name} answered in words of another version.", remedy="Restart Tingban."
            ) from None
        if isinstance(reply, RequestFault):
            raise _raised(reply)
        return reply

    def _authenticate(self, connection: Connection, token: bytes) -> None:
        theirs = _received(connection, _NONCE_BYTES)
        ours = secrets.token_bytes(_NONCE_BYTES)
        connection.send_bytes(ours + _proof(token, b"client", theirs, ours))
        if not hmac.compare_digest(_received(connection, _NONCE_BYTES), _proof(token, b"server", ours, theirs)):
            raise _Refused

    def _nobody(self) -> NobodyThere:
        if self._name == "desk":
            return NobodyThere("No Tingban window is running.", remedy="Start it with `tingban`.")
        return NobodyThere("Tingban's analyst is not running.", remedy="Start the window with `tingban`.")


class _Refused(Exception):
    """The other side does not hold the token, or was too slow."""


def _alone(folder: Path, name: Endpoint) -> FileLock:
    try:
        return FileLock(folder / f"{name}.lock")
    except LockHeld as error:
        raise EnvironmentFault(
            f"Another Tingban already answers as {name}.", remedy="Use that one, or close it first."
        ) from error
    except OSError as error:
        raise _cannot_listen(folder, error) from error


def _listener(address: str) -> Listener:
    try:
        if sys.platform != "win32":
            # Left by a server that was killed: the lock says that nobody answers there.
            Path(address).unlink(missing_ok=True)
        return Listener(address, backlog=2 * MAX_CLIENTS)
    except OSError as error:
        raise _cannot_listen(Path(address).parent, error) from error


def _cannot_listen(folder: Path, error: OSError) -> EnvironmentFault:
    return EnvironmentFault(
        f"Requests cannot be taken in {folder}: {error.strerror}.",
        remedy="Make room there, or give this account the right to write there.",
    )


def _proof(token: bytes, side: bytes, first: bytes, second: bytes) -> bytes:
    return hmac.digest(token, side + first + second, "sha256")


def _address(folder: Path, name: Endpoint) -> str:
    if sys.platform == "win32":
        return rf"\\.\pipe\tingban-{folder.name}-{name}"
    return str(folder / f"{name}.sock")


def _received(connection: Connection, limit_bytes: int, timeout_s: float | None = None) -> bytes:
    if not connection.poll(STEP_DEADLINE_S if timeout_s is None else timeout_s):
        raise _Refused
    return connection.recv_bytes(limit_bytes)


def _set_deadline(connection: Connection) -> None:
    """Let no read or write within a message wait longer than a step may take.

    Named pipes pass messages whole, so there `poll` is deadline enough; a socket may stop in mid-message.
    """
    if sys.platform == "win32":
        return
    timeval = struct.pack("@ll", int(STEP_DEADLINE_S), int(STEP_DEADLINE_S % 1 * 1e6))
    with socket.fromfd(connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as duplicate:
        duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
        duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)


def _raised(fault: RequestFault) -> TingbanError:
    kinds = {
        kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TingbanError)
    }
    return kinds.get(fault.code, TingbanError)(fault.sentence, remedy=fault.remedy)
