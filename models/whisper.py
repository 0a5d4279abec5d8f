"""Reads the structure of a CTranslate2 Whisper model without loading it.

The walk over `model.bin` touches only the headers of its variables (1–2 ms for any size), yet finds a file that is
cut short, padded, of another format or of another kind of model.
Source of the layout: CTranslate2's model serialisation, binary versions 4 to 6.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

from core.errors import BadInput, ModelFault

BINARY_VERSIONS = range(4, 7)
"""Versions of the file format that CTranslate2 4 reads and that carry typed variables."""

MULTILINGUAL_VOCABULARY = 51_865
"""Whisper's smallest multilingual vocabulary; English-only models have one token less."""

N_MELS = (80, 128)
ELEMENT_BYTES = {"float32": 4, "int8": 1, "int16": 2, "int32": 4, "float16": 2, "bfloat16": 2}
"""Types of elements and their sizes, in the order of CTranslate2's numbers for them."""

_MAX_VARIABLES = 100_000
_MAX_DIMENSIONS = 8
_REMEDY = "Bring the whole folder of a Whisper model converted for CTranslate2."


@dataclass(frozen=True, slots=True)
class WhisperFacts:
    """What the files say of a Whisper model."""

    n_mels: int
    n_vocabulary: int

    @property
    def languages(self) -> tuple[str, ...]:
        """Which of our languages the model serves."""
        return ("zh", "en") if self.n_vocabulary >= MULTILINGUAL_VOCABULARY else ("en",)


