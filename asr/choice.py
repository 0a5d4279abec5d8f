"""Which device, precision and how many threads: chosen once by trying, kept, and explained by `doctor`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import ctranslate2
import msgspec

from asr.finals import final_options
from asr.speech_model import Device, SpeechModel
from core.errors import ModelFault
from core.types import Samples

TRIAL_S = 5.0
_TRIALS = 5
MAX_THREADS = 4
"""More would take cores from the softphone."""

WORTH = 1.1
"""A choice with fewer threads is taken if it is at most so much slower."""

LIVE_LIMIT = 0.25
"""A final of a 5 s utterance must be decoded within this share of its length for two legs to be followed live."""


class EngineChoice(msgspec.Struct, frozen=True):
    """A device, precision and thread count, with the seconds that decoding 5 s of speech took with it."""

    device: Device
    compute_type: str
    threads: int
    trial_s: float
    reason: str

    @property
    def live(self) -> bool:
        """Whether this is fast enough for both legs of a call."""
        return self.trial_s <= LIVE_LIMIT * TRIAL_S


def candidates(device: Literal["auto", "cpu", "cuda"], threads: int) -> list[tuple[Device, str, int]]:
    """What is worth trying here, the best first."""
    found: list[tuple[Device, str, int]] = []
    if device in {"auto", "cuda"} and cuda_devices():
        found.append(("cuda", "float16", 1))
    if device in {"auto", "cpu"} or not found:
        available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        counts = [threads] if threads else sorted({min(available, MAX_THREADS), min(available, 2), 1}, reverse=True)
        found += [("cpu", "int8", count) for count in counts]
    return found


def cuda_devices() -> int:
    """CUDA devices that CTranslate2 can see, whether or not its libraries are there; 0 where there is no driver."""
    try:
        return int(ctranslate2.get_cuda_device_count())
    except RuntimeError:
        return 0


def choose(
    path_for: Callable[[str], Path],
    speech: Samples,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    threads: int = 0,
) -> EngineChoice:
    """Try each candidate on some speech; keep the fastest, or one with fewer threads that is about as fast.

    `path_for` gives the folder of the weights for a compute type. `speech`: float32, shape (n_samples,), range [-1, 1],
    16 kHz mono, `TRIAL_S` long. It must be speech: the search for its words, a third of the time and more, shares its
    work between threads worse than the encoder does, and in noise there is hardly any.

    A device that fails is passed over, with the reason kept. Raises: ModelFault when none works.
    """
    tried: list[EngineChoice] = []
    failures: list[str] = []
    for candidate_device, compute_type, count in candidates(device, threads):
        try:
            seconds = _trial(path_for(compute_type), speech, candidate_device, compute_type, count)
        except (ModelFault, RuntimeError) as error:
            failures.append(f"{candidate_device}: {error}")
            continue
        tried.append(EngineChoice(candidate_device, compute_type, count, round(seconds, 3), ""))
    if not tried:
        raise ModelFault(
            f"No device can run the recogniser ({'; '.join(failures)}).",
            remedy="Run `tingbanctl models verify`; set recognition.device to cpu.",
        )
    fastest_s = min(one.trial_s for one in tried)
    # Two hardware threads of one core are no faster than one: what gains nothing is left to the softphone.
    best = min((one for one in tried if one.trial_s <= WORTH * fastest_s), key=lambda one: one.threads)
    listed = ", ".join(f"{one.device} {one.compute_type} x{one.threads}: {one.trial_s:.2f} s" for one in tried)
    reason = f"5 s of speech took {listed}" + (f"; failed: {', '.join(failures)}" if failures else "")
    return msgspec.structs.replace(best, reason=reason)


def _trial(path: Path, speech: Samples, device: Device, compute_type: str, threads: int) -> float:
    model = SpeechModel(path, device=device, compute_type=compute_type, threads=threads)
    model.decode([speech], final_options())
    taken_s: list[float] = []
    for _ in range(_TRIALS):
        started = time.perf_counter()
        model.decode([speech], final_options())
        taken_s.append(time.perf_counter() - started)
    # What else runs on the desk only ever adds.
    return min(taken_s)
