"""Writes media files for tests, in any codec PyAV carries."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from tests.harness.sound import RATE_HZ, Samples


def write(
    path: Path, *channels: Samples, codec: str = "pcm_s16le", rate_hz: int = RATE_HZ, video: bool = False
) -> Path:
    """One or two channels at 16 kHz into a file of another rate and codec; `video` adds a picture."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(channels)]
    whole = np.clip(np.rint(np.stack(channels) * 32767), -32768, 32767).astype(np.int16)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=25) if video else None
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
            for number in range(3):
                still = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 80, dtype=np.uint8), format="rgb24")
                still.pts = number
                container.mux(picture.encode(still))
            container.mux(picture.encode(None))
        resampler = av.AudioResampler(
            stream.codec_context.format, layout, rate_hz, frame_size=stream.frame_size or 1024
        )
        for at in range(0, whole.shape[1], 4096):
            part = np.ascontiguousarray(whole[:, at : at + 4096].T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
            frame.sample_rate = RATE_HZ
            frame.pts = at
            for piece in resampler.resample(frame):
                container.mux(stream.encode(piece))
        for piece in resampler.resample(None):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path