class _Walk:
    """Little-endian reads over a file of known size; every failure names the place."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self.stream = stream
        self.path = path
        self.size = path.stat().st_size

    def fault(self, reason: str) -> ModelFault:
        return ModelFault(f"{self.path} is not whole: {reason} at byte {self.stream.tell()}.", remedy=_REMEDY)

    def number(self, layout: str) -> int:
        data = self.stream.read(struct.calcsize(layout))
        if len(data) < struct.calcsize(layout):
            raise self.fault("it ends too soon")
        value: int = struct.unpack("<" + layout, data)[0]
        return value

    def text(self) -> str:
        size = self.number("H")
        data = self.stream.read(size)
        if len(data) < size or not data.endswith(b"\0"):
            raise self.fault("a name is cut short")
        return data[:-1].decode("ascii", errors="replace")

    def skip(self, n_bytes: int) -> None:
        if self.stream.tell() + n_bytes > self.size:
            raise self.fault("a variable is cut short")
        self.stream.seek(n_bytes, 1)


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a model, and where its elements lie in the file."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    offset: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class WeightsLayout:
    """All of a `model.bin` but the elements. `aliases`: pairs of another name and the variable it stands for."""

    version: int
    kind: str
    revision: int
    variables: tuple[Variable, ...]
    aliases: tuple[tuple[str, str], ...]


def read_weights(path: Path) -> WhisperFacts:
    """Walk the variables of a `model.bin` from first to last byte.

    Raises: ModelFault when the file is missing, damaged, of a version this program does not read, or no Whisper model.
    """
    shapes = {variable.name: variable.shape for variable in read_layout(path).variables}
    conv = shapes.get("encoder/conv1/weight", ())
    embeddings = shapes.get("decoder/embeddings/weight", ())
    if len(conv) != 3 or len(embeddings) != 2 or conv[1] not in N_MELS:
        raise ModelFault(f"{path} lacks the layers of a Whisper model.", remedy=_REMEDY)
    return WhisperFacts(n_mels=conv[1], n_vocabulary=embeddings[0])


def read_layout(path: Path) -> WeightsLayout:
    """What stands where in a `model.bin`.

    Raises: ModelFault as `read_weights`, the layers not looked at.
    """
    try:
        with path.open("rb") as stream:
            return _walk_weights(_Walk(stream, path))
    except OSError as error:
        raise ModelFault(f"{path} cannot be read: {error.strerror}.", remedy=_REMEDY) from error


def _walk_weights(walk: _Walk) -> WeightsLayout:
    version = walk.number("I")
    if version not in BINARY_VERSIONS:
        raise ModelFault(
            f"{walk.path} is no CTranslate2 model of format {BINARY_VERSIONS[0]} to {BINARY_VERSIONS[-1]}.",
            remedy=_REMEDY,
        )
    kind = walk.text()
    if kind != "WhisperSpec":
        raise ModelFault(f"{walk.path} is a {kind[:40]!r}, not a Whisper model.", remedy=_REMEDY)
    revision = walk.number("I")  # of the specification: CTranslate2 reads all that the format versions allow
    n_variables = walk.number("I")
    if n_variables > _MAX_VARIABLES:
        raise walk.fault(f"it claims {n_variables} variables")
    variables = tuple(_variable(walk) for _ in range(n_variables))
    aliases = tuple((walk.text(), walk.text()) for _ in range(walk.number("I")))
    if walk.stream.tell() != walk.size:
        raise walk.fault(f"{walk.size - walk.stream.tell()} bytes too many")
    return WeightsLayout(version, kind, revision, variables, aliases)


def _variable(walk: _Walk) -> Variable:
    name = walk.text()
    n_dimensions = walk.number("B")
    if n_dimensions > _MAX_DIMENSIONS:
        raise walk.fault("a variable has no possible shape")
    shape = tuple(walk.number("I") for _ in range(n_dimensions))
    number = walk.number("B")
    if number >= len(ELEMENT_BYTES):
        raise walk.fault("a variable has no known type")
    dtype = list(ELEMENT_BYTES)[number]
    n_bytes = walk.number("I")
    if n_bytes != prod(shape) * ELEMENT_BYTES[dtype]:
        raise walk.fault("a variable is not as large as its shape")
    offset = walk.stream.tell()
    walk.skip(n_bytes)
    return Variable(name, shape, dtype, offset, n_bytes)


def inspect(folder: Path, files: Mapping[str, Path]) -> WhisperFacts:
    """Check that the files together make a Whisper model the recogniser can load with no network.

    `files` maps the names in the model's folder to where the content lies now; `folder` is named in messages.

    Raises: BadInput with the file and the reason.
    """
    for name in ("config.json", "model.bin", "tokenizer.json"):
        if name not in files:
            raise BadInput(f"{folder} has no {name}.", remedy=_REMEDY)
    try:
        facts = read_weights(files["model.bin"])
    except ModelFault as fault:
        raise BadInput(fault.sentence, remedy=_REMEDY) from fault
    _read_object(files["config.json"], "alignment_heads")
    _read_object(files["tokenizer.json"], "model")
    n_tokens = _count_tokens(folder, files)
    if n_tokens != facts.n_vocabulary:
        raise BadInput(
            f"{folder} mixes two models: its vocabulary has {n_tokens} entries, its weights {facts.n_vocabulary}.",
            remedy=_REMEDY,
        )
    if "preprocessor_config.json" in files:
        n_mels = _read_object(files["preprocessor_config.json"], "feature_size")
        if n_mels != facts.n_mels:
            raise BadInput(
                f"{folder} mixes two models: preprocessor_config.json says {n_mels} mel bands, "
                f"the weights have {facts.n_mels}.",
                remedy=_REMEDY,
            )
    elif facts.n_mels != N_MELS[0]:
        # faster-whisper takes 80 bands where the file is missing and would feed the encoder the wrong shape.
        raise BadInput(
            f"{folder} has no preprocessor_config.json, which a model of {facts.n_mels} mel bands needs.",
            remedy=_REMEDY,
        )
    return facts


def _count_tokens(folder: Path, files: Mapping[str, Path]) -> int:
    if "vocabulary.json" in files:
        tokens = _read_json(files["vocabulary.json"])
        if not isinstance(tokens, list):
            raise BadInput(f"{files['vocabulary.json']} is not a list of tokens.", remedy=_REMEDY)
        return len(tokens)
    if "vocabulary.txt" in files:
        with files["vocabulary.txt"].open("rb") as stream:
            return sum(1 for _ in stream)
    raise BadInput(f"{folder} has no vocabulary.txt or vocabulary.json.", remedy=_REMEDY)


def _read_object(path: Path, key: str) -> object:
    content = _read_json(path)
    if not isinstance(content, dict) or key not in content:
        raise BadInput(f"{path} has no {key!r}.", remedy=_REMEDY)
    return content[key]


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} is not readable JSON.", remedy=_REMEDY) from error
