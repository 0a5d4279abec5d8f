"""Originals sealed to the supervisors: who seals cannot open, and nothing on the desk opens after the call.

Every call has an envelope: a random data key, which seals its utterances as heard and its audio (`core.chunks`) with
AES-256-GCM. The data key itself is wrapped twice: to the supervisors' public keys (age, X25519), and to the desk's own
pair, whose private half is derived from the desk key, for recovery of a call that broke off. The desk's wrap is
destroyed when the call closes. The data key lives in the memory of the process that seals, until `CallSeal.close`.

What this protects against, and what not: `docs/adr/0014-seal-and-audit.md`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import msgspec
import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyrage import passphrase as age_passphrase
from pyrage import x25519

from core.errors import BadInput, KeyFault
from core.framing import UNDECODABLE
from core.keys import KEY_BYTES, NONCE_BYTES
from core.messages import EnvelopeOpened, SealedOriginal, SealTo
from core.recipients import fingerprint
from core.types import Discreet, Utterance

SHORTEST_PASSPHRASE = 10
"""In code points: the stick may be lost, and scrypt (work factor 2^18 or more) makes each guess cost a second."""

_POINT_BYTES = 32
_ENVELOPE_ID_BYTES = 8


class SealFault(KeyFault):
    """Something sealed does not open: another key, another call, or damage. Says no more, so that nothing leaks."""


# --- the supervisors' pair ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PrivateKey:
    """The supervisors' private half, in memory. It opens every envelope that was wrapped to its public half."""

    identity: x25519.Identity = field(repr=False)

    @property
    def public_key(self) -> str:
        """The half that lies on desks; begins with `age1`."""
        return str(self.identity.to_public())


def new_private_key() -> PrivateKey:
    """A pair that nobody had before."""
    return PrivateKey(x25519.Identity.generate())


def locked_private_key(key: PrivateKey, passphrase: str) -> bytes:
    """The private half as a file for a stick: an age file under a passphrase; `age -d` opens it as well. Takes seconds.

    Raises: BadInput for a passphrase shorter than `SHORTEST_PASSPHRASE`.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BadInput(
            f"The passphrase is shorter than {SHORTEST_PASSPHRASE} characters.", remedy="Take several words."
        )
    text = f"# public key: {key.public_key}\n{key.identity}\n"
    locked: bytes = age_passphrase.encrypt(text.encode(), passphrase)
    return locked


def unlocked_private_key(locked: bytes, passphrase: str) -> PrivateKey:
    """What `locked_private_key` made. Raises: SealFault for a wrong passphrase or another file."""
    try:
        lines = age_passphrase.decrypt(locked, passphrase).decode("ascii").splitlines()
        secret = next(line for line in lines if line.startswith("AGE-SECRET-KEY-"))
        return PrivateKey(x25519.Identity.from_str(secret))
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError, StopIteration):
        raise SealFault(
            "The passphrase does not open the supervisors' private key, or the file holds none.",
            remedy="Give the file that `tingbanctl keys init` made, and its passphrase.",
        ) from None


# --- the desk's pair ------------------------------------------------------------------------------------------------
class DeskPair:
    """The desk's own pair, for recovery while a call has not been closed. Its private half needs the desk key."""

    def __init__(self, secret: bytes) -> None:
        """`secret`: the key derived for `desk recovery`."""
        self._private = X25519PrivateKey.from_private_bytes(secret)

    @property
    def public_key(self) -> str:
        """For whoever seals; hexadecimal."""
        return self._private.public_key().public_bytes_raw().hex()

    def opened(self, envelope: EnvelopeOpened) -> OpenedEnvelope:
        """The envelope of a call that was not closed. Raises: SealFault, also once the desk's wrap is destroyed."""
        point, sealed = envelope.desk_wrap[:_POINT_BYTES], envelope.desk_wrap[_POINT_BYTES:]
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(point))
            key = _agreed_key(shared, point, self._private.public_key().public_bytes_raw())
            data_key = AESGCM(key).decrypt(bytes(NONCE_BYTES), sealed, _desk_context(envelope))
        except (InvalidTag, ValueError):
            raise _does_not_open("envelope") from None
        return OpenedEnvelope(envelope.call_id, envelope.envelope_id, data_key)


def _wrapped_to_desk(public_key: str, data_key: bytes, context: bytes) -> bytes:
    """A fresh point, and the data key under what it agrees on with the desk's: X25519, HKDF-SHA256, AES-256-GCM."""
    ephemeral = X25519PrivateKey.generate()
    theirs = bytes.fromhex(public_key)
    point = ephemeral.public_key().public_bytes_raw()
    key = _agreed_key(ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs)), point, theirs)
    # The key is used once, so that a constant nonce is.
    return point + AESGCM(key).encrypt(bytes(NONCE_BYTES), data_key, context)


def _agreed_key(shared: bytes, ephemeral: bytes, theirs: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=ephemeral + theirs, info=b"tingban 1 desk wrap").derive(shared)


def _desk_context(envelope: EnvelopeOpened) -> bytes:
    return associated("desk wrap", envelope.call_id, envelope.envelope_id)


