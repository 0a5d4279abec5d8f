"""Digit words straight from the encoder's states: what Whisper's decoder drops or writes as ordinary words.

The network and its passport are `models/digits`; its states are those of Whisper base alone.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf

from core.errors import ModelFault
from models.digits import decode
from models.digits.decode import LogProbabilities, Run, Symbol
from models.digits.labels import SYMBOLS
from models.whisper import read_layout

STATE_SIZE = 512
"""Of Whisper base; other sizes have other states, which this network can't read."""

BASE_NORM_SHA256 = "e71eaf6ab280d83fe78c493af976f3d75f3f21073dc8a5e1de0610702f0a1b5b"
"""Of `encoder/layer_norm/gamma` of the weights of `models/manifest.json`."""

States = npt.NDArray[np.float32]
"""Shape (n_frames, STATE_SIZE), 50 frames a second."""


@dataclass(frozen=True, slots=True)
class _Calibration:
    """Slope and offset of a logit that make a probability honest."""

    slope: float
    offset: float

    def __call__(self, probability: float) -> float:
        inside = min(max(probability, 1e-7), 1 - 1e-7)
        return 1 / (1 + math.exp(-self.slope * math.log(inside / (1 - inside)) - self.offset))


class DigitHead:
    """The loaded network. Any thread; a call costs a few milliseconds for 8 s of speech."""

    def __init__(self, path: Path | None = None) -> None:
        """Load the network of the package, or that of a file.

        Raises: ModelFault when it does not load or writes other symbols than this program reads.
        """
        content = path.read_bytes() if path else files("models.digits").joinpath("digits.onnx").read_bytes()
        options = ort.SessionOptions()
        options.inter_op_num_threads = 1
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = ort.InferenceSession(content, providers=["CPUExecutionProvider"], sess_options=options)
            about = self._session.get_modelmeta().custom_metadata_map
            written: Sequence[str] = json.loads(about["symbols"])
            self._of_symbol = _Calibration(*json.loads(about["symbol_calibration"]))
            self._of_run = _Calibration(*json.loads(about["run_calibration"]))
        except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, ValueError, KeyError, TypeError) as error:
            raise ModelFault(
                f"The network that reads digits does not load: {error}", remedy="Install the program again."
            ) from error
        if tuple(written) != SYMBOLS:
            raise ModelFault(
                f"The network that reads digits writes {len(written)} symbols, the program knows {len(SYMBOLS)}.",
                remedy="Install the program again.",
            )

    def log_probabilities(self, states: States) -> LogProbabilities:
        """Of every symbol of `models.digits.labels.SYMBOLS` at every frame: float32, shape (n_frames, 26).

        Raises: ValueError when the states are not those of Whisper base.
        """
        if states.ndim != 2 or states.shape[1] != STATE_SIZE:
            raise ValueError(f"states of shape {states.shape}: those of Whisper base have shape (frames, {STATE_SIZE})")
        if not len(states):
            return np.zeros((0, len(SYMBOLS)), np.float32)
        scores: LogProbabilities = self._session.run(None, {"states": np.ascontiguousarray(states, np.float32)})[0]
        return scores

    def read(self, states: States) -> list[Symbol]:
        """Digit words and stretches of other speech, in order, with times from the first frame.

        `states`: what the encoder made of a clip, cut to the clip's length or followed by some of the window's silence.
        """
        return [self._calibrated(symbol) for symbol in decode.symbols(self.log_probabilities(states))]

    def runs(self, states: States) -> list[Run]:
        """Digit words without other speech between, each run with the probability that it is right as a whole."""
        return [
            Run(tuple(self._calibrated(symbol) for symbol in run.symbols), self._of_run(run.probability))
            for run in decode.runs(self.log_probabilities(states))
        ]

    def _calibrated(self, symbol: Symbol) -> Symbol:
        return replace(symbol, probability=self._of_symbol(symbol.probability))


def digit_head(folder: Path) -> DigitHead | None:
    """The head for the weights of a model's folder; None where they are others than it has learnt from.

    Raises: ModelFault when the network does not load.
    """
    return DigitHead() if _is_base(folder / "model.bin") else None


def _is_base(weights: Path) -> bool:
    """Whether the encoder is that of Whisper base as published: its last norm, which no way of quantising changes."""
    try:
        norm = next(one for one in read_layout(weights).variables if one.name == "encoder/layer_norm/gamma")
        with weights.open("rb") as stream:
            stream.seek(norm.offset)
            return hashlib.sha256(stream.read(norm.n_bytes)).hexdigest() == BASE_NORM_SHA256
    except (ModelFault, StopIteration, OSError):
        # The loader says what is wrong with it.
        return False
