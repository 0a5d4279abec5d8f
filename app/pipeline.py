"""The stages of a call inline, in one process: for files, the command line and tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from app.engine import Engine
from asr.live import LiveRecogniser
from asr.offline import transcribe
from asr.sources.clock import CallClock
from core.errors import TingbanError
from core.protocols import AudioSource, Masker
from core.types import SAMPLE_RATE_HZ, CaptionItem, Gap, Hypothesis, MaskedHypothesis, MaskedUtterance, Utterance

SETTLED_MS = 60_000
"""Half a minute beyond the longest time after which a number is still corrected (`redaction.personal.telling`)."""


def masked(item: Hypothesis | Utterance | Gap, masker: Masker) -> CaptionItem:
    """Send an item through the mask; a gap has no words."""
    match item:
        case Hypothesis():
            return masker.mask_hypothesis(item)
        case Utterance():
            return masker.mask_utterance(item)
        case Gap():
            return item


def follow(
    source: AudioSource,
    clock: CallClock,
    engine: Engine,
    masker: Masker,
    show: Callable[[CaptionItem, int], None],
) -> None:
    """Caption a source that runs at the pace of a call, until it ends.

    `show` gets each caption with the milliseconds on the audio's clock at which it came; it is called from two threads,
    one at a time. Raises what the source raises, after what was heard has been written.
    """

    def emit(item: Hypothesis | Utterance | Gap) -> None:
        now_ms = clock.sample_at(time.monotonic()) * 1000 // SAMPLE_RATE_HZ
        show(masked(item, masker), now_ms)
        for again in masker.revised():
            show(again, now_ms)

    recogniser = LiveRecogniser(engine.model, emit, legs=source.legs, options=engine.live)
    try:
        for frame in source.frames():
            for gap in source.dropped():
                recogniser.skip(gap)
            recogniser.feed(frame)
    finally:
        recogniser.finish()


def write_down(
    source: AudioSource, engine: Engine, masker: Masker, progress: Callable[[int], None] | None = None
) -> Iterator[MaskedUtterance | MaskedHypothesis | Gap]:
    """Caption a source as fast as it goes.

    A final waits until later words will hardly change its mask (`SETTLED_MS`), and so comes once; were it to change all
    the same, it would come again.
    """
    waiting: list[CaptionItem] = []
    try:
        for item in transcribe(source, engine.model, engine.offline, progress=progress):
            waiting.append(masked(item, masker))
            for again in masker.revised():
                place = next((at for at, one in enumerate(waiting) if _id(one) == again.id), None)
                if place is None:
                    yield again
                else:
                    waiting[place] = again
            while waiting[0].end_ms + SETTLED_MS < item.start_ms:
                yield waiting.pop(0)
    except TingbanError:
        # A file that is damaged is written down up to there.
        yield from waiting
        raise
    yield from waiting


def _id(item: CaptionItem) -> str | None:
    return item.id if isinstance(item, MaskedUtterance) else None
