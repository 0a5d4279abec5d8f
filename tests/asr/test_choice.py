"""The device is chosen by trying."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asr import choice
from asr.choice import LIVE_LIMIT, EngineChoice, candidates, choose, cuda_devices
from core.errors import ModelFault
from core.types import SAMPLE_RATE_HZ, Samples
from models.store import InstalledModel

SPEECH = np.zeros(5 * SAMPLE_RATE_HZ, np.float32)


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("cuda", "device", "threads", "expected"),
    [
        (0, "auto", 0, [("cpu", "int8", 4), ("cpu", "int8", 2), ("cpu", "int8", 1)]),
        (0, "auto", 3, [("cpu", "int8", 3)]),
        (0, "cpu", 0, [("cpu", "int8", 4), ("cpu", "int8", 2), ("cpu", "int8", 1)]),
        (0, "cuda", 0, [("cpu", "int8", 4), ("cpu", "int8", 2), ("cpu", "int8", 1)]),
        (1, "auto", 1, [("cuda", "float16", 1), ("cpu", "int8", 1)]),
        (1, "cuda", 0, [("cuda", "float16", 1)]),
        (1, "cpu", 2, [("cpu", "int8", 2)]),
    ],
)
def test_what_is_tried(monkeypatch: pytest.MonkeyPatch, cores: None, cuda, device, threads, expected) -> None:
    monkeypatch.setattr(choice, "cuda_devices", lambda: cuda)
    assert candidates(device, threads) == expected


def base(_compute_type: str) -> Path:
    return Path("base")


def test_one_core_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice.os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(choice, "cuda_devices", lambda: 0)
    assert candidates("auto", 0) == [("cpu", "int8", 1)]


def test_missing_cuda_libraries_are_no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> int:
        raise RuntimeError("CUDA driver version is insufficient")

    monkeypatch.setattr(choice.ctranslate2, "get_cuda_device_count", missing)
    assert cuda_devices() == 0


def test_the_fastest_that_works_is_chosen_and_the_reason_kept(monkeypatch: pytest.MonkeyPatch, cores: None) -> None:
    def trial(_path: Path, _speech: Samples, device: str, _compute_type: str, threads: int) -> float:
        if device == "cuda":
            raise RuntimeError("no cuBLAS")
        return {4: 0.5, 2: 0.4, 1: 0.7}[threads]

    monkeypatch.setattr(choice, "cuda_devices", lambda: 1)
    monkeypatch.setattr(choice, "_trial", trial)
    chosen = choose(base, SPEECH)
    assert (chosen.device, chosen.compute_type, chosen.threads, chosen.trial_s) == ("cpu", "int8", 2, 0.4)
    assert (
        chosen.reason
        == "5 s of speech took cpu int8 x4: 0.50 s, cpu int8 x2: 0.40 s, cpu int8 x1: 0.70 s; failed: cuda: no cuBLAS"
    )


def test_each_type_is_tried_on_its_own_weights(monkeypatch: pytest.MonkeyPatch, cores: None) -> None:
    tried: list[tuple[str, str]] = []

    def trial(path: Path, _speech: Samples, device: str, _compute_type: str, _threads: int) -> float:
        tried.append((path.name, device))
        return 0.4

    monkeypatch.setattr(choice, "cuda_devices", lambda: 1)
    monkeypatch.setattr(choice, "_trial", trial)
    choose(Path, SPEECH, "auto", 1)
    assert tried == [("float16", "cuda"), ("int8", "cpu")]


def test_threads_that_gain_nothing_are_left_to_others(monkeypatch: pytest.MonkeyPatch, cores: None) -> None:
    monkeypatch.setattr(choice, "cuda_devices", lambda: 0)
    monkeypatch.setattr(
        choice, "_trial", lambda _path, _speech, _device, _type, threads: {4: 0.40, 2: 0.39, 1: 0.42}[threads]
    )
    assert choose(base, SPEECH).threads == 1


def test_nothing_that_works_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="No device can run") as caught:
        choose(lambda _: tmp_path, SPEECH, "cpu", 1)
    assert "models verify" in caught.value.remedy


@pytest.mark.parametrize(("trial_s", "live"), [(LIVE_LIMIT * 5, True), (LIVE_LIMIT * 5 + 0.1, False)])
def test_what_is_fast_enough_for_a_call(trial_s: float, live: bool) -> None:
    assert EngineChoice("cpu", "int8", 2, trial_s, "").live is live


@pytest.mark.model
def test_a_real_trial(installed_base: InstalledModel) -> None:
    chosen = choose(installed_base.path_for, SPEECH, "cpu", 2)
    assert (chosen.device, chosen.compute_type, chosen.threads) == ("cpu", "int8", 2)
    assert chosen.trial_s > 0
