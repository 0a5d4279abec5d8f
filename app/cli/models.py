"""`tingbanctl models`: list, fetch, verify, export, import, add."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from app.cli.progress import ProgressBar
from core.errors import BadInput, ModelFault
from models.bundle import export_bundle, import_bundle
from models.fetch import fetch
from models.manifest import shipped
from models.store import ModelState, ModelStore

_STAGES = {
    "download": "Downloading weights",
    "join": "Unpacking weights",
    "verify": "Checking weights",
    "write": "Writing the bundle",
    "import": "Reading the bundle",
    "copy": "Copying the model",
    "prepare": "Preparing weights for the processor",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser of `tingbanctl`."""
    parser = commands.add_parser("models", help="list, fetch, check and carry the recogniser's weights")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="what is known and what is installed")
    fetching = actions.add_parser("fetch", help="fetch and check weights (the default model where none is named)")
    fetching.add_argument("name", metavar="NAME", nargs="?", default=shipped().default)
    verifying = actions.add_parser("verify", help="check every byte of installed models")
    verifying.add_argument("names", metavar="NAME", nargs="*")
    exporting = actions.add_parser("export", help="write installed models into one file, for desks without network")
    exporting.add_argument("file", metavar="FILE", type=Path)
    exporting.add_argument("names", metavar="NAME", nargs="*")
    importing = actions.add_parser("import", help="install the models of such a file")
    importing.add_argument("file", metavar="FILE", type=Path)
    adding = actions.add_parser("add", help="copy in any Whisper model converted for CTranslate2")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("folder", metavar="DIR", type=Path)
    adding.add_argument("--licence", metavar="NAME", default="unknown", help="the licence it came under")


def run(args: argparse.Namespace) -> int:
    """Carry the action out and print the models it concerned."""
    store = ModelStore()
    with ProgressBar(_STAGES) as progress:
        match args.action:
            case "fetch":
                touched = [fetch(store, args.name, progress).name]
            case "verify":
                touched = args.names or [state.name for state in store.states() if state.status != "missing"]
                if not touched:
                    raise BadInput("No model is installed.", remedy="Fetch one with 'tingbanctl models fetch'.")
                faults = [fault for name in touched if (fault := _verify(store, name, progress)) is not None]
                if faults:
                    # Each is said on its own line; the exit code is that of any of them.
                    print(*faults[:-1], sep="\n", end="\n" if faults[1:] else "", file=sys.stderr)
                    raise faults[-1]
            case "export":
                touched = [passport.name for passport in export_bundle(store, args.file, args.names, progress)]
            case "import":
                touched = [model.name for model in import_bundle(store, args.file, progress)]
            case "add":
                touched = [store.add(args.name, args.folder, licence=args.licence, progress=progress).name]
            case _:
                touched = [state.name for state in store.states()][: args.limit]
    _print([state for state in store.states() if state.name in touched], as_json=args.json)
    return 0


def _verify(store: ModelStore, name: str, progress: ProgressBar) -> ModelFault | None:
    try:
        store.verify(name, progress)
    except ModelFault as fault:
        return fault
    return None


def _print(states: Iterable[ModelState], *, as_json: bool) -> None:
    for state in states:
        passport = state.passport
        row = {
            "name": state.name,
            "kind": passport.kind if passport else None,
            "status": state.status,
            "bytes": passport.bytes if passport else None,
            "sha256": passport.weights_sha256 if passport else None,
            "licence": passport.licence if passport else None,
        }
        if as_json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            size = f"{passport.bytes / 1e6:.0f} MB" if passport else "-"
            print(f"{state.name:<16} {state.status:<10} {size:>9}  {row['licence'] or '-'}")
        if state.fault is not None:
            print(state.fault, file=sys.stderr)
