"""`tingbanctl call`: what the command line says of a window's call. A real session answers in `tests/integration`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main as cli
from core.requests import CallState, CallStatus, RequestServer, StartCall, StopCall
from tests.harness.ctl import ctl

RUNNING = CallState(running=True, call_id="c1", seconds=61, trigger="cli", paused=True)


@pytest.mark.parametrize("action", ["start", "stop", "status"])
def test_no_window(desk_folder: Path, action: str) -> None:
    done = ctl("call", action, "--json")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "tingbanctl: No Tingban window is running. Start it with `tingban`.\n"


@pytest.mark.parametrize("arguments", [(), ("hold",), ("start", "--number")])
def test_bad_usage(desk_folder: Path, arguments: tuple[str, ...]) -> None:
    done = ctl("call", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage" in done.stderr


def test_what_is_asked_and_answered(desk_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[object] = []

    def start(request: StartCall) -> CallState:
        asked.append(request)
        return RUNNING

    def stop(request: StopCall) -> CallState:
        asked.append(request)
        return CallState(running=False)

    def status(request: CallStatus) -> CallState:
        asked.append(request)
        return RUNNING

    with RequestServer("desk", {StartCall: start, StopCall: stop, CallStatus: status}):
        assert cli.main(["call", "start", "--number", "10086", "--customer", "k7", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {
            "running": True,
            "call_id": "c1",
            "seconds": 61,
            "trigger": "cli",
            "paused": True,
        }
        assert cli.main(["call", "status"]) == 0
        assert capsys.readouterr().out == "call c1, 61 s, begun by cli, paused\n"
        assert cli.main(["call", "stop"]) == 0
        assert capsys.readouterr().out == "no call\n"
        assert cli.main(["call", "stop", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["running"] is False
    assert asked == [StartCall("10086", "k7"), CallStatus(), StopCall(), StopCall()]


def test_a_number_that_is_none_is_refused(desk_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RequestServer("desk", {StartCall: lambda _: RUNNING}):
        code = cli.main(["call", "start", "--number", "1" * 65])
    assert code in {2, 3}
    assert capsys.readouterr().out == ""
