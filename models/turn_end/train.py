"""The recipe of `weights.json`: `python -m models.turn_end.train [--out FILE]`.

Every turn of `data.txt` gives one finished text (the whole) and one unfinished text for each `|` (all before it), each
also as the recogniser may hand it over: begun after an earlier pause, with homophones and lost characters. A logistic
regression over the hashed features is fitted by Adam, its probability set by Platt scaling on folds it has not seen.
numpy alone; seeds are fixed.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.turn_end.features import N_BUCKETS, features, normalised

_HERE = Path(__file__).parent
_SEED = 20261122
_FOLDS = 5
_STEPS = 150
_LEARNING_RATE = 0.05
_NOISY_COPIES = 2
_HOMOPHONE_SHARE = 0.06
_LOST_SHARE = 0.015
_HAND_WEIGHT = 1.0
_SLOTS_WEIGHT = 0.15
_ACCEPTED_PAUSES = 0.10
"""Share of mid-turn pauses the threshold may take for an end, on folds not seen: what a caption may split."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Example:
    """One text so far. `turn` numbers the turn it comes from, so that no turn is in two folds."""

    text: str
    finished: bool
    weight: float
    turn: int
    plain: bool
    """Neither noisy nor shortened nor from a pattern: what figures are taken on."""


def cuts(turn: str) -> list[tuple[str, bool]]:
    """Texts so far at every pause of a turn, and at its end."""
    pieces = turn.split("|")
    return [("".join(pieces[: n + 1]), n + 1 == len(pieces)) for n in range(len(pieces))]


def read_turns(path: Path) -> list[tuple[str, str]]:
    """Pairs of source (`hand` or `slots`) and turn of a data file; the held-out file has no column of sources."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return [(row[1] if len(row) > 2 else "hand", row[-1]) for row in rows]


class Noise:
    """What the recogniser does to words: homophones, a character lost."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        groups = (_HERE / "homophones.txt").read_text("utf-8").split()
        self._others: dict[str, str] = {}
        for group in groups:
            for character in group:
                self._others[character] = self._others.get(character, "") + group.replace(character, "")

    def __call__(self, text: str) -> str:
        kept = (character for character in text if self._chance.random() >= _LOST_SHARE)
        return "".join(
            self._chance.choice(self._others[character])
            if character in self._others and self._chance.random() < _HOMOPHONE_SHARE
            else character
            for character in kept
        )


