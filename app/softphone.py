"""Softphones that say by themselves when a call rings, begins and ends.

An adapter follows one softphone in a thread of its own. It reports; whether a call of the desk starts is decided by
`follow_softphone`. A peer's number goes into the event and nowhere else: no log and no `repr` carries it.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote

import msgspec

from app.link import DeskLink
from core.errors import FramingFault
from core.settings import Settings

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 8.0
"""A softphone is started after us, or again during the day; until then asking costs nothing."""

CONNECT_S = 3.0
JOIN_S = 2.0

MAX_MESSAGE_BYTES = 64 * 1024
"""baresip's longest event, with statistics, is under 1 kB."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call comes in, or goes out, and is not yet answered."""

    call: str
    number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Established:
    """Both sides can talk."""

    call: str
    number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """A call is over, answered or not; also when the softphone itself has gone."""

    call: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """Whether the softphone can be followed."""

    reachable: bool


SoftphoneEvent = Ringing | Established | Closed | Reachable


class SoftphoneAdapter(Protocol):
    """Follows one softphone until stopped.

    Every call that was told of with `Ringing` or `Established` is told of with `Closed`, once, whatever happens to the
    softphone meanwhile.
    """

    def start(self, listener: Callable[[SoftphoneEvent], None]) -> None:
        """Begin to follow; `listener` is called from one background thread, in order. Once."""
        ...

    def stop(self) -> None:
        """End. Idempotent, any thread but the listener's; no event begins after it returns."""
        ...


