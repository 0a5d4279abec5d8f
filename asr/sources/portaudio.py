"""Capture through PortAudio (sounddevice): microphones on Windows, macOS and plain ALSA.

PortAudio has no loopback; `asr.sources.devices` says what to choose instead.
"""

from __future__ import annotations

import sys
import threading
import time
from types import ModuleType
from typing import Any

import numpy as np

from asr.sources.pulse import FRAGMENT_SAMPLES
from asr.sources.ring import Ring
from core.errors import DeviceFault
from core.types import SAMPLE_RATE_HZ, DeviceInfo, Samples

HOST_API = {"win32": "Windows WASAPI", "darwin": "Core Audio"}.get(sys.platform, "ALSA")
"""One host API a platform: with all of them Windows lists every device four times."""

_running: set[PortAudioCapture] = set()
"""PortAudio's threads call into these: one that is forgotten without `stop` must not be collected under them."""
_lock = threading.Lock()


def load_library() -> ModuleType:
    """The sounddevice module. Raises DeviceFault where PortAudio is missing."""
    try:
        import sounddevice  # noqa: PLC0415 - loads PortAudio, which only a process that captures needs
    except OSError:
        raise DeviceFault(
            "PortAudio is not installed.", remedy="Install it (Debian: apt install libportaudio2)."
        ) from None
    return sounddevice  # type: ignore[no-any-return]  # sounddevice has no types


def list_devices() -> list[DeviceInfo]:
    """Microphones, the default one first. Raises DeviceFault where PortAudio is missing.

    PortAudio looks for devices once. It is made to look again, unless a stream is open that this would end.
    """
    library = load_library()
    with _lock:
        if not _running:
            library._terminate()  # noqa: SLF001 - sounddevice has no public name for it
            library._initialize()  # noqa: SLF001 - likewise
        devices = [
            DeviceInfo(info["name"], info["name"], "microphone", default) for _index, info, default in _inputs(library)
        ]
    return sorted(devices, key=lambda device: not device.default)


class PortAudioCapture:
    """Records one microphone into a ring, 16 kHz mono, from construction until `stop`."""

    def __init__(self, name: str, ring: Ring) -> None:
        """`name`: a device's id as `list_devices` gives it, or an empty string for the default. Raises DeviceFault."""
        library = load_library()
        self._ring = ring
        self._arrival_s = 0.0
        self._stopping = False
        extra = library.WasapiSettings(auto_convert=True) if HOST_API == "Windows WASAPI" else None
        with _lock:
            try:
                self._stream = library.InputStream(
                    samplerate=SAMPLE_RATE_HZ,
                    blocksize=FRAGMENT_SAMPLES,
                    device=_find(library, name),
                    channels=1,
                    dtype="float32",
                    latency="low",
                    extra_settings=extra,
                    callback=self._callback,
                    finished_callback=self._finished,
                )
                try:
                    self._stream.start()
                except library.PortAudioError:
                    self._stream.close()
                    raise
            except library.PortAudioError as error:
                raise DeviceFault(
                    f"The microphone {name or 'by default'} cannot be opened: {error.args[0]}.",
                    remedy="Plug it in, allow this program to use it, or choose another one from `tingbanctl devices`.",
                ) from None
            _running.add(self)

    def stop(self) -> None:
        """Close the stream. Idempotent; not from the callback's thread."""
        if not self._stopping:
            self._stopping = True
            self._stream.close()
            with _lock:
                _running.discard(self)

    def _callback(self, data: Samples, count: int, _time: Any, status: Any) -> None:  # noqa: ANN401 - cffi objects
        """PortAudio's thread: copies into the ring and nothing else."""
        arrival_s = time.monotonic()
        if status.input_overflow and self._arrival_s:
            self._ring.lose(max(0, round((arrival_s - self._arrival_s) * SAMPLE_RATE_HZ) - count))
        self._arrival_s = arrival_s
        self._ring.write(np.ravel(data), arrival_s)

    def _finished(self) -> None:
        """PortAudio's thread."""
        if not self._stopping:
            self._ring.fail("The microphone has gone.")


def _inputs(library: ModuleType) -> list[tuple[int, Any, bool]]:
    """Index, description and whether it is the default, of every input of the platform's host API."""
    inputs = []
    for api in library.query_hostapis():
        if api["name"] != HOST_API:
            continue
        for index in api["devices"]:
            info = library.query_devices(index)
            if info["max_input_channels"] > 0:
                inputs.append((index, info, index == api["default_input_device"]))
    return inputs


def _find(library: ModuleType, name: str) -> int:
    inputs = _inputs(library)
    for index, info, default in inputs:
        if info["name"] == name or (not name and default):
            return int(index)
    if not name and inputs:
        return int(inputs[0][0])
    raise DeviceFault(
        f"There is no microphone named {name}." if name else "There is no microphone.",
        remedy="Plug one in, then see `tingbanctl devices`.",
    )
