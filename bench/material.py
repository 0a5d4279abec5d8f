"""Calls and clips with their references, read from files.

A reference is JSON Lines beside the audio (`call.opus`, `call.jsonl`), a turn or an utterance a line: `start_ms`,
`end_ms`, `text`, and `leg` where there are two.
"""

from __future__ import annotations

import csv
import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from bench.score import Turn
from core.errors import BadInput
from core.types import LEGS, SAMPLE_RATE_HZ, Leg, Samples
from models.store import ModelStore

FULL_SCALE = 32_768


class Clip(NamedTuple):
    """One utterance with what was said. `samples`: float32, shape (n_samples,), range [-1, 1], 16 kHz mono."""

    name: str
    samples: Samples
    text: str

    @property
    def seconds(self) -> float:
        """Length of the audio."""
        return len(self.samples) / SAMPLE_RATE_HZ


def weights_of(model: str) -> Path:
    """The folder that the product loads for int8 on a processor: of an installed model by name, or the folder named.

    Raises: ModelFault.
    """
    folder = Path(model)
    return folder if folder.is_dir() else ModelStore().resolve(model).path_for("int8")


def find(name: str, folder: Path) -> Path:
    """A file by its path, or by its name within the folder of speech material.

    Raises: BadInput.
    """
    for path in (Path(name), folder / name):
        if path.is_file():
            return path
    raise BadInput(f"There is no {name}, here or in {folder}.", remedy="Name the folder with --data.")


def read_channels(path: Path) -> list[Samples]:
    """All channels of a media file, each float32, shape (n_samples,), range [-1, 1], at 16 kHz.

    Raises: BadInput when PyAV cannot read it.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise BadInput(f"{path.name} has no audio.")
            stream = container.streams.audio[0]
            n_channels = stream.codec_context.channels
            layout = "mono" if n_channels == 1 else "stereo"
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE_HZ)
            blocks = [
                block.to_ndarray()
                for frame in (*container.decode(stream), None)  # None drains the resampler
                for block in resampler.resample(frame)
            ]
    except (av.FFmpegError, OSError) as error:
        raise BadInput(f"{path.name} cannot be read as audio: {error}.") from None
    if not blocks:
        raise BadInput(f"{path.name} holds no sound.")
    return list(np.concatenate(blocks, axis=1).astype(np.float32))


def write_wave(path: Path, *channels: Samples, rate_hz: int = SAMPLE_RATE_HZ) -> None:
    """Channels of one length as a 16-bit wave file; of two, the left is the agent and the right the customer."""
    both = np.stack(channels, axis=1)
    pcm = np.clip(np.rint(both * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm.tobytes())


def read_turns(audio: Path) -> list[Turn]:
    """The reference beside a call.

    Raises: BadInput.
    """
    path = audio.with_suffix(".jsonl")
    if not path.is_file():
        raise BadInput(f"{audio.name} has no reference {path.name} beside it.")
    turns: list[Turn] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            turns.append(Turn(row.get("leg", LEGS[0]), int(row["start_ms"]), int(row["end_ms"]), row["text"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path.name}, line {number}, is no turn of a reference: {error!r}.") from None
    return turns


def read_call(audio: Path, seconds: float | None = None) -> tuple[dict[Leg, Samples], list[Turn]]:
    """Both legs of a stereo call and its turns; of its first `seconds` alone those turns that end a second before.

    Raises: BadInput.
    """
    channels = read_channels(audio)
    if len(channels) != len(LEGS):
        raise BadInput(f"{audio.name} has {len(channels)} channel(s); a call has two, left agent, right customer.")
    turns = read_turns(audio)
    if seconds is not None:
        channels = [channel[: int(seconds * SAMPLE_RATE_HZ)] for channel in channels]
        turns = [turn for turn in turns if turn.end_ms <= 1000 * (seconds - 1)]
        # Speech of a turn cut short would be counted as invented text.
        for leg, channel in zip(LEGS, channels, strict=True):
            ends_ms = [turn.end_ms for turn in turns if turn.leg == leg]
            channel[(max(ends_ms, default=0) + 500) * SAMPLE_RATE_HZ // 1000 :] = 0
    return dict(zip(LEGS, channels, strict=True)), turns


def read_utterances(audio: Path, padding_ms: int = 0) -> list[Clip]:
    """Utterances cut from one long recording by the spans of its reference, with `padding_ms` on each side.

    Raises: BadInput.
    """
    channels = read_channels(audio)
    clips: list[Clip] = []
    for turn in read_turns(audio):
        channel = channels[LEGS.index(turn.leg)] if len(channels) == len(LEGS) and turn.leg in LEGS else channels[0]
        start = max(0, turn.start_ms - padding_ms) * SAMPLE_RATE_HZ // 1000
        end = (turn.end_ms + padding_ms) * SAMPLE_RATE_HZ // 1000
        clips.append(Clip(f"{audio.stem}@{turn.start_ms}", channel[start:end], turn.text))
    return clips


def read_clips(folder: Path) -> Iterator[Clip]:
    """Clips listed with their references in a folder's `manifest.tsv`; those without a reference are left out.

    Raises: BadInput.
    """
    manifest = folder / "manifest.tsv"
    if not manifest.is_file():
        raise BadInput(f"{folder} has no manifest.tsv.", remedy="Name a folder of clips with --data.")
    with manifest.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row.get("reference"):
                yield Clip(row["file"], read_channels(folder / row["file"])[0], row["reference"])
