"""What Whisper's encoder makes of the speech that the digit head of ``models/digits`` learns from and is measured on.

Goes on where it was broken off and ends after ``--seconds``, with 3 while there is more; run several processes with
``--part 0/2``::

    python -m bench.digit_states --out /tmp/digits --part 0/2 --seconds 80       # after bench.digit_speech
    python -m models.digits.train /tmp/digits

Clips are texts of one speaker one after another, spoiled as calls are. Writes shards ``states/NAME-N.npz``: ``states``
(float16, shape (n_frames, 512)), ``ends`` (frame, of each clip), ``labels``.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper.audio import decode_audio
from numpy.typing import NDArray

from asr.speech_model import SpeechModel, window_s
from bench.digit_speech import HELD_OUT_VOICES, SEED, Said, Wave, by_parts, read_said
from bench.material import weights_of
from models.digits.labels import OTHER, symbols

AUDIO = Path(__file__).parent.parent / "tests" / "audio"
RATE_HZ = 16_000
CLIPS = 4_800
SHARD_CLIPS = 200
BATCH = 8
STATES_PER_S = 50
SPARE_FRAMES = 20
CONDITIONS = ("clean", "telephone", "noise10")


def read_material(name: str) -> Iterator[tuple[Wave, dict[str, Any]]]:
    """Clips of a file of tests/audio with their rows."""
    rows = [json.loads(line) for line in (AUDIO / f"{name}.jsonl").read_text("utf-8").splitlines()]
    two = any("leg" in row for row in rows)
    decoded = decode_audio(str(AUDIO / f"{name}.opus"), RATE_HZ, split_stereo=two)
    for row in rows:
        channel = decoded[("agent", "customer").index(row["leg"])] if two else decoded
        yield channel[row["start_ms"] * 16 : row["end_ms"] * 16].astype(np.float32), row


def ordinary_material() -> Iterator[Said]:
    """What the repository has already spoken by the voices that are learnt from."""
    for name in ("utterances_dev", "service_call", "short_answers"):
        for spoken, row in read_material(name):
            voice = row.get("voice") or row["leg"]
            if voice not in HELD_OUT_VOICES and not any(c.isascii() and c.isalnum() for c in row["text"]):
                yield Said(spoken, tuple(symbols(row["text"])), f"{name}-{voice}", "ordinary", "train")
    for spoken, row in read_material("english"):
        yield Said(spoken, (OTHER,) * len(row["text"].split()), f"english-{row['voice']}", "ordinary", "train")


def level(samples: Wave, dbfs: float) -> Wave:
    """Bring to a level, RMS."""
    rms = float(np.sqrt(np.mean(samples**2))) or 1.0
    return np.asarray(samples * (10 ** (dbfs / 20) / rms), np.float32)


def stretched(samples: Wave, factor: float) -> Wave:
    """Play faster and higher by a factor: linear interpolation is enough below 8 %."""
    at = np.arange(0, len(samples) - 1, factor)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.float32)


def telephone(samples: Wave) -> Wave:
    """300-3400 Hz with soft edges, 8 kHz, G.711 A-law and back."""
    size = 1 << (len(samples) + 1_600).bit_length()
    spectrum = np.fft.rfft(samples, size)
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    high_pass = 1 / np.sqrt(1 + (300 / np.maximum(hz, 1)) ** 8)
    low_pass = 1 / np.sqrt(1 + (hz / 3_400) ** 24)
    narrow = np.fft.irfft(spectrum * high_pass * low_pass, size)[: len(samples)][::2]
    loudness = np.abs(narrow).clip(0, 1)
    a = 87.6
    coded = np.where(loudness < 1 / a, a * loudness, 1 + np.log(np.maximum(loudness * a, 1e-9))) / (1 + math.log(a))
    coded = (np.floor(coded * 128).clip(0, 127) + 0.5) / 128 * (1 + math.log(a))
    decoded = np.sign(narrow) * np.where(coded < 1, coded / a, np.exp(coded - 1) / a)
    count = len(decoded)
    spectrum = np.fft.rfft(decoded)
    wide = np.fft.irfft(np.concatenate([spectrum[:-1], np.zeros(count + 1 - len(spectrum) + 1)]), 2 * count) * 2
    return np.asarray(wide[: len(samples)], np.float32)


def noise(count: int, rng: np.random.Generator) -> Wave:
    """White to brown noise with a slowly changing level."""
    white = rng.normal(size=count)
    spectrum = np.fft.rfft(white)
    spectrum /= np.maximum(np.arange(len(spectrum)), 20) ** rng.uniform(0, 1)
    shaped = np.fft.irfft(spectrum, count)
    knots = rng.uniform(0.4, 1.0, 2 + count // RATE_HZ)
    return np.asarray(
        shaped * np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots), np.float32
    )


def with_noise(samples: Wave, other: Wave, snr_db: float) -> Wave:
    """Add noise so many dB below the speech."""
    loud = samples[np.abs(samples) > 0.02 * np.abs(samples).max()] if samples.any() else samples
    return samples + level(other[: len(samples)], 10 * math.log10(float(np.mean(loud**2)) + 1e-12) - snr_db)


def echoed(samples: Wave, rng: np.random.Generator) -> Wave:
    """A small room."""
    count = int(rng.uniform(0.05, 0.3) * RATE_HZ)
    tail = rng.normal(size=count) * np.exp(-6.9 * np.arange(count) / count) * rng.uniform(0.005, 0.03)
    tail[0] = 1.0
    size = 1 << (len(samples) + count).bit_length()
    return np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples)].astype(np.float32)


class Clips:
    """Clips to learn from: texts of one speaker one after another, spoiled as calls are."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._by_speaker: dict[str, list[Said]] = {}
        for one in said:
            self._by_speaker.setdefault(one.speaker, []).append(one)
        self._speakers = sorted(self._by_speaker)
        self._weights = np.array([len(self._by_speaker[name]) for name in self._speakers], np.float64)
        self._weights /= self._weights.sum()
        self._babble = [one for one in said if one.kind == "ordinary" and len(one.wave) > RATE_HZ]

    def clip(self, number: int) -> tuple[Wave, list[str]]:
        """Clip of a number, always the same."""
        rng = np.random.default_rng((SEED, number))
        if rng.random() < 0.015:
            return level(noise(int(rng.uniform(0.5, 6) * RATE_HZ), rng), float(rng.uniform(-60, -25))), []
        items = self._by_speaker[self._speakers[int(rng.choice(len(self._speakers), p=self._weights))]]
        wanted_s = 0.0 if rng.random() < 0.3 else float(rng.uniform(2, 8))
        pieces, labels = [self._silence(rng, 0.5)], list[str]()
        seconds = 0.0
        while True:
            one = items[int(rng.integers(len(items)))]
            pieces += [level(one.wave, -23 + float(rng.uniform(-3, 3))), self._silence(rng, 0.6)]
            labels += one.labels
            seconds += len(one.wave) / RATE_HZ
            if seconds >= wanted_s or seconds > 9:
                break
        if rng.random() < 0.5:
            pieces[-1] = self._silence(rng, 0.4)
        return self._spoiled(np.concatenate(pieces), rng), labels

    def _silence(self, rng: np.random.Generator, longest_s: float) -> Wave:
        seconds = 0.0 if rng.random() < 0.15 else float(rng.uniform(0, longest_s))
        return np.zeros(int(seconds * RATE_HZ), np.float32)

    def _spoiled(self, samples: Wave, rng: np.random.Generator) -> Wave:
        if rng.random() < 0.7:
            samples = stretched(samples, float(rng.uniform(0.92, 1.08)))
        if rng.random() < 0.2:
            samples = echoed(samples, rng)
        kind = rng.random()
        if kind < 0.5:
            samples = with_noise(samples, noise(len(samples), rng), float(rng.uniform(5, 30)))
        elif kind < 0.6 and self._babble:
            other = self._babble[int(rng.integers(len(self._babble)))].wave
            samples = with_noise(samples, np.resize(other, len(samples)), float(rng.uniform(15, 30)))
        samples = samples * np.float32(10 ** (rng.uniform(-15, 3) / 20))
        if rng.random() < 0.45:
            samples = telephone(samples)
        return np.clip(samples, -1, 1)


