"""Feeding one leg at wall-clock pace and noting what comes back, on the audio's clock.

A feeder loads its system, prints `{"type": "ready"}`, waits for a line `start SECONDS` (monotonic clock, shared by all
processes of the machine), delivers every block when its last sample would have been heard, then silence, and ends.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
Pcm = NDArray[np.int16]
"""int16, shape (n_samples,), 16 kHz mono."""


def parse(description: str | None) -> argparse.Namespace:
    """The arguments every feeder takes: `wave`, `leg`, `model`, `tail_s`, `port`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--wave", type=Path, required=True, help="one leg, 16 kHz, 16 bit, mono")
    parser.add_argument("--leg", required=True)
    parser.add_argument("--model", required=True, help="folder of CTranslate2 Whisper weights")
    parser.add_argument("--tail-s", type=float, default=15.0, help="silence after the end, for what is still to come")
    parser.add_argument("--port", type=int, default=0, help="of the peer's server, where it has one")
    return parser.parse_args()


class Leg:
    """One leg's audio and clock."""

    def __init__(self, name: str, path: Path, tail_s: float) -> None:
        with wave.open(str(path), "rb") as file:
            if (file.getframerate(), file.getsampwidth(), file.getnchannels()) != (RATE_HZ, 2, 1):
                raise SystemExit(f"{path} is not 16 kHz, 16 bit, mono.")
            speech = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        self.name = name
        self.pcm: Pcm = np.concatenate([speech, np.zeros(int(tail_s * RATE_HZ), dtype=np.int16)])
        self._zero_s = 0.0
        self._print_lock = threading.Lock()

    def now_ms(self) -> int:
        """The audio's clock: 0 when its first sample was heard."""
        return round(1000 * (time.monotonic() - self._zero_s))

    def wait_for_start(self) -> None:
        """Say that all is loaded, then wait to be told the moment of the first sample."""
        self._print({"type": "ready"})
        word, _, seconds = sys.stdin.readline().partition(" ")
        if word != "start":
            raise SystemExit("The feeder was not started.")
        self._zero_s = float(seconds)

    def feed(self, deliver: Callable[[Pcm], None], block_ms: int) -> None:
        """Deliver the leg and its tail, each block when its last sample has been heard; a late block goes at once."""
        size = block_ms * RATE_HZ // 1000
        for start in range(0, len(self.pcm), size):
            block = self.pcm[start : start + size]
            time.sleep(max(0.0, self._zero_s + (start + len(block)) / RATE_HZ - time.monotonic()))
            deliver(block)

    def write(self, kind: str, start_ms: int, end_ms: int, text: str, emitted_ms: int | None = None) -> None:
        """Note a text down, as emitted now or at the time given."""
        self._print(
            {
                "type": kind,
                "leg": self.name,
                "start_ms": start_ms,
                "end_ms": end_ms,
                "text": text,
                "emitted_ms": self.now_ms() if emitted_ms is None else emitted_ms,
            }
        )

    def _print(self, line: dict[str, str | int]) -> None:
        with self._print_lock:
            print(json.dumps(line, ensure_ascii=False), flush=True)
