from __future__ import annotations

import signal
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import paths
from core.chunks import CHUNK_SAMPLES, LegWriter, leg_heading, read_leg, remove_call_audio
from core.errors import BadInput, StoreFault
from core.keys import derived_key, ephemeral_key
from core.messages import AudioChunk, SealTo
from core.sealing import CallSeal, DeskPair, OpenedEnvelope, SealFault, new_private_key, opened_envelope

supervisor = new_private_key()
SEAL_TO = SealTo((supervisor.public_key,), DeskPair(derived_key(ephemeral_key(), "desk recovery")).public_key)

RUNS = st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=300).map(lambda data: data[: len(data) // 2 * 2])))
"""Steps over the samples that are missing, and what is written then."""

per_test_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.chunks.CHUNK_SAMPLES", 20)


def opened(seal: CallSeal) -> OpenedEnvelope:
    return opened_envelope(seal.envelope, supervisor)


def written(folder: Path, runs: list[tuple[int, bytes]], *, end: bool = True) -> tuple[LegWriter, CallSeal]:
    seal = CallSeal("c1", SEAL_TO)
    writer = LegWriter(seal, "agent", folder)
    sample = 0
    for gap, pcm in runs:
        sample += gap
        writer.write(sample, pcm)
        sample += len(pcm) // 2
    if end:
        writer.close()
    else:
        writer.flush()
        writer.abandon()
    return writer, seal


def samples(chunks: tuple[AudioChunk, ...]) -> dict[int, bytes]:
    return {
        chunk.start_sample + index: chunk.pcm[2 * index : 2 * index + 2]
        for chunk in chunks
        for index in range(len(chunk.pcm) // 2)
    }


def parts(file: Path) -> tuple[bytes, list[bytes]]:
    """The heading and the chunks of a file, as bytes."""
    content = file.read_bytes()
    (size,) = struct.unpack_from("<H", content, 8)
    head, rest, chunks = content[: 10 + size], content[10 + size :], []
    while rest:
        (size,) = struct.unpack_from("<I", rest)
        chunks.append(rest[: 5 + size])
        rest = rest[5 + size :]
    return head, chunks


@per_test_folder
@given(RUNS)
def test_what_was_written_comes_back(tmp_path: Path, small_chunks: None, runs: list[tuple[int, bytes]]) -> None:
    writer, seal = written(tmp_path, runs)
    sample, expected = 0, {}
    for gap, pcm in runs:
        sample += gap
        for index in range(len(pcm) // 2):
            expected[sample + index] = pcm[2 * index : 2 * index + 2]
        sample += len(pcm) // 2
    chunks = read_leg(writer.file, opened(seal))
    assert samples(chunks) == expected
    assert all(chunk.leg == "agent" and chunk.call_id == "c1" and 0 < len(chunk.pcm) <= 40 for chunk in chunks)
    writer.file.unlink()


@per_test_folder
@given(RUNS, st.data())
def test_any_change_is_found(
    tmp_path: Path, small_chunks: None, runs: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    writer, seal = written(tmp_path, runs)
    content = bytearray(writer.file.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    writer.file.write_bytes(content)
    with pytest.raises(SealFault):
        read_leg(writer.file, opened(seal))
    writer.file.unlink()


@per_test_folder
@given(RUNS, st.data())
def test_any_cut_is_found_and_what_is_before_it_can_be_recovered(
    tmp_path: Path, small_chunks: None, runs: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    writer, seal = written(tmp_path, runs)
    whole = read_leg(writer.file, opened(seal))
    content = writer.file.read_bytes()
    head, _ = parts(writer.file)
    writer.file.write_bytes(content[: data.draw(st.integers(len(head), len(content) - 1))])
    with pytest.raises(SealFault, match="cut off"):
        read_leg(writer.file, opened(seal))
    rest = read_leg(writer.file, opened(seal), unfinished=True)
    assert rest == whole[: len(rest)]
    writer.file.unlink()


RUN = [(0, bytes(range(240)))]


def swapped(chunks: list[bytes]) -> list[bytes]:
    return [chunks[1], chunks[0], *chunks[2:]]


@pytest.mark.parametrize(
    "change",
    [
        swapped,
        lambda chunks: chunks[1:],
        lambda chunks: [*chunks[:2], *chunks[3:]],
        lambda chunks: [chunks[0], *chunks],
        lambda chunks: [*chunks, chunks[-1]],
        lambda chunks: [*chunks, b"more"],
        lambda chunks: chunks[:-1],
        lambda chunks: [*chunks[:-2], chunks[-2][:4] + b"\x01" + chunks[-2][5:]],
        lambda chunks: [*chunks[:-1], chunks[-1][:4] + b"\x00" + chunks[-1][5:]],
        lambda chunks: [b"\xff\xff\xff\xff\x00" + chunks[0][5:], *chunks[1:]],
        lambda chunks: [b"\x00" * 64],
    ],
    ids=range(11),
)
def test_chunks_moved_left_out_repeated_or_added_are_found(
    tmp_path: Path, small_chunks: None, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    writer, seal = written(tmp_path, RUN)
    head, chunks = parts(writer.file)
    assert len(chunks) == 7
    writer.file.write_bytes(head + b"".join(change(chunks)))
    with pytest.raises(SealFault):
        read_leg(writer.file, opened(seal))


def test_a_foreign_chunk_is_found(tmp_path: Path, small_chunks: None) -> None:
    seal = CallSeal("c1", SEAL_TO)
    legs = []
    for leg in ("agent", "customer"):
        with LegWriter(seal, leg, tmp_path) as writer:
            writer.write(0, bytes(80))
        legs.append(writer.file)
    mine, theirs = (parts(file) for file in legs)
    legs[0].write_bytes(mine[0] + theirs[1][0] + b"".join(mine[1][1:]))
    with pytest.raises(SealFault):
        read_leg(legs[0], opened(seal))
    assert {leg_heading(file).leg for file in legs} == {"agent", "customer"}


def test_another_envelope_opens_no_leg(tmp_path: Path) -> None:
    writer, seal = written(tmp_path, RUN)
    for other in (CallSeal("c1", SEAL_TO), CallSeal("c2", SEAL_TO)):
        with pytest.raises(SealFault):
            read_leg(writer.file, opened(other))
        with pytest.raises(SealFault):
            read_leg(writer.file, opened(other), unfinished=True)
    assert leg_heading(writer.file).envelope_id == seal.envelope_id


def test_a_leg_without_end_counts_as_cut_off(tmp_path: Path) -> None:
    writer, seal = written(tmp_path, RUN, end=False)
    with pytest.raises(SealFault, match="cut off"):
        read_leg(writer.file, opened(seal))
    assert b"".join(samples(read_leg(writer.file, opened(seal), unfinished=True)).values()) == bytes(range(240))


def test_a_second_is_on_the_disk_without_being_asked(tmp_path: Path) -> None:
    seal = CallSeal("c1", SEAL_TO)
    writer = LegWriter(seal, "customer", tmp_path)
    writer.write(0, bytes(2 * CHUNK_SAMPLES + 2))
    (chunk,) = read_leg(writer.file, opened(seal), unfinished=True)
    assert len(chunk.pcm) == 2 * CHUNK_SAMPLES
    writer.close()
    assert len(samples(read_leg(writer.file, opened(seal)))) == CHUNK_SAMPLES + 1
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer._append(b"")


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_files_are_private(desk_folder: Path) -> None:
    seal = CallSeal("c1", SEAL_TO)
    with LegWriter(seal, "agent", paths.call_folder("c1")) as writer:
        writer.write(0, bytes(20))
    assert stat.S_IMODE(writer.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(writer.file.parent.stat().st_mode) == 0o700


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    seal = CallSeal("c1", SEAL_TO)
    LegWriter(seal, "agent", tmp_path).close()
    with pytest.raises(StoreFault, match="exists"):
        LegWriter(seal, "agent", tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_leaves_a_file_that_opens(tmp_path: Path, small_chunks: None) -> None:
    import resource  # noqa: PLC0415 - exists on POSIX alone

    seal = CallSeal("c1", SEAL_TO)
    writer = LegWriter(seal, "agent", tmp_path)
    writer.write(0, bytes(40))
    full = writer.file.stat().st_size + 30
    before = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, before[0][1]))
        with pytest.raises(StoreFault, match="cannot be written"):
            writer.write(20, bytes(40))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before[0])
        signal.signal(signal.SIGXFSZ, before[1])
    writer.write(100, b"ab")
    writer.close()
    assert [chunk.start_sample for chunk in read_leg(writer.file, opened(seal))] == [0, 100]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"TBLEG1\r\n\x05\x00ab", b"TBLEG1\r\n\x02\x00ab"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "agent.sealed"
    file.write_bytes(content)
    with pytest.raises(SealFault):
        leg_heading(file)
    with pytest.raises(SealFault):
        read_leg(file, opened(CallSeal("c1", SEAL_TO)), unfinished=True)


def test_a_missing_file_is_a_fault_of_the_disk(tmp_path: Path) -> None:
    for read in (leg_heading, lambda file: read_leg(file, opened(CallSeal("c1", SEAL_TO)))):
        with pytest.raises(StoreFault, match="cannot be read"):
            read(tmp_path / "nowhere")


def test_the_audio_of_one_call_is_removed(desk_folder: Path) -> None:
    for call_id in ("c1", "c2"):
        with LegWriter(CallSeal(call_id, SEAL_TO), "agent", paths.call_folder(call_id)):
            pass
    remove_call_audio("c1")
    remove_call_audio("c1")
    assert [folder.name for folder in (desk_folder / "calls").iterdir()] == ["c2"]
    with pytest.raises(BadInput):
        remove_call_audio("../calls")