def in_condition(samples: Wave, condition: str, seed: int) -> Wave:
    """One of the named conditions of measuring; 0.3 s of silence before and after."""
    quiet = np.zeros(int(0.3 * RATE_HZ), np.float32)
    samples = np.concatenate([quiet, level(samples, -23), quiet])
    if condition == "telephone":
        return telephone(samples)
    if condition == "noise10":
        rng = np.random.default_rng((SEED, seed))
        return with_noise(samples, rng.normal(size=len(samples)).astype(np.float32), 10)
    return samples


def measured(out: Path, human: Path | None) -> dict[str, list[tuple[Wave, list[str]]]]:
    """The sets that are measured on, by name."""
    said = read_said(out)
    sets: dict[str, list[tuple[Wave, list[str]]]] = {}
    for split in ("dev", "held_out"):
        for condition in CONDITIONS:
            sets[f"{split}-{condition}"] = [
                (in_condition(one.wave, condition, n), [one.kind, one.speaker, *one.labels])
                for n, one in enumerate(said)
                if one.split == split
            ]
    for condition in CONDITIONS:
        sets[f"eval-{condition}"] = [
            (in_condition(spoken, condition, n), ["eval", row["voice"], *symbols(row["text"])])
            for n, (spoken, row) in enumerate(read_material("utterances_eval"))
        ]
    if human:
        sets["human-clean"] = []
        for row in (human / "manifest.tsv").read_text("utf-8").splitlines()[1:]:
            name, text, *_ = row.split("\t")
            with wave.open(str(human / name)) as file:
                rate, channels = file.getframerate(), file.getnchannels()
                pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, channels)[:, 0]
            if rate == RATE_HZ and text:
                sets["human-clean"].append((np.asarray(pcm / 32_768, np.float32), ["human", name, *symbols(text)]))
    return sets


