"""The recorder process: owns the devices of a call and hands their samples on. Never loads a recogniser.

Between calls nothing is captured, unless the window asks for level bars or for a voice that would start a call; of
those nothing is kept.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

from app.call_legs import Call, fault_message
from app.device_loop import DeviceLoop
from app.outbox import Outbox
from app.worker_io import WorkerPipe, run_worker
from asr.levels import SILENCE_DB, LevelMeter
from asr.sources.clock import CallClock
from asr.sources.devices import list_devices, open_leg
from asr.sources.voicing import VoiceDetector
from core.errors import TingbanError
from core.messages import (
    CloseLegs,
    DeviceList,
    Levels,
    ListDevices,
    Message,
    MeterDevices,
    OpenLegs,
    PauseCapture,
    Ready,
    VoiceHeard,
    WatchVoice,
)
from core.types import LEGS, AudioFrame, Gap, Leg, Samples

LEVELS_S = 0.1

VOICE_PAUSE_S = 2.0
"""A voice is told again once it has been silent for so long."""

log = logging.getLogger(__name__)


def main() -> int:
    """Run as a worker process; returns the exit code."""
    return run_worker("recorder", record)


def record(pipe: WorkerPipe) -> None:
    """Obey until the pipe closes. Main thread; the devices have threads of their own."""
    outbox = Outbox(pipe.send)
    recorder = Recorder(outbox.put)
    outbox.put(Ready("recorder"))
    try:
        while not pipe.closed:
            message = pipe.receive(LEVELS_S)
            if message is not None:
                recorder.obey(message)
            recorder.tick()
    finally:
        recorder.close()
        outbox.close()


class Recorder:
    """Commands in, messages out through `post`, which must not wait. Methods from one thread."""

    def __init__(self, post: Callable[[Message], None]) -> None:
        self._post = post
        self._call: Call | None = None
        self._meters: dict[Leg, LevelMeter] = {}
        self._meter_loops: list[DeviceLoop] = []
        self._watch: DeviceLoop | None = None
        self._watched = ""
        self._levels_due_s = 0.0

    def obey(self, message: Message) -> None:
        """Carry out one command; messages of other processes are none of ours."""
        match message:
            case OpenLegs():
                self._open(message)
            case CloseLegs() if self._call and self._call.id == message.call_id:
                self._close_call()
            case PauseCapture() if self._call and self._call.id == message.call_id:
                self._call.pause(message.paused)
                self._post(message)
            case WatchVoice():
                self._watched = message.customer if message.enabled else ""
                self._listen_again()
            case MeterDevices():
                self._meter(message)
            case ListDevices():
                self._list()
            case _:
                log.debug("%s is not for the recorder", type(message).__name__)

    def tick(self) -> None:
        """Send what is due. Raises RuntimeError when a device's thread died of a bug: better dead than deaf."""
        loops = [*self._meter_loops, *([self._watch] if self._watch else []), *(self._call.loops if self._call else [])]
        for loop in loops:
            if loop.crashed:
                raise RuntimeError(f"the thread {loop.name} died")
        now_s = time.monotonic()
        meters = self._call.meters if self._call else self._meters
        if meters and now_s >= self._levels_due_s:
            self._levels_due_s = now_s + LEVELS_S
            self._post(Levels(*(meters[leg].db if leg in meters else SILENCE_DB for leg in LEGS)))

    def close(self) -> None:
        """Release every device."""
        self._watched = ""
        self._listen_again()
        self._stop_meters()
        self._close_call()

    def _open(self, order: OpenLegs) -> None:
        self._close_call()
        self._stop_meters()
        self._stop_watch()
        self._call = Call(order, self._post)
        self._call.start()

    def _close_call(self) -> None:
        if self._call is not None:
            self._call.close()
            self._call = None
            self._listen_again()

    def _listen_again(self) -> None:
        self._stop_watch()
        if self._watched and self._call is None:
            heard = partial(self._post, VoiceHeard())
            self._watch = self._listener("watch", self._watched, "customer", VoiceWatch(heard).add)

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    def _meter(self, order: MeterDevices) -> None:
        self._stop_meters()
        if self._call is not None:
            return
        specs: dict[Leg, str] = {"agent": order.agent, "customer": order.customer}
        for leg, spec in specs.items():
            if spec:
                self._meters[leg] = LevelMeter()
                self._meter_loops.append(self._listener(f"meter-{leg}", spec, leg, self._meters[leg].add))

    def _stop_meters(self) -> None:
        for loop in self._meter_loops:
            loop.stop()
        self._meter_loops.clear()
        self._meters.clear()

    def _listener(self, name: str, spec: str, leg: Leg, take: Callable[[Samples], object]) -> DeviceLoop:
        go = threading.Event()
        go.set()
        loop = DeviceLoop(name, partial(open_leg, spec, leg, CallClock()), Listener(take, self._post), go)
        loop.start()
        return loop

    def _list(self) -> None:
        try:
            self._post(DeviceList(tuple(list_devices())))
        except TingbanError as fault:
            self._post(fault_message(fault))
            self._post(DeviceList(()))


class Listener:
    """Hands samples to `take` and keeps nothing."""

    def __init__(self, take: Callable[[Samples], object], post: Callable[[Message], None]) -> None:
        self._take = take
        self._post = post

    def opened(self, name: str) -> None:
        log.info("listening on a device with a name of %d letters", len(name))

    def frame(self, frame: AudioFrame, gaps: list[Gap]) -> None:
        del gaps  # nobody writes this down
        self._take(frame.samples)

    def failed(self, fault: TingbanError, *, retrying: bool) -> None:
        log.info("listening failed, %s", "trying again" if retrying else "given up")
        self._post(fault_message(fault))

    def ended(self) -> None:
        log.info("listening ended")


class VoiceWatch:
    """Tells the beginning of a voice."""

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self._detector = VoiceDetector()
        self._silent_s = VOICE_PAUSE_S

    def add(self, samples: Samples) -> None:
        """Take samples in."""
        if not self._detector.add(samples):
            self._silent_s += len(samples) / 16_000
            return
        if self._silent_s >= VOICE_PAUSE_S:
            self._heard()
        self._silent_s = 0.0


if __name__ == "__main__":
    sys.exit(main())
