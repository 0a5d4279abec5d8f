"""Starts the worker processes, watches them and starts them again. Knows nothing of Qt or of what they say.

Each worker has a pipe each way: a reader thread hands its messages on, a writer thread empties a bounded queue, so that
nobody who sends ever waits for a worker. A worker that dies, or does not answer for `DEADLINE_S`, is started again
after a backoff; what it needs to go on is the business of whoever hears its next `Ready`.
"""

from __future__ import annotations

import io
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import FramingFault
from core.framing import FrameReader, FrameWriter
from core.messages import AudioChunk, Fault, Message, Ping, Pong, ProcessState, Ready, Role, Shutdown

PING_S = 2.0
DEADLINE_S = 20.0
"""A process that has not answered for so long hangs: no single piece of work takes nearly as long."""

START_DEADLINE_S = 120.0
"""Loading weights from a cold disk, with the self-test of a first start."""

BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 30.0
BACKOFF_MAX_RECORDER_S = 1.0
"""The recorder is never away for long: what is not captured is lost."""

FORGET_DEATHS_S = 300.0
STOP_S = 4.0
QUEUE_MESSAGES = 4096
"""About 80 s of two legs in chunks of 40 ms; when full the oldest audio goes first, which the reader sees as a gap."""

TICK_S = 0.1

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Worker:
    role: Role
    process: subprocess.Popen[bytes]
    writer: FrameWriter
    started_s: float
    heard_s: float
    ready: bool = False
    pinged_s: float = 0.0
    stopping: bool = False
    replaced: bool = False
    given_up: bool = False
    """It said that only a person can mend what ails it."""

    queue: deque[Message] = field(default_factory=deque)
    changed: threading.Condition = field(default_factory=threading.Condition)


@dataclass(slots=True)
class _Record:
    """What is remembered of a role over the lives of its processes."""

    deaths_s: list[float] = field(default_factory=list)
    respawn_at_s: float | None = None


def worker_command(role: Role) -> list[str]:
    """How a worker of this role is started: the program itself again, or the worker executable beside a frozen one."""
    if getattr(sys, "frozen", False):
        suffix = ".exe" if sys.platform == "win32" else ""
        return [str(Path(sys.executable).with_name(f"tingban-worker{suffix}")), "worker", role]
    return [sys.executable, "-m", "app", "worker", role]


