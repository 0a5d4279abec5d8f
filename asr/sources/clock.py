"""Places what a device delivers on the clock of the call.

Sample n of every leg was heard n / 16000 s after the call's origin, within `MAX_DRIFT_SAMPLES`. Three things pull a leg
away from that, each mended in its own way:

* The device delivers nothing (an idle loopback): silence is filled in by the clock, `IDLE_SAMPLES` behind it, so that a
  stall of the device loses nothing when the rest arrives late.
* The device's crystal runs fast or slow (20-200 ppm is usual, 10 ms in 50-500 s): one block of 20 ms of silence is put
  in, or 20 ms of sound taken out, where the leg is as quiet as it has lately been. Nothing that was said is touched.
* Samples are lost: the span is reported as a `Gap`, never closed up. Where sound has to be taken out because its time
  is already taken, 20 ms more go, and the gap stands in their place: gaps and frames never overlap.

The lateness of a block is when it came less when its last sample was due; it is never less than the true offset, and
only load on the machine adds to it, so the smallest of the last seconds is the offset itself.
"""

from __future__ import annotations

import threading
import time
from collections import deque

import numpy as np

from asr.levels import rms_db
from asr.sources.ring import Block
from core.types import SAMPLE_RATE_HZ, AudioFrame, Gap, GapReason, Leg, Samples

FRAME_SAMPLES = 1600
"""No frame is longer than 100 ms."""

IDLE_SAMPLES = 8000
"""A device that delivers nothing for longer than 500 ms is idle. On two cores with load 11 PulseAudio was seen to stall
for 225 ms and then to deliver everything: filling in sooner would put silence in the place of speech.
"""

SLIP_SAMPLES = 320
"""20 ms: offsets beyond it are mended at the next quiet block."""

FORCED_SLIP_SAMPLES = 640
"""40 ms: beyond it the slip comes even in speech; taken out there, it is declared as a gap."""

HOLE_SAMPLES = 1280
"""80 ms: so much at once is no drift. Samples were lost without a word from the device."""

MAX_DRIFT_SAMPLES = 800
"""50 ms: what the rules above hold, jitter included."""

_BUCKET_SAMPLES = 8000
_BUCKETS = 4
"""The offset is the smallest lateness of the last 1.5 to 2 s, kept by halves of a second."""

_QUIET_MARGIN_DB = 3.0


def to_ms(sample: int) -> int:
    """Milliseconds on the call's clock of a sample."""
    return sample * 1000 // SAMPLE_RATE_HZ


class CallClock:
    """The origin that the legs of a call share. `start` may be called by each of them; the first one counts."""

    def __init__(self, from_sample: int = 0) -> None:
        self.from_sample = from_sample
        self._origin_s: float | None = None
        self._lock = threading.Lock()

    def start(self) -> float:
        """Start the clock unless it runs; returns the monotonic time at which `from_sample` was heard."""
        with self._lock:
            if self._origin_s is None:
                self._origin_s = time.monotonic()
            return self._origin_s

    def sample_at(self, monotonic_s: float) -> int:
        """The sample that is heard at a monotonic time."""
        return self.from_sample + round((monotonic_s - self.start()) * SAMPLE_RATE_HZ)

    def time_of(self, sample: int) -> float:
        """The monotonic time in seconds at which a sample is heard."""
        return self.start() + (sample - self.from_sample) / SAMPLE_RATE_HZ


