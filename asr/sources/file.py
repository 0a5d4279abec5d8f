"""Any media file PyAV can read as a source of one or two legs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np

from asr.sources.clock import CallClock
from core.errors import BadInput
from core.types import SAMPLE_RATE_HZ, AudioFrame, Gap, Leg, Samples

FRAME_SAMPLES = 512
"""32 ms a frame, the step of voice activity detection: none waits for the next."""

SHORTFALL_S = {"wav": 0.05, "flac": 0.05, "ogg": 0.1, "matroska": 0.3, "mov": 0.3}
"""Containers whose header gives the length, and by how much the sound may fall short of it: some headers count the
priming of a lossy codec. The length of an MP3 is an estimate: one that was cut off cannot be told from a whole one.
"""

_CHANNEL_OF: dict[Leg, int] = {"agent": 0, "customer": 1}

Layout = Literal["auto", "stereo", "mono"]


class FileSource:
    """A file as a call: of two channels the left is the agent, the right the customer; one channel is one leg.

    A file that is damaged or cut off is read up to there; `frames` then raises BadInput with the place.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        layout: Layout = "auto",
        mono_leg: Leg = "customer",
        only: Leg | None = None,
        pace: Literal["fast", "realtime"] = "fast",
        clock: CallClock | None = None,
    ) -> None:
        """Open the file far enough to know its channels.

        Args:
            path: the file.
            layout: `auto` takes two channels as two legs and any other number as one; `stereo` insists on two;
                `mono` mixes down to one leg.
            mono_leg: the leg that a single channel is.
            only: deliver this leg alone; a single channel then is that leg.
            pace: `realtime` delivers each frame when a device would have.
            clock: shared origin for `realtime`; its `from_sample` is where in the file to begin.

        Raises: BadInput.
        """
        self.path = Path(path)
        self.name = self.path.name
        self._realtime = pace == "realtime"
        self._clock = clock or CallClock()
        self._closed = threading.Event()
        with self._container() as (_container, stream):
            channels = stream.codec_context.channels
        if layout == "stereo" and channels < 2:
            raise BadInput(f"{self.name} has one channel, not two.", remedy="Read it as mono.")
        self._stereo = layout == "stereo" or (layout == "auto" and channels == 2)
        both: tuple[Leg, ...] = ("agent", "customer") if self._stereo else (only or mono_leg,)
        self.legs: tuple[Leg, ...] = tuple(leg for leg in both if only in {None, leg})

    def close(self) -> None:
        """End the iteration at once. Idempotent, any thread."""
        self._closed.set()

    def dropped(self) -> list[Gap]:
        """A file loses nothing."""
        return []

    def frames(self) -> Iterator[AudioFrame]:
        """Frames of all legs in order of time. Raises BadInput where the file is damaged or ends too soon."""
        position = self._clock.from_sample
        for block in self._blocks(skip_samples=position):
            end = position + block.shape[1]
            if self._realtime:
                # An absolute schedule: a late frame makes no later one late.
                self._closed.wait(self._clock.time_of(end) - time.monotonic())
            for leg in self.legs:
                if self._closed.is_set():
                    return
                yield AudioFrame(leg, position, block[_CHANNEL_OF[leg] if self._stereo else 0])
            position = end

    def _blocks(self, skip_samples: int) -> Iterator[Samples]:
        """Blocks of `FRAME_SAMPLES`, shape (channels, n_samples); the last may be shorter."""
        held = np.zeros((2 if self._stereo else 1, 0), dtype=np.float32)
        fault: BadInput | None = None
        pieces = self._decode()
        while not self._closed.is_set():
            try:
                piece = next(pieces, None)
            except BadInput as error:
                # What was decoded before the damage is still held here.
                piece, fault = None, error
            if piece is None:
                break
            skipped = min(skip_samples, piece.shape[1])
            skip_samples -= skipped
            held = np.concatenate((held, piece[:, skipped:]), axis=1)
            while held.shape[1] >= FRAME_SAMPLES:
                yield held[:, :FRAME_SAMPLES]
                held = held[:, FRAME_SAMPLES:]
        if held.shape[1]:
            yield held
        if fault is not None:
            raise fault

    def _decode(self) -> Iterator[Samples]:
        decoded = 0
        with self._container() as (container, stream):
            resampler = av.AudioResampler("fltp", "stereo" if self._stereo else "mono", SAMPLE_RATE_HZ)
            damaged = False
            for packet in container.demux(stream):
                try:
                    frames = [piece for frame in packet.decode() for piece in resampler.resample(frame)]
                except (av.FFmpegError, ValueError):
                    # ValueError: the stream changes its format under way, which the resampler refuses.
                    damaged = True
                    break
                for frame in frames:
                    decoded += frame.samples
                    yield np.clip(frame.to_ndarray(), -1.0, 1.0)
            for frame in resampler.resample(None) if decoded else ():
                decoded += frame.samples
                yield np.clip(frame.to_ndarray(), -1.0, 1.0)
            self._check(damaged, decoded / SAMPLE_RATE_HZ, self._least_s(container, stream))

    def _check(self, damaged: bool, decoded_s: float, least_s: float) -> None:
        if damaged:
            raise BadInput(
                f"{self.name} is damaged at {decoded_s:.1f} s.", remedy="What came before is good; make a new copy."
            )
        if not decoded_s:
            raise BadInput(f"{self.name} holds no audio.", remedy="Choose a file with sound in it.")
        if decoded_s < least_s:
            raise BadInput(
                f"{self.name} gives {decoded_s:.1f} s of sound, though its header promises more.",
                remedy="It was cut off or damaged; make a new copy.",
            )

    def _least_s(self, container: Any, stream: Any) -> float:  # noqa: ANN401 - PyAV is not typed here
        """The shortest sound that fits the header's length, 0 where it gives none or a guess."""
        kind = container.format.name.split(",")[0]
        if kind not in SHORTFALL_S:
            return 0.0
        length_s = _wav_length_s(self.path, stream) if kind == "wav" else (container.duration or 0) / av.time_base
        return float(length_s - SHORTFALL_S[kind])

    @contextmanager
    def _container(self) -> Iterator[tuple[Any, Any]]:
        """The open file and its audio stream. Raises BadInput."""
        try:
            container = av.open(str(self.path))
        except av.FFmpegError as error:
            reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
            raise BadInput(
                f"{self.name} cannot be read: {reason}.", remedy="Give a file of sound, such as WAV, FLAC, MP3 or Opus."
            ) from None
        with container:
            if not container.streams.audio:
                raise BadInput(f"{self.name} holds no audio.", remedy="Choose a file with sound in it.")
            yield container, container.streams.audio[0]


def _wav_length_s(path: Path, stream: Any) -> float:  # noqa: ANN401 - PyAV is not typed here
    """Length by a WAV file's own header: FFmpeg follows the size of the file instead, and so never sees a cut.

    0 where the writer left the length open (0 or 0xFFFFFFFF), or the codec is not one of constant rate.
    """
    codec = stream.codec_context
    bytes_per_s = codec.bit_rate / 8 if codec.name.startswith("pcm_") else 0.0
    with path.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            size = int.from_bytes(head[4:], "little")
            if head[:4] == b"data":
                return size / bytes_per_s if 0 < size < 0xFFFFFFFF and bytes_per_s else 0.0
            file.seek(size + size % 2, 1)
    return 0.0
