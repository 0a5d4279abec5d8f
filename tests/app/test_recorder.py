"""The recorder process against real devices, a real call and real files."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from app.device_loop import DeviceLoop
from app.recorder import Recorder
from core.messages import (
    AudioChunk,
    CaptureGap,
    CloseLegs,
    DeviceList,
    Fault,
    LegEnded,
    LegsOpened,
    Levels,
    ListDevices,
    Message,
    MeterDevices,
    OpenLegs,
    PauseCapture,
    Ready,
    VoiceHeard,
    WatchVoice,
)
from core.types import LEGS, SAMPLE_RATE_HZ, Gap, Leg, Samples
from tests.harness import sip
from tests.harness.media import write
from tests.harness.pulse import PulseServer
from tests.harness.sound import alikeness, babble, tone, vowel
from tests.harness.telephone import telephone
from tests.harness.worker import Worker

pytestmark = pytest.mark.audio

CALL = "c1"
AGENT, CUSTOMER = babble(3, 1), babble(3, 2)


class Recording:
    """A recorder process and what has come of it."""

    def __init__(self, server: PulseServer) -> None:
        desk = {name: value for name, value in os.environ.items() if name.startswith("TINGBAN_")}
        self.server = server
        self.worker = Worker("app.recorder", server.env | desk)
        self.worker.wait_for(of_kind(Ready))

    def open(self, agent: str = "default", customer: str = "default", from_sample: int = 0) -> LegsOpened:
        self.worker.send(OpenLegs(CALL, agent, customer, from_sample))
        self.worker.wait_for(of_kind(LegsOpened))
        return self.worker.of(LegsOpened)[-1]

    def close(self) -> None:
        self.worker.send(CloseLegs(CALL))
        self.wait_ended()

    def wait_ended(self) -> None:
        self.worker.wait_for(of_kind(LegEnded, count=2))

    def wait_samples(self, leg: Leg, end_sample: int) -> None:
        """Until a leg has come so far."""
        self.worker.wait_for(lambda messages: any(end_of(m) >= end_sample for m in messages if is_chunk(m, leg)), 60)

    def listening_streams(self) -> int:
        """How many streams of clients the server has."""
        return self.server.control("list", "short", "source-outputs").count("protocol-native")

    def chunks(self, leg: Leg) -> list[AudioChunk]:
        return [chunk for chunk in self.worker.of(AudioChunk) if chunk.leg == leg]

    def samples(self, leg: Leg) -> Samples:
        """A leg on the call's clock, silence where it has gaps."""
        chunks = self.chunks(leg)
        whole = np.zeros(end_of(chunks[-1]), dtype=np.float32)
        for chunk in chunks:
            whole[chunk.start_sample : end_of(chunk)] = np.frombuffer(chunk.pcm, "<i2").astype(np.float32) / 32768
        return whole

    def gaps(self, leg: Leg) -> list[Gap]:
        return [message.gap for message in self.worker.of(CaptureGap) if message.gap.leg == leg]

    def assert_accounted(self, leg: Leg) -> None:
        """Every sample up to the leg's end is in one chunk or in one gap."""
        position = 0
        for message in self.worker.messages:
            if is_chunk(message, leg):
                assert message.start_sample == position
                position = end_of(message)
            elif isinstance(message, CaptureGap) and message.gap.leg == leg:
                assert message.gap.start_ms == position // 16
                # Gaps are told in whole milliseconds; the next chunk says where exactly the leg goes on.
                position = next(
                    (m.start_sample for m in self.after(message) if is_chunk(m, leg)), message.gap.end_ms * 16
                )
                assert abs(position - message.gap.end_ms * 16) <= 16
        end = next(m.end_sample for m in self.worker.of(LegEnded) if m.leg == leg)
        assert abs(end - position) <= 16

    def after(self, message: Message) -> list[Message]:
        at = next(index for index, other in enumerate(self.worker.messages) if other is message)
        return self.worker.messages[at + 1 :]


