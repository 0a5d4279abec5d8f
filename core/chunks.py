"""Sealed audio of one leg of a call: an append-only file of chunks of at most a second.

    file   = heading, chunk, chunk, ..., final chunk
    heading = magic, its length (uint16), MessagePack of [call id, envelope id, leg]
    chunk  = length of the body (uint32), final (uint8), body = nonce and AES-256-GCM of [start sample (uint64), pcm]

All little-endian. The heading, the index of the chunk and the final marker are associated data, so that a chunk that
was left out, exchanged, repeated or brought from elsewhere does not open, and a file that was cut off has no final
chunk.
A chunk is on the disk (`fsync`) when `write` or `flush` returns with it; what is not is less than a second.
"""

from __future__ import annotations

import errno
import os
import shutil
import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from core import paths
from core.errors import StoreFault
from core.framing import UNDECODABLE
from core.messages import AudioChunk
from core.sealing import CallSeal, OpenedEnvelope, SealFault, associated
from core.types import SAMPLE_RATE_HZ, Leg

CHUNK_SAMPLES = SAMPLE_RATE_HZ
SAMPLE_BYTES = 2

_MAGIC = b"TBLEG1\r\n"
_HEADING_LENGTH = struct.Struct("<H")
_CHUNK_HEAD = struct.Struct("<IB")
_START = struct.Struct("<Q")
_SEAL_BYTES = 12 + 16  # nonce and tag
_MAX_BODY_BYTES = _SEAL_BYTES + _START.size + CHUNK_SAMPLES * SAMPLE_BYTES


class LegHeading(msgspec.Struct, frozen=True, array_like=True):
    """Which envelope opens a file, and whose voice is in it."""

    call_id: str
    envelope_id: str
    leg: Leg


class LegWriter:
    """Writes one leg. One thread at a time; `close` marks the end, without which the file counts as cut off."""

    def __init__(self, seal: CallSeal, leg: Leg, folder: Path) -> None:
        """Begin `<leg>-<envelope id>.sealed` in `folder`, which is made private where missing.

        Raises: StoreFault when the file cannot be made, EnvironmentFault when the folder cannot.
        """
        self.file = paths.private_folder(folder) / f"{leg}-{seal.envelope_id}.sealed"
        self._seal = seal
        self._heading = _heading(LegHeading(seal.call_id, seal.envelope_id, leg))
        self._index = 0
        self._start_sample = 0
        self._pending = bytearray()
        self._size_bytes = 0
        self._broken = False
        self._descriptor: int | None = None
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self.file, flags, paths.PRIVATE_FILE_MODE)
            self._append(self._heading)
            paths.sync_folder(folder)
        except OSError as error:
            raise self._failed(error) from error

    def write(self, start_sample: int, pcm: bytes) -> None:
        """Take samples, little-endian int16; a jump of `start_sample` begins a new chunk.

        Raises: StoreFault when the disk does not take them. What was in hand is then lost and later samples may be
        written; the file stays whole.
        """
        if self._pending and start_sample != self._start_sample + len(self._pending) // SAMPLE_BYTES:
            self.flush()
        if not self._pending:
            self._start_sample = start_sample
        self._pending += pcm
        while len(self._pending) >= CHUNK_SAMPLES * SAMPLE_BYTES:
            self._write_chunk(CHUNK_SAMPLES * SAMPLE_BYTES)

    def flush(self) -> None:
        """Seal what is in hand, so that it survives a crash. Raises: StoreFault as `write`."""
        if self._pending:
            self._write_chunk(len(self._pending))

    def close(self) -> None:
        """Seal what is in hand and mark the end. Idempotent. Raises: StoreFault as `write`; it is closed then too."""
        if self._descriptor is None:
            return
        try:
            self.flush()
            self._write_chunk(0, final=True)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file without an end, as a crash would. Idempotent."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._pending.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write_chunk(self, size_bytes: int, *, final: bool = False) -> None:
        pcm = bytes(self._pending[:size_bytes])
        plain = _START.pack(self._start_sample) + pcm
        del self._pending[:size_bytes]
        self._start_sample += size_bytes // SAMPLE_BYTES
        body = self._seal.sealed(plain, _context(self._heading, self._index, final=final))
        try:
            self._append(_CHUNK_HEAD.pack(len(body), final) + body)
        except OSError as error:
            raise self._failed(error) from error
        self._index += 1

    def _append(self, data: bytes) -> None:
        if self._descriptor is None:
            raise ValueError("the leg is closed")
        if self._broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fsync(self._descriptor)
        except OSError:
            self._take_back()
            raise
        self._size_bytes += len(data)

    def _take_back(self) -> None:
        """Half a chunk in the middle would make the rest unreadable."""
        assert self._descriptor is not None
        try:
            os.ftruncate(self._descriptor, self._size_bytes)
            os.lseek(self._descriptor, self._size_bytes, os.SEEK_SET)
        except OSError:
            # Not even that: nothing after it could be read, so that nothing is written after it.
            self._broken = True

    def _failed(self, error: OSError) -> StoreFault:
        return StoreFault(
            f"Sealed audio cannot be written under {self.file.parent}: {error.strerror}.",
            remedy="Make room on the disk or give this account the right to write there.",
        )


