"""Everything that is remembered of calls, and the one place that decides what a message leaves in the store.

One message is one transaction: what it changes and the audit entry of it are there together or not at all. Told twice,
a message changes nothing and is audited once, except for presses of keys, each of which counts.
"""

from __future__ import annotations

import logging

from core.chunks import remove_call_audio
from core.database import Store
from core.errors import StoreFault
from core.messages import (
    CallClosed,
    CallOpened,
    Caption,
    CapturePaused,
    EnvelopeOpened,
    MaskMarkedWrong,
    Message,
    NoticeSet,
    NumberShown,
    OriginalRevealed,
    SealedOriginal,
)
from core.types import Gap, MaskedUtterance
from records.audit import AuditLog
from records.calls import CallLog
from records.envelopes import Envelopes
from records.notices import Notices
from records.numbers import Numbers
from records.transcript import Transcript

Kept = (
    CallOpened
    | CallClosed
    | Caption
    | EnvelopeOpened
    | SealedOriginal
    | NoticeSet
    | MaskMarkedWrong
    | NumberShown
    | CapturePaused
    | OriginalRevealed
)
"""Messages that leave something in the store."""

log = logging.getLogger(__name__)


def kept(message: Message | None) -> Kept | None:
    """`message` where it is to be kept: of captions, gaps and finals that a mask has passed."""
    if isinstance(message, Caption):
        final = isinstance(message.item, MaskedUtterance) and message.item.masked_by != "none"
        return message if final or isinstance(message.item, Gap) else None
    return message if isinstance(message, Kept) else None


class Archive:
    """The records of an open store. One thread keeps; any may read. Every method may raise StoreFault."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.calls = CallLog(store)
        self.transcript = Transcript(store)
        self.envelopes = Envelopes(store)
        self.numbers = Numbers(store)
        self.notices = Notices(store)
        self.audit = AuditLog(store)

    def keep(self, message: Kept) -> None:
        """Remember what a message tells, whole or not at all."""
        head = self.audit.head()
        with self._store.writing():
            self._keep(message)
        if self.audit.head() != head:
            self.audit.keep_head()
        if isinstance(message, CallClosed) or (isinstance(message, NoticeSet) and message.state == "refused"):
            self._store.forget()
            self._remove_refused_audio(message)

    def _remove_refused_audio(self, message: CallClosed | NoticeSet) -> None:
        if self.notices.state(message.call_id) != "refused":
            return
        try:
            remove_call_audio(message.call_id)
        except StoreFault as fault:
            if isinstance(message, CallClosed):
                raise
            # Windows deletes no file that is being written; the recogniser lets go of it when the call ends.
            log.warning("Audio of a refused call stays until its end: %s", fault)

    def _keep(self, message: Kept) -> None:
        match message:
            case Caption(item=MaskedUtterance() | Gap() as item):
                self.transcript.keep(message.call_id, item)
            case SealedOriginal():
                self.envelopes.keep(message)
            case CallOpened():
                self._open_call(message)
            case CallClosed():
                self._close_call(message)
            case EnvelopeOpened():
                if self.envelopes.open(message):
                    self.audit.append("envelope.opened", message.call_id, " ".join(message.recipients))
            case _:
                self._keep_deed(message)

    def _open_call(self, call: CallOpened) -> None:
        if self.calls.open_call(call):
            self.audit.append("call.opened", call.call_id, call.trigger, at_unix_ms=call.started_at_unix_ms)
        if call.number:
            self.numbers.keep(call.call_id, call.number)

    def _close_call(self, call: CallClosed) -> None:
        if self.calls.close_call(call):
            self.audit.append("call.closed", call.call_id, at_unix_ms=call.ended_at_unix_ms)
        self.envelopes.destroy_desk_wraps(call.call_id)

    def _keep_deed(self, message: Kept) -> None:
        """What a person did in the call."""
        match message:
            case NoticeSet():
                if self.notices.set(message):
                    self.audit.append("notice.set", message.call_id, message.state, at_unix_ms=message.at_unix_ms)
            case MaskMarkedWrong():
                if self.transcript.mark_wrong(message):
                    detail = f"{message.utterance_id} {message.start}-{message.end} {message.kind}"
                    self.audit.append("mask.marked_wrong", message.call_id, detail, at_unix_ms=message.at_unix_ms)
            case NumberShown():
                self.audit.append("number.shown", message.call_id, message.kind)
            case CapturePaused():
                self.audit.append("capture.paused" if message.paused else "capture.resumed", message.call_id)
            case OriginalRevealed():
                self.audit.append("original.revealed", message.call_id, message.utterance_id)
            case _:
                raise ValueError(f"this {type(message).__name__} is not kept")
