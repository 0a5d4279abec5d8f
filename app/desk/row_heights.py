"""Where the rows of a long list stand: heights, and their running sum from the top."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence


class RowHeights:
    """Heights of rows in pixels. A change costs as much as there are rows below it, and is paid when next asked."""

    def __init__(self) -> None:
        self._heights: list[int] = []
        self._tops: list[int] = [0]
        """Top of every row, and the end of the last; right up to `_stale_from`."""
        self._stale_from: int | None = None

    def __len__(self) -> int:
        return len(self._heights)

    def reset(self, heights_px: Iterable[int] = ()) -> None:
        """All rows anew."""
        self._heights = list(heights_px)
        self._stale(0)

    def insert(self, at: int, heights_px: Sequence[int]) -> None:
        """Rows came before row `at`."""
        self._heights[at:at] = heights_px
        self._stale(at)

    def remove(self, first: int, last: int) -> None:
        """Rows `first` to `last` went."""
        del self._heights[first : last + 1]
        self._stale(first)

    def replace(self, first: int, heights_px: Sequence[int]) -> None:
        """Rows from `first` on have other heights."""
        if self._heights[first : first + len(heights_px)] != heights_px:
            self._heights[first : first + len(heights_px)] = heights_px
            self._stale(first)

    def height(self, row: int) -> int:
        """Height of a row."""
        return self._heights[row]

    def top(self, row: int) -> int:
        """Where a row begins; the end of all for the row after the last."""
        self._sum_up()
        return self._tops[row]

    @property
    def total(self) -> int:
        """Height of all rows."""
        self._sum_up()
        return self._tops[-1]

    def row_at(self, y: int) -> int:
        """The row at a height, the first above all and the last below."""
        self._sum_up()
        return min(max(bisect_right(self._tops, y) - 1, 0), len(self._heights) - 1)

    def _stale(self, row: int) -> None:
        self._stale_from = row if self._stale_from is None else min(self._stale_from, row)

    def _sum_up(self) -> None:
        if self._stale_from is None:
            return
        start, self._stale_from = self._stale_from, None
        del self._tops[start + 1 :]
        top = self._tops[start]
        for height_px in self._heights[start:]:
            top += height_px
            self._tops.append(top)
