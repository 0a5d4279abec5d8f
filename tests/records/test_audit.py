from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database import Database, Store, open_store
from core.messages import (
    CallClosed,
    CallOpened,
    CapturePaused,
    EnvelopeOpened,
    MaskMarkedWrong,
    NoticeSet,
    NumberShown,
    OriginalRevealed,
)
from records import MIGRATIONS, Archive
from records.audit import FIRST_PREVIOUS, AuditLog, Verification, account, head_file
from tests.records.conftest import KEY

DEEDS = [
    CallOpened("c1", 1000, "cli", "13800138000", "customer-88"),
    EnvelopeOpened("c1", "e1", ("f1", "f2"), b"wrap", b"wrap"),
    NoticeSet("c1", "said", 2000),
    NumberShown("c1", "pii.mobile"),
    MaskMarkedWrong("c1", "c1-c-0", 4, 15, "pii.mobile", 3000),
    CapturePaused("c1", paused=True),
    CapturePaused("c1", paused=False),
    OriginalRevealed("c1", "c1-c-0"),
    CallClosed("c1", 9000),
]


@pytest.fixture
def log(archive: Archive) -> AuditLog:
    for deed in DEEDS:
        archive.keep(deed)
    return archive.audit


def change(store: Store, *statements: str) -> None:
    with store.writing() as db:
        for statement in statements:
            db.execute(statement)


def test_deeds_are_written_down_without_content(log: AuditLog) -> None:
    entries = list(log.entries())
    assert [(entry.action, entry.detail) for entry in entries] == [
        ("call.opened", "cli"),
        ("envelope.opened", "f1 f2"),
        ("notice.set", "said"),
        ("number.shown", "pii.mobile"),
        ("mask.marked_wrong", "c1-c-0 4-15 pii.mobile"),
        ("capture.paused", ""),
        ("capture.resumed", ""),
        ("original.revealed", "c1-c-0"),
        ("call.closed", ""),
    ]
    assert {entry.call_id for entry in entries} == {"c1"}
    assert {entry.who for entry in entries} == {account()}
    assert [entry.number for entry in entries] == list(range(1, 10))
    assert entries[0].at_unix_ms == 1000
    assert entries[8].at_unix_ms == 9000
    assert not any("138001" in str(entry) or "customer-88" in str(entry) for entry in entries)
    assert log.verify() == Verification(9, True, None)


def test_told_twice_a_deed_is_written_down_once_but_for_keys_pressed(archive: Archive, log: AuditLog) -> None:
    for deed in DEEDS:
        archive.keep(deed)
    assert [entry.action for entry in log.entries(after=9)] == [
        "number.shown",
        "capture.paused",
        "capture.resumed",
        "original.revealed",
    ]


def test_the_hash_is_what_its_description_says(log: AuditLog) -> None:
    previous = FIRST_PREVIOUS
    for entry in log.entries():
        fields = [entry.number, entry.at_unix_ms, entry.who, entry.action, entry.call_id, entry.detail, previous]
        canonical = json.dumps(["tingban audit 1", *fields], separators=(",", ":"), ensure_ascii=False)
        assert entry.hash == hashlib.sha256(canonical.encode()).hexdigest()
        previous = entry.hash


def test_an_empty_log_is_whole(archive: Archive) -> None:
    assert archive.audit.verify() == Verification(0, True, None)
    assert archive.audit.head().hash == FIRST_PREVIOUS


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit SET detail = 'played' WHERE number = 3", 3),
        ("UPDATE audit SET who = 'somebody' WHERE number = 1", 1),
        ("UPDATE audit SET at_unix_ms = at_unix_ms + 1 WHERE number = 9", 9),
        ("UPDATE audit SET hash = previous WHERE number = 4", 4),
        ("UPDATE audit SET previous = hash WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 5", 5),
        ("DELETE FROM audit WHERE number = 9", 9),
        ("DELETE FROM audit WHERE number > 2", 3),
        ("DELETE FROM audit", 1),
        (
            "INSERT INTO audit SELECT 10, at_unix_ms, who, action, call_id, detail, previous, hash FROM audit LIMIT 1",
            10,
        ),
        ("UPDATE audit SET number = 0 WHERE number = 1", 0),
        (
            "INSERT INTO audit SELECT -1, at_unix_ms, who, action, call_id, detail, previous, hash FROM audit LIMIT 1",
            -1,
        ),
    ],
)
def test_a_change_is_found_where_it_begins(log: AuditLog, store: Store, statement: str, first_bad: int) -> None:
    change(store, statement)
    found = log.verify()
    assert (found.ok, found.first_bad) == (False, first_bad)


