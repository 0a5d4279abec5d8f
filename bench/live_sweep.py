"""What do the times of live recognition cost? A call on a virtual clock, so that many settings are tried quickly.

    python -m bench.live_sweep service_call.opus --finished 352 448 --unfinished 640 736

Every decode is done for real, its time is charged by a formula (`virtual_clock.py`). What is chosen here is measured at
wall-clock pace by `bench.live`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from asr.finals import Decoder
from asr.live_leg import LiveOptions
from asr.speech_model import SpeechModel
from bench.material import find, read_call, weights_of
from bench.report import Figure, parser, run, table, write_json
from bench.score import CallScore, Turn, Written, score_call
from bench.virtual_clock import DESKS, Remembering, follow
from core.types import Gap, Hypothesis, Leg, Samples, Utterance


class Simulated(NamedTuple):
    """A call on a virtual clock. `worked`: share of the time that the decoder worked."""

    score: CallScore
    worked: float
    speculations: int
    given_up: int


def simulate(
    legs: Mapping[Leg, Samples], turns: Sequence[Turn], decoder: Decoder, options: LiveOptions, desk: str = "fast"
) -> Simulated:
    """Follow a call on a virtual clock."""
    events: list[Written] = []

    def emit(item: Hypothesis | Utterance | Gap, now_ms: int) -> None:
        kind = {Hypothesis: "hypothesis", Utterance: "utterance", Gap: "gap"}[type(item)]
        text = "" if isinstance(item, Gap) else item.text
        events.append(Written(kind, item.leg, item.start_ms, item.end_ms, text, now_ms))  # type: ignore[arg-type]  # one of its literals

    spent = follow(legs, decoder, options, desk, emit)
    return Simulated(score_call(turns, events), spent.worked, spent.speculations, spent.given_up)


def main() -> int:
    """Sweep and print."""
    arguments = parser(__doc__)
    arguments.add_argument("call", nargs="?", default="service_call.opus")
    arguments.add_argument("--model", default="base", help="of the installed models, or a folder of weights")
    arguments.add_argument("--finished", type=int, nargs="+", metavar="MS", help="finished_hangover_ms to try")
    arguments.add_argument("--unfinished", type=int, nargs="+", metavar="MS", help="unfinished_hangover_ms to try")
    arguments.add_argument("--pause", type=int, nargs="+", metavar="MS", help="endpoint.pause_ms to try")
    arguments.add_argument("--desk", choices=sorted(DESKS), default="fast", help="what a decode is charged")
    arguments.add_argument("--seconds", type=float, help="of the call alone")
    chosen = arguments.parse_args()
    path = weights_of(chosen.model)
    legs, turns = read_call(find(chosen.call, chosen.data), chosen.seconds)
    decoder = Remembering(SpeechModel(path))
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