def own_examples(turns: Sequence[tuple[str, str]]) -> Iterator[Example]:
    """Examples of our own turns, with their noisy and shortened likenesses."""
    noise = Noise(random.Random(_SEED))  # noqa: S311 (reproducible noise, no secret)
    for number, (source, turn) in enumerate(turns):
        weight = _HAND_WEIGHT if source == "hand" else _SLOTS_WEIGHT
        pieces = turn.split("|")
        for text, finished in cuts(turn):
            yield Example(text, finished, weight, number, source == "hand")
            for _ in range(_NOISY_COPIES):
                yield Example(noise(text), finished, weight / 2, number, plain=False)
        for start in range(1, len(pieces)):
            for text, finished in cuts("|".join(pieces[start:])):
                yield Example(text, finished, weight / 3, number, plain=False)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Sparse rows of ones: `columns` of all rows joined, row i beginning at `starts[i]`."""

    columns: Ints
    starts: Ints
    counts: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> Matrix:
        """Features of texts; every text must have some."""
        rows = [features(text) for text in texts]
        counts = np.array([len(row) for row in rows], dtype=np.int64)
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        return cls(np.array([column for row in rows for column in row], dtype=np.int64), starts, counts)

    def logits(self, weights: Floats, bias: float) -> Floats:
        return np.asarray(np.add.reduceat(weights[self.columns], self.starts) + bias)


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))


def fit(matrix: Matrix, finished: Floats, importance: Floats, l2: float) -> tuple[Floats, float]:
    """Weights (float64, shape (N_BUCKETS,)) and bias of a logistic regression, by full-batch Adam."""
    point = np.zeros(N_BUCKETS + 1)
    mean, square = np.zeros_like(point), np.zeros_like(point)
    total = importance.sum()
    for step in range(1, _STEPS + 1):
        error = (_sigmoid(matrix.logits(point[:-1], point[-1])) - finished) * importance / total
        gradient = np.empty_like(point)
        gradient[:-1] = np.bincount(matrix.columns, np.repeat(error, matrix.counts), N_BUCKETS) + l2 * point[:-1]
        gradient[-1] = error.sum()
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        rate = _LEARNING_RATE * (1 - step / (_STEPS + 1))
        point -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-9)
    return point[:-1], float(point[-1])


def platt(logits: Floats, finished: Floats) -> tuple[float, float]:
    """Slope and offset that make the logits honest: gradient descent on standardised logits."""
    middle, spread = float(logits.mean()), float(logits.std())
    design = np.stack([(logits - middle) / spread, np.ones_like(logits)], axis=1)
    solution = np.zeros(2)
    for _ in range(2000):
        solution -= 2 * design.T @ (_sigmoid(design @ solution) - finished) / len(finished)
    slope = float(solution[0]) / spread
    return slope, float(solution[1]) - slope * middle


def auc(scores: Floats, finished: Floats) -> float:
    """Chance that an end scores above a mid-turn pause, ties half."""
    ends, pauses = scores[finished == 1], scores[finished == 0]
    above = (ends[:, None] > pauses[None, :]).mean() + (ends[:, None] == pauses[None, :]).mean() / 2
    return float(above)


def accepted(scores: Floats, finished: Floats) -> dict[int, float]:
    """Share of mid-turn pauses accepted, in per cent, at thresholds that accept 50, 60, 70 and 80 % of ends."""
    ends, pauses = scores[finished == 1], scores[finished == 0]
    return {share: float((pauses >= np.quantile(ends, 1 - share / 100)).mean() * 100) for share in (50, 60, 70, 80)}


def _report(name: str, scores: Floats, finished: Floats, threshold: float) -> None:
    table = "  ".join(f"{share} %: {rate:.1f}" for share, rate in accepted(scores, finished).items())
    ends, pauses = scores[finished == 1], scores[finished == 0]
    sys.stderr.write(
        f"{name} ({len(ends)} ends, {len(pauses)} pauses): AUC {auc(scores, finished):.3f}, "
        f"Brier {((scores - finished) ** 2).mean():.3f}\n  pauses accepted (%) where ends are: {table}\n"
        f"  at the threshold: ends {(ends >= threshold).mean():.3f}, pauses {(pauses >= threshold).mean():.3f}\n"
    )


def main() -> None:
    """Make the weights and say how good they are."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=_HERE / "weights.json")
    parser.add_argument("--l2", type=float, default=2e-3)
    args = parser.parse_args()

    turns = read_turns(_HERE / "data.txt")
    examples = [example for example in own_examples(turns) if normalised(example.text)]
    matrix = Matrix.of([example.text for example in examples])
    finished = np.array([example.finished for example in examples], dtype=np.float64)
    importance = np.array([example.weight for example in examples])
    fold = np.array([example.turn * 7919 % _FOLDS for example in examples])
    plain = np.array([example.plain for example in examples])

    unseen = np.zeros(len(examples))
    for this in range(_FOLDS):
        weights, bias = fit(matrix, finished, importance * (fold != this), args.l2)
        unseen = np.where(fold == this, matrix.logits(weights, bias), unseen)
    slope, offset = platt(unseen[plain], finished[plain])
    calibrated = _sigmoid(slope * unseen[plain] + offset)
    threshold = float(np.quantile(calibrated[finished[plain] == 0], 1 - _ACCEPTED_PAUSES))

    weights, bias = fit(matrix, finished, importance, args.l2)
    weights, bias = weights * slope, bias * slope + offset
    step = float(np.abs(weights).max() / 127)
    quantised = np.round(weights / step).astype(np.int8)
    rounded = quantised.astype(np.float64) * step
    read = {
        "schema": 1,
        "threshold": round(threshold, 3),
        "bias": round(bias, 4),
        "step": round(step, 6),
        "weights": base64.b64encode(quantised.tobytes()).decode(),
    }
    args.out.write_text(json.dumps(read, indent=1) + "\n", "utf-8")

    sys.stderr.write(f"{len(turns)} turns, {len(examples)} examples, threshold {threshold:.3f}\n")
    _report("folds, hand-written", calibrated, finished[plain], threshold)
    known = {normalised(turn) for _, turn in turns}
    held = [cut for _, turn in read_turns(_HERE / "heldout.txt") if normalised(turn) not in known for cut in cuts(turn)]
    held_finished = np.array([end for _, end in held], dtype=np.float64)
    for name, spoil in (("held-out", str), ("held-out with noise", Noise(random.Random(_SEED + 1)))):  # noqa: S311 (no secret)
        scores = _sigmoid(Matrix.of([spoil(text) for text, _ in held]).logits(rounded, bias))
        _report(name, scores, held_finished, threshold)


if __name__ == "__main__":
    main()
