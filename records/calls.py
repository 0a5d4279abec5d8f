"""The log of calls: when each began, by what, and when it ended.

Number and text of a call are not here: see `records.numbers` and `records.transcript`. No customer id is kept.
"""

from __future__ import annotations

import msgspec

from core.database import Store
from core.messages import CallClosed, CallOpened
from core.types import CallRecord


class CallLog:
    """Calls in the store. Safe to share between threads; every method may raise StoreFault."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open_call(self, call: CallOpened) -> bool:
        """Remember that a call began. Told twice, it changes nothing. True when it was new."""
        with self._store.writing() as db:
            done = db.execute(
                "INSERT INTO calls (id, started_at_unix_ms, trigger) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (call.call_id, call.started_at_unix_ms, call.trigger),
            )
            return bool(done.rowcount)

    def close_call(self, call: CallClosed) -> bool:
        """Remember that a call ended; True the first time, which holds. A call that never began here is passed over."""
        with self._store.writing() as db:
            done = db.execute(
                "UPDATE calls SET ended_at_unix_ms = ? WHERE id = ? AND ended_at_unix_ms IS NULL",
                (call.ended_at_unix_ms, call.call_id),
            )
            return bool(done.rowcount)

    def list(self, limit: int) -> list[CallRecord]:
        """At most `limit` calls, the latest first."""
        with self._store.reading() as db:
            rows = db.query("SELECT * FROM calls ORDER BY started_at_unix_ms DESC, id DESC LIMIT ?", (limit,))
            return [msgspec.convert(row, CallRecord) for row in rows]
