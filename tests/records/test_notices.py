from __future__ import annotations

from pathlib import Path

import pytest

from core import paths
from core.database import Store
from core.messages import (
    CallClosed,
    CallOpened,
    Caption,
    EnvelopeOpened,
    MaskMarkedWrong,
    NoticeSet,
    SealedOriginal,
)
from core.types import Gap, MaskedUtterance
from records import Archive, Kept
from records.schema import CONTENT_TABLES
from tests.harness.raw_pages import decrypted_pages
from tests.records.conftest import KEY

CANARY = "已遮罩的一句话"


def content(call_id: str) -> list[Kept]:
    """Something for every table that holds content of a call."""
    said = MaskedUtterance(f"{call_id}-c-0", "customer", 0, 900, CANARY, masked_by="rules")
    return [
        CallOpened(call_id, 1, "cli", "13800138000"),
        Caption(call_id, said, 950),
        Caption(call_id, Gap("agent", 0, 400, "paused"), 950),
        EnvelopeOpened(call_id, f"{call_id}-e", ("f1",), b"for supervisors", b"for the desk"),
        SealedOriginal(call_id, f"{call_id}-e", f"{call_id}-c-0", b"sealed canary"),
        MaskMarkedWrong(call_id, f"{call_id}-c-0", 0, 2, "abuse.curse", 5),
    ]


def counts(store: Store, call_id: str) -> dict[str, int]:
    with store.reading() as db:
        return {table: db[table].count_where("call_id = ?", [call_id]) for table in CONTENT_TABLES}


def test_every_table_with_a_call_s_content_is_known_to_a_refusal(store: Store) -> None:
    with store.reading() as db:
        of_calls = {table for table in db.table_names() if "call_id" in db[table].columns_dict}
    assert of_calls == {*CONTENT_TABLES, "notices", "audit"}


def test_the_state_is_the_last_one_told(archive: Archive) -> None:
    assert archive.notices.state("c1") == "unknown"
    assert archive.notices.set(NoticeSet("c1", "played", 5))
    assert not archive.notices.set(NoticeSet("c1", "played", 6))
    assert archive.notices.set(NoticeSet("c1", "heard", 7))
    assert archive.notices.state("c1") == "heard"
    assert archive.notices.state("c2") == "unknown"


def test_a_refusal_deletes_the_call_s_content_and_no_other(archive: Archive, store: Store, database: Path) -> None:
    for message in (*content("c1"), *content("c2")):
        archive.keep(message)
    assert set(counts(store, "c1").values()) == {1}
    archive.keep(NoticeSet("c1", "refused", 9))
    assert set(counts(store, "c1").values()) == {0}
    assert set(counts(store, "c2").values()) == {1}
    archive.keep(NoticeSet("c2", "refused", 9))
    pages = decrypted_pages(database, KEY)
    for canary in (CANARY.encode(), b"sealed canary", b"for supervisors", b"for the desk"):
        assert canary not in pages
    assert [call.id for call in archive.calls.list(10)] == ["c2", "c1"]


@pytest.mark.parametrize("later", ["played", "heard", "unknown", "refused"])
def test_after_a_refusal_nothing_is_stored_whatever_comes(archive: Archive, store: Store, later: str) -> None:
    archive.keep(NoticeSet("c1", "refused", 9))
    archive.keep(NoticeSet("c1", later, 10))
    for message in (*content("c1"), CallClosed("c1", 20), *content("c1")):
        archive.keep(message)
    assert set(counts(store, "c1").values()) == {0}
    assert archive.notices.state("c1") == "refused"
    assert archive.numbers.of_call("c1") is None


def test_a_refusal_removes_sealed_audio_at_once_and_once_more_at_the_end(archive: Archive) -> None:
    for message in (NoticeSet("c1", "refused", 9), CallClosed("c1", 20)):
        folder = paths.private_folder(paths.call_folder("c1"))
        (folder / "agent-e1.sealed").write_bytes(b"sealed")
        archive.keep(message)
        assert not folder.exists()
    folder = paths.private_folder(paths.call_folder("c2"))
    for message in (*content("c2"), CallClosed("c2", 20)):
        archive.keep(message)
    assert folder.exists()


def test_a_refusal_that_fails_deletes_nothing(archive: Archive, store: Store) -> None:
    for message in content("c1"):
        archive.keep(message)
    with store.writing() as db:
        db.execute(
            "CREATE TRIGGER no_audit BEFORE INSERT ON audit WHEN NEW.action = 'notice.set' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(Exception, match="no"):
        archive.keep(NoticeSet("c1", "refused", 9))
    assert set(counts(store, "c1").values()) == {1}
    assert archive.notices.state("c1") == "unknown"
