"""RealtimeSTT 1.1.2 as it comes, one recorder for one leg: runs in its own environment.

Its defaults stay: 0.6 s of silence end a recording, finals at beam 5, realtime text at beam 3 every 0.2 s by a second
model (here the same weights). Set are only the weights, CPU with int8, the language, no microphone, and realtime text.
Silero VAD comes from the `silero-vad` wheel in the environment.
"""

from __future__ import annotations

import queue
import threading

from RealtimeSTT import (  # type: ignore[import-not-found]  # there in the peer's own environment alone
    AudioToTextRecorder,
)

from bench.peers.pace import Leg, Pcm, parse

_BLOCK_MS = 32
"""512 samples, the recorder's own buffer."""
_HANGOVER_MS = 600
"""Its `post_speech_silence_duration`, which a recording's end includes."""


class _Recordings:
    """Spans of its recordings on the audio's clock: it tells none itself."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._start_ms = 0
        self._ended: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()

    def started(self) -> None:
        self._start_ms = self._leg.now_ms()

    def stopped(self) -> None:
        self._ended.put((self._start_ms, max(self._start_ms + 1, self._leg.now_ms() - _HANGOVER_MS)))

    def wrote_realtime(self, text: str) -> None:
        self._leg.write("hypothesis", self._start_ms, self._leg.now_ms(), text)

    def wrote_final(self, text: str) -> None:
        self._leg.write("utterance", *self._ended.get(), text)


def main() -> None:
    """Feed the leg; finals are fetched by the main thread, as its documentation shows."""
    arguments = parse(__doc__)
    leg = Leg(arguments.leg, arguments.wave, arguments.tail_s)
    recordings = _Recordings(leg)
    recorder = AudioToTextRecorder(
        model=arguments.model,
        realtime_model_type=arguments.model,
        language="zh",
        device="cpu",
        compute_type="int8",
        use_microphone=False,
        spinner=False,
        no_log_file=True,
        enable_realtime_transcription=True,
        on_realtime_transcription_update=recordings.wrote_realtime,
        on_recording_start=recordings.started,
        on_recording_stop=recordings.stopped,
    )
    leg.wait_for_start()

    def deliver(block: Pcm) -> None:
        recorder.feed_audio(block.tobytes())

    def feed() -> None:
        leg.feed(deliver, _BLOCK_MS)
        recorder.abort()

    feeder = threading.Thread(target=feed, name="feeder")
    feeder.start()
    while feeder.is_alive():
        text = recorder.text()
        if text:
            recordings.wrote_final(text)
    recorder.shutdown()


if __name__ == "__main__":
    main()
