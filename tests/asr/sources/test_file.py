"""Files of every kind as sources."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from asr.sources.clock import CallClock
from asr.sources.file import FileSource
from core.errors import BadInput
from core.types import SAMPLE_RATE_HZ, Leg, Samples
from tests.asr.sources.contract import Case, SourceContract
from tests.harness.media import write
from tests.harness.sound import babble, find

AGENT, CUSTOMER = babble(2, 1), babble(2, 2)


def read(source: FileSource) -> dict[Leg, Samples]:
    pieces: dict[Leg, list[Samples]] = {leg: [] for leg in source.legs}
    for frame in source.frames():
        pieces[frame.leg].append(frame.samples)
    return {leg: np.concatenate(found) for leg, found in pieces.items()}


class TestStereoFile(SourceContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        path = write(tmp_path / "call.wav", AGENT, CUSTOMER)
        long = write(tmp_path / "long.wav", *[np.zeros(60 * SAMPLE_RATE_HZ, dtype=np.float32)] * 2)
        return Case(
            open=lambda: FileSource(path),
            references={"agent": AGENT, "customer": CUSTOMER},
            open_long=lambda: FileSource(long, pace="realtime"),
            open_bad=lambda: FileSource(tmp_path / "none.wav"),
            fault=BadInput,
        )


class TestMonoFileAtRealTimePace(SourceContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        path = write(tmp_path / "voice.flac", CUSTOMER, codec="flac")
        long = write(tmp_path / "long.wav", np.zeros(60 * SAMPLE_RATE_HZ, dtype=np.float32))
        (tmp_path / "text.wav").write_text("no sound in here")
        return Case(
            open=lambda: FileSource(path, pace="realtime"),
            references={"customer": CUSTOMER},
            open_long=lambda: FileSource(long, pace="realtime"),
            open_bad=lambda: FileSource(tmp_path / "text.wav"),
            fault=BadInput,
        )


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("pcm.wav", "pcm_s16le", 44_100),
        ("float.wav", "pcm_f32le", 48_000),
        ("eight_bit.wav", "pcm_u8", 16_000),
        ("telephone.wav", "pcm_alaw", 8000),
        ("telephone.wav", "pcm_mulaw", 8000),
        ("telephone.au", "pcm_mulaw", 8000),
        ("lossless.flac", "flac", 48_000),
        ("podcast.mp3", "libmp3lame", 44_100),
        ("voice.opus", "libopus", 48_000),
        ("voice.m4a", "aac", 44_100),
        ("voice.mkv", "aac", 16_000),
    ],
)
def test_reads_both_legs_of_any_codec(tmp_path: Path, name: str, codec: str, rate_hz: int) -> None:
    heard = read(FileSource(write(tmp_path / name, AGENT, CUSTOMER, codec=codec, rate_hz=rate_hz)))
    for leg, reference in (("agent", AGENT), ("customer", CUSTOMER)):
        match = find(reference, heard[leg])
        assert match.correlation >= 0.95
        assert 0 <= match.offset_samples <= 0.07 * SAMPLE_RATE_HZ  # the priming of MP3 and AAC
        assert abs(len(heard[leg]) - len(reference)) <= 0.1 * SAMPLE_RATE_HZ


def test_takes_the_sound_of_a_film(tmp_path: Path) -> None:
    heard = read(FileSource(write(tmp_path / "film.mp4", CUSTOMER, codec="aac", video=True)))
    assert find(CUSTOMER[:-1600], heard["customer"]).correlation >= 0.95


def test_one_channel_is_the_customer_unless_said_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path / "voice.wav", CUSTOMER)
    assert FileSource(path).legs == ("customer",)
    assert FileSource(path, mono_leg="agent").legs == ("agent",)
    assert FileSource(path, only="agent").legs == ("agent",)


def test_one_leg_of_a_stereo_file_is_its_channel(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", AGENT, CUSTOMER)
    heard = read(FileSource(path, only="customer"))
    assert set(heard) == {"customer"}
    assert find(CUSTOMER, heard["customer"]).correlation > 0.99


def test_two_channels_mix_down_to_one_leg_where_wanted(tmp_path: Path) -> None:
    heard = read(FileSource(write(tmp_path / "call.wav", AGENT, CUSTOMER), layout="mono"))
    assert find(AGENT + CUSTOMER, heard["customer"]).correlation > 0.99


def test_more_than_two_channels_are_no_call(tmp_path: Path) -> None:
    source = FileSource(write(tmp_path / "film.flac", *[CUSTOMER] * 6, codec="flac"))
    assert source.legs == ("customer",)
    assert find(CUSTOMER, read(source)["customer"]).correlation > 0.99


def test_refuses_one_channel_where_two_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="one channel"):
        FileSource(write(tmp_path / "voice.wav", CUSTOMER), layout="stereo")


@pytest.mark.parametrize(
    ("name", "codec"), [("cut.wav", "pcm_s16le"), ("cut.wav", "pcm_alaw"), ("cut.flac", "flac"), ("cut.mkv", "aac")]
)
def test_a_file_cut_off_is_read_to_its_end_and_told(tmp_path: Path, name: str, codec: str) -> None:
    path = write(tmp_path / name, AGENT, CUSTOMER, codec=codec)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    good = []
    with pytest.raises(BadInput, match=name) as caught:
        good.extend(frame.samples for frame in FileSource(path).frames() if frame.leg == "customer")
    samples = np.concatenate(good)
    assert 0.3 * len(CUSTOMER) < len(samples) < 0.6 * len(CUSTOMER)
    assert find(samples[3200:6400], CUSTOMER).correlation > 0.95
    assert "new copy" in caught.value.remedy


def test_a_file_damaged_in_the_middle_is_read_up_to_there(tmp_path: Path) -> None:
    path = write(tmp_path / "hurt.mp3", CUSTOMER, codec="libmp3lame", rate_hz=16_000)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :][:3000] = b""
    data[len(data) // 2 : len(data) // 2 + 1500] = bytes(np.random.default_rng(3).bytes(1500))
    path.write_bytes(data)
    ends = [0]
    with pytest.raises(BadInput, match=r"damaged at \d+\.\d s"):
        ends.extend(frame.end_sample for frame in FileSource(path).frames())
    assert ends[-1] > 0.3 * len(CUSTOMER)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\x00" * 4096])
def test_refuses_what_is_no_media(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"call\.wav cannot be read"):
        FileSource(path)


def test_refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        FileSource(tmp_path)


def test_refuses_a_file_without_sound(tmp_path: Path) -> None:
    header_alone = write(tmp_path / "empty.wav", CUSTOMER)
    data = header_alone.read_bytes()
    header_alone.write_bytes(data[: data.index(b"data") + 8])
    with pytest.raises(BadInput, match="holds no audio"):
        list(FileSource(header_alone).frames())


def test_refuses_pictures_without_sound(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no audio"):
        FileSource(_silent_film(tmp_path / "film.mp4"))


def test_a_writer_that_left_the_length_open_is_believed(tmp_path: Path) -> None:
    path = write(tmp_path / "streamed.wav", CUSTOMER)
    data = bytearray(path.read_bytes())
    at = data.index(b"data")
    data[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert len(read(FileSource(path))["customer"]) == len(CUSTOMER)


def test_real_time_pace_keeps_to_the_clock_and_does_not_drift(tmp_path: Path) -> None:
    clock = CallClock()
    source = FileSource(write(tmp_path / "voice.wav", CUSTOMER), pace="realtime", clock=clock)
    for frame in source.frames():
        assert time.monotonic() >= clock.time_of(frame.end_sample)
        if frame.start_sample == 0:
            time.sleep(1.0)  # a reader that dawdles: the frames behind it must not be late for good
    assert time.monotonic() < clock.time_of(len(CUSTOMER)) + 0.7


def test_a_call_resumes_within_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", AGENT, CUSTOMER)
    frames = [f for f in FileSource(path, clock=CallClock(from_sample=10_000)).frames() if f.leg == "agent"]
    assert frames[0].start_sample == 10_000
    assert np.allclose(np.concatenate([f.samples for f in frames]), AGENT[10_000:], atol=1e-3)


def _silent_film(path: Path) -> Path:
    import av  # noqa: PLC0415 - this test alone writes pictures

    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        still = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 80, dtype=np.uint8), format="rgb24")
        container.mux(picture.encode(still))
        container.mux(picture.encode(None))
    return path
