"""Measures how smoothly the window runs: gaps between turns of the event loop, and between paints.

Opt-in (`--frame-log FILE`). A turn is due every `TURN_MS`; what comes later was held up by something on the main
thread, or by a processor that others kept busy. Gaps are kept in memory and written when the window closes.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

TURN_MS = 16
"""One frame of a 60 Hz screen."""


class FrameProbe(QObject):
    """Records gaps from `start` to `finish`. Main thread only."""

    def __init__(self, window: QWidget, file: Path) -> None:
        super().__init__(window)
        self._window, self._file = window, file
        self._turn_gaps_us: list[int] = []
        self._paint_gaps_us: list[int] = []
        self._turned_ns = self._painted_ns = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TURN_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        """Begin to measure."""
        self._window.installEventFilter(self)
        self._turned_ns = time.perf_counter_ns()
        self._timer.start()

    def finish(self) -> None:
        """Write one JSON object: gaps in milliseconds, in order, and their 50th and 99th percentile and maximum."""
        self._timer.stop()
        self._window.removeEventFilter(self)
        report = {
            "turn_ms": TURN_MS,
            "turns": _summary(self._turn_gaps_us),
            "paints": _summary(self._paint_gaps_us),
            "turn_gaps_ms": [gap_us / 1000 for gap_us in self._turn_gaps_us],
            "paint_gaps_ms": [gap_us / 1000 for gap_us in self._paint_gaps_us],
        }
        self._file.write_text(json.dumps(report) + "\n", "utf-8")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note when the window's content is flushed to the screen."""
        if event.type() == QEvent.Type.UpdateRequest:
            now_ns = time.perf_counter_ns()
            if self._painted_ns:
                self._paint_gaps_us.append((now_ns - self._painted_ns) // 1000)
            self._painted_ns = now_ns
        return super().eventFilter(watched, event)

    def _turn(self) -> None:
        now_ns = time.perf_counter_ns()
        self._turn_gaps_us.append((now_ns - self._turned_ns) // 1000)
        self._turned_ns = now_ns


def _summary(gaps_us: list[int]) -> dict[str, float]:
    if not gaps_us:
        return {"n": 0}
    ranked = sorted(gaps_us)
    last = len(ranked) - 1
    return {
        "n": len(ranked),
        "p50_ms": ranked[round(0.50 * last)] / 1000,
        "p99_ms": ranked[round(0.99 * last)] / 1000,
        "max_ms": ranked[-1] / 1000,
    }
