"""The legs of a call inside the recorder: devices kept open, samples cut into chunks, every lost span accounted for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from app.device_loop import DeviceLoop, NamedSource
from asr.levels import LevelMeter
from asr.sources.clock import CallClock, to_ms
from asr.sources.devices import open_file, open_leg
from core.errors import TingbanError
from core.messages import AudioChunk, CaptureGap, Fault, LegEnded, LegsOpened, Message, OpenLegs
from core.types import LEGS, AudioFrame, Gap, GapReason, Leg, Samples

CHUNK_SAMPLES = 640
"""40 ms: 50 messages a second for two legs, 20 ms later on average than frames as they come."""

OPEN_PATIENCE_S = 1.0
"""A call's clock starts when both devices run, or after this long when one of them will not."""


class Call:
    """The legs of one call: a loop a device, a writer a leg, one clock."""

    def __init__(self, order: OpenLegs, post: Callable[[Message], None]) -> None:
        self.id = order.call_id
        self._post = post
        self._clock = CallClock(order.from_sample)
        self._writers = {leg: LegWriter(order.call_id, leg, self._clock, post) for leg in LEGS}
        self._go = threading.Event()
        self.loops: list[DeviceLoop] = []
        if order.agent == order.customer and order.agent.startswith("file:"):
            self._add("legs", partial(open_file, order.agent, None, self._clock), LEGS)
        else:
            self._add("leg-agent", partial(open_leg, order.agent, "agent", self._clock), ("agent",))
            self._add("leg-customer", partial(open_leg, order.customer, "customer", self._clock), ("customer",))

    @property
    def meters(self) -> dict[Leg, LevelMeter]:
        """Levels of the legs."""
        return {leg: writer.meter for leg, writer in self._writers.items()}

    def start(self) -> None:
        """Open the devices, start the clock when they run, and say so."""
        for loop in self.loops:
            loop.start()
        deadline_s = time.monotonic() + OPEN_PATIENCE_S
        for loop in self.loops:
            loop.tried.wait(max(0.0, deadline_s - time.monotonic()))
        self._tell_opened(self._clock.start())
        self._go.set()

    def pause(self, paused: bool) -> None:
        """From now on keep samples in, or let them go again."""
        for writer in self._writers.values():
            writer.pause(paused)

    def close(self) -> None:
        """Release the devices and end the legs."""
        for loop in self.loops:
            loop.stop()
        for writer in self._writers.values():
            writer.end()

    def _add(self, name: str, open_source: Callable[[], NamedSource], legs: tuple[Leg, ...]) -> None:
        sink = CallSink([self._writers[leg] for leg in legs], self._post, self._reopened)
        self.loops.append(DeviceLoop(name, open_source, sink, self._go))

    def _reopened(self) -> None:
        if self._go.is_set():
            self._tell_opened(time.monotonic())

    def _tell_opened(self, heard_s: float) -> None:
        agent, customer = (self._writers[leg].device for leg in LEGS)
        unix_s = time.time() + heard_s - time.monotonic()
        self._post(LegsOpened(self.id, agent, customer, round(unix_s * 1000), self._clock.sample_at(heard_s)))


class LegWriter:
    """Cuts a leg into chunks, withholds what is paused, and accounts for every sample of the clock."""

    def __init__(self, call_id: str, leg: Leg, clock: CallClock, post: Callable[[Message], None]) -> None:
        self.device = ""
        """Name of the device that runs, empty while none does."""
        self.meter = LevelMeter()
        self.leg = leg
        self._call_id = call_id
        self._clock = clock
        self._post = post
        self._lock = threading.Lock()
        self._next = clock.from_sample
        self._held: list[Samples] = []
        self._held_samples = 0
        self._paused_from: int | None = None
        self._withhold_before = 0
        self._lost = False
        self._ended = False

    def pause(self, paused: bool) -> None:
        """Withhold what is heard from now on, and what waits for its chunk; or let go what is heard from now on."""
        with self._lock:
            if paused:
                self._held.clear()
                self._held_samples = 0
                self._withhold_before = sys.maxsize
                if self._paused_from is None:
                    self._paused_from = self._next
            elif self._withhold_before == sys.maxsize:
                # Sound takes a while from device to here: what was heard before the key is still on its way.
                self._withhold_before = self._clock.sample_at(time.monotonic())

    def frame(self, frame: AudioFrame, gaps: list[Gap]) -> None:
        """Take a frame and the spans lost before it."""
        with self._lock:
            if self._ended:
                return
            if frame.start_sample < self._withhold_before:
                self.meter.reset()
                return
            self._lost = False
            self.meter.add(frame.samples)
            if self._paused_from is not None:
                self._gap(self._paused_from, frame.start_sample, "paused")
                self._paused_from = None
                self._next = frame.start_sample
            for gap in gaps:
                self._flush()
                self._post(CaptureGap(self._call_id, gap))
            if gaps:
                self._next = frame.start_sample
            elif frame.start_sample > self._next + self._held_samples:
                self._flush()
                self._gap(self._next, frame.start_sample, "device")
                self._next = frame.start_sample
            self._held.append(frame.samples)
            self._held_samples += len(frame.samples)
            if self._held_samples >= CHUNK_SAMPLES:
                self._flush()

    def end(self) -> None:
        """No more frames come: finish the leg. Idempotent."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            self.meter.reset()
            self._flush()
            if self._paused_from is not None or self._lost:
                end = max(self._next, self._clock.sample_at(time.monotonic()))
                self._gap(self._next, end, "device" if self._paused_from is None else "paused")
                self._next = end
            self._post(LegEnded(self._call_id, self.leg, self._next))

    def lose_device(self) -> None:
        """The device has gone, or never came: hand on what it left."""
        with self._lock:
            self.device = ""
            self._lost = True
            self.meter.reset()
            if self._paused_from is None:
                self._flush()

    def _flush(self) -> None:
        if self._held_samples:
            samples = np.concatenate(self._held)
            pcm = np.rint(np.clip(samples * 32768.0, -32768.0, 32767.0)).astype("<i2").tobytes()
            self._post(AudioChunk(self._call_id, self.leg, self._next, pcm))
            self._next += self._held_samples
            self._held.clear()
            self._held_samples = 0

    def _gap(self, start: int, end: int, reason: GapReason) -> None:
        if end > start:
            self._post(CaptureGap(self._call_id, Gap(self.leg, to_ms(start), to_ms(end), reason)))


class CallSink:
    """What a call makes of a device loop's news."""

    def __init__(self, writers: list[LegWriter], post: Callable[[Message], None], reopened: Callable[[], None]) -> None:
        self._writers = {writer.leg: writer for writer in writers}
        self._post = post
        self._reopened = reopened

    def opened(self, name: str) -> None:
        for writer in self._writers.values():
            writer.device = name
        self._reopened()

    def frame(self, frame: AudioFrame, gaps: list[Gap]) -> None:
        self._writers[frame.leg].frame(frame, gaps)

    def failed(self, fault: TingbanError, *, retrying: bool) -> None:
        if retrying:
            for writer in self._writers.values():
                writer.lose_device()
        self._post(fault_message(fault))

    def ended(self) -> None:
        for writer in self._writers.values():
            writer.end()


def fault_message(fault: TingbanError) -> Fault:
    """A fault of the recorder for its parent."""
    return Fault("recorder", fault.code, fault.sentence, fault.remedy)
