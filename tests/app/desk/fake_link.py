"""A stand-in for the desk's session: the same promises, no process behind it. Held by `test_link_contract.py`."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from app.link import DeskEvent, Trigger
from core.messages import (
    CallClosed,
    CallOpened,
    DeviceList,
    EngineState,
    LegsOpened,
    NoticeSet,
    NumberReadBack,
    PauseCapture,
    ProcessState,
    Role,
)
from core.types import DeviceInfo, MaskSpan, NoticeState

DEVICES = (
    DeviceInfo("usb-headset", "USB Headset", "microphone", default=True),
    DeviceInfo("webcam", "Webcam Microphone", "microphone"),
    DeviceInfo("usb-headset.monitor", "USB Headset Output", "loopback", default=True),
)
ROLES: tuple[Role, ...] = ("recorder", "recogniser", "analyst")


class FakeLink:
    """Answers as the session would. `say` adds an event of the test's own; `asked` lists the requests."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.shutdown_gate: threading.Event | None = None
        """Set by a test that wants `shutdown` to hang until the gate opens."""
        self.number: tuple[str, ...] = ("pii.mobile", "138 0013 8000", "right")
        """Kind, grouped number and checksum that `read_number` answers with; empty for none."""
        self._listeners: list[Callable[[DeskEvent], None]] = []
        self._events: queue.SimpleQueue[DeskEvent | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._call_id = ""
        self._calls = 0
        self._refused = False
        self._closed = False
        self._teller = threading.Thread(target=self._tell, name="fake-link-events", daemon=True)
        self._teller.start()

    def say(self, *events: DeskEvent) -> None:
        for event in events:
            self._events.put(event)

    @property
    def call_id(self) -> str:
        return self._call_id

    def subscribe(self, listener: Callable[[DeskEvent], None]) -> None:
        self._listeners.append(listener)

    def start(self) -> None:
        self.asked.append(("start",))
        self.say(*(ProcessState(role, "up") for role in ROLES))
        self.say(EngineState("ready", "base", "cpu", "int8", threads=2))

    def start_call(self, trigger: Trigger, number: str = "", customer_id: str = "") -> None:
        with self._lock:
            self.asked.append(("start_call", trigger))
            if self._call_id or self._closed:
                return
            self._calls += 1
            self._call_id = f"call{self._calls}"
            self._refused = False
            now_ms = time.time_ns() // 1_000_000
            self.say(CallOpened(self._call_id, now_ms, trigger, number, customer_id))
            self.say(LegsOpened(self._call_id, DEVICES[0].name, DEVICES[2].name, now_ms))

    def end_call(self) -> None:
        with self._lock:
            self.asked.append(("end_call",))
            if self._call_id:
                self.say(CallClosed(self._call_id, time.time_ns() // 1_000_000))
                self._call_id = ""

    def pause(self, paused: bool) -> None:
        with self._lock:
            self.asked.append(("pause", paused))
            if self._call_id:
                self.say(PauseCapture(self._call_id, paused))

    def set_notice(self, state: NoticeState) -> None:
        with self._lock:
            self.asked.append(("set_notice", state))
            if self._call_id and not self._refused:
                self._refused = state == "refused"
                self.say(NoticeSet(self._call_id, state, time.time_ns() // 1_000_000))

    def mark_wrong(self, utterance_id: str, span: MaskSpan) -> None:
        self.asked.append(("mark_wrong", utterance_id, span))

    def read_number(self) -> None:
        with self._lock:
            self.asked.append(("read_number",))
            if self._call_id:
                self.say(NumberReadBack(self._call_id, *self.number))

    def list_devices(self) -> None:
        self.asked.append(("list_devices",))
        self.say(DeviceList(DEVICES))

    def meter_devices(self, agent: str, customer: str) -> None:
        self.asked.append(("meter_devices", agent, customer))

    def reload_settings(self) -> None:
        self.asked.append(("reload_settings",))

    def shutdown(self) -> None:
        self.asked.append(("shutdown",))
        if self.shutdown_gate is not None:
            self.shutdown_gate.wait()
        self.end_call()
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._events.put(None)
        self._teller.join()

    def _tell(self) -> None:
        while (event := self._events.get()) is not None:
            for listener in self._listeners:
                listener(event)
