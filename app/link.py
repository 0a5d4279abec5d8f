"""The seam between the window and everything behind it: a Protocol, so that the window is built and tested without the
other processes, and every stand-in passes the same contract test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from core.messages import (
    CallClosed,
    CallOpened,
    Caption,
    DeviceList,
    EngineState,
    Fault,
    LegEnded,
    LegsOpened,
    Levels,
    NoticeHeard,
    NoticeSet,
    NumberReadBack,
    PauseCapture,
    ProcessState,
    VoiceHeard,
)
from core.types import MaskSpan, NoticeState

DeskEvent = (
    Caption
    | Levels
    | EngineState
    | Fault
    | CallOpened
    | CallClosed
    | LegsOpened
    | LegEnded
    | PauseCapture
    | NoticeSet
    | NoticeHeard
    | NumberReadBack
    | DeviceList
    | ProcessState
    | VoiceHeard
)
"""What the window hears. `PauseCapture` and `NoticeSet` echo the state that now holds; `NoticeHeard` tells a refusal,
which only the agent can tell from talk about one; `NumberReadBack` answers `read_number`.
"""

Trigger = Literal["button", "voice", "softphone", "cli", "demo"]


class DeskLink(Protocol):
    """What the window may ask for. Every method returns at once; results come as events.

    Finals are never dropped; hypotheses are coalesced to at most one a leg per 40 ms. A final may be told again under
    its id: with other words or spans it takes the place of the first.
    """

    def subscribe(self, listener: Callable[[DeskEvent], None]) -> None:
        """`listener` is called from one background thread, in order, and must not block."""
        ...

    def start(self) -> None:
        """Start the processes behind the window."""
        ...

    def start_call(self, trigger: Trigger, number: str = "", customer_id: str = "") -> None:
        """Begin a call; ignored while one runs."""
        ...

    def end_call(self) -> None:
        """End the call; captions in hand still come before `CallClosed`."""
        ...

    def pause(self, paused: bool) -> None:
        """Stop or resume capture within the call."""
        ...

    def set_notice(self, state: NoticeState) -> None:
        """What is known of the recording notice in this call. `refused` ends what is kept of it; it can't be undone."""
        ...

    def mark_wrong(self, utterance_id: str, span: MaskSpan) -> None:
        """A stretch of a final of this call, or of the last, was masked wrongly: noted for review, without its text.

        `span` as the final told it last; the window asks once a span.
        """
        ...

    def read_number(self) -> None:
        """Answered with a `NumberReadBack` event: the latest number of the call, once, noted without its value."""
        ...

    def list_devices(self) -> None:
        """Answered with a `DeviceList` event."""
        ...

    def meter_devices(self, agent: str, customer: str) -> None:
        """Level bars of two devices for the settings window, between calls; two empty names stop it."""
        ...

    def reload_settings(self) -> None:
        """Settings were saved: take them over; a running call keeps its devices."""
        ...

    def shutdown(self) -> None:
        """End the call and all processes; returns when they have ended, at most 5 s later."""
        ...
