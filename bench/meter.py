"""Processor time and memory of a process with all its descendants."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Self

import psutil

_EVERY_S = 0.1
BYTES_PER_MB = 1_000_000


class Cost(NamedTuple):
    """What a run took. `peak_mb`: the largest sum of resident sizes seen at once, in millions of bytes."""

    cpu_s: float
    wall_s: float
    peak_mb: float

    @property
    def cpu_share(self) -> float:
        """Processor seconds a second."""
        return self.cpu_s / self.wall_s if self.wall_s else float("nan")


class ProcessMeter:
    """Samples process trees ten times a second, in a thread of its own, until the `with` block ends.

    Processor time of a process that ended counts up to its last sample. `mark` starts the count of processor time
    anew (memory keeps its peak): call it when loading is over and the work begins.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self._roots = [psutil.Process(pid) for pid in pids]
        self._cpu_s: dict[tuple[int, float], float] = {}
        self._peak_bytes = 0
        self._mark = (0.0, time.monotonic())
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="process-meter", daemon=True)

    def __enter__(self) -> Self:
        self._sample()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()

    def mark(self) -> None:
        """Count processor time and wall time from now on."""
        self._sample()
        with self._lock:
            self._mark = (sum(self._cpu_s.values()), time.monotonic())

    def cost(self) -> Cost:
        """What was taken since the mark, or since the start."""
        self._sample()
        with self._lock:
            cpu_s, since_s = self._mark
            return Cost(sum(self._cpu_s.values()) - cpu_s, time.monotonic() - since_s, self._peak_bytes / BYTES_PER_MB)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self._sample()

    def _sample(self) -> None:
        resident_bytes = 0
        for process in self._tree():
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    resident_bytes += process.memory_info().rss
                    key = (process.pid, process.create_time())
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            with self._lock:
                self._cpu_s[key] = times.user + times.system
        with self._lock:
            self._peak_bytes = max(self._peak_bytes, resident_bytes)

    def _tree(self) -> list[psutil.Process]:
        tree: dict[int, psutil.Process] = {}
        for root in self._roots:
            try:
                for process in (root, *root.children(recursive=True)):
                    tree[process.pid] = process
            except psutil.NoSuchProcess:
                continue
        return list(tree.values())
