"""Progress of long work on standard error: a bar on a terminal, a line a quarter elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self, TextIO

_WIDTH_CELLS = 30
_REDRAW_S = 0.1
_QUARTERS = 4


class ProgressBar:
    """Shows (stage, bytes done, bytes in all); leaves the cursor on a fresh line when the block ends."""

    def __init__(self, stages: dict[str, str], stream: TextIO | None = None) -> None:
        """`stages` maps the stages of the work to the words for them."""
        self._stages = stages
        self._stream = stream if stream is not None else sys.stderr
        self._terminal = self._stream.isatty()
        self._stage = ""
        self._quarter = -1
        self._drawn_at_s = 0.0
        self._line_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_line()

    def __call__(self, stage: str, done_bytes: int, total_bytes: int) -> None:
        if stage != self._stage:
            self._end_line()
            self._stage, self._quarter, self._drawn_at_s = stage, -1, 0.0
        words = self._stages.get(stage, stage)
        share = done_bytes / total_bytes if total_bytes else 1.0
        amount = f"{done_bytes / 1e6:.0f} of {total_bytes / 1e6:.0f} MB"
        if self._terminal:
            self._draw(words, share, amount)
        elif (quarter := int(share * _QUARTERS)) > self._quarter:
            self._quarter = quarter
            self._stream.write(f"{words}: {amount}\n")
            self._stream.flush()

    def _draw(self, words: str, share: float, amount: str) -> None:
        now_s = time.monotonic()
        if share < 1 and now_s - self._drawn_at_s < _REDRAW_S:
            return
        self._drawn_at_s = now_s
        filled = int(share * _WIDTH_CELLS)
        self._stream.write(f"\r{words} [{'#' * filled}{'.' * (_WIDTH_CELLS - filled)}] {share:4.0%}  {amount} ")
        self._stream.flush()
        self._line_open = True

    def _end_line(self) -> None:
        if self._line_open:
            self._stream.write("\n")
            self._stream.flush()
            self._line_open = False
