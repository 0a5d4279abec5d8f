from __future__ import annotations

import secrets
from collections.abc import Callable

import msgspec
import pytest

from core.errors import BadInput, KeyFault
from core.keys import derived_key, ephemeral_key
from core.messages import EnvelopeOpened, SealedOriginal, SealTo
from core.recipients import fingerprint
from core.sealing import (
    CallSeal,
    DeskPair,
    PrivateKey,
    SealFault,
    locked_private_key,
    new_private_key,
    opened_envelope,
    unlocked_private_key,
)
from core.types import Utterance, Word

WORDS = "我的卡号是六二二二"
UTTERANCE = Utterance("c1-c-0", "customer", 0, 900, WORDS, (Word(WORDS, 0, 900, 0.5),), 0.8)

supervisor = new_private_key()
desk = DeskPair(derived_key(ephemeral_key(), "desk recovery"))


def seal_to(*keys: PrivateKey) -> SealTo:
    return SealTo(tuple(key.public_key for key in keys), desk.public_key)


@pytest.fixture
def seal() -> CallSeal:
    return CallSeal("c1", seal_to(supervisor))


def test_supervisors_open_what_was_sealed(seal: CallSeal) -> None:
    original = seal.seal_utterance(UTTERANCE)
    assert (original.call_id, original.utterance_id) == ("c1", "c1-c-0")
    assert WORDS.encode() not in original.sealed
    assert opened_envelope(seal.envelope, supervisor).utterance(original) == UTTERANCE
    assert opened_envelope(seal.envelope, supervisor).text(seal.seal_text("c1-c-1", b"any")) == b"any"


def test_several_supervisors_open_the_same_envelope() -> None:
    other = new_private_key()
    seal = CallSeal("c1", seal_to(supervisor, other))
    assert seal.envelope.recipients == (fingerprint(supervisor.public_key), fingerprint(other.public_key))
    original = seal.seal_utterance(UTTERANCE)
    for key in (supervisor, other):
        assert opened_envelope(seal.envelope, key).utterance(original) == UTTERANCE


def test_the_desk_opens_while_its_wrap_exists(seal: CallSeal) -> None:
    original = seal.seal_utterance(UTTERANCE)
    assert desk.opened(seal.envelope).utterance(original) == UTTERANCE
    destroyed = msgspec.structs.replace(seal.envelope, desk_wrap=b"")
    with pytest.raises(SealFault):
        desk.opened(destroyed)


def test_another_supervisor_and_another_desk_open_nothing(seal: CallSeal) -> None:
    with pytest.raises(SealFault):
        opened_envelope(seal.envelope, new_private_key())
    with pytest.raises(SealFault):
        DeskPair(secrets.token_bytes(32)).opened(seal.envelope)


def test_every_call_and_every_envelope_has_a_key_of_its_own(seal: CallSeal) -> None:
    again = CallSeal("c1", seal_to(supervisor))
    assert again.envelope_id != seal.envelope_id
    original = msgspec.structs.replace(seal.seal_utterance(UTTERANCE), envelope_id=again.envelope_id)
    with pytest.raises(SealFault):
        opened_envelope(again.envelope, supervisor).text(original)


@pytest.mark.parametrize(
    "forged",
    [
        lambda original: msgspec.structs.replace(original, utterance_id="c1-c-1"),
        lambda original: msgspec.structs.replace(original, call_id="c2"),
        lambda original: msgspec.structs.replace(original, envelope_id="00"),
        lambda original: msgspec.structs.replace(original, sealed=original.sealed[:-1]),
        lambda original: msgspec.structs.replace(original, sealed=original.sealed[:-1] + b"\x00\x01"),
        lambda original: msgspec.structs.replace(original, sealed=b""),
        lambda original: msgspec.structs.replace(original, sealed=bytes(8)),
    ],
)
def test_an_original_that_was_altered_or_exchanged_does_not_open(
    seal: CallSeal, forged: Callable[[SealedOriginal], SealedOriginal]
) -> None:
    opened = opened_envelope(seal.envelope, supervisor)
    with pytest.raises(SealFault) as caught:
        opened.text(forged(seal.seal_utterance(UTTERANCE)))
    assert WORDS not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "forged",
    [
        lambda envelope: msgspec.structs.replace(envelope, call_id="c2"),
        lambda envelope: msgspec.structs.replace(envelope, envelope_id="00"),
        lambda envelope: msgspec.structs.replace(envelope, supervisors_wrap=b"", desk_wrap=b""),
        lambda envelope: msgspec.structs.replace(
            envelope, supervisors_wrap=envelope.supervisors_wrap[:-1], desk_wrap=envelope.desk_wrap[:-1]
        ),
    ],
)
def test_an_envelope_moved_to_another_call_or_damaged_does_not_open(
    seal: CallSeal, forged: Callable[[EnvelopeOpened], EnvelopeOpened]
) -> None:
    with pytest.raises(SealFault):
        opened_envelope(forged(seal.envelope), supervisor)
    with pytest.raises(SealFault):
        desk.opened(forged(seal.envelope))


def test_sealed_bytes_that_hold_no_utterance_are_a_fault(seal: CallSeal) -> None:
    with pytest.raises(SealFault):
        opened_envelope(seal.envelope, supervisor).utterance(seal.seal_text("x", b"\xc1"))


def test_a_closed_seal_seals_no_more(seal: CallSeal) -> None:
    seal.close()
    seal.close()
    with pytest.raises(ValueError, match="closed"):
        seal.seal_text("c1-c-0", b"any")
    # Nothing that is left of it in memory opens: the data key was dropped with the cipher.
    assert not any(isinstance(value, bytes) for value in vars(seal).values())


def test_without_supervisors_there_is_no_seal() -> None:
    with pytest.raises(KeyFault, match="originals are dropped"):
        CallSeal("c1", SealTo((), desk.public_key))


@pytest.mark.parametrize(
    "damaged",
    [
        SealTo(("age1damaged",), desk.public_key),
        SealTo((supervisor.public_key, "age1damaged"), desk.public_key),
        SealTo((supervisor.public_key,), ""),
        SealTo((supervisor.public_key,), "not hexadecimal"),
        SealTo((supervisor.public_key,), "00" * 31),
        SealTo((supervisor.public_key,), "00" * 32),  # a point that agrees with everybody
    ],
)
def test_a_damaged_public_key_seals_nothing(damaged: SealTo) -> None:
    with pytest.raises(KeyFault, match="damaged") as caught:
        CallSeal("c1", damaged)
    assert caught.value.remedy


def test_a_private_key_comes_back_from_its_stick() -> None:
    locked = locked_private_key(supervisor, "correct horse battery")
    assert locked.startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert str(supervisor.identity).encode() not in locked
    back = unlocked_private_key(locked, "correct horse battery")
    assert str(back.identity) == str(supervisor.identity)
    for content, passphrase in ((locked, "wrong horse battery"), (locked[:-1], "correct horse battery"), (b"", "")):
        with pytest.raises(SealFault):
            unlocked_private_key(content, passphrase)


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(BadInput, match="shorter than 10"):
        locked_private_key(supervisor, "九个字不够长的口令")


def test_no_repr_shows_a_key() -> None:
    assert "AGE-SECRET" not in repr(supervisor)
    shown = repr(CallSeal("c1", seal_to(supervisor)).envelope)
    assert "age-encryption" not in shown
    assert "desk_wrap=<80>" in shown
