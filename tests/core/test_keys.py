from __future__ import annotations

import hmac
import json
import shutil
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from core.errors import KeyFault
from core.keys import (
    KEY_BYTES,
    DeskKey,
    check_key_source,
    derived_key,
    desk_key,
    ephemeral_key,
    slot_kinds,
    slots_file,
)

PASSPHRASE = "correct horse battery staple 密码"


class Drawer(KeyringBackend):
    """A keyring in memory, with the interface of the real ones."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class LockedDrawer(Drawer):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked


class ForgetfulDrawer(Drawer):
    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Chain(Drawer):
    """Asks several in turn, as `keyring.backends.chainer` does."""

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__()
        self.backends = backends


@pytest.fixture
def database(tmp_path: Path, desk_folder: Path) -> Path:
    return tmp_path / "store" / "tingban.db"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    return file


def test_a_passphrase_opens_what_it_made(database: Path, key_file: Path) -> None:
    key = desk_key(database, key_file=key_file)
    assert len(key.secret) == KEY_BYTES
    assert desk_key(database, key_file=key_file) == key


def test_the_environment_may_name_the_key_file(database: Path, key_file: Path, monkeypatch) -> None:
    key = desk_key(database, key_file=key_file)
    monkeypatch.setenv("TINGBAN_KEY_FILE", str(key_file))
    assert desk_key(database) == key


def test_the_end_of_the_line_is_no_part_of_the_passphrase(database: Path, key_file: Path) -> None:
    key = desk_key(database, key_file=key_file)
    for end in ("", "\n", "\r\n"):
        key_file.write_bytes(PASSPHRASE.encode() + end.encode())
        assert desk_key(database, key_file=key_file) == key


def test_another_passphrase_is_refused_with_a_remedy(database: Path, key_file: Path) -> None:
    desk_key(database, key_file=key_file)
    key_file.write_text("wrong")
    with pytest.raises(KeyFault, match="does not open") as caught:
        desk_key(database, key_file=key_file)
    assert caught.value.remedy
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_key_file_is_refused(database: Path, key_file: Path, content: bytes) -> None:
    key_file.write_bytes(content)
    with pytest.raises(KeyFault, match="empty"):
        desk_key(database, key_file=key_file)
    assert not slots_file(database).exists()


def test_a_missing_key_file_is_refused(database: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyFault, match="cannot be read"):
        desk_key(database, key_file=tmp_path / "nowhere")


def test_a_keyring_opens_what_it_made_and_keeps_one_secret(database: Path, tmp_path: Path) -> None:
    drawer = Drawer()
    key = desk_key(database, backend=drawer)
    assert desk_key(database, backend=drawer) == key
    assert list(drawer.kept) == [("tingban", "desk")]
    other = desk_key(tmp_path / "other" / "tingban.db", backend=drawer)
    assert other != key


def test_nothing_beside_the_store_opens_it(database: Path, key_file: Path) -> None:
    drawer = Drawer()
    for key in (desk_key(database, backend=drawer), desk_key(database.with_name("b.db"), key_file=key_file)):
        for file in database.parent.iterdir():
            content = file.read_bytes()
            for secret in (key.secret, bytes.fromhex(*drawer.kept.values()), PASSPHRASE.encode()):
                for form in (secret, secret.hex().encode()):
                    assert form not in content


def test_a_key_shows_nothing_in_its_repr() -> None:
    key = ephemeral_key()
    assert repr(key) == "DeskKey()"
    assert key != ephemeral_key()


@pytest.mark.parametrize(
    ("backend", "sentence"),
    [
        (LockedDrawer(), "did not answer"),
        (ForgetfulDrawer(), "holds no key"),
        (keyring.backends.fail.Keyring(), "did not answer"),
    ],
)
def test_a_keyring_that_keeps_nothing_is_a_fault_with_a_remedy(database: Path, backend, sentence: str) -> None:
    with pytest.raises(KeyFault, match=sentence) as caught:
        desk_key(database, backend=backend)
    assert "--key-file" in caught.value.remedy
    assert not slots_file(database).exists()


@pytest.mark.parametrize("kept", ["", "00", "zz" * 32, "00" * 33])
def test_a_damaged_keyring_entry_is_a_fault(database: Path, kept: str) -> None:
    drawer = Drawer()
    drawer.kept["tingban", "desk"] = kept
    with pytest.raises(KeyFault, match="damaged"):
        desk_key(database, backend=drawer)


def test_a_keyring_that_lost_its_key_does_not_make_another(database: Path) -> None:
    drawer = Drawer()
    desk_key(database, backend=drawer)
    drawer.kept.clear()
    with pytest.raises(KeyFault, match="holds no key"):
        desk_key(database, backend=drawer)
    assert drawer.kept == {}


def test_another_keyrings_key_is_refused(database: Path) -> None:
    desk_key(database, backend=Drawer())
    other = Drawer()
    other.kept["tingban", "desk"] = "ab" * KEY_BYTES
    with pytest.raises(KeyFault, match="keyring does not open"):
        desk_key(database, backend=other)


@pytest.fixture
def configure() -> Iterator[Callable[[KeyringBackend], None]]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    "configured",
    [Drawer(), Chain(Drawer()), keyring.backends.null.Keyring(), keyring.backends.fail.Keyring()],
    ids=["foreign", "chain", "null", "fail"],
)
def test_keyrings_that_are_not_the_systems_are_refused(database: Path, configure, configured: KeyringBackend) -> None:
    configure(configured)
    with pytest.raises(KeyFault, match="no keyring that keeps a key encrypted"):
        desk_key(database)
    assert not database.parent.exists()


def test_in_a_chain_of_keyrings_the_systems_own_is_taken(database: Path, configure) -> None:
    foreign = Drawer()
    system = type("Keyring", (Drawer,), {"__module__": "keyring.backends.SecretService"})()
    configure(Chain(foreign, system))
    desk_key(database)
    assert foreign.kept == {}
    assert list(system.kept) == [("tingban", "desk")]


def test_a_store_made_with_a_passphrase_asks_for_it(database: Path, key_file: Path) -> None:
    desk_key(database, key_file=key_file)
    with pytest.raises(KeyFault, match="opens with a passphrase file"):
        desk_key(database, backend=Drawer())


def test_a_store_made_with_a_keyring_says_so(database: Path, key_file: Path) -> None:
    desk_key(database, backend=Drawer())
    with pytest.raises(KeyFault, match="opens with the key in this account's keyring"):
        desk_key(database, key_file=key_file)


def test_a_store_whose_keys_are_gone_gets_no_new_ones(database: Path, key_file: Path) -> None:
    database.parent.mkdir()
    database.write_bytes(b"x" * 4096)
    drawer = Drawer()
    for source in ({"key_file": key_file}, {"backend": drawer}):
        with pytest.raises(KeyFault, match="missing"):
            desk_key(database, **source)
    assert drawer.kept == {}
    assert not slots_file(database).exists()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"schema_version": 2, "slots": []}', b"[]"])
def test_damaged_or_newer_slots_are_a_fault_and_stay(database: Path, key_file: Path, content: bytes) -> None:
    database.parent.mkdir()
    slots_file(database).write_bytes(content)
    with pytest.raises(KeyFault, match="damaged, or of a newer"):
        desk_key(database, key_file=key_file)
    assert slots_file(database).read_bytes() == content


def test_slots_that_ask_for_absurd_work_are_refused(database: Path, key_file: Path) -> None:
    desk_key(database, key_file=key_file)
    slots = json.loads(slots_file(database).read_text())
    slots["slots"][0]["memory_kib"] = 2**40
    slots_file(database).write_text(json.dumps(slots))
    with pytest.raises(KeyFault, match="damaged"):
        desk_key(database, key_file=key_file)


def test_slots_that_cannot_be_read_are_a_fault(database: Path, key_file: Path) -> None:
    slots_file(database).mkdir(parents=True)
    with pytest.raises(KeyFault, match="cannot be read"):
        desk_key(database, key_file=key_file)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes")
def test_slots_are_their_owners_alone(database: Path, key_file: Path) -> None:
    desk_key(database, key_file=key_file)
    assert stat.S_IMODE(slots_file(database).stat().st_mode) == 0o600


@pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="needs dbus-run-session and gnome-keyring",
)
def test_a_real_secret_service_keeps_the_key_over_processes(database: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    script = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from core.keys import desk_key
        print(desk_key(Path({str(database)!r})).secret.hex())
    """)
    session = (
        'printf "password" | gnome-keyring-daemon --unlock --components=secrets >/dev/null\n'
        f'"{sys.executable}" -c "$SCRIPT" && "{sys.executable}" -c "$SCRIPT"'
    )
    monkeypatch.setenv("SCRIPT", script)
    ended = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", session], capture_output=True, text=True, timeout=120, check=False
    )
    keys = ended.stdout.split()
    assert len(keys) == 2, ended.stderr
    assert keys[0] == keys[1]
    assert len(bytes.fromhex(keys[0])) == KEY_BYTES


