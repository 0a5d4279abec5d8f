"""A call on a real desk, and then somebody who has all of it: every file, every key, and a day to try.

The window's and the recogniser's parts are played by the test; analyst and `tingbanctl` are the real processes.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyrage
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyrage import passphrase as age_passphrase

from core import keys, paths
from core.chunks import LegWriter, read_leg
from core.database import open_store
from core.framing import FrameReader, FrameWriter
from core.keys import DeskKey, derived_key, desk_key, slots_file
from core.messages import (
    CallClosed,
    CallOpened,
    Caption,
    EnvelopeOpened,
    Message,
    NoticeSet,
    NumberShown,
    SealedOriginal,
    SealTo,
    Shutdown,
)
from core.requests import RequestClient, Status, VerifyAudit
from core.sealing import (
    CallSeal,
    DeskPair,
    OpenedEnvelope,
    PrivateKey,
    SealFault,
    associated,
    opened_envelope,
    unlocked_private_key,
)
from core.types import LEGS, MaskedUtterance, MaskSpan, Utterance
from records import MIGRATIONS, Archive
from tests.harness.ctl import ctl, rows
from tests.harness.raw_pages import decrypted_pages

DEADLINE_S = 60
NUMBER = "13912345678"
WORDS = "我的卡号是六二二二零二零零一一一二你这个骗子"
PCM = b"canary of a voice, never in clear. " * 1000
DESK_PASSPHRASE = "the passphrase of this desk"
STICK_PASSPHRASE = "the passphrase of the supervisors"

analyst = RequestClient("analyst")


@dataclass(frozen=True)
class Desk:
    """A desk after its calls, and the stick that has left it."""

    folder: Path
    private_key: PrivateKey
    during_the_call: EnvelopeOpened
    sealed: list[SealedOriginal]
    texts: list[Utterance]
    legs: list[Path]

    @property
    def database(self) -> Path:
        return self.folder / "tingban.db"


class AnalystProcess:
    """The real analyst; this test is the window around it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.analyst"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin
        assert self._process.stdout
        self._writer, self._reader = FrameWriter(self._process.stdin), FrameReader(self._process.stdout)

    def send(self, *messages: Message) -> None:
        for message in messages:
            self._writer.send(message)

    def seal_to(self) -> SealTo:
        while not isinstance(message := self._reader.receive(), SealTo):
            assert message is not None
        return message

    def stop(self) -> None:
        self._writer.send(Shutdown())
        while self._reader.receive() is not None:
            pass
        assert self._process.wait(DEADLINE_S) == 0
        self._writer.close()
        assert self._process.stdout
        self._process.stdout.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "passphrase").write_text(STICK_PASSPHRASE)
    made = ctl("keys", "init", folder / "supervisors", "--passphrase-file", folder / "passphrase", "--json")
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def desk(desk_folder: Path, tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two calls: one that ended, one whose customer refused the notice."""
    (tmp_path / "desk-passphrase").write_text(DESK_PASSPHRASE)
    monkeypatch.setenv("TINGBAN_KEY_FILE", str(tmp_path / "desk-passphrase"))
    imported = ctl("keys", "import-public", stick / "supervisors.pub", "--json")
    assert rows(imported)[0]["public_key"] == (stick / "supervisors.pub").read_text().strip()
    process = AnalystProcess()
    seal_to = process.seal_to()
    sealed: list[SealedOriginal] = []
    texts: list[Utterance] = []
    legs: list[Path] = []
    for call_id in ("call-77", "call-78"):
        process.send(CallOpened(call_id, 1000, "softphone", NUMBER, "customer-88"))
        seal = CallSeal(call_id, seal_to)
        process.send(seal.envelope)
        for number in range(3):
            spoken = Utterance(f"{call_id}-c-{number}", "customer", number, number + 1, f"{WORDS}{number}")
            shown = MaskedUtterance(spoken.id, "customer", number, number + 1, "我的[卡]", (), 0.5, (SPAN,), "rules")
            process.send(Caption(call_id, shown, 950), original := seal.seal_utterance(spoken))
            if call_id == "call-77":
                texts.append(spoken)
                sealed.append(original)
        for leg in LEGS:
            with LegWriter(seal, leg, paths.call_folder(call_id)) as writer:
                writer.write(0, PCM)
            legs.append(writer.file)
        process.send(NumberShown(call_id, "pii.mobile"))
        if call_id == "call-78":
            process.send(NoticeSet(call_id, "refused", 3000))
        process.send(CallClosed(call_id, 9000))
        seal.close()
        if call_id == "call-77":
            during_the_call = seal.envelope
    process.stop()
    private_key = unlocked_private_key((stick / "supervisors").read_bytes(), STICK_PASSPHRASE)
    for file in stick.iterdir():
        file.unlink()  # the stick leaves the desk
    return Desk(desk_folder, private_key, during_the_call, sealed, texts, legs)


SPAN = MaskSpan(2, 5, "pii.bank_card", "····0112")


def stored(desk: Desk, call_id: str = "call-77") -> tuple[list[EnvelopeOpened], list[SealedOriginal]]:
    with open_store(desk.database, [MIGRATIONS]) as store:
        archive = Archive(store)
        return archive.envelopes.of_call(call_id), archive.envelopes.originals(call_id)


def test_the_supervisors_open_every_original_and_every_chunk(desk: Desk) -> None:
    (envelope,), originals = stored(desk)
    opened = opened_envelope(envelope, desk.private_key)
    assert [opened.utterance(original) for original in originals] == desk.texts
    for leg, file in zip(LEGS, desk.legs[:2], strict=True):
        chunks = read_leg(file, opened)
        assert b"".join(chunk.pcm for chunk in chunks) == PCM
        assert {chunk.leg for chunk in chunks} == {leg}


def test_who_has_every_file_and_every_key_of_the_desk_opens_none(desk: Desk) -> None:
    key = desk_key(desk.database)
    (envelope,), originals = stored(desk)
    assert_the_attack_would_find_a_key(desk, key, originals[0])
    material = everything(desk, key)
    targets = [*map(AttackedOriginal, originals), *map(AttackedChunk, desk.legs[:2])]
    for candidate in keys_of_the_desk(material, key):
        assert not any(target.opens_with(AESGCM(candidate)) for target in targets)
        assert not opens_as_age_identity(envelope.supervisors_wrap, candidate)
        with pytest.raises(SealFault):
            DeskPair(candidate).opened(envelope)
    for passphrase in (DESK_PASSPHRASE, desk.private_key.public_key, ""):
        with pytest.raises(pyrage.DecryptError):
            age_passphrase.decrypt(envelope.supervisors_wrap, passphrase)
    # And every 32 bytes that lie anywhere, against one of each kind: all of a call have one key.
    assert len(material) > 200_000
    for start in range(len(material) - 32):
        cipher = AESGCM(material[start : start + 32])
        assert not targets[0].opens_with(cipher)
        assert not targets[-1].opens_with(cipher)


def test_the_desk_could_open_during_the_call_and_cannot_any_more(desk: Desk) -> None:
    pair = DeskPair(derived_key(desk_key(desk.database), "desk recovery"))
    assert pair.opened(desk.during_the_call).utterance(desk.sealed[0]) == desk.texts[0]
    (envelope,), _ = stored(desk)
    with pytest.raises(SealFault):
        pair.opened(envelope)
    material = everything(desk, desk_key(desk.database))
    assert desk.during_the_call.supervisors_wrap in material
    assert desk.during_the_call.desk_wrap not in material


def test_no_canary_lies_in_clear_anywhere(desk: Desk) -> None:
    material = everything(desk, desk_key(desk.database))
    assert "我的[卡]".encode() in material
    assert b"call-77" in material
    canaries = [
        NUMBER,
        WORDS,
        "六二二二零二零零",
        "customer-88",
        "canary of a voice",
        STICK_PASSPHRASE,
        "AGE-SECRET-KEY",
    ]
    for canary in canaries:
        assert canary.encode() not in material
        assert base64.b64encode(canary.encode())[:-4] not in material
    for file in desk.folder.rglob("*"):
        # What the desk's own files show without its key is less still.
        assert not file.is_file() or "我的[卡]".encode() not in file.read_bytes()


def test_of_the_refused_call_nothing_is_left(desk: Desk) -> None:
    assert stored(desk, "call-78") == ([], [])
    assert not paths.call_folder("call-78").exists()
    with open_store(desk.database, [MIGRATIONS]) as store:
        archive = Archive(store)
        assert archive.transcript.of_call("call-78") == []
        assert archive.numbers.of_call("call-78") is None
        assert archive.numbers.calls_of(NUMBER) == ["call-77"]
        assert len(archive.transcript.of_call("call-77")) == 3


def test_the_audit_log_is_whole_and_tells_the_story(desk: Desk) -> None:
    assert rows(ctl("audit", "verify", "--json")) == [{"entries": 10, "ok": True, "first_bad": None}]
    with open_store(desk.database, [MIGRATIONS]) as store:
        actions = [entry.action for entry in Archive(store).audit.entries()]
    first_call = ["call.opened", "envelope.opened", "number.shown", "call.closed"]
    assert actions == ["keys.imported", *first_call, *first_call[:3], "notice.set", "call.closed"]
    process = AnalystProcess()
    process.seal_to()
    assert analyst.ask(VerifyAudit()).entries == 10
    assert analyst.ask(Status()).supervisor_keys == 1
    process.stop()


# --- the attack -----------------------------------------------------------------------------------------------------
class AttackedOriginal:
    """A sealed original, with its context known: it is no secret."""

    def __init__(self, original: SealedOriginal) -> None:
        self.nonce, self.body = original.sealed[:12], original.sealed[12:]
        self.context = associated("text", original.call_id, original.envelope_id, original.utterance_id)

    def opens_with(self, cipher: AESGCM) -> bool:
        try:
            cipher.decrypt(self.nonce, self.body, self.context)
        except InvalidTag:
            return False
        return True


class AttackedChunk(AttackedOriginal):
    """The first chunk of a leg, likewise."""

    def __init__(self, file: Path) -> None:
        content = file.read_bytes()
        head_bytes = 10 + int.from_bytes(content[8:10], "little")
        size = int.from_bytes(content[head_bytes : head_bytes + 4], "little")
        body = content[head_bytes + 5 : head_bytes + 5 + size]
        self.nonce, self.body = body[:12], body[12:]
        self.context = associated("audio", content[:head_bytes], 0, content[head_bytes + 4])


def everything(desk: Desk, key: DeskKey) -> bytes:
    """Every file of the data folder, and the store's pages in clear."""
    files = [file.read_bytes() for file in sorted(desk.folder.rglob("*")) if file.is_file()]
    assert len(files) >= 8
    return b"\n".join([*files, decrypted_pages(desk.database, key)])


def keys_of_the_desk(material: bytes, key: DeskKey) -> list[bytes]:
    """Every key there is, what is derived from it, what seals it, and every hash that is written down."""
    slots = msgspec.json.decode(slots_file(paths.database_file()).read_bytes(), type=keys._Slots).slots
    recovery = derived_key(key, "desk recovery")
    found = [
        key.secret,
        recovery,
        derived_key(key, "number look-up"),
        derived_key(key, "number value"),
        bytes.fromhex(DeskPair(recovery).public_key),
        DESK_PASSPHRASE.encode().ljust(32, b"\0"),
        hashlib.sha256(DESK_PASSPHRASE.encode()).digest(),
        *(keys._slot_key(slot, DESK_PASSPHRASE.encode()) for slot in slots),
        *(slot.sealed[:32] for slot in slots),
        *(bytes.fromhex(text.decode()) for text in re.findall(rb"[0-9a-f]{64}", material)),
    ]
    assert len(found) > 20
    return list(dict.fromkeys(found))


def assert_the_attack_would_find_a_key(desk: Desk, key: DeskKey, original: SealedOriginal) -> None:
    """The same attack with the wrap that was destroyed, and with the key that left the desk: it opens."""
    opened: OpenedEnvelope = DeskPair(derived_key(key, "desk recovery")).opened(desk.during_the_call)
    assert opened.text(original)
    assert AttackedOriginal(original).opens_with(opened._cipher)
    assert all(AttackedChunk(file).opens_with(opened._cipher) for file in desk.legs[:2])
    assert opens_as_age_identity(desk.during_the_call.supervisors_wrap, secret_of(desk.private_key))


def opens_as_age_identity(wrap: bytes, secret: bytes) -> bool:
    """Whether the X25519 secret opens the age file: by hand, since the desk spells its secrets otherwise."""
    share, body = (
        base64.b64decode(text + b"=" * (-len(text) % 4))
        for text in re.search(rb"-> X25519 (\S+)\n(\S+)\n", wrap).groups()
    )
    mine = X25519PrivateKey.from_private_bytes(secret)
    shared = mine.exchange(X25519PublicKey.from_public_bytes(share))
    salt = share + mine.public_key().public_bytes_raw()
    wrap_key = HKDF(SHA256(), 32, salt=salt, info=b"age-encryption.org/v1/X25519").derive(shared)
    try:
        ChaCha20Poly1305(wrap_key).decrypt(bytes(12), body, None)
    except InvalidTag:
        return False
    return True


def secret_of(key: PrivateKey) -> bytes:
    """The 32 bytes of an age identity (Bech32, its check left out)."""
    letters = str(key.identity).lower().removeprefix("age-secret-key-1")[:-6]
    bits = "".join(f"{'qpzry9x8gf2tvdw0s3jn54khce6mua7l'.index(letter):05b}" for letter in letters)
    return int(bits[:256], 2).to_bytes(32, "big")
