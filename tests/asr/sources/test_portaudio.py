"""Microphones through PortAudio: here on ALSA, which leads to a real PulseAudio server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from asr.sources import devices, portaudio
from asr.sources.devices import list_devices, open_leg
from asr.sources.live import LiveSource
from asr.sources.ring import Ring
from core.errors import DeviceFault
from tests.asr.sources.contract import Case, SourceContract
from tests.harness.pulse import PulseServer
from tests.harness.sound import babble

pytestmark = pytest.mark.audio

AGENT = babble(2, 1)
ALSA = """</usr/share/alsa/alsa.conf>
pcm.headset { type pulse device "mic" hint { show on description "headset" } }
pcm.!default { type pulse device "mic" }
"""


@pytest.fixture(autouse=True)
def alsa(pulse: PulseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without libpulse of its own, whose ALSA has one headset."""
    try:
        library = portaudio.load_library()
    except DeviceFault as fault:
        pytest.skip(str(fault))
    config = tmp_path / "asound.conf"
    config.write_text(ALSA)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    portaudio.list_devices()
    monkeypatch.setattr("asr.sources.pulse.load_library", lambda: None)
    yield
    # What PortAudio has found belongs to this test alone.
    library._terminate()
    monkeypatch.undo()
    library._initialize()


class TestPortAudioMicrophone(SourceContract):
    @pytest.fixture
    def case(self, pulse: PulseServer) -> Case:
        return Case(
            open=lambda: open_leg("microphone:headset", "agent"),
            references={"agent": AGENT},
            open_long=lambda: open_leg("default", "agent"),
            open_bad=lambda: open_leg("microphone:none", "agent"),
            fault=DeviceFault,
            play=lambda: pulse.play(AGENT, "micfeed"),
            tail_samples=16_000,
        )


def test_lists_microphones_and_no_loopback() -> None:
    found = list_devices()
    assert "headset" in {device.id for device in found}
    assert {device.kind for device in found} == {"microphone"}


def test_a_loopback_is_refused_with_what_to_do() -> None:
    with pytest.raises(DeviceFault, match="no loopback") as caught:
        open_leg("default", "customer")
    assert caught.value.remedy == devices.LOOPBACK_REMEDY


def test_a_device_that_fails_to_start_is_released_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    library = portaudio.load_library()
    closed = []

    class Broken:
        def __init__(self, **_options: object) -> None:
            """Opens."""

        def start(self) -> None:
            raise library.PortAudioError("Device unavailable")

        def close(self) -> None:
            closed.append(True)

    monkeypatch.setattr(library, "InputStream", Broken)
    with pytest.raises(DeviceFault, match="Device unavailable"):
        portaudio.PortAudioCapture("headset", Ring())
    assert closed == [True]
    assert not portaudio._running


def test_an_overflow_of_the_device_is_counted_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    class Status:
        def __init__(self, overflow: bool) -> None:
            self.input_overflow = overflow

    class Idle:
        def __init__(self, **_options: object) -> None:
            """Never calls back by itself."""

        def start(self) -> None:
            """Nothing to start."""

        def close(self) -> None:
            """Nothing to close."""

    monkeypatch.setattr(portaudio.load_library(), "InputStream", Idle)
    ring = Ring()
    capture = portaudio.PortAudioCapture("headset", ring)
    times = iter([10.0, 10.5])
    monkeypatch.setattr(portaudio, "time", SimpleNamespace(monotonic=lambda: next(times)))
    block = np.zeros((320, 1), dtype=np.float32)
    capture._callback(block, 320, None, Status(overflow=False))
    capture._callback(block, 320, None, Status(overflow=True))
    assert ring.read(0).lost_samples == 0
    assert ring.read(0).lost_samples == 8000 - 320
    capture._finished()
    assert ring.failure == "The microphone has gone."
    capture.stop()
    capture.stop()


def test_a_microphone_that_delivers_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute:
        def stop(self) -> None:
            """Nothing to stop."""

    monkeypatch.setattr("asr.sources.live.DEAD_MICROPHONE_S", 0.6)
    source = LiveSource("agent", "microphone", lambda _ring: Mute())
    with pytest.raises(DeviceFault, match="delivers nothing"):
        list(source.frames())
    source.close()
