"""Speech with known words: the sample call of the product, its turns, and how far a text is from them."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from core.types import LEGS, Leg

RATE_HZ = 16_000
SAMPLE_CALL = Path(__file__).resolve().parents[2] / "assets" / "sample_call" / "sample.flac"

Samples = NDArray[np.float32]


class Turn(NamedTuple):
    """A turn of a call and its words."""

    leg: Leg
    start_ms: int
    end_ms: int
    text: str


def turns() -> list[Turn]:
    """The turns of the sample call."""
    rows = map(json.loads, SAMPLE_CALL.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines())
    return [Turn(row["leg"], row["start_ms"], row["end_ms"], row["text"]) for row in rows]


@lru_cache(maxsize=1)
def call() -> dict[Leg, Samples]:
    """Both legs of the sample call."""
    with av.open(str(SAMPLE_CALL)) as container:
        resampler = av.AudioResampler("fltp", "stereo", RATE_HZ)
        blocks = [
            block.to_ndarray() for frame in (*container.decode(audio=0), None) for block in resampler.resample(frame)
        ]
    return dict(zip(LEGS, np.concatenate(blocks, axis=1).astype(np.float32), strict=True))


def clip(turn: Turn, margin_ms: int = 200) -> Samples:
    """The audio of one turn."""
    start, stop = ((at_ms * RATE_HZ) // 1000 for at_ms in (turn.start_ms - margin_ms, turn.end_ms + margin_ms))
    return call()[turn.leg][start:stop].copy()


def part(start_ms: int, end_ms: int) -> dict[Leg, Samples]:
    """A stretch of the sample call."""
    return {leg: samples[start_ms * 16 : end_ms * 16] for leg, samples in call().items()}


def char_errors(reference: str, text: str) -> int:
    """Edits that turn the characters of one text into those of another; marks and spaces do not count."""
    wanted, got = (re.sub(r"[\W_]", "", one) for one in (reference, text))
    row = list(range(len(got) + 1))
    for place, char in enumerate(wanted, start=1):
        costs = [place, *(min(row[i] + (char != other), row[i + 1] + 1) for i, other in enumerate(got))]
        row = list(accumulate(costs, lambda before, cost: min(before + 1, cost)))
    return row[-1]