# --- the envelope ---------------------------------------------------------------------------------------------------
class _Wrapped(Discreet, frozen=True, array_like=True):
    """What the supervisors' wrap holds: names besides the key, because age binds none."""

    call_id: str
    envelope_id: str
    data_key: bytes


class CallSeal:
    """Seals one call's originals. Safe to share between threads; the data key is dropped at `close`."""

    def __init__(self, call_id: str, seal_to: SealTo) -> None:
        """A new data key, wrapped at once.

        Raises: KeyFault when there is no supervisors' key, or one that is none: originals are then dropped.
        """
        if not seal_to.supervisors:
            raise KeyFault(
                "No supervisors' key is on this desk: originals are dropped.",
                remedy="Import one: tingbanctl keys import-public FILE",
            )
        self.call_id = call_id
        self.envelope_id = secrets.token_hex(_ENVELOPE_ID_BYTES)
        data_key = secrets.token_bytes(KEY_BYTES)
        recipients = tuple(map(fingerprint, seal_to.supervisors))
        bare = EnvelopeOpened(call_id, self.envelope_id, recipients, b"", b"")
        inside = msgspec.msgpack.encode(_Wrapped(call_id, self.envelope_id, data_key))
        try:
            to_supervisors = pyrage.encrypt(inside, [x25519.Recipient.from_str(key) for key in seal_to.supervisors])
            to_desk = _wrapped_to_desk(seal_to.desk, data_key, _desk_context(bare))
        except (pyrage.RecipientError, pyrage.EncryptError, ValueError):
            raise KeyFault(
                "A public key to seal to is damaged: originals are dropped.",
                remedy="See `tingbanctl keys list`; remove the damaged one and import it again.",
            ) from None
        self.envelope = msgspec.structs.replace(bare, supervisors_wrap=to_supervisors, desk_wrap=to_desk)
        """To be told before anything that is sealed."""
        self._cipher: AESGCM | None = AESGCM(data_key)

    def seal_text(self, utterance_id: str, payload: bytes) -> SealedOriginal:
        """Seal the original of one utterance. Raises: ValueError after `close`."""
        context = associated("text", self.call_id, self.envelope_id, utterance_id)
        return SealedOriginal(self.call_id, self.envelope_id, utterance_id, self.sealed(payload, context))

    def seal_utterance(self, utterance: Utterance) -> SealedOriginal:
        """Seal an utterance as heard, words included. Raises: ValueError after `close`."""
        return self.seal_text(utterance.id, msgspec.msgpack.encode(utterance))

    def sealed(self, payload: bytes, context: bytes) -> bytes:
        """A random nonce and `payload` under the data key, bound to `context`. Raises: ValueError after `close`."""
        cipher = self._cipher
        if cipher is None:
            raise ValueError("the seal of this call is closed")
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, payload, context)

    def close(self) -> None:
        """Drop the data key: from here on this process opens nothing of the call. Idempotent."""
        self._cipher = None


class OpenedEnvelope:
    """A call's data key in the hands of somebody who may open; `opened_envelope` and `DeskPair.opened` give it."""

    def __init__(self, call_id: str, envelope_id: str, data_key: bytes) -> None:
        self.call_id = call_id
        self.envelope_id = envelope_id
        self._cipher = AESGCM(data_key)

    def text(self, original: SealedOriginal) -> bytes:
        """What was given to `seal_text`. Raises: SealFault for another call's, a damaged or an exchanged original."""
        context = associated("text", self.call_id, self.envelope_id, original.utterance_id)
        if (original.call_id, original.envelope_id) != (self.call_id, self.envelope_id):
            raise _does_not_open("original")
        return self.opened(original.sealed, context)

    def utterance(self, original: SealedOriginal) -> Utterance:
        """What was given to `seal_utterance`. Raises: SealFault as `text`."""
        try:
            return msgspec.msgpack.decode(self.text(original), type=Utterance)
        except UNDECODABLE:
            raise _does_not_open("original") from None

    def opened(self, sealed: bytes, context: bytes) -> bytes:
        """What `CallSeal.sealed` sealed under the same context. Raises: SealFault."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise _does_not_open("original") from None


def opened_envelope(envelope: EnvelopeOpened, key: PrivateKey) -> OpenedEnvelope:
    """An envelope opened by a supervisor. Raises: SealFault for another's key, another call's wrap, or damage."""
    try:
        inside = msgspec.msgpack.decode(pyrage.decrypt(envelope.supervisors_wrap, [key.identity]), type=_Wrapped)
    except (pyrage.DecryptError, *UNDECODABLE):
        raise _does_not_open("envelope") from None
    if (inside.call_id, inside.envelope_id) != (envelope.call_id, envelope.envelope_id):
        raise _does_not_open("envelope")
    return OpenedEnvelope(inside.call_id, inside.envelope_id, inside.data_key)


def associated(*names: str | int | bytes) -> bytes:
    """Names as associated data: unambiguous, and apart from every other use of a key."""
    return msgspec.msgpack.encode(("tingban 1", *names))


def _does_not_open(what: str) -> SealFault:
    return SealFault(
        f"The sealed {what} does not open with this key.",
        remedy="Take the private key that it was sealed to; if it is that one, the record is damaged.",
    )
