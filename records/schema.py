"""This room's tables in the encrypted store, as append-only steps.

Times of a call are milliseconds on its audio clock, all others milliseconds since 1970 UTC.
"""

from __future__ import annotations

from core.database import Database, Migrations

MIGRATIONS = Migrations("records")

CONTENT_TABLES = ("utterances", "gaps", "envelopes", "desk_wraps", "originals", "numbers", "wrong_masks")
"""What a customer who refuses the notice has deleted, and what is then no longer taken; each with a `call_id`."""


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


@MIGRATIONS()
def transcripts(db: Database) -> None:
    """Finals that have passed a mask, and what is missing between them; `spans` is JSON of `MaskSpan`."""
    db.execute(
        """
        CREATE TABLE utterances (
            id TEXT PRIMARY KEY NOT NULL,
            call_id TEXT NOT NULL,
            leg TEXT NOT NULL,
            start_ms INTEGER NOT NULL,
            end_ms INTEGER NOT NULL,
            text TEXT NOT NULL,
            spans TEXT NOT NULL,
            masked_by TEXT NOT NULL CHECK (masked_by <> 'none'),
            confidence REAL NOT NULL,
            sealed_ref TEXT
        ) STRICT
        """
    )
    db.execute("CREATE INDEX utterances_by_call ON utterances (call_id, start_ms)")
    db.execute(
        """
        CREATE TABLE gaps (
            call_id TEXT NOT NULL,
            leg TEXT NOT NULL,
            start_ms INTEGER NOT NULL,
            end_ms INTEGER NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (call_id, leg, start_ms)
        ) STRICT, WITHOUT ROWID
        """
    )


@MIGRATIONS()
def sealed_originals(db: Database) -> None:
    """Data keys as wrapped, and originals as sealed; a row of `desk_wraps` lives as long as its call."""
    db.execute(
        """
        CREATE TABLE envelopes (
            id TEXT PRIMARY KEY NOT NULL,
            call_id TEXT NOT NULL,
            recipients TEXT NOT NULL,
            supervisors_wrap BLOB NOT NULL
        ) STRICT
        """
    )
    db.execute("CREATE INDEX envelopes_by_call ON envelopes (call_id)")
    db.execute(
        """
        CREATE TABLE desk_wraps (
            envelope_id TEXT PRIMARY KEY NOT NULL,
            call_id TEXT NOT NULL,
            wrap BLOB NOT NULL
        ) STRICT
        """
    )
    db.execute("CREATE INDEX desk_wraps_by_call ON desk_wraps (call_id)")
    db.execute(
        """
        CREATE TABLE originals (
            utterance_id TEXT PRIMARY KEY NOT NULL,
            call_id TEXT NOT NULL,
            envelope_id TEXT NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT
        """
    )
    db.execute("CREATE INDEX originals_by_call ON originals (call_id)")


@MIGRATIONS()
def numbers(db: Database) -> None:
    """The other side's number: `lookup` finds calls of one number, `sealed` gives it back."""
    db.execute(
        """
        CREATE TABLE numbers (
            call_id TEXT PRIMARY KEY NOT NULL,
            lookup BLOB NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT
        """
    )
    db.execute("CREATE INDEX numbers_by_lookup ON numbers (lookup)")


@MIGRATIONS()
def wrong_masks(db: Database) -> None:
    """Stretches that an agent says were masked wrongly, without their text."""
    db.execute(
        """
        CREATE TABLE wrong_masks (
            utterance_id TEXT NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            kind TEXT NOT NULL,
            call_id TEXT NOT NULL,
            at_unix_ms INTEGER NOT NULL,
            PRIMARY KEY (utterance_id, start, "end", kind)
        ) STRICT, WITHOUT ROWID
        """
    )


@MIGRATIONS()
def notices(db: Database) -> None:
    """What is known of the notice; once it is refused, nothing of the call's content is taken any more."""
    db.execute(
        """
        CREATE TABLE notices (
            call_id TEXT PRIMARY KEY NOT NULL,
            state TEXT NOT NULL,
            at_unix_ms INTEGER NOT NULL
        ) STRICT
        """
    )
    # Held where the data lies, so that no writer, however late, can forget to ask.
    for table in CONTENT_TABLES:
        db.execute(
            f"CREATE TRIGGER {table}_not_after_refusal BEFORE INSERT ON {table} "  # noqa: S608 - our own names
            "WHEN EXISTS (SELECT 1 FROM notices WHERE call_id = NEW.call_id AND state = 'refused') "
            "BEGIN SELECT RAISE(IGNORE); END"
        )


@MIGRATIONS()
def audit(db: Database) -> None:
    """Who did what, each entry bound to the one before; see `records.audit`."""
    db.execute(
        """
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY NOT NULL,
            at_unix_ms INTEGER NOT NULL,
            who TEXT NOT NULL,
            action TEXT NOT NULL,
            call_id TEXT NOT NULL,
            detail TEXT NOT NULL,
            previous TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT
        """
    )
