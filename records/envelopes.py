"""Sealed originals and the wrapped keys that open them, as bytes: this room opens none of them.

The desk's wrap of a call lives until the call closes. Closing deletes it in the transaction that ends the call; the
writer then empties the write-ahead log (`Store.forget`), so that no copy of it is left on the disk.
"""

from __future__ import annotations

from core.database import Store
from core.messages import EnvelopeOpened, SealedOriginal


class Envelopes:
    """Safe to share between threads; every method may raise StoreFault."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, envelope: EnvelopeOpened) -> bool:
        """Remember how a data key is wrapped; True when it was new. Of a call that ended no desk's wrap is taken."""
        with self._store.writing() as db:
            done = db.execute(
                """
                INSERT INTO envelopes (id, call_id, recipients, supervisors_wrap) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO NOTHING
                """,
                (envelope.envelope_id, envelope.call_id, " ".join(envelope.recipients), envelope.supervisors_wrap),
            )
            if not done.rowcount:
                return False
            db.execute(
                """
                INSERT INTO desk_wraps (envelope_id, call_id, wrap) SELECT ?1, ?2, ?3
                WHERE NOT EXISTS (SELECT 1 FROM calls WHERE id = ?2 AND ended_at_unix_ms IS NOT NULL)
                """,
                (envelope.envelope_id, envelope.call_id, envelope.desk_wrap),
            )
            return True

    def keep(self, original: SealedOriginal) -> None:
        """Remember a sealed original; told again, the later one holds."""
        with self._store.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO originals (utterance_id, call_id, envelope_id, sealed) VALUES (?, ?, ?, ?)",
                (original.utterance_id, original.call_id, original.envelope_id, original.sealed),
            )

    def destroy_desk_wraps(self, call_id: str) -> None:
        """From here on the desk opens nothing of the call. Call `Store.forget` after the transaction."""
        with self._store.writing() as db:
            db.execute("DELETE FROM desk_wraps WHERE call_id = ?", (call_id,))

    def unfinished(self) -> list[str]:
        """Calls whose desk wrap still exists: they run, or broke off and wait to be recovered."""
        with self._store.reading() as db:
            return [row["call_id"] for row in db.query("SELECT DISTINCT call_id FROM desk_wraps ORDER BY call_id")]

    def of_call(self, call_id: str) -> list[EnvelopeOpened]:
        """The envelopes of a call; `desk_wrap` is empty once it was destroyed."""
        with self._store.reading() as db:
            rows = db.query(
                """
                SELECT envelopes.*, coalesce(wrap, x'') AS wrap FROM envelopes
                LEFT JOIN desk_wraps ON envelope_id = envelopes.id WHERE envelopes.call_id = ? ORDER BY envelopes.rowid
                """,
                (call_id,),
            )
            return [
                EnvelopeOpened(
                    row["call_id"], row["id"], tuple(row["recipients"].split()), row["supervisors_wrap"], row["wrap"]
                )
                for row in rows
            ]

    def originals(self, call_id: str) -> list[SealedOriginal]:
        """The sealed originals of a call, by utterance id."""
        with self._store.reading() as db:
            rows = db.query("SELECT * FROM originals WHERE call_id = ? ORDER BY utterance_id", (call_id,))
            return [
                SealedOriginal(row["call_id"], row["envelope_id"], row["utterance_id"], row["sealed"]) for row in rows
            ]
