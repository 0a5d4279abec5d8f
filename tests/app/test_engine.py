"""The engine is chosen once, remembered, and chosen anew when what it was chosen for has changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app import engine
from app.engine import engine_choice, load_engine
from asr.choice import TRIAL_S, EngineChoice
from asr.finals import FINAL_BEAM
from core.errors import ModelFault
from core.paths import cache_folder
from core.settings import Settings
from core.types import SAMPLE_RATE_HZ, Samples
from models.store import InstalledModel

INSTALLED = InstalledModel("base", Path("/models/base"), 80, multilingual=True, bytes=1, sha256="a" * 64)


@pytest.fixture
def trials(desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str, int]]:
    """Trials that were made; each is a little slower than the one before."""
    made: list[tuple[Path, str, int]] = []

    def choose(path_for: Callable[[str], Path], speech: Samples, device: str, threads: int) -> EngineChoice:
        assert len(speech) == TRIAL_S * SAMPLE_RATE_HZ
        assert np.sqrt(np.mean(speech**2)) > 0.01, "silence takes no search"
        made.append((path_for("float16"), device, threads))
        return EngineChoice("cpu", "int8", threads or 2, len(made) / 10, "trial")

    monkeypatch.setattr(engine, "choose", choose)
    return made


def test_a_choice_is_remembered(trials: list) -> None:
    first = engine_choice(INSTALLED, "auto", 0)
    assert engine_choice(INSTALLED, "auto", 0) == first
    assert trials == [(INSTALLED.path, "auto", 0)]


def test_it_can_be_tried_again(trials: list) -> None:
    first = engine_choice(INSTALLED, "auto", 0)
    again = engine_choice(INSTALLED, "auto", 0, try_again=True)
    assert again.trial_s > first.trial_s
    assert engine_choice(INSTALLED, "auto", 0) == again


@pytest.mark.parametrize(
    "change",
    [
        lambda patch: (dataclasses.replace(INSTALLED, sha256="b" * 64), "auto", 0),
        lambda patch: (INSTALLED, "cpu", 0),
        lambda patch: (INSTALLED, "auto", 1),
        lambda patch: patch.setattr(engine.os, "cpu_count", lambda: 99) or (INSTALLED, "auto", 0),
        lambda patch: patch.setattr(engine, "cuda_devices", lambda: 9) or (INSTALLED, "auto", 0),
    ],
    ids=["model", "device", "threads", "processors", "graphics card"],
)
def test_what_it_was_chosen_for_has_changed(trials: list, monkeypatch: pytest.MonkeyPatch, change) -> None:
    engine_choice(INSTALLED, "auto", 0)
    engine_choice(*change(monkeypatch))
    assert len(trials) == 2


@pytest.mark.parametrize("content", [b"", b"no json", b'{"choice": 1}'])
def test_a_damaged_memory_is_no_memory(trials: list, content: bytes) -> None:
    engine_choice(INSTALLED, "auto", 0)
    (cache_folder() / "engine.json").write_bytes(content)
    engine_choice(INSTALLED, "auto", 0)
    assert len(trials) == 2
    msgspec.json.decode((cache_folder() / "engine.json").read_bytes())


def test_weights_that_are_not_there(desk_folder: Path) -> None:
    with pytest.raises(ModelFault, match="not installed") as caught:
        load_engine(Settings.load())
    assert "models fetch base" in caught.value.remedy


def test_settings_ask_for_the_beam_that_was_measured() -> None:
    assert Settings.load().recognition.final_beam == FINAL_BEAM


@pytest.mark.model
def test_settings_reach_the_engine(desk_with_models: Path, installed_base: InstalledModel) -> None:
    settings = Settings.load()
    settings.set("recognition.final_beam", 4)
    loaded = load_engine(settings)
    assert (loaded.name, loaded.model.device, loaded.model.compute_type) == ("base", "cpu", loaded.choice.compute_type)
    assert loaded.model.threads == loaded.choice.threads
    assert (loaded.live.final_beam_size, loaded.offline.beam_size) == (4, 4)
    with pytest.raises(ModelFault, match="'other'"):
        load_engine(settings, model="other")
