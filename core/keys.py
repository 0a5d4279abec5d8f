"""The desk key: 32 random bytes that encrypt the store, sealed in slots beside it.

A slot is the desk key under a key that a person or a machine brings: a passphrase file (argon2id) or a key in the
keyring of the operating system. The slots file holds nothing that opens the store by itself. No key ever lies in clear
beside the data: without keyring and key file the store stays closed.

What the key protects, and what not: `docs/adr/0002-encrypted-store.md`.
"""

from __future__ import annotations

import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import keyring
import keyring.errors
import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.backend import KeyringBackend
from msgspec import Meta

from core import paths
from core.errors import KeyFault
from core.framing import UNDECODABLE

ENV_KEY_FILE = "TINGBAN_KEY_FILE"
KEY_BYTES = 32
KEYRING_SERVICE = "tingban"
KEYRING_ENTRY = "desk"

# RFC 9106, second recommended option: argon2id, t=3, 64 MiB. Measured 0.14 s on the reference machine.
ARGON2_TIME_COST = 3
ARGON2_MEMORY_KIB = 64 * 1024
ARGON2_LANES = 4
SALT_BYTES = 16
NONCE_BYTES = 12

_SAFE_BACKENDS = (
    "keyring.backends.SecretService",
    "keyring.backends.Windows",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
    "keyring.backends.macOS",
)
"""Those of the operating system; others (plaintext files, `null`) are refused, however they are configured."""

_NO_KEY_REMEDY = (
    "Sign in to a desktop with a keyring (Windows, macOS, GNOME, KDE), or give a passphrase file with --key-file or "
    f"{ENV_KEY_FILE}."
)

SlotKind = Literal["passphrase", "keyring"]

Purpose = Literal["desk recovery", "number look-up", "number value"]
"""What a key is derived for. One key serves one purpose, so that no use of one can be turned into another."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeskKey:
    """The key of a store. `secret`: 32 bytes."""

    secret: bytes = field(repr=False)


class _Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: SlotKind
    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=64)]
    time_cost: Annotated[int, Meta(ge=1, le=16)]
    memory_kib: Annotated[int, Meta(ge=8 * 1024, le=1024 * 1024)]
    lanes: Annotated[int, Meta(ge=1, le=16)]
    nonce: Annotated[bytes, Meta(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
    sealed: bytes


class _Slots(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema_version: Literal[1]
    slots: tuple[_Slot, ...]


def derived_key(key: DeskKey, purpose: Purpose) -> bytes:
    """32 bytes for one purpose (HKDF-SHA256, RFC 5869), from which neither the desk key nor another is found."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"tingban 1 {purpose}".encode()).derive(key.secret)


def ephemeral_key() -> DeskKey:
    """A key that ends with the process: for demonstrations and tests, whose store nobody opens again."""
    return DeskKey(secrets.token_bytes(KEY_BYTES))


def slots_file(database: Path) -> Path:
    """The file of sealed keys that belongs to a store; a backup needs both."""
    return database.with_name(f"{database.name}.keys")


def desk_key(database: Path, *, key_file: Path | None = None, backend: KeyringBackend | None = None) -> DeskKey:
    """The key of the store at `database`; made on the first start, when neither store nor slots exist.

    `key_file` (or `TINGBAN_KEY_FILE`) holds a passphrase and goes before the keyring. `backend` stands for the keyring
    of the operating system where a caller has its own.

    Raises: KeyFault when there is no key to be had, or the one that is there does not open the slots.
    """
    if key_file is None and os.environ.get(ENV_KEY_FILE):
        key_file = Path(os.environ[ENV_KEY_FILE])
    kind: SlotKind = "keyring" if key_file is None else "passphrase"
    slots = _read_slots(database)
    if slots is None:
        if database.exists() and database.stat().st_size:
            raise KeyFault(
                f"The keys of the store {database} are missing: {slots_file(database)} is not there.",
                remedy="Bring that file back from a backup, or choose another data folder with --data.",
            )
        secret = _passphrase(key_file) if key_file else _keyring_secret(backend, create=True)
        return _first_key(database, kind, secret)
    matching = [slot for slot in slots.slots if slot.kind == kind]
    if not matching:
        needed = "a passphrase file" if kind == "keyring" else "the key in this account's keyring"
        remedy = f"Give it with --key-file or {ENV_KEY_FILE}." if kind == "keyring" else "Leave the key file out."
        raise KeyFault(f"The store {database} opens with {needed}.", remedy=remedy)
    secret = _passphrase(key_file) if key_file else _keyring_secret(backend, create=False)
    for slot in matching:
        try:
            return DeskKey(AESGCM(_slot_key(slot, secret)).decrypt(slot.nonce, slot.sealed, slot.kind.encode()))
        except InvalidTag:
            continue
    raise KeyFault(
        f"The {'passphrase in ' + str(key_file) if key_file else 'key in the keyring'} does not open {database}.",
        remedy="Use the one that the store was made with, or choose another data folder with --data.",
    )


