"""The set-up script, piece by piece; the whole of it runs whenever the gate does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands that would have been run; all succeed."""
    seen: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run_quietly", lambda command, _environment=None: seen.append(command))
    monkeypatch.setattr(bootstrap, "call", lambda command: seen.append(command) or 0)
    return seen


@pytest.fixture
def bare_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: "/usr/bin/found")
    monkeypatch.setattr(bootstrap, "is_installed", lambda _package: False)
    monkeypatch.setattr(bootstrap, "can_make_venv", lambda: True)


@pytest.mark.usefixtures("bare_debian")
def test_root_installs_what_is_missing(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "is_root", lambda: True)
    assert bootstrap.install_system_packages(("libegl1",)) == []
    assert [command[:2] for command in calls] == [["apt-get", "update"], ["apt-get", "install"]]
    assert calls[1][-1] == "libegl1"


@pytest.mark.usefixtures("bare_debian")
def test_others_are_told_the_line_to_run_and_go_on(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "is_root", lambda: False)
    assert bootstrap.install_system_packages(("libegl1", "libgl1")) == ["libegl1", "libgl1"]
    assert calls == []
    assert "sudo apt-get install --no-install-recommends libegl1 libgl1\n" in capsys.readouterr().out


@pytest.mark.usefixtures("bare_debian")
def test_without_virtual_environments_others_cannot_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "is_root", lambda: False)
    monkeypatch.setattr(bootstrap, "can_make_venv", lambda: False)
    with pytest.raises(bootstrap.SetupFailed, match="run the same command again"):
        bootstrap.install_system_packages(())
    assert "python3-venv" in capsys.readouterr().out


@pytest.mark.usefixtures("bare_debian")
def test_what_is_there_is_left_alone(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "is_installed", lambda _package: True)
    assert bootstrap.install_system_packages(bootstrap.wanted_packages("test", window=False)) == []
    assert calls == []


def test_a_window_needs_more_than_a_terminal() -> None:
    with_window = bootstrap.wanted_packages("demo", window=True)
    assert set(bootstrap.wanted_packages("demo", window=False)) < set(with_window)
    assert set(with_window) < set(bootstrap.wanted_packages("test", window=False))


def test_an_unfit_python_hands_over_to_a_fit_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "python3.12"
    other.write_text("#!/bin/sh\nexit 42\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as ended:
        bootstrap.use_fitting_python()
    assert ended.value.code == 42


def test_without_a_fit_python_it_says_which_to_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for version in ((3, 10, 0), (3, 14, 0)):
        monkeypatch.setattr(sys, "version_info", version)
        assert bootstrap.main(["demo"]) == 3
        assert "Python 3.11, 3.12 or 3.13 is needed" in capsys.readouterr().out


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose `.venv` is this interpreter."""
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "lock.txt").write_text("one==1\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "stamp.json")
    monkeypatch.setattr(bootstrap, "venv_python", lambda: sys.executable)
    return tmp_path


def test_a_finished_environment_is_not_touched_until_something_changes(project: Path, calls: list[list[str]]) -> None:
    lock = project / "lock.txt"
    bootstrap.install_python_packages([lock])
    assert any("--require-hashes" in command for command in calls)
    calls.clear()
    bootstrap.install_python_packages([lock])
    assert calls == []
    lock.write_text("one==2\n")
    bootstrap.install_python_packages([lock])
    assert calls != []


def test_a_set_up_that_was_cut_short_is_done_again(
    project: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_command: list[str], _environment: dict[str, str] | None = None) -> None:
        raise bootstrap.SetupFailed("pip failed")

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "run_quietly", fail)
        with pytest.raises(bootstrap.SetupFailed):
            bootstrap.install_python_packages([project / "lock.txt"])
    bootstrap.install_python_packages([project / "lock.txt"])
    assert calls != []


def test_an_environment_of_another_python_is_made_anew(
    project: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".venv" / "old").touch()
    monkeypatch.setattr(bootstrap, "venv_python", lambda: str(project / ".venv" / "bin" / "python"))

    def make(command: list[str], _environment: dict[str, str] | None = None) -> None:
        calls.append(command)
        (project / ".venv").mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "run_quietly", make)
    bootstrap.install_python_packages([project / "lock.txt"])
    assert calls[0][1:] == ["-m", "venv", str(project / ".venv")]
    assert not (project / ".venv" / "old").exists()


def test_a_failing_step_shows_the_end_of_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    script = "print('\\n'.join(f'line {n}' for n in range(100))); raise SystemExit(5)"
    with pytest.raises(bootstrap.SetupFailed, match="code 5"):
        bootstrap.run_quietly([sys.executable, "-c", script])
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("line 60", "line 99", 40)


def test_a_step_that_works_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.run_quietly([sys.executable, "-c", "print('noise')"])
    assert capsys.readouterr().out == ""


def test_the_demo_is_the_window_where_there_is_one(calls: list[list[str]]) -> None:
    assert bootstrap.demo(window=True) == 0
    assert calls == [[bootstrap.venv_python(), "-m", "app", "desk", "--demo"]]


@pytest.mark.parametrize("code", [3, -6])
def test_the_demo_goes_to_the_terminal_where_no_window_opens(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    seen: list[list[str]] = []

    def call(command: list[str]) -> int:
        seen.append(command)
        return code if "desk" in command else 0

    monkeypatch.setattr(bootstrap, "call", call)
    assert bootstrap.demo(window=True) == 0
    assert seen[1][2:5] == ["app.cli.main", "transcribe", str(bootstrap.ROOT / "assets/sample_call/sample.flac")]


def test_all_static_checks_run_even_if_one_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "call", lambda command: int("mypy" in command))
    assert bootstrap.static_checks() == 1
    out = capsys.readouterr().out
    assert "import contracts" in out
    assert out.endswith("Failed: mypy.\n")


@pytest.mark.parametrize(
    ("name", "arguments"), bootstrap.STATIC_CHECKS, ids=[name for name, _ in bootstrap.STATIC_CHECKS]
)
def test_a_static_check_can_fail(name: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "spoilt.py").write_text("import  os\nanswer: int = 'no'\n")
    (tmp_path / "pyproject.toml").write_text(
        """[tool.mypy]
files = ["spoilt.py"]
[tool.importlinter]
root_packages = ["spoilt"]
[[tool.importlinter.contracts]]
name = "nothing from outside"
type = "forbidden"
source_modules = ["spoilt"]
forbidden_modules = ["nowhere"]
"""
    )
    done = subprocess.run([sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0, f"{name}: {done.stdout}"


def test_options_after_test_go_to_pytest(calls: list[list[str]]) -> None:
    assert bootstrap.tests([]) == bootstrap.tests(["-k", "endpoint"]) == 0
    assert "--cov-fail-under=90" in calls[0]
    assert calls[1][1:] == ["-m", "pytest", "-k", "endpoint"]
    with pytest.raises(SystemExit) as ended:
        bootstrap.main(["demo", "--nonsense"])
    assert ended.value.code == 2


def test_help_works_anywhere(tmp_path: Path) -> None:
    script = bootstrap.ROOT / "bootstrap.py"
    done = subprocess.run(
        [sys.executable, "-I", str(script), "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "demo,test,check" in done.stdout
