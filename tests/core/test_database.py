from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlcipher3.dbapi2

from core.database import Database, Migrations, Store, open_store
from core.errors import KeyFault, StoreBusy, StoreFault
from core.keys import DeskKey, derived_key, ephemeral_key
from tests.harness.raw_pages import decrypted_pages

CANARY = "六二二二零二零零骗子canary6222020200001234"
KEY = DeskKey(bytes(range(32)))
spawn = multiprocessing.get_context("spawn")


def notes() -> Migrations:
    migrations = Migrations("notes")

    @migrations()
    def create(db: Database) -> None:
        db["notes"].create({"id": int, "text": str}, pk="id")

    return migrations


def opened(file: Path, *migrations: Migrations, key: DeskKey = KEY) -> Store:
    return open_store(file, migrations or [notes()], key=lambda _: key)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store" / "tingban.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    with opened(file) as store:
        yield store


def write(store: Store, text: str = CANARY) -> None:
    with store.writing() as db:
        db["notes"].insert({"text": text})


def texts(store: Store) -> list[str]:
    with store.reading() as db:
        return [row["text"] for row in db["notes"].rows]


def test_what_was_written_is_there_after_opening_again(file: Path) -> None:
    with opened(file) as store:
        write(store)
    with opened(file) as store:
        assert texts(store) == [CANARY]


def test_no_plaintext_lies_on_the_disk_in_file_or_log(file: Path) -> None:
    with opened(file) as store:
        for _ in range(50):
            write(store)
        with store.writing() as db:
            db.execute("CREATE INDEX by_text ON notes (text)")
            db["notes"].enable_fts(["text"])
        during = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    after = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    assert len(during["tingban.db-wal"]) > 4096
    for content in (*during.values(), *after.values()):
        for form in (CANARY.encode(), b"canary", "骗子".encode(), b"SQLite format", b"CREATE TABLE", KEY.secret):
            assert form not in content


def test_deleted_rows_are_overwritten_under_the_cipher_too(store: Store) -> None:
    with store.reading() as db:
        assert db.execute("PRAGMA secure_delete").fetchone() == (1,)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("temp_store", 2), ("trusted_schema", 0)],
)
def test_how_the_store_is_opened(store: Store, pragma: str, value: object) -> None:
    with store.reading() as db:
        assert db.execute(f"PRAGMA {pragma}").fetchone() == (value,)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes")
def test_files_are_their_owners_alone(file: Path) -> None:
    file.parent.mkdir()
    file.touch(0o644)
    with opened(file) as store:
        write(store)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == dict.fromkeys(("tingban.db", "tingban.db-wal", "tingban.db-shm", "tingban.db.lock"), 0o600)


def test_another_key_is_refused_and_changes_nothing(file: Path) -> None:
    with opened(file) as store:
        write(store)
    before = file.read_bytes()
    with pytest.raises(KeyFault, match="does not open"):
        opened(file, key=ephemeral_key())
    assert file.read_bytes() == before
    with opened(file) as store:
        assert texts(store) == [CANARY]


