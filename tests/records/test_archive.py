from __future__ import annotations

import pytest

from core.database import Store
from core.messages import CallOpened, Caption, Message, Ping
from core.types import Gap, MaskedHypothesis, MaskedUtterance
from records import Archive, kept

MASKED = MaskedUtterance("c1-c-0", "customer", 0, 900, "遮", masked_by="rules")


@pytest.mark.parametrize(
    ("message", "is_kept"),
    [
        (None, False),
        (Ping(1), False),
        (Caption("c1", MaskedHypothesis("customer", 0, 900, "遮", masked_by="rules"), 950), False),
        (Caption("c1", MaskedUtterance("c1-c-0", "customer", 0, 900, "原文"), 950), False),
        (Caption("c1", MASKED, 950), True),
        (Caption("c1", Gap("agent", 0, 400, "paused"), 950), True),
        (CallOpened("c1", 1, "cli"), True),
    ],
)
def test_what_is_kept(message: Message | None, is_kept: bool) -> None:
    assert (kept(message) is message) is (is_kept or message is None)
    assert (kept(message) is None) is not is_kept


def test_what_is_not_to_be_kept_is_loud(archive: Archive) -> None:
    with pytest.raises(ValueError, match="not kept"):
        archive.keep(Caption("c1", MaskedHypothesis("customer", 0, 900, "遮"), 950))


def test_a_message_is_whole_or_not_there(archive: Archive, store: Store) -> None:
    with store.writing() as db:
        db.execute("CREATE TRIGGER no_numbers BEFORE INSERT ON numbers BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(Exception, match="no"):
        archive.keep(CallOpened("c1", 1, "cli", "13800138000"))
    assert archive.calls.list(10) == []
    assert archive.audit.head().number == 0
