"""Messages that flow from room to room. All frozen.

What may still change (`Hypothesis`) is another type than what is final (`Utterance`); what has passed the mask is
another type than what has not. Windows and stores accept masked types only.

Times are milliseconds on the call's audio clock (0 = first captured sample of the call); spans are half-open, in code
points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

_CONTENT_FIELDS = frozenset(
    {"text", "number", "customer_id", "pcm", "sealed", "supervisors_wrap", "desk_wrap", "data_key"}
)

SAMPLE_RATE_HZ = 16_000

Leg = Literal["agent", "customer"]
"""`agent` is the near end (microphone), `customer` the far end (softphone output)."""

LEGS: tuple[Leg, Leg] = ("agent", "customer")

GapReason = Literal["overflow", "device", "paused", "recogniser", "disk"]
"""Why samples of a leg are missing: a full queue, a lost device, the pause key, a recogniser killed, a full disk."""

MaskName = Literal["none", "rules", "rules+encoder"]
"""Which mask the text has passed. `none` is said on the panel (「遮罩未启用」)."""

Samples = NDArray[np.float32]
"""float32, shape (n_samples,), range [-1, 1], 16 kHz mono."""


NoticeState = Literal["unknown", "played", "said", "heard", "refused"]
"""What is known of the notice that the call is written down: played by the exchange, said by the agent, heard in the
call, or refused by the customer, after which nothing of the call is kept."""


class Discreet(msgspec.Struct, frozen=True):
    """Base of structs that bear words, audio or numbers: a repr shows how long those are, never what they say.

    A struct that reaches a log, a traceback or an assertion thus tells its ids and times alone.
    """

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Fields as they may be shown; `<12>` is a length, in code points or bytes."""
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, _Length(len(value)) if name in _CONTENT_FIELDS else value) for name, value in fields]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"


class _Length(int):
    def __repr__(self) -> str:
        return f"<{int(self)}>"


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """A run of samples of one leg. `samples`: float32, shape (n_samples,), range [-1, 1], 16 kHz mono."""

    leg: Leg
    start_sample: int
    samples: Samples = field(repr=False)

    @property
    def end_sample(self) -> int:
        """First sample after the frame."""
        return self.start_sample + len(self.samples)


class Word(Discreet, frozen=True, array_like=True):
    """One word (or Chinese character group) with its time and the recogniser's probability."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


DOUBTFUL = 0.3
"""Probability that no word of digits exceeds which was heard in two ways: a number of such words is not sure."""


class Hypothesis(Discreet, frozen=True, tag=True):
    """Text of an utterance still being spoken; the next one replaces it."""

    leg: Leg
    start_ms: int
    end_ms: int
    text: str
    stable_chars: int = 0
    """How many leading code points two successive decodes agreed on."""


class Utterance(Discreet, frozen=True, tag=True):
    """Final text of one utterance, as heard. Never leaves the recogniser's process unmasked."""

    id: str
    leg: Leg
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    confidence: float = 0.0
    """Mean token probability, 0 to 1."""


class Gap(msgspec.Struct, frozen=True, tag=True):
    """Samples that are missing, and why: shown in the transcript, never silence."""

    leg: Leg
    start_ms: int
    end_ms: int
    reason: GapReason


Checksum = Literal["none", "right", "wrong"]
"""Whether the check digit (or the fixed form) of a number agrees; `none` where its kind has no check."""


class MaskSpan(msgspec.Struct, frozen=True, array_like=True):
    """A masked stretch of the shown text, [start, end) in code points, with its kind (`abuse.threat`, `pii.mobile`).

    `kept`: what the chip still tells of the value (`····8000`), empty where nothing. `sure` is False for a number that
    is incomplete or was corrected ambiguously.
    """

    start: int
    end: int
    kind: str
    kept: str = ""
    checksum: Checksum = "none"
    sure: bool = True


class MaskedHypothesis(Discreet, frozen=True, tag=True):
    """A hypothesis that has passed the mask."""

    leg: Leg
    start_ms: int
    end_ms: int
    text: str
    stable_chars: int = 0
    spans: tuple[MaskSpan, ...] = ()
    masked_by: MaskName = "none"


class MaskedUtterance(Discreet, frozen=True, tag=True):
    """A final utterance that has passed the mask; `words` follow the masked text."""

    id: str
    leg: Leg
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    confidence: float = 0.0
    spans: tuple[MaskSpan, ...] = ()
    masked_by: MaskName = "none"
    sealed_ref: str | None = None


class HeardNumber(Discreet, frozen=True):
    """A number of the call, for reading back. `number`: grouped as people read it; `kind` as in `MaskSpan`."""

    kind: str
    number: str
    checksum: Checksum = "none"
    sure: bool = True


CaptionItem = MaskedHypothesis | MaskedUtterance | Gap
"""What a window may show of a call's text."""


class DeviceInfo(msgspec.Struct, frozen=True):
    """An audio device as `tingbanctl devices` and the settings window name it.

    `id` is stable over restarts where the platform allows; `<kind>:<id>` names it in settings and messages.
    """

    id: str
    name: str
    kind: Literal["microphone", "loopback"]
    default: bool = False


class CallRecord(msgspec.Struct, frozen=True):
    """A call as it is remembered, times in milliseconds since 1970 UTC.

    `ended_at_unix_ms` is None while it runs, or where its end was never seen.
    """

    id: str
    started_at_unix_ms: int
    ended_at_unix_ms: int | None
    trigger: str


class SupervisorKey(msgspec.Struct, frozen=True):
    """A public key that originals are sealed to, and the short form that people compare."""

    fingerprint: str
    public_key: str
