"""Where utterances begin and end: pure logic over speech probabilities, one instance a leg.

It never loses or repeats audio: the spans it closes are in order, never overlap, and cover every frame it took for
speech.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from asr.vad import FRAME_MS, FRAME_SAMPLES


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """Thresholds of endpointing.

    Attributes:
        onset: speech probability that starts an utterance (Silero's documented default).
        offset: probability below which a frame counts as silence (Silero's documented default, onset - 0.15).
        pause_ms: silence after which a final may be begun speculatively; it is given up where the voice is back before
            the encoder is done.
        hangover_ms: silence that ends an utterance when nothing is known of its words.
        pre_roll_ms: audio kept before the first voiced frame, for soft onsets.
        tail_ms: audio kept after the last voiced frame, for soft endings; at most `pause_ms`.
        inner_pause_ms: a silence within an utterance of at least so long is told with it.
        min_voiced_ms: less voiced audio than this is a click, not an utterance.
        long_ms: from here on a pause of `long_hangover_ms` is enough, so that a monologue is written in sentences.
        max_ms: an utterance is cut here, at the quietest place since `long_ms`.
    """

    onset: float = 0.5
    offset: float = 0.35
    pause_ms: int = 64
    hangover_ms: int = 512
    pre_roll_ms: int = 256
    tail_ms: int = 64
    inner_pause_ms: int = 160
    min_voiced_ms: int = 96
    long_ms: int = 11_000
    long_hangover_ms: int = 384
    max_ms: int = 16_000


@dataclass(frozen=True, slots=True)
class VoiceEvidence:
    """What voice activity says of an utterance: voiced time, and peak and mean probability of its voiced frames."""

    voiced_ms: int
    peak: float
    mean: float


@dataclass(frozen=True, slots=True)
class Started:
    """Speech began; audio from `start_sample` on belongs to the utterance."""

    start_sample: int


@dataclass(frozen=True, slots=True)
class Paused:
    """The utterance may be over: audio [start_sample, end_sample) is what a final would be made of."""

    start_sample: int
    end_sample: int
    voiced_end_sample: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """It was not over."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The utterance is audio [start_sample, end_sample); `voiced_end_sample` is the end of the last voiced frame.

    `pauses` are the inner silences of at least `inner_pause_ms`, in samples. `cut` tells that it was cut for length;
    if the voice went on there, the next one starts where it ends.
    """

    start_sample: int
    end_sample: int
    voiced_end_sample: int
    voice: VoiceEvidence
    pauses: tuple[tuple[int, int], ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """What had started was too short to be speech."""

    start_sample: int
    end_sample: int


EndpointEvent = Started | Paused | Resumed | Ended | Dropped


@dataclass(frozen=True, slots=True)
class _Frame:
    number: int
    probability: float
    voiced: bool


class Endpointer:
    """Turns speech probabilities of one leg into utterance boundaries."""

    def __init__(self, options: EndpointOptions | None = None) -> None:
        self.options = options or EndpointOptions()
        self._frame = 0
        self._free_from = 0
        self._speaking = False
        self._paused = False
        self._hangover_ms = self.options.hangover_ms
        self._start = 0
        self._last_voiced = 0
        self._voiced: list[float] = []
        self._pauses: list[tuple[int, int]] = []
        self._recent: deque[_Frame] = deque()

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._speaking

    @property
    def start_sample(self) -> int:
        """Start of the open utterance."""
        return self._start * FRAME_SAMPLES

    @property
    def silent_before_sample(self) -> int:
        """Every sample before this is written down or known to hold no speech."""
        frame = (
            self._start
            if self._speaking
            else max(self._free_from, self._frame - self._frames(self.options.pre_roll_ms))
        )
        return frame * FRAME_SAMPLES

    @property
    def pause_ms(self) -> int:
        """Silence since the last voiced frame of the open utterance."""
        return (self._frame - self._last_voiced - 1) * FRAME_MS if self._speaking else 0

    @property
    def voiced_until_sample(self) -> int:
        """End of the last voiced frame of the open utterance; 0 while none is open."""
        return self._voiced_end() if self._speaking else 0

    @property
    def voice(self) -> VoiceEvidence:
        """Evidence for the open utterance."""
        count = len(self._voiced)
        return VoiceEvidence(count * FRAME_MS, max(self._voiced, default=0.0), sum(self._voiced) / max(count, 1))

    def set_hangover(self, hangover_ms: int) -> list[EndpointEvent]:
        """The words are known: end the present pause after so much silence (it may be over already)."""
        if not self._paused:
            return []
        self._hangover_ms = hangover_ms
        return self._end_if_due()

    def begin_at(self, frame: int) -> None:
        """Number the first frame, before any is pushed."""
        self._frame = self._free_from = frame

    def push(self, probability: float) -> list[EndpointEvent]:
        """One frame's speech probability; what follows from it."""
        frame = self._frame
        self._frame += 1
        if not self._speaking:
            return self._begin(frame, probability) if probability >= self.options.onset else []
        events: list[EndpointEvent] = []
        threshold = self.options.offset if not self._paused else self.options.onset
        voiced = probability >= threshold
        self._recent.append(_Frame(frame, probability, voiced))
        if voiced:
            if self._paused:
                events.append(Resumed())
                self._paused = False
                self._hangover_ms = self.options.hangover_ms
            if self.pause_ms > self.options.inner_pause_ms:
                self._pauses.append((self._voiced_end(), frame * FRAME_SAMPLES))
            self._last_voiced = frame
            self._voiced.append(probability)
        elif not self._paused and self.pause_ms >= self.options.pause_ms:
            self._paused = True
            events.append(self._pause())
        if self._paused:
            events += self._end_if_due()
        if not any(isinstance(event, Ended | Dropped) for event in events):
            events += self._cut_if_long()
        return events

    def finish(self) -> list[EndpointEvent]:
        """The leg is over: close what is open."""
        return self._close() if self._speaking else []

    def _begin(self, frame: int, probability: float) -> list[EndpointEvent]:
        self._speaking = True
        self._paused = False
        self._hangover_ms = self.options.hangover_ms
        self._start = max(self._free_from, frame - self._frames(self.options.pre_roll_ms))
        self._last_voiced = frame
        self._voiced = [probability]
        self._pauses = []
        self._recent.clear()
        self._recent.append(_Frame(frame, probability, voiced=True))
        return [Started(self.start_sample)]

    def _end_if_due(self) -> list[EndpointEvent]:
        length_ms = (self._frame - self._start) * FRAME_MS
        due_ms = (
            min(self._hangover_ms, self.options.long_hangover_ms)
            if length_ms >= self.options.long_ms
            else self._hangover_ms
        )
        return self._close() if self.pause_ms >= due_ms else []

    def _close(self) -> list[EndpointEvent]:
        end = self._audio_end()
        self._speaking = False
        self._paused = False
        self._free_from = end // FRAME_SAMPLES
        voiced_ms = len(self._voiced) * FRAME_MS
        if voiced_ms < self.options.min_voiced_ms:
            return [Dropped(self.start_sample, end)]
        return [self._ended(end, self._voiced_end(), cut=False)]

    def _cut_if_long(self) -> list[EndpointEvent]:
        """End at the least speech-like frame since `long_ms`, and go on from there."""
        if (self._frame - self._start) * FRAME_MS < self.options.max_ms:
            return []
        earliest = self._start + self._frames(self.options.long_ms)
        candidates = [
            (one.probability, -one.number) for one in self._recent if earliest <= one.number < self._frame - 1
        ]
        cut_frame = -min(candidates)[1] if candidates else self._frame - 1
        end = (cut_frame + 1) * FRAME_SAMPLES
        after = [one for one in self._recent if one.number > cut_frame]
        voiced_after = [one.probability for one in after if one.voiced]
        self._voiced = self._voiced[: max(len(self._voiced) - len(voiced_after), 1)]
        ended = self._ended(end, end if voiced_after else self._voiced_end(), cut=True)
        self._free_from = cut_frame + 1
        if not voiced_after:
            # Cut in a silence that still lasts: what comes next begins with its own voice.
            self._speaking = self._paused = False
            return [ended]
        self._pauses = [pause for pause in self._pauses if pause[0] >= end]
        self._start = cut_frame + 1
        self._voiced = voiced_after
        self._recent = deque(after)
        return [ended, Started(self.start_sample), *([self._pause()] if self._paused else [])]

    def _pause(self) -> Paused:
        return Paused(self.start_sample, self._audio_end(), self._voiced_end())

    def _ended(self, end_sample: int, voiced_end_sample: int, *, cut: bool) -> Ended:
        return Ended(
            self.start_sample,
            end_sample,
            voiced_end_sample,
            self.voice,
            tuple(pause for pause in self._pauses if pause[1] <= end_sample),
            cut,
        )

    def _voiced_end(self) -> int:
        return (self._last_voiced + 1) * FRAME_SAMPLES

    def _audio_end(self) -> int:
        tail = min(self._frames(self.options.tail_ms), self._frame - 1 - self._last_voiced)
        return (self._last_voiced + 1 + tail) * FRAME_SAMPLES

    @staticmethod
    def _frames(duration_ms: int) -> int:
        return duration_ms // FRAME_MS
