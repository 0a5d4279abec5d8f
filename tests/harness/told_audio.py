"""Audio that tells what it is, and a detector and a decoder that read it: live recognition without a model.

The first sample of each 32 ms frame is its speech probability, the third its number, the fourth its leg, between two
ones.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np

from asr.endpoint import EndpointOptions
from asr.guard import GuardOptions
from asr.live import LiveRecogniser
from asr.live_leg import LiveOptions
from asr.speech_model import Decoded, DecodeOptions, Language, TimedToken
from asr.vad import FRAME_MS, FRAME_SAMPLES
from core.types import LEGS, AudioFrame, Gap, Hypothesis, Leg, Samples, Utterance

DEADLINE_S = 20.0
OPTIONS = LiveOptions(
    first_partial_ms=480,
    partial_interval_ms=800,
    partial_share=0.5,
    partial_window_floor_s=8.0,
    finished_hangover_ms=448,
    unfinished_hangover_ms=736,
    finished_above=0.9,
    unfinished_below=0.65,
    taken_turn_ms=192,
    final_beam_size=5,
    partial_beam_size=1,
    max_batch=4,
    retry_within_ms=2_000,
    slow_partials_at_ms=1_500,
    no_partials_at_ms=3_000,
    endpoint=EndpointOptions(
        pause_ms=192,
        pre_roll_ms=256,
        tail_ms=192,
        min_voiced_ms=96,
        long_ms=9_000,
        long_hangover_ms=288,
        max_ms=14_000,
    ),
    guard=GuardOptions(voice_peak=0.0, voice_mean=0.0),
)
"""Set here, so that tuning the product's own changes no test."""

VOICE, SILENCE = 0.9, 0.0

Span = tuple[Leg, int, int]
"""Frames [first, end) of a leg."""


def audio(leg: Leg, first_frame: int, probabilities: Sequence[float]) -> Samples:
    frames = np.zeros((len(probabilities), FRAME_SAMPLES), np.float32)
    frames[:, 0] = probabilities
    frames[:, 2] = np.arange(first_frame, first_frame + len(probabilities))
    frames[:, 3] = LEGS.index(leg)
    frames[:, (1, 4)] = 1
    return frames.reshape(-1)


class Detector:
    """Reads the probability that each frame carries; silence put in by the recogniser carries 0."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)

    def probabilities(self, samples: Samples, least_frames: int = 1) -> list[float]:
        pending = np.concatenate([self._rest, samples])
        n_frames = len(pending) // FRAME_SAMPLES
        used = n_frames * FRAME_SAMPLES if n_frames >= least_frames else 0
        self._rest = pending[used:]
        return [float(p) for p in pending[:used:FRAME_SAMPLES]]


class Decoder:
    """Notes what it is given. `hold` keeps it in its next call until `go` is set."""

    def __init__(self, text: Callable[[Span], str] = lambda _: "好的完") -> None:
        self.text = text
        self.language: Language = "zh"
        self.batches: list[tuple[list[Span], DecodeOptions]] = []
        self.faults: dict[int, BaseException] = {}
        self.compression: dict[int, float] = {}
        self.given_up: list[int] = []
        self.entered = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def hold(self) -> None:
        self.entered.clear()
        self.go.clear()

    def decode(
        self, clips: Sequence[Samples], options: DecodeOptions, wanted: Callable[[], bool] | None = None
    ) -> list[Decoded]:
        number = len(self.batches)
        spans = [span_of(clip) for clip in clips]
        self.batches.append((spans, options))
        self.entered.set()
        assert self.go.wait(DEADLINE_S)
        if number in self.faults:
            raise self.faults[number]
        if wanted and not wanted():
            self.given_up.append(number)
            return []
        return [
            Decoded(
                text=self.text(span),
                tokens=(1,),
                avg_logprob=-0.2,
                no_speech=0.1,
                compression=self.compression.get(number, 1.0),
                seconds=len(clip) / 16_000,
                language=self.language,
                timed=(TimedToken(self.text(span), 0.0, len(clip) / 16_000, 0.9),),
            )
            for span, clip in zip(spans, clips, strict=True)
        ]

    def of_finals(self) -> list[Span]:
        """What was decoded as a final, speculations included, in order."""
        return [span for spans, options in self.batches if options.word_times for span in spans]


def span_of(clip: Samples) -> Span:
    frames = clip[: len(clip) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    carried = np.flatnonzero(frames[:, 1] * frames[:, 4])
    first = int(frames[carried[0], 2] - carried[0])
    np.testing.assert_array_equal(frames[carried, 2], first + carried)
    assert len(set(frames[carried, 3])) == 1
    return LEGS[int(frames[carried[0], 3])], first, first + len(frames)


class Shown:
    """What the recogniser emitted, one at a time, and a way to wait for it."""

    def __init__(self) -> None:
        self.items: list[Hypothesis | Utterance | Gap] = []
        self._changed = threading.Condition()
        self._inside = threading.Lock()

    def __call__(self, item: Hypothesis | Utterance | Gap) -> None:
        assert self._inside.acquire(blocking=False), "emitted from two threads at once"
        with self._changed:
            self.items.append(item)
            self._changed.notify_all()
        self._inside.release()

    def of(self, kind: type) -> list:
        return [item for item in self.items if isinstance(item, kind)]

    def wait_for(self, kind: type, count: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.of(kind)) >= count, DEADLINE_S), f"{len(self.items)} items"


class Feeder:
    """Feeds a recogniser frame by frame and keeps the place of each leg."""

    def __init__(self, recogniser: LiveRecogniser, first_frame: int = 0) -> None:
        self.recogniser = recogniser
        self.at: dict[Leg, int] = dict.fromkeys(LEGS, first_frame)

    def __call__(self, leg: Leg, probability: float, ms: int) -> None:
        for _ in range(ms // FRAME_MS):
            samples = audio(leg, self.at[leg], [probability])
            self.recogniser.feed(AudioFrame(leg, self.at[leg] * FRAME_SAMPLES, samples))
            self.at[leg] += 1


def work(recogniser: LiveRecogniser) -> list[str]:
    """Decode until nothing waits; the kinds of jobs done."""
    kinds = []
    while job := recogniser.next_job():
        kinds.append(job.kind)
        recogniser.deliver(job, recogniser.decode(job), 0.0)
    return kinds