def leg_heading(file: Path) -> LegHeading:
    """Which envelope opens `file`. Raises: SealFault when it is no sealed leg, StoreFault when it cannot be read."""
    try:
        with file.open("rb") as stream:
            return _read_heading(stream)[0]
    except OSError as error:
        raise _unreadable(file, error) from error


def read_leg(file: Path, envelope: OpenedEnvelope, *, unfinished: bool = False) -> tuple[AudioChunk, ...]:
    """Every chunk of a leg, in order, or none at all.

    `unfinished`: for a call that broke off. What comes before the first chunk that is not whole, or does not open, is
    given, just as if the file ended there.

    Raises: SealFault when the file is another envelope's, was cut off or altered, or has something after its end;
    StoreFault when it cannot be read.
    """
    chunks: list[AudioChunk] = []
    try:
        with file.open("rb") as stream:
            heading, raw = _read_heading(stream)
            if (heading.call_id, heading.envelope_id) != (envelope.call_id, envelope.envelope_id):
                raise _damaged()
            try:
                final = False
                while not final:
                    final, start_sample, pcm = _read_chunk(stream, envelope, raw, len(chunks))
                    if pcm or not final:
                        chunks.append(AudioChunk(heading.call_id, heading.leg, start_sample, pcm))
                if stream.read(1):
                    raise _damaged()
            except SealFault:
                if not unfinished:
                    raise
    except OSError as error:
        raise _unreadable(file, error) from error
    return tuple(chunks)


def remove_call_audio(call_id: str) -> None:
    """Delete the sealed audio of a call; a call without any is no fault. Raises: StoreFault when it stays."""
    folder = paths.call_folder(call_id)
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreFault(
            f"Sealed audio under {folder} cannot be deleted: {error.strerror}.",
            remedy="Give this account the right to write there; it is tried again when the call ends.",
        ) from error


def _heading(heading: LegHeading) -> bytes:
    packed = msgspec.msgpack.encode(heading)
    return _MAGIC + _HEADING_LENGTH.pack(len(packed)) + packed


def _read_heading(stream: BinaryIO) -> tuple[LegHeading, bytes]:
    head = _exactly(stream, len(_MAGIC) + _HEADING_LENGTH.size)
    if not head.startswith(_MAGIC):
        raise _damaged()
    (size_bytes,) = _HEADING_LENGTH.unpack_from(head, len(_MAGIC))
    packed = _exactly(stream, size_bytes)
    try:
        return msgspec.msgpack.decode(packed, type=LegHeading), head + packed
    except UNDECODABLE:
        raise _damaged() from None


def _read_chunk(stream: BinaryIO, envelope: OpenedEnvelope, heading: bytes, index: int) -> tuple[bool, int, bytes]:
    size_bytes, final = _CHUNK_HEAD.unpack(_exactly(stream, _CHUNK_HEAD.size))
    if not _SEAL_BYTES + _START.size <= size_bytes <= _MAX_BODY_BYTES or final > 1:
        raise _damaged()
    plain = envelope.opened(_exactly(stream, size_bytes), _context(heading, index, final=bool(final)))
    (start_sample,) = _START.unpack_from(plain)
    return bool(final), start_sample, plain[_START.size :]


def _context(heading: bytes, index: int, *, final: bool) -> bytes:
    return associated("audio", heading, index, int(final))


def _exactly(stream: BinaryIO, size_bytes: int) -> bytes:
    data = stream.read(size_bytes)
    if len(data) != size_bytes:
        raise SealFault(
            "Sealed audio was cut off.", remedy="The call broke off while it was written, or the file was shortened."
        )
    return data


def _damaged() -> SealFault:
    return SealFault(
        "Sealed audio does not open: it is another call's, or was altered.", remedy="Bring it back from a backup."
    )


def _unreadable(file: Path, error: OSError) -> StoreFault:
    return StoreFault(
        f"Sealed audio cannot be read: {file}: {error.strerror}.", remedy="Give this account the right to read it."
    )
