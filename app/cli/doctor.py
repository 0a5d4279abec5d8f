"""`tingbanctl doctor`: checks this machine and says what to mend."""

from __future__ import annotations

import argparse
import json

HELP = "check this machine and say what to mend"

EXIT_UNFIT = 3


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help=HELP)
    parser.add_argument("--again", action="store_true", help="try the recogniser again instead of recalling the trial")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print each finding; 3 when any check fails."""
    from app.doctor import examine
    from core.settings import Settings

    fit = True
    for check in examine(Settings.load(), key_file=args.key_file, try_engine_again=args.again):
        fit = fit and check.ok
        if args.json:
            row = {"check": check.name, "ok": check.ok, "detail": check.detail, "remedy": check.remedy}
            print(json.dumps(row, ensure_ascii=False), flush=True)
        else:
            print(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<14} {check.detail}", flush=True)
            if check.remedy:
                print(f"{'':<21}{check.remedy}", flush=True)
    return 0 if fit else EXIT_UNFIT
