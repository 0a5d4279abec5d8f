"""What is known of the notice in each call, and what a refusal deletes."""

from __future__ import annotations

from core.database import Store
from core.messages import NoticeSet
from core.types import NoticeState
from records.schema import CONTENT_TABLES


class Notices:
    """Safe to share between threads; every method may raise StoreFault."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, notice: NoticeSet) -> bool:
        """Remember the state. True when it changed anything.

        A refusal holds for good: with it everything stored of the call's content is deleted, in one transaction, and
        the store takes no more of it (triggers in `records.schema`). Call `Store.forget` after the transaction.
        """
        with self._store.writing() as db:
            done = db.execute(
                """
                INSERT INTO notices (call_id, state, at_unix_ms) VALUES (?, ?, ?)
                ON CONFLICT (call_id) DO UPDATE SET state = excluded.state, at_unix_ms = excluded.at_unix_ms
                WHERE notices.state NOT IN ('refused', excluded.state)
                """,
                (notice.call_id, notice.state, notice.at_unix_ms),
            )
            if notice.state == "refused":
                for table in CONTENT_TABLES:
                    db.execute(f"DELETE FROM {table} WHERE call_id = ?", (notice.call_id,))  # noqa: S608 - our own names
            return bool(done.rowcount)

    def state(self, call_id: str) -> NoticeState:
        """The state of a call, `unknown` where nothing was told."""
        with self._store.reading() as db:
            row = db.execute("SELECT state FROM notices WHERE call_id = ?", (call_id,)).fetchone()
        state: NoticeState = row[0] if row else "unknown"
        return state
