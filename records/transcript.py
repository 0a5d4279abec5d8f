"""What was said in a call, as masked, and what an agent says was masked wrongly.

Only masked types come in, and of these only what a mask has really passed.
"""

from __future__ import annotations

import msgspec

from core.database import Store
from core.messages import MaskMarkedWrong
from core.types import Gap, MaskedUtterance, MaskSpan


class Transcript:
    """Finals and gaps of calls. Safe to share between threads; every method may raise StoreFault."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, call_id: str, item: MaskedUtterance | Gap) -> None:
        """Remember a final or a gap; told again, the later holds. Raises: ValueError for what no mask has passed."""
        with self._store.writing() as db:
            if isinstance(item, Gap):
                db.execute(
                    "INSERT OR REPLACE INTO gaps (call_id, leg, start_ms, end_ms, reason) VALUES (?, ?, ?, ?, ?)",
                    (call_id, item.leg, item.start_ms, item.end_ms, item.reason),
                )
                return
            if item.masked_by == "none":
                raise ValueError("no mask has passed this utterance")
            place = (item.id, call_id, item.leg, item.start_ms, item.end_ms)
            spans = msgspec.json.encode(item.spans).decode()
            db.execute(
                """
                INSERT OR REPLACE INTO utterances
                    (id, call_id, leg, start_ms, end_ms, text, spans, masked_by, confidence, sealed_ref)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (*place, item.text, spans, item.masked_by, item.confidence, item.sealed_ref),
            )

    def of_call(self, call_id: str) -> list[MaskedUtterance | Gap]:
        """Everything of a call in order of time; words are not kept."""
        with self._store.reading() as db:
            said = [_utterance(row) for row in db.query("SELECT * FROM utterances WHERE call_id = ?", (call_id,))]
            gaps = [msgspec.convert(row, Gap) for row in db.query(_GAPS, (call_id,))]
        return sorted([*said, *gaps], key=lambda item: (item.start_ms, item.leg))

    def mark_wrong(self, mark: MaskMarkedWrong) -> bool:
        """Remember a wrong mask, without its text. True when it was new."""
        with self._store.writing() as db:
            done = db.execute(
                """
                INSERT INTO wrong_masks (utterance_id, start, "end", kind, call_id, at_unix_ms)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """,
                (mark.utterance_id, mark.start, mark.end, mark.kind, mark.call_id, mark.at_unix_ms),
            )
            return bool(done.rowcount)

    def wrong_masks(self, limit: int) -> list[MaskMarkedWrong]:
        """At most `limit` marks, the latest first."""
        with self._store.reading() as db:
            rows = db.query("SELECT * FROM wrong_masks ORDER BY at_unix_ms DESC, utterance_id, start LIMIT ?", (limit,))
            return [msgspec.convert({**row, "type": "MaskMarkedWrong"}, MaskMarkedWrong) for row in rows]


_GAPS = "SELECT 'Gap' AS type, leg, start_ms, end_ms, reason FROM gaps WHERE call_id = ?"


def _utterance(row: dict[str, object]) -> MaskedUtterance:
    spans = msgspec.json.decode(str(row.pop("spans")), type=tuple[MaskSpan, ...])
    del row["call_id"]
    return msgspec.convert({**row, "type": "MaskedUtterance", "spans": spans}, MaskedUtterance)
