"""The recogniser's engine as the settings want it: weights resolved, device tried once and remembered."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

import msgspec

from asr.choice import EngineChoice, choose, cuda_devices
from asr.cuda import wheel_folder
from asr.live_leg import LiveOptions
from asr.offline import OfflineOptions
from asr.speech_model import SpeechModel
from core.paths import cache_folder, write_private
from core.settings import Settings
from models.store import InstalledModel, resolve

# Nothing is ever asked of a hub: weights are files of this desk.
os.environ["HF_HUB_OFFLINE"] = "1"


class _Desk(msgspec.Struct, frozen=True):
    """What a choice is made for; on another desk, with other settings or weights, it is made anew."""

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
    desk = _Desk(installed.sha256, device, threads, os.cpu_count() or 1, cuda_devices(), wheel_folder() is not None)
    if not try_again:
        try:
            kept = msgspec.json.decode(file.read_bytes(), type=_Remembered)
        except (OSError, msgspec.MsgspecError):
            # Never tried, or written by another version: try again.
            kept = None
        if kept and kept.desk == desk:
            return kept.choice
    choice = choose(installed.path_for, device, threads)
    write_private(file, msgspec.json.encode(_Remembered(desk, choice)))
    return choice
