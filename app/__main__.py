"""The one entry of every process: `python -m app ROLE …`, or an executable of the frozen program.

    app desk [--demo]             the docked window
    app worker recorder|recogniser|analyst
    app ctl …                     the command line (`tingbanctl`)
    app --self-test               does everything this installation carries work on this machine?

A frozen program has three executables of this same file, which differ in what they do when nothing is said:
`tingban` opens the window, `tingbanctl` is the command line, `tingban-worker` expects a role.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

WORKERS = ("recorder", "recogniser", "analyst")
_USAGE = "usage: app desk [--demo] | worker recorder|recogniser|analyst | ctl … | --self-test"


def main(argv: list[str] | None = None) -> int:
    """Dispatch; returns the exit code of the process."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if getattr(sys, "frozen", False) and arguments[:1] != ["worker"]:
        arguments = _of_executable(Path(sys.executable).stem, arguments)
    match arguments:
        case ["--self-test"]:
            return _run("app.self_test")
        case ["worker", role] if role in WORKERS:
            return _run(f"app.{role}")
        case ["desk", *rest]:
            return _run("app.main", rest)
        case ["ctl", *rest]:
            return _run("app.cli.main", rest)
    print(_USAGE, file=sys.stderr)
    return 2


def _of_executable(name: str, arguments: list[str]) -> list[str]:
    if arguments == ["--self-test"]:
        return arguments
    role = {"tingban": "desk", "tingbanctl": "ctl"}.get(name)
    return [role, *arguments] if role else arguments


def _run(module: str, *arguments: list[str]) -> int:
    # Imported by name: a worker must not load the window, nor the window what the workers load.
    code: int = import_module(module).main(*arguments)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
