"""WhisperLive 0.10.0's server on a loopback port, until its standard input is closed: runs in its own environment.

As its own `run_server.py` has it for weights named by path: one model for all clients. The faster-whisper back end
uses the voice detector bundled with faster-whisper, so that nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading

from whisper_live.server import (  # type: ignore[import-not-found]  # there in the peer's own environment alone
    TranscriptionServer,
)


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="folder of CTranslate2 Whisper weights")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    threading.Thread(
        target=TranscriptionServer().run,
        args=("127.0.0.1",),
        kwargs={
            "port": arguments.port,
            "backend": "faster_whisper",
            "faster_whisper_custom_model_path": arguments.model,
            "single_model": True,
        },
        daemon=True,
    ).start()
    sys.stdin.read()
    # Its threads of recognition are no daemons and outlive their clients.
    os._exit(0)


if __name__ == "__main__":
    main()
