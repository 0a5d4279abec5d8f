"""Messages on their way up the pipe, so that a slow parent never holds up the capture.

The queue is bounded: of a leg it holds at most `AUDIO_LIMIT_S` of sound. Beyond it the oldest sound is dropped, and a
`CaptureGap` stands in its place. Levels are worth nothing once newer ones exist: only the last is kept. Everything else
is small and never dropped.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from asr.sources.clock import to_ms
from core.messages import AudioChunk, CaptureGap, Levels, Message
from core.types import SAMPLE_RATE_HZ, Gap, Leg

AUDIO_LIMIT_S = 30
SAMPLE_BYTES = 2


class Outbox:
    """`put` from any thread, never waiting; a thread of its own sends in order."""

    def __init__(
        self, send: Callable[[Message], None], *, audio_limit_samples: int = AUDIO_LIMIT_S * SAMPLE_RATE_HZ
    ) -> None:
        self._send = send
        self._limit_samples = audio_limit_samples
        self._queue: deque[Message] = deque()
        self._queued_samples: dict[Leg, int] = {"agent": 0, "customer": 0}
        self._levels: Levels | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def put(self, message: Message) -> None:
        """Queue a message."""
        with self._changed:
            if isinstance(message, Levels):
                self._levels = message
            else:
                self._queue.append(message)
                if isinstance(message, AudioChunk):
                    self._queued_samples[message.leg] += _samples(message)
                    while self._queued_samples[message.leg] > self._limit_samples:
                        self._drop_oldest(message.leg)
            self._changed.notify()

    def close(self, deadline_s: float = 2.0) -> None:
        """Send what is queued, then end; give up at the deadline, when the parent reads no more."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(deadline_s)

    def _drop_oldest(self, leg: Leg) -> None:
        """Replace the oldest chunk of a leg by a gap, or lengthen the gap that stands before it."""
        before: CaptureGap | None = None
        for index, message in enumerate(self._queue):
            if isinstance(message, CaptureGap) and message.gap.leg == leg:
                before = message
                before_index = index
            elif isinstance(message, AudioChunk) and message.leg == leg:
                break
        else:  # pragma: no cover - called only when chunks of the leg are queued
            raise AssertionError(leg)
        self._queued_samples[leg] -= _samples(message)
        start_ms = to_ms(message.start_sample)
        end_ms = to_ms(message.start_sample + _samples(message))
        if (
            before
            and before.call_id == message.call_id
            and before.gap.reason == "overflow"
            and before.gap.end_ms == start_ms
        ):
            self._queue[before_index] = CaptureGap(message.call_id, Gap(leg, before.gap.start_ms, end_ms, "overflow"))
            del self._queue[index]
        else:
            self._queue[index] = CaptureGap(message.call_id, Gap(leg, start_ms, end_ms, "overflow"))

    def _run(self) -> None:
        while (message := self._next()) is not None:
            self._send(message)

    def _next(self) -> Message | None:
        with self._changed:
            while not self._queue and self._levels is None:
                if self._closing:
                    return None
                self._changed.wait()
            if not self._queue:
                levels, self._levels = self._levels, None
                return levels
            message = self._queue.popleft()
            if isinstance(message, AudioChunk):
                self._queued_samples[message.leg] -= _samples(message)
            return message


def _samples(chunk: AudioChunk) -> int:
    return len(chunk.pcm) // SAMPLE_BYTES
