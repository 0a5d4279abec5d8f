"""What do the times of live recognition cost? A call on a virtual clock, so that many settings are tried quickly.

    python -m bench.live_sweep service_call.opus --finished 352 448 --unfinished 640 736

Every decode is done for real; how long it takes is charged by a formula fitted to two idle cores (`_charge_s`), so that
results are the same on any machine. What is chosen here is measured at wall-clock pace by `bench.live`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from asr.finals import Decoder
from asr.live import LiveRecogniser
from asr.live_leg import Job, LiveOptions
from asr.speech_model import Decoded, DecodeOptions, SpeechModel
from asr.vad import FRAME_SAMPLES
from bench.material import find, read_call
from bench.report import Figure, parser, run, table, write_json
from bench.score import CallScore, Turn, Written, score_call
from core.types import LEGS, SAMPLE_RATE_HZ, AudioFrame, Gap, Hypothesis, Samples, Utterance
from models.store import ModelStore

_TAIL_S = 2
_FRAME_S = FRAME_SAMPLES / SAMPLE_RATE_HZ


class _Remembering:
    """A decoder that decodes the same clip once: settings differ in when, seldom in what."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._known: dict[tuple[bytes, DecodeOptions], Decoded] = {}

    def decode(self, clips: Sequence[Samples], options: DecodeOptions) -> list[Decoded]:
        """Text of each clip."""
        decoded: list[Decoded] = []
        for clip in clips:
            key = (clip.tobytes(), options)
            if key not in self._known:
                self._known[key] = self._decoder.decode([clip], options)[0]
            decoded.append(self._known[key])
        return decoded


def _charge_s(job: Job) -> float:
    """Seconds a batch takes: encoder by window, decoder by length and beam (docs/benchmarks.md, cost of a decode)."""
    length_s = max(len(clip) for clip in job.clips) / SAMPLE_RATE_HZ
    encoder_s = 0.064 * max(1.0, (length_s + 2) / 10)
    decoder_s = 0.03 + 0.016 * length_s if job.kind == "partial" else 0.045 + 0.045 * length_s
    return (encoder_s + decoder_s) * (1 + 0.6 * (len(job.clips) - 1))


def simulate(legs: dict[str, Samples], turns: Sequence[Turn], decoder: Decoder, options: LiveOptions) -> CallScore:
    """Follow a call on a virtual clock and score it."""
    now_s = 0.0
    events: list[Written] = []

    def emit(item: Hypothesis | Utterance | Gap) -> None:
        kind = {Hypothesis: "hypothesis", Utterance: "utterance", Gap: "gap"}[type(item)]
        text = "" if isinstance(item, Gap) else item.text
        events.append(Written(kind, item.leg, item.start_ms, item.end_ms, text, round(now_s * 1000)))  # type: ignore[arg-type]  # one of its literals

    recogniser = LiveRecogniser(decoder, emit, options=options, threaded=False)
    n_frames = (len(legs["agent"]) + _TAIL_S * SAMPLE_RATE_HZ) // FRAME_SAMPLES
    padded = {leg: np.pad(samples, (0, n_frames * FRAME_SAMPLES - len(samples))) for leg, samples in legs.items()}
    job: Job | None = None
    decoded: list[Decoded] = []
    begun_s = free_at_s = 0.0
    for frame in range(n_frames):
        tick_s = (frame + 1) * _FRAME_S
        if job and tick_s >= free_at_s:
            now_s = free_at_s
            recogniser.deliver(job, decoded, free_at_s - begun_s)
            job = None
        now_s = tick_s
        first = frame * FRAME_SAMPLES
        for leg in LEGS:
            recogniser.feed(AudioFrame(leg, first, padded[leg][first : first + FRAME_SAMPLES]))
        if job is None and (job := recogniser.next_job()):
            decoded = recogniser.decode(job)
            begun_s, free_at_s = now_s, now_s + _charge_s(job)
    recogniser.close()
    return score_call(turns, events)


def main() -> int:
    """Sweep and print."""
    arguments = parser(__doc__)
    arguments.add_argument("call", nargs="?", default="service_call.opus")
    arguments.add_argument("--model", default="base", help="of the installed models, or a folder of weights")
    arguments.add_argument("--finished", type=int, nargs="+", metavar="MS", help="finished_hangover_ms to try")
    arguments.add_argument("--unfinished", type=int, nargs="+", metavar="MS", help="unfinished_hangover_ms to try")
    arguments.add_argument("--pause", type=int, nargs="+", metavar="MS", help="endpoint.pause_ms to try")
    arguments.add_argument("--seconds", type=float, help="of the call alone")
    chosen = arguments.parse_args()
    folder = Path(chosen.model)
    path = folder if folder.is_dir() else ModelStore().resolve(chosen.model).path
    legs, turns = read_call(find(chosen.call, chosen.data), chosen.seconds)
    decoder = _Remembering(SpeechModel(path))
    base = LiveOptions()
    rows: list[tuple[object, ...]] = []
    figures: dict[str, Figure] = {}
    for finished_ms, unfinished_ms, pause_ms in product(
        chosen.finished or [base.finished_hangover_ms],
        chosen.unfinished or [base.unfinished_hangover_ms],
        chosen.pause or [base.endpoint.pause_ms],
    ):
        endpoint = replace(base.endpoint, pause_ms=pause_ms, tail_ms=min(pause_ms, base.endpoint.tail_ms))
        options = replace(
            base, finished_hangover_ms=finished_ms, unfinished_hangover_ms=unfinished_ms, endpoint=endpoint
        )
        score = simulate(legs, turns, decoder, options)
        final_p50, final_p95 = score.delays("final_delay_ms")
        first_p50, _ = score.delays("first_text_ms")
        split = f"{score.split_sentences} of {score.sentences}"
        rows.append(
            (finished_ms, unfinished_ms, pause_ms, final_p50, final_p95, first_p50, score.cer(), split, score.lost)
        )
        figures[f"{finished_ms}/{unfinished_ms}/{pause_ms}"] = {
            "final_p50_ms": final_p50,
            "final_p95_ms": final_p95,
            "first_p50_ms": first_p50,
            "cer": score.cer(),
            "split_sentences": score.split_sentences,
            "sentences": score.sentences,
            "lost": score.lost,
        }
    header = ("finished ms", "unfinished", "pause", "final p50", "p95", "first p50", "CER %", "split", "lost")
    print(table(header, rows))
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
