"""How smoothly the window runs while both legs of a call are recognised: the demo under Xvfb with its frame log.

    python -m bench.frames --seconds 60
    python -m bench.frames --log FILE        a log made on a real screen with `tingban --demo --frame-log FILE`

A turn of the window's event loop is due every 16 ms; the gap between two turns is what a user feels. Paints come only
when something has changed, so their gaps tell how often that was. The beginning is left out, while processes start and
weights load. A call of one's own is replayed with `--call FILE`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.material import find
from bench.report import ROOT, Figure, parser, run, table, write_json
from bench.score import percentile
from core.errors import BadInput, EnvironmentFault

LATE_MS = 33.0
"""Two frames of a 60 Hz screen."""
_END_DEADLINE_S = 20.0


class Gaps(NamedTuple):
    """Gaps in milliseconds; `late`: percent of them above 33 ms."""

    n_gaps: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    late: float


def summary(gaps_ms: Sequence[float], skip_s: float = 0.0) -> Gaps:
    """Of the gaps that end more than `skip_s` after the first began."""
    kept: list[float] = []
    passed_ms = 0.0
    for gap_ms in gaps_ms:
        passed_ms += gap_ms
        if passed_ms > 1000 * skip_s:
            kept.append(gap_ms)
    late = 100 * sum(gap_ms > LATE_MS for gap_ms in kept) / len(kept) if kept else float("nan")
    return Gaps(len(kept), percentile(kept, 50), percentile(kept, 99), max(kept, default=float("nan")), late)


def read_log(path: Path) -> dict[str, list[float]]:
    """Gaps between turns and between paints.

    Raises: BadInput.
    """
    try:
        log = json.loads(path.read_text(encoding="utf-8"))
        return {name: [float(gap) for gap in log[f"{name}_gaps_ms"]] for name in ("turn", "paint")}
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is no frame log: {error!r}.") from None


@contextmanager
def _display() -> Iterator[str]:
    """An X display without a screen.

    Raises: EnvironmentFault where there is no Xvfb.
    """
    if shutil.which("Xvfb") is None:
        raise EnvironmentFault("Xvfb is not installed.", remedy="Install it (Debian: xvfb), or give a --log.")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(writer,), stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        if not number:
            raise EnvironmentFault("Xvfb did not start.")
        try:
            yield f":{number}"
        finally:
            server.terminate()


def record(call: Path | None, log: Path, seconds: float) -> None:
    """Run the demo for so long, then close it as a session's end does.

    Raises: EnvironmentFault when the window ends by itself or will not end.
    """
    with _display() as display:
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
        command = [
            sys.executable,
            "-m",
            "app",
            "desk",
            "--demo",
            *([str(call)] if call else []),
            "--frame-log",
            str(log),
        ]
        with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) as window:
            time.sleep(seconds)
            if window.poll() is not None:
                raise EnvironmentFault("The window ended by itself; its own words stand above.")
            window.send_signal(signal.SIGTERM)
            try:
                window.wait(_END_DEADLINE_S)
            except subprocess.TimeoutExpired:
                window.kill()
                raise EnvironmentFault(f"The window did not end within {_END_DEADLINE_S:.0f} s.") from None


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--log", type=Path, metavar="FILE", help="read this log, start nothing")
    arguments.add_argument("--call", metavar="FILE", help="replay this call, not the bundled one")
    arguments.add_argument("--seconds", type=float, default=60.0, help="how long the window runs (%(default)s)")
    arguments.add_argument("--skip-s", type=float, default=15.0, help="beginning left out (%(default)s)")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log: Path = chosen.log or Path(folder) / "frames.json"
        if chosen.log is None:
            record(find(chosen.call, chosen.data).resolve() if chosen.call else None, log, chosen.seconds)
        gaps = {name: summary(of, chosen.skip_s) for name, of in read_log(log).items()}
    print(
        table(
            ("gaps between", "count", "p50 (ms)", "p99 (ms)", "worst (ms)", "above 33 ms (%)"),
            [(f"{name}s", *of) for name, of in gaps.items()],
        )
    )
    figures: dict[str, Figure] = {name: of._asdict() for name, of in gaps.items()}
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
