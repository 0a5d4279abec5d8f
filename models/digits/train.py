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
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.digits.labels import CLASS, SYMBOLS
from models.digits.measure import Clip, Reader, calibrated, measure, read_clips, report, threshold, with_calibration

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

Floats = npt.NDArray[np.float32]


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


if __name__ == "__main__":
    raise SystemExit(main())
