"""Fixtures that more than one room's tests use."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.pulse import PulseServer, missing, pulse_server


@pytest.fixture
def desk_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of this test alone, inherited by the processes it starts; sockets, key and policy likewise."""
    folder = tmp_path / "desk"
    # A socket address is short, a test's folder is not.
    with tempfile.TemporaryDirectory(prefix="tb-") as runtime:
        monkeypatch.setenv("TINGBAN_DATA", str(folder))
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        monkeypatch.setenv("TINGBAN_POLICY", str(tmp_path / "no-policy.json"))
        for name in ("TINGBAN_KEY_FILE", "TINGBAN_EPHEMERAL", "TINGBAN_MODELS"):
            monkeypatch.delenv(name, raising=False)
        yield folder


@pytest.fixture(scope="session")
def shared_pulse() -> Iterator[PulseServer]:
    """One PulseAudio server for all tests that leave its devices as they are."""
    if reason := missing():
        pytest.skip(reason)
    with pulse_server() as server:
        yield server


@pytest.fixture
def pulse(shared_pulse: PulseServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    """The shared server, reached by this test and the processes it starts; silent when it ends."""
    monkeypatch.setenv("PULSE_SERVER", shared_pulse.address)
    yield shared_pulse
    shared_pulse.silence()


@pytest.fixture
def own_pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    """A server of this test alone, to break as it likes."""
    if reason := missing():
        pytest.skip(reason)
    with pulse_server() as server:
        monkeypatch.setenv("PULSE_SERVER", server.address)
        yield server
