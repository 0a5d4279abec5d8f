"""`tingbanctl devices`."""

from __future__ import annotations

import json

import pytest

from app.cli.main import main
from tests.harness.pulse import PulseServer


@pytest.mark.audio
@pytest.mark.usefixtures("desk_folder", "pulse")
def test_lists_devices_as_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(set(row) == {"id", "name", "kind", "default"} for row in rows)
    assert {"id": "mic", "name": rows[1]["name"], "kind": "microphone", "default": True} in rows
    assert [row["id"] for row in rows if row["kind"] == "loopback" and row["default"]] == ["softphone.monitor"]


@pytest.mark.audio
@pytest.mark.usefixtures("desk_folder", "pulse")
def test_lists_devices_for_people_and_no_more_than_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--limit", "1"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 1
    assert out[0].startswith("* loopback:softphone.monitor ")


@pytest.mark.audio
@pytest.mark.usefixtures("desk_folder")
def test_no_device_is_an_environment_fault_with_its_remedy(
    own_pulse: PulseServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in reversed(own_pulse.control("list", "short", "modules").splitlines()):
        if "null-sink" in module or "remap" in module:
            own_pulse.control("unload-module", module.split()[0])
    assert main(["devices", "--json"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "There is no audio device. Plug in a headset" in captured.err
