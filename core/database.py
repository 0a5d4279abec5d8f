"""The encrypted store: one SQLCipher file, one owner, every change in a transaction.

A room describes its tables as `MIGRATIONS`, a named, ordered, append-only set; a migration and the record that it ran
are one transaction, so a crash leaves both or neither. Whoever opens the store holds a lock file beside it until
`close`: the analyst while the program runs, the command line otherwise.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlcipher3
import sqlcipher3.dbapi2

from core import paths
from core.errors import KeyFault, StoreBusy, StoreFault
from core.keys import DeskKey, Purpose, derived_key, desk_key
from core.locks import FileLock, LockHeld

# sqlite-utils works with whatever module is called pysqlite3, else with Python's own sqlite3, and catches that one's
# errors (`insert(alter=True)` depends on it; needed as of 4.2.1). While it is imported, pysqlite3 is SQLCipher. Rooms
# take `Database` and `Migrations` from here, never from sqlite_utils.
if "sqlite_utils" in sys.modules:
    raise ImportError("import core.database before sqlite_utils")
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = sqlcipher3.dbapi2
from sqlite_utils import Database  # noqa: E402 - after the lines above
from sqlite_utils.migrations import Migrations  # noqa: E402 - likewise

del sys.modules["pysqlite3"], sys.modules["pysqlite3.dbapi2"]

__all__ = ["Database", "Migrations", "Store", "open_store"]

BUSY_TIMEOUT_MS = 2000

_PAGE_BYTES = 4096  # SQLCipher 4

_OPENING = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",  # a sorter's temporary file would not be encrypted
    "PRAGMA synchronous = FULL",  # a commit survives a power cut
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
)

log = logging.getLogger(__name__)


class Store:
    """An open store. Safe to share between threads, which take turns.

    Get one from `open_store`; `close` gives the lock back.
    """

    def __init__(self, file: Path, db: Database, key: DeskKey, owner: FileLock) -> None:
        self._file = file
        self._db = db
        self._key = key
        self._owner = owner
        self._turn = threading.RLock()

    @property
    def file(self) -> Path:
        """Where the store lies."""
        return self._file

    def derived_key(self, purpose: Purpose) -> bytes:
        """32 bytes under which one kind of value is sealed within the store."""
        return derived_key(self._key, purpose)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Database]:
        """One transaction, begun as a writer: committed at the end of the block, rolled back by any error in it.

        Within such a block another one joins it, so that what belongs together is written together; an error in the
        inner one must leave the outer one too.

        Raises: StoreFault when the disk is full, read-only or failing, or the file is damaged.
        """
        with self._turn, _faults_of(self._file):
            if self._db.conn.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Database]:
        """The database, for queries alone. Raises: StoreFault as `writing` does."""
        with self._turn, _faults_of(self._file):
            yield self._db

    def forget(self) -> None:
        """Leave no copy of what was deleted: `secure_delete` clears pages, but the write-ahead log has the old ones.

        Call after the transaction that deletes. Raises: StoreFault as `writing` does.
        """
        with self._turn, _faults_of(self._file):
            busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                # A reader of ours stands in the way; the next one, or closing, folds the log in.
                log.warning("The write-ahead log could not be emptied")

    def close(self) -> None:
        """Fold the write-ahead log into the file and let others open it. Idempotent."""
        with self._turn:
            try:
                self._db.close()
            finally:
                self._owner.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(file: Path, migrations: Sequence[Migrations], *, key: Callable[[Path], DeskKey] = desk_key) -> Store:
    """Open the store at `file`, made where missing, bring its tables up to date and own it until `close`.

    `key` is asked for the key of `file` once the store is ours. `migrations`: one set a room, in order.

    Raises: KeyFault for no key or a wrong one; StoreBusy when another process owns the store; StoreFault for a newer
    schema, a damaged file, or a disk that is full, read-only or failing.
    """
    paths.private_folder(file.parent)
    with contextlib.ExitStack() as undo:
        owner = _owned(file)
        undo.callback(owner.release)
        opened_by = key(file)
        db = _connected(file, opened_by)
        undo.callback(db.close)
        with _faults_of(file):
            _migrate(db, migrations, file)
        undo.pop_all()
    return Store(file, db, opened_by, owner)


def _owned(file: Path) -> FileLock:
    try:
        return FileLock(file.with_name(f"{file.name}.lock"))
    except LockHeld as error:
        raise StoreBusy(
            f"The store {file} is in use by another process.",
            remedy="Close the other Tingban, or wait until its command has finished.",
        ) from error
    except OSError as error:
        raise _cannot_open(file, error) from error


def _connected(file: Path, key: DeskKey) -> Database:
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, paths.PRIVATE_FILE_MODE))
        file.chmod(paths.PRIVATE_FILE_MODE)
    except OSError as error:
        raise _cannot_open(file, error) from error
    with contextlib.ExitStack() as undo, _faults_of(file):
        connection = sqlcipher3.dbapi2.connect(str(file), isolation_level=None, check_same_thread=False)
        undo.callback(connection.close)
        connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to standard error
        connection.execute(f"PRAGMA key = \"x'{key.secret.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        for pragma in _OPENING:
            connection.execute(pragma)
        if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
            raise StoreFault(
                f"The disk under {file} cannot keep a write-ahead log.", remedy="Choose a folder on a local disk."
            )
        undo.pop_all()
    # Plug-ins of sqlite-utils are other people's code, and would be handed the open store.
    return Database(connection, execute_plugins=False)


def _migrate(db: Database, migrations: Sequence[Migrations], file: Path) -> None:
    if len({room.name for room in migrations}) != len(migrations):
        raise ValueError("two rooms' migrations have one name")
    with db.atomic():
        for room in migrations:
            room.ensure_migrations_table(db)
    nothing_applied = Database(memory=True, execute_plugins=False)
    known = {(room.name, step.name) for room in migrations for step in room.pending(nothing_applied)}
    nothing_applied.close()
    applied = {(row["migration_set"], row["name"]) for row in db[Migrations.migrations_table].rows}
    if applied - known:
        raise StoreFault(
            f"The store {file} was written by a newer Tingban.",
            remedy="Update Tingban, or choose another data folder with --data.",
        )
    for room in migrations:
        room.apply(db)


@contextlib.contextmanager
def _faults_of(file: Path) -> Iterator[None]:
    """Turn what the disk or the file does to SQLite into sentences; a wrong statement stays a bug."""
    try:
        yield
    except sqlcipher3.dbapi2.DatabaseError as error:
        fault = _fault(file, getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if fault is None:
            raise
        raise fault from error


def _fault(file: Path, code: int) -> KeyFault | StoreFault | None:
    sqlite = sqlcipher3.dbapi2
    if code == sqlite.SQLITE_NOTADB and file.stat().st_size % _PAGE_BYTES == 0:
        return KeyFault(
            f"The key does not open the store {file}, or the beginning of the file is damaged.",
            remedy="Use the key that the store was made with, or bring the store and its keys back from a backup.",
        )
    sentences = {
        sqlite.SQLITE_NOTADB: (f"The store {file} is damaged.", "Bring the store and its keys back from a backup."),
        sqlite.SQLITE_CORRUPT: (f"The store {file} is damaged.", "Bring the store and its keys back from a backup."),
        sqlite.SQLITE_FULL: (f"The disk under {file} is full.", "Make room; nothing that was stored is lost."),
        sqlite.SQLITE_READONLY: (f"The store {file} is read-only.", "Give this account the right to write there."),
        sqlite.SQLITE_CANTOPEN: (f"The store {file} cannot be opened.", "Give this account the right to write there."),
        sqlite.SQLITE_PERM: (f"The store {file} cannot be opened.", "Give this account the right to write there."),
        sqlite.SQLITE_IOERR: (f"The disk under {file} fails.", "Check the disk; keep a copy of the data folder."),
        sqlite.SQLITE_BUSY: (f"The store {file} is in use by another program.", "Close it and try again."),
    }
    found = sentences.get(code)
    return StoreFault(found[0], remedy=found[1]) if found else None


def _cannot_open(file: Path, error: OSError) -> StoreFault:
    return StoreFault(
        f"The store {file} cannot be opened: {error.strerror}.",
        remedy="Give this account the right to write there, or choose another data folder with --data.",
    )
