from __future__ import annotations

import io
import struct
import typing
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FramingFault
from core.framing import MAX_FRAME_BYTES, UNDECODABLE, FrameReader, FrameWriter
from core.messages import AudioChunk, Message, Ping, Ready


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of an annotation that our messages use."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if arguments:
        return st.one_of([values_of(one) for one in arguments])
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{name: values_of(hints[name]) for name in kind.__struct_fields__})
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: st.text(max_size=40),
        int: st.integers(-(2**63), 2**63 - 1),
        float: st.floats(allow_nan=False),
        bool: st.booleans(),
        bytes: st.binary(max_size=640),
        type(None): st.none(),
    }
    return plain[kind]


MESSAGES = st.one_of([values_of(kind) for kind in get_args(Message)])


class Dribble(io.RawIOBase):
    """A pipe that hands over a few bytes at a time, as pipes do."""

    def __init__(self, data: bytes, step: int) -> None:
        self._rest = io.BytesIO(data)
        self._step = step

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._rest.read(min(size, self._step))


def framed(messages: list[Message]) -> bytes:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    for message in messages:
        writer.send(message)
    return stream.getvalue()


def read_all(data: bytes) -> list[Message]:
    reader = FrameReader(io.BytesIO(data))
    return list(iter(reader.receive, None))


@given(st.lists(MESSAGES, max_size=5), st.integers(1, 7))
def test_any_messages_survive_however_the_pipe_cuts_them(messages: list[Message], step: int) -> None:
    reader = FrameReader(Dribble(framed(messages), step))
    assert list(iter(reader.receive, None)) == messages
    assert reader.receive() is None


@given(st.lists(MESSAGES, min_size=1, max_size=4), st.data())
def test_a_stream_cut_anywhere_gives_whole_messages_and_then_a_fault(messages: list[Message], data: Any) -> None:
    stream = framed(messages)
    boundaries = [len(framed(messages[:count])) for count in range(len(messages) + 1)]
    cut = data.draw(st.integers(0, len(stream)))
    reader = FrameReader(io.BytesIO(stream[:cut]))
    whole = sum(1 for boundary in boundaries[1:] if boundary <= cut)
    assert [reader.receive() for _ in range(whole)] == messages[:whole]
    if cut in boundaries:
        assert reader.receive() is None
    else:
        with pytest.raises(FramingFault):
            reader.receive()


@given(st.binary(min_size=1, max_size=200))
def test_garbage_in_a_frame_is_a_fault(body: bytes) -> None:
    try:
        msgspec.msgpack.decode(body, type=Message)
    except UNDECODABLE:
        with pytest.raises(FramingFault):
            read_all(struct.pack("<I", len(body)) + body)


@given(st.binary(max_size=200))
def test_garbage_on_the_pipe_is_a_fault_or_nothing_else_than_messages(data: bytes) -> None:
    assert_messages_or_fault(data)


@given(MESSAGES, st.data())
def test_a_damaged_byte_never_gives_something_that_is_no_message(message: Message, data: Any) -> None:
    stream = bytearray(framed([message]))
    place = data.draw(st.integers(0, len(stream) - 1))
    stream[place] ^= data.draw(st.integers(1, 255))
    assert_messages_or_fault(bytes(stream))


def assert_messages_or_fault(data: bytes) -> None:
    try:
        found = read_all(data)
    except FramingFault:
        return
    assert read_all(framed(found)) == found


def test_a_claim_above_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(FramingFault, match="claims"):
        read_all(struct.pack("<I", MAX_FRAME_BYTES + 1))


def test_a_message_above_the_limit_is_refused_and_nothing_is_written() -> None:
    stream = io.BytesIO()
    with pytest.raises(FramingFault, match="AudioChunk"):
        FrameWriter(stream).send(AudioChunk("c", "agent", 0, bytes(MAX_FRAME_BYTES)))
    assert stream.getvalue() == b""


def test_nesting_without_end_is_a_fault() -> None:
    body = msgspec.msgpack.encode({"type": "Shutdown", "x": 0})[:-1] + b"\x91" * 100_000 + b"\x00"
    with pytest.raises(FramingFault):
        read_all(struct.pack("<I", len(body)) + body)


def test_a_fault_names_the_place_and_quotes_nothing() -> None:
    body = msgspec.msgpack.encode(
        {"type": "AudioChunk", "call_id": "c", "leg": "幺三八", "start_sample": 0, "pcm": b""}
    )
    with pytest.raises(FramingFault) as caught:
        read_all(struct.pack("<I", len(body)) + body)
    assert "$.leg" in str(caught.value)
    assert "幺" not in str(caught.value)


def test_closing_a_pipe_whose_reader_has_gone_is_no_error() -> None:
    class Broken(io.BytesIO):
        def close(self) -> None:
            raise BrokenPipeError

    FrameWriter(Broken()).close()


def test_a_closed_writer_ends_the_stream() -> None:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    writer.send(Ping(1))
    writer.send(Ready("analyst"))
    data = stream.getvalue()
    writer.close()
    assert stream.closed
    assert read_all(data) == [Ping(1), Ready("analyst")]
