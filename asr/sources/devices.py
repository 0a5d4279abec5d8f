"""Device names, what devices there are, and which back end opens which."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Literal

import msgspec

from asr.sources.both import BothLegs
from asr.sources.clock import CallClock
from asr.sources.live import LiveSource
from core.errors import BadInput, DeviceFault, TingbanError
from core.protocols import AudioSource
from core.types import DeviceInfo, Leg

if TYPE_CHECKING:
    from asr.sources.file import FileSource

DEFAULT = "default"

LOOPBACK_REMEDY = {
    "win32": "Let the softphone play to a virtual cable and choose the cable's output as a microphone, or give a file.",
    "darwin": "Let the softphone play to a virtual device (BlackHole) and choose it as a microphone, or give a file.",
}.get(sys.platform, "Start PipeWire (with pipewire-pulse) or PulseAudio for this user, or give a file.")


class DeviceSpec(msgspec.Struct, frozen=True):
    """A leg's source by name: `default`, `microphone:<id>`, `loopback:<id>` or `file:<path>`."""

    kind: Literal["microphone", "loopback", "file"]
    id: str
    """The device's id (`default` for the system's choice), or the file's path."""


def parse_spec(spec: str, leg: Leg) -> DeviceSpec:
    """Read a device's name. `default` is the microphone for the agent and the loopback for the customer.

    Raises BadInput.
    """
    if spec == DEFAULT:
        return DeviceSpec("microphone" if leg == "agent" else "loopback", DEFAULT)
    kind, _, name = spec.partition(":")
    match kind:
        case "microphone" | "loopback" | "file" if name:
            return DeviceSpec(kind, name)
    raise BadInput(
        f"'{spec}' does not name a device.",
        remedy="Write default, microphone:ID, loopback:ID or file:PATH; `tingbanctl devices` lists the ids.",
    )


def list_devices() -> list[DeviceInfo]:
    """Microphones and loopbacks there are now, default ones first. Raises DeviceFault where nothing can be asked."""
    if sys.platform == "linux":
        from asr.sources import pulse  # noqa: PLC0415 - a library of Linux

        if pulse.is_running():
            return pulse.list_devices()
    from asr.sources import portaudio  # noqa: PLC0415 - loads PortAudio

    return portaudio.list_devices()


def open_leg(spec: str, leg: Leg, clock: CallClock | None = None) -> LiveSource | FileSource:
    """A source of one leg by its name, its device open; a file runs at real-time pace. Raises DeviceFault, BadInput."""
    device = parse_spec(spec, leg)
    return open_file(spec, leg, clock) if device.kind == "file" else open_device(device, leg, clock)


def open_file(spec: str, only: Leg | None = None, clock: CallClock | None = None) -> FileSource:
    """A file at real-time pace: both legs, or one of them. Raises BadInput."""
    from asr.sources.file import FileSource  # noqa: PLC0415 - PyAV is loaded for files alone

    return FileSource(parse_spec(spec, "agent").id, only=only, pace="realtime", clock=clock)


def open_call(agent: str, customer: str) -> AudioSource:
    """Both legs of a call on one clock; the same file for both is opened once. Raises DeviceFault, BadInput."""
    if agent == customer and agent.startswith("file:"):
        return open_file(agent)
    clock = CallClock()
    near = open_leg(agent, "agent", clock)
    try:
        return BothLegs(near, open_leg(customer, "customer", clock))
    except TingbanError:
        near.close()
        raise


def open_device(spec: DeviceSpec, leg: Leg, clock: CallClock | None = None) -> LiveSource:
    """A source for a microphone or a loopback, its device open. Raises DeviceFault."""
    assert spec.kind != "file"
    wanted = "" if spec.id == DEFAULT else spec.id
    if sys.platform == "linux":
        from asr.sources import pulse  # noqa: PLC0415 - a library of Linux

        if pulse.is_running():
            device = _choose(pulse.list_devices(), spec.kind, wanted)
            source = LiveSource(leg, spec.kind, partial(pulse.PulseCapture, device.id), name=device.name, clock=clock)
            source.open()
            return source
    if spec.kind == "loopback":
        raise DeviceFault("This system offers no loopback of what the softphone plays.", remedy=LOOPBACK_REMEDY)
    from asr.sources import portaudio  # noqa: PLC0415 - loads PortAudio

    device = _choose(portaudio.list_devices(), spec.kind, wanted)
    source = LiveSource(leg, spec.kind, partial(portaudio.PortAudioCapture, device.id), name=device.name, clock=clock)
    source.open()
    return source


def _choose(devices: list[DeviceInfo], kind: str, wanted: str) -> DeviceInfo:
    """The device by its id, or the default of its kind. A microphone is never taken for a loopback, nor the reverse."""
    for device in devices:
        if device.kind == kind and (device.id == wanted or (not wanted and device.default)):
            return device
    raise DeviceFault(
        f"There is no {kind} named {wanted}." if wanted else f"There is no {kind}.",
        remedy="Plug it in, or choose another one from `tingbanctl devices`.",
    )
