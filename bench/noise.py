"""What is written where nobody speaks, and whether short answers are written in the same noises.

    python -m bench.noise                     ten minutes of each noise: not one character may be written
    python -m bench.noise --answers           the recording of short answers in each of them

The noises are made by `tests/harness/noise.py` from a seed, at the levels below: dBFS over what sounds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.material import find, read_channels, read_turns, write_wave
from bench.normalise import nearest, normalise
from bench.ours import transcribe
from bench.report import Figure, parser, run, table, write_json
from bench.score import Turn, Written, overlap_ms
from core.types import SAMPLE_RATE_HZ, Samples
from tests.harness.noise import NOISE_KINDS, NoiseKind, mix, noise

LEVELS_DB: dict[NoiseKind, float] = {
    "silence": 0.0,
    "room": -50.0,
    "fan": -40.0,
    "line": -45.0,
    "ringback": -20.0,
    "busy": -20.0,
    "dtmf": -18.0,
    "music_piano": -22.0,
    "music_band": -22.0,
    "music_strings": -22.0,
    "music_voice": -22.0,
    "music_scat": -22.0,
}
_REACH_MS = 300
"""A final may begin or end so far outside the answer it holds."""


class Answers(NamedTuple):
    """How a recording of short answers fared."""

    asked: int
    written: int
    right: int
    invented_chars: int
    """Characters of finals that lie at no answer."""


def score_answers(turns: Sequence[Turn], finals: Sequence[Written]) -> Answers:
    """Answers with any text at their place, and those whose text is theirs."""
    written = right = 0
    claimed: set[Written] = set()
    for turn in turns:
        reach = Turn(turn.leg, turn.start_ms - _REACH_MS, turn.end_ms + _REACH_MS, turn.text)
        near = [final for final in finals if overlap_ms(reach, final) and normalise(final.text)]
        claimed.update(near)
        wanted = normalise(turn.text)
        written += bool(near)
        right += nearest("".join(final.text for final in near), wanted) == wanted
    invented = sum(len(normalise(final.text)) for final in finals if final not in claimed)
    return Answers(len(turns), written, right, invented)


def _finals(samples: Samples, live: bool) -> tuple[list[Written], float]:
    """What the product writes of one channel, partials included when live, and its processor seconds a second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise.wav"
        write_wave(path, samples)
        done = transcribe(path, ("--legs", "mono", *(("--live",) if live else ())))
    return [event for event in done.events if event.type != "gap"], done.cost.cpu_s * SAMPLE_RATE_HZ / len(samples)


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--kinds", nargs="+", choices=NOISE_KINDS, default=list(NOISE_KINDS))
    arguments.add_argument("--minutes", type=float, default=10.0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--live", action="store_true", help="at wall-clock pace, partials counted too")
    arguments.add_argument("--answers", action="store_true", help="the recording of short answers in the noises")
    arguments.add_argument("--recording", default="short_answers.opus", metavar="FILE")
    arguments.add_argument("--snr-db", type=float, default=15.0, help="speech over noise (%(default)s)")
    chosen = arguments.parse_args()
    figures: dict[str, Figure] = {}
    rows: list[tuple[object, ...]] = []
    if chosen.answers:
        path = find(chosen.recording, chosen.data)
        speech, turns = read_channels(path)[0], read_turns(path)
        header: tuple[str, ...] = ("noise", "SNR (dB)", "answers", "written", "right", "characters elsewhere")
        for kind in chosen.kinds:
            background = noise(kind, len(speech) / SAMPLE_RATE_HZ, chosen.seed)
            finals, _ = _finals(mix(speech, background, chosen.snr_db), chosen.live)
            answers = score_answers(turns, [final for final in finals if final.type == "utterance"])
            rows.append((kind, "–" if kind == "silence" else chosen.snr_db, *answers))
            figures[kind] = answers._asdict()
    else:
        header = ("noise", "level (dBFS)", "minutes", "texts", "characters", "CPU s/s")
        for kind in chosen.kinds:
            samples = noise(kind, 60 * chosen.minutes, chosen.seed, LEVELS_DB[kind])
            events, cpu_share = _finals(samples, chosen.live)
            texts = [normalise(event.text) for event in events]
            chars = sum(map(len, texts))
            level = "–" if kind == "silence" else LEVELS_DB[kind]
            rows.append((kind, level, chosen.minutes, len(texts), chars, cpu_share))
            figures[kind] = {"texts": len(texts), "chars": chars, "cpu_share": cpu_share}
    print(table(header, rows))
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