def test_two_entries_that_changed_places_are_found(log: AuditLog, store: Store) -> None:
    change(
        store,
        "UPDATE audit SET number = 99 WHERE number = 3",
        "UPDATE audit SET number = 3 WHERE number = 4",
        "UPDATE audit SET number = 4 WHERE number = 99",
    )
    assert log.verify() == Verification(9, False, 3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(number=st.integers(1, 9), column=st.sampled_from(["at_unix_ms", "who", "action", "call_id", "detail"]))
def test_any_edited_field_is_found(log: AuditLog, store: Store, number: int, column: str) -> None:
    with store.reading() as db:
        (before,) = db.execute(f"SELECT {column} FROM audit WHERE number = ?", (number,)).fetchone()
    change(store, f"UPDATE audit SET {column} = {column} || '1' WHERE number = {number}")
    assert log.verify() == Verification(9, False, number)
    with store.writing() as db:
        db.execute(f"UPDATE audit SET {column} = ? WHERE number = ?", (before, number))
    assert log.verify().ok


def rewritten(db: Database) -> None:
    """The whole chain made anew, each hash right, with another ending."""
    previous = FIRST_PREVIOUS
    for row in list(db.query("SELECT * FROM audit ORDER BY number")):
        row["detail"] = "heard" if row["number"] == 3 else row["detail"]
        fields = [row[name] for name in ("number", "at_unix_ms", "who", "action", "call_id", "detail")]
        canonical = json.dumps(["tingban audit 1", *fields, previous], separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        db.execute(
            "UPDATE audit SET detail = ?, previous = ?, hash = ? WHERE number = ?",
            (row["detail"], previous, digest, row["number"]),
        )
        previous = digest


def test_a_chain_made_anew_is_found_by_its_head(log: AuditLog, store: Store) -> None:
    with store.writing() as db:
        rewritten(db)
    assert log.verify() == Verification(9, False, 9)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda head, _: head.unlink(),
        lambda head, _: head.write_bytes(b"{"),
        lambda head, _: head.write_bytes(b'{"number":12,"hash":"00"}'),
        lambda _, store: change(store, "DELETE FROM audit WHERE number > 6"),
        lambda _, store: change(store, "DELETE FROM audit"),
    ],
    ids=["no head", "damaged head", "head of another", "cut off", "emptied"],
)
def test_what_is_found_at_the_beginning_is_said_for_good(
    log: AuditLog, store: Store, database: Path, spoil: Callable[[Path, Store], None]
) -> None:
    before = log.head().number
    spoil(head_file(database), store)
    first_bad = log.verify().first_bad
    assert first_bad is not None
    for _ in range(2):
        again = AuditLog(store)
        again.append("call.opened", "c2")
        again.keep_head()
        assert again.verify().first_bad == first_bad
    assert [entry.action for entry in again.entries()].count("chain.broken") == 1
    assert before == 9


def test_a_crash_before_the_head_was_written_is_no_fault(log: AuditLog, store: Store) -> None:
    log.append("call.opened", "c2")
    assert AuditLog(store).verify() == Verification(10, True, None)


def test_a_head_that_cannot_be_written_stops_nothing(log: AuditLog, store: Store, database: Path) -> None:
    head_file(database).unlink()
    head_file(database).mkdir()
    log.append("call.opened", "c2")
    log.keep_head()
    head_file(database).rmdir()
    log.keep_head()
    assert log.verify() == Verification(10, True, None)


def test_an_entry_stands_only_if_its_deed_succeeds(log: AuditLog) -> None:
    def fail() -> None:
        with log.recording("keys.imported", "f1"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert log.head().number == 9
    with log.recording("keys.imported", "f1"):
        pass
    assert log.verify() == Verification(10, True, None)


def test_a_long_log_is_walked_in_batches(archive: Archive, store: Store) -> None:
    with store.writing():
        for number in range(1203):
            archive.audit.append("call.opened", f"c{number}")
    archive.audit.keep_head()
    assert archive.audit.verify() == Verification(1203, True, None)


def test_it_goes_on_where_it_ended(database: Path) -> None:
    for number in range(1, 4):
        with open_store(database, [MIGRATIONS], key=lambda _: KEY) as store:
            archive = Archive(store)
            archive.keep(CallOpened(f"c{number}", number, "cli"))
            assert archive.audit.verify() == Verification(number, True, None)
