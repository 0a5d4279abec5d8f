"""What a line carries when nobody speaks: noises, tones and hold music, made from a seed.

All signals are float32, shape (n_samples,), range [-1, 1], 16 kHz mono. Nothing here is recorded, so that any length
can be made and shipped with no licence to heed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000

Signal = NDArray[np.float32]
_Wave = NDArray[np.float64]

NoiseKind = Literal[
    "silence",
    "room",
    "fan",
    "line",
    "ringback",
    "busy",
    "dtmf",
    "music_piano",
    "music_band",
    "music_strings",
    "music_voice",
    "music_scat",
]
NOISE_KINDS: tuple[NoiseKind, ...] = get_args(NoiseKind)

_CHINA_TONE_HZ = 450.0
"""Ring-back 1 s on, 4 s off; busy 0.35 s on, 0.35 s off. Source: ITU-T E.180 Supplement 2, China."""
_MAINS_HZ = 50.0
_DTMF_ROWS_HZ = (697, 770, 852, 941)
_DTMF_COLUMNS_HZ = (1209, 1336, 1477, 1633)
_FRAME = RATE_HZ // 50
_CONTROL_HZ = 100
"""Rate of the slow curves (pitch, formants) from which sounds are made."""
_CHORDS = ((0, 4, 7, 11), (9, 12, 16, 19), (5, 9, 12, 16), (7, 11, 14, 17))
"""I maj7, vi, IV, V7: semitones above the key note."""
_SCALE = (0, 2, 4, 7, 9, 12, 14, 16)
_VOWELS_HZ = ((800, 1200, 2500), (500, 1000, 2400), (350, 800, 2300), (300, 2200, 2900), (500, 1800, 2500))
"""First three formants of a, o, u, i, e, rounded from Peterson and Barney (1952), men."""
_FORMANT_WIDTHS_HZ = (60.0, 90.0, 150.0)
_FORMANT_GAINS = (1.0, 0.6, 0.3)


def noise(kind: NoiseKind, seconds: float, seed: int, level_db: float = -30.0) -> Signal:
    """A noise of a kind. `level_db`: RMS in dBFS over the samples that are not digital silence.

    Peaks that the level would push over full scale are clipped, as a line does.
    """
    n_samples = round(seconds * RATE_HZ)
    if kind == "silence":
        return np.zeros(n_samples, dtype=np.float32)
    wave = _MAKERS[kind](n_samples, np.random.default_rng(seed))
    return _clipped(wave * (10 ** (level_db / 20) / max(_rms_of_sound(wave), 1e-12)))


def mix(clean: Signal, noise: Signal, snr_db: float) -> Signal:
    """Speech in noise. The noise is repeated or cut to the length of the speech.

    `snr_db`: RMS of the 20 ms frames of speech above -40 dB of the loudest, over RMS of the noise where it is not
    digital silence. Digital silence as noise leaves the speech as it is.
    """
    tiled = np.resize(noise, len(clean)).astype(np.float64)
    noise_rms = _rms_of_sound(tiled)
    if noise_rms == 0:
        return clean.copy()
    frames = clean[: len(clean) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    powers = np.mean(frames**2, axis=1)
    speech_rms = float(np.sqrt(powers[powers >= powers.max() * 1e-4].mean()))
    return _clipped(clean + tiled * (speech_rms / noise_rms * 10 ** (-snr_db / 20)))


def _clipped(wave: _Wave) -> Signal:
    return np.clip(wave, -1.0, 1.0).astype(np.float32)


def _rms_of_sound(wave: _Wave) -> float:
    sound = wave[wave != 0]
    return float(np.sqrt(np.mean(sound**2))) if len(sound) else 0.0


# --- noises ---------------------------------------------------------------------------------------------------------
def _coloured(n_samples: int, rng: np.random.Generator, slope: float, band_hz: tuple[float, float]) -> _Wave:
    """Noise whose amplitude falls as 1 / f**slope inside a band; unit RMS. 0.5 is pink, 1 is brown."""
    n_fft = 1 << max(1, n_samples - 1).bit_length()
    frequencies_hz = np.fft.rfftfreq(n_fft, 1 / RATE_HZ)
    shape = np.maximum(frequencies_hz, band_hz[0]) ** -slope
    shape[(frequencies_hz < band_hz[0]) | (frequencies_hz > band_hz[1])] = 0
    wave = np.fft.irfft(np.fft.rfft(rng.standard_normal(n_fft)) * shape, n_fft)[:n_samples]
    unit: _Wave = wave / np.sqrt(np.mean(wave**2))
    return unit


def _time_s(n_samples: int) -> _Wave:
    return np.arange(n_samples, dtype=np.float64) / RATE_HZ


def _tones(n_samples: int, frequencies_hz: Sequence[float], gains: Sequence[float]) -> _Wave:
    times_s = _time_s(n_samples)
    wave = np.zeros(n_samples)
    for frequency_hz, gain in zip(frequencies_hz, gains, strict=True):
        wave += gain * np.sin(2 * np.pi * frequency_hz * times_s)
    return wave


def _swell(n_samples: int, rng: np.random.Generator, period_s: float, depth: float) -> _Wave:
    """A slow wander around 1, by at most `depth`."""
    points = 1 + depth * rng.uniform(-1, 1, int(n_samples / RATE_HZ / period_s) + 2)
    return np.interp(_time_s(n_samples), np.arange(len(points)) * period_s, points)


def _room(n_samples: int, rng: np.random.Generator) -> _Wave:
    return _coloured(n_samples, rng, 0.8, (40, 7000)) * _swell(n_samples, rng, 3.0, 0.4)


def _fan(n_samples: int, rng: np.random.Generator) -> _Wave:
    blade_hz = float(rng.uniform(140, 190))
    tonal = _tones(
        n_samples,
        [_MAINS_HZ, 2 * _MAINS_HZ, blade_hz, 2 * blade_hz, 3 * blade_hz],
        [0.3, 0.2, 0.5, 0.25, 0.12],
    )
    return (_coloured(n_samples, rng, 0.5, (30, 6500)) + tonal) * _swell(n_samples, rng, 0.4, 0.15)


def _line(n_samples: int, rng: np.random.Generator) -> _Wave:
    wave = _coloured(n_samples, rng, 0.0, (300, 3400)) + _tones(n_samples, [_MAINS_HZ, 3 * _MAINS_HZ], [0.3, 0.2])
    decay = np.exp(-np.arange(80) / 12)
    for start in rng.integers(0, max(1, n_samples - len(decay)), size=3 * n_samples // RATE_HZ):
        span = wave[start : start + len(decay)]
        span += (rng.uniform(3, 15) * rng.choice((-1, 1)) * decay)[: len(span)]
    return wave


# --- tones ----------------------------------------------------------------------------------------------------------
def _cadence(n_samples: int, on_s: float, off_s: float) -> _Wave:
    """1 while a tone is on, 0 while it is off, with ramps of 5 ms against clicks."""
    position_s = _time_s(n_samples) % (on_s + off_s)
    return np.clip(np.minimum(position_s, on_s - position_s) / 0.005, 0, 1)


def _ringback(n_samples: int, _rng: np.random.Generator) -> _Wave:
    return _tones(n_samples, [_CHINA_TONE_HZ], [1]) * _cadence(n_samples, 1.0, 4.0)


def _busy(n_samples: int, _rng: np.random.Generator) -> _Wave:
    return _tones(n_samples, [_CHINA_TONE_HZ], [1]) * _cadence(n_samples, 0.35, 0.35)


def _dtmf(n_samples: int, rng: np.random.Generator) -> _Wave:
    """Keys of 0.1 s, 0.1 s apart, eleven in a row, then 2 s of silence."""
    wave = np.zeros(n_samples)
    length = RATE_HZ // 10
    for place, start in enumerate(range(0, n_samples, 2 * length)):
        if place % 21 < 11:
            pair = [float(rng.choice(_DTMF_ROWS_HZ)), float(rng.choice(_DTMF_COLUMNS_HZ))]
            stop = min(start + length, n_samples)
            wave[start:stop] = _tones(stop - start, pair, [1, 1])
    return wave


# --- hold music -----------------------------------------------------------------------------------------------------
def _hz(semitones: float, base_hz: float = 220.0) -> float:
    return base_hz * float(2 ** (semitones / 12))


def _note(
    frequency_hz: float,
    seconds: float,
    harmonics: Sequence[float],
    *,
    attack_s: float = 0.005,
    decay_s: float = float("inf"),
    vibrato: float = 0.0,
) -> _Wave:
    """A note: harmonics of given gains under an envelope that rises, decays and is released over 30 ms."""
    times_s = _time_s(int(seconds * RATE_HZ))
    phase = 2 * np.pi * frequency_hz * (times_s - vibrato / (2 * np.pi * 5.5) * np.cos(2 * np.pi * 5.5 * times_s))
    # Harmonic n is the n-th power of the first, so their sum is a polynomial. The first fades with twice the decay's
    # time constant, and with each power faster: higher partials of a struck or plucked string die sooner.
    fade = np.exp(-times_s / (2 * decay_s))
    first = np.exp(1j * phase) * fade
    total = np.zeros_like(first)
    for gain in reversed(harmonics[: int(RATE_HZ / 2 / frequency_hz)]):
        total = (total + gain) * first
    wave = total.imag * fade
    rise = np.minimum(1, times_s / attack_s)
    release = np.clip((seconds - times_s) / 0.03, 0, 1)
    shaped: _Wave = wave * rise * release
    return shaped


def _add(wave: _Wave, start_s: float, note: _Wave, gain: float) -> None:
    start = int(start_s * RATE_HZ)
    span = wave[start : start + len(note)]
    span += gain * note[: len(span)]


def _bars(n_samples: int, bar_s: float) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Start and chord of every bar."""
    for number in range(int(n_samples / RATE_HZ / bar_s) + 1):
        yield number * bar_s, _CHORDS[number % len(_CHORDS)]


