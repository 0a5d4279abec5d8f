"""How well `digits.onnx` reads: digit sequences, single symbols, and what its confidence is worth.

Used by the recipe (`train.py`), which fits the confidences on a set of its own. Reads the shards of
`bench/digit_states.py`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from models.digits.decode import LogProbabilities, Run, runs, symbols
from models.digits.labels import OTHER

_WRONG_RUNS = 0.01


@dataclass(frozen=True, slots=True)
class Clip:
    """States (float16, shape (n_frames, 512)) of one clip with what was said in it."""

    states: npt.NDArray[np.float16]
    labels: tuple[str, ...]
    kind: str = ""
    speaker: str = ""

    @property
    def digits(self) -> list[str]:
        """Digit words alone."""
        return [label for label in self.labels if label != OTHER]


def read_clips(path: Path, *, named: bool) -> list[Clip]:
    """Clips of a shard; in a set to measure on, kind and speaker stand before the labels."""
    with np.load(path) as shard:
        states, ends, rows = shard["states"], shard["ends"], [str(row) for row in shard["labels"]]
    clips, begin = [], 0
    for end, row in zip(ends, rows, strict=True):
        labels = row.split("\t") if row else []
        kind, speaker = labels[:2] if named else ("", "")
        clips.append(Clip(states[begin:end], tuple(labels[2:] if named else labels), kind, speaker))
        begin = end
    return clips


def aligned(wanted: Sequence[str], read: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of a best alignment, in order; the empty word stands against what was lost or added."""
    rows = [list(range(len(read) + 1))]
    for m, want in enumerate(wanted, 1):
        row = [m]
        for n, got in enumerate(read, 1):
            row.append(min(rows[-1][n - 1] + (want != got), rows[-1][n] + 1, row[-1] + 1))
        rows.append(row)
    pairs, m, n = list[tuple[str, str]](), len(wanted), len(read)
    while m or n:
        if m and n and rows[m][n] == rows[m - 1][n - 1] + (wanted[m - 1] != read[n - 1]):
            m, n = m - 1, n - 1
            pairs.append((wanted[m], read[n]))
        elif m and rows[m][n] == rows[m - 1][n] + 1:
            m -= 1
            pairs.append((wanted[m], ""))
        else:
            n -= 1
            pairs.append(("", read[n]))
    return pairs[::-1]


class Reader:
    """The exported network, one thread."""

    def __init__(self, path: Path) -> None:

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.about: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    def __call__(self, states: npt.NDArray[np.float16]) -> LogProbabilities:
        scores: LogProbabilities = self._session.run(None, {"states": states.astype(np.float32)})[0]
        return scores


def reference_runs(labels: Sequence[str]) -> list[str]:
    """Digit words between other speech, as the head should write them."""
    return [run for run in "".join(labels).split(OTHER) if run]


def right_runs(labels: Sequence[str], found: Sequence[Run]) -> list[bool]:
    """Which of the runs that were read were said, in order."""
    said, right = reference_runs(labels), list[bool]()
    for run in found:
        at = said.index(run.text) if run.text in said else -1
        right.append(at >= 0)
        said = said[at + 1 :]
    return right


@dataclass(frozen=True, slots=True)
class Judged:
    """Confidences with whether what they belong to was right."""

    symbols: list[tuple[float, bool]]
    weakest: list[tuple[float, bool]]
    """Of runs, by their weakest symbol."""
    sequences: list[tuple[float, bool]]
    """Of runs, by CTC's probability of the whole."""


