"""How short may the encoder's window be? Character errors and time of each floor, beside the full 30 s.

    python -m bench.window_sweep                        # on tests/audio/utterances_dev.opus
    python -m bench.window_sweep --data DIR             # clips of a folder with a manifest.tsv

The floor is chosen on the development utterances; `bench.file_mode` measures the choice on the evaluation ones.
"""

from __future__ import annotations

import time
from pathlib import Path

from asr.speech_model import WINDOW_MAX_S, DecodeOptions, SpeechModel
from bench.material import Clip, find, read_clips, read_utterances, weights_of
from bench.report import Figure, parser, run, table, write_json
from bench.score import Interval, cer_difference, char_errors, pooled_cer
from core.errors import BadInput
from core.zh.script import simplified

_PADDING_MS = 200


def _clips(folder: Path, count: int | None) -> list[Clip]:
    if (folder / "manifest.tsv").is_file():
        return list(read_clips(folder))[:count]
    return read_utterances(find("utterances_dev.opus", folder), _PADDING_MS)[:count]


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--model", default="base", help="of the installed models, or a folder of weights")
    arguments.add_argument("--floors", type=float, nargs="+", default=[8.0, 9.0, 10.0, 11.0, 12.0, 14.0, WINDOW_MAX_S])
    arguments.add_argument("--beam", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--first", type=int, metavar="N", help="the first clips alone")
    chosen = arguments.parse_args()
    path = weights_of(chosen.model)
    clips = _clips(chosen.data, chosen.first)
    if not clips:
        raise BadInput(f"{chosen.data} has no utterances.")
    seconds = sum(clip.seconds for clip in clips)
    chars: list[int] = []
    errors: dict[float, list[int]] = {}
    factors: dict[float, float] = {}
    model = SpeechModel(path, threads=chosen.threads)
    model.decode([clips[0].samples], DecodeOptions(chosen.beam))  # the first run of a model pays for its memory
    for floor_s in chosen.floors:
        options = DecodeOptions(chosen.beam, window_floor_s=floor_s)
        elapsed_s = 0.0
        counted: list[tuple[int, int]] = []
        for clip in clips:
            started_s = time.perf_counter()
            text = model.decode([clip.samples], options)[0].text
            elapsed_s += time.perf_counter() - started_s
            counted.append(char_errors(clip.text, simplified(text)))
        errors[floor_s] = [wrong for wrong, _ in counted]
        chars = [length for _, length in counted]
        factors[floor_s] = elapsed_s / seconds
    widest = max(chosen.floors)
    print(
        f"{len(clips)} utterances, {seconds:.0f} s, {sum(chars)} characters, beam {chosen.beam}, weights {path.name}\n"
    )
    rates: dict[float, Interval] = {floor_s: pooled_cer(of, chars) for floor_s, of in errors.items()}
    rows = [
        (f"{floor_s:g} s", f"{factors[floor_s]:.3f}", rate, cer_difference(errors[floor_s], errors[widest], chars))
        for floor_s, rate in rates.items()
    ]
    print(table(("floor", "real-time factor", "CER % [95 %]", f"points over {widest:g} s"), rows))
    figures: dict[str, Figure] = {
        f"{floor_s:g}": {"cer": rate, "real_time_factor": factors[floor_s]} for floor_s, rate in rates.items()
    }
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
