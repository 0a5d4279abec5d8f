"""`tingbanctl`: finds the command, runs it, and turns faults into sentences and exit codes.

Each command is a module of this package with `add_parser(commands)` and `run(args) -> int`; it is imported only when it
is called for, so that help and short commands start at once. Every parser also takes the options that all commands
share, before or after the command's name: `args.json`, `args.data`, `args.key_file`, `args.limit`.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from core import __version__
from core.errors import TingbanError
from core.paths import choose_data_folder

COMMANDS = {
    "transcribe": "captions of a file",
    "live": "captions of two devices",
    "mask": "take insults and personal data out of text",
    "devices": "list microphones and loopback devices",
    "call": "tell a running window that a call begins or ends",
    "models": "list, fetch, check and carry the recogniser's weights",
    "keys": "the supervisors' key pair and the keys of this desk",
    "audit": "check that the audit log is whole",
    "doctor": "check this machine and say what to mend",
}

EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


class Parser(argparse.ArgumentParser):
    """A parser whose sub-parsers take the shared options too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - argparse's own options, passed on
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)
        # An option given before the command's name must not be lost to the default of the command's own parser.
        shared = self.add_argument_group("options of every command")
        unset = argparse.SUPPRESS
        shared.add_argument("--json", action="store_true", default=unset, help="JSON Lines on standard output")
        shared.add_argument("--data", metavar="DIR", type=Path, default=unset, help="data folder (TINGBAN_DATA)")
        shared.add_argument(
            "--key-file", metavar="FILE", type=Path, default=unset, help="passphrase file (TINGBAN_KEY_FILE)"
        )
        shared.add_argument("--limit", metavar="N", type=_count, default=unset, help="at most N rows of a list")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns: 0 done, 1 a bug (raised, with its traceback), 2 bad usage or input, 3 the environment, 130 interrupted.
    """
    _speak_utf8()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        args = _parse(arguments)
        if args.data is not None:
            choose_data_folder(args.data)
        code: int = import_module(f"app.cli.{args.command}").run(args)
        sys.stdout.flush()
    except TingbanError as error:
        print(f"tingbanctl: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader (`head`, a closed pager) has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    except KeyboardInterrupt:
        print("tingbanctl: interrupted.", file=sys.stderr)
        return EXIT_INTERRUPTED
    return code


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="tingbanctl",
        description="Captions of both sides of a phone call, on this desk alone: what the window does, in a terminal.",
    )
    parser.add_argument("--version", action="version", version=f"tingbanctl {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, help_text in COMMANDS.items():
        if name in arguments:
            import_module(f"app.cli.{name}").add_parser(commands)
        else:
            commands.add_parser(name, help=help_text)
    key_file = os.environ.get("TINGBAN_KEY_FILE")
    defaults = argparse.Namespace(json=False, data=None, key_file=Path(key_file) if key_file else None, limit=None)
    return parser.parse_args(arguments, defaults)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def _speak_utf8() -> None:
    """Pipes of Windows would otherwise carry the code page of the country."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if stream is sys.stderr else "strict")


if __name__ == "__main__":
    raise SystemExit(main())
