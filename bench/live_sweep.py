"""What do the times of live recognition cost? A call on a virtual clock, so that many settings are tried quickly.

    python -m bench.live_sweep service_call.opus --finished 352 448 --unfinished 640 736

Every decode is done for real; how long it takes is charged by a formula fitted to a kind of desk (`--desk`), so that
results are the same on any machine. What is chosen here is measured at wall-clock pace by `bench.live`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from asr.finals import Decoder
from asr.live import LiveRecogniser
from asr.live_leg import LiveOptions
from asr.schedule import Job
from asr.speech_model import Decoded, DecodeOptions, SpeechModel, window_s
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

    def decode(
        self, clips: Sequence[Samples], options: DecodeOptions, wanted: Callable[[], bool] | None = None
    ) -> list[Decoded]:
        """Text of each clip. What is given up, and when, is settled by the virtual clock."""
        del wanted
        decoded: list[Decoded] = []
        for clip in clips:
            key = (clip.tobytes(), options)
            if key not in self._known:
                self._known[key] = self._decoder.decode([clip], options)[0]
            decoded.append(self._known[key])
        return decoded


class _Desk(NamedTuple):
    """Seconds a decode takes on a kind of desk: encoder a second of window; decoder a batch and a second of speech."""

    encoder_s: float
    partial_s: tuple[float, float]
    final_s: tuple[float, float]

    def charge_s(self, job: Job, options: LiveOptions) -> tuple[float, float]:
        """Encoder and decoder of a batch; a second clip costs 0.6 of the first."""
        partial = job.kind == "partial"
        length_s = max(len(clip) for clip in job.clips) / SAMPLE_RATE_HZ
        batch = 1 + 0.6 * (len(job.clips) - 1)
        encoder_s = self.encoder_s * window_s(length_s, options.partial_window_floor_s if partial else None)
        base_s, speech_s = self.partial_s if partial else self.final_s
        return encoder_s * batch, (base_s + speech_s * length_s) * batch


_DESKS = {
    # Measured with `bench.decode_cost`: one thread of an Intel Xeon with AMX ...
    "fast": _Desk(0.0066, (0.043, 0.009), (0.059, 0.010)),
    # ... and, its final with a beam of 3, two threads of an Intel Xeon at 2 GHz with AVX-512 VNNI.
    "slow": _Desk(0.0108, (0.03, 0.048), (0.10, 0.052)),
}


class Simulated(NamedTuple):
    """A call on a virtual clock. `worked`: share of the time that the decoder worked."""

    score: CallScore
    worked: float
    speculations: int
    given_up: int


def simulate(
    legs: dict[str, Samples], turns: Sequence[Turn], decoder: Decoder, options: LiveOptions, desk: str = "fast"
) -> Simulated:
    """Follow a call on a virtual clock."""
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
    begun_s = free_at_s = worked_s = 0.0
    speculations = given_up = 0
    ask_at_s: float | None = None
    for frame in range(n_frames):
        tick_s = (frame + 1) * _FRAME_S
        if job and ask_at_s and tick_s >= ask_at_s:
            if not recogniser.wanted(job):
                decoded, free_at_s = [], ask_at_s
                given_up += job.kind == "speculation"
            ask_at_s = None
        if job and tick_s >= free_at_s:
            now_s = free_at_s
            recogniser.deliver(job, decoded, free_at_s - begun_s)
            worked_s += free_at_s - begun_s
            job = None
        now_s = tick_s
        first = frame * FRAME_SAMPLES
        for leg in LEGS:
            recogniser.feed(AudioFrame(leg, first, padded[leg][first : first + FRAME_SAMPLES]))
        if job is None and (job := recogniser.next_job()):
            speculations += job.kind == "speculation"
            decoded = recogniser.decode(job)
            encoder_s, decoder_s = _DESKS[desk].charge_s(job, options)
            begun_s, ask_at_s, free_at_s = now_s, now_s + encoder_s, now_s + encoder_s + decoder_s
    recogniser.close()
    return Simulated(score_call(turns, events), worked_s / now_s, speculations, given_up)


def main() -> int:
    """Sweep and print."""
    arguments = parser(__doc__)
    arguments.add_argument("call", nargs="?", default="service_call.opus")
    arguments.add_argument("--model", default="base", help="of the installed models, or a folder of weights")
    arguments.add_argument("--finished", type=int, nargs="+", metavar="MS", help="finished_hangover_ms to try")
    arguments.add_argument("--unfinished", type=int, nargs="+", metavar="MS", help="unfinished_hangover_ms to try")
    arguments.add_argument("--pause", type=int, nargs="+", metavar="MS", help="endpoint.pause_ms to try")
    arguments.add_argument("--desk", choices=sorted(_DESKS), default="fast", help="what a decode is charged")
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
        simulated = simulate(legs, turns, decoder, options, chosen.desk)
        score = simulated.score
        final_p50, final_p95 = score.delays("final_delay_ms")
        first_p50, _ = score.delays("first_text_ms")
        split = f"{score.split_sentences} of {score.sentences}"
        rows.append(
            (
                finished_ms,
                unfinished_ms,
                pause_ms,
                final_p50,
                final_p95,
                first_p50,
                score.cer(),
                split,
                score.lost,
                f"{simulated.worked:.2f}",
                f"{simulated.speculations}, {simulated.given_up}",
            )
        )
        figures[f"{finished_ms}/{unfinished_ms}/{pause_ms}"] = {
            "final_p50_ms": final_p50,
            "final_p95_ms": final_p95,
            "first_p50_ms": first_p50,
            "cer": score.cer(),
            "split_sentences": score.split_sentences,
            "sentences": score.sentences,
            "lost": score.lost,
            "worked": simulated.worked,
            "speculations": simulated.speculations,
            "given_up": simulated.given_up,
        }
    header = (
        *("finished ms", "unfinished", "pause", "final p50", "p95", "first p50", "CER %", "split", "lost", "worked"),
        "speculations, given up",
    )
    print(table(header, rows))
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
