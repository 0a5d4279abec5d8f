"""A worker process under test: messages in, messages out, nothing else."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from core.framing import FrameReader, FrameWriter
from core.messages import Message, Shutdown

ROOT = Path(__file__).resolve().parents[2]


class Worker:
    """`python -m MODULE` at the other end of a pair of pipes."""

    def __init__(self, module: str, env: Mapping[str, str], *, code: str = "") -> None:
        command = [sys.executable, "-c", code] if code else [sys.executable, "-m", module]
        self.process = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._writer = FrameWriter(self.process.stdin)
        self._reader = FrameReader(self.process.stdout)
        self.messages: list[Message] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def send(self, message: Message) -> None:
        self._writer.send(message)

    def wait_for(self, condition: Callable[[list[Message]], object], deadline_s: float = 20.0) -> list[Message]:
        """Everything received so far, once the condition holds for it."""
        end_s = time.monotonic() + deadline_s
        with self._changed:
            while not condition(self.messages):
                if not self._changed.wait(end_s - time.monotonic()):
                    kinds = [type(message).__name__ for message in self.messages]
                    raise AssertionError(f"not in {deadline_s} s; got {Counter(kinds)}")
            return list(self.messages)

    def of(self, kind: type) -> list:
        """Messages of one kind, so far."""
        with self._changed:
            return [message for message in self.messages if isinstance(message, kind)]

    def stop(self) -> int:
        """Ask it to end, wait, and return its exit code."""
        if self.process.poll() is None:
            with contextlib.suppress(OSError):  # it ended between the question and the request
                self._writer.send(Shutdown())
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._thread.join()
        self._writer.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def _read(self) -> None:
        while (message := self._reader.receive()) is not None:
            with self._changed:
                self.messages.append(message)
                self._changed.notify_all()
