"""Environments of the peers, made once in a cache folder from exact pins.

    python -m bench.peers.environments [--cache DIR]

The peer itself is installed without its list of requirements, which asks for a microphone library to be compiled and
for back ends that are not used here; what it does need stands in `requirements-<peer>.txt` beside this file. torch
takes most of the room (1.5 GB an environment with its CPU build).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

from core.errors import EnvironmentFault

DEFAULT_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tingban-bench"
_HERE = Path(__file__).resolve().parent


class Peer(NamedTuple):
    """A system compared against: its name here, and its pin."""

    name: str
    pin: str

    @property
    def requirements(self) -> Path:
        """What it needs, pinned."""
        return _HERE / f"requirements-{self.name}.txt"


PEERS = (Peer("realtimestt", "realtimestt==1.1.2"), Peer("whisperlive", "whisper-live==0.10.0"))


def ensure(peer: Peer, cache: Path) -> Path:
    """The Python of a peer's environment, made where it is missing or where its pins have changed.

    Raises: EnvironmentFault when it cannot be installed.
    """
    folder = cache / peer.name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pins = hashlib.sha256(peer.pin.encode() + peer.requirements.read_bytes()).hexdigest()
    marker = folder / "pins.sha256"
    if marker.is_file() and marker.read_text() == pins:
        return python
    print(f"Making the environment of {peer.pin} in {folder} …", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    for wanted in (("-r", str(peer.requirements)), ("--no-deps", peer.pin)):
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
        if subprocess.run(command, check=False).returncode:
            raise EnvironmentFault(
                f"{peer.pin} could not be installed into {folder}.",
                remedy="See pip's message above; a package registry must be within reach once.",
            )
    marker.write_text(pins)
    return python


def main() -> int:
    """Make all environments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, metavar="DIR", help="(%(default)s)")
    arguments = parser.parse_args()
    for peer in PEERS:
        print(ensure(peer, arguments.cache))
    return 0


if __name__ == "__main__":
    from bench.report import run

    run(main)
