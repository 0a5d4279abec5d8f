"""What does a decode cost? Time of its parts by window, beam, length of speech and threads, and of voice detection.

    python -m bench.decode_cost
    CT2_FORCE_CPU_ISA=AVX2 python -m bench.decode_cost       # what AVX-512 is worth
    OMP_WAIT_POLICY=ACTIVE python -m bench.decode_cost       # what threads that spin while they wait cost

Each part is the median of its repetitions over the utterances. The straight lines by length are what
`bench/live_sweep.py` charges its virtual clock with.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from asr.finals import FINAL_BEAM
from asr.speech_model import DecodeOptions, SpeechModel, window_s
from asr.vad import FRAME_SAMPLES, VoiceDetector
from bench.material import Clip, find, read_utterances, weights_of
from bench.report import Figure, parser, run, table, write_json
from core.types import Samples

_PADDING_MS = 200
_REPETITIONS = 5
_VAD_CALLS = 500


def _median_s(work: Callable[[], object], repetitions: int) -> float:
    taken_s: list[float] = []
    for _ in range(repetitions):
        started_s = time.perf_counter()
        work()
        taken_s.append(time.perf_counter() - started_s)
    return median(taken_s)


def _encoder_only(model: SpeechModel, clip: Samples, floor_s: float) -> float:
    options = DecodeOptions(window_floor_s=floor_s)
    return _median_s(lambda: model.decode([clip], options, lambda: False), _REPETITIONS)


def _after_encoder(model: SpeechModel, clip: Clip, options: DecodeOptions) -> float:
    floor_s = window_s(clip.seconds)
    whole_s = _median_s(lambda: model.decode([clip.samples], options), _REPETITIONS)
    return whole_s - _encoder_only(model, clip.samples, floor_s)


def _vad_s(frames: int) -> float:
    """One call of the network with so many frames."""
    detector = VoiceDetector()
    samples = np.random.default_rng(0).normal(0, 0.01, frames * FRAME_SAMPLES).astype(np.float32)
    return _median_s(lambda: detector.probabilities(samples), _VAD_CALLS)


def _line(seconds: list[float], costs_s: list[float]) -> tuple[float, float]:
    slope, base = np.polyfit(seconds, costs_s, 1)
    return float(base), float(slope)


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--model", default="base", help="of the installed models, or a folder of weights")
    arguments.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    arguments.add_argument("--clips", type=int, default=24, help="utterances, evenly over their lengths")
    chosen = arguments.parse_args()
    path = weights_of(chosen.model)
    by_length = sorted(
        read_utterances(find("utterances_dev.opus", chosen.data), _PADDING_MS), key=lambda clip: clip.seconds
    )
    clips = by_length[:: max(1, len(by_length) // chosen.clips)]
    lengths_s = [clip.seconds for clip in clips]
    options = {
        "greedy text": DecodeOptions(),
        f"search, beam {FINAL_BEAM}": DecodeOptions(beam_size=FINAL_BEAM),
        "beam 3": DecodeOptions(beam_size=3),
        "beam 5": DecodeOptions(beam_size=5),
        f"beam {FINAL_BEAM} with word times": DecodeOptions(beam_size=FINAL_BEAM, word_times=True),
    }
    rows: list[tuple[object, ...]] = []
    figures: dict[str, Figure] = {}
    for threads in chosen.threads:
        model = SpeechModel(path, threads=threads)
        model.decode([clips[0].samples], DecodeOptions())  # the first run of a model pays for its memory
        middle = clips[len(clips) // 2].samples
        for floor_s in (8.0, 10.0, 30.0):
            cost_s = _encoder_only(model, middle, floor_s)
            rows.append((threads, f"features and encoder, {floor_s:g} s", f"{1000 * cost_s:.0f}", ""))
            figures[f"{threads}/encoder {floor_s:g} s"] = {"s": cost_s}
        for name, one in options.items():
            costs_s = [_after_encoder(model, clip, one) for clip in clips]
            base_s, slope_s = _line(lengths_s, costs_s)
            line = f"{1000 * base_s:.0f} + {1000 * slope_s:.0f} a second of speech"
            rows.append((threads, name, f"{1000 * median(costs_s):.0f}", line))
            figures[f"{threads}/{name}"] = {"s": median(costs_s), "base_s": base_s, "slope_s": slope_s}
    for frames in (1, 2, 3):
        cost_s = _vad_s(frames)
        rows.append(("", f"voice detection, {frames} frame(s) a call", f"{1000 * cost_s:.2f}", ""))
        figures[f"vad {frames}"] = {"s": cost_s}
    isa, policy = (os.environ.get(name, "default") for name in ("CT2_FORCE_CPU_ISA", "OMP_WAIT_POLICY"))
    median_s = sorted(lengths_s)[len(lengths_s) // 2]
    print(f"{len(clips)} utterances of {lengths_s[0]:.1f} to {lengths_s[-1]:.1f} s, median {median_s:.1f} s")
    print(f"CT2_FORCE_CPU_ISA {isa}, OMP_WAIT_POLICY {policy}\n")
    print(table(("threads", "part", "ms", "straight line, ms"), rows))
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
