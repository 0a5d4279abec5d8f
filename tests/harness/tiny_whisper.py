"""A Whisper model of a few kilobytes: all the structure, none of the weights. It installs; it does not load."""

from __future__ import annotations

import json
import struct
from math import prod
from pathlib import Path

N_TOKENS = 12


def weights(
    *,
    version: int = 6,
    spec: str = "WhisperSpec",
    n_mels: int = 80,
    n_tokens: int = N_TOKENS,
    conv: str = "encoder/conv1/weight",
) -> bytes:
    """A `model.bin` in CTranslate2's layout, with the two variables whose shapes tell what the model is."""
    content = struct.pack("<I", version) + _text(spec) + struct.pack("<I", 3)
    variables = {conv: (4, n_mels, 3), "decoder/embeddings/weight": (n_tokens, 4), "encoder/scale": ()}
    content += struct.pack("<I", len(variables))
    for name, shape in variables.items():
        data = b"\x2a" * (2 * prod(shape))
        content += _text(name) + struct.pack(f"<B{len(shape)}I", len(shape), *shape)
        content += struct.pack("<BI", 4, len(data)) + data
    return content + struct.pack("<I", 1) + _text("decoder/projection/weight") + _text("decoder/embeddings/weight")


def write_tiny_whisper(folder: Path, *, n_mels: int = 80, n_tokens: int = N_TOKENS) -> Path:
    """The folder of such a model, as a converter leaves it."""
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(weights(n_mels=n_mels, n_tokens=n_tokens))
    (folder / "config.json").write_text(json.dumps({"alignment_heads": [[0, 0]], "suppress_ids": []}))
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"type": "BPE"}}))
    (folder / "vocabulary.txt").write_text("".join(f"token{n}\n" for n in range(n_tokens)))
    if n_mels != 80:
        (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": n_mels}))
    return folder


def _text(text: str) -> bytes:
    encoded = text.encode() + b"\0"
    return struct.pack("<H", len(encoded)) + encoded
