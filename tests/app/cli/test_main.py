"""`tingbanctl` itself: options, exit codes, streams, start-up."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from app.cli import main as cli
from core.errors import BadInput, EnvironmentFault, ModelFault, TingbanError

HEAVY = ("numpy", "PySide6", "ctranslate2", "faster_whisper", "onnxruntime", "sqlcipher3", "sounddevice", "av")


class Command:
    """Stands in for a command's module."""

    def __init__(self, work: Callable[[argparse.Namespace], int]) -> None:
        self.run = work

    def add_parser(self, commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        parser = commands.add_parser("doctor")
        parser.add_argument("--deep", action="store_true")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[argparse.Namespace], int]], None]:
    """Makes a function the work of `tingbanctl doctor`."""

    def use(work: Callable[[argparse.Namespace], int]) -> None:
        monkeypatch.setitem(sys.modules, "app.cli.doctor", Command(work))

    return use


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_is_a_module_with_the_two_functions(name: str) -> None:
    module = import_module(f"app.cli.{name}")
    commands = argparse.ArgumentParser().add_subparsers()
    module.add_parser(commands)
    assert list(commands.choices) == [name]
    assert callable(module.run)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert all(f"    {name} " in out for name in cli.COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], ["models", "list"]])
def test_what_does_not_hear_or_recognise_loads_no_library_for_it(arguments: list[str], tmp_path: Path) -> None:
    script = (
        "import sys, atexit; from app.cli.main import main;"
        f"atexit.register(lambda: print('LOADED', *(name for name in {HEAVY!r} if name in sys.modules)));"
        f"sys.exit(main({arguments!r}))"
    )
    environment = os.environ | {"TINGBAN_DATA": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    loaded = done.stdout.splitlines()[-1]
    assert loaded.startswith("LOADED")
    assert not set(loaded.split()) & set(HEAVY) - ({"numpy"} if arguments != ["--help"] else set())


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["models"], ["models", "list", "--nonsense"], ["--lim", "1"]])
def test_bad_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage: tingbanctl" in captured.err


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
def test_a_limit_is_a_positive_number(limit: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["doctor", "--limit", limit])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (BadInput("Row 3 has no date.", remedy="Add one."), 2),
        (EnvironmentFault("No room.", remedy="Make some."), 3),
        (ModelFault("No weights.", remedy="Fetch them."), 3),
        (TingbanError("A bug."), 1),
    ],
)
def test_faults_are_a_sentence_with_the_remedy_and_a_code(
    stand_in: Callable[[Callable[[argparse.Namespace], int]], None],
    capsys: pytest.CaptureFixture[str],
    fault: TingbanError,
    code: int,
) -> None:
    def fail(_args: argparse.Namespace) -> int:
        raise fault

    stand_in(fail)
    assert cli.main(["doctor", "--json"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"tingbanctl: {fault}\n"


def test_bugs_stay_loud(stand_in: Callable[[Callable[[argparse.Namespace], int]], None]) -> None:
    def fail(_args: argparse.Namespace) -> int:
        raise ZeroDivisionError

    stand_in(fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(["doctor"])


def test_an_interruption_is_calm(
    stand_in: Callable[[Callable[[argparse.Namespace], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_args: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    stand_in(interrupt)
    assert cli.main(["doctor"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_shared_options_stand_before_or_after_the_command(
    stand_in: Callable[[Callable[[argparse.Namespace], int]], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[argparse.Namespace] = []
    stand_in(lambda args: seen.append(args) or 0)
    monkeypatch.setenv("TINGBAN_DATA", "unset")
    monkeypatch.delenv("TINGBAN_KEY_FILE", raising=False)
    options = ["--json", "--data", str(tmp_path), "--key-file", "key", "--limit", "7"]
    assert cli.main([*options, "doctor"]) == cli.main(["doctor", *options]) == 0
    assert cli.main(["--json", "doctor", "--deep"]) == 0
    for args in seen[:2]:
        assert (args.json, args.data, args.key_file, args.limit) == (True, tmp_path, Path("key"), 7)
    assert (seen[2].json, seen[2].limit, seen[2].key_file, seen[2].deep) == (True, None, None, True)
    assert os.environ["TINGBAN_DATA"] == str(tmp_path)


def test_the_key_file_may_come_from_the_environment(
    stand_in: Callable[[Callable[[argparse.Namespace], int]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[argparse.Namespace] = []
    stand_in(lambda args: seen.append(args) or 0)
    monkeypatch.setenv("TINGBAN_KEY_FILE", "from-environment")
    cli.main(["doctor"])
    assert seen[0].key_file == Path("from-environment")


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is told otherwise on Windows")
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "app.cli.main", "--data", str(tmp_path), "models", "list"]
    done = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (cli.EXIT_BROKEN_PIPE, "")


def test_streams_are_utf8_whatever_the_system_prefers(tmp_path: Path) -> None:
    folder = tmp_path / "没有"
    environment = os.environ | {"PYTHONIOENCODING": "gb18030"}
    command = [sys.executable, "-m", "app.cli.main", "--data", str(tmp_path), "models", "add", "mine", str(folder)]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 2
    assert "没有" in done.stderr.decode("utf-8")
