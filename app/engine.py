"""The recogniser's engine as the settings want it: weights resolved, device tried once and remembered."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np

from asr.choice import TRIAL_S, EngineChoice, choose, cuda_devices
from asr.cuda import wheel_folder
from asr.live_leg import LiveOptions
from asr.offline import OfflineOptions
from asr.sources.clock import CallClock
from asr.sources.file import FileSource
from asr.speech_model import SpeechModel
from assets import asset_path
from core.paths import cache_folder, write_private
from core.settings import Settings
from core.types import SAMPLE_RATE_HZ, Samples
from models.store import InstalledModel, resolve

TRIAL_FROM_S = 10.64
"""Where the agent of the sample call begins a sentence of 4.8 s."""

# Nothing is ever asked of a hub: weights are files of this desk.
os.environ["HF_HUB_OFFLINE"] = "1"


class _Desk(msgspec.Struct, frozen=True):
    """What a choice is made for; on another desk, with other settings, weights or another trial, it is made anew."""

    trial: Literal["speech"]
    model_sha256: str
    device: Literal["auto", "cpu", "cuda"]
    threads: int
    cpus: int
    cuda_devices: int
    cublas_wheel: bool


class _Remembered(msgspec.Struct, frozen=True):
    """A choice and what it was made for."""

    desk: _Desk
    choice: EngineChoice


@dataclass(frozen=True, slots=True)
class Engine:
    """A loaded model with what was chosen for it."""

    model: SpeechModel
    name: str
    choice: EngineChoice
    live: LiveOptions
    offline: OfflineOptions


def load_engine(settings: Settings, *, model: str | None = None) -> Engine:
    """Load the model that the settings (or `model`) name. Raises: ModelFault with the remedy."""
    wanted = settings.recognition
    installed = resolve(model or wanted.model)
    choice = engine_choice(installed, wanted.device, wanted.threads)
    loaded = SpeechModel(
        installed.path_for(choice.compute_type),
        device=choice.device,
        compute_type=choice.compute_type,
        threads=choice.threads,
    )
    return Engine(
        loaded,
        installed.name,
        choice,
        LiveOptions(final_beam_size=wanted.final_beam),
        OfflineOptions(beam_size=wanted.final_beam),
    )


def engine_choice(
    installed: InstalledModel, device: Literal["auto", "cpu", "cuda"], threads: int, *, try_again: bool = False
) -> EngineChoice:
    """The remembered choice for this model and machine, or a new self-test. Raises: ModelFault."""
    file = cache_folder() / "engine.json"
    desk = _Desk(
        "speech", installed.sha256, device, threads, os.cpu_count() or 1, cuda_devices(), wheel_folder() is not None
    )
    if not try_again:
        try:
            kept = msgspec.json.decode(file.read_bytes(), type=_Remembered)
        except (OSError, msgspec.MsgspecError):
            # Never tried, or written by another version: try again.
            kept = None
        if kept and kept.desk == desk:
            return kept.choice
    choice = choose(installed.path_for, _trial_speech(), device, threads)
    write_private(file, msgspec.json.encode(_Remembered(desk, choice)))
    return choice


def _trial_speech() -> Samples:
    with asset_path("sample_call/sample.flac") as file:
        clock = CallClock(from_sample=round(TRIAL_FROM_S * SAMPLE_RATE_HZ))
        heard: list[Samples] = []
        missing = round(TRIAL_S * SAMPLE_RATE_HZ)
        for frame in FileSource(file, only="agent", clock=clock).frames():
            heard.append(frame.samples[:missing])
            missing -= len(heard[-1])
            if not missing:
                break
    return np.concatenate(heard)