def measure(name: str, clips: Sequence[Clip], reader: Reader, *, show: bool = False) -> Judged:
    """Print how well one set is read."""
    errors = {"S": 0, "D": 0, "I": 0}
    total = exact = numbers = plain = invented = 0
    kinds: dict[str, list[bool]] = {}
    judged = Judged([], [], [])
    for clip in clips:
        scores = reader(clip.states)
        read = [symbol for symbol in symbols(scores) if not symbol.is_other]
        pairs = aligned(clip.digits, [symbol.text for symbol in read])
        right = [want == got for want, got in pairs if got]
        judged.symbols.extend((symbol.probability, ok) for symbol, ok in zip(read, right, strict=True))
        if clip.digits:
            for want, got in pairs:
                if want != got:
                    errors["S" if want and got else "D" if want else "I"] += 1
            ok = all(want == got for want, got in pairs)
            total, numbers, exact = total + len(clip.digits), numbers + 1, exact + ok
            kinds.setdefault(clip.kind, []).append(ok)
        else:
            plain, invented = plain + 1, invented + bool(read)
        if show and (clip.digits or read) and not all(want == got for want, got in pairs):
            written = "".join(symbol.text for symbol in symbols(scores))
            sys.stderr.write(f"    {clip.kind} {clip.speaker}: {''.join(clip.labels)} read as {written}\n")
        found = runs(scores)
        for run, ok in zip(found, right_runs(clip.labels, found), strict=True):
            judged.weakest.append((run.weakest, ok))
            judged.sequences.append((run.probability, ok))
    percent = 100 / max(1, total)
    by_kind = ", ".join(f"{kind} {100 * sum(ok) / len(ok):.0f} of {len(ok)}" for kind, ok in sorted(kinds.items()))
    detail = ", ".join(f"{what} {count * percent:.2f}" for what, count in errors.items())
    sys.stderr.write(
        f"{name}: exact {exact}/{numbers} ({100 * exact / max(1, numbers):.1f} %), symbol errors"
        f" {sum(errors.values()) * percent:.2f} % of {total} ({detail}); without digits {plain},"
        f" digits read into {invented} of them\n  {by_kind}\n"
    )
    return judged


def threshold(judged: Sequence[tuple[float, bool]]) -> float:
    """Least confidence above which less than `_WRONG_RUNS` are wrong; more than 1 where there is none."""
    wrong, at = 0, 1.01
    for number, (confidence, right) in enumerate(sorted(judged, reverse=True), 1):
        wrong += not right
        if wrong < _WRONG_RUNS * number:
            at = confidence
    return at


def kept(judged: Sequence[tuple[float, bool]], at: float) -> str:
    """What a threshold keeps, in words."""
    above = [right for confidence, right in judged if confidence >= at]
    return f"{len(above)} of {len(judged)} kept, {len(above) - sum(above)} of them wrong"


def calibrated(judged: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Slope and offset on the logit that make confidences honest: logistic regression, drawn a little to 1 and 0."""
    inside = np.clip([confidence for confidence, _ in judged], 1e-7, 1 - 1e-7)
    logits = np.log(inside / (1 - inside))
    right = np.array([ok for _, ok in judged], np.float64)
    start = np.array([1.0, 0.0])
    design = np.stack([logits, np.ones_like(logits)], axis=1)

    def loss(at: npt.NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, np.where(right, -1, 1) * (design @ at)).sum() + ((at - start) ** 2).sum() / 2)

    point = start
    for _ in range(50):  # Newton's method, never upwards
        guess = 1 / (1 + np.exp(-design @ point))
        slope = design.T @ (guess - right) + point - start
        bend = (design * (guess * (1 - guess))[:, None]).T @ design + np.eye(2)
        step = np.linalg.solve(bend, slope)
        while loss(point - step) > loss(point) and np.abs(step).max() > 1e-9:
            step /= 2
        point = point - step
    return float(point[0]), float(point[1])


def with_calibration(confidence: float, line: tuple[float, float]) -> float:
    """A confidence made honest."""
    inside = min(max(confidence, 1e-7), 1 - 1e-7)
    return 1 / (1 + math.exp(-line[0] * math.log(inside / (1 - inside)) - line[1]))


def report(shards: Path, reader: Reader, *, show: bool) -> None:
    """Print how well all sets are read, and what the threshold keeps."""
    line: tuple[float, float] = tuple(json.loads(reader.about["run_calibration"]))
    at = float(reader.about["run_threshold"])
    sys.stderr.write(f"{json.dumps({key: value for key, value in reader.about.items() if key != 'symbols'})}\n")
    for path in sorted(shards.glob("*-*.npz")):
        if path.name.startswith("train"):
            continue
        judged = measure(path.stem, read_clips(path, named=True), reader, show=show)
        runs_judged = [(with_calibration(confidence, line), right) for confidence, right in judged.sequences]
        sys.stderr.write(f"  runs at the threshold {at:.4f}: {kept(runs_judged, at)}\n")
        for what, rows in (("whole", runs_judged), ("weakest symbol", judged.weakest)):
            own = threshold(rows)
            sys.stderr.write(f"  by {what}, under 1 % wrong from {own:.4f} on: {kept(rows, own)}\n")
        for low, high in ((0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 0.99), (0.99, 1.01)):
            some = [row for row in runs_judged if low <= row[0] < high]
            if some:
                said, true = np.mean([row[0] for row in some]), np.mean([row[1] for row in some])
                sys.stderr.write(f"    predicted {said:.3f}, found {true:.3f} ({len(some)})\n")
