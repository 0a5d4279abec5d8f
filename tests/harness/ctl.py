"""`tingbanctl` as a program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 120.0


def command(*arguments: str | Path) -> list[str]:
    """The command line, of this checkout."""
    return [sys.executable, "-m", "app.cli.main", *map(str, arguments)]


def ctl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it to its end, in this test's environment."""
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, encoding="utf-8", timeout=DEADLINE_S, check=False
    )


def rows(done: subprocess.CompletedProcess[str]) -> list[dict]:
    """What it printed with `--json`: objects, one a line, and nothing else."""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(isinstance(row, dict) for row in found)
    return found
