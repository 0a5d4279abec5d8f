"""The desk's session: what the window asks becomes messages to the processes, what they say becomes events.

The window's end of every pipe is here. Samples pass through from recorder to recogniser and are kept until the
recogniser has written them down, so that a new one can be fed what the old one had in hand.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.keeping import Keeping
from app.kept_audio import KeptAudio
from app.link import DeskEvent, DeskLink, Trigger
from app.softphone import follow_softphone
from app.warden import Warden
from core.errors import TingbanError
from core.messages import (
    Acknowledged,
    AudioChunk,
    BeginCall,
    CallFinished,
    CallOpened,
    Caption,
    CaptureGap,
    CloseLegs,
    DeviceList,
    EndCall,
    EngineState,
    Fault,
    LegEnded,
    LegsOpened,
    Levels,
    ListDevices,
    Message,
    MeterDevices,
    OpenLegs,
    PauseCapture,
    ProcessState,
    ReadNumber,
    Ready,
    Role,
    SealTo,
    VoiceHeard,
    WatchVoice,
)
from core.requests import CallState, CallStatus, Handlers, RequestServer, StartCall, StopCall
from core.settings import Settings
from core.types import LEGS, SAMPLE_RATE_HZ, Gap, Leg, MaskedUtterance, MaskSpan, NoticeState

ROLES: tuple[Role, ...] = ("recorder", "recogniser", "analyst")

END_DEADLINE_S = 20.0
"""A call closes even when a process that should have said so is gone."""

log = logging.getLogger(__name__)


class Stoppable(Protocol):
    """A follower of a softphone that can be told to stop."""

    def stop(self) -> None:
        """Stop following; returns once no more events come."""
        ...


@dataclass(slots=True)
class _Call:
    call_id: str
    trigger: Trigger
    started_s: float
    opened: LegsOpened | None = None
    paused: bool = False
    ending: bool = False
    finishing: bool = False
    legs_running: set[Leg] = field(default_factory=lambda: set(LEGS))
    audio: KeptAudio = field(default_factory=KeptAudio)


class DeskSession:
    """The real `DeskLink`. Methods return at once; events come from one thread."""

    def __init__(
        self,
        *,
        demo_file: str | None = None,
        settings: Callable[[], Settings] = Settings.load,
        environment: Mapping[str, str] | None = None,
        softphone: Callable[[Settings, DeskLink], Stoppable | None] = follow_softphone,
    ) -> None:
        """`demo_file`: a stereo file that is replayed as a call of its own as soon as the processes are ready."""
        self._load_settings = settings
        self._settings = settings()
        self._demo_file = demo_file
        self._make_softphone = softphone
        self._softphone: Stoppable | None = None
        self._listeners: list[Callable[[DeskEvent], None]] = []
        self._events: queue.SimpleQueue[DeskEvent | None] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._call: _Call | None = None
        self._keeping = Keeping(self._to, self._event)
        self._seal_to: SealTo | None = None
        self._endpoint: RequestServer | None = None
        self._closed = False
        self._stale_recogniser = False
        self._ready: set[Role] = set()
        self._demo_begun = False
        self._warden = Warden(self._hear, environment=environment)
        self._teller = threading.Thread(target=self._tell, name="desk-events", daemon=True)
        self._teller.start()

    # --- what the window asks -------------------------------------------------------------------------------------
    def subscribe(self, listener: Callable[[DeskEvent], None]) -> None:
        """Hear every event from now on, on the event thread."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Start the processes, the endpoint for `tingbanctl call`, and the softphone adapter."""
        for role in ROLES:
            self._warden.start(role)
        handlers: Handlers = {
            StartCall: self._asked_to_start,
            StopCall: self._asked_to_stop,
            CallStatus: lambda _: self.call_state(),
        }
        try:
            self._endpoint = RequestServer("desk", handlers)
        except TingbanError as fault:
            self._event(Fault("desk", "endpoint", fault.sentence, fault.remedy))
        self._follow_softphone()

    def start_call(self, trigger: Trigger, number: str = "", customer_id: str = "") -> None:
        """Begin a call; ignored while one runs."""
        with self._lock:
            if self._call or self._closed:
                return
            call = self._call = _Call(uuid.uuid4().hex[:16], trigger, time.monotonic())
            opened = CallOpened(call.call_id, int(time.time() * 1000), trigger, number, customer_id)
            self._to("recogniser", BeginCall(call.call_id))
            self._to("recorder", self._open_legs(call))
            self._keeping.open_call(opened, notice_played=self._settings.call.notice_played)
            self._say_what_is_dropped()

    def end_call(self) -> None:
        """End the call; captions in hand still come before `CallClosed`."""
        with self._lock:
            call = self._call
            if call is None or call.ending:
                return
            call.ending = True
            self._close_in_time(call)
            if not self._to("recorder", CloseLegs(call.call_id)):
                self._finish(call)

    def pause(self, paused: bool) -> None:
        """Stop or resume capture within the call."""
        with self._lock:
            if self._call and not self._call.ending:
                # Noted at once, so that a recorder that is being started again is told.
                self._call.paused = paused
                self._to("recorder", PauseCapture(self._call.call_id, paused))

    def set_notice(self, state: NoticeState) -> None:
        """Note what is known of the recording notice; after `refused` nothing of the call is kept."""
        with self._lock:
            if self._call:
                self._keeping.set_notice(state)

    def mark_wrong(self, utterance_id: str, span: MaskSpan) -> None:
        """Note that a stretch of a final was masked wrongly."""
        with self._lock:
            self._keeping.mark_wrong(utterance_id, span)

    def read_number(self) -> None:
        """Answered with a `NumberReadBack` event."""
        with self._lock:
            if self._call:
                self._to("recogniser", ReadNumber(self._call.call_id))

    def list_devices(self) -> None:
        """Answered with a `DeviceList` event."""
        self._to("recorder", ListDevices())

    def meter_devices(self, agent: str, customer: str) -> None:
        """Level bars between calls; two empty names stop them."""
        self._to("recorder", MeterDevices(agent, customer))

    def reload_settings(self) -> None:
        """Take saved settings over; a recogniser that they change is started again between calls."""
        with self._lock:
            before, self._settings = self._settings, self._load_settings()
            if before.recognition != self._settings.recognition:
                self._stale_recogniser = True
                self._renew_recogniser()
            self._watch_voice()
            softphone_changed = before.softphone != self._settings.softphone
        if softphone_changed:
            # Outside the lock: the follower's thread may just now be starting a call.
            self._follow_softphone()

    def shutdown(self) -> None:
        """End the call and every process. At most 5 s."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            call = self._call
        if self._softphone:
            self._softphone.stop()
        if self._endpoint:
            self._endpoint.close()
        if call:
            self._keeping.close_call()
        self._warden.stop()
        self._events.put(None)
        self._teller.join(1.0)

    def call_state(self) -> CallState:
        """The call as `tingbanctl call status` tells it."""
        with self._lock:
            call = self._call
            if call is None:
                return CallState(running=False)
            return CallState(
                running=True,
                call_id=call.call_id,
                seconds=int(time.monotonic() - call.started_s),
                trigger=call.trigger,
                paused=call.paused,
            )

    # --- what the processes say -----------------------------------------------------------------------------------
    def _hear(self, role: Role, message: Message) -> None:
        """From one thread a role."""
        with self._lock:
            match message:
                case AudioChunk():
                    self._pass_on(message)
                case Levels() | DeviceList() | EngineState() | Fault():
                    self._event(message)
                case ProcessState():
                    if message.state != "up":
                        self._ready.discard(role)
                    self._event(message)
                case Ready():
                    self._brief(role)
                case SealTo():
                    self._seal_to = message
                    self._to("recogniser", message)
                    if self._call:
                        self._say_what_is_dropped()
                case VoiceHeard():
                    self._event(message)
                    if self._settings.audio.start_on_voice:
                        self.start_call("voice")
                case _:
                    self._hear_of_call(message)

    def _hear_of_call(self, message: Message) -> None:
        call = self._call
        if call is None or getattr(message, "call_id", None) != call.call_id:
            return
        match message:
            case Caption():
                self._caption(call, message)
            case Acknowledged():
                call.audio.forget(message.leg, message.sample)
            case LegsOpened():
                call.opened = message
                self._to("recogniser", message)
                self._event(message)
            case LegEnded():
                call.legs_running.discard(message.leg)
                self._event(message)
                if not call.legs_running:
                    self._finish(call)
            case CaptureGap():
                call.audio.heard[message.gap.leg] = message.gap.end_ms * SAMPLE_RATE_HZ // 1000
                self._to("recogniser", message)
            case PauseCapture():
                call.paused = message.paused
                self._to("recogniser", message)
                self._keeping.hear(message)
            case CallFinished():
                self._close_call(call.call_id)
            case _:
                self._keeping.hear(message)

    def _caption(self, call: _Call, caption: Caption) -> None:
        self._keeping.hear(caption)
        if isinstance(caption.item, MaskedUtterance):
            # What has been written is not fed again, even if the recogniser dies before it says so.
            call.audio.forget(caption.item.leg, caption.item.end_ms * SAMPLE_RATE_HZ // 1000)

    def _pass_on(self, chunk: AudioChunk) -> None:
        call = self._call
        if call and chunk.call_id == call.call_id:
            call.audio.add(chunk)
            self._to("recogniser", chunk)

    def _brief(self, role: Role) -> None:
        """A process is ready, perhaps again: tell it where things stand."""
        call = self._call
        self._ready.add(role)
        match role:
            case "analyst":
                self._keeping.tell_again()
            case "recogniser":
                if self._seal_to:
                    self._to(role, self._seal_to)
                if call:
                    self._brief_recogniser(call)
            case "recorder":
                self._watch_voice()
                if call and not call.ending and (call.opened or not any(call.audio.heard.values())):
                    self._reopen(call)
                elif call and call.ending and not call.finishing:
                    # The one before died while it closed the devices.
                    self._finish(call)
        if self._demo_file and {"recorder", "recogniser"} <= self._ready:
            self._replay_demo()

    def _brief_recogniser(self, call: _Call) -> None:
        self._to("recogniser", BeginCall(call.call_id))
        self._keeping.brief_recogniser()
        if call.opened:
            self._to("recogniser", call.opened)
        for chunk in (chunk for leg in LEGS for chunk in call.audio.unwritten(leg)):
            self._to("recogniser", chunk)
        if call.finishing:
            self._to("recogniser", EndCall(call.call_id))

    def _replay_demo(self) -> None:
        if not self._demo_begun:
            self._demo_begun = True
            self.start_call("demo")

    def _to(self, role: Role, message: Message) -> bool:
        """Send, unless the process is not ready: what it missed it is told in `_brief`."""
        return role in self._ready and self._warden.send(role, message)

    def _reopen(self, call: _Call) -> None:
        """The recorder is new: go on at the place of the call's clock that it is now, and say what is missing."""
        now_sample = 0
        if opened := call.opened:
            now_sample = opened.from_sample + round((time.time() - opened.opened_at_unix_ms / 1000) * SAMPLE_RATE_HZ)
            for leg in call.legs_running:
                lost = Gap(leg, _ms(call.audio.heard[leg]), _ms(now_sample), "device")
                self._to("recogniser", CaptureGap(call.call_id, lost))
        self._to("recorder", self._open_legs(call, now_sample))
        if call.paused:
            self._to("recorder", PauseCapture(call.call_id, paused=True))

    # --- the call -------------------------------------------------------------------------------------------------
    def _open_legs(self, call: _Call, from_sample: int = 0) -> OpenLegs:
        if self._demo_file and call.trigger == "demo":
            device = f"file:{self._demo_file}"
            return OpenLegs(call.call_id, device, device, from_sample)
        audio = self._settings.audio
        return OpenLegs(call.call_id, audio.agent_device, audio.customer_device, from_sample)

    def _finish(self, call: _Call) -> None:
        """No more audio will come: let the recogniser write what it has in hand."""
        if not call.ending:
            # Files came to their end; the recorder still has them.
            self._to("recorder", CloseLegs(call.call_id))
            self._close_in_time(call)
        call.ending = call.finishing = True
        self._to("recogniser", EndCall(call.call_id))

    def _close_in_time(self, call: _Call) -> None:
        timer = threading.Timer(END_DEADLINE_S, self._close_call, args=(call.call_id,))
        timer.daemon = True
        timer.start()

    def _close_call(self, call_id: str) -> None:
        with self._lock:
            if self._call is None or self._call.call_id != call_id:
                return
            self._call = None
            self._keeping.close_call()
            self._renew_recogniser()

    def _renew_recogniser(self) -> None:
        if self._stale_recogniser and self._call is None:
            self._stale_recogniser = False
            self._warden.restart("recogniser")

    def _say_what_is_dropped(self) -> None:
        if self._seal_to and not self._seal_to.supervisors:
            sentence = "No supervisors' key is on this desk: originals are dropped."
            self._event(Fault("analyst", "no-supervisors", sentence, "Run tingbanctl keys import-public FILE."))

    def _watch_voice(self) -> None:
        audio = self._settings.audio
        self._to("recorder", WatchVoice(audio.customer_device, audio.start_on_voice))

    def _follow_softphone(self) -> None:
        if self._softphone:
            self._softphone.stop()
        self._softphone = self._make_softphone(self._settings, self)

    def _asked_to_start(self, request: StartCall) -> CallState:
        self.start_call("cli", request.number, request.customer_id)
        return self.call_state()

    def _asked_to_stop(self, _: StopCall) -> CallState:
        self.end_call()
        return self.call_state()

    # --- events ---------------------------------------------------------------------------------------------------
    def _event(self, event: DeskEvent) -> None:
        self._events.put(event)

    def _tell(self) -> None:
        while (event := self._events.get()) is not None:
            for listener in self._listeners:
                listener(event)


def _ms(sample: int) -> int:
    return sample * 1000 // SAMPLE_RATE_HZ
