"""Whisper through CTranslate2, fed with windows as short as speech allows.

Stock recognition pads every utterance to 30 s before the encoder, which costs 0.35 s of two cores however short it is.
CTranslate2 accepts a shorter feature matrix; below about 8 s of window the decoder falls apart, so there is a floor
(chosen by `bench/window_sweep.py`, figures in docs/benchmarks.md).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, exp
from pathlib import Path
from typing import Literal

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from threadpoolctl import threadpool_limits

from asr.cuda import load_libraries
from asr.digit_head import digit_head
from asr.digits import with_digits_heard
from core.errors import ModelFault
from core.types import SAMPLE_RATE_HZ, Samples
from models.digits.decode import FRAMES_PER_S
from models.whisper import MULTILINGUAL_VOCABULARY, read_weights

Device = Literal["cpu", "cuda"]
Language = Literal["zh", "en"]
"""What calls are held in."""

WINDOW_FLOOR_S = 8.0
SHORT_WINDOW_FLOOR_S = 10.0
"""Of clips under `SHORT_CLIP_S`: short answers in noise lose a quarter more characters at 8 s."""

SHORT_CLIP_S = 2.5
WINDOW_MARGIN_S = 2.0
WINDOW_MAX_S = 30.0

_FRAMES_PER_S = 100
_ENGLISH_MIN_S = 1.2
_ENGLISH_WORSE = 0.3
_FOREIGN_LOGPROB = -0.6
_FOREIGN_LATIN = 0.2
_FOREIGN_COMPRESSION = 2.0
"""Decoded as Chinese, every utterance of tests/audio/english has more Latin letters, a lower mean log probability or
more repetition than this; of 289 Chinese ones (tests/audio/utterances_*) three have, for a brand and slips. Those are
decoded in English too. What is English is then likelier by 0.02 to 1.6 a token, but for one clip that reads the same
either way; what is Chinese, and so translated, is less likely by 0.65 and more. A clip under 1.2 s tells nothing."""

_TOKENS_PER_S = 14.0
"""Upper bound of tokens a second of speech: the fastest test speech has 7.5 characters a second and a character takes
1.35 tokens, so that a loop is stopped long before Whisper's 224 tokens."""

_TOKENS_SPARE = 12


