"""The warden with real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app import warden as under_test
from app.warden import Warden, worker_command
from app.worker_io import ORPHAN_GRACE_S
from core.messages import Acknowledged, AudioChunk, BeginCall, CallFinished, Fault, Message, ProcessState, Ready, Role

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

DEADLINE_S = 30.0
ROOT = Path(__file__).resolve().parents[2]

ECHO = """
import sys
from app.worker_io import run_worker
from core.messages import Acknowledged, AudioChunk, BeginCall, CallFinished, Ready

def body(pipe):
    pipe.send(Ready(sys.argv[1]))
    while not pipe.closed:
        match pipe.receive(None):
            case AudioChunk() as chunk:
                pipe.send(Acknowledged(chunk.call_id, chunk.leg, chunk.start_sample))
            case BeginCall() as begin:
                pipe.send(CallFinished(begin.call_id))

raise SystemExit(run_worker(sys.argv[1], body))
"""

DEAF = """
import sys, time
from app.worker_io import run_worker
from core.messages import Ready

def body(pipe):
    pipe.send(Ready(sys.argv[1]))
    while True:
        time.sleep(1)

raise SystemExit(run_worker(sys.argv[1], body))
"""

BEYOND_US = """
import sys
from app.worker_io import run_worker
from core.errors import ModelFault

def body(pipe):
    raise ModelFault("No weights.", remedy="Bring some.")

