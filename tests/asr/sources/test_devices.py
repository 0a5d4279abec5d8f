"""Names of devices, and what is said where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from asr.sources import devices, pulse
from asr.sources.clock import CallClock
from asr.sources.devices import DeviceSpec, open_call, open_leg, parse_spec
from asr.sources.file import FileSource
from core.errors import BadInput, DeviceFault
from tests.harness.media import write
from tests.harness.sound import babble


@pytest.mark.parametrize(
    ("spec", "kind", "name"),
    [
        ("microphone:alsa_input.usb-0:1", "microphone", "alsa_input.usb-0:1"),
        ("loopback:softphone.monitor", "loopback", "softphone.monitor"),
        ("file:/tmp/a call: two.wav", "file", "/tmp/a call: two.wav"),
    ],
)
def test_reads_a_name(spec: str, kind: str, name: str) -> None:
    assert parse_spec(spec, "agent") == DeviceSpec(kind, name)


def test_the_default_of_a_leg() -> None:
    assert parse_spec("default", "agent").kind == "microphone"
    assert parse_spec("default", "customer").kind == "loopback"


@pytest.mark.parametrize("spec", ["", "speaker:x", "loopback:", "loopback", "file:", "Default"])
def test_refuses_what_names_nothing(spec: str) -> None:
    with pytest.raises(BadInput, match="does not name a device") as caught:
        parse_spec(spec, "agent")
    assert "tingbanctl devices" in caught.value.remedy


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")


@pytest.mark.usefixtures("no_server")
def test_without_a_server_a_loopback_is_refused_with_what_to_do() -> None:
    assert not pulse.is_running()
    with pytest.raises(DeviceFault, match="no loopback") as caught:
        open_leg("default", "customer")
    assert caught.value.remedy == devices.LOOPBACK_REMEDY


def test_a_file_for_both_legs_is_opened_once(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", babble(1, 1), babble(1, 2))
    source = open_call(f"file:{path}", f"file:{path}")
    assert isinstance(source, FileSource)
    assert source.legs == ("agent", "customer")


def test_two_files_are_one_leg_each(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{number}.wav", babble(0.5, number)) for number in (1, 2)]
    source = open_call(f"file:{paths[0]}", f"file:{paths[1]}")
    assert source.legs == ("agent", "customer")
    ends = {frame.leg: frame.end_sample for frame in source.frames()}
    assert ends == {"agent": 8000, "customer": 8000}


def test_a_damaged_leg_ends_both(tmp_path: Path) -> None:
    good = write(tmp_path / "good.wav", babble(30, 1))
    bad = write(tmp_path / "bad.wav", babble(1, 2))
    bad.write_bytes(bad.read_bytes()[:20_000])
    with pytest.raises(BadInput, match="gives"):
        list(open_call(f"file:{good}", f"file:{bad}").frames())


def test_a_leg_that_cannot_be_opened_releases_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr(FileSource, "close", lambda source: closed.append(source.name))
    good = write(tmp_path / "good.wav", babble(1, 1))
    with pytest.raises(BadInput):
        open_call(f"file:{good}", f"file:{tmp_path / 'none.wav'}")
    assert closed == ["good.wav"]


def test_a_file_runs_on_the_clock_it_is_given(tmp_path: Path) -> None:
    source = open_leg(f"file:{write(tmp_path / 'a.wav', babble(1, 1))}", "agent", CallClock(from_sample=8000))
    assert next(iter(source.frames())).start_sample == 8000
