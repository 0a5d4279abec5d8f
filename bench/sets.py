"""The test sets of `tests/redaction` and files like them: texts with what is to be hidden in each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.report import ROOT
from core.errors import BadInput
from core.types import Leg

SETS = ROOT / "tests" / "redaction" / "sets"
KINDS = {
    "personal": "abuse.personal",
    "threat": "abuse.threat",
    "harassment": "abuse.harassment",
    "discrimination": "abuse.discrimination",
    "family_curse": "abuse.curse",
}
"""Kinds of abuse as the sets name them, and as findings do."""

_SPAN = re.compile(r"〔([a-z_]+):([^〕]*)〕")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance without its markup, and its spans, [start, end) in code points, with kinds."""

    id: str
    text: str
    spans: tuple[tuple[int, int, str], ...]


class Turn(msgspec.Struct, frozen=True):
    """What one side of a dialogue says before the other does."""

    speaker: Leg
    text: str


class Gold(msgspec.Struct, frozen=True):
    """A number that is told. `valid` is False for one with a slip in it, None without check; `ext` an extension."""

    kind: str
    value: str
    valid: bool | None = None
    ext: str = ""


class Dialogue(msgspec.Struct, frozen=True):
    """A dialogue in which numbers are told. `hard`: what is difficult about it."""

    id: str
    turns: tuple[Turn, ...]
    numbers: tuple[Gold, ...]
    hard: str | bool = ""


def marked(id_: str, text: str) -> Line:
    """A line from its marked text. Raises BadInput for a kind there is none of, or a bracket left over."""
    plain: list[str] = []
    spans: list[tuple[int, int, str]] = []
    length = at = 0
    for span in _SPAN.finditer(text):
        if span[1] not in KINDS:
            raise BadInput(f"Line {id_}: no kind of abuse is called {span[1]!r}.")
        before = text[at : span.start()]
        plain += (before, span[2])
        start = length + len(before)
        length = start + len(span[2])
        spans.append((start, length, KINDS[span[1]]))
        at = span.end()
    line = Line(id_, "".join([*plain, text[at:]]), tuple(spans))
    if set(line.text) & set("〔〕"):
        raise BadInput(f"Line {id_}: a bracket is left over.")
    return line


def marked_lines(path: Path) -> list[Line]:
    """A table with tabs whose last column is marked text. Raises BadInput where it is missing or has another header."""
    rows = _lines(path)
    if not rows or rows[0].split("\t")[-1] != "text":
        raise BadInput(f"{path} has no header that ends with a column `text`.")
    return [marked(row.split("\t")[0], row.split("\t")[-1]) for row in rows[1:] if row]


def objects(path: Path, kind: type[Row]) -> list[Row]:
    """JSON Lines, one `kind` a line. Raises BadInput with the line."""
    found: list[Row] = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=kind))
        except msgspec.DecodeError as error:
            raise BadInput(f"{path}, line {number}: {error}") from error
    return found


def number_kind(kind: str) -> str:
    """A kind of finding as the sets of numbers name it."""
    return {"order_no": "order"}.get(kind.removeprefix("pii."), kind.removeprefix("pii."))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise BadInput(f"Cannot read {path}: {error.strerror}.") from error