class Encoder:
    """States of Whisper's encoder, windows chosen as the product does."""

    def __init__(self) -> None:
        self._model = SpeechModel(weights_of("base"), threads=1)

    def states(self, clips: Sequence[Wave]) -> list[NDArray[np.float16]]:
        """Of each clip, cut to it and a few frames of the silence that the window is filled with."""
        windows = [int(window_s(len(clip) / RATE_HZ) * 100) for clip in clips]
        found: list[NDArray[np.float16]] = [np.zeros((0, 0), np.float16)] * len(clips)
        for window in sorted(set(windows)):
            mine = [n for n, one in enumerate(windows) if one == window]
            for n, states in zip(mine, self._model.states([clips[n] for n in mine], window), strict=True):
                frames = math.ceil(len(clips[n]) / RATE_HZ * STATES_PER_S)
                found[n] = states[: frames + SPARE_FRAMES].astype(np.float16)
        return found


def write_shard(path: Path, encoder: Encoder, clips: Sequence[tuple[Wave, list[str]]]) -> None:
    """Encode clips into one file."""
    order = sorted(range(len(clips)), key=lambda n: len(clips[n][0]))
    states: list[NDArray[np.float16]] = [np.zeros((0, 0), np.float16)] * len(clips)
    for at in range(0, len(order), BATCH):
        some = order[at : at + BATCH]
        for n, found in zip(some, encoder.states([clips[n][0] for n in some]), strict=True):
            states[n] = found
    np.savez(
        path.with_suffix(".part.npz"),
        states=np.concatenate(states),
        ends=np.cumsum([len(one) for one in states]),
        labels=np.array(["\t".join(labels) for _, labels in clips]),
    )
    path.with_suffix(".part.npz").replace(path)


def encode(out: Path, human: Path | None, part: int, parts: int, until: float) -> int:
    """Encode what is not encoded yet; returns how many shards are left in this part."""
    folder = out / "states"
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [f"train-{number}" for number in range(CLIPS // SHARD_CLIPS)]
    names = [f"{split}-{condition}" for split in ("dev", "held_out", "eval") for condition in CONDITIONS]
    jobs = [*names, *(["human-clean"] if human else []), *jobs]
    todo = [job for job in jobs[part::parts] if not (folder / f"{job}.npz").exists()]
    if not todo:
        return 0
    encoder, sets = Encoder(), dict[str, list[tuple[Wave, list[str]]]]()
    if any(not job.startswith("train") for job in todo):
        sets = measured(out, human)
    clips = Clips([one for one in [*read_said(out), *ordinary_material()] if one.split == "train"])
    for done, job in enumerate(todo):
        if time.time() > until:
            return len(todo) - done
        if job.startswith("train"):
            first = int(job.removeprefix("train-")) * SHARD_CLIPS
            chosen = [clips.clip(number) for number in range(first, first + SHARD_CLIPS)]
        else:
            chosen = sets[job]
        write_shard(folder / f"{job}.npz", encoder, chosen)
    return 0


def main() -> int:
    """Encode for some time. `--human`: a folder of 16 kHz WAV with manifest.tsv, for measuring only."""

    def work(options: argparse.Namespace, part: int, parts: int, until: float) -> int:
        return encode(options.out, options.human, part, parts, until)

    return by_parts(__doc__, work, "--human")


if __name__ == "__main__":
    raise SystemExit(main())
