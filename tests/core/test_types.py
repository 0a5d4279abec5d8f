from __future__ import annotations

import typing
from typing import get_args

import msgspec
import numpy as np
import pytest

from core.messages import AudioChunk, CallOpened, Caption, EnvelopeOpened, Message, SealedOriginal
from core.requests import StartCall
from core.types import AudioFrame, Discreet, Hypothesis, MaskedHypothesis, MaskedUtterance, Utterance, Word

WORDS = "我的卡号是六二二二"
NUMBER = "13800138000"
SPOKEN = Word(WORDS, 0, 900, 0.5)


@pytest.mark.parametrize(
    "bearer",
    [
        SPOKEN,
        Hypothesis("customer", 0, 900, WORDS),
        Utterance("c1-c-0", "customer", 0, 900, WORDS, (SPOKEN,)),
        MaskedHypothesis("customer", 0, 900, WORDS),
        MaskedUtterance("c1-c-0", "customer", 0, 900, WORDS, (SPOKEN,)),
        Caption("c1", MaskedUtterance("c1-c-0", "customer", 0, 900, WORDS, (SPOKEN,)), 950),
        AudioChunk("c1", "agent", 0, WORDS.encode()),
        CallOpened("c1", 1, "cli", NUMBER, WORDS),
        EnvelopeOpened("c1", "e1", ("f1",), WORDS.encode(), WORDS.encode()),
        SealedOriginal("c1", "e1", "c1-c-0", WORDS.encode()),
        StartCall(NUMBER, WORDS),
    ],
    ids=lambda bearer: type(bearer).__name__,
)
def test_a_repr_shows_lengths_and_no_content(bearer: msgspec.Struct) -> None:
    for shown in (repr(bearer), str(bearer), f"{bearer}", repr([bearer]), repr(bearer.__rich_repr__())):
        assert WORDS not in shown
        assert NUMBER not in shown
        assert WORDS.encode().hex() not in shown
        assert repr(WORDS.encode())[2:-1] not in shown
    assert f"<{len(WORDS)}>" in repr(bearer) or f"<{len(WORDS.encode())}>" in repr(bearer)


def test_a_repr_keeps_ids_and_times() -> None:
    assert "id='c1-c-0', leg='customer', start_ms=0, end_ms=900" in repr(Utterance("c1-c-0", "customer", 0, 900, WORDS))


def test_every_message_with_words_numbers_or_audio_is_discreet() -> None:
    bearing = {"text", "number", "customer_id", "pcm", "sealed", "supervisors_wrap", "desk_wrap"}
    for kind in get_args(Message):
        kinds = typing.get_type_hints(kind)
        if any(kinds[name] in (str, bytes) for name in bearing & set(kind.__struct_fields__)):
            assert issubclass(kind, Discreet), kind


def test_an_audio_frame_shows_no_samples_and_knows_its_end() -> None:
    frame = AudioFrame("agent", 320, np.full(160, 0.123, np.float32))
    assert "0.123" not in repr(frame)
    assert frame.end_sample == 480


def test_masked_and_unmasked_do_not_decode_as_one_another() -> None:
    raw = msgspec.msgpack.encode(Utterance("c1-c-0", "customer", 0, 900, WORDS))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(raw, type=MaskedUtterance)
