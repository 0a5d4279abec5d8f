"""The desk with its real processes: a recording in place of devices, the pace of a call, processes that are killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from app.link import DeskEvent
from app.session import DeskSession
from app.warden import STOP_S
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
    PauseCapture,
    ProcessState,
    Role,
)
from core.paths import cache_folder
from core.settings import Settings
from core.types import LEGS, Gap, MaskedUtterance
from models.store import InstalledModel
from tests.harness import media
from tests.harness.speech import char_errors, part, turns

DEADLINE_S = 90.0
ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.model, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")]


class Desk:
    """A session whose devices are a file, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "call.wav"
        settings = Settings.load()
        for name in ("audio.agent_device", "audio.customer_device"):
            settings.set(name, f"file:{self.file}")
        settings.save()
        self.session = DeskSession(softphone=lambda *_: None)
        self.events: list[DeskEvent] = []
        self._changed = threading.Condition()
        self.session.subscribe(self._hear)

    def _hear(self, event: DeskEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, condition: Callable[[], object]) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, DEADLINE_S):
                raise AssertionError([str(event) for event in self.events if not isinstance(event, Levels)])

    def wait_until_up(self, *roles: Role) -> None:
        def up() -> bool:
            last = {event.role: event.state for event in self.of(ProcessState)}
            return all(last.get(role) == "up" for role in roles)

        self.wait_for(up)

    def play(self, start_ms: int, end_ms: int) -> None:
        """From now on devices give this stretch of the sample call; forget what was said before."""
        legs = part(start_ms, end_ms)
        self.file.unlink(missing_ok=True)
        media.write(self.file, legs["agent"], legs["customer"])
        self.wait_until_up("recorder", "recogniser", "analyst")
        with self._changed:
            self.events = [event for event in self.events if isinstance(event, ProcessState)]

    def finals(self) -> list[MaskedUtterance]:
        return [event.item for event in self.of(Caption) if isinstance(event.item, MaskedUtterance)]

    def gaps(self) -> list[Gap]:
        return [event.item for event in self.of(Caption) if isinstance(event.item, Gap)]

    def processes(self) -> dict[Role, int]:
        return {role: self.session._warden.pid(role) for role in ("recorder", "recogniser", "analyst")}


@pytest.fixture(scope="module")
def desk(installed_base: InstalledModel, remembered_engine: Path) -> Iterator[Desk]:
    # A socket address is short, a test's folder is not.
    with tempfile.TemporaryDirectory(prefix="tb-") as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setenv("TINGBAN_DATA", str(folder / "desk"))
        patch.setenv("TINGBAN_MODELS", str(installed_base.path.parent))
        patch.setenv("TINGBAN_POLICY", str(folder / "no-policy.json"))
        patch.setenv("TINGBAN_EPHEMERAL", "1")
        patch.setenv("XDG_RUNTIME_DIR", name)
        patch.delenv("TINGBAN_KEY_FILE", raising=False)
        shutil.copy(remembered_engine, cache_folder())
        one = Desk(folder)
        one.session.start()
        yield one
        one.session.shutdown()


def check_words(desk: Desk, start_ms: int, end_ms: int, allowed: float) -> None:
    """Every turn of the stretch is written once, on its leg, at its time."""
    finals = desk.finals()
    assert len({one.id for one in finals}) == len(finals)
    for leg in LEGS:
        spans = sorted((one.start_ms, one.end_ms) for one in finals if one.leg == leg)
        assert all(before[1] <= after[0] for before, after in pairwise(spans)), spans
    errors = chars = 0
    for turn in turns():
        if start_ms <= turn.start_ms and turn.end_ms <= end_ms:
            begin_ms, stop_ms = turn.start_ms - start_ms, turn.end_ms - start_ms
            mine = [one for one in finals if one.leg == turn.leg and one.start_ms < stop_ms and one.end_ms > begin_ms]
            assert mine, f"the turn at {turn.start_ms} ms is lost"
            errors += char_errors(turn.text, "".join(one.text for one in sorted(mine, key=lambda one: one.start_ms)))
            chars += len(turn.text)
    assert chars
    assert errors / chars <= allowed


