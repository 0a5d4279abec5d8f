"""`tingbanctl mask`: text without insults and personal data, a line at a time, by the engine that masks captions."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core.errors import BadInput

HELP = "take insults and personal data out of text"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("mask", help=HELP)
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help="UTF-8 text, a line each; `-`: standard input"
    )
    parser.add_argument("--raw", action="store_true", help="name the hidden words too (with --json)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print each line masked; with `--json` its spans too, in code points of the line as it was given."""
    from app.masking import rule_mask
    from redaction.chips import with_chips

    masker = rule_mask()
    with _lines(args.file) as lines:
        for number, line in enumerate(lines, 1):
            if args.limit is not None and number > args.limit:
                break
            text = line.rstrip("\r\n")
            findings = masker.find(text)
            shown = with_chips(text, findings).text
            if not args.json:
                print(shown, flush=True)
                continue
            spans: list[dict[str, object]] = []
            for found in findings:
                span: dict[str, object] = {"start": found.start, "end": found.end, "kind": found.kind}
                span |= {"checksum": found.checksum, "sure": found.sure}
                spans.append(span | {"text": text[found.start : found.end]} if args.raw else span)
            print(json.dumps({"text": shown, "spans": spans}, ensure_ascii=False), flush=True)
    return 0


@contextmanager
def _lines(name: str) -> Iterator[Iterator[str]]:
    if name == "-":
        yield _decoded(sys.stdin, "standard input")
        return
    try:
        with Path(name).open(encoding="utf-8-sig", newline="\n") as file:
            yield _decoded(file, name)
    except OSError as error:
        raise BadInput(
            f"{name} cannot be read: {error.strerror}.", remedy="Name a text file, or - for a pipe."
        ) from error


def _decoded(lines: TextIO, name: str) -> Iterator[str]:
    number = 0
    try:
        for number, line in enumerate(lines, 1):  # noqa: B007 - told in the error
            yield line
    except UnicodeDecodeError:
        raise BadInput(
            f"{name} is not UTF-8 after line {number}.", remedy="Convert it, for instance with iconv -f gbk -t utf-8."
        ) from None
