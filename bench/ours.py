"""The product as its users run it: `tingbanctl transcribe` of this source, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.meter import Cost, ProcessMeter
from bench.report import ROOT
from bench.score import Written, percentile
from core.errors import EnvironmentFault


class Transcription(NamedTuple):
    """What one run wrote, what it cost from its first instruction to its last, and how late its lines came.

    `line_lag_ms`: p95 of the delay between a line's own `emitted_ms` and its arrival here, above the smallest such
    delay of the run. It guards `--live` figures: a line that claims to have been emitted sooner than it was, or waits
    in a pipe, shows here.
    """

    events: list[Written]
    cost: Cost
    line_lag_ms: float


def transcribe(audio: Path, options: Sequence[str]) -> Transcription:
    """Run `tingbanctl transcribe AUDIO --json --raw` with more options to its end.

    Raises: EnvironmentFault when it fails (its own words stand above on standard error).
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1"}
    events: list[Written] = []
    lags_ms: list[float] = []
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "transcribe", str(audio), "--json", "--raw", *options],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=environment,
    ) as process:
        assert process.stdout is not None
        with ProcessMeter([process.pid]) as meter:
            for line in process.stdout:
                arrived_ms = 1000 * time.monotonic()
                event = _event(line)
                if event is not None:
                    events.append(event)
                    lags_ms.append(arrived_ms - event.emitted_ms)
            code = process.wait()
        cost = meter.cost()
    if code:
        raise EnvironmentFault(f"tingbanctl transcribe {audio.name} ended with exit code {code}.")
    line_lag_ms = percentile(lags_ms, 95) - min(lags_ms) if lags_ms else 0.0
    return Transcription(events, cost, line_lag_ms)


def _event(line: bytes) -> Written | None:
    fields = json.loads(line)
    if fields.get("type") not in ("hypothesis", "utterance", "gap"):
        return None
    return msgspec.convert(fields, Written)
