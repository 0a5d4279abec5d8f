"""Capture from a real PulseAudio server."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import closing

import numpy as np
import pytest

from asr.sources import pulse as backend
from asr.sources.clock import CallClock
from asr.sources.devices import list_devices, open_call, open_device, open_leg, parse_spec
from asr.sources.live import LiveSource
from asr.sources.ring import Ring
from core.errors import DeviceFault
from core.types import SAMPLE_RATE_HZ, AudioFrame, Leg
from tests.asr.sources.contract import Case, SourceContract
from tests.harness.pulse import PulseServer
from tests.harness.sound import babble, find

pytestmark = pytest.mark.audio

AGENT, CUSTOMER = babble(2, 1), babble(2, 2)
PATH_SAMPLES = SAMPLE_RATE_HZ
"""More than the way from player to source on a busy machine."""


def device(spec: str, leg: Leg) -> LiveSource:
    return open_device(parse_spec(spec, leg), leg)


class TestMicrophone(SourceContract):
    @pytest.fixture
    def case(self, pulse: PulseServer) -> Case:
        return Case(
            open=lambda: device("microphone:mic", "agent"),
            references={"agent": AGENT},
            open_long=lambda: device("default", "agent"),
            open_bad=lambda: device("microphone:none", "agent"),
            fault=DeviceFault,
            play=lambda: pulse.play(AGENT, "micfeed"),
            tail_samples=PATH_SAMPLES,
        )


class TestLoopback(SourceContract):
    @pytest.fixture
    def case(self, pulse: PulseServer) -> Case:
        return Case(
            open=lambda: device("loopback:softphone.monitor", "customer"),
            references={"customer": CUSTOMER},
            open_long=lambda: device("default", "customer"),
            open_bad=lambda: device("loopback:mic", "customer"),  # a microphone is no loopback
            fault=DeviceFault,
            play=lambda: pulse.play(CUSTOMER, "softphone"),
            tail_samples=PATH_SAMPLES,
        )


class TestBothLegs(SourceContract):
    @pytest.fixture
    def case(self, pulse: PulseServer) -> Case:
        def play() -> None:
            pulse.play(AGENT, "micfeed")
            pulse.play(CUSTOMER, "softphone")

        return Case(
            open=lambda: open_call("default", "default"),
            references={"agent": AGENT, "customer": CUSTOMER},
            open_long=lambda: open_call("microphone:mic", "loopback:softphone.monitor"),
            open_bad=lambda: open_call("default", "loopback:none"),
            fault=DeviceFault,
            play=play,
            tail_samples=PATH_SAMPLES,
        )


def test_lists_microphones_and_loopbacks_default_ones_first(pulse: PulseServer) -> None:
    devices = list_devices()
    assert [(d.id, d.kind, d.default) for d in devices if d.default] == [
        ("softphone.monitor", "loopback", True),
        ("mic", "microphone", True),
    ]
    assert {d.id for d in devices if not d.default} == {"micfeed.monitor", "custspk.monitor"}
    assert all(d.default for d in devices[:2])


def test_a_server_whose_default_source_is_a_monitor_still_has_a_default_microphone(own_pulse: PulseServer) -> None:
    own_pulse.control("set-default-source", "softphone.monitor")
    assert [d.id for d in list_devices() if d.kind == "microphone" and d.default] == ["mic"]


def test_no_microphone_is_said_so(own_pulse: PulseServer) -> None:
    own_pulse.control("unload-module", "module-remap-source")
    with pytest.raises(DeviceFault, match="There is no microphone"):
        open_leg("default", "agent")


def test_legs_of_a_call_share_the_origin(pulse: PulseServer) -> None:
    """The same sound in both legs lies at the same samples, within the 50 ms that the product promises."""
    sound = babble(2, 7)
    clock = CallClock()
    with (
        closing(open_device(parse_spec("loopback:softphone.monitor", "customer"), "customer", clock)) as one,
        closing(open_device(parse_spec("loopback:softphone.monitor", "agent"), "agent", clock)) as other,
    ):
        heard = {}

        def take(source: LiveSource) -> None:
            frames: list[AudioFrame] = []
            for frame in source.frames():
                frames.append(frame)
                if frame.end_sample > 4 * SAMPLE_RATE_HZ:
                    break
            heard[source.legs[0]] = np.concatenate([frame.samples for frame in frames])

        threads = [threading.Thread(target=take, args=(source,)) for source in (one, other)]
        for thread in threads:
            thread.start()
        pulse.play(sound, "softphone")
        for thread in threads:
            thread.join()
    offsets = [find(sound, heard[leg]).offset_samples for leg in ("agent", "customer")]
    assert abs(offsets[0] - offsets[1]) < 0.05 * SAMPLE_RATE_HZ


def test_a_device_that_goes_is_told(own_pulse: PulseServer) -> None:
    with closing(device("microphone:mic", "agent")) as source:
        frames = source.frames()
        next(frames)
        own_pulse.control("unload-module", "module-remap-source")
        with pytest.raises(DeviceFault, match="has gone"):
            list(frames)


def test_a_server_that_goes_is_told(own_pulse: PulseServer) -> None:
    with closing(device("default", "customer")) as source:
        frames = source.frames()
        next(frames)
        own_pulse.stop()
        with pytest.raises(DeviceFault, match="has gone"):
            list(frames)
    assert not backend.is_running()
    with pytest.raises(DeviceFault, match="No audio server"):
        backend.PulseCapture("softphone.monitor", Ring())


def test_a_stream_is_never_moved_to_another_device(own_pulse: PulseServer) -> None:
    """PulseAudio moves streams of a lost sink to the default source: the microphone in place of the far end."""
    with closing(device("loopback:custspk.monitor", "customer")) as source:
        frames = source.frames()
        next(frames)
        module = next(
            line.split()[0]
            for line in own_pulse.control("list", "short", "modules").splitlines()
            if "sink_name=custspk" in line
        )
        own_pulse.control("unload-module", module)
        with pytest.raises(DeviceFault, match="has gone"):
            list(frames)


def test_a_server_that_delivers_nothing_for_a_while_leaves_clocked_silence(own_pulse: PulseServer) -> None:
    clock = CallClock()
    with closing(open_device(parse_spec("default", "customer"), "customer", clock)) as source:
        position = 0
        stopped_at = 0
        for frame in source.frames():
            assert frame.start_sample == position
            position = frame.end_sample
            assert clock.sample_at(time.monotonic()) - position < 2 * SAMPLE_RATE_HZ
            if not stopped_at and position > 0.5 * SAMPLE_RATE_HZ:
                stopped_at = position
                os.kill(own_pulse.pid, signal.SIGSTOP)
            elif stopped_at and position > stopped_at + SAMPLE_RATE_HZ:
                assert not frame.samples.any()
                break
        os.kill(own_pulse.pid, signal.SIGCONT)


def test_a_hung_server_is_said_so(own_pulse: PulseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "DEADLINE_S", 0.5)
    os.kill(own_pulse.pid, signal.SIGSTOP)
    try:
        with pytest.raises(DeviceFault, match="does not answer"):
            backend.list_devices()
    finally:
        os.kill(own_pulse.pid, signal.SIGCONT)


def test_a_machine_without_libpulse_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "load_library", lambda: None)
    assert not backend.is_running()
    with pytest.raises(DeviceFault, match="libpulse is not installed"):
        backend.list_devices()