def _piano(n_samples: int, rng: np.random.Generator) -> _Wave:
    """Broken chords and a sparse melody on a struck string."""
    wave = np.zeros(n_samples)
    partials = (1, 0.5, 0.3, 0.15, 0.08, 0.04)
    for start_s, chord in _bars(n_samples, 2.4):
        for beat, semitones in enumerate((*chord, *reversed(chord))):
            struck = _note(_hz(semitones - 12), 0.9, partials, decay_s=0.5)
            _add(wave, start_s + 0.3 * beat, struck, 0.4)
        for beat in rng.choice(8, size=3, replace=False):
            struck = _note(_hz(12 + float(rng.choice(_SCALE))), 1.2, partials, decay_s=0.7)
            _add(wave, start_s + 0.3 * beat, struck, 0.7)
    return wave


def _band(n_samples: int, rng: np.random.Generator) -> _Wave:
    """Pad, bass, a plucked tune, a soft drum and brushes."""
    wave = np.zeros(n_samples)
    thump_s = _time_s(RATE_HZ // 5)
    thump = np.sin(2 * np.pi * 60 * thump_s + 6 * np.exp(-thump_s * 40)) * np.exp(-thump_s * 18)
    brush = _coloured(RATE_HZ // 8, rng, 0.0, (2500, 7500)) * np.exp(-_time_s(RATE_HZ // 8) * 35)
    for start_s, chord in _bars(n_samples, 2.0):
        for semitones in chord[:3]:
            _add(wave, start_s, _note(_hz(semitones), 2.0, (1, 0.4, 0.2), attack_s=0.3), 0.15)
        for beat in range(4):
            root = _note(_hz(chord[0] - 24), 0.45, (1, 0.6, 0.3, 0.1), decay_s=0.3)
            _add(wave, start_s + 0.5 * beat, root, 0.5)
            _add(wave, start_s + 0.5 * beat, thump if beat % 2 == 0 else brush, 0.5 if beat % 2 == 0 else 0.2)
            _add(wave, start_s + 0.5 * beat + 0.25, brush, 0.1)
        for beat in rng.choice(8, size=5, replace=False):
            plucked = _note(_hz(12 + float(rng.choice(_SCALE))), 0.5, (1, 0.8, 0.6, 0.4, 0.3, 0.2), decay_s=0.15)
            _add(wave, start_s + 0.25 * beat, plucked, 0.5)
    return wave


def _strings(n_samples: int, rng: np.random.Generator) -> _Wave:
    """Slow chords of bowed strings with vibrato, several to a part and never quite in tune."""
    wave = np.zeros(n_samples)
    bowed = tuple(1 / number for number in range(1, 13))
    for start_s, chord in _bars(n_samples, 4.0):
        for semitones in (chord[0] - 12, *chord, float(rng.choice(_SCALE)) + 12):
            for detune in rng.uniform(-0.12, 0.12, 2):
                note = _note(_hz(semitones + detune), 4.2, bowed, attack_s=0.6, vibrato=0.006)
                _add(wave, start_s, note, 0.2)
    return wave


def _voice(n_samples: int, rng: np.random.Generator) -> _Wave:
    """A legato lead on vowels over a quiet pad, as a synthesiser's choir plays it."""
    return _sung(n_samples, rng, legato=True)


def _scat(n_samples: int, rng: np.random.Generator) -> _Wave:
    """The same with every note breathed on anew: wordless singing, which is a voice in all but words."""
    return _sung(n_samples, rng, legato=False)


def _sung(n_samples: int, rng: np.random.Generator, *, legato: bool) -> _Wave:
    """A sung lead over a pad.

    Made as a voice is: a falling spectrum of harmonics with vibrato and jitter, three formants that glide from vowel
    to vowel, pauses for breath and breath at the onset after them.
    """
    n_points = n_samples * _CONTROL_HZ // RATE_HZ + 2
    pitch, loudness, breath, vowels = _phrases(n_points, rng, legato=legato)
    control_s = np.arange(n_points) / _CONTROL_HZ
    pitch += 0.3 * np.sin(2 * np.pi * 5.5 * control_s) + 0.08 * rng.standard_normal(n_points)
    times_s = _time_s(n_samples)
    f0_hz = 130 * 2 ** (pitch / 12)
    phase = 2 * np.pi * np.cumsum(np.interp(times_s, control_s, f0_hz)) / RATE_HZ
    lead = np.zeros(n_samples)
    for number in range(1, 29):
        gain = np.zeros(n_points)
        for track, width_hz, height in zip(vowels.T, _FORMANT_WIDTHS_HZ, _FORMANT_GAINS, strict=True):
            gain += height / (1 + ((number * f0_hz - track) / width_hz) ** 2)
        lead += np.interp(times_s, control_s, gain * loudness) * np.sin(number * phase)
    lead += 0.3 * np.interp(times_s, control_s, breath) * _coloured(n_samples, rng, 0.0, (1500, 7000))
    pad = np.zeros(n_samples)
    for start_s, chord in _bars(n_samples, 3.2):
        for semitones in chord[:3]:
            _add(pad, start_s, _note(_hz(semitones), 3.2, (1, 0.3, 0.1), attack_s=0.4), 0.02)
    return lead + pad


def _phrases(n_points: int, rng: np.random.Generator, *, legato: bool) -> tuple[_Wave, _Wave, _Wave, _Wave]:
    """Pitch in semitones, loudness, breath and formants (n_points, 3) of a sung line, at the control rate."""
    pitch, loudness, breath = np.zeros((3, n_points))
    vowels = np.zeros((n_points, 3))
    point = 0
    breathes = True
    while point < n_points:
        length = int(rng.integers(18, 60))
        onset = 0 if legato and not breathes else 3
        pitch[point : point + length] = float(rng.choice(_SCALE))
        vowels[point : point + length] = _VOWELS_HZ[int(rng.integers(len(_VOWELS_HZ)))]
        loudness[point + onset : point + length] = rng.uniform(0.5, 1)
        breath[point : point + 5] = rng.uniform(0, 1) if onset else 0
        breathes = bool(rng.random() < 0.15)
        point += length + (int(rng.integers(20, 60)) if breathes else 0)
    kernel = np.hanning(8) / np.hanning(8).sum()
    smooth = [np.convolve(track, kernel, "same") for track in (pitch, loudness, breath, *vowels.T)]
    return smooth[0], smooth[1], smooth[2], np.stack(smooth[3:], axis=1)


_MAKERS: dict[NoiseKind, Callable[[int, np.random.Generator], _Wave]] = {
    "room": _room,
    "fan": _fan,
    "line": _line,
    "ringback": _ringback,
    "busy": _busy,
    "dtmf": _dtmf,
    "music_piano": _piano,
    "music_band": _band,
    "music_strings": _strings,
    "music_voice": _voice,
    "music_scat": _scat,
}
