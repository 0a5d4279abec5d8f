"""A store of this test alone, and what is kept in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import Store, open_store
from core.keys import DeskKey
from records import MIGRATIONS, Archive

KEY = DeskKey(bytes(range(32)))


@pytest.fixture
def database(desk_folder: Path) -> Path:
    return desk_folder / "tingban.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with open_store(database, [MIGRATIONS], key=lambda _: KEY) as store:
        yield store


@pytest.fixture
def archive(store: Store) -> Archive:
    return Archive(store)
