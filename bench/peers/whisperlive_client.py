"""A client of WhisperLive 0.10.0 for one leg: runs in its own environment.

Its protocol and defaults, but for `same_output_threshold`: 3 instead of 10, so that finals come sooner. What it calls
completed is a final; a last segment that it never completes is taken for one when the stream ends, with the time at
which it took its last form.
"""

from __future__ import annotations

import json
import threading
import uuid

import numpy as np
from websockets.exceptions import (  # type: ignore[import-not-found]  # there in the peer's own environment alone
    ConnectionClosed,
)
from websockets.sync.client import (  # type: ignore[import-not-found]  # likewise
    ClientConnection,
    connect,
)

from bench.peers.pace import Leg, Pcm, parse

_BLOCK_MS = 100
_SAME_OUTPUT_THRESHOLD = 3


class _Transcript:
    """Tells new finals from the repeated list of the last segments."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._done_ms = -1
        self._pending: tuple[int, int, str, int] | None = None

    def take(self, segments: list[dict[str, str | bool]]) -> None:
        for segment in segments:
            start_ms, end_ms = (round(1000 * float(segment[name])) for name in ("start", "end"))
            text = str(segment["text"])
            if not segment.get("completed"):
                if self._pending is None or self._pending[2] != text:
                    self._leg.write("hypothesis", start_ms, end_ms, text)
                    self._pending = (start_ms, end_ms, text, self._leg.now_ms())
            elif start_ms > self._done_ms:
                self._leg.write("utterance", start_ms, end_ms, text)
                self._done_ms = start_ms
                self._pending = None

    def finish(self) -> None:
        if self._pending is not None:
            start_ms, end_ms, text, emitted_ms = self._pending
            self._leg.write("utterance", start_ms, end_ms, text, emitted_ms)


def _listen(connection: ClientConnection, transcript: _Transcript, ready: threading.Event) -> None:
    try:
        for line in connection:
            message = json.loads(line)
            if message.get("message") == "SERVER_READY":
                ready.set()
            transcript.take(message.get("segments", []))
    except ConnectionClosed:
        return


def main() -> None:
    """Feed the leg and note what the server sends."""
    arguments = parse(__doc__)
    leg = Leg(arguments.leg, arguments.wave, arguments.tail_s)
    with connect(f"ws://127.0.0.1:{arguments.port}", max_size=None) as connection:
        connection.send(
            json.dumps(
                {
                    "uid": str(uuid.uuid4()),
                    "language": "zh",
                    "task": "transcribe",
                    "model": arguments.model,
                    "use_vad": True,
                    "send_last_n_segments": 10,
                    "no_speech_thresh": 0.45,
                    "clip_audio": False,
                    "same_output_threshold": _SAME_OUTPUT_THRESHOLD,
                }
            )
        )
        ready = threading.Event()
        transcript = _Transcript(leg)
        listener = threading.Thread(target=_listen, args=(connection, transcript, ready), name="listener")
        listener.start()
        ready.wait()
        leg.wait_for_start()

        def deliver(block: Pcm) -> None:
            connection.send((block.astype(np.float32) / 32_768).tobytes())

        leg.feed(deliver, _BLOCK_MS)
        connection.send(b"END_OF_AUDIO")
        listener.join()
        transcript.finish()


if __name__ == "__main__":
    main()
