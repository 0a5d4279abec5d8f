"""What loading the recogniser costs: from the weights as fetched, and from the int8 ones prepared beside them.

    python -m bench.loading

Each run is a process of its own; time and peak memory are those of the load alone, the imports before it not counted in
the time. The two take turns.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

import msgspec

from bench.meter import BYTES_PER_MB
from bench.report import ROOT, Figure, parser, run, table, write_json
from core.errors import BadInput
from models.store import ModelStore

_ONE_LOAD = """
import sys, time
from pathlib import Path
import psutil
from asr.speech_model import SpeechModel
started_s = time.perf_counter()
model = SpeechModel(Path(sys.argv[1]), threads=2)
loaded_s = time.perf_counter() - started_s
memory = psutil.Process().memory_info()
if sys.platform == "win32":
    peak = memory.peak_wset
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(loaded_s, peak, memory.rss)
"""


class Load(msgspec.Struct, frozen=True):
    """One load. `left_mb`: what the process holds right after it."""

    seconds: float
    peak_mb: float
    left_mb: float


def load(folder: Path) -> Load:
    """Load the weights of a folder in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", _ONE_LOAD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, peak_bytes, left_bytes = map(float, done.stdout.split())
    return Load(seconds, peak_bytes / BYTES_PER_MB, left_bytes / BYTES_PER_MB)


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--model", default="base", help="of the installed models")
    arguments.add_argument("--runs", type=int, default=5)
    chosen = arguments.parse_args()
    installed = ModelStore().prepare(chosen.model)
    if installed.int8_path is None:
        raise BadInput(f"{chosen.model!r} has no int8 weights to prepare.", remedy="Choose a model of 16-bit weights.")
    folders = {"as fetched": installed.path, "int8": installed.int8_path}
    load(installed.path)  # the first pays for files that are not in memory yet
    loads: dict[str, list[Load]] = {name: [] for name in folders}
    for _ in range(chosen.runs):
        for name, folder in folders.items():
            loads[name].append(load(folder))
    rows: list[tuple[object, ...]] = []
    figures: dict[str, Figure] = {}
    for name, some in loads.items():
        middle = Load(*(median(getattr(one, field) for one in some) for field in Load.__struct_fields__))
        rows.append((name, f"{middle.seconds:.2f}", f"{middle.peak_mb:.0f}", f"{middle.left_mb:.0f}"))
        figures[name] = msgspec.to_builtins(middle)
    print(f"weights {chosen.model}, medians of {chosen.runs}\n")
    print(table(("weights", "s", "peak MB", "MB after it"), rows))
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
