"""`tingbanctl models` on small models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import main
from core.paths import models_folder
from tests.harness.tiny_whisper import write_tiny_whisper

pytestmark = pytest.mark.usefixtures("desk_folder")


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_whisper(tmp_path / "tiny")


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_list_has_the_fields_of_the_contract(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "add", "mine", str(tiny), "--licence", "MIT"]) == 0
    capsys.readouterr()
    assert main(["models", "list", "--json"]) == 0
    base, mine = rows(capsys)
    assert list(base) == ["name", "kind", "status", "bytes", "sha256", "licence"]
    assert (base["name"], base["status"]) == ("base", "missing")
    assert (mine["name"], mine["kind"], mine["status"], mine["licence"]) == ("mine", "whisper", "installed", "MIT")
    assert main(["models", "list", "--json", "--limit", "1"]) == 0
    assert [row["name"] for row in rows(capsys)] == ["base"]


def test_each_action_prints_what_it_concerned(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = str(tmp_path / "bundle")
    for arguments in (["add", "mine", str(tiny)], ["verify"], ["export", bundle], ["import", bundle]):
        assert main(["models", "--json", *arguments]) == 0
        assert [row["name"] for row in rows(capsys)] == ["mine"]


def test_progress_goes_to_standard_error_alone(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "add", "mine", str(tiny)])
    captured = capsys.readouterr()
    assert captured.out.startswith("mine ")
    assert "Copying the model: 0 of 0 MB" in captured.err


def test_verify_tells_every_damaged_model_and_is_3(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("first", "second", "third"):
        main(["models", "add", name, str(tiny)])
    for name in ("first", "third"):
        (models_folder() / name / "tokenizer.json").write_text('{"model": {"type": "EPB"}}')
    capsys.readouterr()
    assert main(["models", "verify"]) == 3
    err = capsys.readouterr().err
    assert "first" in err
    assert "third" in err
    assert "second" not in err
    main(["models", "list", "--json"])
    assert [row["status"] for row in rows(capsys)] == ["missing", "damaged", "installed", "damaged"]


def test_nothing_to_verify_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify"]) == 2
    assert "models fetch" in capsys.readouterr().err


def test_a_damaged_passport_is_listed_with_its_reason(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "add", "mine", str(tiny)])
    (models_folder() / "mine" / "passport.json").write_text("{")
    capsys.readouterr()
    assert main(["models", "list", "--json"]) == 0
    captured = capsys.readouterr()
    mine = json.loads(captured.out.splitlines()[1])
    assert (mine["status"], mine["bytes"]) == ("damaged", None)
    assert "models add mine DIR" in captured.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["fetch", "large-v3"], 2),
        (["add", "mine", "nowhere"], 2),
        (["import", "nowhere"], 2),
        (["export", "out", "mine"], 3),
        (["verify", "mine"], 3),
    ],
)
def test_exit_codes(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", *arguments]) == code
    assert capsys.readouterr().out == ""
