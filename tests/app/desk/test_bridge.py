"""Finals are never dropped, hypotheses are thinned out, and everything arrives on the main thread in order."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.desk.bridge import HYPOTHESIS_INTERVAL_MS, Bridge
from core.messages import CallOpened, Caption, EngineState, Levels, ProcessState
from core.types import Gap, Leg, MaskedHypothesis, MaskedUtterance


def partial(leg: Leg, start_ms: int, text: str) -> Caption:
    return Caption("c", MaskedHypothesis(leg, start_ms, start_ms + 500, text), start_ms)


def final(number: int, leg: Leg = "customer") -> Caption:
    start_ms = number * 1000
    return Caption("c", MaskedUtterance(f"u{leg}{number}", leg, start_ms, start_ms + 900, f"第{number}句"), start_ms)


class Heard:
    def __init__(self, bridge: Bridge) -> None:
        self.events: list[object] = []
        self.captions: list[Caption] = []
        self.threads: set[int] = set()
        bridge.arrived.connect(self._event)
        bridge.caption.connect(self._caption)

    def _event(self, event: object) -> None:
        self.threads.add(threading.get_ident())
        self.events.append(event)

    def _caption(self, caption: Caption) -> None:
        self.threads.add(threading.get_ident())
        self.captions.append(caption)

    @property
    def texts(self) -> list[str]:
        return [caption.item.text for caption in self.captions if not isinstance(caption.item, Gap)]


@pytest.fixture
def bridge(qapp) -> Bridge:
    return Bridge()


@pytest.fixture
def heard(bridge: Bridge) -> Heard:
    return Heard(bridge)


def elsewhere(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_everything_arrives_on_the_main_thread_in_order(qtbot: QtBot, bridge: Bridge, heard: Heard) -> None:
    opened = CallOpened("c", 0, "button")
    elsewhere(lambda: [bridge.receive(event) for event in (opened, final(1), ProcessState("recorder", "up"), final(2))])
    qtbot.waitUntil(lambda: len(heard.captions) == 2)
    assert heard.events == [opened, ProcessState("recorder", "up")]
    assert heard.texts == ["第1句", "第2句"]
    assert heard.threads == {threading.get_ident()}


def test_no_final_and_no_gap_is_lost_in_a_flood(qtbot: QtBot, bridge: Bridge, heard: Heard) -> None:
    def flood() -> None:
        for number in range(500):
            bridge.receive(partial("customer", number * 1000, f"…{number}"))
            bridge.receive(partial("agent", number * 1000, f"…{number}"))
            bridge.receive(final(number))
            bridge.receive(Caption("c", Gap("agent", number, number + 1, "overflow"), number))
            bridge.receive(Levels(-30, -40))

    threading.Thread(target=flood).start()
    qtbot.waitUntil(lambda: sum(isinstance(one.item, Gap) for one in heard.captions) == 500, timeout=20_000)
    finals = [one.item.id for one in heard.captions if isinstance(one.item, MaskedUtterance)]
    assert finals == [f"ucustomer{number}" for number in range(500)]


def test_only_the_newest_hypothesis_of_a_leg_waits(qtbot: QtBot, bridge: Bridge, heard: Heard) -> None:
    for text in ("一", "一二", "一二三"):
        bridge.receive(partial("customer", 0, text))
    bridge.receive(partial("agent", 0, "好"))
    qtbot.waitUntil(lambda: len(heard.captions) == 2)
    assert heard.texts == ["一二三", "好"]


def test_a_hypothesis_that_comes_too_soon_is_held_back_and_then_shown(
    qtbot: QtBot, bridge: Bridge, heard: Heard
) -> None:
    last_ms = bridge._clock.elapsed() + 100
    bridge._shown_at_ms["customer"] = last_ms
    bridge.receive(partial("customer", 0, "一二"))
    qtbot.waitUntil(lambda: heard.texts == ["一二"])
    assert bridge._shown_at_ms["customer"] >= last_ms + HYPOTHESIS_INTERVAL_MS


def test_a_final_takes_the_held_hypothesis_away(qtbot: QtBot, bridge: Bridge, heard: Heard) -> None:
    # As if one had been shown an hour from now: the next is held for longer than the test runs.
    bridge._shown_at_ms["customer"] = bridge._clock.elapsed() + 3_600_000
    bridge.receive(partial("customer", 0, "一二"))
    bridge.receive(final(0))
    bridge.receive(partial("agent", 0, "嗯"))
    qtbot.waitUntil(lambda: heard.texts[-1:] == ["嗯"])
    assert heard.texts == ["第0句", "嗯"]
    assert bridge._held == {}


def test_a_final_told_anew_leaves_the_hypothesis_of_the_next_utterance(
    qtbot: QtBot, bridge: Bridge, heard: Heard
) -> None:
    bridge._shown_at_ms["customer"] = bridge._clock.elapsed() + 3_600_000
    bridge.receive(partial("customer", 5000, "零零"))
    bridge.receive(final(0))
    qtbot.waitUntil(lambda: heard.texts == ["第0句"])
    assert list(bridge._held) == ["customer"]


def test_levels_and_engine_states_that_wait_are_replaced(qtbot: QtBot, bridge: Bridge, heard: Heard) -> None:
    for level_db in (-50, -40, -30):
        bridge.receive(Levels(level_db, level_db))
        bridge.receive(EngineState("listening", "base", "cpu", "int8", delay_ms=-level_db))
    bridge.receive(CallOpened("c", 0, "button"))
    qtbot.waitUntil(lambda: len(heard.events) == 3)
    assert heard.events[0] == Levels(-30, -30)
    assert heard.events[1].delay_ms == 30


def test_nothing_comes_after_close(qtbot: QtBot, bridge: Bridge, heard: Heard) -> None:
    bridge.receive(final(1))
    bridge.close()
    bridge.receive(final(2))
    other = Bridge()
    heard_there = Heard(other)
    other.receive(final(3))
    qtbot.waitUntil(lambda: len(heard_there.captions) == 1)
    assert heard.captions == []
