"""What live recognition keeps of one leg, and its options."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from asr.buffer import LegBuffer
from asr.commit import Agreement
from asr.endpoint import Ended, Endpointer, EndpointOptions, Paused
from asr.finals import FINAL_BEAM
from asr.guard import GuardOptions
from asr.speech_model import Decoded, Language
from asr.vad import FRAME_SAMPLES, Detector
from core.types import Gap, Leg, Samples


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """Times and sizes of live recognition; chosen by `bench/live_sweep.py`.

    Attributes:
        first_partial_ms: speech before the first partial of an utterance.
        partial_interval_ms: new audio between partials, at least.
        partial_share: of the decoder's time, the most that partials of one utterance take.
        partial_window_floor_s: the encoder's shortest window for partials.
        finished_hangover_ms: silence that ends an utterance whose words surely sound finished.
        unfinished_hangover_ms: the same where they do not, and while the words are not yet known.
        finished_above: probability of a turn's end from which words surely sound finished.
        unfinished_below: probability under which they do not; in between the silence is in between.
        taken_turn_ms: speech of the other side, after this one fell silent, that makes the silence an end.
        final_beam_size: beam of finals.
        partial_beam_size: beam of partials.
        max_batch: finals decoded together when several wait.
        retry_within_ms: a final that failed is not tried again when speech has waited longer than this.
        slow_partials_at_ms: partials come half as often when finals are so late.
        no_partials_at_ms: no partials when finals are so late.
    """

    first_partial_ms: int = 480
    partial_interval_ms: int = 1_088
    partial_share: float = 0.18
    partial_window_floor_s: float = 8.0
    finished_hangover_ms: int = 416
    unfinished_hangover_ms: int = 864
    finished_above: float = 0.96
    unfinished_below: float = 0.76
    taken_turn_ms: int = 128
    final_beam_size: int = FINAL_BEAM
    partial_beam_size: int = 1
    max_batch: int = 4
    retry_within_ms: int = 2_000
    slow_partials_at_ms: int = 1_500
    no_partials_at_ms: int = 3_000
    endpoint: EndpointOptions = field(default_factory=EndpointOptions)
    guard: GuardOptions = field(default_factory=GuardOptions)

    def hangover_ms(self, finished: float) -> int:
        """Silence that ends an utterance whose words are a turn's end with this probability."""
        doubt = (self.finished_above - finished) / (self.finished_above - self.unfinished_below)
        extra_ms = self.unfinished_hangover_ms - self.finished_hangover_ms
        return self.finished_hangover_ms + round(extra_ms * min(1.0, max(0.0, doubt)))


@dataclass(slots=True)
class Final:
    """An utterance whose end is known, on its way to being written. `decoded` may come from a speculation.

    `gaps` followed it and are told after it.
    """

    leg: Leg
    ended: Ended
    clip: Samples
    decoded: Decoded | None = None
    taken: bool = False
    gaps: list[Gap] = field(default_factory=list)


@dataclass(slots=True)
class Speculation:
    """A final begun in a pause. `span` is what it was made of: it serves only an utterance of the same span."""

    span: tuple[int, int]
    decoded: Decoded | None = None


class LegState:
    """What is known of one leg; of use to `LiveRecogniser` alone."""

    def __init__(self, leg: Leg, options: LiveOptions, detector: Detector) -> None:
        self.leg = leg
        self.buffer = LegBuffer()
        self.detector = detector
        self.endpointer = Endpointer(
            replace(options.endpoint, hangover_ms=max(options.unfinished_hangover_ms, options.finished_hangover_ms))
        )
        self.agreement = Agreement()
        self.finals: deque[Final] = deque()
        self.pause: Paused | None = None
        self.speculation: Speculation | None = None
        self.language: Language = "zh"
        self.turn_taken = False
        self.turn = 0
        self.partial_at_sample = 0
        self.begun = False

    def begin(self, sample: int) -> None:
        """The leg begins here: at the next whole frame."""
        first_frame = -(-sample // FRAME_SAMPLES)
        self.buffer.start_sample = first_frame * FRAME_SAMPLES
        self.endpointer.begin_at(first_frame)
        self.begun = True
