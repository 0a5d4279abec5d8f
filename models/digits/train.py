"""The recipe of `digits.onnx`: `python -m models.digits.train /tmp/digits`, after `bench/digit_states.py`.

Needs torch and onnx, which the product does not. Learning goes on where it was broken off (`--seconds`); `--measure`
only measures. A few convolutions over the encoder's states are fitted by CTC; seeds are fixed.
"""

# mypy: disable-error-code="import-not-found,import-untyped,misc,no-any-return"

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.digits.decode import Run, runs, symbols
from models.digits.labels import CLASS, OTHER, SYMBOLS

_HERE = Path(__file__).parent
_SEED = 20261125
_STATES = 512
_WIDTH = 160
_KERNEL = 9
_DILATIONS = (1, 2, 4)
_EPOCHS = 5
_BATCH_FRAMES = 5_000
_LEARNING_RATE = 2.5e-3
_WEIGHT_DECAY = 0.01
_INPUT_DROPOUT = 0.1
_WRONG_RUNS = 0.01

Floats = npt.NDArray[np.float32]


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


def network() -> Any:  # noqa: ANN401 - torch is not installed where this is type-checked
    """Projection, three residual blocks of a depthwise and a full convolution, output: sees 1.1 s around a frame."""
    import torch  # noqa: PLC0415 - measuring does without
    from torch import nn  # noqa: PLC0415 - likewise

    class Block(nn.Module):
        def __init__(self, dilation: int) -> None:
            super().__init__()
            around = _KERNEL // 2 * dilation
            self.deep = nn.Conv1d(_WIDTH, _WIDTH, _KERNEL, padding=around, dilation=dilation, groups=_WIDTH)
            self.full = nn.Conv1d(_WIDTH, _WIDTH, 1)

        def forward(self, x: Any) -> Any:  # noqa: ANN401 - a tensor
            return x + self.full(torch.relu(self.deep(x)))

    class Head(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.enter = nn.Conv1d(_STATES, _WIDTH, 1)
            self.blocks = nn.ModuleList([Block(dilation) for dilation in _DILATIONS])
            self.leave = nn.Conv1d(_WIDTH, len(SYMBOLS), 1)

        def forward(self, x: Any) -> Any:  # noqa: ANN401 - a tensor
            x = torch.relu(self.enter(x))
            for block in self.blocks:
                x = block(x)
            return self.leave(torch.relu(x))

    torch.manual_seed(_SEED)
    return Head()


def batches(clips: Sequence[Clip], epoch: int) -> list[list[int]]:
    """Clips of like length together, about as many frames in each batch; another order every time."""
    rng = np.random.default_rng((_SEED, epoch))
    lengths = np.array([len(clip.states) for clip in clips])
    order = np.argsort(lengths * rng.uniform(0.85, 1.15, len(clips)))
    made: list[list[int]] = [[]]
    for number in order.tolist():
        longest = max([lengths[number], *lengths[made[-1]]])
        if made[-1] and longest * (len(made[-1]) + 1) > _BATCH_FRAMES:
            made.append([])
        made[-1].append(number)
    return [made[at] for at in rng.permutation(len(made))]


class Training:
    """A network in the making, kept in a file between two chunks of time."""

    def __init__(self, home: Path, clips: Sequence[Clip]) -> None:
        import torch  # noqa: PLC0415 - measuring does without

        self._torch, self._clips, self._kept = torch, clips, home / "training.pt"
        torch.set_num_threads(1)
        self.head = network()
        self._optimizer = torch.optim.AdamW(self.head.parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
        self._epoch, self._at, self._loss = 0, 0, float("nan")
        sample = np.concatenate([clip.states[::7] for clip in clips[::5]]).astype(np.float32)
        self.mean, self.scale = sample.mean(axis=0), 1 / (sample.std(axis=0) + 1e-3)
        if self._kept.exists():
            kept = torch.load(self._kept)
            self.head.load_state_dict(kept["head"])
            self._optimizer.load_state_dict(kept["optimizer"])
            self._epoch, self._at = kept["epoch"], kept["at"]

    @property
    def epochs_left(self) -> int:
        """How many times all clips are still to be seen."""
        return _EPOCHS - self._epoch

    def go_on(self, until: float) -> None:
        """Learn until all is done or the time is up, then keep what was learnt."""
        self.head.train()
        while self._epoch < _EPOCHS and time.time() < until:
            order = batches(self._clips, self._epoch)
            while self._at < len(order) and time.time() < until:
                self._step(order[self._at], (self._epoch + self._at / len(order)) / _EPOCHS)
                self._at += 1
            if self._at == len(order):
                self._epoch, self._at = self._epoch + 1, 0
                sys.stderr.write(f"epoch {self._epoch}: loss {self._loss:.3f}\n")
        self._torch.save(
            {
                "head": self.head.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "epoch": self._epoch,
                "at": self._at,
            },
            self._kept,
        )

    def _step(self, chosen: Sequence[int], done: float) -> None:
        torch = self._torch
        for group in self._optimizer.param_groups:
            group["lr"] = _LEARNING_RATE * min(1.0, done * 30 + 0.02) * 0.5 * (1 + math.cos(math.pi * done))
        clips = [self._clips[number] for number in chosen]
        frames = [len(clip.states) for clip in clips]
        states = np.zeros((len(clips), max(frames), _STATES), np.float32)
        for row, clip in zip(states, clips, strict=True):
            row[: len(clip.states)] = clip.states
        torch.manual_seed(_SEED + self._epoch * 100_000 + self._at)
        x = (torch.from_numpy(states) - torch.from_numpy(self.mean)) * torch.from_numpy(self.scale)
        x = x * torch.dropout(torch.ones(len(clips), 1, _STATES), _INPUT_DROPOUT, train=True)
        for row, length in zip(x, frames, strict=True):
            row[length:] = 0
        scores = torch.log_softmax(self.head(x.transpose(1, 2)).transpose(1, 2), dim=2)
        wanted = [CLASS[label] for clip in clips for label in clip.labels]
        loss = torch.nn.functional.ctc_loss(
            scores.transpose(0, 1),
            torch.tensor(wanted, dtype=torch.long),
            torch.tensor(frames),
            torch.tensor([len(clip.labels) for clip in clips]),
            reduction="sum",
            zero_infinity=True,
        ) / max(1, len(wanted))
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.head.parameters(), 1.0)
        self._optimizer.step()
        self._loss = loss.item() if math.isnan(self._loss) else 0.98 * self._loss + 0.02 * loss.item()


def export(training: Training, path: Path, about: dict[str, str]) -> None:
    """Write the network as ONNX, float32: `states` (n_frames, 512) to `log_probabilities` (n_frames, symbols)."""
    import onnx  # noqa: PLC0415 - measuring does without
    from onnx import helper, numpy_helper  # noqa: PLC0415 - likewise

    weights = {name: value.detach().numpy() for name, value in training.head.state_dict().items()}
    enter = weights["enter.weight"][:, :, 0] * training.scale
    given = {
        "enter": enter.T,
        "enter_bias": weights["enter.bias"] - enter @ training.mean,
        "leave": weights["leave.weight"][:, :, 0].T,
        "leave_bias": weights["leave.bias"],
        "unbatched": np.array([0]),
    }
    nodes = [
        helper.make_node("MatMul", ["states", "enter"], ["entered"]),
        helper.make_node("Add", ["entered", "enter_bias"], ["entered_on"]),
        helper.make_node("Relu", ["entered_on"], ["entered_in"]),
        helper.make_node("Transpose", ["entered_in"], ["by_channel"], perm=[1, 0]),
        helper.make_node("Unsqueeze", ["by_channel", "unbatched"], ["block0"]),
    ]
    for n, dilation in enumerate(_DILATIONS):
        around = _KERNEL // 2 * dilation
        for part in ("deep", "full"):
            for what in ("weight", "bias"):
                given[f"{part}{n}_{what}"] = weights[f"blocks.{n}.{part}.{what}"]
        nodes += [
            helper.make_node(
                "Conv",
                [f"block{n}", f"deep{n}_weight", f"deep{n}_bias"],
                [f"deep{n}"],
                dilations=[dilation],
                group=_WIDTH,
                kernel_shape=[_KERNEL],
                pads=[around, around],
            ),
            helper.make_node("Relu", [f"deep{n}"], [f"bent{n}"]),
            helper.make_node("Conv", [f"bent{n}", f"full{n}_weight", f"full{n}_bias"], [f"full{n}"], kernel_shape=[1]),
            helper.make_node("Add", [f"block{n}", f"full{n}"], [f"block{n + 1}"]),
        ]
    nodes += [
        helper.make_node("Squeeze", [f"block{len(_DILATIONS)}", "unbatched"], ["left"]),
        helper.make_node("Relu", ["left"], ["left_in"]),
        helper.make_node("Transpose", ["left_in"], ["by_frame"], perm=[1, 0]),
        helper.make_node("MatMul", ["by_frame", "leave"], ["scores"]),
        helper.make_node("Add", ["scores", "leave_bias"], ["scores_on"]),
        helper.make_node("LogSoftmax", ["scores_on"], ["log_probabilities"], axis=1),
    ]
    kinds = {"states": _STATES, "log_probabilities": len(SYMBOLS)}
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["frames", size]) for name, size in kinds.items()
    ]
    tensors = [
        numpy_helper.from_array(value if value.dtype == np.int64 else np.asarray(value, np.float32), name)
        for name, value in given.items()
    ]
    graph = helper.make_graph(nodes, "digits", ends[:1], ends[1:], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="tingban")
    helper.set_model_props(model, about)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


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
        import onnxruntime  # noqa: PLC0415 - learning does without

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.about: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    def __call__(self, states: npt.NDArray[np.float16]) -> Floats:
        return self._session.run(None, {"states": states.astype(np.float32)})[0]


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


