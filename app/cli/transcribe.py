"""`tingbanctl transcribe`: captions of a file, as fast as it goes or paced like a call."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

HELP = "captions of a file"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("transcribe", help=HELP)
    parser.add_argument("file", metavar="FILE", type=Path, help="any audio or video file; of stereo, left is the agent")
    parser.add_argument("--legs", choices=("auto", "stereo", "mono"), default="auto", help="how to read the channels")
    parser.add_argument("--model", metavar="NAME", help="weights to use (see `tingbanctl models list`)")
    parser.add_argument("--live", action="store_true", help="paced like a call, with partial captions")
    parser.add_argument("--raw", action="store_true", help="the words as heard, unmasked")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print captions of the file."""
    # The recogniser's libraries load only once the command is known to be theirs.
    from app.cli.captions import CaptionPrinter, note_unmasked
    from asr.sources.clock import CallClock
    from asr.sources.file import FileSource

    clock = CallClock()
    source = FileSource(args.file, layout=args.legs, pace="realtime" if args.live else "fast", clock=clock)
    from app.engine import load_engine
    from app.masking import NoMask, rule_mask
    from app.pipeline import follow, write_down
    from core.settings import Settings

    masker = NoMask() if args.raw else rule_mask()
    engine = load_engine(Settings.load(), model=args.model)
    printer = CaptionPrinter(as_json=args.json)
    note_unmasked(raw=args.raw)
    if args.live:
        follow(source, clock, engine, masker, printer.show)
        return 0
    with _Progress() as progress:
        for item in write_down(source, engine, masker, progress.show):
            printer.show(item, item.end_ms)
    return 0


class _Progress:
    """How far a recording is written down, where standard error is a terminal that captions do not go to."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty() and not sys.stdout.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            print(file=sys.stderr)

    def show(self, written_ms: int) -> None:
        """Everything before `written_ms` is written down."""
        if self._shown:
            minutes, seconds = divmod(written_ms // 1000, 60)
            print(f"\rwritten down: {minutes:02}:{seconds:02}", end="", file=sys.stderr, flush=True)
