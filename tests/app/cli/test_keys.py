"""`tingbanctl keys`: the supervisors' pair, its public half on this desk, the desk's slots."""

from __future__ import annotations

import io
import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.main import main
from core import paths
from core.database import open_store
from core.recipients import fingerprint
from core.requests import InstallKeys, KeyList, RequestServer
from core.sealing import PrivateKey, new_private_key, unlocked_private_key
from core.types import SupervisorKey
from records import MIGRATIONS, Archive
from tests.harness.ctl import DEADLINE_S, ROOT, command

PASSPHRASE = "correct horse battery 密码"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def key_file(desk_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The desk's own passphrase."""
    file = tmp_path / "desk-passphrase"
    file.write_text("of the desk alone")
    monkeypatch.setenv("TINGBAN_KEY_FILE", str(file))
    return file


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "passphrase").write_text(PASSPHRASE + "\n", "utf-8")
    return folder


def rows(capsys: Captured) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def row(key: PrivateKey) -> dict[str, str]:
    return {"fingerprint": fingerprint(key.public_key), "public_key": key.public_key}


def public_file(folder: Path, *keys: PrivateKey) -> str:
    file = folder / "desks.pub"
    file.write_text("".join(f"{key.public_key}\n" for key in keys))
    return str(file)


def audited() -> list[tuple[str, str]]:
    with open_store(paths.database_file(), [MIGRATIONS]) as store:
        return [(entry.action, entry.detail) for entry in Archive(store).audit.entries()]


# --- init -----------------------------------------------------------------------------------------------------------
def test_a_pair_is_made_on_a_stick(stick: Path, desk_folder: Path, capsys: Captured) -> None:
    file = stick / "supervisors"
    assert main(["keys", "init", str(file), "--passphrase-file", str(stick / "passphrase"), "--json"]) == 0
    (printed,) = rows(capsys)
    key = unlocked_private_key(file.read_bytes(), PASSPHRASE)
    assert printed == row(key)
    assert (stick / "supervisors.pub").read_text() == f"{key.public_key}\n"
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not [file for file in desk_folder.rglob("*") if file.is_file()]


@pytest.mark.parametrize("existing", ["supervisors", "supervisors.pub"])
def test_nothing_is_written_over(stick: Path, existing: str, capsys: Captured) -> None:
    (stick / existing).write_text("precious")
    assert main(["keys", "init", str(stick / "supervisors"), "--passphrase-file", str(stick / "passphrase")]) == 2
    assert "exists already" in capsys.readouterr().err
    assert sorted(file.name for file in stick.iterdir()) == sorted(["passphrase", existing])
    assert (stick / existing).read_text() == "precious"


def test_the_data_folder_is_no_place_for_the_private_half(
    stick: Path, desk_folder: Path, capsys: Captured, tmp_path: Path
) -> None:
    paths.data_folder()
    (tmp_path / "link").symlink_to(desk_folder, target_is_directory=True)
    for place in (desk_folder / "s", desk_folder / "deep" / "s", tmp_path / "link" / "s", stick / ".." / "desk" / "s"):
        assert main(["keys", "init", str(place), "--passphrase-file", str(stick / "passphrase")]) == 2
        assert "data folder" in capsys.readouterr().err
    assert not list(desk_folder.iterdir())


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"short", "shorter than 10"), (b"", "shorter"), (b"\xff\xfe", "cannot be read")]
)
def test_a_bad_passphrase_makes_nothing(stick: Path, content: bytes, sentence: str, capsys: Captured) -> None:
    (stick / "passphrase").write_bytes(content)
    assert main(["keys", "init", str(stick / "supervisors"), "--passphrase-file", str(stick / "passphrase")]) == 2
    assert sentence in capsys.readouterr().err
    assert [file.name for file in stick.iterdir()] == ["passphrase"]


def test_a_stick_that_cannot_be_written_is_3(stick: Path, capsys: Captured) -> None:
    place = stick / "not there" / "supervisors"
    assert main(["keys", "init", str(place), "--passphrase-file", str(stick / "passphrase")]) == 3
    assert "cannot be written" in capsys.readouterr().err


def test_without_terminal_and_file_nothing_is_asked(stick: Path, monkeypatch, capsys: Captured) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed blindly\n"))
    assert main(["keys", "init", str(stick / "supervisors")]) == 2
    assert "--passphrase-file" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
@pytest.mark.parametrize(("second", "code"), [("from the terminal", 0), ("something else", 2)])
def test_on_a_terminal_the_passphrase_is_asked_twice_and_not_shown(stick: Path, second: str, code: int) -> None:
    file = stick / "supervisors"
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command("keys", "init", file), cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        for prompt, typed in ((b"private key: ", "from the terminal"), (b"Once more: ", second)):
            while prompt not in shown:
                shown += os.read(ours, 4096)
            os.write(ours, typed.encode() + b"\n")
        try:
            while more := os.read(ours, 4096):
                shown += more
        except OSError:
            pass  # the other side hung up
        assert process.wait(DEADLINE_S) == code
    os.close(ours)
    assert b"from the terminal" not in shown
    assert file.exists() is (code == 0)
    if code == 0:
        key = unlocked_private_key(file.read_bytes(), "from the terminal")
        assert key.public_key.encode() in shown


