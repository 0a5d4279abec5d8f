"""The recogniser's process: voice activity, Whisper, then the mask. No unmasked text leaves it.

In: `BeginCall`, `AudioChunk`, `CaptureGap`, `PauseCapture`, `LegsOpened`, `SealTo`, `NoticeSet`, `ReadNumber`,
`EndCall`. Out: `Caption`, `EnvelopeOpened`, `SealedOriginal`, `Acknowledged`, `EngineState`, `NoticeHeard`,
`NumberReadBack`, `CallFinished`.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from dataclasses import dataclass, field

import msgspec
import numpy as np

from app.masking import rule_mask
from app.originals import Originals
from app.pipeline import masked
from app.recording_notice import spoken_of
from app.worker_io import WorkerPipe, run_worker
from core.messages import (
    Acknowledged,
    AudioChunk,
    BeginCall,
    CallFinished,
    Caption,
    CaptureGap,
    EndCall,
    EngineState,
    Fault,
    LegsOpened,
    Message,
    NoticeHeard,
    NoticeSet,
    NumberReadBack,
    PauseCapture,
    ReadNumber,
    Ready,
    SealTo,
)
from core.protocols import Masker
from core.settings import Settings
from core.types import LEGS, SAMPLE_RATE_HZ, AudioFrame, Gap, Hypothesis, Leg, Utterance

STATE_INTERVAL_S = 0.5
BEHIND_MS = 2_000
"""A delay the panel calls behind: twice the 95th percentile of finals that live captions are held to."""

NICENESS = 10

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Call:
    """A call being written down. `opened_at_s`: wall-clock time of sample 0."""

    call_id: str
    opened_at_s: float
    mask_failed: bool = False
    acknowledged: dict[Leg, int] = field(default_factory=dict)


class RecogniserProcess:
    """What the process does with each message."""

    def __init__(self, pipe: WorkerPipe, masker: Masker, originals: Originals) -> None:
        from app.engine import load_engine  # noqa: PLC0415 - takes a second, and the window is told first
        from asr.live import LiveRecogniser  # noqa: PLC0415 - likewise

        self._pipe = pipe
        self._masker = masker
        self._originals = originals
        self._masking = threading.Lock()
        """The decoding thread masks while this one may ask for a number."""
        settings = Settings.load()
        pipe.send(EngineState("loading", settings.recognition.model, "cpu", ""))
        self._engine = load_engine(settings)
        self._new_recogniser = LiveRecogniser
        self._recogniser: LiveRecogniser | None = None
        self._call: _Call | None = None
        self._state_due_s = 0.0
        choice = self._engine.choice
        log.info("engine %s on %s %s x%d", self._engine.name, choice.device, choice.compute_type, choice.threads)

    def run(self) -> None:
        """Serve until the pipe closes."""
        self._pipe.send(Ready("recogniser", self._engine.choice.reason))
        while not self._pipe.closed:
            message = self._pipe.receive(STATE_INTERVAL_S / 2)
            match message:
                case BeginCall():
                    self._begin(message.call_id)
                case AudioChunk():
                    self._hear(message)
                case CaptureGap():
                    self._skip(message)
                case LegsOpened() if self._call and message.call_id == self._call.call_id:
                    self._call.opened_at_s = message.opened_at_unix_ms / 1000 - message.from_sample / SAMPLE_RATE_HZ
                case PauseCapture(paused=True) if self._recogniser:
                    self._recogniser.break_off()
                case EndCall():
                    self._end(message.call_id)
                case _:
                    self._hear_of_privacy(message)
            self._tell_state()
        if self._recogniser:
            self._recogniser.close()
        self._originals.end()

    def _hear_of_privacy(self, message: Message | None) -> None:
        match message:
            case SealTo():
                self._originals.seal_to(message)
            case NoticeSet(state="refused") if self._call and message.call_id == self._call.call_id:
                self._originals.refuse()
            case ReadNumber():
                self._read_number(message.call_id)
            case _:
                pass

    def _begin(self, call_id: str) -> None:
        if self._recogniser:
            self._recogniser.close()
        if self._call is None or self._call.call_id != call_id:
            self._masker.begin_call(call_id)
            self._originals.begin(call_id)
        self._call = _Call(call_id, time.time())
        self._recogniser = self._new_recogniser(
            self._engine.model, self._emit, call_id=call_id, options=self._engine.live
        )

    def _hear(self, chunk: AudioChunk) -> None:
        if self._recogniser is None or self._call is None or chunk.call_id != self._call.call_id:
            return
        samples = np.frombuffer(chunk.pcm, "<i2").astype(np.float32) / 32768.0
        self._originals.sound(chunk)
        self._recogniser.feed(AudioFrame(chunk.leg, chunk.start_sample, samples))

    def _skip(self, message: CaptureGap) -> None:
        if self._recogniser and self._call and message.call_id == self._call.call_id:
            self._recogniser.skip(message.gap)

    def _end(self, call_id: str) -> None:
        if self._recogniser and self._call and call_id == self._call.call_id:
            self._recogniser.finish()
            self._recogniser = self._call = None
            self._originals.end()
        self._pipe.send(CallFinished(call_id))

    def _emit(self, item: Hypothesis | Utterance | Gap) -> None:
        """From the feeding or the decoding thread, one at a time."""
        call = self._call
        if call is None:
            return
        emitted_ms = round((time.time() - call.opened_at_s) * 1000)
        try:
            with self._masking:
                shown = [masked(item, self._masker), *self._masker.revised()]
        except Exception:
            # Whatever it is: what could not be masked is not shown, and the call goes on.
            log.exception("the mask failed")
            if not call.mask_failed:
                call.mask_failed = True
                self._pipe.send(Fault("recogniser", "mask", "Captions that the mask fails on are not shown."))
            return
        for caption in shown:
            self._pipe.send(Caption(call.call_id, caption, emitted_ms))
        if isinstance(item, Utterance) and (what := spoken_of(item.leg, item.text)):
            self._pipe.send(NoticeHeard(call.call_id, what))

    def _read_number(self, call_id: str) -> None:
        with self._masking:
            found = self._masker.latest_number() if self._call and self._call.call_id == call_id else None
        if found is None:
            self._pipe.send(NumberReadBack(call_id))
        else:
            self._pipe.send(NumberReadBack(call_id, found.kind, found.number, found.checksum, found.sure))

    def _tell_state(self) -> None:
        now_s = time.monotonic()
        if now_s < self._state_due_s:
            return
        self._state_due_s = now_s + STATE_INTERVAL_S
        choice, recogniser = self._engine.choice, self._recogniser
        told = EngineState("ready", self._engine.name, choice.device, choice.compute_type, threads=choice.threads)
        if recogniser:
            status = recogniser.status()
            told = msgspec.structs.replace(
                told,
                state="behind" if status.delay_ms >= BEHIND_MS else "listening",
                delay_ms=status.delay_ms,
                partials=status.partials,
            )
            self._acknowledge()
        self._pipe.send(told)

    def _acknowledge(self) -> None:
        call, recogniser = self._call, self._recogniser
        if call is None or recogniser is None:
            return
        for leg in LEGS:
            sample = recogniser.written_before_sample(leg)
            if sample > call.acknowledged.get(leg, 0):
                call.acknowledged[leg] = sample
                self._pipe.send(Acknowledged(call.call_id, leg, sample))


def _yield_to_others() -> None:
    """The softphone beside us comes first."""
    import psutil  # noqa: PLC0415 - of this process alone

    psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else NICENESS)


def _body(pipe: WorkerPipe) -> None:
    _yield_to_others()
    originals = Originals(pipe.send)
    RecogniserProcess(pipe, rule_mask(originals.utterance), originals).run()


def main() -> int:
    """Entry of the process."""
    return run_worker("recogniser", _body)
