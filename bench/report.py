"""How a measurement is shown: a table for a person, and the same as JSON for a program."""

from __future__ import annotations

import argparse
import json
import math
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.errors import TingbanError

ROOT = Path(__file__).resolve().parent.parent
SPEECH = ROOT / "tests" / "audio"
"""Speech material that comes with the source; `--data` names another folder."""

Figure = str | int | float | bool | None | Sequence["Figure"] | Mapping[str, "Figure"]


def parser(description: str | None, *, data: Path = SPEECH) -> argparse.ArgumentParser:
    """An argument parser with what every instrument takes."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, default=data, metavar="DIR", help="folder of speech material (%(default)s)")
    made.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
    return made


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows under a header as a Markdown table, columns aligned."""
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        return "| " + " | ".join(padded) + " |"

    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.2f}"
    return "–" if value is None else str(value)


def write_json(path: Path | None, figures: Mapping[str, Figure]) -> None:
    """The figures in a file, where one was asked for."""
    if path is not None:
        path.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def run(main: Callable[[], int]) -> None:
    """Run a `main`, with faults as one sentence on standard error and their exit code."""
    try:
        code = main()
    except TingbanError as error:
        print(error, file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    raise SystemExit(code)
