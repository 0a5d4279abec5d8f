"""`tingbanctl audit verify`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import main
from core import paths
from core.database import open_store
from core.messages import CallClosed, CallOpened
from core.requests import AuditReport, RequestServer, VerifyAudit
from records import MIGRATIONS, Archive

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def key_file(desk_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "desk-passphrase"
    file.write_text("of the desk alone")
    monkeypatch.setenv("TINGBAN_KEY_FILE", str(file))


@pytest.fixture
def three_entries() -> None:
    with open_store(paths.database_file(), [MIGRATIONS]) as store:
        archive = Archive(store)
        for message in (CallOpened("a", 1, "cli"), CallClosed("a", 2), CallOpened("b", 3, "cli")):
            archive.keep(message)


@pytest.mark.usefixtures("three_entries")
def test_a_whole_log_is_0(capsys: Captured) -> None:
    assert main(["audit", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": 3, "ok": True, "first_bad": None}
    assert main(["audit", "verify"]) == 0
    assert capsys.readouterr().out == "3 entries, whole\n"


@pytest.mark.usefixtures("three_entries")
def test_a_broken_log_is_2_and_says_where(capsys: Captured) -> None:
    with open_store(paths.database_file(), [MIGRATIONS]) as store, store.writing() as db:
        db.execute("UPDATE audit SET action = 'call.opened' WHERE number = 2")
    assert main(["audit", "verify", "--json"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"entries": 3, "ok": False, "first_bad": 2}
    assert captured.err.startswith("tingbanctl: The audit log is broken: entry 2 ")


@pytest.mark.usefixtures("three_entries")
def test_a_log_that_was_cut_off_is_2(capsys: Captured) -> None:
    with open_store(paths.database_file(), [MIGRATIONS]) as store, store.writing() as db:
        db.execute("DELETE FROM audit WHERE number = 3")
    assert main(["audit", "verify", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["first_bad"] == 3


@pytest.mark.usefixtures("three_entries")
def test_a_store_that_is_gone_is_2(capsys: Captured) -> None:
    for file in paths.data_folder().glob("tingban.db"):
        file.unlink()
    assert main(["audit", "verify", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["first_bad"] == 1


def test_a_running_analyst_is_asked(capsys: Captured) -> None:
    with RequestServer("analyst", {VerifyAudit: lambda _: AuditReport(7, False, 4)}):
        assert main(["audit", "verify", "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {"entries": 7, "ok": False, "first_bad": 4}


def test_a_store_in_other_hands_is_3(capsys: Captured) -> None:
    with open_store(paths.database_file(), [MIGRATIONS]):
        assert main(["audit", "verify"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "in use" in captured.err
