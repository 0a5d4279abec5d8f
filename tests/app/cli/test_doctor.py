"""`tingbanctl doctor`: every check with its remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import doctor
from app.cli import main as cli
from app.doctor import Check
from tests.harness.ctl import ctl, rows


def use(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> list[dict]:
    asked: list[dict] = []

    def examine(_settings: object, **options: object) -> Iterator[Check]:
        asked.append(options)
        yield from checks

    monkeypatch.setattr(doctor, "examine", examine)
    return asked


GOOD = Check("system", ok=True, detail="Linux")
BAD = Check("display", ok=False, detail="There is no display.", remedy="Use tingbanctl.")


def test_a_desk_that_is_fit(
    desk_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = use(monkeypatch, GOOD)
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out == "ok    system         Linux\n"
    assert asked == [{"key_file": None, "try_engine_again": False}]


def test_a_desk_that_is_not(
    desk_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked = use(monkeypatch, GOOD, BAD)
    assert cli.main(["doctor", "--again", "--key-file", str(tmp_path / "key")]) == 3
    assert capsys.readouterr().out.splitlines()[1:] == [
        "FAIL  display        There is no display.",
        "                     Use tingbanctl.",
    ]
    assert asked == [{"key_file": tmp_path / "key", "try_engine_again": True}]
    assert cli.main(["doctor", "--json"]) == 3
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"check": "system", "ok": True, "detail": "Linux", "remedy": ""},
        {"check": "display", "ok": False, "detail": "There is no display.", "remedy": "Use tingbanctl."},
    ]


@pytest.mark.model
def test_this_machine(desk_with_models: Path) -> None:
    done = ctl("doctor", "--json")
    found = rows(done)
    assert all(set(row) == {"check", "ok", "detail", "remedy"} for row in found)
    assert {row["check"] for row in found} >= {"system", "data folder", "key", "display", "mask", "model", "engine"}
    assert all(row["detail"] for row in found)
    assert all(row["remedy"] for row in found if not row["ok"])
    assert done.returncode == (0 if all(row["ok"] for row in found) else 3)
    by_name = {row["check"]: row for row in found}
    assert by_name["model"]["ok"]
    assert by_name["model"]["detail"].startswith("base, 1")
    assert "threads, because 5 s of speech took" in by_name["engine"]["detail"]


def test_a_desk_without_weights(desk_folder: Path) -> None:
    done = ctl("doctor", "--json")
    assert done.returncode == 3
    by_name = {row["check"]: row for row in rows(done)}
    for name in ("model", "engine"):
        assert not by_name[name]["ok"]
        assert "models fetch base" in by_name[name]["remedy"]