class BaresipAdapter:
    """baresip's `ctrl_tcp` module: JSON events as netstrings. Connects again, with patience, whenever it must.

    Source: baresip's modules/ctrl_tcp; events as sent by version 1.0.
    """

    def __init__(self, host: str, port: int, *, first_retry_s: float = FIRST_RETRY_S) -> None:
        self._address = (host, port)
        self._first_retry_s = first_retry_s
        self._listener: Callable[[SoftphoneEvent], None] = lambda _event: None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._calls: set[str] = set()

    def start(self, listener: Callable[[SoftphoneEvent], None]) -> None:
        """Begin to follow. See `SoftphoneAdapter`."""
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name="softphone", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End. See `SoftphoneAdapter`."""
        self._stopping.set()
        with self._lock:
            if self._socket is not None:
                _hang_up(self._socket)
        if self._thread is not None:
            # A listener that waits for whoever stops us would wait for ever.
            self._thread.join(JOIN_S)

    def _run(self) -> None:
        retry_s = self._first_retry_s
        while not self._stopping.is_set():
            try:
                connection = socket.create_connection(self._address, CONNECT_S)
            except OSError:
                self._stopping.wait(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
                continue
            with connection:
                if self._follow(connection):
                    retry_s = self._first_retry_s
            # A port that accepts and hangs up at once is not asked without pause either.
            self._stopping.wait(retry_s)
            retry_s = min(2 * retry_s, LONGEST_RETRY_S)

    def _follow(self, connection: socket.socket) -> bool:
        """Pass events on until the connection ends; whether there was any."""
        connection.settimeout(None)
        with self._lock:
            self._socket = connection
        heard = False
        self._tell(Reachable(reachable=True))
        try:
            # `stop` may have come before the socket was known to it.
            if not self._stopping.is_set():
                for message in netstrings(connection):
                    heard = True
                    self._receive(message)
        except FramingFault as fault:
            log.warning("softphone: %s", fault)
        except OSError as error:
            log.info("softphone: connection lost, errno %s", error.errno)
        finally:
            with self._lock:
                self._socket = None
            for call in sorted(self._calls):
                self._tell(Closed(call))
            self._calls.clear()
            self._tell(Reachable(reachable=False))
        return heard

    def _receive(self, message: bytes) -> None:
        try:
            event = msgspec.json.decode(message, type=_BaresipEvent)
        except (msgspec.MsgspecError, RecursionError):
            log.warning("softphone: a message of %d bytes is no event", len(message))
            return
        if not event.event or not event.id:
            return
        match event.type:
            case "CALL_INCOMING" | "CALL_RINGING" if event.id not in self._calls:
                self._calls.add(event.id)
                self._tell(Ringing(event.id, number_of(event.peeruri)))
            case "CALL_ESTABLISHED":
                self._calls.add(event.id)
                self._tell(Established(event.id, number_of(event.peeruri)))
            case "CALL_CLOSED" if event.id in self._calls:
                self._calls.discard(event.id)
                self._tell(Closed(event.id))
            case _:
                log.debug("softphone: event %s", event.type)

    def _tell(self, event: SoftphoneEvent) -> None:
        if not self._stopping.is_set():
            self._listener(event)


class _BaresipEvent(msgspec.Struct):
    """The fields of an event that are read; others pass."""

    event: bool = False
    type: str = ""
    id: str = ""
    peeruri: str = ""


def netstrings(connection: socket.socket) -> Iterator[bytes]:
    """Messages of a stream of netstrings (`<length>:<bytes>,`). Raises FramingFault, OSError."""
    held = bytearray()
    while chunk := connection.recv(4096):
        held += chunk
        while (message := _take_netstring(held)) is not None:
            yield message


def _take_netstring(held: bytearray) -> bytes | None:
    """Take one whole message off the front, or None while it is incomplete."""
    head, colon, _rest = held[:8].partition(b":")
    if not colon and len(held) < 8:
        if held and not held.isdigit():
            raise FramingFault("The stream carries no netstrings.")
        return None
    if not colon or not head.isdigit() or int(head) > MAX_MESSAGE_BYTES:
        raise FramingFault("The stream carries no netstrings.")
    start, end = len(head) + 1, len(head) + 1 + int(head)
    if len(held) <= end:
        return None
    if held[end : end + 1] != b",":
        raise FramingFault("A netstring does not end where it says.")
    message = bytes(held[start:end])
    del held[: end + 1]
    return message


def number_of(uri: str) -> str:
    """The number, or name, of a SIP or tel address; empty for an anonymous one.

    `"Wang" <sip:13800138000@example.com;user=phone>` is 13800138000, `tel:+86-10-1234;ext=5` is +86101234.
    """
    address = uri.rpartition("<")[2].partition(">")[0]
    scheme, _, rest = address.partition(":")
    user, at, _host = rest.partition("@")
    match scheme.lower():
        case "sip" | "sips" if at:
            user = unquote(user.partition(";")[0].partition(":")[0])
        case "tel":
            user = rest.partition(";")[0]
        case _:
            return ""
    if user.lower() == "anonymous":
        return ""
    separators = str.maketrans("", "", "-. ()")
    bare = user.translate(separators)
    return bare if bare.lstrip("+").isdigit() else user


def follow_softphone(settings: Settings, desk: DeskLink) -> SoftphoneAdapter | None:
    """Let the softphone of the settings begin and end the desk's calls; None where none is to be followed.

    The desk's call begins with the first established call and ends with the last: calls that wait or are held change
    nothing, nor does one that rang and was never answered.
    """
    softphone = settings.softphone
    if softphone.kind == "none":
        return None
    talking: set[str] = set()

    def hear(event: SoftphoneEvent) -> None:
        match event:
            case Established():
                if not talking:
                    desk.start_call("softphone", event.number)
                talking.add(event.call)
            case Closed() if event.call in talking:
                talking.discard(event.call)
                if not talking:
                    desk.end_call()
            case Reachable():
                log.info("softphone is %s", "reachable" if event.reachable else "away")
            case _:
                log.debug("softphone: %s", type(event).__name__)

    adapter = BaresipAdapter(softphone.host, softphone.port)
    adapter.start(hear)
    return adapter


def _hang_up(connection: socket.socket) -> None:
    """Wake a thread that reads from the connection."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The other side was faster: the reader is awake already.
        return
