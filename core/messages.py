"""What processes say to one another besides captions: commands down, states up.

Every message is a tagged msgspec struct; `core.framing` puts it on a pipe. No pickle. Nothing here carries text of a
call in clear: captions are in `core.types`, originals travel sealed.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from core.types import DeviceInfo, Discreet, Gap, Leg, MaskedHypothesis, MaskedUtterance, NoticeState

Role = Literal["recorder", "recogniser", "analyst"]


# --- audio ----------------------------------------------------------------------------------------------------------
class AudioChunk(Discreet, frozen=True, tag=True):
    """Samples of one leg on a pipe. `pcm`: little-endian int16, 16 kHz mono, n_samples x 2 bytes."""

    call_id: str
    leg: Leg
    start_sample: int
    pcm: bytes


class Levels(msgspec.Struct, frozen=True, tag=True):
    """Level bars, at most 10 a second: RMS of the last 100 ms in dBFS, -90 when nothing comes."""

    agent_db: float
    customer_db: float


# --- to any process -------------------------------------------------------------------------------------------------
class Ping(msgspec.Struct, frozen=True, tag=True):
    """Answered with `Pong`; the warden's proof of life."""

    number: int


class Shutdown(msgspec.Struct, frozen=True, tag=True):
    """Finish what is in hand and exit 0. A closed standard input means the same."""


# --- from any process -----------------------------------------------------------------------------------------------
class Ready(msgspec.Struct, frozen=True, tag=True):
    """First message of a process once it can work."""

    role: Role
    detail: str = ""


class Pong(msgspec.Struct, frozen=True, tag=True):
    """Answer to `Ping`."""

    number: int


class Fault(msgspec.Struct, frozen=True, tag=True):
    """A fault a person can mend, as a code the window translates, with a content-free detail.

    `fatal` means the process is about to exit and respawning will not help before the remedy is done.
    """

    role: Role | Literal["desk"]
    code: str
    detail: str = ""
    remedy: str = ""
    fatal: bool = False


# --- recorder -------------------------------------------------------------------------------------------------------
class OpenLegs(msgspec.Struct, frozen=True, tag=True):
    """Open the devices of a call and start its audio clock.

    A device is `microphone:<id>`, `loopback:<id>`, `default`, or `file:<path>` (a stereo file serves both legs).
    `from_sample`: where a respawned recorder resumes the call's clock.
    """

    call_id: str
    agent: str
    customer: str
    from_sample: int = 0


class CloseLegs(msgspec.Struct, frozen=True, tag=True):
    """Close the devices. Nothing is captured until the next `OpenLegs`."""

    call_id: str


class PauseCapture(msgspec.Struct, frozen=True, tag=True):
    """Stop capture for passwords and codes; the span becomes a `Gap` with reason `paused`."""

    call_id: str
    paused: bool


class WatchVoice(msgspec.Struct, frozen=True, tag=True):
    """Between calls: listen on the customer device for a voice that would start a call; keep nothing."""

    customer: str
    enabled: bool


class MeterDevices(msgspec.Struct, frozen=True, tag=True):
    """Settings window: open both devices for level bars alone; empty names close them."""

    agent: str = ""
    customer: str = ""


class ListDevices(msgspec.Struct, frozen=True, tag=True):
    """Answered with `DeviceList`."""


class DeviceList(msgspec.Struct, frozen=True, tag=True):
    """The devices there are now, default ones first."""

    devices: tuple[DeviceInfo, ...]


class LegsOpened(msgspec.Struct, frozen=True, tag=True):
    """The devices run; `opened_at_unix_ms` is when sample `from_sample` was heard."""

    call_id: str
    agent_name: str
    customer_name: str
    opened_at_unix_ms: int
    from_sample: int = 0


class LegEnded(msgspec.Struct, frozen=True, tag=True):
    """No more samples of this leg will come (file at its end, legs closed)."""

    call_id: str
    leg: Leg
    end_sample: int


class CaptureGap(msgspec.Struct, frozen=True, tag=True):
    """Samples the recorder could not deliver; the recogniser writes it into the transcript."""

    call_id: str
    gap: Gap


class VoiceHeard(msgspec.Struct, frozen=True, tag=True):
    """A voice on the watched customer device while no call runs."""


# --- recogniser -----------------------------------------------------------------------------------------------------
class BeginCall(msgspec.Struct, frozen=True, tag=True):
    """Utterance ids of this call are `<call_id>-<leg initial>-<start_ms>`, so a repeated decode is idempotent."""

    call_id: str


class EndCall(msgspec.Struct, frozen=True, tag=True):
    """Finish every utterance in hand, then answer `CallFinished`."""

    call_id: str