def ctl(*arguments: str) -> dict:
    command = [sys.executable, "-m", "app", "ctl", "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=True)
    return json.loads(done.stdout)


def test_a_call_is_written_down_as_it_is_heard(desk: Desk) -> None:
    desk.play(50_400, 56_000)
    desk.session.start_call("button")
    desk.wait_for(lambda: desk.of(CallClosed))
    check_words(desk, 50_400, 56_000, allowed=0.15)
    marks = [event for event in desk.events if isinstance(event, CallOpened | LegsOpened | LegEnded | CallClosed)]
    assert [type(event) for event in marks] == [CallOpened, LegsOpened, LegEnded, LegEnded, CallClosed]
    assert len({event.call_id for event in marks}) == 1
    assert marks[1].from_sample == 0
    assert {event.leg: event.end_sample for event in marks[2:4]} == dict.fromkeys(LEGS, 5_600 * 16)
    captions = desk.of(Caption)
    first, last = desk.events.index(captions[0]), desk.events.index(captions[-1])
    assert desk.events.index(marks[1]) < first
    assert last < desk.events.index(marks[4])
    assert all(event.emitted_ms >= event.item.end_ms - 50 for event in captions)  # clocks of two processes
    assert not desk.gaps()
    assert [event.code for event in desk.of(Fault)] == ["no-supervisors"]
    assert any(event.agent_db > -60 for event in desk.of(Levels))
    assert any(event.state == "listening" for event in desk.of(EngineState))


def test_a_recogniser_that_is_killed_loses_and_repeats_nothing(desk: Desk) -> None:
    desk.play(43_500, 53_400)
    desk.session.start_call("button")
    desk.wait_for(desk.finals)
    os.kill(desk.processes()["recogniser"], signal.SIGKILL)
    desk.wait_for(lambda: desk.of(CallClosed))
    assert [event.state for event in desk.of(ProcessState) if event.role == "recogniser"][-3:] == [
        "restarting",
        "starting",
        "up",
    ]
    assert not desk.gaps()
    check_words(desk, 43_500, 53_400, allowed=0.3)


def test_a_recorder_that_is_killed_goes_on_where_the_call_is(desk: Desk) -> None:
    desk.play(43_500, 53_400)
    desk.session.start_call("button")
    desk.wait_for(desk.finals)
    os.kill(desk.processes()["recorder"], signal.SIGKILL)
    desk.wait_for(lambda: desk.of(CallClosed))
    _, again = desk.of(LegsOpened)
    assert again.from_sample > 2_000 * 16
    gaps = {gap.leg: gap for gap in desk.gaps()}
    assert len(desk.gaps()) == len(LEGS)
    for gap in gaps.values():
        assert gap.reason == "device"
        assert gap.start_ms < gap.end_ms <= again.from_sample // 16 + 1
    # Everything after the gap is written, on the same clock.
    after_ms = 43_500 + max(gap.end_ms for gap in gaps.values())
    wanted = [turn for turn in turns() if after_ms < turn.start_ms and turn.end_ms < 53_400]
    for turn in wanted:
        assert any(one.leg == turn.leg and abs(one.end_ms - (turn.end_ms - 43_500)) < 400 for one in desk.finals()), (
            f"the turn at {turn.start_ms} ms is lost"
        )


def test_the_command_line_and_the_pause_key(desk: Desk) -> None:
    desk.play(36_800, 56_000)
    assert ctl("call", "status")["running"] is False
    begun = ctl("call", "start", "--number", "13800138000", "--customer", "k7")
    assert (begun["running"], begun["trigger"], begun["paused"]) == (True, "cli", False)
    desk.wait_for(lambda: desk.of(LegsOpened))
    (opened,) = desk.of(CallOpened)
    assert (opened.number, opened.customer_id) == ("13800138000", "k7")
    desk.wait_for(lambda: any(isinstance(event, Caption) for event in desk.events))

    desk.session.pause(paused=True)
    desk.wait_for(lambda: [event.paused for event in desk.of(PauseCapture)] == [True])
    assert ctl("call", "status")["paused"] is True
    desk.session.pause(paused=False)
    desk.wait_for(lambda: {gap.leg for gap in desk.gaps() if gap.reason == "paused"} == set(LEGS))

    state = ctl("call", "status")
    assert set(state) >= {"running", "call_id", "seconds", "trigger", "paused"}
    assert (state["running"], state["call_id"], state["paused"]) == (True, begun["call_id"], False)
    assert ctl("call", "stop")["call_id"] == begun["call_id"]
    desk.wait_for(lambda: desk.of(CallClosed))
    assert ctl("call", "status")["running"] is False


def test_after_a_call_the_settings_window_has_its_meters(desk: Desk) -> None:
    desk.play(53_000, 54_000)
    desk.session.start_call("button")
    desk.wait_for(lambda: desk.of(CallClosed))
    desk.play(36_800, 56_000)
    desk.session.meter_devices(f"file:{desk.file}", "")
    desk.wait_for(lambda: any(event.agent_db > -60 for event in desk.of(Levels)))
    desk.session.meter_devices("", "")
    desk.session.list_devices()
    desk.wait_for(lambda: desk.of(DeviceList))


def test_shutdown_in_mid_call_leaves_nobody(desk: Desk) -> None:
    desk.play(36_800, 56_000)
    desk.session.start_call("button")
    desk.wait_for(lambda: any(isinstance(event, Caption) for event in desk.events))
    children = [psutil.Process(pid) for pid in desk.processes().values()]
    begun_s = time.monotonic()
    desk.session.shutdown()
    assert time.monotonic() - begun_s < STOP_S + 5
    _, alive = psutil.wait_procs(children, 1.0)
    assert alive == []
