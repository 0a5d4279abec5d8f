"""Live recognition of both legs of a call with one model.

Audio is fed as it comes; a worker thread decodes what `asr.schedule` says, and what it made is written or shown here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread

import numpy as np

from asr.commit import Agreement
from asr.completeness import finished_probability
from asr.endpoint import Dropped, Ended, EndpointEvent, Paused, Resumed, Started
from asr.finals import Decoder, as_utterance, decode_finals
from asr.guard import invented
from asr.live_leg import Final, LegState, LiveOptions
from asr.schedule import Job, Pace, Schedule
from asr.speech_model import Decoded, DecodeOptions
from asr.text import readable_partial
from asr.vad import FRAME_SAMPLES, Detector, VoiceDetector
from core.types import LEGS, SAMPLE_RATE_HZ, AudioFrame, Gap, Hypothesis, Leg, Samples, Utterance

_SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
_PRIORITY: tuple[Leg, Leg] = ("customer", "agent")


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """How the recogniser fares. `delay_ms`: age of the oldest ended speech not yet written, on the audio's clock."""

    delay_ms: int
    partials: Pace


class LiveRecogniser:
    """Both legs of one call.

    Feed frames from one thread; `emit` is called in order of each leg, from the feeding or the decoding thread, one
    at a time, and must not block.
    """

    def __init__(
        self,
        decoder: Decoder,
        emit: Callable[[Hypothesis | Utterance | Gap], None],
        *,
        call_id: str = "call",
        legs: Sequence[Leg] = LEGS,
        options: LiveOptions | None = None,
        detector: Callable[[], Detector] = VoiceDetector,
        threaded: bool = True,
    ) -> None:
        """Start the decoding thread. The first frame of each leg says where on the call's clock the leg begins.

        Without `threaded` the caller decodes, by `next_job`, `decode` and `deliver`: for measurements on a clock of
        their own.
        """
        self._decoder = decoder
        self._emit = emit
        self._call_id = call_id
        self._options = options or LiveOptions()
        self._legs = {leg: LegState(leg, self._options, detector()) for leg in legs}
        self._order = [self._legs[leg] for leg in _PRIORITY if leg in self._legs]
        self._schedule = Schedule(self._order, self._options)
        self._wake = Condition()
        self._closing = False
        self._busy = False
        self._failure: BaseException | None = None
        self._worker = Thread(target=self._work, name="decode", daemon=True) if threaded else None
        if self._worker:
            self._worker.start()

    # --- feeding --------------------------------------------------------------------------------------------------
    def feed(self, frame: AudioFrame) -> None:
        """The next frame of a leg. Samples already fed are ignored; missing ones become a `Gap`.

        Raises: whatever ended the decoding thread.
        """
        state = self._legs[frame.leg]
        if not state.begun:
            state.begin(frame.start_sample)
        missing = frame.start_sample - state.buffer.end_sample
        if missing >= _SAMPLES_PER_MS:
            self.skip(Gap(frame.leg, _ms(state.buffer.end_sample), _ms(frame.start_sample), "overflow"))
            missing = frame.start_sample - state.buffer.end_sample
        if missing > 0:
            # What is left of a gap told in whole milliseconds.
            self._take(state, np.zeros(missing, np.float32))
        samples = frame.samples[-missing:] if missing < 0 else frame.samples
        if len(samples):
            self._take(state, samples)

    def skip(self, gap: Gap) -> None:
        """Samples up to the gap's end are missing: what was open ends, time goes on."""
        state = self._legs[gap.leg]
        if not state.begun:
            state.begin(gap.end_ms * _SAMPLES_PER_MS)
        if _ms(state.buffer.end_sample) < gap.start_ms:
            # What was lost before it without a word is told too.
            self.skip(Gap(gap.leg, _ms(state.buffer.end_sample), gap.start_ms, "overflow"))
        missing = gap.end_ms * _SAMPLES_PER_MS - state.buffer.end_sample
        # Silence through the ordinary path keeps every clock aligned and ends what was open.
        while missing > 0:
            n_samples = min(missing, SAMPLE_RATE_HZ)
            self._take(state, np.zeros(n_samples, np.float32))
            missing -= n_samples
        with self._wake:
            if state.finals:
                # What was said before the gap is written before it.
                state.finals[-1].gaps.append(gap)
            else:
                self._emit(gap)

    def break_off(self) -> None:
        """Nothing will come for a while: what was said so far is whole."""
        with self._wake:
            for state in self._order:
                self._handle(state, state.endpointer.finish())
            self._wake.notify_all()

    def finish(self) -> None:
        """No more audio: write what is in hand and end; nothing once closed.

        Raises: whatever ended the decoding thread.
        """
        if self._closing:
            self._raise_failure()
            return
        for state in self._order:
            self._take(state, np.zeros(-state.buffer.end_sample % FRAME_SAMPLES, np.float32), least_frames=1)
        with self._wake:
            for state in self._order:
                self._handle(state, state.endpointer.finish())
            self._wake.notify_all()
            if self._worker:
                self._wake.wait_for(lambda: self._failure or self._closing or not self._at_work())
        self.close()
        self._raise_failure()

    def _at_work(self) -> bool:
        return self._busy or any(state.finals for state in self._order)

    def close(self) -> None:
        """End at once; what is in hand is dropped."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        if self._worker:
            self._worker.join()

    def written_before_sample(self, leg: Leg) -> int:
        """Every sample of the leg before this one is written down or known to hold no speech."""
        state = self._legs[leg]
        with self._wake:
            if state.finals:
                return state.finals[0].ended.start_sample
            return min(state.endpointer.silent_before_sample, state.buffer.end_sample)

    def status(self) -> LiveStatus:
        """Delay and what is shed."""
        with self._wake:
            return LiveStatus(self._schedule.delay_ms(), self._schedule.partials())

    def _take(self, state: LegState, samples: Samples, least_frames: int = 2) -> None:
        self._raise_failure()
        # The end of speech is looked for frame by frame, its beginning (which has a pre-roll) two at a time.
        probabilities = state.detector.probabilities(samples, 1 if state.endpointer.speaking else least_frames)
        with self._wake:
            state.buffer.append(samples)
            for probability in probabilities:
                self._handle(state, state.endpointer.push(probability))
            for other in self._order:
                if other is not state:
                    self._note_taken_turn(other, by=state)
            keep_from = state.endpointer.silent_before_sample
            state.buffer.drop_before(keep_from)
            self._wake.notify_all()

    def _handle(self, state: LegState, events: Sequence[EndpointEvent]) -> None:
        for event in events:
            match event:
                case Started():
                    state.turn += 1
                    state.agreement = Agreement()
                    state.partial_at_sample = 0
                    state.pause = state.speculation = None
                case Paused():
                    state.pause = event
                    state.turn_taken = False
                case Resumed():
                    state.pause = None
                    self._show_speculation(state)
                case Ended():
                    self._end(state, event)
                case Dropped():
                    state.pause = state.speculation = None

    def _note_taken_turn(self, state: LegState, *, by: LegState) -> None:
        """Who pauses while the other side goes on speaking has finished, whatever the words sound like."""
        if state.pause is None or state.turn_taken:
            return
        since_ms = _ms(by.endpointer.voiced_until_sample - state.pause.voiced_end_sample)
        if since_ms >= self._options.taken_turn_ms:
            state.turn_taken = True
            self._handle(state, state.endpointer.set_hangover(self._options.finished_hangover_ms))

    def _end(self, state: LegState, ended: Ended) -> None:
        final = Final(state.leg, ended, state.buffer.clip(ended.start_sample, ended.end_sample))
        speculation = state.speculation
        if speculation and speculation.span == (ended.start_sample, ended.end_sample):
            final.decoded = speculation.decoded
            # One that is still being decoded finds this final when it is done.
            final.taken = True
        state.finals.append(final)
        state.pause = state.speculation = None
        state.turn += 1
        self._write_finals(state)

    # --- writing --------------------------------------------------------------------------------------------------
    def _write_finals(self, state: LegState) -> None:
        while state.finals and (decoded := state.finals[0].decoded):
            final = state.finals.popleft()
            utterance = as_utterance(self._call_id, state.leg, final.ended, decoded, self._options.guard)
            if utterance:
                # What is said next is shown in the same language, before its own is known.
                state.language = decoded.language
                self._emit(utterance)
            for gap in final.gaps:
                self._emit(gap)

    def _show_speculation(self, state: LegState) -> None:
        """A speculation that came too early is still the best partial there is."""
        if state.speculation and state.speculation.decoded:
            self._show_partial(state, state.speculation.decoded)
        state.speculation = None

    def _show_partial(self, state: LegState, decoded: Decoded) -> None:
        text = readable_partial(decoded.text)
        if invented(decoded, text, state.endpointer.voice, self._options.guard):
            return
        stable = state.agreement.update(text)
        self._emit(
            Hypothesis(state.leg, _ms(state.endpointer.start_sample), _ms(state.buffer.end_sample), text, stable)
        )

    # --- decoding -------------------------------------------------------------------------------------------------
    def _work(self) -> None:
        try:
            while (job := self._await_job()) is not None:
                started = time.monotonic()
                self.deliver(job, self.decode(job), time.monotonic() - started)
        except BaseException as error:  # noqa: BLE001 (re-raised in the feeding thread)
            # Handed to the feeding thread, which raises it: nothing ends silently.
            with self._wake:
                self._failure = error
                self._busy = False
                self._wake.notify_all()

    def _await_job(self) -> Job | None:
        with self._wake:
            while not self._closing:
                job = self.next_job()
                if job:
                    self._busy = True
                    return job
                self._wake.wait()
            return None

    def next_job(self) -> Job | None:
        """What to decode now; it is taken and will not be offered again."""
        with self._wake:
            return self._schedule.next_job()

    def decode(self, job: Job) -> list[Decoded]:
        """What the decoder makes of a job, nothing where it was given up half-way; for `deliver`.

        Raises: what the decoder raises.
        """
        if job.kind == "partial":
            options = DecodeOptions(
                beam_size=self._options.partial_beam_size,
                window_floor_s=self._options.partial_window_floor_s,
                languages=tuple(state.language for state in job.legs),
            )
            return self._decoder.decode(job.clips, options, lambda: self.wanted(job))
        return decode_finals(
            self._decoder,
            job.clips,
            self._options.final_beam_size,
            lambda: self.status().delay_ms <= self._options.retry_within_ms,
            lambda: self.wanted(job),
        )

    def wanted(self, job: Job) -> bool:
        """Whether a job is worth the rest of its time."""
        with self._wake:
            return self._schedule.wanted(job) and not (self._closing and job.kind == "partial")

    def deliver(self, job: Job, decoded: Sequence[Decoded], taken_s: float) -> None:
        """Write or show what was decoded, if it was; `taken_s` is how long that took."""
        with self._wake:
            # What was given up is due again as soon as nothing is in its way.
            if decoded:
                self._schedule.decode_s = taken_s
                self._hand_out(job, decoded)
            self._busy = False
            self._wake.notify_all()

    def _hand_out(self, job: Job, decoded: Sequence[Decoded]) -> None:
        if job.kind == "final":
            for final, one in zip(job.finals, decoded, strict=True):
                final.decoded = one
            for state in dict.fromkeys(job.legs):
                self._write_finals(state)
            return
        for i, (state, one) in enumerate(zip(job.legs, decoded, strict=True)):
            if job.kind == "speculation":
                self._deliver_speculation(state, job.spans[i], one)
            elif state.turn == job.turns[i]:
                state.partial_at_sample = job.spans[i][1]
                self._show_partial(state, one)

    def _deliver_speculation(self, state: LegState, span: tuple[int, int], decoded: Decoded) -> None:
        for final in state.finals:
            if final.decoded is None and span == (final.ended.start_sample, final.ended.end_sample):
                final.decoded = decoded
                self._write_finals(state)
                return
        speculation = state.speculation
        if speculation is None or speculation.span != span:
            if state.endpointer.speaking and state.endpointer.start_sample == span[0]:
                self._show_partial(state, decoded)
            return
        speculation.decoded = decoded
        finished = 1.0 if state.turn_taken else finished_probability(readable_partial(decoded.text))
        hangover_ms = self._options.hangover_ms(finished)
        self._handle(state, state.endpointer.set_hangover(hangover_ms))

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure


def _ms(samples: int) -> int:
    return samples // _SAMPLES_PER_MS
