"""`tingbanctl live`: captions of devices, or of files in their place."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.harness import media
from tests.harness.ctl import DEADLINE_S, ROOT, command, ctl, rows
from tests.harness.pulse import PulseServer
from tests.harness.speech import char_errors, clip, part, turns

TURN = turns()[-3]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--agent", "none", "--customer", "none", "--raw"), 2, "none"),
        (("--agent", "telephone", "--raw"), 2, "'telephone' does not name a device"),
        (("--customer", "none", "--raw"), 3, "not installed"),
    ],
)
def test_refusals(desk_folder: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = ctl("live", "--json", *arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert words in done.stderr.splitlines()[-1]


@pytest.mark.model
def test_files_in_place_of_devices_until_the_time_is_up(desk_with_models: Path, tmp_path: Path) -> None:
    legs = part(50_800, 56_000)
    agent = media.write(tmp_path / "agent.wav", legs["agent"])
    customer = media.write(tmp_path / "customer.wav", legs["customer"])
    done = ctl(
        "live", "--agent", f"file:{agent}", "--customer", f"file:{customer}", "--seconds", "3", "--raw", "--json"
    )
    assert done.returncode == 0, done.stderr
    finals = [row for row in rows(done) if row["type"] == "utterance"]
    assert finals[0]["leg"] == "agent"
    assert char_errors(TURN.text, finals[0]["text"]) <= 2
    assert all(row["end_ms"] <= 3_200 for row in finals)


@pytest.mark.model
@pytest.mark.audio
@pytest.mark.skipif(sys.platform != "linux", reason="PulseAudio")
def test_what_the_softphone_plays_is_written_until_it_is_interrupted(
    desk_with_models: Path, pulse: PulseServer
) -> None:
    process = subprocess.Popen(
        command("live", "--agent", "none", "--raw", "--json"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    guard = threading.Timer(DEADLINE_S, process.kill)
    guard.start()
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        # The note is the last word before listening begins.
        assert "遮罩未启用" in process.stderr.readline()
        pulse.play(clip(TURN), "softphone")
        finals = []
        for line in process.stdout:
            row = json.loads(line)
            if row["type"] == "utterance":
                finals.append(row)
                process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    guard.cancel()
    assert {row["leg"] for row in finals} == {"customer"}
    assert char_errors(TURN.text, "".join(row["text"] for row in finals)) <= 3
