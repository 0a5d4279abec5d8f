from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.errors import BadInput, KeyFault
from core.recipients import MAX_KEYS, SupervisorKeys, fingerprint, public_keys
from core.sealing import new_private_key

FIRST, SECOND, THIRD = (new_private_key() for _ in range(3))


@pytest.fixture
def keys(tmp_path: Path) -> SupervisorKeys:
    return SupervisorKeys(tmp_path / "desk" / "keys.pub", tmp_path / "policy.pub")


def installed(keys: SupervisorKeys) -> list[str]:
    return [key.public_key for key in keys.installed()]


def test_keys_come_and_go(keys: SupervisorKeys) -> None:
    assert keys.installed() == ()
    assert [key.public_key for key in keys.install((FIRST.public_key, SECOND.public_key))] == [
        FIRST.public_key,
        SECOND.public_key,
    ]
    (new,) = keys.install((SECOND.public_key, THIRD.public_key))
    assert new.fingerprint == fingerprint(THIRD.public_key)
    assert installed(keys) == [FIRST.public_key, SECOND.public_key, THIRD.public_key]
    assert keys.remove(fingerprint(FIRST.public_key)[:8].upper()).public_key == FIRST.public_key
    assert installed(keys) == [SECOND.public_key, THIRD.public_key]


def test_nothing_new_writes_nothing(keys: SupervisorKeys, tmp_path: Path) -> None:
    assert keys.install(()) == ()
    assert not (tmp_path / "desk").exists()


def test_a_file_of_recipients_may_have_comments_and_repeats() -> None:
    text = f"# supervisors\r\n\n  {FIRST.public_key} \n{FIRST.public_key}\n{SECOND.public_key}"
    assert public_keys(text, "file") == (FIRST.public_key, SECOND.public_key)


@pytest.mark.parametrize("line", ["age1", "ssh-ed25519 AAAA", FIRST.public_key[:-1], "密码", "tingban"])
def test_something_else_is_refused_with_its_place(line: str) -> None:
    with pytest.raises(BadInput, match="file, line 2: not a public key") as caught:
        public_keys(f"{FIRST.public_key}\n{line}", "file")
    assert "密码" not in str(caught.value)


@pytest.mark.parametrize("line", [str(FIRST.identity), "age-encryption.org/v1", "-----BEGIN AGE ENCRYPTED FILE-----"])
def test_a_private_key_is_told_by_name_and_not_repeated(line: str) -> None:
    with pytest.raises(BadInput, match="private key") as caught:
        public_keys(line, "file")
    assert line not in str(caught.value)


def test_too_many_are_refused(keys: SupervisorKeys) -> None:
    many = tuple(new_private_key().public_key for _ in range(MAX_KEYS + 1))
    with pytest.raises(BadInput, match="more than 16"):
        keys.install(many)
    keys.install(many[:MAX_KEYS])
    with pytest.raises(BadInput, match="more than 16"):
        keys.install(many[MAX_KEYS:])
    assert len(installed(keys)) == MAX_KEYS


@pytest.mark.parametrize("prefix", ["", "0" * 7, "g" * 8])
def test_a_fingerprint_that_names_none_is_refused(keys: SupervisorKeys, prefix: str) -> None:
    keys.install((FIRST.public_key,))
    with pytest.raises(BadInput, match="No single"):
        keys.remove(prefix)
    assert installed(keys) == [FIRST.public_key]


@pytest.mark.parametrize("content", [b"age1x", b"\xff\xfe", b"#" * 70_000])
def test_a_damaged_file_is_refused(keys: SupervisorKeys, tmp_path: Path, content: bytes) -> None:
    keys.install((FIRST.public_key,))
    (tmp_path / "desk" / "keys.pub").write_bytes(content)
    with pytest.raises(KeyFault) as caught:
        keys.installed()
    assert caught.value.remedy
    with pytest.raises(KeyFault):
        keys.install((SECOND.public_key,))


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(keys: SupervisorKeys, tmp_path: Path, mode: int) -> None:
    keys.install((FIRST.public_key,))
    (tmp_path / "desk" / "keys.pub").chmod(mode)
    with pytest.raises(KeyFault, match="written by others"):
        keys.installed()


def test_a_folder_in_place_of_the_file_is_refused(keys: SupervisorKeys, tmp_path: Path) -> None:
    (tmp_path / "desk" / "keys.pub").mkdir(parents=True)
    with pytest.raises(KeyFault):
        keys.installed()


def test_the_administrator_s_keys_hold_and_cannot_be_changed_here(keys: SupervisorKeys, tmp_path: Path) -> None:
    keys.install((FIRST.public_key,))
    (tmp_path / "policy.pub").write_text(SECOND.public_key)
    (tmp_path / "policy.pub").chmod(0o644)
    assert keys.locked()
    assert installed(keys) == [SECOND.public_key]
    for change in (lambda: keys.install((THIRD.public_key,)), lambda: keys.remove(fingerprint(SECOND.public_key))):
        with pytest.raises(BadInput, match="administrator"):
            change()
    assert installed(keys) == [SECOND.public_key]
