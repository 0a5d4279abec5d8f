"""The product's file mode beside stock faster-whisper: speed and errors on utterances of 2 to 10 s, same weights.

    python -m bench.file_mode
    python -m bench.file_mode --data DIR      (a folder of clips with a manifest.tsv of file and reference)

Both in one process, CPU with int8 and as many threads (`--threads`), one utterance after the other and each by both in
turn, the first of the two alternating. Ours is all of file mode as it comes: voice detection, recognition, guard, word
times, punctuation; stock is `WhisperModel.transcribe(samples, beam_size=5, language="zh")`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from faster_whisper import WhisperModel

from asr.offline import OfflineOptions, transcribe
from asr.speech_model import SpeechModel
from bench.material import Clip, find, read_clips, read_utterances, weights_of
from bench.report import Figure, parser, run, table, write_json
from bench.score import cer_difference, char_errors, pooled_cer
from core.errors import BadInput
from core.types import AudioFrame, Gap, Leg, Samples, Utterance
from models.store import ModelStore

_STOCK_BEAM = 5
_PADDING_MS = 200

Recognise = Callable[[Samples], str]


class _ClipSource:
    """A clip as an audio source, in one frame."""

    legs: tuple[Leg, ...] = ("agent",)

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def frames(self) -> Iterator[AudioFrame]:
        yield AudioFrame("agent", 0, self._samples)

    def dropped(self) -> list[Gap]:
        return []

    def close(self) -> None:
        """Nothing to release."""


class Trial(NamedTuple):
    """One system on one clip."""

    elapsed_s: float
    errors: int
    chars: int


def ours(model: Path, threads: int) -> Recognise:
    """All of file mode on one clip."""
    loaded = SpeechModel(model, device="cpu", compute_type="int8", threads=threads)

    def recognise(samples: Samples) -> str:
        items = transcribe(_ClipSource(samples), loaded, OfflineOptions())
        return "".join(item.text for item in items if isinstance(item, Utterance))

    return recognise


def stock(model: Path, threads: int) -> Recognise:
    """faster-whisper as it comes."""
    loaded = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)

    def recognise(samples: Samples) -> str:
        segments, _ = loaded.transcribe(samples, beam_size=_STOCK_BEAM, language="zh")
        return "".join(segment.text for segment in segments)

    return recognise


def attempt(recognise: Recognise, clip: Clip, repeats: int) -> Trial:
    """Median time of the repeats, errors of the last."""
    elapsed_s: list[float] = []
    text = ""
    for _ in range(repeats):
        started_s = time.perf_counter()
        text = recognise(clip.samples)
        elapsed_s.append(time.perf_counter() - started_s)
    return Trial(statistics.median(elapsed_s), *char_errors(clip.text, text))


def load_clips(folder: Path) -> list[Clip]:
    """The clips of a folder with a manifest, else its long recording of evaluation utterances.

    Raises: BadInput.
    """
    if (folder / "manifest.tsv").is_file():
        return list(read_clips(folder))
    return read_utterances(find("utterances_eval.opus", folder), _PADDING_MS)


def compare(clips: list[Clip], systems: dict[str, Recognise], repeats: int) -> dict[str, list[Trial]]:
    """Every clip by every system, the order alternating."""
    names = list(systems)
    trials: dict[str, list[Trial]] = {name: [] for name in names}
    for recognise in systems.values():
        recognise(clips[0].samples)  # the first run of a model pays for its memory
    for place, clip in enumerate(clips):
        for name in names if place % 2 == 0 else reversed(names):
            trials[name].append(attempt(systems[name], clip, repeats))
    return trials


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--model", default="base", help="of the installed models, or a folder of weights")
    arguments.add_argument("--least-s", type=float, default=2.0)
    arguments.add_argument("--most-s", type=float, default=10.0)
    arguments.add_argument("--repeats", type=int, default=1, help="runs of each system on a clip; the median counts")
    arguments.add_argument("--threads", type=int, default=2, help="of either")
    arguments.add_argument("--first", type=int, metavar="N", help="the first clips alone")
    chosen = arguments.parse_args()
    folder = Path(chosen.model)
    original = folder if folder.is_dir() else ModelStore().resolve(chosen.model).path
    clips = [clip for clip in load_clips(chosen.data) if chosen.least_s <= clip.seconds <= chosen.most_s][
        : chosen.first
    ]
    if not clips:
        raise BadInput(f"{chosen.data} has no utterance of {chosen.least_s} to {chosen.most_s} s.")
    seconds = sum(clip.seconds for clip in clips)
    trials = compare(
        clips,
        {
            "tingban": ours(weights_of(chosen.model), chosen.threads),
            "stock": stock(original, chosen.threads),
        },
        chosen.repeats,
    )
    chars = [trial.chars for trial in trials["stock"]]
    errors = {name: [trial.errors for trial in of] for name, of in trials.items()}
    factors = {name: sum(trial.elapsed_s for trial in of) / seconds for name, of in trials.items()}
    rates = {name: pooled_cer(of, chars) for name, of in errors.items()}
    difference = cer_difference(errors["tingban"], errors["stock"], chars)
    size = f"{len(clips)} utterances, {seconds:.0f} s, {sum(chars)} characters"
    print(f"{size}, weights {original.name}, {chosen.threads} thread(s)\n")
    rows = [(name, f"{factors[name]:.4f}", rates[name]) for name in trials]
    print(table(("system", "real-time factor", "CER % [95 %]"), rows))
    print(f"\nOurs over stock: {factors['tingban'] / factors['stock']:.2f} of the time, {difference} points of CER.")
    figures: dict[str, Figure] = {
        "utterances": len(clips),
        "seconds": seconds,
        "chars": sum(chars),
        "threads": chosen.threads,
        "real_time_factor": factors,
        "cer": rates,
        "time_ratio": factors["tingban"] / factors["stock"],
        "cer_difference": difference,
    }
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