class Warden:
    """Keeps one process a role alive."""

    def __init__(
        self,
        on_message: Callable[[Role, Message], None],
        command: Callable[[Role], list[str]] = worker_command,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`on_message` is called from one thread a role, and with `ProcessState` from the watching thread too."""
        self._on_message = on_message
        self._command = command
        self._environment = dict(environment or {})
        self._lock = threading.RLock()
        self._workers: dict[Role, _Worker] = {}
        self._records: dict[Role, _Record] = {}
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._ping = 0
        self._states: queue.SimpleQueue[ProcessState] = queue.SimpleQueue()

    def start(self, role: Role) -> None:
        """Start a role's process and keep it alive from now on."""
        with self._lock:
            if self._stopping.is_set():
                return
            self._records.setdefault(role, _Record())
            self._spawn(role)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="warden", daemon=True)
                self._watcher.start()
        self._tell()

    def send(self, role: Role, message: Message) -> bool:
        """Queue a message for a process; False when there is none just now. Never waits."""
        # No lock: whoever calls may hold one of its own, which `on_message` wants.
        worker = self._workers.get(role)
        if worker is None or worker.stopping:
            return False
        with worker.changed:
            if len(worker.queue) >= QUEUE_MESSAGES:
                _drop_oldest_audio(worker.queue)
            worker.queue.append(message)
            worker.changed.notify()
        return True

    def restart(self, role: Role) -> None:
        """Let the process finish what is in hand and start another; no death is counted. Never waits."""
        worker = self._workers.get(role)
        if worker:
            worker.replaced = True
            self.send(role, Shutdown())

    def pid(self, role: Role) -> int | None:
        """Process id of the role's process while it runs."""
        worker = self._workers.get(role)
        return worker.process.pid if worker else None

    def stop(self) -> None:
        """Tell all processes to finish, wait at most `STOP_S`, end what is left. Nothing is started afterwards."""
        self._stopping.set()
        if self._watcher:
            # First, so that it starts nobody behind our back.
            self._watcher.join()
        with self._lock:
            workers = list(self._workers.values())
        for worker in workers:
            with worker.changed:
                worker.queue.append(Shutdown())
                worker.stopping = True
                worker.changed.notify()
        deadline_s = time.monotonic() + STOP_S
        for worker in workers:
            try:
                worker.process.wait(max(0.0, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s did not end in time", worker.role)
                worker.process.kill()
                worker.process.wait()

    # --- one process ----------------------------------------------------------------------------------------------
    def _spawn(self, role: Role) -> None:
        self._states.put(ProcessState(role, "starting"))
        environment = os.environ | self._environment
        if not getattr(sys, "frozen", False):
            # The packages of this very checkout or installation, whatever the working folder.
            root = str(Path(__file__).resolve().parent.parent)
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, environment.get("PYTHONPATH", "")]))
        process = subprocess.Popen(
            self._command(role),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert isinstance(process.stdin, io.BufferedWriter)
        assert isinstance(process.stdout, io.BufferedReader)
        now_s = time.monotonic()
        worker = _Worker(role, process, FrameWriter(process.stdin), now_s, now_s)
        self._workers[role] = worker
        threading.Thread(target=self._read, args=(worker, process.stdout), name=f"from-{role}", daemon=True).start()
        threading.Thread(target=self._write, args=(worker,), name=f"to-{role}", daemon=True).start()
        log.info("%s started as process %d", role, process.pid)

    def _read(self, worker: _Worker, stream: io.BufferedReader) -> None:
        with stream:
            try:
                self._hand_on(worker, FrameReader(stream))
            except (FramingFault, OSError) as fault:
                # Died in mid-sentence, or speaks so that nobody understands it; what it said before is good.
                log.warning("%s broke off: %s", worker.role, type(fault).__name__)
                worker.process.kill()
        with worker.changed:
            worker.stopping = True
            worker.changed.notify()

    def _hand_on(self, worker: _Worker, reader: FrameReader) -> None:
        while (message := reader.receive()) is not None:
            worker.heard_s = time.monotonic()
            if isinstance(message, Pong):
                continue
            if isinstance(message, Ready):
                worker.ready = True
                self._on_message(worker.role, ProcessState(worker.role, "up"))
            worker.given_up = worker.given_up or (isinstance(message, Fault) and message.fatal)
            self._on_message(worker.role, message)

    def _write(self, worker: _Worker) -> None:
        while True:
            with worker.changed:
                worker.changed.wait_for(lambda: worker.queue or worker.stopping)
                if not worker.queue:
                    break
                message = worker.queue.popleft()
            try:
                worker.writer.send(message)
            except OSError:
                # It has gone; the watcher sees that too.
                break
        worker.writer.close()

    # --- watching -------------------------------------------------------------------------------------------------
    def _watch(self) -> None:
        while not self._stopping.wait(TICK_S):
            with self._lock:
                for role, record in self._records.items():
                    self._look_after(role, record)
            self._tell()

    def _look_after(self, role: Role, record: _Record) -> None:
        now_s = time.monotonic()
        worker = self._workers.get(role)
        if worker is None:
            if record.respawn_at_s is not None and now_s >= record.respawn_at_s:
                record.respawn_at_s = None
                self._spawn(role)
            return
        if worker.process.poll() is not None:
            self._mourn(worker, record, now_s)
            return
        limit_s = DEADLINE_S if worker.ready else START_DEADLINE_S
        if now_s - worker.heard_s > limit_s:
            log.error("%s has not answered for %.0f s", role, limit_s)
            worker.process.kill()
        elif worker.ready and now_s - worker.pinged_s > PING_S:
            worker.pinged_s = now_s
            self._ping += 1
            self.send(role, Ping(self._ping))

    def _mourn(self, worker: _Worker, record: _Record, now_s: float) -> None:
        role = worker.role
        del self._workers[role]
        with worker.changed:
            worker.stopping = True
            worker.queue.clear()
            worker.changed.notify()
        if worker.replaced:
            record.respawn_at_s = now_s
            return
        record.deaths_s = [t for t in record.deaths_s if now_s - t < FORGET_DEATHS_S] + [now_s]
        deaths = len(record.deaths_s)
        backoff_s = min(BACKOFF_FIRST_S * 2 ** (deaths - 1), BACKOFF_MAX_S)
        if role == "recorder":
            backoff_s = min(backoff_s, BACKOFF_MAX_RECORDER_S)
        if worker.given_up:
            # Tried again all the same: weights are brought, a keyring is unlocked, while the window runs.
            backoff_s = BACKOFF_MAX_S
        record.respawn_at_s = now_s + backoff_s
        log.warning("%s ended with %s; again in %.1f s", role, worker.process.returncode, backoff_s)
        self._states.put(ProcessState(role, "failed" if worker.given_up else "restarting", deaths))

    def _tell(self) -> None:
        """Hand states on, outside the lock: whoever hears them may wait for a thread that wants it."""
        while True:
            try:
                state = self._states.get_nowait()
            except queue.Empty:
                return
            self._on_message(state.role, state)


def _drop_oldest_audio(queue: deque[Message]) -> None:
    for i, message in enumerate(queue):
        if isinstance(message, AudioChunk):
            del queue[i]
            return
    queue.popleft()
