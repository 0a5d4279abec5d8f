"""What the panel shows, reduced from events: phase of the call, engine, processes, the mask. No widget here."""

from __future__ import annotations

import time
from typing import Literal

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.link import DeskEvent
from core.messages import (
    CallClosed,
    CallOpened,
    EngineState,
    LegsOpened,
    Levels,
    NoticeHeard,
    NoticeSet,
    PauseCapture,
    ProcessState,
    Role,
)
from core.types import CaptionItem, Gap, MaskName, NoticeState

Phase = Literal["idle", "opening", "recording", "paused", "interrupted"]
"""`interrupted`: a call runs, and the recorder is away."""

SILENT_DB = -90.0


class DeskState(QObject):
    """The state of call and processes. Main thread only.

    Signals: `changed()` when words, buttons or the light may read differently; `levels_changed()` for the bars alone;
    `call_opened()` when a new call begins.
    """

    changed = Signal()
    levels_changed = Signal()
    call_opened = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.call_id = ""
        """The call that runs, or the last one."""
        self.in_call = False
        self.masked_by: MaskName = "rules"
        """What the newest caption has passed. There is a mask until a caption comes that says there is none."""
        self.notice: NoticeState = "unknown"
        """What is known of the recording notice in this call."""
        self.refusal_heard = False
        """The customer seems not to want the recording, and nobody has said yet whether that is so."""
        self.engine: EngineState | None = None
        self.levels = Levels(SILENT_DB, SILENT_DB)
        self.agent_device = ""
        self.customer_device = ""
        self.processes: dict[Role, ProcessState] = {}
        self._opened = False
        self._paused = False
        self._started_at_unix_ms = 0
        self._ended_at_unix_ms = 0

    @property
    def phase(self) -> Phase:
        """What the recording light shows."""
        if not self.in_call:
            return "idle"
        recorder = self.processes.get("recorder")
        if recorder is not None and recorder.state in ("restarting", "failed"):
            return "interrupted"
        if self._paused:
            return "paused"
        return "recording" if self._opened else "opening"

    @property
    def elapsed_s(self) -> int:
        """Seconds of the call that runs, or of the last one."""
        now_ms = time.time_ns() // 1_000_000
        end_ms = now_ms if self.in_call else self._ended_at_unix_ms
        return max(0, end_ms - self._started_at_unix_ms) // 1000

    def take(self, event: DeskEvent) -> None:
        """Take an event over."""
        match event:
            case Levels():
                self.levels = event
                self.levels_changed.emit()
                return
            case CallOpened():
                self._open(event)
            case CallClosed() if event.call_id == self.call_id:
                self.in_call = self._opened = self._paused = False
                self._ended_at_unix_ms = event.ended_at_unix_ms
                self.levels = Levels(SILENT_DB, SILENT_DB)
                self.levels_changed.emit()
            case LegsOpened() if event.call_id == self.call_id:
                self._opened = True
                self.agent_device, self.customer_device = event.agent_name, event.customer_name
            case PauseCapture() if event.call_id == self.call_id:
                self._paused = event.paused
            case NoticeSet() if event.call_id == self.call_id:
                self.notice, self.refusal_heard = event.state, False
            case NoticeHeard(what="refusal") if event.call_id == self.call_id and self.notice != "refused":
                self.refusal_heard = True
            case EngineState():
                self.engine = event
            case ProcessState():
                self.processes[event.role] = event
            case _:
                return
        self.changed.emit()

    def take_caption(self, call_id: str, item: CaptionItem) -> bool:
        """Whether a caption belongs to the call on screen; notes which mask it has passed."""
        if call_id != self.call_id:
            return False
        if not isinstance(item, Gap) and item.masked_by != self.masked_by:
            self.masked_by = item.masked_by
            self.changed.emit()
        return True

    def _open(self, event: CallOpened) -> None:
        if event.call_id == self.call_id:
            return
        self.call_id = event.call_id
        self.in_call = True
        self._opened = self._paused = False
        self.notice, self.refusal_heard = "unknown", False
        self._started_at_unix_ms = event.started_at_unix_ms
        self.call_opened.emit()


def phase_text(phase: Phase) -> str:
    """The phase in words."""
    words: dict[Phase, str] = {
        "idle": QCoreApplication.translate("Status", "Not in a call"),
        "opening": QCoreApplication.translate("Status", "Opening devices"),
        "recording": QCoreApplication.translate("Status", "Recording"),
        "paused": QCoreApplication.translate("Status", "Paused"),
        "interrupted": QCoreApplication.translate("Status", "Recording interrupted"),
    }
    return words[phase]


def notice_text(notice: NoticeState) -> str:
    """What is known of the recording notice in words."""
    words: dict[NoticeState, str] = {
        "unknown": QCoreApplication.translate("Notice", "Recording notice: not confirmed"),
        "played": QCoreApplication.translate("Notice", "Recording notice: played by the line"),
        "said": QCoreApplication.translate("Notice", "Recording notice: said by you"),
        "heard": QCoreApplication.translate("Notice", "Recording notice: heard in the call"),
        "refused": QCoreApplication.translate("Notice", "The customer refuses: nothing of this call is kept"),
    }
    return words[notice]


def refusal_heard_text() -> str:
    """The question after a refusal that was heard."""
    return QCoreApplication.translate("Notice", "The customer seems not to agree to the recording")


def engine_text(engine: EngineState | None) -> str:
    """Model and device of the recogniser in words."""
    if engine is None:
        return QCoreApplication.translate("Status", "Captions are starting")
    words = {
        "loading": QCoreApplication.translate("Status", "Loading·{model}·{device}"),
        "ready": QCoreApplication.translate("Status", "Ready·{model}·{device}"),
        "listening": QCoreApplication.translate("Status", "Listening·{model}·{device}"),
        "behind": QCoreApplication.translate("Status", "Busy·{model}·{device}"),
    }
    device = "CUDA" if engine.device == "cuda" else "CPU"
    return words[engine.state].format(model=engine.model, device=device)


def delay_text(engine: EngineState | None) -> str:
    """How old the oldest speech is that has not been written, in seconds."""
    delay_s = 0.0 if engine is None else engine.delay_ms / 1000
    return QCoreApplication.translate("Status", "Delay {seconds} s").format(seconds=f"{delay_s:.1f}")


def role_text(role: Role | Literal["desk"]) -> str:
    """A process in words."""
    words: dict[str, str] = {
        "desk": QCoreApplication.translate("Status", "The window"),
        "recorder": QCoreApplication.translate("Status", "The recorder"),
        "recogniser": QCoreApplication.translate("Status", "The recogniser"),
        "analyst": QCoreApplication.translate("Status", "The store"),
    }
    return words[role]
