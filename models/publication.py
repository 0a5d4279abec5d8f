"""Puts a model's files in place so that a reader sees all of them or none.

Each file is written beside its place under a temporary name, hashed on the way, synced and renamed; the passport comes
last. A folder without a passport is no model, so a crash at any moment leaves either the old model, or none and a
remedy. Renaming files rather than the folder is what Windows allows while a virus scanner holds one of them open.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from core.errors import EnvironmentFault, ModelFault
from models.manifest import PASSPORT_FILE, ModelFile, Passport

CHUNK_BYTES = 1 << 20
TEMPORARY_SUFFIX = ".partial"

Progress = Callable[[str, int, int], None]
"""(stage, bytes done, bytes in all); raising from it cancels the work and leaves a clean state."""


def silent(_stage: str, _done_bytes: int, _total_bytes: int) -> None:
    """A `Progress` for those who don't look."""


def chunks_of(path: Path) -> Iterator[bytes]:
    """The file's content, a mebibyte at a time. Raises: ModelFault when it cannot be read."""
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
    except OSError as error:
        # Told apart here from a disk that cannot be written: both happen in the same loop.
        raise ModelFault(f"{path} cannot be read: {error.strerror}.", remedy="Check the medium it lies on.") from error


def counted(chunks: Iterable[bytes], tick: Callable[[int], None]) -> Iterator[bytes]:
    """The chunks, with the size of each told to `tick` once it has been used."""
    for chunk in chunks:
        yield chunk
        tick(len(chunk))


class Meter:
    """Adds up bytes for a `Progress`."""

    def __init__(self, progress: Progress, stage: str, total_bytes: int) -> None:
        self._progress = progress
        self._stage = stage
        self._total_bytes = total_bytes
        self._done_bytes = 0
        progress(stage, 0, total_bytes)

    def tick(self, n_bytes: int) -> None:
        self._done_bytes += n_bytes
        self._progress(self._stage, self._done_bytes, self._total_bytes)


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Turns a full or read-only disk into a sentence; other errors of the system pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS}:
            raise
        raise EnvironmentFault(
            f"{folder} cannot be written: {error.strerror}.",
            remedy="Make room or give this account the right to write there, or choose another folder with --data.",
        ) from error


class Publication:
    """New content for one model folder; nothing is visible before `publish`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: dict[str, Path] = {}

    def __enter__(self) -> Self:
        with disk_faults(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        for stale in self.folder.glob(f"*{TEMPORARY_SUFFIX}"):
            stale.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for path in self.written.values():
            path.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def write(self, name: str, chunks: Iterable[bytes]) -> ModelFile:
        """Write a file under its temporary name and sync it.

        Raises: EnvironmentFault when the disk is full or read-only.
        """
        path = self.folder / (name + TEMPORARY_SUFFIX)
        self.written[name] = path
        digest = hashlib.sha256()
        n_bytes = 0
        with disk_faults(self.folder), path.open("wb") as stream:
            for chunk in chunks:
                stream.write(chunk)
                digest.update(chunk)
                n_bytes += len(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        return ModelFile(path=name, bytes=n_bytes, sha256=digest.hexdigest())

    def publish(self, passport: Passport) -> None:
        """Rename everything into place; files of an earlier model that this one lacks go away.

        Raises: EnvironmentFault when a file in use cannot be replaced or the disk refuses.
        """
        with disk_faults(self.folder):
            (self.folder / PASSPORT_FILE).unlink(missing_ok=True)
            for name, path in self.written.items():
                path.replace(self.folder / name)
            marker = self.folder / (PASSPORT_FILE + TEMPORARY_SUFFIX)
            with marker.open("wb") as stream:
                stream.write(msgspec.json.format(msgspec.json.encode(passport), indent=2))
                stream.flush()
                os.fsync(stream.fileno())
            for stale in self.folder.iterdir():
                if stale.is_file() and stale.name not in self.written and stale != marker:
                    stale.unlink()
            marker.replace(self.folder / PASSPORT_FILE)
            _sync_folder(self.folder)


def _sync_folder(folder: Path) -> None:
    """Make the renames durable. Windows has no such call and needs none: its renames are journalled."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
