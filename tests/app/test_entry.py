"""`python -m app`: one entry, three executables."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app import __main__ as entry


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    seen: list[tuple[object, ...]] = []

    def note(module: str, *arguments: list[str]) -> int:
        seen.append((module, *arguments))
        return 7

    monkeypatch.setattr(entry, "_run", note)
    return seen


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (["worker", "recorder"], ("app.recorder",)),
        (["worker", "recogniser"], ("app.recogniser",)),
        (["worker", "analyst"], ("app.analyst",)),
        (["desk", "--demo"], ("app.main", ["--demo"])),
        (["ctl", "models", "list"], ("app.cli.main", ["models", "list"])),
        (["--self-test"], ("app.self_test",)),
    ],
)
def test_roles(calls: list[tuple[object, ...]], arguments: list[str], call: tuple[object, ...]) -> None:
    assert entry.main(arguments) == 7
    assert calls == [call]


@pytest.mark.parametrize("arguments", [[], ["worker"], ["worker", "cook"], ["nonsense"]])
def test_anything_else_is_bad_usage(
    calls: list[tuple[object, ...]], arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.main(arguments) == 2
    assert calls == []
    assert capsys.readouterr().err.startswith("usage:")


@pytest.mark.parametrize(
    ("executable", "arguments", "call"),
    [
        ("/opt/tingban/tingban", [], ("app.main", [])),
        ("/opt/tingban/tingban", ["--demo"], ("app.main", ["--demo"])),
        ("/opt/tingban/tingbanctl", ["models", "list"], ("app.cli.main", ["models", "list"])),
        ("/opt/tingban/tingban-worker", ["worker", "analyst"], ("app.analyst",)),
        ("/opt/tingban/tingban", ["--self-test"], ("app.self_test",)),
    ],
)
def test_a_frozen_executable_knows_what_it_is(
    calls: list[tuple[object, ...]],
    monkeypatch: pytest.MonkeyPatch,
    executable: str,
    arguments: list[str],
    call: tuple[object, ...],
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", executable)
    entry.main(arguments)
    assert calls == [call]


def test_the_self_test_passes_here() -> None:
    done = subprocess.run([sys.executable, "-m", "app", "--self-test"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("tingban ")
    assert {line.split(":")[0].split(maxsplit=1)[1] for line in lines[1:]} >= {"recogniser", "store", "window"}
    assert not any(line.startswith("FAIL") for line in lines)
