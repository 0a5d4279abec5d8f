"""What every `DeskLink` promises the window. Real links are added to `LINKS`."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from app.link import DeskEvent, DeskLink
from core.messages import CallClosed, CallOpened, DeviceList, NoticeSet, PauseCapture
from tests.app.desk.fake_link import FakeLink

DEADLINE_S = 30.0

Heard = TypeVar("Heard", bound=DeskEvent)

LINKS: dict[str, Callable[[], DeskLink]] = {"fake": FakeLink}


class Ear:
    """Hears the events of a link, with the thread that each came on."""

    def __init__(self, link: DeskLink) -> None:
        self._heard: queue.SimpleQueue[DeskEvent] = queue.SimpleQueue()
        self.threads: set[int] = set()
        link.subscribe(self._hear)

    def _hear(self, event: DeskEvent) -> None:
        self.threads.add(threading.get_ident())
        self._heard.put(event)

    def next(self, kind: type[Heard]) -> Heard:
        """The next event of a kind; others are passed over. Fails when none comes in time."""
        while True:
            event = self._heard.get(timeout=DEADLINE_S)
            if isinstance(event, kind):
                return event

    def rest(self) -> list[DeskEvent]:
        events = []
        while not self._heard.empty():
            events.append(self._heard.get())
        return events


@pytest.fixture(params=LINKS)
def link(request: pytest.FixtureRequest) -> Iterator[DeskLink]:
    made = LINKS[request.param]()
    yield made
    made.shutdown()


@pytest.fixture
def ear(link: DeskLink) -> Ear:
    ear = Ear(link)
    link.start()
    return ear


def test_a_call_opens_and_closes_once(link: DeskLink, ear: Ear) -> None:
    link.start_call("button")
    link.start_call("voice")
    opened = ear.next(CallOpened)
    assert opened.trigger == "button"
    link.end_call()
    link.end_call()
    assert ear.next(CallClosed).call_id == opened.call_id
    link.start_call("softphone", "10086")
    again = ear.next(CallOpened)
    assert again.call_id != opened.call_id
    assert (again.trigger, again.number) == ("softphone", "10086")


def test_pause_is_echoed_within_a_call_alone(link: DeskLink, ear: Ear) -> None:
    link.pause(True)
    link.start_call("button")
    opened = ear.next(CallOpened)
    link.pause(True)
    assert ear.next(PauseCapture) == PauseCapture(opened.call_id, paused=True)
    link.pause(False)
    assert ear.next(PauseCapture) == PauseCapture(opened.call_id, paused=False)


def test_the_notice_is_echoed_within_a_call_alone_and_a_refusal_is_final(link: DeskLink, ear: Ear) -> None:
    link.set_notice("said")
    link.start_call("button")
    opened = ear.next(CallOpened)
    link.set_notice("played")
    link.set_notice("refused")
    link.set_notice("said")
    assert [ear.next(NoticeSet).state for _ in range(2)] == ["played", "refused"]
    link.end_call()
    ear.next(CallClosed)
    link.start_call("button")
    assert ear.next(CallOpened).call_id != opened.call_id
    link.set_notice("said")
    assert ear.next(NoticeSet).state == "said"


def test_devices_are_listed(link: DeskLink, ear: Ear) -> None:
    link.list_devices()
    assert isinstance(ear.next(DeviceList).devices, tuple)


def test_events_come_on_one_thread_that_is_not_the_caller_s(link: DeskLink, ear: Ear) -> None:
    for _ in range(3):
        link.list_devices()
        ear.next(DeviceList)
    assert len(ear.threads) == 1
    assert threading.get_ident() not in ear.threads


def test_after_shutdown_all_is_quiet(link: DeskLink, ear: Ear) -> None:
    link.start_call("button")
    ear.next(CallOpened)
    link.shutdown()
    ear.rest()
    link.start_call("button")
    link.list_devices()
    link.shutdown()
    assert ear.rest() == []
