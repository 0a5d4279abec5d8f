"""Live recognition on a virtual clock: as it would go on a desk of a given speed, as fast as this machine decodes.

Every decode is done for real; how long it takes is charged by a formula fitted to a kind of desk, so that results are
the same on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from asr.finals import Decoder
from asr.live import LiveRecogniser
from asr.live_leg import LiveOptions
from asr.schedule import Job
from asr.speech_model import Decoded, DecodeOptions, window_s
from asr.vad import FRAME_SAMPLES
from core.types import LEGS, SAMPLE_RATE_HZ, AudioFrame, Gap, Hypothesis, Leg, Samples, Utterance

_TAIL_S = 2
_FRAME_S = FRAME_SAMPLES / SAMPLE_RATE_HZ


class Remembering:
    """A decoder that decodes the same clip once: settings differ in when, seldom in what."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._known: dict[tuple[bytes, DecodeOptions], Decoded] = {}

    def decode(
        self, clips: Sequence[Samples], options: DecodeOptions, wanted: Callable[[], bool] | None = None
    ) -> list[Decoded]:
        """Text of each clip. What is given up, and when, is settled by the virtual clock."""
        del wanted
        decoded: list[Decoded] = []
        for clip in clips:
            key = (clip.tobytes(), options)
            if key not in self._known:
                self._known[key] = self._decoder.decode([clip], options)[0]
            decoded.append(self._known[key])
        return decoded


class Desk(NamedTuple):
    """Seconds a decode takes on a kind of desk: encoder a second of window; decoder a batch and a second of speech."""

    encoder_s: float
    partial_s: tuple[float, float]
    final_s: tuple[float, float]

    def charge_s(self, job: Job, options: LiveOptions) -> tuple[float, float]:
        """Encoder and decoder of a batch; a second clip costs 0.6 of the first."""
        partial = job.kind == "partial"
        length_s = max(len(clip) for clip in job.clips) / SAMPLE_RATE_HZ
        batch = 1 + 0.6 * (len(job.clips) - 1)
        encoder_s = self.encoder_s * window_s(length_s, options.partial_window_floor_s if partial else None)
        base_s, speech_s = self.partial_s if partial else self.final_s
        return encoder_s * batch, (base_s + speech_s * length_s) * batch


DESKS = {
    # Measured with `bench.decode_cost`: one thread of an Intel Xeon with AMX ...
    "fast": Desk(0.0066, (0.043, 0.009), (0.059, 0.010)),
    # ... and, its final with a beam of 3, two threads of an Intel Xeon at 2 GHz with AVX-512 VNNI.
    "slow": Desk(0.0108, (0.03, 0.048), (0.10, 0.052)),
}


class Spent(NamedTuple):
    """What following a call took of the desk. `worked`: share of the time that the decoder worked."""

    worked: float
    speculations: int
    given_up: int


def follow(
    legs: Mapping[Leg, Samples],
    decoder: Decoder,
    options: LiveOptions,
    desk: str,
    emit: Callable[[Hypothesis | Utterance | Gap, int], None],
    call_id: str = "call",
) -> Spent:
    """Follow the legs of a call, as long as each other, and two seconds of silence after them.

    `emit` is given what the recogniser writes, with the virtual clock's milliseconds.
    """
    now_s = 0.0
    heard: tuple[Leg, ...] = tuple(leg for leg in LEGS if leg in legs)

    def tell(item: Hypothesis | Utterance | Gap) -> None:
        emit(item, round(now_s * 1000))

    recogniser = LiveRecogniser(decoder, tell, call_id=call_id, legs=heard, options=options, threaded=False)
    n_frames = (max(map(len, legs.values())) + _TAIL_S * SAMPLE_RATE_HZ) // FRAME_SAMPLES
    padded = {leg: np.pad(samples, (0, n_frames * FRAME_SAMPLES - len(samples))) for leg, samples in legs.items()}
    job: Job | None = None
    decoded: list[Decoded] = []
    begun_s = free_at_s = worked_s = 0.0
    speculations = given_up = 0
    ask_at_s: float | None = None
    for frame in range(n_frames):
        tick_s = (frame + 1) * _FRAME_S
        if job and ask_at_s and tick_s >= ask_at_s:
            if not recogniser.wanted(job):
                decoded, free_at_s = [], ask_at_s
                given_up += job.kind == "speculation"
            ask_at_s = None
        if job and tick_s >= free_at_s:
            now_s = free_at_s
            recogniser.deliver(job, decoded, free_at_s - begun_s)
            worked_s += free_at_s - begun_s
            job = None
        now_s = tick_s
        first = frame * FRAME_SAMPLES
        for leg in heard:
            recogniser.feed(AudioFrame(leg, first, padded[leg][first : first + FRAME_SAMPLES]))
        if job is None and (job := recogniser.next_job()):
            speculations += job.kind == "speculation"
            decoded = recogniser.decode(job)
            encoder_s, decoder_s = DESKS[desk].charge_s(job, options)
            begun_s, ask_at_s, free_at_s = now_s, now_s + encoder_s, now_s + encoder_s + decoder_s
    recogniser.close()
    return Spent(worked_s / now_s, speculations, given_up)