# --- public halves --------------------------------------------------------------------------------------------------
def test_public_keys_come_go_and_are_audited(tmp_path: Path, capsys: Captured) -> None:
    first, second = new_private_key(), new_private_key()
    assert main(["keys", "list", "--json"]) == 0
    assert rows(capsys) == []
    assert main(["keys", "import-public", public_file(tmp_path, first), "--json"]) == 0
    assert rows(capsys) == [row(first)]
    assert main(["keys", "import-public", public_file(tmp_path, first, second), "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == row(second)
    assert "1 of them" in captured.err
    assert main(["keys", "list"]) == 0
    assert capsys.readouterr().out == "".join(
        f"{fingerprint(key.public_key)}  {key.public_key}\n" for key in (first, second)
    )
    assert main(["keys", "list", "--json", "--limit", "1"]) == 0
    assert rows(capsys) == [row(first)]
    exported = tmp_path / "exported.pub"
    assert main(["keys", "export-public", str(exported), "--json"]) == 0
    assert rows(capsys) == [row(first), row(second)]
    assert exported.read_text() == f"{first.public_key}\n{second.public_key}\n"
    for key in (first, second):
        assert main(["keys", "remove", fingerprint(key.public_key)[:8], "--json"]) == 0
        captured = capsys.readouterr()
        assert json.loads(captured.out) == row(key)
    assert "originals are dropped" in captured.err
    assert audited() == [
        ("keys.imported", fingerprint(first.public_key)),
        ("keys.imported", fingerprint(second.public_key)),
        ("keys.removed", fingerprint(first.public_key)),
        ("keys.removed", fingerprint(second.public_key)),
    ]


def test_standard_input_serves_too(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    key = new_private_key()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"# ours\n{key.public_key}\n"))
    assert main(["keys", "import-public", "-", "--json"]) == 0
    assert rows(capsys) == [row(key)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no public key"),
        (b"# none\n", "holds no public key"),
        (b"age1nonsense\n", "line 1: not a public key"),
        (b"\xff\xfe", "is no text"),
        (str(new_private_key().identity).encode(), "private key"),
    ],
)
def test_what_is_no_public_key_is_refused(tmp_path: Path, content: bytes, sentence: str, capsys: Captured) -> None:
    file = tmp_path / "wrong.pub"
    file.write_bytes(content)
    assert main(["keys", "import-public", str(file)]) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""
    assert "AGE-SECRET" not in captured.err
    assert not paths.supervisor_keys_file().exists()
    assert not paths.database_file().exists()


def test_missing_and_existing_files_are_told(tmp_path: Path, capsys: Captured) -> None:
    assert main(["keys", "import-public", str(tmp_path / "nowhere")]) == 2
    assert main(["keys", "export-public", str(tmp_path / "out")]) == 2
    assert "No supervisors' key" in capsys.readouterr().err
    file = public_file(tmp_path, new_private_key())
    assert main(["keys", "import-public", file]) == 0
    assert main(["keys", "export-public", file]) == 2
    assert main(["keys", "export-public", str(tmp_path / "nowhere" / "out")]) == 3
    assert main(["keys", "remove", "0123456789"]) == 2


def test_without_a_key_for_the_store_no_key_is_imported(tmp_path: Path, key_file: Path, capsys: Captured) -> None:
    key_file.unlink()
    assert main(["keys", "import-public", public_file(tmp_path, new_private_key())]) == 3
    assert "cannot be read" in capsys.readouterr().err
    assert not paths.supervisor_keys_file().exists()


def test_the_key_file_may_be_named(tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINGBAN_KEY_FILE")
    arguments = ["keys", "import-public", public_file(tmp_path, new_private_key())]
    assert main([*arguments, "--key-file", str(key_file)]) == 0


def test_a_running_analyst_is_asked(tmp_path: Path, capsys: Captured) -> None:
    key = new_private_key()
    asked: list[object] = []

    def install(request: InstallKeys) -> KeyList:
        asked.append(request)
        return KeyList((SupervisorKey("0123", "age1"),))

    with RequestServer("analyst", {InstallKeys: install}):
        assert main(["keys", "import-public", public_file(tmp_path, key)]) == 0
        assert main(["keys", "remove", "0123456789"]) == 2
    assert asked == [InstallKeys((key.public_key,))]
    assert capsys.readouterr().out == "0123  age1\n"
    assert not paths.database_file().exists()


def test_the_administrator_s_keys_are_listed_and_cannot_be_changed(tmp_path: Path, capsys: Captured) -> None:
    key = new_private_key()
    (tmp_path / "supervisors.pub").write_text(key.public_key)  # beside the policy of the fixture
    (tmp_path / "supervisors.pub").chmod(0o644)
    assert main(["keys", "list", "--json"]) == 0
    assert rows(capsys) == [row(key)]
    assert main(["keys", "import-public", public_file(tmp_path, new_private_key())]) == 2
    assert main(["keys", "remove", fingerprint(key.public_key)]) == 2
    assert "administrator" in capsys.readouterr().err


# --- slots ----------------------------------------------------------------------------------------------------------
def test_slots_are_told(tmp_path: Path, capsys: Captured) -> None:
    assert main(["keys", "slots", "--json"]) == 0
    assert rows(capsys) == []
    assert main(["keys", "import-public", public_file(tmp_path, new_private_key())]) == 0
    capsys.readouterr()
    assert main(["keys", "slots", "--json"]) == 0
    assert capsys.readouterr().out == '{"slot": 1, "kind": "passphrase"}\n'
    assert main(["keys", "slots"]) == 0
    assert capsys.readouterr().out == "1  passphrase\n"
