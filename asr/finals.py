"""From an utterance's audio to its written form: what live and file recognition have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from asr.endpoint import Ended
from asr.guard import GuardOptions, invented
from asr.speech_model import Decoded, DecodeOptions
from asr.text import readable_final
from core.types import SAMPLE_RATE_HZ, Leg, Samples, Utterance

FINAL_BEAM = 2
"""Of the search for a final (`bench/window_sweep.py --beam`): 5 reads no better and takes half as long again."""

RETRY_COMPRESSION = 2.4
"""A final whose text compresses better than this looped (Whisper's own threshold)."""

RETRY_LOGPROB = -1.0
"""A final below this mean log probability was guessed (Whisper's own threshold)."""

RETRY_TEMPERATURE = 0.4

_SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000


class Decoder(Protocol):
    """What recognition needs of a model; `asr.speech_model.SpeechModel` is the real one."""

    def decode(
        self, clips: Sequence[Samples], options: DecodeOptions, wanted: Callable[[], bool] | None = None
    ) -> list[Decoded]:
        """Text of each clip, in one batch; nothing where `wanted`, asked half-way, says that it no longer is."""
        ...


def final_options(beam_size: int = FINAL_BEAM) -> DecodeOptions:
    """How a final is decoded."""
    return DecodeOptions(beam_size=beam_size, word_times=True, detect_english=True)


def decode_finals(
    decoder: Decoder,
    clips: Sequence[Samples],
    beam_size: int,
    may_retry: Callable[[], bool],
    wanted: Callable[[], bool] | None = None,
) -> list[Decoded]:
    """Decode clips as finals. What looped or was guessed is tried once more by sampling, if `may_retry` says so.

    Nothing comes back where `wanted`, asked half-way, says that it no longer is.
    """
    decoded = decoder.decode(clips, final_options(beam_size), wanted)
    if not decoded:
        return []
    return [
        _retried(decoder, clip, one) if _failed(one) and may_retry() else one
        for clip, one in zip(clips, decoded, strict=True)
    ]


def as_utterance(call_id: str, leg: Leg, ended: Ended, decoded: Decoded, guard: GuardOptions) -> Utterance | None:
    """The utterance as it is written, or None where the text is not believed."""
    pauses_s = [
        ((begin - ended.start_sample) / SAMPLE_RATE_HZ, (end - ended.start_sample) / SAMPLE_RATE_HZ)
        for begin, end in ended.pauses
    ]
    start_ms = ended.start_sample // _SAMPLES_PER_MS
    written = readable_final(decoded, start_ms, pauses_s)
    if invented(decoded, written.text, ended.voice, guard):
        return None
    return Utterance(
        id=f"{call_id}-{leg[0]}-{start_ms}",
        leg=leg,
        start_ms=start_ms,
        end_ms=ended.voiced_end_sample // _SAMPLES_PER_MS,
        text=written.text,
        words=written.words,
        confidence=round(decoded.confidence, 3),
    )


def _failed(decoded: Decoded) -> bool:
    return decoded.compression > RETRY_COMPRESSION or decoded.avg_logprob < RETRY_LOGPROB


def _retried(decoder: Decoder, clip: Samples, decoded: Decoded) -> Decoded:
    again = decoder.decode([clip], replace(final_options(), temperature=RETRY_TEMPERATURE))[0]
    looped = decoded.compression > RETRY_COMPRESSION
    better = again.compression <= RETRY_COMPRESSION and (looped or again.avg_logprob > decoded.avg_logprob)
    return again if better else decoded
