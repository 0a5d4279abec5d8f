from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from core import paths
from core.database import open_store
from core.errors import BadInput, EnvironmentFault, KeyFault, StoreBusy, TingbanError
from core.framing import FrameReader, FrameWriter
from core.keys import derived_key, desk_key
from core.messages import (
    CallClosed,
    CallOpened,
    Caption,
    Fault,
    Message,
    NoticeSet,
    NumberShown,
    Ping,
    Pong,
    Ready,
    SealTo,
    Shutdown,
)
from core.recipients import SupervisorKeys, fingerprint
from core.requests import (
    InstallKeys,
    ListCalls,
    ListKeys,
    RemoveKeys,
    RequestClient,
    RequestFault,
    Status,
    VerifyAudit,
)
from core.sealing import CallSeal, DeskPair, new_private_key, opened_envelope
from core.types import CallRecord, Gap, MaskedUtterance, SupervisorKey
from records import MIGRATIONS, Archive, CallLog
from records.audit import head_file

DEADLINE_S = 60
NUMBER = "13800138000"
WORDS = "骗子还钱"

analyst = RequestClient("analyst")


class AnalystProcess:
    """A real analyst process, and this test as its parent."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.analyst"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdin
        assert self.process.stdout
        self._writer = FrameWriter(self.process.stdin)
        self._reader = FrameReader(self.process.stdout)

    def send(self, *messages: Message) -> None:
        """Send, and come back when the process has read them."""
        for message in (*messages, Ping(1)):
            self._writer.send(message)
        self.until(Pong)

    def until(self, kind: type[Any]) -> list[Message]:
        """What it says up to the first message of `kind`, included."""
        said: list[Message] = []
        while (message := self._reader.receive()) is not None:
            said.append(message)
            if isinstance(message, kind):
                return said
        raise AssertionError(f"ended after {said}")

    def rest(self) -> list[Message]:
        return list(iter(self._reader.receive, None))

    def stop(self) -> int:
        self._writer.send(Shutdown())
        assert [message for message in self.rest() if not isinstance(message, SealTo)] == []
        return self.process.wait(DEADLINE_S)

    def close(self) -> None:
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)
        self._writer.close()
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def key_file(desk_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "passphrase"
    file.write_text("correct horse battery staple")
    monkeypatch.setenv("TINGBAN_KEY_FILE", str(file))
    return file


@pytest.fixture
def running(key_file: Path) -> Iterator[AnalystProcess]:
    with AnalystProcess() as process:
        assert process.until(Ready) == [Ready("analyst")]
        yield process


def calls() -> tuple[CallRecord, ...]:
    return analyst.ask(ListCalls(100)).calls


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that gives no signal."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.02)


def test_calls_are_kept_and_listed(running: AnalystProcess) -> None:
    running.send(CallOpened("a", 1000, "softphone", NUMBER), CallClosed("a", 5000), CallOpened("b", 6000, "cli"))
    until(lambda: len(calls()) == 2)
    assert calls() == (CallRecord("b", 6000, None, "cli"), CallRecord("a", 1000, 5000, "softphone"))
    assert analyst.ask(Status()).store_fault is None
    assert running.stop() == 0
    with pytest.raises(EnvironmentFault, match="not running"):
        analyst.ask(Status())


@pytest.mark.parametrize("end", ["kill", "parent gone", "shutdown"])
def test_calls_survive_every_end_of_the_process(key_file: Path, end: str) -> None:
    with AnalystProcess() as process:
        process.until(Ready)
        process.send(CallOpened("a", 1000, "cli"))
        until(lambda: len(calls()) == 1)
        if end == "kill":
            process.process.kill()
        elif end == "parent gone":
            process.close()
        else:
            process.stop()
        process.process.wait(DEADLINE_S)
    with AnalystProcess() as process:
        process.until(Ready)
        process.send(CallClosed("a", 5000))
        until(lambda: calls() == (CallRecord("a", 1000, 5000, "cli"),))


def test_what_is_in_hand_at_the_end_is_still_written(key_file: Path) -> None:
    with AnalystProcess() as process:
        process.until(Ready)
        process._writer.send(CallOpened("a", 1000, "cli"))
        process.close()
        assert process.process.wait(DEADLINE_S) == 0
    with open_store(paths.database_file(), [MIGRATIONS]) as store:
        assert [call.id for call in CallLog(store).list(10)] == ["a"]


MASKED = MaskedUtterance("a-c-0", "customer", 0, 900, "遮", masked_by="rules")


def test_what_no_mask_has_passed_is_passed_over(running: AnalystProcess) -> None:
    raw = MaskedUtterance("a-c-1000", "customer", 1000, 1900, WORDS)
    gap = Gap("agent", 0, 500, "paused")
    running.send(*(Caption("a", item, 950) for item in (raw, MASKED, gap)), CallOpened("a", 1, "cli"))
    until(lambda: len(calls()) == 1)
    assert running.stop() == 0
    with open_store(paths.database_file(), [MIGRATIONS]) as store:
        assert Archive(store).transcript.of_call("a") == [gap, MASKED]


SUPERVISOR = new_private_key()
INSTALLED = SupervisorKey(fingerprint(SUPERVISOR.public_key), SUPERVISOR.public_key)


def test_it_tells_whom_to_seal_to_and_again_when_keys_change(running: AnalystProcess) -> None:
    (before,) = running.until(SealTo)
    assert before.supervisors == ()
    desk = DeskPair(open_desk_secret()).public_key
    assert before.desk == desk
    assert analyst.ask(InstallKeys((SUPERVISOR.public_key,))).keys == (INSTALLED,)
    assert running.until(SealTo) == [SealTo((SUPERVISOR.public_key,), desk)]
    assert analyst.ask(ListKeys()).keys == (INSTALLED,)
    assert analyst.ask(Status()).supervisor_keys == 1
    assert analyst.ask(InstallKeys((SUPERVISOR.public_key,))).keys == ()
    assert analyst.ask(RemoveKeys(INSTALLED.fingerprint)).keys == (INSTALLED,)
    assert running.until(SealTo) == [SealTo((SUPERVISOR.public_key,), desk)]
    assert running.until(SealTo) == [before]
    with pytest.raises(BadInput, match="No single"):
        analyst.ask(RemoveKeys(INSTALLED.fingerprint))
    with pytest.raises(BadInput, match="not a public key"):
        analyst.ask(InstallKeys(("age1nonsense",)))
    report = analyst.ask(VerifyAudit())
    assert (report.entries, report.ok) == (2, True)


def open_desk_secret() -> bytes:
    return derived_key(desk_key(paths.database_file()), "desk recovery")


def test_keys_in_doubt_are_told_and_nothing_is_sealed_to_them(key_file: Path) -> None:
    SupervisorKeys().install((SUPERVISOR.public_key,))
    paths.supervisor_keys_file().write_text("age1nonsense")
    with AnalystProcess() as process:
        ready, fault, seal_to = process.until(SealTo)
        assert ready == Ready("analyst")
        assert isinstance(fault, Fault)
        assert (fault.code, fault.fatal) == ("supervisors-key", False)
        assert isinstance(seal_to, SealTo)
        assert seal_to.supervisors == ()
        assert analyst.ask(Status()).supervisor_keys == 0
        with pytest.raises(KeyFault, match="damaged"):
            analyst.ask(ListKeys())


def test_originals_are_kept_sealed_and_the_desk_s_wrap_goes_with_the_call(key_file: Path) -> None:
    SupervisorKeys().install((SUPERVISOR.public_key,))
    with AnalystProcess() as process:
        seal_to = process.until(SealTo)[-1]
        assert isinstance(seal_to, SealTo)
        seal = CallSeal("a", seal_to)
        original = seal.seal_text("a-c-0", WORDS.encode())
        process.send(CallOpened("a", 1000, "cli"), seal.envelope, original, NumberShown("a", "pii.mobile"))
        process.send(CallClosed("a", 5000))
        until(lambda: calls() == (CallRecord("a", 1000, 5000, "cli"),))
        assert process.stop() == 0
    with open_store(paths.database_file(), [MIGRATIONS]) as store:
        archive = Archive(store)
        assert archive.envelopes.unfinished() == []
        (envelope,), (kept,) = archive.envelopes.of_call("a"), archive.envelopes.originals("a")
        assert envelope.desk_wrap == b""
        assert opened_envelope(envelope, SUPERVISOR).text(kept) == WORDS.encode()
        actions = [entry.action for entry in archive.audit.entries()]
        assert actions == ["call.opened", "envelope.opened", "number.shown", "call.closed"]


@pytest.mark.parametrize("store_is_busy", [False, True])
def test_of_a_refused_call_nothing_is_kept(key_file: Path, store_is_busy: bool) -> None:
    store = open_store(paths.database_file(), [MIGRATIONS])
    if not store_is_busy:
        store.close()
    with AnalystProcess() as process:
        process.until(Ready)
        process.send(CallOpened("a", 1000, "cli", NUMBER), Caption("a", MASKED, 950), NoticeSet("a", "refused", 2000))
        process.send(Caption("a", MASKED, 950), CallClosed("a", 5000))
        store.close()
        until(lambda: analyst.ask(Status()).store_fault is None)
        until(lambda: calls() == (CallRecord("a", 1000, 5000, "cli"),))
        assert process.stop() == 0
    with open_store(paths.database_file(), [MIGRATIONS]) as store:
        archive = Archive(store)
        assert archive.transcript.of_call("a") == []
        assert archive.numbers.of_call("a") is None
        assert archive.notices.state("a") == "refused"


def test_nothing_of_a_call_lies_readable_on_the_disk(running: AnalystProcess, desk_folder: Path) -> None:
    caption = Caption("call-77", MaskedUtterance("call-77-c-0", "customer", 0, 900, WORDS), 950)
    running.send(CallOpened("call-77", 1, "softphone", NUMBER, "customer-88"), caption)
    # The head of the audit log is the last thing that is written of the call's beginning.
    until(lambda: b'"number":1,' in head_file(paths.database_file()).read_bytes())

    def assert_clean() -> None:
        files = [file for file in desk_folder.rglob("*") if file.is_file()]
        assert any(file.name == "tingban.db" for file in files)
        for file in files:
            content = file.read_bytes()
            for canary in (WORDS, NUMBER, "customer-88"):
                assert canary.encode() not in content
            if file.name.startswith("tingban.db"):
                assert b"call-77" not in content

    assert_clean()
    assert running.stop() == 0
    assert_clean()


def test_without_a_key_it_says_so_and_goes_on(desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with AnalystProcess() as process:
        fault, ready = process.until(Ready)
        assert isinstance(fault, Fault)
        assert (fault.code, fault.fatal) == ("key", False)
        assert "--key-file" in fault.remedy
        assert ready == Ready("analyst")
        process.send(CallOpened("a", 1000, "cli"))
        with pytest.raises(KeyFault, match="keyring"):
            calls()
        status = analyst.ask(Status())
        assert status.store_fault == RequestFault("key", fault.detail, fault.remedy)
        assert process.stop() == 0
    assert not paths.database_file().exists()


def test_a_wrong_key_is_told_and_the_store_stays(key_file: Path) -> None:
    with open_store(paths.database_file(), [MIGRATIONS]) as store:
        CallLog(store).open_call(CallOpened("a", 1000, "cli"))
    before = paths.database_file().read_bytes()
    key_file.write_text("wrong")
    with AnalystProcess() as process:
        fault = process.until(Ready)[0]
        assert isinstance(fault, Fault)
        assert fault.code == "key"
    assert paths.database_file().read_bytes() == before


def test_what_it_is_told_while_the_store_is_busy_is_written_when_it_is_free(key_file: Path) -> None:
    store = open_store(paths.database_file(), [MIGRATIONS])
    with AnalystProcess() as process:
        fault = process.until(Ready)[0]
        assert isinstance(fault, Fault)
        assert (fault.code, fault.fatal) == ("store-busy", False)
        process.send(CallOpened("a", 1000, "cli"), CallClosed("a", 5000))
        with pytest.raises(StoreBusy):
            calls()
        store.close()
        until(lambda: analyst.ask(Status()).store_fault is None)
        assert calls() == (CallRecord("a", 1000, 5000, "cli"),)
        assert process.stop() == 0  # and said nothing more of the fault


def test_a_second_analyst_is_refused(running: AnalystProcess) -> None:
    with AnalystProcess() as second:
        (fault,) = second.rest()
        assert isinstance(fault, Fault)
        assert (fault.code, fault.fatal) == ("environment", True)
        assert "already answers" in fault.detail
        assert second.process.wait(DEADLINE_S) == 3
    assert calls() == ()


def test_a_demonstration_leaves_nothing_behind(desk_folder: Path, monkeypatch, tmp_path: Path) -> None:
    SupervisorKeys().install((SUPERVISOR.public_key,))
    monkeypatch.setenv("TINGBAN_EPHEMERAL", "1")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with AnalystProcess() as process:
        assert process.until(Ready) == [Ready("analyst")]
        (seal_to,) = process.until(SealTo)
        assert isinstance(seal_to, SealTo)
        assert seal_to.supervisors == ()
        assert analyst.ask(Status()).supervisor_keys == 0
        process.send(CallOpened("a", 1000, "demo"))
        until(lambda: len(calls()) == 1)
        assert process.stop() == 0
    assert not paths.database_file().exists()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_limit_that_makes_no_sense_is_refused(running: AnalystProcess) -> None:
    with pytest.raises(TingbanError, match="cannot be understood"):
        analyst.ask(ListCalls(0))
