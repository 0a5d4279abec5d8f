"""The audit log: who did what and when, each entry bound to the one before by its hash; never content.

    hash = SHA-256 of the UTF-8 JSON, without spaces, of
           ["tingban audit 1", number, at_unix_ms, who, action, call_id, detail, previous]

`previous` is the hash of the entry before, 64 zeros for the first. An entry that is edited, left out, inserted or moved
breaks the chain. That its end was cut off is seen from the head, number and hash of the last entry, which is also kept
in a file beside the store: written after the entry is committed, so that after a crash the chain may be longer than its
head, never shorter. Where the two disagree when the program begins, the first new entry says so, for good.

Whoever has the desk key can write a whole new chain: `docs/adr/0014-seal-and-audit.md` says who would notice.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from core import paths
from core.database import Store
from core.errors import EnvironmentFault
from core.framing import UNDECODABLE

Action = Literal[
    "call.opened",
    "call.closed",
    "envelope.opened",
    "keys.imported",
    "keys.removed",
    "number.shown",
    "mask.marked_wrong",
    "notice.set",
    "capture.paused",
    "capture.resumed",
    "original.revealed",
    "chain.broken",
]
"""What is written down. `chain.broken` is the log's own word: from the entry in its detail on, the log is not as it was
written."""

FIRST_PREVIOUS = "0" * 64
_FORM = "tingban audit 1"
_BATCH_ENTRIES = 500
_BEFORE_ALL = -(2**63)  # an entry that was slipped in before the first is walked over too

log = logging.getLogger(__name__)


class AuditEntry(msgspec.Struct, frozen=True):
    """One entry, as stored. `who`: the account of the operating system."""

    number: int
    at_unix_ms: int
    who: str
    action: str
    call_id: str
    detail: str
    previous: str
    hash: str


class AuditHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The end of the chain; number 0 and 64 zeros while it is empty."""

    number: int
    hash: str


class Verification(msgspec.Struct, frozen=True):
    """What a walk along the chain found. `first_bad`: number of the first entry that is wrong, or is missing."""

    entries: int
    ok: bool
    first_bad: int | None


def head_file(database: Path) -> Path:
    """The file that holds the head of the chain of a store."""
    return database.with_name(f"{database.name}.head")


class AuditLog:
    """The chain of a store. Safe to share between threads; methods may raise StoreFault."""

    def __init__(self, store: Store) -> None:
        """Begins the chain, or looks whether it is the one that was written last."""
        self._store = store
        self._file = head_file(store.file)
        self._turn = threading.Lock()
        self._who = account()
        wrong_from = self._wrong_from()
        if wrong_from is not None:
            log.error("The audit log is not the one that was written: from entry %d on", wrong_from)
            self.append("chain.broken", detail=str(wrong_from))
        if wrong_from is not None or not self._last().number:
            self.keep_head()

    def append(self, action: Action, call_id: str = "", detail: str = "", *, at_unix_ms: int | None = None) -> None:
        """Add an entry, within the transaction that it belongs to. Call `keep_head` after that is committed.

        `detail` is free of content: ids, kinds, fingerprints.
        """
        at_unix_ms = time.time_ns() // 1_000_000 if at_unix_ms is None else at_unix_ms
        with self._store.writing() as db:
            last = self._last()
            fields = (last.number + 1, at_unix_ms, self._who, action, call_id, detail, last.hash)
            db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*fields, _hash(fields)))

    @contextlib.contextmanager
    def recording(self, action: Action, detail: str) -> Iterator[None]:
        """An entry about what the block does outside the store: it stands if the block succeeds, and only then."""
        with self._store.writing():
            self.append(action, detail=detail)
            yield
        self.keep_head()

    def keep_head(self) -> None:
        """Write the head beside the store. Where the disk refuses it is tried again with the next entry."""
        with self._turn:
            head = self._last()
            try:
                paths.write_private(self._file, msgspec.json.encode(head))
            except EnvironmentFault as fault:
                log.warning("The head of the audit log was not kept: %s", fault)

    def head(self) -> AuditHead:
        """The end of the chain as stored: for packages to supervisors, who compare it with the last they saw."""
        return self._last()

    def entries(self, after: int = _BEFORE_ALL) -> Iterator[AuditEntry]:
        """Entries in order, in batches, so that writers get their turn."""
        while True:
            with self._store.reading() as db:
                rows = db.query("SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT ?", (after, _BATCH_ENTRIES))
                batch = [msgspec.convert(row, AuditEntry) for row in rows]
            if not batch:
                return
            yield from batch
            after = batch[-1].number

    def verify(self) -> Verification:
        """Walk the whole chain, and compare it with its head."""
        entries, first_bad = 0, None
        previous = FIRST_PREVIOUS
        for entry in self.entries():
            entries += 1
            if first_bad is None and not _follows(entry, entries, previous):
                first_bad = min(entry.number, entries)
            if entry.action == "chain.broken" and entry.detail.isdecimal():
                wrong_from = int(entry.detail)
                first_bad = wrong_from if first_bad is None else min(first_bad, wrong_from)
            previous = entry.hash
        if first_bad is None:
            first_bad = self._wrong_from()
        return Verification(entries, first_bad is None, first_bad)

    def _last(self) -> AuditHead:
        with self._store.reading() as db:
            row = db.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        return AuditHead(*row) if row else AuditHead(0, FIRST_PREVIOUS)

    def _wrong_from(self) -> int | None:
        """The first entry that the head knows and the store does not have so; None where they agree."""
        kept = self._kept_head()  # before the store, which may only be ahead of it
        last = self._last()
        if kept is None:
            # A chain begins with its head: one without it has lost it.
            return last.number + 1 if last.number else None
        if kept.number > last.number:
            return last.number + 1
        if kept.number == 0:
            return None
        with self._store.reading() as db:
            row = db.execute("SELECT hash FROM audit WHERE number = ?", (kept.number,)).fetchone()
        return None if row == (kept.hash,) else kept.number

    def _kept_head(self) -> AuditHead | None:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=AuditHead)
        except FileNotFoundError:
            return None
        except (OSError, *UNDECODABLE):
            # Unreadable is as good as wrong: no number is that high.
            return AuditHead(sys.maxsize, "")


def account() -> str:
    """The account that this process runs under, as the operating system knows it, not the environment."""
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd  # noqa: PLC0415 - exists on POSIX alone

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _follows(entry: AuditEntry, number: int, previous: str) -> bool:
    if (entry.number, entry.previous) != (number, previous) or entry.action == "chain.broken":
        return False
    return entry.hash == _hash(msgspec.structs.astuple(entry)[:-1])


def _hash(fields: tuple[int | str, ...]) -> str:
    """Of number, at_unix_ms, who, action, call_id, detail and previous."""
    return hashlib.sha256(msgspec.json.encode((_FORM, *fields))).hexdigest()
