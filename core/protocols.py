"""What one room needs of another, as Protocols; `app` injects the real thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from core.types import (
    AudioFrame,
    Gap,
    HeardNumber,
    Hypothesis,
    Leg,
    MaskedHypothesis,
    MaskedUtterance,
    MaskName,
    Utterance,
)


class AudioSource(Protocol):
    """One or two legs of audio, 16 kHz mono each.

    Frames of one leg are contiguous (`start_sample` of the next = `end_sample` of the last) except where `dropped`
    reports a span; frames of the two legs interleave. Iteration ends when the source ends or `close` is called from any
    thread; `close` is idempotent.
    """

    legs: tuple[Leg, ...]

    def frames(self) -> Iterator[AudioFrame]:
        """Frames in order of time. Raises DeviceFault or BadInput."""
        ...

    def dropped(self) -> list[Gap]:
        """Spans lost since the last call; ask after each frame, on the thread that iterates."""
        ...

    def close(self) -> None:
        """Stop and release devices."""
        ...


class Masker(Protocol):
    """Takes insults and personal data out of text. Runs in the recogniser's process."""

    name: MaskName

    def begin_call(self, call_id: str) -> None:
        """Forget the call before, numbers included."""
        ...

    def mask_hypothesis(self, hypothesis: Hypothesis) -> MaskedHypothesis:
        """A partial on its way to the screen."""
        ...

    def mask_utterance(self, utterance: Utterance) -> MaskedUtterance:
        """A final on its way to the screen and the store."""
        ...

    def revised(self) -> list[MaskedUtterance]:
        """Earlier finals of the call that later words have made to be masked otherwise, since the last question."""
        ...

    def latest_number(self) -> HeardNumber | None:
        """The number of the call that was completed last, or None."""
        ...


class Vocabulary(Protocol):
    """Names and terms of the trade that the recogniser should prefer."""

    def terms(self) -> Iterable[str]:
        """Terms, most important first."""
        ...