raise SystemExit(run_worker(sys.argv[1], body))
"""

SILENT = "import signal; signal.pause()"
SHORT_LIVED = "raise SystemExit(7)"
GARBAGE = "import os, signal; os.write(1, bytes([255]) * 100); signal.pause()"
HALF_A_FRAME = "import os; os.write(1, bytes([9, 0, 0, 0, 1]))"


class Heard:
    """What the warden hands on, and a way to wait for it."""

    def __init__(self) -> None:
        self.messages: list[tuple[Role, Message]] = []
        self._changed = threading.Condition()

    def __call__(self, role: Role, message: Message) -> None:
        with self._changed:
            self.messages.append((role, message))
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], object], deadline_s: float = DEADLINE_S) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, deadline_s), [str(message) for _, message in self.messages]

    def of(self, kind: type, role: Role | None = None) -> list:
        return [one for whose, one in self.messages if isinstance(one, kind) and role in {None, whose}]

    def states(self, role: Role) -> list[str]:
        return [one.state for one in self.of(ProcessState, role)]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def make(tmp_path: Path, desk_folder: Path, heard: Heard) -> Iterator[Callable[[str], Warden]]:
    """A warden of processes that run a script."""
    wardens: list[Warden] = []
    before = set(psutil.Process().children(recursive=True))

    def make(script: str, **environment: str) -> Warden:
        file = tmp_path / f"worker-{len(wardens)}.py"
        file.write_text(script, encoding="utf-8")
        warden = Warden(heard, command=lambda role: [sys.executable, str(file), role], environment=environment)
        wardens.append(warden)
        return warden

    yield make
    for warden in wardens:
        warden.stop()
    assert set(psutil.Process().children(recursive=True)) <= before, "processes were left behind"


def started(warden: Warden, heard: Heard, role: Role = "recogniser") -> int:
    """Start a role and wait for its `Ready`; its process id."""
    warden.start(role)
    heard.wait_for(lambda: heard.of(Ready, role))
    pid = warden.pid(role)
    assert pid is not None
    return pid


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_process_starts_says_so_and_is_spoken_to(make, heard: Heard) -> None:
    warden = make(ECHO)
    assert not warden.send("recogniser", BeginCall("c0"))
    assert warden.pid("recogniser") is None
    started(warden, heard)
    assert heard.states("recogniser") == ["starting", "up"]
    assert warden.send("recogniser", BeginCall("c1"))
    heard.wait_for(lambda: heard.of(CallFinished) == [CallFinished("c1")])


def test_messages_keep_their_order(make, heard: Heard) -> None:
    warden = make(ECHO)
    started(warden, heard)
    for number in range(500):
        warden.send("recogniser", AudioChunk("c", "agent", number, bytes(1280)))
    heard.wait_for(lambda: len(heard.of(Acknowledged)) == 500)
    assert [one.sample for one in heard.of(Acknowledged)] == list(range(500))


def test_a_killed_process_is_started_again(make, heard: Heard) -> None:
    warden = make(ECHO)
    first = started(warden, heard)
    os.kill(first, signal.SIGKILL)
    heard.wait_for(lambda: len(heard.of(Ready)) == 2)
    assert heard.states("recogniser") == ["starting", "up", "restarting", "starting", "up"]
    assert [one.deaths for one in heard.of(ProcessState)] == [0, 0, 1, 0, 0]
    assert warden.pid("recogniser") not in {None, first}
    assert gone(first)
    warden.send("recogniser", BeginCall("again"))
    heard.wait_for(lambda: heard.of(CallFinished) == [CallFinished("again")])


def test_what_only_a_person_can_mend_is_said_to_have_failed_and_tried_again_later(
    make, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.warden.BACKOFF_MAX_S", 1.0)
    make(BEYOND_US).start("recogniser")
    heard.wait_for(lambda: heard.states("recogniser").count("starting") == 2)
    assert heard.states("recogniser")[:3] == ["starting", "failed", "starting"]
    assert (heard.of(Fault)[0].detail, heard.of(Fault)[0].fatal) == ("No weights.", True)


def test_one_death_leaves_the_others_alone(make, heard: Heard) -> None:
    warden = make(ECHO)
    recorder, recogniser = (started(warden, heard, role) for role in ("recorder", "recogniser"))
    os.kill(recogniser, signal.SIGKILL)
    heard.wait_for(lambda: len(heard.of(Ready, "recogniser")) == 2)
    assert warden.pid("recorder") == recorder
    assert heard.states("recorder") == ["starting", "up"]


@pytest.mark.parametrize(
    ("role", "waits_s"), [("recorder", [0.05, 0.1, 0.12, 0.12]), ("analyst", [0.05, 0.1, 0.2, 0.3])]
)
def test_the_wait_between_lives_grows_to_a_limit(
    make, heard: Heard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, role: Role, waits_s
) -> None:
    assert under_test.BACKOFF_MAX_RECORDER_S <= 1.0
    monkeypatch.setattr(under_test, "BACKOFF_FIRST_S", 0.05)
    monkeypatch.setattr(under_test, "BACKOFF_MAX_S", 0.3)
    monkeypatch.setattr(under_test, "BACKOFF_MAX_RECORDER_S", 0.12)
    make(SHORT_LIVED).start(role)
    heard.wait_for(lambda: heard.states(role).count("restarting") >= 4)
    told = [record.args for record in caplog.records if "again in" in record.msg]
    assert [args[1] for args in told[:4]] == [7] * 4
    assert [args[2] for args in told[:4]] == pytest.approx(waits_s)
    assert [one.deaths for one in heard.of(ProcessState) if one.state == "restarting"][:4] == [1, 2, 3, 4]


def test_old_deaths_are_forgotten(make, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "FORGET_DEATHS_S", 0.0)
    monkeypatch.setattr(under_test, "BACKOFF_FIRST_S", 0.01)
    make(SHORT_LIVED).start("analyst")
    heard.wait_for(lambda: heard.states("analyst").count("restarting") >= 3)
    assert {one.deaths for one in heard.of(ProcessState) if one.state == "restarting"} == {1}


def test_a_process_that_hangs_is_killed_and_started_again(make, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    warden = make(ECHO)
    first = started(warden, heard)
    os.kill(first, signal.SIGSTOP)
    monkeypatch.setattr(under_test, "DEADLINE_S", 1.0)
    monkeypatch.setattr(under_test, "PING_S", 0.1)
    heard.wait_for(lambda: "restarting" in heard.states("recogniser"))
    monkeypatch.undo()
    heard.wait_for(lambda: len(heard.of(Ready)) == 2)
    assert gone(first)


def test_a_process_that_answers_pings_is_no_hanging_one(make, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    warden = make(ECHO)
    first = started(warden, heard)
    pings: list[Message] = []
    send = warden.send
    enough = threading.Event()

    def counted(role: Role, message: Message) -> bool:
        pings.append(message)
        if len(pings) == 30:
            enough.set()
        return send(role, message)

    monkeypatch.setattr(warden, "send", counted)
    monkeypatch.setattr(under_test, "PING_S", 0.0)
    monkeypatch.setattr(under_test, "DEADLINE_S", 2.0)
    # Thirty ticks are longer than the deadline.
    assert enough.wait(DEADLINE_S)
    assert warden.pid("recogniser") == first


def test_a_process_that_never_gets_ready_is_killed(make, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "START_DEADLINE_S", 0.3)
    make(SILENT).start("recogniser")
    heard.wait_for(lambda: "restarting" in heard.states("recogniser"))


@pytest.mark.parametrize("script", [GARBAGE, HALF_A_FRAME])
def test_a_process_that_speaks_garbage_is_replaced_at_once(make, heard: Heard, script: str) -> None:
    make(script).start("recogniser")
    # Long before any deadline of a process that hangs.
    heard.wait_for(lambda: "restarting" in heard.states("recogniser"), under_test.DEADLINE_S / 2)


def test_a_replaced_process_finishes_and_no_death_is_counted(make, heard: Heard) -> None:
    warden = make(ECHO)
    first = started(warden, heard)
    warden.send("recogniser", BeginCall("c"))
    warden.restart("recogniser")
    heard.wait_for(lambda: len(heard.of(Ready)) == 2)
    assert heard.of(CallFinished) == [CallFinished("c")]
    assert heard.states("recogniser") == ["starting", "up", "starting", "up"]
    assert warden.pid("recogniser") != first
    os.kill(warden.pid("recogniser"), signal.SIGKILL)
    heard.wait_for(lambda: len(heard.of(Ready)) == 3)
    assert [one.deaths for one in heard.of(ProcessState) if one.state == "restarting"] == [1]


def test_restarting_what_does_not_run_does_nothing(make, heard: Heard) -> None:
    make(ECHO).restart("recogniser")
    assert heard.messages == []


def test_stop_ends_willing_processes(make, heard: Heard) -> None:
    warden = make(ECHO)
    pids = [started(warden, heard, role) for role in ("recorder", "recogniser", "analyst")]
    warden.stop()
    assert all(gone(pid) for pid in pids)
    assert "restarting" not in [one.state for one in heard.of(ProcessState)]
    assert not warden.send("recogniser", BeginCall("late"))
    warden.stop()


def test_stop_ends_unwilling_processes_too(make, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    warden = make(DEAF)
    pids = [started(warden, heard, role) for role in ("recorder", "recogniser")]
    os.kill(pids[1], signal.SIGSTOP)
    monkeypatch.setattr(under_test, "STOP_S", 0.5)
    begun_s = time.monotonic()
    warden.stop()
    assert all(gone(pid) for pid in pids)
    assert time.monotonic() - begun_s < 0.5 + DEADLINE_S


def test_nothing_starts_after_stop(make, heard: Heard) -> None:
    warden = make(ECHO)
    warden.stop()
    warden.start("recogniser")
    assert warden.pid("recogniser") is None
    assert heard.messages == []


def test_a_full_queue_loses_the_oldest_audio_and_nothing_else(
    make, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    warden = make(ECHO)
    pid = started(warden, heard)
    monkeypatch.setattr(under_test, "QUEUE_MESSAGES", 10)
    os.kill(pid, signal.SIGSTOP)
    warden.send("recogniser", BeginCall("first"))
    for number in range(40):
        warden.send("recogniser", AudioChunk("c", "agent", number, bytes(100_000)))
        if number == 20:
            warden.send("recogniser", BeginCall("middle"))
    warden.send("recogniser", BeginCall("last"))
    os.kill(pid, signal.SIGCONT)
    heard.wait_for(lambda: CallFinished("last") in heard.of(CallFinished))
    assert heard.of(CallFinished) == [CallFinished("first"), CallFinished("middle"), CallFinished("last")]
    got = [one.sample for one in heard.of(Acknowledged)]
    assert got == sorted(got)
    assert got[-5:] == [35, 36, 37, 38, 39]
    assert len(got) < 40


def test_the_environment_reaches_the_process(make, heard: Heard) -> None:
    script = ECHO.replace("Ready(sys.argv[1])", "Ready(sys.argv[1], __import__('os').environ['TINGBAN_TRIAL'])")
    started(make(script, TINGBAN_TRIAL="here"), heard)
    assert heard.of(Ready) == [Ready("recogniser", "here")]


@pytest.mark.parametrize("script", [ECHO, DEAF])
def test_processes_end_with_a_parent_that_is_killed(desk_folder: Path, tmp_path: Path, script: str) -> None:
    worker, parent = tmp_path / "worker.py", tmp_path / "parent.py"
    worker.write_text(script, encoding="utf-8")
    parent.write_text(
        f"""
import sys, threading
from app.warden import Warden
from core.messages import Ready

ready = threading.Semaphore(0)
def hear(role, message):
    if isinstance(message, Ready):
        ready.release()
warden = Warden(hear, command=lambda role: [sys.executable, {str(worker)!r}, role])
for role in ("recorder", "recogniser"):
    warden.start(role)
    ready.acquire()
print(*(warden.pid(role) for role in ("recorder", "recogniser")), flush=True)
threading.Event().wait()
""",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(parent)], stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        children = [psutil.Process(int(pid)) for pid in process.stdout.readline().split()]
        assert len(children) == 2
        process.kill()
    # A worker that is busy has a grace to finish in.
    _, alive = psutil.wait_procs(children, ORPHAN_GRACE_S + (1.0 if script == ECHO else DEADLINE_S))
    for child in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    assert alive == []


def test_how_a_worker_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker_command("analyst") == [sys.executable, "-m", "app", "worker", "analyst"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/tingban/tingban")
    assert worker_command("analyst") == ["/opt/tingban/tingban-worker", "worker", "analyst"]
    monkeypatch.setattr(sys, "platform", "win32")
    assert worker_command("analyst")[0].endswith("tingban-worker.exe")