def test_opening_with_a_wrong_key_says_nothing_on_standard_error(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    opened(file).close()
    with pytest.raises(KeyFault):
        opened(file, key=ephemeral_key())
    assert capfd.readouterr() == ("", "")


def test_a_file_cut_short_is_damage(file: Path) -> None:
    opened(file).close()
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(StoreFault, match="damaged"):
        opened(file)


def test_damage_in_the_middle_is_a_fault_when_it_is_met(file: Path) -> None:
    with opened(file) as store:
        for _ in range(50):
            write(store, CANARY * 20)
    content = bytearray(file.read_bytes())
    for page in range(4, len(content) // 4096):
        content[page * 4096 + 100] ^= 0xFF
    file.write_bytes(content)
    with opened(file) as store, pytest.raises(StoreFault, match=r"damaged|fails") as caught:
        texts(store)
    assert caught.value.remedy


def test_a_full_disk_is_a_fault_and_what_was_stored_stays(store: Store) -> None:
    write(store)
    with store.reading() as db:
        db.execute("PRAGMA max_page_count = 1")  # SQLite's own way to a full disk; it takes the present size
    with pytest.raises(StoreFault, match="full"), store.writing() as db:
        db["notes"].insert({"text": "x" * 100_000})
    assert texts(store) == [CANARY]
    with store.reading() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    write(store, "again")
    assert texts(store) == [CANARY, "again"]


def test_a_read_only_store_is_a_fault(store: Store) -> None:
    with store.reading() as db:
        db.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreFault, match="read-only"):
        write(store)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder where nobody can write")
def test_a_place_that_cannot_be_written_is_a_fault() -> None:
    with pytest.raises(StoreFault, match="cannot be opened"):
        opened(Path("/proc/self/tingban.db"))


def test_a_folder_in_the_stores_place_is_a_fault(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(StoreFault, match="cannot be opened"):
        opened(file)


def test_a_wrong_statement_stays_a_bug(store: Store) -> None:
    with pytest.raises(sqlcipher3.dbapi2.OperationalError), store.writing() as db:
        db.execute("SELECT nonsense FROM nowhere")


def test_sqlite_utils_knows_sqlciphers_errors(store: Store) -> None:
    with store.writing() as db:
        db["notes"].insert({"text": "a", "new": 1}, alter=True)
        assert db["notes"].columns_dict["new"] is int


def test_sqlite_utils_must_not_be_imported_first() -> None:
    script = "import sqlite_utils, core.database"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert "import core.database before sqlite_utils" in ended.stderr


def write_half(store: Store) -> None:
    with store.writing() as db:
        db["notes"].insert({"text": "half"})
        db["notes"].insert_all([{"text": str(1 // number)} for number in (1, 0)])


def write_all_and_fail(store: Store) -> None:
    with store.writing() as db:
        db["notes"].insert_all([{"text": "a"}, {"text": "b"}])
        db["notes"].upsert({"id": 1, "text": "c"}, pk="id")
        db["notes"].delete_where("id = 2")
        raise ZeroDivisionError


@pytest.mark.parametrize("transaction", [write_half, write_all_and_fail])
def test_an_error_in_a_transaction_leaves_nothing_of_it(store: Store, transaction: Callable[[Store], None]) -> None:
    with pytest.raises(ZeroDivisionError):
        transaction(store)
    assert texts(store) == []


def test_threads_take_turns(store: Store) -> None:
    def work() -> None:
        for number in range(20):
            write(store, str(number))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts(store)) == 80


# --- ownership ------------------------------------------------------------------------------------------------------
def test_two_owners_cannot_be(file: Path) -> None:
    with opened(file), pytest.raises(StoreBusy, match="in use"):
        opened(file)
    opened(file).close()


def test_the_key_is_asked_for_once_the_store_is_ours(file: Path) -> None:
    def never(_file: Path) -> DeskKey:
        raise AssertionError

    with opened(file), pytest.raises(StoreBusy):
        open_store(file, [notes()], key=never)


def test_closing_twice_is_allowed_and_a_failed_opening_holds_nothing(file: Path) -> None:
    store = opened(file)
    store.close()
    store.close()
    with pytest.raises(KeyFault):
        opened(file, key=ephemeral_key())
    opened(file).close()


def hold(file: Path, ready: multiprocessing.synchronize.Event) -> None:
    store = opened(file)
    write(store, "committed")
    with store.writing() as db:
        db["notes"].insert({"text": "not committed"})
        ready.set()
        threading.Event().wait()


def test_a_killed_owner_leaves_the_store_free_and_whole(file: Path) -> None:
    ready = spawn.Event()
    owner = spawn.Process(target=hold, args=(file, ready))
    owner.start()
    assert ready.wait(60)
    with pytest.raises(StoreBusy):
        opened(file)
    owner.kill()
    owner.join(60)
    with opened(file) as store:
        assert texts(store) == ["committed"]


# --- migrations -----------------------------------------------------------------------------------------------------
def tables(store: Store) -> set[str]:
    with store.reading() as db:
        return set(db.table_names())


def later(*, fails: bool = False, suspend: multiprocessing.synchronize.Event | None = None) -> Migrations:
    """The set of `notes`, one step on."""
    migrations = notes()

    @migrations()
    def add_tags(db: Database) -> None:
        db["tags"].create({"id": int, "tag": str}, pk="id")
        db["notes"].add_column("tag", int)
        db["notes"].insert({"text": "by the migration"})
        if suspend is not None:
            suspend.set()
            threading.Event().wait()
        if fails:
            raise ZeroDivisionError

    return migrations


def test_migrations_run_once_in_order_and_keep_the_rows(file: Path) -> None:
    with opened(file) as store:
        write(store)
    for _ in range(2):
        with opened(file, later()) as store:
            assert texts(store) == [CANARY, "by the migration"]
            assert {"notes", "tags"} <= tables(store)


def test_rooms_have_sets_of_their_own(file: Path) -> None:
    other = Migrations("other")

    @other()
    def create(db: Database) -> None:
        db["others"].create({"id": int}, pk="id")

    with opened(file, notes(), other) as store:
        assert {"notes", "others"} <= tables(store)
    with pytest.raises(ValueError, match="one name"):
        opened(file, notes(), notes())


def test_a_migration_that_fails_leaves_neither_change_nor_record(file: Path) -> None:
    with opened(file) as store:
        write(store)
    with pytest.raises(ZeroDivisionError):
        opened(file, later(fails=True))
    with opened(file) as store:
        assert "tags" not in tables(store)
        assert texts(store) == [CANARY]
    with opened(file, later()) as store:
        assert texts(store) == [CANARY, "by the migration"]


def migrate_and_hang(file: Path, ready: multiprocessing.synchronize.Event) -> None:
    opened(file, later(suspend=ready))


def test_a_migration_that_is_killed_leaves_neither_change_nor_record(file: Path) -> None:
    with opened(file) as store:
        write(store)
    ready = spawn.Event()
    process = spawn.Process(target=migrate_and_hang, args=(file, ready))
    process.start()
    assert ready.wait(60)
    assert process.pid is not None
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.join(60)
    with opened(file) as store:
        assert "tags" not in tables(store)
    with opened(file, later()) as store:
        assert texts(store) == [CANARY, "by the migration"]


def test_a_newer_schema_is_refused_politely_and_left_alone(file: Path) -> None:
    with opened(file, later()) as store:
        write(store)
    with pytest.raises(StoreFault, match="newer Tingban") as caught:
        opened(file, notes())
    assert "Update" in caught.value.remedy
    with opened(file, later()) as store:
        assert texts(store) == ["by the migration", CANARY]


def test_importing_the_store_leaves_python_sqlite_alone() -> None:
    script = "import core.database, sqlite3, sys; assert 'pysqlite3' not in sys.modules; sqlite3.connect(':memory:')"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_transaction_within_one_joins_it(store: Store) -> None:
    with store.writing():
        write(store, "outer")
        write(store, "inner")
    assert texts(store) == ["outer", "inner"]

    def fail_after_writing() -> None:
        with store.writing():
            write(store, "never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    write(store, "after")
    assert texts(store) == ["outer", "inner", "after"]


def test_what_is_forgotten_is_in_no_page_and_no_log(store: Store, file: Path) -> None:
    write(store)
    write(store, "stays here")
    with store.writing() as db:
        db.execute("DELETE FROM notes WHERE text = ?", (CANARY,))
    assert CANARY.encode() in decrypted_pages(file, KEY)  # the old pages, in the log
    store.forget()
    pages = decrypted_pages(file, KEY)
    assert CANARY.encode() not in pages
    assert b"stays here" in pages


def test_derived_keys_are_those_of_the_desk_key(store: Store, file: Path) -> None:
    assert store.derived_key("number value") == derived_key(KEY, "number value")
    assert store.file == file
