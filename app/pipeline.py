"""The stages of a call inline, in one process: for files, the command line and tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from app.engine import Engine
from asr.live import LiveRecogniser
from asr.offline import transcribe
from asr.sources.clock import CallClock
from core.protocols import AudioSource, Masker
from core.types import SAMPLE_RATE_HZ, CaptionItem, Gap, Hypothesis, MaskedHypothesis, MaskedUtterance, Utterance


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
    """Caption a source as fast as it goes. A final that later words cause to be masked otherwise comes once more."""
    for item in transcribe(source, engine.model, engine.offline, progress=progress):
        yield masked(item, masker)
        yield from masker.revised()
