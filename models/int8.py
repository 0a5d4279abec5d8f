"""Weights as int8: what a processor decodes with, kept on disk beside the original.

CTranslate2 turns 16-bit weights into int8 while it loads them and holds both for that moment, which is the most memory
a recogniser ever takes. Turned once ahead, by the same formula, they load sooner and never twice. A graphics card goes
on with the original.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelFault
from models.publication import CHUNK_BYTES
from models.whisper import ELEMENT_BYTES, Variable, WeightsLayout

INT8_FOLDER = "int8"
"""Within a model's folder; it is a model's folder itself, with a passport that names what it was made of."""

VOCABULARY_TABLE = "decoder/embeddings/weight"
"""A row a token, for what goes into the decoder and, by an alias, for what comes out."""

_FLOATS = ("float32", "float16")
_ROWS = 4096
_INT8_MAX = np.float32(127.0)


def can_be_int8(layout: WeightsLayout) -> bool:
    """Whether there is anything to gain: weights in floating point of a kind that numpy reads."""
    return any(_is_matrix(variable) for variable in layout.variables)


def int8_weights(source: Path, layout: WeightsLayout, kept: Sequence[int] | None = None) -> Iterator[bytes]:
    """The content of a `model.bin` whose matrices are int8, in pieces; a few megabytes are held at a time.

    One scale a row, `127 / max(abs(row))`, rounded to the nearest: CTranslate2's own (`specs/model_spec.py` and its
    loader). Convolutions, biases, norms and positions stay as they are; so does the order of the variables.
    `kept`: the tokens, ascending, whose rows of the vocabulary's table remain; all where None.
    """
    n_matrices = sum(map(_is_matrix, layout.variables))
    yield struct.pack("<I", layout.version) + _text(layout.kind)
    yield struct.pack("<II", layout.revision, len(layout.variables) + n_matrices)
    with source.open("rb") as stream:
        for variable in layout.variables:
            if _is_matrix(variable):
                yield from _matrix(stream, variable, kept if variable.name == VOCABULARY_TABLE else None)
            else:
                yield _header(variable.name, variable.shape, variable.dtype)
                stream.seek(variable.offset)
                yield from _copied(stream, variable.n_bytes)
    yield struct.pack("<I", len(layout.aliases))
    for alias, name in layout.aliases:
        yield _text(alias) + _text(name)


def _is_matrix(variable: Variable) -> bool:
    """CTranslate2 quantises what is called a weight and is no convolution."""
    return (
        variable.name.endswith("/weight")
        and "conv" not in variable.name
        and len(variable.shape) == 2
        and variable.dtype in _FLOATS
    )


def _matrix(stream: BinaryIO, variable: Variable, kept: Sequence[int] | None) -> Iterator[bytes]:
    n_rows, n_columns = variable.shape
    wanted = np.zeros(n_rows, np.bool_)
    wanted[slice(None) if kept is None else list(kept)] = True
    scales: list[NDArray[np.float32]] = []
    yield _header(variable.name, (int(wanted.sum()), n_columns), "int8")
    stream.seek(variable.offset)
    for first in range(0, n_rows, _ROWS):
        rows = _rows(stream, variable, min(_ROWS, n_rows - first))[wanted[first : first + _ROWS]]
        largest = np.abs(rows).max(axis=1, initial=0.0)
        scale = (_INT8_MAX / np.where(largest == 0, _INT8_MAX, largest)).astype(np.float32)
        scales.append(scale)
        yield np.rint(rows * scale[:, None]).astype(np.int8).tobytes()
    yield _header(variable.name + "_scale", (int(wanted.sum()),), "float32")
    yield np.concatenate(scales).astype("<f4").tobytes()


def _rows(stream: BinaryIO, variable: Variable, count: int) -> NDArray[np.float32]:
    n_columns = variable.shape[1]
    data = _read(stream, count * n_columns * ELEMENT_BYTES[variable.dtype])
    little_endian = np.dtype(variable.dtype).newbyteorder("<")
    return np.frombuffer(data, little_endian).reshape(count, n_columns).astype(np.float32)


def _copied(stream: BinaryIO, n_bytes: int) -> Iterator[bytes]:
    while n_bytes:
        chunk = _read(stream, min(CHUNK_BYTES, n_bytes))
        n_bytes -= len(chunk)
        yield chunk


def _read(stream: BinaryIO, n_bytes: int) -> bytes:
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise ModelFault(f"{stream.name} became shorter while it was read.", remedy="Run 'tingbanctl models verify'.")
    return data


def _header(name: str, shape: tuple[int, ...], dtype: str) -> bytes:
    n_bytes = ELEMENT_BYTES[dtype] * int(np.prod(shape, dtype=np.int64))
    number = list(ELEMENT_BYTES).index(dtype)
    return _text(name) + struct.pack(f"<B{len(shape)}IBI", len(shape), *shape, number, n_bytes)


def _text(text: str) -> bytes:
    encoded = text.encode() + b"\0"
    return struct.pack("<H", len(encoded)) + encoded