def main() -> int:
    """Learn, export and measure; exits with 3 while there is more to learn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="the folder of bench/digit_states.py")
    parser.add_argument("--out", type=Path, default=_HERE / "digits.onnx")
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--measure", action="store_true", help="only measure")
    parser.add_argument("--show", action="store_true", help="name the clips that are read wrongly")
    args = parser.parse_args()
    shards = args.home / "states"
    if not args.measure:
        until = time.time() + args.seconds
        clips = [clip for path in sorted(shards.glob("train-*.npz")) for clip in read_clips(path, named=False)]
        training = Training(args.home, clips)
        training.go_on(until)
        about = {"symbols": json.dumps(SYMBOLS, ensure_ascii=False)}
        export(training, args.out, about)
        if training.epochs_left:
            return 3
        reader = Reader(args.out)
        dev = [measure(path.stem, read_clips(path, named=True), reader) for path in sorted(shards.glob("dev-*.npz"))]
        runs_judged = [row for one in dev for row in one.sequences]
        line = calibrated(runs_judged)
        at = threshold([(with_calibration(confidence, line), right) for confidence, right in runs_judged])
        export(
            training,
            args.out,
            about
            | {
                "symbol_calibration": json.dumps(calibrated([row for one in dev for row in one.symbols])),
                "run_calibration": json.dumps(line),
                "run_threshold": json.dumps(at),
            },
        )
    report(shards, Reader(args.out), show=args.show)
    return 0


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


if __name__ == "__main__":
    raise SystemExit(main())
