"""`tingbanctl keys`: the supervisors' key pair, its public half on this desk, and the slots of the desk's own key."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from core.errors import BadInput, EnvironmentFault
from core.types import SupervisorKey

HELP = "the supervisors' key pair and the keys of this desk"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("keys", help=HELP)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    init = actions.add_parser(
        "init", help="make the supervisors' pair: FILE on a stick, under a passphrase, and FILE.pub"
    )
    init.add_argument("file", metavar="FILE", type=Path)
    init.add_argument("--passphrase-file", metavar="FILE", type=Path, help="instead of asking on the terminal")
    importing = actions.add_parser("import-public", help="seal originals to the public keys in FILE too")
    importing.add_argument("file", metavar="FILE", help="a file that ends in .pub; `-` is standard input")
    exporting = actions.add_parser("export-public", help="write the public keys of this desk to FILE, for another desk")
    exporting.add_argument("file", metavar="FILE", type=Path)
    actions.add_parser("list", help="the public keys that originals are sealed to")
    removing = actions.add_parser("remove", help="seal no more to a public key")
    removing.add_argument("fingerprint", metavar="FINGERPRINT", help="or its first eight characters")
    actions.add_parser("slots", help="what opens this desk's store")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry the action out and print the keys it concerned."""
    match args.action:
        case "init":
            _print([_init(args.file, args.passphrase_file)], as_json=args.json)
        case "import-public":
            _print(_import(args.file, args.key_file), as_json=args.json)
        case "export-public":
            _print(_export(args.file), as_json=args.json)
        case "remove":
            _print(_remove(args.fingerprint, args.key_file), as_json=args.json)
        case "slots":
            _print_slots(args.limit, as_json=args.json)
        case _:
            _print(_installed()[: args.limit], as_json=args.json)
    return 0


# --- the pair -------------------------------------------------------------------------------------------------------
def _init(file: Path, passphrase_file: Path | None) -> SupervisorKey:
    from core.recipients import supervisor_key
    from core.sealing import locked_private_key, new_private_key

    public_file = file.with_name(f"{file.name}.pub")
    _refuse_data_folder(file)
    for place in (file, public_file):
        if os.path.lexists(place):
            raise BadInput(f"{place} exists already.", remedy="Choose another name: a lost private key opens nothing.")
    passphrase = _passphrase(passphrase_file)
    key = new_private_key()
    locked = locked_private_key(key, passphrase)
    _write_new(file, locked, 0o600)
    try:
        _write_new(public_file, f"{key.public_key}\n".encode(), 0o644)
    except EnvironmentFault:
        file.unlink()
        raise
    return supervisor_key(key.public_key)


def _refuse_data_folder(file: Path) -> None:
    """A private half beside the originals would be a lock with the key in it."""
    from core.paths import data_folder

    if file.resolve().is_relative_to(data_folder().resolve()):
        raise BadInput(
            f"{file} lies in the data folder of this desk.",
            remedy="Put the private key on a stick that leaves the desk.",
        )


def _passphrase(file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise BadInput(
                f"The passphrase file {file} cannot be read.",
                remedy="Name a text file with the passphrase on its only line.",
            ) from None
    if not sys.stdin.isatty():
        raise BadInput("There is no terminal to ask for a passphrase.", remedy="Give it with --passphrase-file FILE.")
    passphrase = getpass.getpass("Passphrase of the supervisors' private key: ")
    if getpass.getpass("Once more: ") != passphrase:
        raise BadInput("The two passphrases differ.", remedy="Try again.")
    return passphrase


def _write_new(file: Path, data: bytes, mode: int) -> None:
    """Write a file that must not exist yet, whole or not at all."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        file.unlink(missing_ok=True)
        raise _unwritable(file, error) from error


def _unwritable(file: Path, error: OSError) -> EnvironmentFault | BadInput:
    if isinstance(error, FileExistsError):
        return BadInput(f"{file} exists already.", remedy="Choose another name.")
    return EnvironmentFault(
        f"{file} cannot be written: {error.strerror}.", remedy="Choose a folder that exists, on a disk with room."
    )


# --- public halves on this desk -------------------------------------------------------------------------------------
def _installed() -> tuple[SupervisorKey, ...]:
    from core.recipients import SupervisorKeys

    return SupervisorKeys().installed()


def _import(file: str, key_file: Path | None) -> tuple[SupervisorKey, ...]:
    from app.cli.owner import asked
    from core.recipients import public_keys
    from core.requests import InstallKeys

    place = "standard input" if file == "-" else file
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except OSError as error:
        raise BadInput(f"{place} cannot be read: {error.strerror}.", remedy="Name a file that ends in .pub.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{place} is no text.", remedy="Name a file that ends in .pub.") from None
    keys = public_keys(text, place)
    if not keys:
        raise BadInput(f"{place} holds no public key.", remedy="Name a file that `tingbanctl keys init` made.")
    new = asked(InstallKeys(keys), key_file=key_file).keys
    if len(new) < len(keys):
        print(f"{len(keys) - len(new)} of them are installed already.", file=sys.stderr)
    return new


def _export(file: Path) -> tuple[SupervisorKey, ...]:
    keys = _installed()
    if not keys:
        raise BadInput("No supervisors' key is on this desk.", remedy="Import one: tingbanctl keys import-public FILE")
    _write_new(file, "".join(f"{key.public_key}\n" for key in keys).encode(), 0o644)
    return keys


def _remove(fingerprint: str, key_file: Path | None) -> tuple[SupervisorKey, ...]:
    from app.cli.owner import asked
    from core.requests import RemoveKeys

    gone = asked(RemoveKeys(fingerprint), key_file=key_file).keys
    if not _installed():
        print("No supervisors' key is left: originals are dropped from now on.", file=sys.stderr)
    return gone


def _print(keys: Iterable[SupervisorKey], *, as_json: bool) -> None:
    for key in keys:
        if as_json:
            print(json.dumps({"fingerprint": key.fingerprint, "public_key": key.public_key}))
        else:
            print(f"{key.fingerprint}  {key.public_key}")


# --- the desk's slots -----------------------------------------------------------------------------------------------
def _print_slots(limit: int | None, *, as_json: bool) -> None:
    from core.keys import slot_kinds
    from core.paths import database_file

    for number, kind in enumerate(slot_kinds(database_file())[:limit], 1):
        print(json.dumps({"slot": number, "kind": kind}) if as_json else f"{number}  {kind}")
