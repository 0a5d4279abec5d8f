"""What of a call's audio its recogniser has not yet written down: a new one is fed it when the old one dies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from core.messages import AudioChunk
from core.types import LEGS, SAMPLE_RATE_HZ, Leg

KEEP_S = 120
"""Audio kept for a recogniser that has to be started again; older audio is a gap then."""

_SAMPLE_BYTES = 2


class KeptAudio:
    """Both legs of one call. One thread at a time."""

    def __init__(self) -> None:
        self._kept: dict[Leg, deque[AudioChunk]] = {leg: deque() for leg in LEGS}
        self._written: dict[Leg, int] = dict.fromkeys(LEGS, 0)
        self.heard: dict[Leg, int] = dict.fromkeys(LEGS, 0)
        """First sample of each leg that has neither come nor been given up."""

    def add(self, chunk: AudioChunk) -> None:
        """Keep a chunk, and at most `KEEP_S` of its leg."""
        kept = self._kept[chunk.leg]
        kept.append(chunk)
        self.heard[chunk.leg] = _end(chunk)
        while kept and _end(chunk) - kept[0].start_sample > KEEP_S * SAMPLE_RATE_HZ:
            kept.popleft()

    def forget(self, leg: Leg, before_sample: int) -> None:
        """What lies before the sample is written down."""
        written = self._written[leg] = max(self._written[leg], before_sample)
        kept = self._kept[leg]
        while kept and _end(kept[0]) <= written:
            kept.popleft()

    def unwritten(self, leg: Leg) -> Iterator[AudioChunk]:
        """What a new recogniser is fed, from the first sample that is not written down."""
        for chunk in self._kept[leg]:
            ahead = max(0, self._written[leg] - chunk.start_sample)
            yield AudioChunk(chunk.call_id, leg, chunk.start_sample + ahead, chunk.pcm[_SAMPLE_BYTES * ahead :])


def _end(chunk: AudioChunk) -> int:
    return chunk.start_sample + len(chunk.pcm) // _SAMPLE_BYTES