def of_kind(kind: type, count: int = 1) -> Callable[[list[Message]], bool]:
    return lambda messages: sum(isinstance(message, kind) for message in messages) >= count


def is_chunk(message: Message, leg: Leg) -> bool:
    return isinstance(message, AudioChunk) and message.leg == leg


def end_of(chunk: AudioChunk) -> int:
    return chunk.start_sample + len(chunk.pcm) // 2


@pytest.fixture
def recording(pulse: PulseServer, desk_folder: Path) -> Iterator[Recording]:
    running = Recording(pulse)
    yield running
    assert running.worker.stop() == 0


@pytest.fixture
def fragile_recording(own_pulse: PulseServer, desk_folder: Path) -> Iterator[Recording]:
    """A recording whose server may be taken apart."""
    running = Recording(own_pulse)
    yield running
    assert running.worker.stop() == 0


def test_both_legs_of_a_call_come_whole_and_on_the_right_side(recording: Recording, pulse: PulseServer) -> None:
    opened = recording.open()
    assert opened.from_sample == 0
    assert opened.agent_name != opened.customer_name != ""
    players = [pulse.play(AGENT, "micfeed"), pulse.play(CUSTOMER, "softphone")]
    for leg in LEGS:
        recording.wait_samples(leg, len(AGENT) + SAMPLE_RATE_HZ)
    assert all(player.wait(20) == 0 for player in players)
    recording.close()
    for leg, reference, other in (("agent", AGENT, CUSTOMER), ("customer", CUSTOMER, AGENT)):
        recording.assert_accounted(leg)
        assert recording.gaps(leg) == []
        assert alikeness(reference, recording.samples(leg)) >= 0.95
        assert alikeness(other, recording.samples(leg)) < 0.3
    assert {len(chunk.pcm) for chunk in recording.worker.of(AudioChunk)[2:-2]} <= set(range(1280, 4800, 2))
    assert recording.worker.of(Fault) == []


@pytest.mark.parametrize(("codec", "law"), [("PCMU", "pcm_mulaw"), ("PCMA", "pcm_alaw")])
def test_a_real_sip_call_is_captured_on_both_legs(
    recording: Recording, pulse: PulseServer, tmp_path: Path, codec: str, law: str
) -> None:
    if reason := sip.missing():
        pytest.skip(reason)
    far, near = babble(6, 3), babble(6, 4)
    wav = write(tmp_path / "far.wav", far, rate_hz=8000)
    with sip.sip_pair(pulse, tmp_path, wav, codec=codec) as pair:
        recording.open("microphone:mic", "loopback:softphone.monitor")
        pair.dial()
        # The far end is heard: the call stands.
        recording.worker.wait_for(
            lambda messages: any(is_chunk(m, "customer") and np.any(np.frombuffer(m.pcm, "<i2")) for m in messages)
        )
        pulse.play(near, "micfeed")
        begun = end_of(recording.chunks("customer")[-1])
        for leg in LEGS:
            recording.wait_samples(leg, begun + len(near) + SAMPLE_RATE_HZ)
        pair.hang_up()
        recording.close()
    for leg, reference, other in (("customer", telephone(far, law=law), near), ("agent", near, far)):
        recording.assert_accounted(leg)
        assert recording.gaps(leg) == []
        assert alikeness(reference, recording.samples(leg)) >= 0.95
        assert alikeness(other, recording.samples(leg)) < 0.3


