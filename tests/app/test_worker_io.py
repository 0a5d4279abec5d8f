from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import psutil
import pytest

from app.worker_io import WorkerPipe
from core.errors import FramingFault
from core.framing import FrameReader, FrameWriter
from core.messages import CallClosed, CallOpened, Fault, Message, Ping, Pong, Ready, Shutdown

DEADLINE_S = 60
WORDS = "幺三八零零骗子"


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that gives no signal."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.01)


class Pipes:
    """Both ends of a worker's pipes, in one process."""

    def __init__(self, **options: Any) -> None:
        incoming, to_worker = os.pipe()
        from_worker, outgoing = os.pipe()
        self.to_worker = os.fdopen(to_worker, "wb")
        self.from_worker = os.fdopen(from_worker, "rb")
        self.incoming = os.fdopen(incoming, "rb", buffering=0)
        self.writer = FrameWriter(self.to_worker)
        self.reader = FrameReader(self.from_worker)
        self.pipe = WorkerPipe(self.incoming, os.fdopen(outgoing, "wb"), **options)

    def close(self) -> None:
        self.pipe.close()
        self.to_worker.close()
        self.pipe._thread.join(DEADLINE_S)
        self.from_worker.close()
        self.incoming.close()


@pytest.fixture
def pipes(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Pipes]:
    monkeypatch.setattr("app.worker_io._exit_after_grace", lambda: None)
    pipes = Pipes(**getattr(request, "param", {}))
    yield pipes
    pipes.close()


def test_messages_come_in_order_and_pings_are_answered_beside_them(pipes: Pipes) -> None:
    pipes.writer.send(CallOpened("a", 1, "cli"))
    pipes.writer.send(Ping(7))
    pipes.writer.send(CallClosed("a", 2))
    assert pipes.reader.receive() == Pong(7)
    assert pipes.pipe.receive(DEADLINE_S) == CallOpened("a", 1, "cli")
    assert pipes.pipe.receive(None) == CallClosed("a", 2)


def test_receiving_waits_no_longer_than_asked(pipes: Pipes) -> None:
    assert pipes.pipe.receive(0) is None
    assert pipes.pipe.receive(0.01) is None
    assert not pipes.pipe.closed


@pytest.mark.parametrize("end", ["shutdown", "end of stream"])
def test_the_end_comes_after_everything_before_it(pipes: Pipes, end: str) -> None:
    pipes.writer.send(CallOpened("a", 1, "cli"))
    if end == "shutdown":
        pipes.writer.send(Shutdown())
    else:
        pipes.to_worker.close()
    assert pipes.pipe.receive(DEADLINE_S) == CallOpened("a", 1, "cli")
    assert pipes.pipe.receive(None) is None
    assert pipes.pipe.closed


def test_garbage_is_raised_once_what_came_before_it_is_received(pipes: Pipes) -> None:
    pipes.writer.send(CallOpened("a", 1, "cli"))
    pipes.to_worker.write(b"\x02\0\0\0no")
    pipes.to_worker.flush()
    assert pipes.pipe.receive(DEADLINE_S) == CallOpened("a", 1, "cli")
    with pytest.raises(FramingFault):
        pipes.pipe.receive(DEADLINE_S)
    assert pipes.pipe.receive(DEADLINE_S) is None
    assert pipes.pipe.closed


@pytest.mark.parametrize("pipes", [{"queue_messages": 2}], indirect=True)
def test_a_full_queue_holds_the_reader_back_and_loses_nothing(pipes: Pipes) -> None:
    for number in range(10):
        pipes.writer.send(CallClosed("a", number))
    pipes.writer.send(Ping(1))
    pipes.to_worker.close()
    received = [pipes.pipe.receive(DEADLINE_S) for _ in range(10)]
    assert received == [CallClosed("a", number) for number in range(10)]
    assert pipes.reader.receive() == Pong(1)
    assert pipes.pipe.receive(None) is None


@pytest.mark.parametrize("pipes", [{"queue_messages": 1}], indirect=True)
def test_a_reader_held_back_lets_go_when_the_pipe_is_closed(pipes: Pipes) -> None:
    for number in range(3):
        pipes.writer.send(CallClosed("a", number))
    assert pipes.pipe.receive(DEADLINE_S) == CallClosed("a", 0)
    pipes.pipe.close()
    pipes.pipe._thread.join(DEADLINE_S)
    assert not pipes.pipe._thread.is_alive()
    assert pipes.pipe.closed
    assert pipes.pipe.receive(None) is None
    assert pipes.reader.receive() is None


def test_sending_to_a_parent_that_has_gone_closes_the_pipe(pipes: Pipes) -> None:
    pipes.writer.send(CallOpened("a", 1, "cli"))
    pipes.from_worker.close()
    pipes.pipe.send(Ready("analyst"))
    assert pipes.pipe.closed
    assert pipes.pipe.receive(None) is None


def test_a_stream_that_fails_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.worker_io._exit_after_grace", lambda: None)

    class Failing(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError(5, "input/output error")

    assert WorkerPipe(Failing(), io.BytesIO()).receive(None) is None


# --- real processes -------------------------------------------------------------------------------------------------
ECHO = """
pipe.send(Ready("analyst"))
while not pipe.closed:
    message = pipe.receive(None)
    if message is not None:
        pipe.send(message)
"""


class Worker:
    """A worker process around `body`, and this test as its parent."""

    def __init__(self, body: str, **options: Any) -> None:
        indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
        script = (
            "import os, sys, time\n"
            "from app.worker_io import run_worker\n"
            "from core.errors import ModelFault\n"
            "from core.messages import Ready\n"
            f"def body(pipe):\n{indented}"
            "sys.exit(run_worker('analyst', body))\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options
        )
        assert self.process.stdin
        assert self.process.stdout
        self.writer = FrameWriter(self.process.stdin)
        self.reader = FrameReader(self.process.stdout)

    def said(self) -> list[Message]:
        return list(iter(self.reader.receive, None))

    def complaints(self) -> bytes:
        assert self.process.stderr
        return self.process.stderr.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)
        self.writer.close()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def log_of(desk_folder: Path) -> str:
    return (desk_folder / "logs" / "analyst.log").read_text()


