"""Weights made int8 ahead are those that CTranslate2 would make while loading."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import ModelFault
from models.int8 import can_be_int8, int8_weights
from models.whisper import Variable, read_layout

_NUMBERS = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4, "bfloat16": 5}


def write_weights(path: Path, variables: dict[str, np.ndarray]) -> None:
    """A `model.bin` of these variables, its embeddings also known as the projection."""
    content = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(variables))
    for name, values in variables.items():
        content += text(name) + struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
        content += struct.pack("<BI", _NUMBERS[values.dtype.name], values.nbytes) + values.tobytes()
    content += struct.pack("<I", 1) + text("decoder/projection/weight") + text("decoder/embeddings/weight")
    path.write_bytes(content)


def text(name: str) -> bytes:
    return struct.pack("<H", len(name) + 1) + name.encode() + b"\0"


def elements(path: Path, variable: Variable) -> np.ndarray:
    data = path.read_bytes()[variable.offset : variable.offset + variable.n_bytes]
    return np.frombuffer(data, variable.dtype).reshape(variable.shape)


def converted(source: Path) -> dict[str, np.ndarray]:
    target = source.with_name("int8.bin")
    target.write_bytes(b"".join(int8_weights(source, read_layout(source))))
    layout = read_layout(target)
    assert layout.aliases == read_layout(source).aliases
    return {variable.name: elements(target, variable) for variable in layout.variables}


MATRICES = arrays(
    st.sampled_from([np.float16, np.float32]),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.floats(-100, 100, width=16),
)


@given(matrix=MATRICES)
def test_a_row_is_scaled_to_its_largest(tmp_path_factory: pytest.TempPathFactory, matrix: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("weights") / "model.bin"
    write_weights(path, {"decoder/embeddings/weight": matrix})
    made = converted(path)
    values, scales = made["decoder/embeddings/weight"], made["decoder/embeddings/weight_scale"]
    wide = matrix.astype(np.float32)
    rows_with_content = np.abs(wide).max(axis=1) > 0
    assert (np.abs(values.astype(np.int16)).max(axis=1)[rows_with_content] == 127).all()
    assert (values[~rows_with_content] == 0).all()
    assert (scales[~rows_with_content] == 1).all()
    assert (np.abs(values / scales[:, None] - wide) <= 0.5001 / scales[:, None]).all()


def test_only_matrices_change(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    kept = {
        "encoder/conv1/weight": generator.normal(size=(2, 80, 3)).astype(np.float16),
        "encoder/layer_0/norm/gamma": generator.normal(size=5).astype(np.float16),
        "encoder/layer_0/linear/bias": generator.normal(size=5).astype(np.float32),
        "encoder/num_heads": np.array(8, np.int16),
        "encoder/layer_0/narrow/weight": np.ones((2, 2), np.int8),
    }
    # More rows than are read at a time.
    tall = generator.normal(size=(4100, 2)).astype(np.float16)
    path = tmp_path / "model.bin"
    write_weights(path, kept | {"decoder/embeddings/weight": tall})
    made = converted(path)
    assert list(made) == [*kept, "decoder/embeddings/weight", "decoder/embeddings/weight_scale"]
    for name, values in kept.items():
        assert made[name].dtype == values.dtype
        np.testing.assert_array_equal(made[name], values)
    assert made["decoder/embeddings/weight"].shape == tall.shape


def test_int8_weights_gain_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    write_weights(path, {"decoder/embeddings/weight": np.ones((2, 2), np.int8)})
    assert not can_be_int8(read_layout(path))


def test_a_file_that_shrinks_meanwhile_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    write_weights(path, {"a/gamma": np.ones(9, np.float16), "decoder/embeddings/weight": np.ones((2, 2), np.float16)})
    layout = read_layout(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ModelFault, match="shorter"):
        list(int8_weights(path, layout))
