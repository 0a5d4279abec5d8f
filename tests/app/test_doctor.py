"""What the doctor finds, and what it says to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from app import doctor
from app.doctor import Check, examine
from asr.choice import EngineChoice
from asr.sources import devices
from core.errors import DeviceFault
from core.settings import Settings
from core.types import DeviceInfo


class Usage(NamedTuple):
    total: int
    used: int
    free: int


MIC = DeviceInfo("m1", "Headset", "microphone", default=True)
OTHER = DeviceInfo("m2", "Webcam", "microphone")
SPEAKER = DeviceInfo("s1", "Speaker", "loopback", default=True)


@pytest.fixture
def checks(desk_folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs all checks on a desk whose parts a test may break."""
    monkeypatch.setattr(devices, "list_devices", lambda: [OTHER, MIC, SPEAKER])
    monkeypatch.setattr(doctor, "_engine", lambda *_, **__: Check("engine", ok=True, detail="fast"))
    monkeypatch.setattr(doctor, "_model", lambda _: Check("model", ok=True, detail="there"))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: Usage(10**12, 0, 10**12))
    monkeypatch.setenv("DISPLAY", ":1")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    key = desk_folder.parent / "key"
    key.write_text("a long enough passphrase\n", encoding="utf-8")
    key.chmod(0o600)

    def run(**options: object) -> dict[str, Check]:
        found = list(examine(Settings.load(), key_file=key, **options))
        assert len({check.name for check in found}) == len(found)
        assert all(check.remedy for check in found if not check.ok)
        return {check.name: check for check in found}

    return run


def test_a_fit_desk(checks) -> None:
    found = checks()
    assert [check.name for check in found.values() if not check.ok] == []
    assert found["microphone"].detail == "Headset (2 in all)"
    assert found["customer side"].detail == "Speaker (1 in all)"
    assert found["key"].detail == "passphrase file"
    assert found["mask"].detail == "insults and personal data are hidden by rules"
    assert list(found)[-1] == "engine"


def test_a_chosen_device(checks) -> None:
    settings = Settings.load()
    settings.set("audio.agent_device", "microphone:m2")
    settings.save()
    assert checks()["microphone"].detail == "Webcam (2 in all)"
    settings.set("audio.agent_device", "microphone:gone")
    settings.save()
    assert checks()["microphone"].detail == "The chosen device is not there."


def test_a_file_in_place_of_a_device(checks, tmp_path: Path) -> None:
    settings = Settings.load()
    settings.set("audio.agent_device", f"file:{tmp_path / 'call.wav'}")
    settings.save()
    assert not checks()["microphone"].ok
    (tmp_path / "call.wav").touch()
    assert checks()["microphone"] == Check("microphone", ok=True, detail="the file call.wav in place of a device")


def test_no_devices(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "list_devices", lambda: [SPEAKER])
    assert "headset" in checks()["microphone"].remedy
    monkeypatch.setattr(devices, "list_devices", lambda: [MIC])
    assert "PulseAudio" in checks()["customer side"].remedy


def test_no_sound_system_is_a_finding_and_the_rest_is_checked(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[DeviceInfo]:
        raise DeviceFault("There is no sound system.", remedy="Install one.")

    monkeypatch.setattr(devices, "list_devices", fail)
    found = checks()
    assert found["microphone"] == Check(
        "microphone", ok=False, detail="There is no sound system.", remedy="Install one."
    )
    assert found["engine"].ok


def test_a_full_disk(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: Usage(10**12, 0, 10**9))
    assert not checks()["data folder"].ok


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_data_folder_that_cannot_be_written(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert "cannot be written" in checks()["data folder"].detail


def test_damaged_settings(checks, desk_folder: Path) -> None:
    desk_folder.mkdir(exist_ok=True)
    (desk_folder / "settings.json").write_text("{", encoding="utf-8")
    assert "damaged" in checks()["settings"].detail


def test_no_key(checks, monkeypatch: pytest.MonkeyPatch, desk_folder: Path) -> None:
    (desk_folder.parent / "key").unlink()
    found = checks()["key"]
    assert not found.ok


@pytest.mark.parametrize(
    ("x11", "wayland", "ok", "words"),
    [
        (":1", None, True, "X11"),
        (":1", "wayland-0", True, "XWayland"),
        (None, "wayland-0", False, "Wayland without XWayland"),
        (None, None, False, "no display"),
    ],
)
def test_displays(checks, monkeypatch: pytest.MonkeyPatch, x11, wayland, ok: bool, words: str) -> None:
    for name, value in (("DISPLAY", x11), ("WAYLAND_DISPLAY", wayland)):
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, value)
    found = checks()["display"]
    assert (found.ok, words in found.detail) == (ok, True)


def test_displays_elsewhere(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "platform", "win32")
    assert doctor._display().ok


@pytest.mark.parametrize("live", [True, False])
def test_the_engine(desk_folder: Path, monkeypatch: pytest.MonkeyPatch, live: bool) -> None:
    choice = EngineChoice("cpu", "int8", 2, 0.3 if live else 3.0, "5 s of speech took so long")
    monkeypatch.setattr("models.store.resolve", lambda name: name)
    monkeypatch.setattr("app.engine.engine_choice", lambda *_, **__: choice)
    found = doctor._engine(Settings.load(), try_again=False)
    assert found.ok is live
    assert found.detail.startswith("cpu int8, 2 threads, because 5 s of speech took so long")
    assert bool(found.remedy) is not live