def test_where_the_key_would_come_from_is_told_without_making_one(database: Path, key_file, configure, monkeypatch):
    assert check_key_source(key_file) == "passphrase file"
    system = type("Keyring", (Drawer,), {"__module__": "keyring.backends.SecretService"})()
    configure(system)
    assert check_key_source() == "keyring.backends.SecretService"
    assert system.kept == {}
    monkeypatch.setenv("TINGBAN_KEY_FILE", str(key_file.with_name("nowhere")))
    with pytest.raises(KeyFault, match="cannot be read"):
        check_key_source()
    monkeypatch.delenv("TINGBAN_KEY_FILE")
    configure(keyring.backends.fail.Keyring())
    with pytest.raises(KeyFault):
        check_key_source()


def test_keys_compare_by_value() -> None:
    assert DeskKey(b"a" * 32) == DeskKey(b"a" * 32)


def test_every_purpose_has_a_key_of_its_own() -> None:
    key = DeskKey(bytes(range(32)))
    derived = {derived_key(key, purpose) for purpose in ("desk recovery", "number look-up", "number value")}
    assert len(derived) == 3
    assert key.secret not in derived
    # HKDF-SHA256 of RFC 5869 by hand: extract, then one block of expand.
    extracted = hmac.digest(bytes(32), key.secret, "sha256")
    assert derived_key(key, "desk recovery") == hmac.digest(extracted, b"tingban 1 desk recovery\x01", "sha256")


def test_the_kinds_of_slots_are_told_without_a_key(database: Path, key_file: Path) -> None:
    assert slot_kinds(database) == ()
    desk_key(database, key_file=key_file)
    key_file.unlink()
    assert slot_kinds(database) == ("passphrase",)
