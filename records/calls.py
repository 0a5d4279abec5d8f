"""The log of calls: when each began, by what, and when it ended.

No number and no customer id is kept, and no text: text is stored only once it has passed a mask.
"""

from __future__ import annotations

import msgspec

from core.database import Database, Migrations, Store
from core.messages import CallClosed, CallOpened
from core.types import CallRecord

MIGRATIONS = Migrations("records")


@MIGRATIONS()
def calls(db: Database) -> None:
    """Calls; times in milliseconds since 1970 UTC, `ended_at_unix_ms` null while the call runs."""
    db.execute(
        """
        CREATE TABLE calls (
            id TEXT PRIMARY KEY NOT NULL,
            started_at_unix_ms INTEGER NOT NULL,
            ended_at_unix_ms INTEGER,
            trigger TEXT NOT NULL
        ) STRICT
        """
    )
    db.execute("CREATE INDEX calls_by_start ON calls (started_at_unix_ms)")


class CallLog:
    """Calls in the store. Safe to share between threads; every method may raise StoreFault."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open_call(self, call: CallOpened) -> None:
        """Remember that a call began. Told twice, it changes nothing."""
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO calls (id, started_at_unix_ms, trigger) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (call.call_id, call.started_at_unix_ms, call.trigger),
            )

    def close_call(self, call: CallClosed) -> None:
        """Remember that a call ended. The first end holds; a call that never began here is passed over."""
        with self._store.writing() as db:
            db.execute(
                "UPDATE calls SET ended_at_unix_ms = ? WHERE id = ? AND ended_at_unix_ms IS NULL",
                (call.ended_at_unix_ms, call.call_id),
            )

    def list(self, limit: int) -> list[CallRecord]:
        """At most `limit` calls, the latest first."""
        with self._store.reading() as db:
            rows = db.query("SELECT * FROM calls ORDER BY started_at_unix_ms DESC, id DESC LIMIT ?", (limit,))
            return [msgspec.convert(row, CallRecord) for row in rows]
