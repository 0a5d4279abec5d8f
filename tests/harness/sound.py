"""Sounds with a known shape, and where they are found again in what was captured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.harness.telephone import band_pass

RATE_HZ = 16_000
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Match:
    """Where a reference begins in a recording, and how alike they are there (1 = the same shape)."""

    offset_samples: int
    correlation: float


def babble(seconds: float, seed: int, *, level: float = 0.1) -> Samples:
    """Noise within the telephone band that swells like syllables; every seed is another one."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    noise = band_pass(random.standard_normal(count).astype(np.float32), 300, 3000)
    syllables = np.repeat(random.uniform(0.1, 1.0, count // 3200 + 1), 3200)[:count]
    return (noise * syllables * level / np.std(noise)).astype(np.float32)


def vowel(seconds: float, *, pitch_hz: float = 140.0, level: float = 0.1) -> Samples:
    """A voice of plain physics: pulses at a pitch that moves a little, through three resonances (an open a)."""
    count = round(seconds * RATE_HZ)
    times = np.arange(count) / RATE_HZ
    phase = np.cumsum(pitch_hz * (1 + 0.05 * np.sin(2 * np.pi * 3 * times)) / RATE_HZ)
    pulses = np.diff(np.floor(phase), prepend=0.0)
    kernel_times = np.arange(800) / RATE_HZ
    formants = ((730, 60, 1.0), (1090, 70, 0.6), (2440, 110, 0.3))
    kernel = sum(
        gain * np.exp(-np.pi * width * kernel_times) * np.sin(2 * np.pi * hz * kernel_times)
        for hz, width, gain in formants
    )
    voice = np.convolve(pulses, kernel)[:count]
    return (voice * level / np.std(voice)).astype(np.float32)


def tone(seconds: float, hz: float, *, level: float = 0.1) -> Samples:
    """A sine."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (level * np.sin(2 * np.pi * hz * times)).astype(np.float32)


def find(reference: Samples, recording: Samples) -> Match:
    """The best place of a reference within a recording; it may stand out at either end by a quarter of a second.

    A leg is on its clock within 50 ms, so that a sound played at once may begin before its first sample.
    """
    edge = np.zeros(RATE_HZ // 4, dtype=np.float32)
    padded = np.concatenate((edge, recording, edge))
    size = 1 << (len(reference) + len(padded)).bit_length()
    products = np.fft.irfft(np.fft.rfft(padded, size) * np.conj(np.fft.rfft(reference, size)), size)
    offset = int(np.argmax(products[: max(1, len(padded) - len(reference) + 1)]))
    part = padded[offset : offset + len(reference)]
    norm = float(np.linalg.norm(part) * np.linalg.norm(reference[: len(part)]))
    return Match(offset - len(edge), float(np.dot(part, reference[: len(part)])) / norm if norm else 0.0)


def alikeness(reference: Samples, recording: Samples, *, piece_s: float = 0.5) -> float:
    """Median correlation of half-second pieces, each at its own best place.

    For ways on which a busy machine slips a few milliseconds in or out before anything is captured: a player that runs
    dry, a jitter buffer.
    """
    size = round(piece_s * RATE_HZ)
    pieces = [reference[at : at + size] for at in range(0, len(reference) - size + 1, size)]
    return float(np.median([find(piece, recording).correlation for piece in pieces]))
