"""Originals of a call on their way to the supervisors: utterances as heard, and the sound, sealed where they are heard.

Runs in the recogniser's process, which can seal and not open (`core.sealing`). Without a supervisors' key, or without a
store that says to whom to seal, originals are dropped; after a refusal they are deleted and nothing more is sealed.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from core import paths
from core.chunks import LegWriter, remove_call_audio
from core.errors import KeyFault, TingbanError
from core.messages import AudioChunk, Fault, Message, SealTo
from core.sealing import CallSeal
from core.types import Leg, Utterance

MOST_WAITING = 4096
"""Chunks of sound that wait for a slow disk, about 6 minutes of two legs; then the sound of the call is given up."""

log = logging.getLogger(__name__)


class Originals:
    """One call after another. `send` goes to the window, which passes sealed things on to the analyst.

    Methods but `utterance` are called from one thread; `utterance` from any, one at a time.
    """

    def __init__(self, send: Callable[[Message], object]) -> None:
        self._send = send
        self._seal_to: SealTo | None = None
        self._call_id = ""
        self._refused = False
        self._seal: CallSeal | None = None
        self._sound: _SoundWriter | None = None

    def seal_to(self, keys: SealTo) -> None:
        """To whom originals are sealed from now on; of a call that runs, what is heard from now on, if none was yet."""
        self._seal_to = keys
        if self._call_id and self._seal is None:
            self._begin_seal()

    def begin(self, call_id: str) -> None:
        """A call begins, or goes on in this process."""
        self.end()
        self._call_id, self._refused = call_id, False
        self._begin_seal()

    def utterance(self, utterance: Utterance) -> str | None:
        """Seal an utterance as heard; the reference to it, or None where it is dropped."""
        seal = self._seal
        if seal is None:
            return None
        try:
            sealed = seal.seal_utterance(utterance)
        except ValueError:
            # The call ended, or was refused, while it was decoded.
            return None
        self._send(sealed)
        return f"{seal.envelope_id}/{utterance.id}"

    def sound(self, chunk: AudioChunk) -> None:
        """Seal sound of a leg. Never waits for the disk."""
        if self._sound is not None and not self._sound.put(chunk):
            self._sound = None

    def refuse(self) -> None:
        """The customer refused: nothing more is sealed, and what lies on the disk is deleted."""
        call_id = self._call_id
        self._refused = True
        self._end_seal()
        if call_id:
            try:
                remove_call_audio(call_id)
            except TingbanError as fault:
                self._tell(fault)

    def end(self) -> None:
        """The call is over: the sound gets its end, the key is dropped. Idempotent."""
        self._end_seal()
        self._call_id = ""

    def _begin_seal(self) -> None:
        if self._refused or self._seal_to is None or not self._seal_to.supervisors:
            return
        try:
            self._seal = CallSeal(self._call_id, self._seal_to)
        except TingbanError as fault:
            self._tell(fault)
            return
        self._send(self._seal.envelope)
        self._sound = _SoundWriter(self._seal, self._tell)

    def _end_seal(self) -> None:
        if self._sound is not None:
            self._sound.close()
            self._sound = None
        if self._seal is not None:
            self._seal.close()
            self._seal = None

    def _tell(self, fault: TingbanError) -> None:
        log.warning("An original was not sealed: %s", fault)
        code = "supervisors-key" if isinstance(fault, KeyFault) else fault.code
        self._send(Fault("recogniser", code, fault.sentence, fault.remedy))


class _SoundWriter:
    """Writes both legs on a thread of its own: a disk that hesitates must not hold up the recogniser."""

    def __init__(self, seal: CallSeal, tell: Callable[[TingbanError], None]) -> None:
        self._seal = seal
        self._tell = tell
        self._queue: queue.Queue[AudioChunk | None] = queue.Queue(MOST_WAITING)
        self._failed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="originals", daemon=True)
        self._thread.start()

    def put(self, chunk: AudioChunk) -> bool:
        """Take sound; False once it is given up."""
        if self._failed.is_set():
            return False
        try:
            self._queue.put_nowait(chunk)
        except queue.Full:
            self._failed.set()
            log.warning("The sound of the call is not sealed any further: the disk is too slow")
            return False
        return True

    def close(self) -> None:
        """Write what waits and the end of each leg; returns when it is on the disk, or given up."""
        if not self._failed.is_set():
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        writers: dict[Leg, LegWriter] = {}
        try:
            while not self._failed.is_set():
                try:
                    chunk = self._queue.get(timeout=1.0)
                except queue.Empty:
                    continue
                if chunk is None:
                    break
                if chunk.leg not in writers:
                    folder = paths.call_folder(self._seal.call_id)
                    writers[chunk.leg] = LegWriter(self._seal, chunk.leg, folder)
                writers[chunk.leg].write(chunk.start_sample, chunk.pcm)
            for writer in writers.values():
                writer.close()
        except TingbanError as fault:
            # Said once: a disk that is full would say it every second.
            self._failed.set()
            self._tell(fault)
        finally:
            for writer in writers.values():
                writer.abandon()
