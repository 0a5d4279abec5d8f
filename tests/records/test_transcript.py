from __future__ import annotations

import msgspec
import pytest

from core.messages import MaskMarkedWrong
from core.types import Gap, MaskedUtterance, MaskSpan
from records import Archive

SPAN = MaskSpan(2, 9, "pii.mobile", "····8000", "right")
UTTERANCE = MaskedUtterance(
    "c1-c-500", "customer", 500, 900, "我的[手机号]", (), 0.75, (SPAN,), "rules+encoder", "c1-c-500"
)
GAP = Gap("agent", 0, 400, "paused")
MARK = MaskMarkedWrong("c1", "c1-c-500", 2, 9, "pii.mobile", 7000)


def test_what_was_said_comes_back_in_order_of_time(archive: Archive) -> None:
    later = msgspec.structs.replace(UTTERANCE, id="c1-a-600", leg="agent", start_ms=600, spans=(), masked_by="rules")
    for item in (later, UTTERANCE, GAP):
        archive.transcript.keep("c1", item)
    archive.transcript.keep("c2", msgspec.structs.replace(UTTERANCE, id="c2-c-500"))
    assert archive.transcript.of_call("c1") == [GAP, UTTERANCE, later]


def test_told_twice_it_is_there_once_and_a_revision_replaces(archive: Archive) -> None:
    revised = msgspec.structs.replace(UTTERANCE, text="[全遮]", spans=(MaskSpan(0, 4, "abuse.curse"),), end_ms=950)
    for item in (UTTERANCE, UTTERANCE, GAP, GAP):
        archive.transcript.keep("c1", item)
    assert archive.transcript.of_call("c1") == [GAP, UTTERANCE]
    archive.transcript.keep("c1", revised)
    archive.transcript.keep("c1", msgspec.structs.replace(GAP, end_ms=450))
    assert archive.transcript.of_call("c1") == [msgspec.structs.replace(GAP, end_ms=450), revised]


def test_what_no_mask_has_passed_is_refused(archive: Archive) -> None:
    with pytest.raises(ValueError, match="no mask"):
        archive.transcript.keep("c1", msgspec.structs.replace(UTTERANCE, masked_by="none"))
    assert archive.transcript.of_call("c1") == []


def test_a_wrong_mask_is_kept_once_without_text(archive: Archive) -> None:
    other = msgspec.structs.replace(MARK, kind="abuse.curse", at_unix_ms=8000)
    assert [archive.transcript.mark_wrong(mark) for mark in (MARK, MARK, other)] == [True, False, True]
    assert archive.transcript.wrong_masks(10) == [other, MARK]
    assert archive.transcript.wrong_masks(1) == [other]
