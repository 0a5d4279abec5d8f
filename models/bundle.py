"""Models in one file, for desks without network.

A bundle is an uncompressed zip: first `bundle.json` with the passports, then each model's files as `<model>/<file>`.
Nothing in it is trusted: only the members the passports name are read, each at its stated size and hash, and a model
becomes visible only when every byte of it has been checked.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from core.errors import BadInput
from models.manifest import ModelFile, Passport, check_name, shipped
from models.publication import (
    CHUNK_BYTES,
    TEMPORARY_SUFFIX,
    Meter,
    Progress,
    Publication,
    chunks_of,
    counted,
    disk_faults,
    silent,
)
from models.store import InstalledModel, ModelStore
from models.whisper import inspect

INDEX_FILE = "bundle.json"
_MAX_INDEX_BYTES = 1 << 20
_MAX_MEMBERS = 1_000
# The oldest time a zip can carry: bundles of the same models are the same file.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SYMLINK = 0o120000
_FILE_TYPE = 0o170000
_REMEDY = "Export the bundle again with 'tingbanctl models export FILE' and carry it over anew."


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `bundle.json` says."""

    schema: Literal[1]
    models: Annotated[tuple[Passport, ...], msgspec.Meta(min_length=1, max_length=100)]


def export_bundle(
    store: ModelStore, target: Path, names: Sequence[str] = (), progress: Progress = silent
) -> tuple[Passport, ...]:
    """Write installed models (all of them where none is named) into one file; returns what is in it.

    Every byte is checked on the way, so a damaged model is never handed on.

    Raises: ModelFault when a model is missing or damaged, BadInput when there is none at all, EnvironmentFault when the
    file cannot be written.
    """
    chosen = tuple(names) or tuple(state.name for state in store.states() if state.status == "installed")
    if not chosen:
        raise BadInput("There is no installed model to export.", remedy="Fetch one with 'tingbanctl models fetch'.")
    for name in chosen:
        store.verify(name, progress)
    passports = tuple(store.passport(name) for name in chosen)
    partial = target.with_name(target.name + TEMPORARY_SUFFIX)
    meter = Meter(progress, "write", sum(passport.bytes for passport in passports))
    try:
        with disk_faults(target), partial.open("wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                index = msgspec.json.encode(Bundle(schema=1, models=passports))
                archive.writestr(zipfile.ZipInfo(INDEX_FILE, _EPOCH), index)
                for passport in passports:
                    for file in passport.files:
                        source = store.folder(passport.name) / file.path
                        _append(archive, f"{passport.name}/{file.path}", counted(chunks_of(source), meter.tick))
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return passports


def import_bundle(store: ModelStore, source: Path, progress: Progress = silent) -> list[InstalledModel]:
    """Install every model of a bundle.

    Raises: BadInput when the file is no bundle, is damaged, or names a model of the product with other content;
    EnvironmentFault when there is no room. What is not whole is not installed.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            bundle = _read_index(archive, source)
            members = _members(archive, bundle, source)
            total_bytes = sum(passport.bytes for passport in bundle.models)
            store.require_room(total_bytes)
            meter = Meter(progress, "import", total_bytes)
            for passport in bundle.models:
                folder = store.folder(passport.name)
                with store.locked(passport.name), Publication(folder) as publication:
                    for file in passport.files:
                        member = members[f"{passport.name}/{file.path}"]
                        written = publication.write(file.path, counted(_read(archive, member, file), meter.tick))
                        if written != file:
                            raise BadInput(f"{member.filename} in {source} is damaged.", remedy=_REMEDY)
                    inspect(folder, publication.written)
                    publication.publish(passport)
            return [store.prepare(passport.name, progress) for passport in bundle.models]
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BadInput(f"{source} cannot be read: {error.strerror}.", remedy="Check the path.") from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise BadInput(f"{source} is no bundle, or a damaged one: {error}.", remedy=_REMEDY) from error


def _append(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> None:
    with archive.open(zipfile.ZipInfo(name, _EPOCH), "w", force_zip64=True) as member:
        for chunk in chunks:
            member.write(chunk)


def _read_index(archive: zipfile.ZipFile, source: Path) -> Bundle:
    listed = archive.infolist()
    if not listed or listed[0].filename != INDEX_FILE or listed[0].file_size > _MAX_INDEX_BYTES:
        raise BadInput(f"{source} is no bundle: it does not begin with {INDEX_FILE}.", remedy=_REMEDY)
    _check_member(listed[0], source)
    try:
        bundle = msgspec.json.decode(archive.read(listed[0]), type=Bundle)
    except msgspec.MsgspecError as error:
        raise BadInput(f"{source} is no bundle of this version: {error}.", remedy=_REMEDY) from error
    for passport in bundle.models:
        known = shipped().find(check_name(passport.name))
        if known is not None and passport.files != known.passport.files:
            raise BadInput(
                f"{source} carries a model {passport.name!r} that is not the product's.",
                remedy="Export it from an installation of the same version, or under another name.",
            )
    return bundle


def _members(archive: zipfile.ZipFile, bundle: Bundle, source: Path) -> dict[str, zipfile.ZipInfo]:
    """The archive's members by name: exactly those of the passports, plain, uncompressed and of the stated size.

    Uncompressed members cannot hold more than the file itself, so no bomb unfolds.
    """
    listed = archive.infolist()[1:]
    expected = {f"{passport.name}/{file.path}": file for passport in bundle.models for file in passport.files}
    names = [member.filename for member in listed]
    if len(names) > _MAX_MEMBERS or sorted(names) != sorted(expected):
        raise BadInput(f"{source} does not hold exactly the files its index names.", remedy=_REMEDY)
    for member in listed:
        _check_member(member, source)
        if member.file_size != expected[member.filename].bytes:
            raise BadInput(f"{member.filename} in {source} has another size than its index says.", remedy=_REMEDY)
    return {member.filename: member for member in listed}


def _check_member(member: zipfile.ZipInfo, source: Path) -> None:
    stored = member.compress_type == zipfile.ZIP_STORED and member.compress_size == member.file_size
    linked = (member.external_attr >> 16) & _FILE_TYPE == _SYMLINK
    if not stored or linked or member.flag_bits & 0x1:
        raise BadInput(f"{member.filename!r} in {source} is not a plain, uncompressed file.", remedy=_REMEDY)


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: ModelFile) -> Iterator[bytes]:
    left = file.bytes
    with archive.open(member) as stream:
        while left and (chunk := stream.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
