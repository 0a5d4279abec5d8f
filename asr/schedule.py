"""What the decoder does next, and whether what it does is still worth its time. Nothing here decodes or waits.

What goes first: finals, then finals begun speculatively in a pause that may be the end, then partials; the customer
before the agent; legs that wait for the same kind of work share a batch. Partials run only while nobody is about to
fall silent, because a decode cannot be interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from asr.live_leg import Final, LegState, LiveOptions, Speculation
from core.types import SAMPLE_RATE_HZ, Samples

_SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000

Pace = Literal["on", "slow", "off"]


@dataclass(frozen=True, slots=True)
class Job:
    """A batch for the decoder: finals, speculations or partials of one or both legs."""

    kind: Literal["final", "speculation", "partial"]
    legs: tuple[LegState, ...]
    clips: tuple[Samples, ...]
    finals: tuple[Final, ...] = ()
    turns: tuple[int, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()


class Schedule:
    """The order of work on the legs of one call. The caller guards the legs against other threads."""

    def __init__(self, order: Sequence[LegState], options: LiveOptions) -> None:
        """`order`: the legs, the more urgent first."""
        self._order = order
        self._options = options
        self._legs = {state.leg: state for state in order}
        self.decode_s = 0.0
        """How long the last decode took."""

    def next_job(self) -> Job | None:
        """What to decode now; a final or a speculation is taken and will not be offered again."""
        return self._final() or self._speculation() or self._partial()

    def wanted(self, job: Job) -> bool:
        """Whether a job is worth the rest of its time.

        A speculation is not once the voice came back, a partial not where a final is about to be begun.
        """
        if job.kind == "speculation":
            return any(self._serves(state, span) for state, span in zip(job.legs, job.spans, strict=True))
        return job.kind == "final" or not (
            any(state.finals or (state.pause and not state.speculation) for state in self._order)
            or self._silence_near()
        )

    def delay_ms(self) -> int:
        """Age of the oldest ended speech not yet written, on the audio's clock."""
        waits = [
            (state.buffer.end_sample - state.finals[0].ended.voiced_end_sample) // _SAMPLES_PER_MS
            for state in self._order
            if state.finals
        ]
        return max(waits, default=0)

    def partials(self) -> Pace:
        """How often partials come: less where finals are late."""
        delay_ms = self.delay_ms()
        if delay_ms >= self._options.no_partials_at_ms:
            return "off"
        return "slow" if delay_ms >= self._options.slow_partials_at_ms else "on"

    def _final(self) -> Job | None:
        waiting = [f for state in self._order for f in state.finals if not f.taken][: self._options.max_batch]
        for final in waiting:
            final.taken = True
        if not waiting:
            return None
        return Job("final", tuple(self._legs[f.leg] for f in waiting), tuple(f.clip for f in waiting), tuple(waiting))

    def _speculation(self) -> Job | None:
        paused = [(state, state.pause) for state in self._order if state.pause and not state.speculation]
        if not paused:
            return None
        spans = tuple((pause.start_sample, pause.end_sample) for _, pause in paused)
        for (state, _), span in zip(paused, spans, strict=True):
            state.speculation = Speculation(span)
        return _job("speculation", [state for state, _ in paused], spans)

    def _partial(self) -> Job | None:
        pace = self.partials()
        if pace == "off" or self._silence_near():
            return None
        # A share of the worker's time at most: on a slow desk, and of long utterances, less is shown.
        share_ms = round(1000 * self.decode_s / self._options.partial_share)
        interval_ms = max(self._options.partial_interval_ms, share_ms) * (2 if pace == "slow" else 1)
        due = [state for state in self._order if self._partial_due(state, interval_ms)]
        if not due:
            return None
        return _job("partial", due, tuple((state.endpointer.start_sample, state.buffer.end_sample) for state in due))

    def _partial_due(self, state: LegState, interval_ms: int) -> bool:
        if not state.endpointer.speaking or state.pause:
            return False
        now = state.buffer.end_sample
        if state.partial_at_sample:
            return now - state.partial_at_sample >= interval_ms * _SAMPLES_PER_MS
        onset = state.endpointer.start_sample + self._options.endpoint.pre_roll_ms * _SAMPLES_PER_MS
        return now - onset >= self._options.first_partial_ms * _SAMPLES_PER_MS

    def _serves(self, state: LegState, span: tuple[int, int]) -> bool:
        """Whether a speculation of this span still may become a final."""
        return bool(state.speculation and state.speculation.span == span) or any(
            span == (final.ended.start_sample, final.ended.end_sample) for final in state.finals
        )

    def _silence_near(self) -> bool:
        """Whether a leg has fallen silent, and not yet for a pause."""
        return any(state.endpointer.pause_ms > 0 for state in self._order if not state.pause)


def _job(kind: Literal["speculation", "partial"], legs: Sequence[LegState], spans: tuple[tuple[int, int], ...]) -> Job:
    return Job(
        kind,
        tuple(legs),
        tuple(state.buffer.clip(*span) for state, span in zip(legs, spans, strict=True)),
        turns=tuple(state.turn for state in legs),
        spans=spans,
    )