def test_a_stereo_file_is_both_legs_at_real_time_pace(recording: Recording, tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", AGENT, CUSTOMER)
    opened = recording.open(f"file:{path}", f"file:{path}")
    assert (opened.agent_name, opened.customer_name) == ("call.wav", "call.wav")
    recording.wait_ended()
    for leg, reference in (("agent", AGENT), ("customer", CUSTOMER)):
        recording.assert_accounted(leg)
        assert np.allclose(recording.samples(leg), reference, atol=1e-3)
    assert [m.end_sample for m in recording.worker.of(LegEnded)] == [len(AGENT)] * 2


def test_a_recorder_that_is_started_again_goes_on_where_the_call_is(recording: Recording, tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", AGENT, CUSTOMER)
    assert recording.open(f"file:{path}", f"file:{path}", from_sample=32_000).from_sample == 32_000
    recording.wait_ended()
    assert recording.chunks("agent")[0].start_sample == 32_000
    assert np.allclose(recording.samples("agent")[32_000:], AGENT[32_000:], atol=1e-3)


def test_one_voice_in_a_file_leaves_the_other_leg_empty(recording: Recording, tmp_path: Path) -> None:
    path = write(tmp_path / "voice.wav", CUSTOMER[:16_000])
    recording.open(f"file:{path}", f"file:{path}")
    recording.wait_ended()
    assert recording.chunks("agent") == []
    assert {m.leg: m.end_sample for m in recording.worker.of(LegEnded)} == {"agent": 0, "customer": 16_000}


def test_a_damaged_file_is_read_to_the_damage_and_told(recording: Recording, tmp_path: Path) -> None:
    path = write(tmp_path / "cut.wav", AGENT, CUSTOMER)
    path.write_bytes(path.read_bytes()[:64_000])
    recording.open(f"file:{path}", f"file:{path}")
    recording.wait_ended()
    assert [fault.code for fault in recording.worker.of(Fault)] == ["bad-input"]
    assert len(recording.samples("customer")) > 14_000


def test_nothing_leaves_while_paused_and_the_clock_goes_on(recording: Recording, pulse: PulseServer) -> None:
    recording.open()
    pulse.play(tone(20, 440), "softphone")
    recording.wait_samples("customer", SAMPLE_RATE_HZ)
    recording.worker.send(PauseCapture(CALL, paused=True))
    recording.worker.wait_for(of_kind(PauseCapture))
    before = {leg: len(recording.chunks(leg)) for leg in LEGS}
    recording.worker.wait_for(of_kind(Levels, count=len(recording.worker.of(Levels)) + 15))  # 1.5 s
    assert {leg: len(recording.chunks(leg)) for leg in LEGS} == before
    assert recording.worker.of(Levels)[-1] == Levels(-90.0, -90.0)
    recording.worker.send(PauseCapture(CALL, paused=False))
    recording.worker.wait_for(of_kind(CaptureGap, count=2))
    for leg in LEGS:
        recording.wait_samples(leg, end_of(recording.chunks(leg)[-1]) + 8000)
    recording.close()
    for leg in LEGS:
        recording.assert_accounted(leg)
        (gap,) = recording.gaps(leg)
        assert gap.reason == "paused"
        assert gap.end_ms - gap.start_ms >= 1400


def test_a_call_that_ends_while_paused_tells_the_gap(recording: Recording) -> None:
    recording.open()
    recording.wait_samples("agent", 8000)
    recording.wait_samples("customer", 8000)
    recording.worker.send(PauseCapture(CALL, paused=True))
    recording.worker.wait_for(of_kind(PauseCapture))
    recording.worker.wait_for(of_kind(Levels, count=len(recording.worker.of(Levels)) + 3))  # 300 ms
    recording.close()
    for leg in LEGS:
        recording.assert_accounted(leg)
        assert [gap.reason for gap in recording.gaps(leg)] == ["paused"]


def test_a_device_that_goes_and_comes_back_is_a_gap_while_the_other_leg_goes_on(fragile_recording: Recording) -> None:
    recording = fragile_recording
    server = recording.server
    recording.open("microphone:mic", "default")
    recording.wait_samples("agent", 8000)
    server.control("unload-module", "module-remap-source")
    recording.worker.wait_for(of_kind(Fault))
    assert [fault.code for fault in recording.worker.of(Fault)] == ["device"]
    end = end_of(recording.chunks("customer")[-1])
    recording.wait_samples("customer", end + SAMPLE_RATE_HZ)
    server.control("load-module", "module-remap-source", "source_name=mic", "master=micfeed.monitor")
    recording.worker.wait_for(of_kind(LegsOpened, count=2))
    lost_end = end_of(recording.chunks("agent")[-1])
    recording.wait_samples("agent", lost_end + 16_000)
    recording.close()
    first, again = recording.worker.of(LegsOpened)
    assert again.agent_name == first.agent_name
    # Both say the same about when the call's first sample was heard.
    origins_ms = [opened.opened_at_unix_ms - opened.from_sample / 16 for opened in (first, again)]
    assert abs(origins_ms[0] - origins_ms[1]) < 50
    assert [gap.reason for gap in recording.gaps("agent")] == ["device"]
    assert recording.gaps("customer") == []
    for leg in LEGS:
        recording.assert_accounted(leg)
    assert len(recording.worker.of(Fault)) == 1


def test_a_device_that_was_never_there_is_a_fault_and_a_gap(recording: Recording) -> None:
    opened = recording.open("microphone:unplugged", "default")
    assert opened.agent_name == ""
    assert opened.customer_name
    recording.wait_samples("customer", 8000)
    recording.close()
    assert [fault.code for fault in recording.worker.of(Fault)] == ["device"]
    (gap,) = recording.gaps("agent")
    assert (gap.start_ms, gap.reason) == (0, "device")
    recording.assert_accounted("agent")


def test_a_name_that_is_none_ends_its_leg_alone(recording: Recording) -> None:
    recording.open("speaker:left", "default")
    recording.worker.wait_for(of_kind(LegEnded))
    assert [fault.code for fault in recording.worker.of(Fault)] == ["bad-input"]
    recording.wait_samples("customer", 8000)
    recording.close()
    assert [m.leg for m in recording.worker.of(LegEnded)] == ["agent", "customer"]


def test_nothing_is_captured_between_calls(recording: Recording) -> None:
    recording.open()
    recording.wait_samples("agent", 3200)
    recording.close()
    assert recording.listening_streams() == 0
    ended = len(recording.worker.messages)
    recording.worker.send(ListDevices())
    recording.worker.wait_for(of_kind(DeviceList))
    assert [type(message) for message in recording.worker.messages[ended:]] == [DeviceList]


def test_a_second_call_begins_at_zero(recording: Recording) -> None:
    recording.open()
    recording.wait_samples("agent", 3200)
    recording.close()
    recording.worker.send(OpenLegs("c2", "default", "default"))
    recording.worker.wait_for(
        lambda messages: {m.leg for m in messages if isinstance(m, AudioChunk) and m.call_id == "c2"} == set(LEGS)
    )
    first = next(chunk for chunk in recording.worker.of(AudioChunk) if chunk.call_id == "c2")
    assert first.start_sample == 0
    recording.worker.send(CloseLegs("c1"))  # of a call that is over: nothing happens
    recording.worker.send(CloseLegs("c2"))
    recording.worker.wait_for(of_kind(LegEnded, count=4))


def test_levels_follow_the_sound_at_most_ten_times_a_second(recording: Recording, pulse: PulseServer) -> None:
    opened = recording.open()
    pulse.play(tone(3, 1000, level=0.1), "micfeed")
    recording.worker.wait_for(lambda messages: any(isinstance(m, Levels) and m.agent_db > -23.5 for m in messages))
    recording.close()
    levels = recording.worker.of(Levels)
    assert max(level.agent_db for level in levels) == pytest.approx(-23.0, abs=1.0)
    assert {level.customer_db for level in levels} == {-90.0}
    assert len(levels) <= max(end_of(recording.chunks(leg)[-1]) for leg in LEGS) / 1600 + 3
    assert opened.call_id == CALL


def test_meters_of_two_devices_without_a_call_send_levels_alone(recording: Recording, pulse: PulseServer) -> None:
    recording.worker.send(MeterDevices("microphone:mic", "loopback:softphone.monitor"))
    pulse.play(tone(3, 1000), "softphone")
    recording.worker.wait_for(lambda messages: any(isinstance(m, Levels) and m.customer_db > -30 for m in messages))
    recording.worker.send(MeterDevices())
    recording.worker.send(ListDevices())
    recording.worker.wait_for(of_kind(DeviceList))
    assert {type(message) for message in recording.worker.messages} == {Ready, Levels, DeviceList}
    assert recording.listening_streams() == 0


def test_a_call_takes_the_devices_from_the_meters(recording: Recording) -> None:
    recording.worker.send(MeterDevices("default", "default"))
    recording.worker.wait_for(of_kind(Levels))
    recording.open()
    recording.worker.send(MeterDevices("default", "default"))  # not during a call
    recording.wait_samples("agent", 16_000)
    assert recording.listening_streams() == 2
    recording.close()


def test_a_voice_on_the_watched_device_is_told_once_and_a_tone_is_not(recording: Recording, pulse: PulseServer) -> None:
    recording.worker.send(WatchVoice("default", enabled=True))
    sound = np.concatenate((tone(1.5, 450), vowel(1.5)))
    player = pulse.play(sound, "softphone")
    recording.worker.wait_for(of_kind(VoiceHeard))
    assert player.wait(20) == 0
    recording.worker.send(WatchVoice("default", enabled=False))
    recording.worker.send(ListDevices())
    recording.worker.wait_for(of_kind(DeviceList))
    assert len(recording.worker.of(VoiceHeard)) == 1
    assert {type(message) for message in recording.worker.messages} == {Ready, VoiceHeard, DeviceList}
    assert recording.listening_streams() == 0


def test_the_watch_rests_during_a_call_and_goes_on_after_it(recording: Recording, pulse: PulseServer) -> None:
    recording.worker.send(WatchVoice("default", enabled=True))
    recording.open()
    pulse.play(vowel(1), "softphone")
    recording.wait_samples("customer", 24_000)
    assert recording.worker.of(VoiceHeard) == []
    recording.close()
    pulse.play(vowel(2), "softphone")
    recording.worker.wait_for(of_kind(VoiceHeard))


def test_no_audio_server_is_a_fault_and_an_empty_list(fragile_recording: Recording) -> None:
    fragile_recording.server.stop()
    fragile_recording.worker.send(WatchVoice("default", enabled=True))
    fragile_recording.worker.wait_for(of_kind(Fault))
    assert {fault.code for fault in fragile_recording.worker.of(Fault)} == {"device"}
    fragile_recording.worker.send(ListDevices())
    fragile_recording.worker.wait_for(of_kind(DeviceList))
    assert all(device.kind == "microphone" for device in fragile_recording.worker.of(DeviceList)[-1].devices)


def test_a_device_thread_that_dies_of_a_bug_takes_the_process_along(monkeypatch: pytest.MonkeyPatch) -> None:
    class Crashed(DeviceLoop):
        @property
        def crashed(self) -> bool:
            return True

    monkeypatch.setattr("app.recorder.DeviceLoop", Crashed)
    recorder = Recorder(lambda _message: None)
    recorder.obey(WatchVoice("file:/nowhere.wav", enabled=True))
    with pytest.raises(RuntimeError, match="thread watch died"):
        recorder.tick()
    recorder.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "watch"]


def test_the_recorder_loads_no_recogniser_no_window_and_no_store() -> None:
    forbidden = {"faster_whisper", "ctranslate2", "onnxruntime", "PySide6", "sqlcipher3", "sqlite_utils", "av"}
    code = f"import sys, app.recorder; print(sorted({forbidden} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
