"""What a telephone line does to speech: 300-3400 Hz, 8 kHz, A-law or mu-law; with numpy and PyAV alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray

from bench.material import write_wave

LINE_RATE_HZ = 8000
BAND_HZ = (300, 3400)
"""ITU-T G.712."""

Law = Literal["pcm_alaw", "pcm_mulaw"]
Samples = NDArray[np.float32]


def band_pass(samples: Samples, low_hz: float, high_hz: float, *, rate_hz: int = 16_000) -> Samples:
    """Keep a band, by a linear-phase filter of 32 ms without delay."""
    taps = rate_hz // 31 | 1
    at = np.arange(taps) - taps // 2
    high, low = 2 * high_hz / rate_hz, 2 * low_hz / rate_hz
    kernel = (high * np.sinc(high * at) - low * np.sinc(low * at)) * np.hamming(taps)
    size = 1 << (len(samples) + taps).bit_length()
    filtered = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(kernel, size), size)
    return filtered[taps // 2 : taps // 2 + len(samples)].astype(np.float32)


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Another rate, by FFmpeg's resampler."""
    resampler = av.AudioResampler("flt", "mono", to_hz)
    frame = av.AudioFrame.from_ndarray(samples.astype(np.float32).reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = from_hz
    pieces = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([piece.to_ndarray().ravel() for piece in pieces]).astype(np.float32)


def companded(samples: Samples, law: Law = "pcm_alaw") -> Samples:
    """The same samples after a G.711 coder and decoder."""
    coder = av.CodecContext.create(law, "w")
    coder.sample_rate, coder.layout, coder.format = LINE_RATE_HZ, "mono", "s16"
    decoder = av.CodecContext.create(law, "r")
    decoder.sample_rate, decoder.layout = LINE_RATE_HZ, "mono"
    whole = np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = LINE_RATE_HZ
    packets = [*coder.encode(frame), *coder.encode(None)]
    frames = [piece for packet in packets for piece in decoder.decode(packet)]
    return np.concatenate([piece.to_ndarray().ravel() for piece in frames]).astype(np.float32) / np.float32(32768)


def telephone(samples: Samples, *, law: Law = "pcm_alaw", rate_hz: int = 16_000) -> Samples:
    """Speech as the far end of a telephone call hears it, at the rate it came in (no longer, no shorter)."""
    line = resample(band_pass(samples, *BAND_HZ, rate_hz=rate_hz), rate_hz, LINE_RATE_HZ)
    heard = resample(companded(line, law), LINE_RATE_HZ, rate_hz)
    whole: Samples = np.pad(heard[: len(samples)], (0, max(0, len(samples) - len(heard))))
    return whole


def write_line(path: Path, samples: Samples, *, rate_hz: int = 16_000) -> None:
    """A WAV as a softphone plays it: 8 kHz, mono, 16 bit."""
    write_wave(path, resample(samples, rate_hz, LINE_RATE_HZ), rate_hz=LINE_RATE_HZ)
