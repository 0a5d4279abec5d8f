"""Whether words sound finished, so that a pause after them may be taken for the end of the turn. Pure logic."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models.turn_end.features import N_BUCKETS, features


@dataclass(frozen=True, slots=True)
class _TurnEndModel:
    threshold: float
    bias: float
    step: float
    weights: memoryview
    """int8, shape (N_BUCKETS,); `step` is the value of one."""


@cache
def _model() -> _TurnEndModel:
    read = json.loads(files("models.turn_end").joinpath("weights.json").read_text("utf-8"))
    weights = memoryview(base64.b64decode(read["weights"])).cast("b")
    if len(weights) != N_BUCKETS:
        raise ValueError(f"turn-end weights: {len(weights)} buckets, the features have {N_BUCKETS}")
    return _TurnEndModel(read["threshold"], read["bias"], read["step"], weights)


def finished_probability(text: str) -> float:
    """How likely a turn ends with the last word of `text`, 0 to 1; 0.0 where nothing was said.

    `text` is an utterance so far, Simplified, with or without marks (they are not looked at). Calibrated on pauses of
    0.4-0.7 s in written-down call-centre turns: see `models/turn_end/README.md`. Any thread; about 0.1 ms, but for the
    first call, which reads the weights.
    """
    buckets = features(text)
    if not buckets:
        return 0.0
    model = _model()
    weights = model.weights
    logit = model.bias + model.step * sum([weights[bucket] for bucket in buckets])
    return 1 / (1 + math.exp(-logit))


def sounds_finished(text: str) -> bool:
    """True where a short silence after `text` may end the utterance.

    The threshold comes with the weights: the one that takes a tenth of the pauses inside turns for an end, on turns
    the model had not seen.
    """
    return finished_probability(text) >= _model().threshold
