from __future__ import annotations

from pathlib import Path

import msgspec

from core.database import Store
from core.messages import CallClosed, CallOpened, EnvelopeOpened, SealedOriginal
from records import Archive
from tests.harness.raw_pages import decrypted_pages
from tests.records.conftest import KEY

FIRST = EnvelopeOpened("c1", "e1", ("f1", "f2"), b"for supervisors " * 100, b"for the desk" * 7)
SECOND = EnvelopeOpened("c1", "e2", ("f1",), b"again for supervisors", b"again for the desk")
ORIGINAL = SealedOriginal("c1", "e1", "c1-c-0", b"sealed")


def test_envelopes_and_originals_come_back(archive: Archive) -> None:
    assert [archive.envelopes.open(envelope) for envelope in (FIRST, SECOND, FIRST)] == [True, True, False]
    archive.envelopes.keep(ORIGINAL)
    archive.envelopes.keep(ORIGINAL)
    assert archive.envelopes.of_call("c1") == [FIRST, SECOND]
    assert archive.envelopes.originals("c1") == [ORIGINAL]
    assert archive.envelopes.of_call("c2") == archive.envelopes.originals("c2") == []


def test_an_utterance_written_again_is_sealed_again(archive: Archive) -> None:
    again = msgspec.structs.replace(ORIGINAL, envelope_id="e2", sealed=b"sealed again")
    archive.envelopes.keep(ORIGINAL)
    archive.envelopes.keep(again)
    assert archive.envelopes.originals("c1") == [again]


def test_closing_destroys_what_the_desk_could_open(archive: Archive) -> None:
    archive.keep(CallOpened("c1", 1, "cli"))
    archive.keep(CallOpened("c2", 2, "cli"))
    for envelope in (FIRST, SECOND, EnvelopeOpened("c2", "e3", ("f1",), b"s", b"d")):
        archive.keep(envelope)
    assert archive.envelopes.unfinished() == ["c1", "c2"]
    archive.keep(CallClosed("c1", 9))
    assert archive.envelopes.unfinished() == ["c2"]
    assert [envelope.desk_wrap for envelope in archive.envelopes.of_call("c1")] == [b"", b""]
    assert [envelope.supervisors_wrap for envelope in archive.envelopes.of_call("c1")] == [
        FIRST.supervisors_wrap,
        SECOND.supervisors_wrap,
    ]


def test_a_destroyed_wrap_is_in_no_page_and_no_log(archive: Archive, database: Path) -> None:
    archive.keep(CallOpened("c1", 1, "cli"))
    archive.keep(FIRST)
    assert FIRST.desk_wrap in decrypted_pages(database, KEY)
    archive.keep(CallClosed("c1", 9))
    pages = decrypted_pages(database, KEY)
    assert FIRST.desk_wrap not in pages
    assert FIRST.supervisors_wrap in pages


def test_a_wrap_that_comes_after_the_end_is_not_taken(archive: Archive) -> None:
    archive.keep(CallOpened("c1", 1, "cli"))
    archive.keep(CallClosed("c1", 9))
    archive.keep(FIRST)
    assert archive.envelopes.unfinished() == []
    assert archive.envelopes.of_call("c1") == [msgspec.structs.replace(FIRST, desk_wrap=b"")]


def test_a_call_that_broke_off_stays_unfinished(store: Store) -> None:
    Archive(store).keep(CallOpened("c1", 1, "cli"))
    Archive(store).keep(FIRST)
    assert Archive(store).envelopes.unfinished() == ["c1"]
    Archive(store).keep(CallClosed("c1", 9))
    assert Archive(store).envelopes.unfinished() == []
