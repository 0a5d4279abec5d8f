"""Recognition of a recording, as fast as it goes: utterances of both legs are decoded in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from asr.buffer import LegBuffer
from asr.endpoint import Ended, Endpointer, EndpointEvent, EndpointOptions
from asr.finals import FINAL_BEAM, Decoder, as_utterance, decode_finals
from asr.guard import GuardOptions
from asr.vad import FRAME_SAMPLES, VoiceDetector
from core.errors import TingbanError
from core.protocols import AudioSource
from core.types import SAMPLE_RATE_HZ, Gap, Leg, Samples, Utterance

_SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000


@dataclass(frozen=True, slots=True)
class OfflineOptions:
    """How a recording is cut and decoded; measured by `bench/file_mode.py`.

    Attributes:
        beam_size: beam of the search.
        batch: utterances decoded together.
        collect: utterances collected before a batch is formed of those of like length.
        endpoint: a recording can wait longer for the end of a sentence than a call can.
    """

    beam_size: int = FINAL_BEAM
    batch: int = 8
    collect: int = 32
    endpoint: EndpointOptions = field(
        default_factory=lambda: EndpointOptions(hangover_ms=640, pause_ms=160, tail_ms=160)
    )
    guard: GuardOptions = field(default_factory=GuardOptions)


@dataclass(frozen=True, slots=True)
class _Piece:
    leg: Leg
    ended: Ended
    clip: Samples


class _OfflineLeg:
    def __init__(self, leg: Leg, options: EndpointOptions) -> None:
        self.leg = leg
        self._buffer = LegBuffer()
        self._detector = VoiceDetector()
        self._endpointer = Endpointer(options)

    @property
    def end_sample(self) -> int:
        return self._buffer.end_sample

    def take(self, samples: Samples) -> Iterator[_Piece]:
        self._buffer.append(samples)
        for probability in self._detector.probabilities(samples):
            yield from self._pieces(self._endpointer.push(probability))
        self._buffer.drop_before(self._endpointer.silent_before_sample)

    def finish(self) -> Iterator[_Piece]:
        yield from self.take(np.zeros(-self.end_sample % FRAME_SAMPLES, np.float32))
        yield from self._pieces(self._endpointer.finish())

    def _pieces(self, events: Sequence[EndpointEvent]) -> Iterator[_Piece]:
        for event in events:
            if isinstance(event, Ended):
                yield _Piece(self.leg, event, self._buffer.clip(event.start_sample, event.end_sample))


def transcribe(
    source: AudioSource,
    decoder: Decoder,
    options: OfflineOptions | None = None,
    *,
    call_id: str = "file",
    progress: Callable[[int], None] | None = None,
) -> Iterator[Utterance | Gap]:
    """Utterances and gaps of a source, ordered by start within each batch.

    `progress` hears how many milliseconds have been written. Raises what the source raises, after what was good.
    """
    chosen = options or OfflineOptions()
    legs = {leg: _OfflineLeg(leg, chosen.endpoint) for leg in source.legs}
    waiting: list[_Piece] = []
    fault: TingbanError | None = None
    frames = source.frames()
    while True:
        try:
            frame = next(frames, None)
        except TingbanError as error:
            # What was good before the damage is written first.
            frame, fault = None, error
        if frame is None:
            break
        yield from source.dropped()
        leg = legs[frame.leg]
        missing = frame.start_sample - leg.end_sample
        if missing > 0:
            waiting += leg.take(np.zeros(missing, np.float32))
        waiting += leg.take(frame.samples)
        if len(waiting) >= chosen.collect:
            yield from _write(waiting, decoder, chosen, call_id)
            waiting = []
            if progress:
                progress(frame.end_sample // _SAMPLES_PER_MS)
    for leg in legs.values():
        waiting += leg.finish()
    yield from _write(waiting, decoder, chosen, call_id)
    if progress:
        progress(max(leg.end_sample for leg in legs.values()) // _SAMPLES_PER_MS)
    if fault:
        raise fault


def _write(pieces: list[_Piece], decoder: Decoder, options: OfflineOptions, call_id: str) -> Iterator[Utterance]:
    """Decode like lengths together: a batch costs as much as its longest clip."""
    by_length = sorted(pieces, key=lambda piece: len(piece.clip))
    written: list[Utterance] = []
    for first in range(0, len(by_length), options.batch):
        batch = by_length[first : first + options.batch]
        decoded = decode_finals(decoder, [piece.clip for piece in batch], options.beam_size, lambda: True)
        for piece, one in zip(batch, decoded, strict=True):
            utterance = as_utterance(call_id, piece.leg, piece.ended, one, options.guard)
            if utterance:
                written.append(utterance)
    yield from sorted(written, key=lambda utterance: (utterance.start_ms, utterance.leg))
