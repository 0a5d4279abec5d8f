"""The common frame of a worker process: its pipe to the warden, its end, and the one guard around its work.

Standard input carries frames in, standard output frames out; both are moved to private descriptors first, so that
neither a stray `print` nor a C library can corrupt the pipe. A worker ends when it is told to, when its parent is gone,
or when its work is done.

`PR_SET_PDEATHSIG` belongs to the thread that started the process, not to its process; the signal is therefore checked
against the parent's process id, and a thread that ends is no reason to end.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import BinaryIO

from core.errors import FramingFault, TingbanError
from core.framing import FrameReader, FrameWriter
from core.logs import start_logging
from core.messages import Fault, Message, Ping, Pong, Role, Shutdown

QUEUE_MESSAGES = 4096
"""About 40 s of two legs in frames of 20 ms. When full, the reader waits and the pipe pushes back on the parent."""

ORPHAN_GRACE_S = 5.0
"""How long a worker may finish what is in hand once its parent has gone."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_DUMPABLE = 4

log = logging.getLogger(__name__)


class WorkerPipe:
    """Messages from and to the parent. `receive` from one thread; `send` from any."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO, *, queue_messages: int = QUEUE_MESSAGES) -> None:
        self._reader = FrameReader(incoming)
        self._writer = FrameWriter(outgoing)
        self._limit = queue_messages
        self._queue: deque[Message] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._fault: FramingFault | None = None
        self._thread = threading.Thread(target=self._read, name="worker-pipe", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """True once the end was seen and everything before it has been received: finish and return."""
        with self._changed:
            return self._ended and not self._queue and self._fault is None

    def receive(self, timeout_s: float | None) -> Message | None:
        """The next message; None when none came within `timeout_s` (None: wait without limit) or the pipe is closed.

        Ping and Shutdown are handled here and never returned. Raises FramingFault when the parent sent garbage.
        """
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        with self._changed:
            while not self._queue and not self._ended:
                remaining_s = None if deadline_s is None else deadline_s - time.monotonic()
                if remaining_s is not None and remaining_s <= 0:
                    return None
                self._changed.wait(remaining_s)
            if self._queue:
                message = self._queue.popleft()
                self._changed.notify_all()
                return message
            if self._fault is not None:
                fault, self._fault = self._fault, None
                raise fault
            return None

    def send(self, message: Message) -> None:
        """Write one message. When the parent has gone it is dropped and the pipe closes: nobody is left to tell."""
        try:
            self._writer.send(message)
        except OSError:
            self.end(drop_queued=True)

    def end(self, *, drop_queued: bool = False) -> None:
        """Take no more messages; those queued are still received unless dropped."""
        with self._changed:
            self._ended = True
            if drop_queued:
                self._queue.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Close the outgoing side, which tells the parent that nothing more comes."""
        self.end(drop_queued=True)
        self._writer.close()

    def _read(self) -> None:
        try:
            while (message := self._reader.receive()) is not None:
                if isinstance(message, Ping):
                    self.send(Pong(message.number))
                elif isinstance(message, Shutdown) or not self._put(message):
                    return
            _exit_after_grace()
        except FramingFault as fault:
            self._fault = fault
            _exit_after_grace()
        except OSError:
            # The descriptor was closed under us: the same as the end of the stream.
            _exit_after_grace()
        finally:
            self.end()

    def _put(self, message: Message) -> bool:
        with self._changed:
            while len(self._queue) >= self._limit and not self._ended:
                self._changed.wait()
            if self._ended:
                return False
            self._queue.append(message)
            self._changed.notify_all()
            return True


def run_worker(role: Role, body: Callable[[WorkerPipe], None]) -> int:
    """Run `body` as this process's work and return the exit code. Call from the main thread, once.

    A fault of ours that escapes `body` goes to the parent as a fatal `Fault`: a respawn will not mend it. Anything else
    is a bug: its traceback goes to the log without values, `Fault(code="bug")` to the parent.
    """
    pipe = WorkerPipe(*_private_streams())
    try:
        start_logging(role)
        _harden()
        _end_with_parent(pipe)
        body(pipe)
    except TingbanError as fault:
        log.exception("%s ends on a fault", role)
        pipe.send(Fault(role, fault.code, fault.sentence, fault.remedy, fatal=True))
        return fault.exit_code
    except Exception as error:
        log.critical("%s ends on a bug", role, exc_info=error)
        pipe.send(Fault(role, "bug", type(error).__name__))
        return 1
    finally:
        pipe.close()
    return 0


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output as private binary streams; the standard ones lead to nothing and to standard error."""
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)  # unbuffered: no lock for a blocked reader to hold at exit
    outgoing = os.fdopen(os.dup(1), "wb")
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows alone

        msvcrt.setmode(incoming.fileno(), os.O_BINARY)
        msvcrt.setmode(outgoing.fileno(), os.O_BINARY)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        # A windowed program has no standard error.
        os.dup2(nothing, 1)
    os.close(nothing)
    sys.stdout = sys.stderr
    return incoming, outgoing


def _harden() -> None:
    """No core file and no debugger of the same user: memory holds audio, text and the store's key."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - exists on POSIX alone

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)


def _end_with_parent(pipe: WorkerPipe) -> None:
    # Ctrl+C in a terminal reaches the whole group; the parent decides, and ends us through the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        return
    parent = os.getppid()

    def parent_may_be_gone(_signal: int, _frame: object) -> None:
        if os.getppid() != parent:
            pipe.end()
            _exit_after_grace()

    signal.signal(signal.SIGHUP, parent_may_be_gone)
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGHUP)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        log.warning("prctl %d failed with errno %d", option, ctypes.get_errno())


def _exit_after_grace() -> None:
    """Nobody is left to kill an orphan that hangs: it ends itself."""
    timer = threading.Timer(ORPHAN_GRACE_S, os._exit, args=(1,))
    timer.daemon = True
    timer.start()
