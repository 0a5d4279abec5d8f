"""Originals: sealed where they are heard, for the supervisors' key alone; dropped where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import originals as under_test
from app.originals import Originals
from core import paths
from core.chunks import read_leg
from core.errors import StoreFault
from core.messages import AudioChunk, EnvelopeOpened, Fault, Message, SealedOriginal, SealTo
from core.sealing import DeskPair, PrivateKey, new_private_key, opened_envelope
from core.types import LEGS, Leg, Utterance

SECOND = bytes(range(250)) * 128
HEARD = Utterance("call-c-0", "customer", 0, 900, "我的密码是四八二一")


@pytest.fixture
def key() -> PrivateKey:
    return new_private_key()


@pytest.fixture
def keys(key: PrivateKey) -> SealTo:
    return SealTo((key.public_key,), DeskPair(bytes(range(32))).public_key)


@pytest.fixture
def sent(desk_folder: Path) -> list[Message]:
    return []


@pytest.fixture
def originals(sent: list[Message], keys: SealTo) -> Originals:
    originals = Originals(sent.append)
    originals.seal_to(keys)
    return originals


def chunk(leg: Leg, second: int) -> AudioChunk:
    return AudioChunk("call", leg, second * 16_000, SECOND)


def test_an_utterance_and_the_sound_open_with_the_supervisors_key(
    originals: Originals, sent: list[Message], key: PrivateKey
) -> None:
    originals.begin("call")
    reference = originals.utterance(HEARD)
    for second in range(3):
        for leg in LEGS:
            originals.sound(chunk(leg, second))
    originals.end()
    envelope, sealed = sent
    assert isinstance(envelope, EnvelopeOpened)
    assert isinstance(sealed, SealedOriginal)
    assert reference == f"{envelope.envelope_id}/call-c-0"
    opened = opened_envelope(envelope, key)
    assert opened.utterance(sealed) == HEARD
    for leg in LEGS:
        (file,) = paths.call_folder("call").glob(f"{leg}-*")
        assert b"".join(one.pcm for one in read_leg(file, opened)) == 3 * SECOND
        assert SECOND[:64] not in file.read_bytes()


def test_without_a_supervisors_key_nothing_is_kept(sent: list[Message], keys: SealTo) -> None:
    originals = Originals(sent.append)
    originals.begin("call")
    assert originals.utterance(HEARD) is None
    originals.seal_to(SealTo((), keys.desk))
    originals.sound(chunk("agent", 0))
    originals.end()
    assert sent == []
    assert not paths.call_folder("call").exists()


def test_a_key_that_comes_during_the_call_seals_what_is_heard_from_then_on(
    sent: list[Message], keys: SealTo, key: PrivateKey
) -> None:
    originals = Originals(sent.append)
    originals.begin("call")
    originals.seal_to(keys)
    assert originals.utterance(HEARD)
    originals.end()
    assert opened_envelope(sent[0], key).utterance(sent[1]) == HEARD


def test_a_refusal_deletes_the_sound_and_ends_the_sealing(
    originals: Originals, sent: list[Message], keys: SealTo
) -> None:
    originals.begin("call")
    originals.sound(chunk("customer", 0))
    originals.refuse()
    assert not paths.call_folder("call").exists()
    assert originals.utterance(HEARD) is None
    originals.sound(chunk("customer", 1))
    originals.seal_to(keys)
    originals.end()
    assert not paths.call_folder("call").exists()
    assert len(sent) == 1


def test_the_next_call_has_an_envelope_of_its_own(originals: Originals, sent: list[Message]) -> None:
    originals.begin("one")
    originals.begin("two")
    originals.end()
    originals.end()
    assert [one.call_id for one in sent] == ["one", "two"]
    assert originals.utterance(HEARD) is None


def test_a_full_disk_is_said_once_and_words_go_on(
    originals: Originals, sent: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFault("The disk is full.", remedy="Make room.")

    monkeypatch.setattr(under_test.LegWriter, "write", full)
    originals.begin("call")
    for second in range(5):
        originals.sound(chunk("agent", second))
    originals.end()
    originals.begin("next")
    assert originals.utterance(HEARD)
    originals.end()
    assert [one.code for one in sent if isinstance(one, Fault)] == ["store"]


def test_a_damaged_public_key_is_a_fault_and_no_crash(sent: list[Message], keys: SealTo) -> None:
    originals = Originals(sent.append)
    originals.seal_to(SealTo(("age1nonsense",), keys.desk))
    originals.begin("call")
    assert originals.utterance(HEARD) is None
    (fault,) = sent
    assert isinstance(fault, Fault)
    assert (fault.code, bool(fault.remedy)) == ("supervisors-key", True)