def test_a_worker_speaks_frames_and_ends_with_its_input(desk_folder: Path) -> None:
    with Worker(ECHO) as worker:
        assert worker.reader.receive() == Ready("analyst")
        worker.writer.send(Ping(3))
        assert worker.reader.receive() == Pong(3)
        worker.writer.send(CallClosed("a", 1))
        worker.writer.close()
        assert worker.said() == [CallClosed("a", 1)]
        assert worker.process.wait(DEADLINE_S) == 0


def test_a_stray_print_does_not_reach_the_pipe(desk_folder: Path) -> None:
    body = "print('stray')\nos.write(1, b'from C')\nos.system('echo from a child')\n" + ECHO
    with Worker(body, stderr=subprocess.PIPE) as worker:
        assert worker.reader.receive() == Ready("analyst")
        worker.writer.send(Shutdown())
        assert worker.said() == []
        stderr = worker.complaints()
    for text in (b"stray", b"from C", b"from a child"):
        assert text in stderr


def test_reading_standard_input_does_not_eat_frames(desk_folder: Path) -> None:
    with Worker("assert sys.stdin.read() == ''\n" + ECHO) as worker:
        worker.writer.send(CallClosed("a", 1))
        worker.writer.send(Shutdown())
        assert worker.said() == [Ready("analyst"), CallClosed("a", 1)]


def test_a_fault_that_escapes_is_told_as_fatal(desk_folder: Path) -> None:
    with Worker("raise ModelFault('No weights.', remedy='Fetch them.')") as worker:
        assert worker.said() == [Fault("analyst", "model", "No weights.", "Fetch them.", fatal=True)]
        assert worker.process.wait(DEADLINE_S) == 3
    assert "ModelFault: No weights. Fetch them." in log_of(desk_folder)


def test_a_bug_is_told_and_logged_without_values(desk_folder: Path) -> None:
    with Worker(f"said = '{WORDS}'\nint(said)", stderr=subprocess.PIPE) as worker:
        assert worker.said() == [Fault("analyst", "bug", "ValueError")]
        stderr = worker.complaints()
        assert worker.process.wait(DEADLINE_S) == 1
    text = log_of(desk_folder)
    assert "in body" in text
    assert "ValueError" in text
    for canary in (WORDS, "骗子", "int(said)"):
        assert canary not in text
        assert canary.encode() not in stderr


def test_garbage_from_the_parent_ends_the_worker(desk_folder: Path) -> None:
    with Worker(ECHO) as worker:
        assert worker.process.stdin
        worker.process.stdin.write(b"\x02\0\0\0no")
        worker.process.stdin.flush()
        faults = [message for message in worker.said() if isinstance(message, Fault)]
        assert [fault.code for fault in faults] == ["framing"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_in_the_terminal_is_the_parents_business(desk_folder: Path) -> None:
    with Worker(ECHO) as worker:
        assert worker.reader.receive() == Ready("analyst")
        worker.process.send_signal(signal.SIGINT)
        worker.process.send_signal(signal.SIGHUP)
        worker.writer.send(CallClosed("a", 1))
        assert worker.reader.receive() == CallClosed("a", 1)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
def test_memory_is_in_no_core_file_and_no_debugger(desk_folder: Path) -> None:
    body = (
        "import ctypes, resource\n"
        "pipe.send(Ready('analyst', f\"{ctypes.CDLL(None).prctl(3)} {resource.getrlimit(resource.RLIMIT_CORE)}\"))"
    )
    with Worker(body) as worker:
        assert worker.said() == [Ready("analyst", "0 (0, 0)")]  # PR_GET_DUMPABLE


@pytest.mark.skipif(sys.platform == "win32", reason="kills a parent by signal")
def test_an_orphan_that_hangs_ends_itself(desk_folder: Path) -> None:
    hang = "import app.worker_io\napp.worker_io.ORPHAN_GRACE_S = 0.1\npipe.send(Ready('analyst'))\ntime.sleep(3600)"
    with Worker(hang) as worker:
        assert worker.reader.receive() == Ready("analyst")
        worker.writer.close()
        assert worker.process.wait(DEADLINE_S) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG")
def test_a_worker_goes_with_its_parent_even_if_somebody_holds_its_input_open(desk_folder: Path) -> None:
    incoming, held = os.pipe()
    script = (
        "import subprocess, sys, time\n"
        "code = '''from app.worker_io import run_worker\n"
        "def body(pipe):\n"
        '    open(sys.argv[1], "w").write(str(os.getpid()))\n'
        "    while not pipe.closed: pipe.receive(None)\n"
        "import os, sys; sys.exit(run_worker(\"analyst\", body))'''\n"
        "process = subprocess.Popen([sys.executable, '-c', code, sys.argv[1]], stdin=int(sys.argv[2]),"
        " stdout=subprocess.DEVNULL)\n"
        "time.sleep(3600)\n"
    )
    told = desk_folder.parent / "pid"
    parent = subprocess.Popen([sys.executable, "-c", script, str(told), str(incoming)], pass_fds=[incoming])
    os.close(incoming)
    try:
        until(lambda: told.exists() and told.read_text() != "")
        worker = psutil.Process(int(told.read_text()))
        assert worker.is_running()
    finally:
        parent.kill()
        parent.wait(DEADLINE_S)
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    os.close(held)