class EngineState(msgspec.Struct, frozen=True, tag=True):
    """How the recogniser fares; about twice a second while a call runs."""

    state: Literal["loading", "ready", "listening", "behind"]
    model: str
    device: Literal["cpu", "cuda"]
    compute_type: str
    delay_ms: int = 0
    """Age of the oldest speech that has not yet been written, 0 when none waits."""
    threads: int = 0
    partials: Literal["on", "slow", "off"] = "on"


class Caption(msgspec.Struct, frozen=True, tag=True):
    """A caption of a call on its way to window and analyst."""

    call_id: str
    item: MaskedHypothesis | MaskedUtterance | Gap
    emitted_ms: int
    """When it was emitted, on the call's audio clock."""


class Acknowledged(msgspec.Struct, frozen=True, tag=True):
    """All samples of the leg before `sample` have been written down or found silent."""

    call_id: str
    leg: Leg
    sample: int


class CallFinished(msgspec.Struct, frozen=True, tag=True):
    """The recogniser has nothing more to say about the call."""

    call_id: str


class EnvelopeOpened(Discreet, frozen=True, tag=True):
    """The data key of a call, wrapped; the first thing said of a call whose originals are sealed, and told once more by
    every recogniser that is new, under another id.

    `recipients`: fingerprints of the supervisors' keys that open `supervisors_wrap` (an age file). `desk_wrap` opens
    with the desk's key and lives until the call closes.
    """

    call_id: str
    envelope_id: str
    recipients: tuple[str, ...]
    supervisors_wrap: bytes
    desk_wrap: bytes


class SealedOriginal(Discreet, frozen=True, tag=True):
    """An utterance as it was heard, sealed under the data key of its envelope."""

    call_id: str
    envelope_id: str
    utterance_id: str
    sealed: bytes


# --- warden ---------------------------------------------------------------------------------------------------------
class ProcessState(msgspec.Struct, frozen=True, tag=True):
    """What the warden sees of a process; the window says it in words."""

    role: Role
    state: Literal["starting", "up", "restarting", "failed", "stopped"]
    deaths: int = 0


# --- analyst --------------------------------------------------------------------------------------------------------
class CallOpened(Discreet, frozen=True, tag=True):
    """A call began (button, key, voice, softphone or command line)."""

    call_id: str
    started_at_unix_ms: int
    trigger: Literal["button", "voice", "softphone", "cli", "demo"]
    number: str = ""
    customer_id: str = ""


class CallClosed(msgspec.Struct, frozen=True, tag=True):
    """A call ended."""

    call_id: str
    ended_at_unix_ms: int


class SealTo(msgspec.Struct, frozen=True, tag=True):
    """From the analyst, once it has a store and whenever keys change: the public keys that originals are sealed to.

    Without `supervisors` originals are dropped, and so they are until this message comes: there is no store for them.
    """

    supervisors: tuple[str, ...]
    desk: str
    """Public half of the desk's pair, for recovery while a call runs; hexadecimal."""


class NoticeSet(msgspec.Struct, frozen=True, tag=True):
    """What is known of the notice in a call. `refused` is final: what is stored of the call is deleted."""

    call_id: str
    state: NoticeState
    at_unix_ms: int


class MaskMarkedWrong(msgspec.Struct, frozen=True, tag=True):
    """The agent says that a stretch of the shown text, [start, end) in code points, was masked wrongly."""

    call_id: str
    utterance_id: str
    start: int
    end: int
    kind: str
    at_unix_ms: int


class NumberShown(msgspec.Struct, frozen=True, tag=True):
    """A masked number was shown for reading back. `kind` as in `MaskSpan`; never the value."""

    call_id: str
    kind: str


class CapturePaused(msgspec.Struct, frozen=True, tag=True):
    """The pause key was pressed, for the record; `PauseCapture` is what it does."""

    call_id: str
    paused: bool


class OriginalRevealed(msgspec.Struct, frozen=True, tag=True):
    """A sealed original was opened with a supervisors' key."""

    call_id: str
    utterance_id: str


Message = (
    AudioChunk
    | Levels
    | Ping
    | Shutdown
    | Ready
    | Pong
    | Fault
    | OpenLegs
    | CloseLegs
    | PauseCapture
    | WatchVoice
    | MeterDevices
    | ListDevices
    | DeviceList
    | ProcessState
    | LegsOpened
    | LegEnded
    | CaptureGap
    | VoiceHeard
    | BeginCall
    | EndCall
    | EngineState
    | Caption
    | Acknowledged
    | CallFinished
    | EnvelopeOpened
    | SealedOriginal
    | CallOpened
    | CallClosed
    | SealTo
    | NoticeSet
    | MaskMarkedWrong
    | NumberShown
    | CapturePaused
    | OriginalRevealed
)
