from __future__ import annotations

from pathlib import Path

import pytest

from core.database import Store, open_store
from core.errors import StoreFault
from core.keys import ephemeral_key
from core.messages import CallOpened
from records import MIGRATIONS, Archive
from tests.harness.raw_pages import decrypted_pages
from tests.records.conftest import KEY

NUMBER = "13800138000"


@pytest.mark.parametrize("written", ["+86 138-0013-8000", "008613800138000", "138 0013 8000", "13800138000"])
def test_a_number_is_found_however_it_is_written(archive: Archive, written: str) -> None:
    archive.numbers.keep("c1", NUMBER)
    archive.numbers.keep("c2", "+8613800138000")
    archive.numbers.keep("c3", "13900139000")
    assert archive.numbers.calls_of(written) == ["c1", "c2"]
    assert archive.numbers.calls_of("86138") == []


@pytest.mark.parametrize("number", [NUMBER, "+86 10 6552 9988", "anonymous", "sip:1001@example.com", "+"])
def test_a_number_comes_back_as_it_was(archive: Archive, number: str) -> None:
    archive.numbers.keep("c1", number)
    archive.numbers.keep("c1", "110")
    assert archive.numbers.of_call("c1") == number
    assert archive.numbers.of_call("c2") is None


def test_no_page_shows_a_number_even_to_who_has_the_desk_key(archive: Archive, database: Path) -> None:
    archive.keep(CallOpened("c1", 1, "softphone", NUMBER, "customer-88"))
    pages = decrypted_pages(database, KEY)
    assert b"softphone" in pages
    assert NUMBER.encode() not in pages
    assert b"customer-88" not in pages
    assert archive.numbers.of_call("c1") == NUMBER


def test_the_same_number_looks_different_in_every_store_and_every_call(
    archive: Archive, store: Store, tmp_path: Path
) -> None:
    archive.numbers.keep("c1", NUMBER)
    archive.numbers.keep("c2", NUMBER)
    with open_store(tmp_path / "other.db", [MIGRATIONS], key=lambda _: ephemeral_key()) as other:
        Archive(other).numbers.keep("c1", NUMBER)
        rows = [row for one in (store, other) for row in _rows(one)]
    assert len({row["sealed"] for row in rows}) == 3
    assert len({row["lookup"] for row in rows}) == 2


def test_a_value_moved_to_another_call_does_not_open(archive: Archive, store: Store) -> None:
    archive.numbers.keep("c1", NUMBER)
    with store.writing() as db:
        db.execute("UPDATE numbers SET call_id = 'c2'")
    with pytest.raises(StoreFault) as caught:
        archive.numbers.of_call("c2")
    assert NUMBER not in str(caught.value)


def _rows(store: Store) -> list[dict[str, bytes]]:
    with store.reading() as db:
        return list(db["numbers"].rows)
