"""From the link's background thread to Qt's main thread.

Events come in order. What only the newest matters of (levels, engine state, device list) replaces what still waits;
hypotheses reach the widgets at most once a leg per `HYPOTHESIS_INTERVAL_MS`; finals, gaps and states are never dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from app.link import DeskEvent
from core.messages import CallClosed, CallOpened, Caption, DeviceList, EngineState, Levels
from core.types import Gap, Leg, MaskedHypothesis

HYPOTHESIS_INTERVAL_MS = 40

_NEWEST_ONLY = (Levels, EngineState, DeviceList)


class Bridge(QObject):
    """Re-emits the events of a `DeskLink` on the thread that made it.

    `receive` is the listener to subscribe; it may be called from any thread and never blocks.

    Signals: `arrived(DeskEvent)` for everything but captions, `caption(Caption)`.
    """

    arrived = Signal(object)
    caption = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = Lock()
        self._waiting: list[DeskEvent] = []
        self._wake_sent = False
        self._closed = False
        self._held: dict[Leg, Caption] = {}
        self._shown_at_ms: dict[Leg, int] = {}
        self._clock = QElapsedTimer()
        self._clock.start()
        self._release = QTimer(self)
        self._release.setSingleShot(True)
        self._release.setTimerType(Qt.TimerType.PreciseTimer)
        self._release.timeout.connect(self._release_held)
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def attach(self, subscribe: Callable[[Callable[[DeskEvent], None]], None]) -> None:
        """Subscribe to a link."""
        subscribe(self.receive)

    def receive(self, event: DeskEvent) -> None:
        """Take an event from the link's thread."""
        with self._lock:
            if self._closed:
                return
            if isinstance(event, _NEWEST_ONLY):
                self._waiting = [waiting for waiting in self._waiting if type(waiting) is not type(event)]
            elif (leg := _hypothesis_leg(event)) is not None:
                self._waiting = [waiting for waiting in self._waiting if _hypothesis_leg(waiting) != leg]
            self._waiting.append(event)
            if self._wake_sent:
                return
            self._wake_sent = True
            # Under the lock, so that `close` never lets the signal's owner go in between.
            self._woken.emit()

    def close(self) -> None:
        """Deliver nothing more."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
        self._release.stop()
        self._held.clear()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            events, self._waiting = self._waiting, []
            self._wake_sent = False
        for event in events:
            if isinstance(event, Caption):
                self._deliver_caption(event)
                continue
            if isinstance(event, CallOpened | CallClosed):
                self._held.clear()
            self.arrived.emit(event)

    def _deliver_caption(self, caption: Caption) -> None:
        item = caption.item
        if isinstance(item, MaskedHypothesis):
            self._held[item.leg] = caption
            self._release_held()
            return
        if not isinstance(item, Gap):
            # The final says it all; an older guess must not come after it. One of the next utterance may: a final
            # that is told anew comes long after its own.
            held = self._held.get(item.leg)
            if held is not None and held.item.start_ms < item.end_ms:
                del self._held[item.leg]
        self.caption.emit(caption)

    @Slot()
    def _release_held(self) -> None:
        now_ms = self._clock.elapsed()
        wait_ms = HYPOTHESIS_INTERVAL_MS
        for leg, caption in list(self._held.items()):
            due_ms = self._shown_at_ms.get(leg, -HYPOTHESIS_INTERVAL_MS) + HYPOTHESIS_INTERVAL_MS
            if due_ms <= now_ms:
                del self._held[leg]
                self._shown_at_ms[leg] = now_ms
                self.caption.emit(caption)
            else:
                wait_ms = min(wait_ms, due_ms - now_ms)
        if self._held:
            self._release.start(wait_ms)


def _hypothesis_leg(event: DeskEvent) -> Leg | None:
    if isinstance(event, Caption) and isinstance(event.item, MaskedHypothesis):
        return event.item.leg
    return None
