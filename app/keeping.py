"""What is kept of a call: told to the analyst, told again to one that is started anew, and not at all once refused.

Everything told may be told twice; the store knows it by its ids. Not thread-safe: the session's lock guards it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from app.link import DeskEvent
from core.messages import (
    CallClosed,
    CallOpened,
    Caption,
    CapturePaused,
    EnvelopeOpened,
    MaskMarkedWrong,
    Message,
    NoticeHeard,
    NoticeSet,
    NumberReadBack,
    NumberShown,
    PauseCapture,
    Role,
    SealedOriginal,
)
from core.types import MaskedHypothesis, MaskSpan, NoticeState


class Keeping:
    """Follows one call after another. `tell` sends to a process, `event` to the window."""

    def __init__(self, tell: Callable[[Role, Message], object], event: Callable[[DeskEvent], None]) -> None:
        self._tell_role = tell
        self._event = event
        self._call_id = ""
        """The call that runs, or the last one."""
        self._notice: NoticeState = "unknown"
        self._refusal_heard = False
        self._told: list[Message] = []
        self._told_before: list[Message] = []
        """Of the call before: the analyst may have died with it unwritten."""

    def open_call(self, opened: CallOpened, *, notice_played: bool) -> None:
        """A call begins; `notice_played`: the line plays the recording notice before the agent answers."""
        self._told_before, self._told = self._told, []
        self._call_id, self._notice, self._refusal_heard = opened.call_id, "unknown", False
        self._keep(opened)
        self._event(opened)
        if notice_played:
            self.set_notice("played")

    def close_call(self) -> None:
        """It is over. A refusal that was heard and that nobody spoke against counts."""
        if self._refusal_heard:
            self.set_notice("refused")
        closed = CallClosed(self._call_id, _now_ms())
        self._keep(closed)
        self._event(closed)

    def hear(self, message: Message) -> None:
        """Something of the call that runs, from the recogniser."""
        match message:
            case Caption():
                self._event(message)
                if not isinstance(message.item, MaskedHypothesis):
                    self._keep(message)
            case EnvelopeOpened() | SealedOriginal():
                self._keep(message)
            case NoticeHeard(what="notice") if self._notice == "unknown":
                self.set_notice("heard")
            case NoticeHeard(what="refusal") if self._notice != "refused":
                # Only the agent can tell a refusal from talk about one.
                self._refusal_heard = True
                self._event(message)
            case PauseCapture():
                self._event(message)
                self._tell(CapturePaused(message.call_id, message.paused))
            case NumberReadBack():
                self._event(message)
                if message.kind:
                    self._tell(NumberShown(message.call_id, message.kind))
            case _:
                pass

    def set_notice(self, state: NoticeState) -> None:
        """Note what is known of the recording notice. `refused` is final."""
        if self._notice == "refused":
            return
        self._notice, self._refusal_heard = state, False
        said = NoticeSet(self._call_id, state, _now_ms())
        if state == "refused":
            # Not even a new analyst is told what was said before.
            self._told = [one for one in self._told if isinstance(one, CallOpened)]
            # It seals the originals.
            self._tell_role("recogniser", said)
        self._keep(said)
        self._event(said)

    def mark_wrong(self, utterance_id: str, span: MaskSpan) -> None:
        """A stretch of a final of this call, or of the last one, was masked wrongly."""
        self._keep(MaskMarkedWrong(self._call_id, utterance_id, span.start, span.end, span.kind, _now_ms()))

    def brief_recogniser(self) -> None:
        """The recogniser is new, and knows of no refusal."""
        if self._notice == "refused":
            self._tell_role("recogniser", NoticeSet(self._call_id, "refused", _now_ms()))

    def tell_again(self) -> None:
        """The analyst is new."""
        for message in [*self._told_before, *self._told]:
            self._tell(message)

    def _tell(self, message: Message) -> None:
        self._tell_role("analyst", message)

    def _keep(self, message: Message) -> None:
        if self._notice == "refused" and not isinstance(message, NoticeSet | CallClosed):
            return
        self._told.append(message)
        self._tell(message)


def _now_ms() -> int:
    return int(time.time() * 1000)