@dataclass(frozen=True, slots=True)
class TimedToken:
    """A piece of text with its time from the start of the clip and the decoder's probability."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the decoder made of one clip.

    Attributes:
        text: as decoded: unconverted script, the decoder's own punctuation.
        tokens: text tokens.
        avg_logprob: mean log probability a token.
        no_speech: the decoder's probability that the clip has no speech.
        compression: ratio of the UTF-8 text to its zlib size; loops are above 2.4 (Whisper's own threshold).
        seconds: length of the clip.
        timed: pieces with times, when asked for.
    """

    text: str
    tokens: tuple[int, ...]
    avg_logprob: float
    no_speech: float
    compression: float
    seconds: float
    language: Language
    timed: tuple[TimedToken, ...] = ()

    @property
    def confidence(self) -> float:
        """Mean token probability, 0 to 1."""
        return min(1.0, exp(self.avg_logprob))


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How to decode.

    Attributes:
        beam_size: 1 is greedy.
        word_times: align the text with the audio.
        temperature: above 0 samples instead of searching; for the retry after a failed search only.
        languages: of each clip, for a partial; empty is Chinese.
        detect_english: let a clip that is English be decoded as such.
        window_floor_s: the encoder's shortest window; None chooses it by the clip.
    """

    beam_size: int = 1
    word_times: bool = False
    temperature: float = 0.0
    languages: tuple[Language, ...] = ()
    detect_english: bool = False
    window_floor_s: float | None = None


def window_s(seconds: float, floor_s: float | None = None) -> float:
    """Encoder window for a clip of so many seconds."""
    if floor_s is None:
        floor_s = SHORT_WINDOW_FLOOR_S if seconds < SHORT_CLIP_S else WINDOW_FLOOR_S
    return min(WINDOW_MAX_S, max(floor_s, seconds + WINDOW_MARGIN_S))


class SpeechModel:
    """A loaded Whisper model. Not for two threads at once: one recogniser owns it."""

    def __init__(
        self,
        path: Path,
        *,
        device: Device = "cpu",
        compute_type: str = "int8",
        threads: int = 2,
    ) -> None:
        """Load the weights of a CTranslate2 Whisper folder.

        Raises: ModelFault when the folder does not load, with the remedy.
        """
        self.device = device
        self.compute_type = compute_type
        self.threads = threads
        if device == "cuda":
            load_libraries()
        try:
            self._whisper = WhisperModel(
                str(path), device=device, compute_type=compute_type, cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelFault(
                f"The recogniser's weights in {path.name} do not load on {device} ({compute_type}): {error}",
                remedy="Run `tingbanctl models verify`, then `tingbanctl models fetch` or `models import FILE`.",
            ) from error
        self._digits = digit_head(path)
        # The features of one clip are a small matrix product: OpenBLAS would wake a second thread for it, which then
        # spins on for 0.1 s.
        threadpool_limits(1, user_api="blas")
        # CTranslate2 takes a vocabulary that was cut (ADR 16) for that of an English model, which has one token less.
        n_tokens = read_weights(path / "model.bin").n_vocabulary
        self._multilingual = self._whisper.model.is_multilingual or n_tokens < MULTILINGUAL_VOCABULARY - 1
        self._tokenizer = Tokenizer(
            self._whisper.hf_tokenizer,
            self._multilingual,
            task="transcribe",
            language="zh" if self._multilingual else None,
        )
        self._english = (
            Tokenizer(self._whisper.hf_tokenizer, multilingual=True, task="transcribe", language="en")
            if self._multilingual
            else self._tokenizer
        )

    def decode(
        self, clips: Sequence[Samples], options: DecodeOptions, wanted: Callable[[], bool] | None = None
    ) -> list[Decoded]:
        """Text of each clip, all in one batch; nothing where it is no longer wanted once it is encoded.

        `clips`: float32, shape (n_samples,), range [-1, 1], 16 kHz mono, up to 30 s each.
        """
        seconds = [len(clip) / SAMPLE_RATE_HZ for clip in clips]
        window_frames = int(max(window_s(clip_s, options.window_floor_s) for clip_s in seconds) * _FRAMES_PER_S)
        encoded = self._encoded(clips, window_frames)
        if wanted and not wanted():
            return []
        known = [self._english if language == "en" else self._tokenizer for language in options.languages]
        decoded = self._generated(encoded, known or [self._tokenizer] * len(clips), seconds, options)
        if options.detect_english:
            decoded = self._english_where_likelier(encoded, decoded, options)
        return self._with_digits(encoded, self._with_times(encoded, decoded)) if options.word_times else decoded

    def states(self, clips: Sequence[Samples], window_frames: int) -> npt.NDArray[np.float32]:
        """What the encoder makes of clips: shape (n_clips, window_frames / 2, d_model), 50 states a second."""
        return self._as_array(self._encoded(clips, window_frames))

    def _encoded(self, clips: Sequence[Samples], window_frames: int) -> ctranslate2.StorageView:
        return self._whisper.encode(np.stack([self._features(clip, window_frames) for clip in clips]))

    def _as_array(self, encoded: ctranslate2.StorageView) -> npt.NDArray[np.float32]:
        return np.asarray(encoded if self.device == "cpu" else encoded.to_device(ctranslate2.Device.cpu), np.float32)

    def _generated(
        self,
        encoded: ctranslate2.StorageView,
        tokenizers: Sequence[Tokenizer],
        seconds: Sequence[float],
        options: DecodeOptions,
    ) -> list[Decoded]:
        prompts = [[*tokenizer.sot_sequence, tokenizer.no_timestamps] for tokenizer in tokenizers]
        budget = len(prompts[0]) + _TOKENS_SPARE + ceil(max(seconds) * _TOKENS_PER_S)
        search = (
            {"beam_size": 1, "sampling_temperature": options.temperature, "sampling_topk": 0}
            if options.temperature > 0
            else {"beam_size": options.beam_size}
        )
        results = self._whisper.model.generate(
            encoded,
            prompts,
            **search,
            max_length=min(budget, self._whisper.max_length),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [
            _decoded(tokenizer, result, clip_s)
            for tokenizer, result, clip_s in zip(tokenizers, results, seconds, strict=True)
        ]

    def _features(self, clip: Samples, window_frames: int) -> Samples:
        missing = window_frames * SAMPLE_RATE_HZ // _FRAMES_PER_S - len(clip)
        padded = np.pad(clip, (0, missing)) if missing > 0 else clip[: len(clip) + missing]
        mel: Samples = self._whisper.feature_extractor(padded, padding=0)
        return mel[:, :window_frames]

    def _english_where_likelier(
        self, encoded: ctranslate2.StorageView, decoded: list[Decoded], options: DecodeOptions
    ) -> list[Decoded]:
        """Chinese unless a clip that does not read like it reads better in English."""
        doubted = [_may_be_english(one) for one in decoded]
        if not self._multilingual or not any(doubted):
            return decoded
        tokenizers = [self._english if doubt else self._tokenizer for doubt in doubted]
        again = self._generated(encoded, tokenizers, [one.seconds for one in decoded], options)
        return [
            other if doubt and other.avg_logprob > one.avg_logprob - _ENGLISH_WORSE else one
            for one, other, doubt in zip(decoded, again, doubted, strict=True)
        ]

    def _with_digits(self, encoded: ctranslate2.StorageView, decoded: list[Decoded]) -> list[Decoded]:
        if self._digits is None:
            return decoded
        states = self._as_array(encoded)
        return [
            with_digits_heard(one, self._digits.runs(states[row, : ceil(one.seconds * FRAMES_PER_S)]))
            if one.language == "zh"
            else one
            for row, one in enumerate(decoded)
        ]

    def _with_times(self, encoded: ctranslate2.StorageView, decoded: Sequence[Decoded]) -> list[Decoded]:
        """Align each text with its audio (cross-attention and dynamic time warping, as in Whisper's paper)."""
        blank = self._tokenizer.encode(" ")
        aligned = self._whisper.find_alignment(
            self._tokenizer,
            [list(one.tokens) or blank for one in decoded],
            encoded,
            # The encoder halves the frames: of a single one nothing is left to align with.
            [max(2, ceil(min(one.seconds, WINDOW_MAX_S) * _FRAMES_PER_S)) for one in decoded],
        )
        return [
            replace(
                one,
                timed=tuple(
                    TimedToken(
                        word["word"],
                        min(float(word["start"]), one.seconds),
                        min(float(word["end"]), one.seconds),
                        float(word["probability"]),
                    )
                    for word in words
                    if one.tokens and word["word"]
                ),
            )
            for one, words in zip(decoded, aligned, strict=True)
        ]


def _may_be_english(decoded: Decoded) -> bool:
    """Whether what was decoded as Chinese may have been English: Latin letters, words it is not sure of, or a loop."""
    if decoded.seconds < _ENGLISH_MIN_S:
        return False
    letters = [character for character in decoded.text if character.isalnum()]
    latin = sum(character.isascii() and character.isalpha() for character in letters)
    return (
        decoded.avg_logprob < _FOREIGN_LOGPROB
        or latin > _FOREIGN_LATIN * len(letters)
        or decoded.compression > _FOREIGN_COMPRESSION
    )


def _decoded(tokenizer: Tokenizer, result: ctranslate2.models.WhisperGenerationResult, clip_s: float) -> Decoded:
    tokens = tuple(token for token in result.sequences_ids[0] if token < tokenizer.eot)
    # The score is the sum of log probabilities over the number of tokens, the end token not counted.
    avg_logprob = result.scores[0] * len(tokens) / (len(tokens) + 1) if tokens else result.scores[0]
    text = tokenizer.decode(list(tokens)).strip()
    return Decoded(
        text=text,
        tokens=tokens,
        avg_logprob=avg_logprob,
        no_speech=result.no_speech_prob,
        compression=_compression(text),
        seconds=clip_s,
        language="en" if tokenizer.language_code == "en" else "zh",
    )


def _compression(text: str) -> float:
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0
