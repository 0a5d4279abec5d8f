"""`tingbanctl audit`: walks the audit log."""

from __future__ import annotations

import argparse
import json

from app.cli.owner import asked
from core.errors import BadInput
from core.requests import VerifyAudit

HELP = "check that the audit log is whole"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("audit", help=HELP)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("verify", help="walk the chain from its first entry to its head; 2 where it is broken")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what the walk found. Raises: BadInput for a broken chain, after printing it."""
    report = asked(VerifyAudit(), key_file=args.key_file)
    if args.json:
        print(json.dumps({"entries": report.entries, "ok": report.ok, "first_bad": report.first_bad}), flush=True)
    elif report.ok:
        print(f"{report.entries} entries, whole")
    if not report.ok:
        raise BadInput(
            f"The audit log is broken: entry {report.first_bad} is not as it was written, or is gone.",
            remedy="Keep a copy of the data folder as it is now and tell your supervisor.",
        )
    return 0