class LegClock:
    """One leg's place on the call's clock. Pure logic; times come in as arguments. One thread."""

    def __init__(self, leg: Leg, clock: CallClock, *, at_sample: int | None = None) -> None:
        """`at_sample`: first sample this leg may deliver (a device that was opened late); default the clock's first."""
        self.leg = leg
        self.position = clock.from_sample if at_sample is None else at_sample
        self.slips = 0
        """20 ms blocks put in (positive) less those taken out, for the report on the device's crystal."""
        self._clock = clock
        self._gaps: list[Gap] = []
        self._resync = True
        self._delivered = False
        self._owed_samples = 0
        self._lateness: deque[int] = deque(maxlen=_BUCKETS)
        self._bucket_samples = 0
        self._loudness_db: deque[float] = deque(maxlen=_BUCKETS * _BUCKET_SAMPLES // SLIP_SAMPLES)

    def take_gaps(self) -> list[Gap]:
        """Spans lost since the last call."""
        gaps, self._gaps = self._gaps, []
        return gaps

    def place(self, block: Block) -> list[AudioFrame]:
        """Frames for a block that arrived."""
        if block.lost_samples:
            self._skip(block.lost_samples, "overflow")
        samples = self._without_owed(block.samples)
        if not len(samples):
            return []
        late = self._clock.sample_at(block.arrival_s) - (self.position + len(samples))
        if self._resync:
            self._forget_lateness()
            if not self._delivered and late < 0:
                samples = samples[-late:]  # the head was heard before the call's origin
                self._resync = not len(samples)
                return self._emit(samples)
            self._resync = False
            samples = np.concatenate((np.zeros(max(late, 0), dtype=np.float32), samples))
            late = min(late, 0)
        if late < -HOLE_SAMPLES:
            # Nothing comes before it is heard: its time is taken, by silence that was filled in too soon.
            self._forget_lateness()
            return self._emit(self._take_out(samples, -late, "device"))
        self._note(late, samples)
        return self._emit(self._slip(samples))

    def idle(self, now_s: float) -> list[AudioFrame]:
        """Silence for a device that has delivered nothing for `IDLE_SAMPLES`; call again while it goes on."""
        missing = self._clock.sample_at(now_s) - IDLE_SAMPLES - self.position
        if missing <= 0:
            return []
        self._resync = True
        return self._emit(np.zeros(missing, dtype=np.float32))

    def _emit(self, samples: Samples) -> list[AudioFrame]:
        frames = []
        self._delivered = self._delivered or len(samples) > 0
        for at in range(0, len(samples), FRAME_SAMPLES):
            piece = samples[at : at + FRAME_SAMPLES]
            frames.append(AudioFrame(self.leg, self.position, piece))
            self.position += len(piece)
        return frames

    def _skip(self, count: int, reason: GapReason) -> None:
        self._gaps.append(Gap(self.leg, to_ms(self.position), to_ms(self.position + count), reason))
        self.position += count

    def _take_out(self, samples: Samples, count: int, reason: GapReason) -> Samples:
        """Take out `count` samples and 20 ms more, from here on; a gap of 20 ms takes their place."""
        self._skip(SLIP_SAMPLES, reason)
        self._owed_samples = count + SLIP_SAMPLES
        return self._without_owed(samples)

    def _without_owed(self, samples: Samples) -> Samples:
        dropped = min(self._owed_samples, len(samples))
        self._owed_samples -= dropped
        return samples[dropped:]

    def _forget_lateness(self) -> None:
        self._lateness.clear()
        self._bucket_samples = 0

    def _note(self, late: int, samples: Samples) -> None:
        self._loudness_db.append(rms_db(samples))
        if not self._lateness or self._bucket_samples >= _BUCKET_SAMPLES:
            self._lateness.append(late)
            self._bucket_samples = 0
        else:
            self._lateness[-1] = min(self._lateness[-1], late)
        self._bucket_samples += len(samples)

    def _slip(self, samples: Samples) -> Samples:
        if len(self._lateness) < _BUCKETS:
            return samples
        offset = min(self._lateness)
        if offset > HOLE_SAMPLES:
            self._skip(offset, "device")
            self._forget_lateness()
            return samples
        quiet = self._loudness_db[-1] <= min(self._loudness_db) + _QUIET_MARGIN_DB
        forced = abs(offset) > FORCED_SLIP_SAMPLES
        if abs(offset) <= SLIP_SAMPLES or not (quiet or forced):
            return samples
        self._forget_lateness()
        if offset > 0:
            self.slips += 1
            return np.concatenate((np.zeros(SLIP_SAMPLES, dtype=np.float32), samples))
        self.slips -= 1
        return samples[SLIP_SAMPLES:] if quiet else self._take_out(samples, SLIP_SAMPLES, "overflow")
