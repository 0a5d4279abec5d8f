"""Framing of process messages: four bytes of length (little-endian), then one MessagePack document.

One encoder and one decoder a thread; a reader never sees half a message. Frames above `MAX_FRAME_BYTES` are refused, so
that a confused process cannot make its parent allocate without bound.
"""

from __future__ import annotations

import struct
from threading import Lock
from typing import BinaryIO

import msgspec

from core.errors import FramingFault
from core.messages import Message

MAX_FRAME_BYTES = 4 * 1024 * 1024
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no message: wrong type, broken text, nesting without end."""

_LENGTH = struct.Struct("<I")


class FrameWriter:
    """Writes messages to a binary stream; safe to share between threads."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._encoder = msgspec.msgpack.Encoder()
        self._lock = Lock()

    def send(self, message: Message) -> None:
        """Write one message and flush it.

        Raises: OSError (BrokenPipeError) when the other side has gone, FramingFault when the message is too large.
        """
        body = self._encoder.encode(message)
        if len(body) > MAX_FRAME_BYTES:
            raise FramingFault(f"A {type(message).__name__} of {len(body)} bytes is larger than a frame may be.")
        with self._lock:
            self._stream.write(_LENGTH.pack(len(body)) + body)
            self._stream.flush()

    def close(self) -> None:
        """Close the stream, which tells the other side to finish. A side that has gone is no error here."""
        with self._lock:
            try:
                self._stream.close()
            except OSError:
                # The pipe broke earlier; what was unsent is lost with the process that would have read it.
                return


class FrameReader:
    """Reads messages from a binary stream, one thread only."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = msgspec.msgpack.Decoder(Message)

    def receive(self) -> Message | None:
        """The next message, or None at the end of the stream.

        Raises: FramingFault when the stream ends inside a frame or carries something else than our messages.
        """
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        (size,) = _LENGTH.unpack(head)
        if size > MAX_FRAME_BYTES:
            raise FramingFault(f"A frame claims {size} bytes, more than a frame may have.")
        body = self._exactly(size)
        if body is None:
            raise FramingFault("The stream ended inside a frame.")
        try:
            message: Message = self._decoder.decode(body)
        except UNDECODABLE as error:
            # The error text may quote a value; the place that follows it does not.
            place = str(error).partition(" - at ")[2]
            raise FramingFault(f"A frame of {size} bytes is not a message{place and f', at {place}'}.") from None
        return message

    def _exactly(self, size: int) -> bytes | None:
        chunks: list[bytes] = []
        missing = size
        while missing:
            chunk = self._stream.read(missing)
            if not chunk:
                if missing == size:
                    return None
                raise FramingFault("The stream ended inside a frame.")
            chunks.append(chunk)
            missing -= len(chunk)
        return b"".join(chunks)
