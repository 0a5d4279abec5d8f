"""Is this desk fit for calls? Each check says what it found and what to do about it. Knows nothing of Qt."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core import paths
from core.errors import TingbanError
from core.settings import Settings

ROOM_BYTES = 2 * 1024**3
"""A shift's audio of two legs at 16 kHz is 1.8 GB."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `remedy` is empty where nothing need be done."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def examine(settings: Settings, *, key_file: Path | None = None, try_engine_again: bool = False) -> Iterator[Check]:
    """Every check in turn; the slow one, the trial of the recogniser, comes last."""
    yield _guarded("system", _system)
    yield _guarded("settings", lambda: _settings(settings))
    yield _guarded("data folder", _data_folder)
    yield _guarded("key", lambda: _key(key_file))
    yield _guarded("microphone", lambda: _device("microphone", settings.audio.agent_device))
    yield _guarded("customer side", lambda: _device("loopback", settings.audio.customer_device))
    yield _guarded("display", _display)
    yield _guarded("mask", _mask)
    yield _guarded("network", _network)
    yield _guarded("model", lambda: _model(settings))
    yield _guarded("engine", lambda: _engine(settings, try_again=try_engine_again))


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except TingbanError as fault:
        return Check(name, ok=False, detail=fault.sentence, remedy=fault.remedy)


def _system() -> Check:
    cpus = os.cpu_count() or 1
    return Check("system", ok=True, detail=f"{platform.platform()}, Python {platform.python_version()}, {cpus} CPUs")


def _settings(settings: Settings) -> Check:
    locked = f"{len(settings.locked)} locked by policy" if settings.locked else "none locked by policy"
    if settings.moved_aside:
        return Check(
            "settings",
            ok=False,
            detail=f"The settings were damaged and lie in {settings.moved_aside.name}; defaults hold.",
            remedy="Set in the settings window what you miss.",
        )
    return Check("settings", ok=True, detail=locked)


def _data_folder() -> Check:
    folder = paths.data_folder()
    free = shutil.disk_usage(folder).free
    detail = f"{folder}, {free / 1024**3:.1f} GB free"
    if not os.access(folder, os.W_OK):
        return Check("data folder", ok=False, detail=f"{folder} cannot be written.", remedy="Choose one with --data.")
    if free < ROOM_BYTES:
        return Check("data folder", ok=False, detail=detail, remedy="Make room: a shift needs 2 GB.")
    return Check("data folder", ok=True, detail=detail)


def _key(key_file: Path | None) -> Check:
    from core.keys import check_key_source  # noqa: PLC0415 - keyrings take long to load

    return Check("key", ok=True, detail=check_key_source(key_file))


def _device(kind: str, wanted: str) -> Check:
    from asr.sources.devices import list_devices  # noqa: PLC0415 - opens the sound system

    name = "microphone" if kind == "microphone" else "customer side"
    if wanted.startswith("file:"):
        file = Path(wanted.removeprefix("file:"))
        if file.is_file():
            return Check(name, ok=True, detail=f"the file {file.name} in place of a device")
        return Check(name, ok=False, detail=f"There is no {file}.", remedy="Choose another in the settings.")
    found = [device for device in list_devices() if device.kind == kind]
    chosen = [d for d in found if wanted in {"default", f"{d.kind}:{d.id}"}]
    if not found:
        return Check(
            name,
            ok=False,
            detail=f"There is no {kind} device.",
            remedy="Plug a headset in." if kind == "microphone" else "Start the sound server (PipeWire or PulseAudio).",
        )
    if not chosen:
        return Check(name, ok=False, detail="The chosen device is not there.", remedy="Choose another in the settings.")
    best = next((device for device in chosen if device.default), chosen[0])
    return Check(name, ok=True, detail=f"{best.name} ({len(found)} in all)")


def _display() -> Check:
    if sys.platform in {"win32", "darwin"}:
        return Check("display", ok=True, detail="the desktop's own; docking there is untested")
    x11, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if wayland and x11:
        return Check(
            "display",
            ok=True,
            detail="Wayland through XWayland: global keys work only over X11 windows, and Wayland windows may cover "
            "the reserved edge.",
        )
    if wayland:
        return Check(
            "display",
            ok=False,
            detail="Wayland without XWayland: the panel can't dock.",
            remedy="Install xwayland, or log in to an X11 session.",
        )
    if x11:
        return Check("display", ok=True, detail="X11")
    return Check(
        "display", ok=False, detail="There is no display.", remedy="Use tingbanctl, or log in to a graphical session."
    )


def _mask() -> Check:
    from app.masking import rule_mask  # noqa: PLC0415 - loaded by this check alone

    mask = rule_mask()
    kinds = {found.kind for found in mask.find("你这个傻逼，我的手机号是13800138000")}
    if kinds != {"abuse.personal", "pii.mobile"}:
        return Check(
            "mask",
            ok=False,
            detail="The mask misses what it must hide.",
            remedy="Look whether the words are in the administrator's list (mask.tsv); else install Tingban again.",
        )
    return Check("mask", ok=True, detail="insults and personal data are hidden by rules")


def _network() -> Check:
    return Check("network", ok=True, detail="no feature that uses a network is on")


def _model(settings: Settings) -> Check:
    from models.store import resolve  # noqa: PLC0415 - loaded by these checks alone

    found = resolve(settings.recognition.model)
    return Check("model", ok=True, detail=f"{found.name}, {found.bytes / 1e6:.0f} MB, sha256 {found.sha256[:12]}…")


def _engine(settings: Settings, *, try_again: bool) -> Check:
    from app.engine import engine_choice  # noqa: PLC0415 - loads the recogniser's libraries
    from models.store import resolve  # noqa: PLC0415 - loaded by these checks alone

    wanted = settings.recognition
    choice = engine_choice(resolve(wanted.model), wanted.device, wanted.threads, try_again=try_again)
    detail = f"{choice.device} {choice.compute_type}, {choice.threads} threads, because {choice.reason}"
    if choice.live:
        return Check("engine", ok=True, detail=detail)
    return Check(
        "engine",
        ok=False,
        detail=f"{detail}: too slow to follow both sides of a call.",
        remedy="Choose a smaller model, or close what else computes and run the doctor again.",
    )
