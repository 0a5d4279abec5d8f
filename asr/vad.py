"""Voice activity, frame by frame, with the Silero network that faster-whisper carries.

The network is recurrent: a detector keeps one leg's state and is fed in order of time. Source: Silero VAD v6 (MIT),
`silero_vad_v6.onnx` of the faster-whisper distribution.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime as ort
from faster_whisper.utils import get_assets_path

from core.errors import ModelFault
from core.types import SAMPLE_RATE_HZ, Samples

FRAME_SAMPLES = 512
"""The network's step: 32 ms at 16 kHz."""

FRAME_MS = FRAME_SAMPLES * 1000 // SAMPLE_RATE_HZ

_CONTEXT_SAMPLES = 64
_STATE_SHAPE = (1, 1, 128)


@lru_cache(maxsize=1)
def _session() -> ort.InferenceSession:
    path = Path(get_assets_path()) / "silero_vad_v6.onnx"
    if not path.is_file():
        raise ModelFault(
            "The voice-activity network is missing from the faster-whisper package.",
            remedy="Install the program again.",
        )
    options = ort.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"], sess_options=options)


class Detector(Protocol):
    """Speech probability of each 32 ms frame of one leg."""

    def probabilities(self, samples: Samples, least_frames: int = 1) -> list[float]:
        """Probability of every frame that `samples` completes; fewer than `least_frames` wait for the next samples."""
        ...


class VoiceDetector:
    """Speech probability of each 32 ms frame of one leg. One thread at a time."""

    def __init__(self) -> None:
        self._session = _session()
        self.reset()

    def reset(self) -> None:
        """Forget the leg so far (a gap in the samples, a new call)."""
        self._h = np.zeros(_STATE_SHAPE, np.float32)
        self._c = np.zeros(_STATE_SHAPE, np.float32)
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self._rest = np.zeros(0, np.float32)

    def probabilities(self, samples: Samples, least_frames: int = 1) -> list[float]:
        """Probability of speech, 0 to 1, for every frame completed by `samples`.

        `samples`: float32, shape (n_samples,), range [-1, 1], 16 kHz mono; any length, what is left over waits. Fewer
        frames than `least_frames` wait too: a second frame in a call costs less than half of the
        first (`bench/decode_cost.py`).
        """
        pending = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        n_frames = len(pending) // FRAME_SAMPLES
        if n_frames < least_frames:
            self._rest = pending.copy()
            return []
        used = n_frames * FRAME_SAMPLES
        self._rest = pending[used:].copy()
        with_context = np.concatenate([self._context, pending[:used]])
        batch = np.lib.stride_tricks.sliding_window_view(with_context, _CONTEXT_SAMPLES + FRAME_SAMPLES)[
            ::FRAME_SAMPLES
        ]
        probabilities, self._h, self._c = self._session.run(
            None, {"input": np.ascontiguousarray(batch, np.float32), "h": self._h, "c": self._c}
        )
        self._context = with_context[-_CONTEXT_SAMPLES:].copy()
        return [float(p) for p in probabilities.ravel()]
