"""A stereo call at wall-clock pace through `tingbanctl transcribe --live`: delays, errors, splits, losses, cost.

    python -m bench.live --call service_call.opus --runs 5
    python -m bench.live --call service_call.opus --leg customer

Each figure is the median over the runs; the interval of CER is the median run's. Processor seconds are all of the
process's, loading included, over the call's length.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.material import find, read_call, write_wave
from bench.ours import Transcription, transcribe
from bench.report import Figure, parser, run, table, write_json
from bench.score import CallScore, Turn, score_call
from core.types import LEGS, SAMPLE_RATE_HZ


class Run(NamedTuple):
    """One run of a call, scored."""

    score: CallScore
    transcription: Transcription
    seconds: float
    """Length of the call."""


def measure(call: Path, turns: Sequence[Turn], seconds: float, options: Sequence[str] = ()) -> Run:
    """One run at wall-clock pace."""
    transcription = transcribe(call, ("--live", "--legs", "stereo", *options))
    return Run(score_call(turns, transcription.events), transcription, seconds)


_FIGURES: dict[str, Callable[[Run], float]] = {
    "end of speech to final, p50 (s)": lambda run: run.score.delays("final_delay_ms")[0] / 1000,
    "end of speech to final, p95 (s)": lambda run: run.score.delays("final_delay_ms")[1] / 1000,
    "start of speech to first text, p50 (s)": lambda run: run.score.delays("first_text_ms")[0] / 1000,
    "start of speech to first text, p95 (s)": lambda run: run.score.delays("first_text_ms")[1] / 1000,
    "start of speech to first right character, p50 (s)": lambda run: run.score.delays("first_right_ms")[0] / 1000,
    "CER (%)": lambda run: run.score.cer().value,
    "CER customer (%)": lambda run: run.score.cer("customer").value,
    "CER agent (%)": lambda run: run.score.cer("agent").value,
    "turns in more than one final (%)": lambda run: 100 * run.score.split_turns / len(run.score.turns),
    "sentences split (%)": lambda run: 100 * run.score.split_sentences / max(1, run.score.sentences),
    "turns lost": lambda run: run.score.lost,
    "gaps": lambda run: sum(event.type == "gap" for event in run.transcription.events),
    "processor seconds a second": lambda run: run.transcription.cost.cpu_s / run.seconds,
    "peak memory (MB)": lambda run: run.transcription.cost.peak_mb,
    "lines late, p95 (ms)": lambda run: run.transcription.line_lag_ms,
}


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--call", required=True, metavar="FILE", help="stereo, left agent, right customer")
    arguments.add_argument("--runs", type=int, default=1)
    arguments.add_argument("--leg", choices=(*LEGS, "both"), default="both", help="silence the other leg")
    arguments.add_argument("--seconds", type=float, help="the call's beginning alone")
    arguments.add_argument("--model", help="of the installed models (the product's choice)")
    chosen = arguments.parse_args()
    legs, turns = read_call(find(chosen.call, chosen.data), chosen.seconds)
    if chosen.leg != "both":
        turns = [turn for turn in turns if turn.leg == chosen.leg]
        legs = {leg: samples if leg == chosen.leg else np.zeros_like(samples) for leg, samples in legs.items()}
    seconds = len(legs["agent"]) / SAMPLE_RATE_HZ
    options = ("--model", chosen.model) if chosen.model else ()
    with tempfile.TemporaryDirectory() as folder:
        call = Path(folder) / "call.wav"
        write_wave(call, legs["agent"], legs["customer"])
        runs = [measure(call, turns, seconds, options) for _ in range(chosen.runs)]
    rows: list[tuple[str, float, float, float]] = []
    for name, figure in _FIGURES.items():
        values = [figure(one) for one in runs]
        rows.append((name, statistics.median(values), min(values), max(values)))
    by_cer = sorted(runs, key=lambda one: one.score.cer().value)
    interval = by_cer[len(by_cer) // 2].score.cer()
    print(f"{chosen.call}, {seconds:.0f} s, {len(turns)} turns, legs: {chosen.leg}, runs: {chosen.runs}\n")
    print(table(("figure", "median", "least", "most"), rows))
    print(f"\nCER with its 95 % interval over turns: {interval}")
    figures: dict[str, Figure] = {
        name: {"median": median, "least": low, "most": high} for name, median, low, high in rows
    }
    write_json(chosen.json, {"call": chosen.call, "leg": chosen.leg, "runs": chosen.runs, "figures": figures})
    return 0


if __name__ == "__main__":
    run(main)