def slot_kinds(database: Path) -> tuple[SlotKind, ...]:
    """What opens the store at `database`: its slots, in order; none where there is no store yet.

    Raises: KeyFault when the slots cannot be read.
    """
    slots = _read_slots(database)
    return tuple(slot.kind for slot in slots.slots) if slots else ()


def check_key_source(key_file: Path | None = None) -> str:
    """Where the store's key would come from, without making or reading one. Raises: KeyFault when from nowhere."""
    if key_file is None and os.environ.get(ENV_KEY_FILE):
        key_file = Path(os.environ[ENV_KEY_FILE])
    if key_file:
        _passphrase(key_file)
        return "passphrase file"
    return type(_safe_keyring()).__module__


def _first_key(database: Path, kind: SlotKind, secret: bytes) -> DeskKey:
    key = ephemeral_key()
    empty = _Slot(
        kind=kind,
        salt=secrets.token_bytes(SALT_BYTES),
        time_cost=ARGON2_TIME_COST,
        memory_kib=ARGON2_MEMORY_KIB,
        lanes=ARGON2_LANES,
        nonce=secrets.token_bytes(NONCE_BYTES),
        sealed=b"",
    )
    sealed = AESGCM(_slot_key(empty, secret)).encrypt(empty.nonce, key.secret, kind.encode())
    slots = _Slots(1, (msgspec.structs.replace(empty, sealed=sealed),))
    paths.write_private(slots_file(database), msgspec.json.encode(slots))
    log.info("A desk key was made, sealed by %s", kind)
    return key


def _slot_key(slot: _Slot, secret: bytes) -> bytes:
    """The 32 bytes that seal a slot. A keyring's secret is random and needs no stretching."""
    if slot.kind == "keyring":
        return secret
    return hash_secret_raw(secret, slot.salt, slot.time_cost, slot.memory_kib, slot.lanes, KEY_BYTES, Type.ID)


def _read_slots(database: Path) -> _Slots | None:
    file = slots_file(database)
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Slots)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyFault(
            f"The keys of the store cannot be read: {file}: {error.strerror}.",
            remedy="Give this account the right to read it.",
        ) from error
    except UNDECODABLE:
        raise KeyFault(
            f"The keys of the store are damaged, or of a newer Tingban: {file}.",
            remedy="Bring that file back from a backup, or update Tingban.",
        ) from None


def _passphrase(file: Path) -> bytes:
    try:
        passphrase = file.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise KeyFault(
            f"The key file {file} cannot be read: {error.strerror}.",
            remedy="Name a file with the passphrase on its only line.",
        ) from error
    if not passphrase:
        raise KeyFault(f"The key file {file} is empty.", remedy="Write the passphrase on its only line.")
    return passphrase


def _keyring_secret(backend: KeyringBackend | None, *, create: bool) -> bytes:
    backend = backend or _safe_keyring()
    try:
        kept = backend.get_password(KEYRING_SERVICE, KEYRING_ENTRY)
        if kept is None and create:
            backend.set_password(KEYRING_SERVICE, KEYRING_ENTRY, secrets.token_hex(KEY_BYTES))
            # Read back what is really kept: another process may have been quicker, a keyring may keep nothing.
            kept = backend.get_password(KEYRING_SERVICE, KEYRING_ENTRY)
    except keyring.errors.KeyringError as error:
        raise KeyFault(
            f"The keyring of this account did not answer ({type(error).__name__}).",
            remedy=f"Unlock it. {_NO_KEY_REMEDY}",
        ) from error
    if kept is None:
        raise KeyFault("The keyring of this account holds no key of Tingban.", remedy=_NO_KEY_REMEDY)
    try:
        secret = bytes.fromhex(kept)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise KeyFault("The key of Tingban in this account's keyring is damaged.", remedy=_NO_KEY_REMEDY)
    return secret


def _safe_keyring() -> KeyringBackend:
    """The keyring of the operating system, or KeyFault where there is none."""
    configured = keyring.get_keyring()
    # `chainer` asks several in turn; take the first that keeps secrets encrypted.
    candidates = [configured, *getattr(configured, "backends", ())]
    for candidate in candidates:
        if type(candidate).__module__ in _SAFE_BACKENDS:
            found: KeyringBackend = candidate
            return found
    raise KeyFault("This account has no keyring that keeps a key encrypted.", remedy=_NO_KEY_REMEDY)
