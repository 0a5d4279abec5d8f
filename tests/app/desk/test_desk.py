"""The window as a whole over a stand-in link: what is asked, what is shown, and that it ends in time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desk import desk as desk_module
from app.desk.desk import Desk
from app.desk.settings_window import ModelChoice
from core.messages import Caption, EngineState, Fault, Levels, NoticeHeard, NumberReadBack, ProcessState
from core.settings import Settings
from core.types import CaptionItem, MaskedHypothesis, MaskedUtterance
from tests.app.desk import captions
from tests.app.desk.captions import Hidden
from tests.app.desk.fake_link import FakeLink
from tests.harness.x_display import XDisplay


@pytest.fixture
def link() -> Iterator[FakeLink]:
    link = FakeLink()
    yield link
    if link.shutdown_gate is not None:
        link.shutdown_gate.set()
    link.shutdown()


DeskMaker = Callable[..., Desk]


@pytest.fixture
def make_desk(qtbot: QtBot, link: FakeLink, settings: Settings) -> Iterator[DeskMaker]:
    made: list[Desk] = []

    def make(**options: object) -> Desk:
        desk = Desk(link, settings, lambda: [ModelChoice("base")], **options)
        made.append(desk)
        desk.start()
        qtbot.waitUntil(lambda: ("start",) in link.asked)
        return desk

    yield make
    for desk in made:
        if link.shutdown_gate is not None:
            link.shutdown_gate.set()
        with qtbot.waitSignal(desk.ended, raising=False, timeout=1000):
            desk.leave()
        desk.translation.choose("en")
        desk.panel.deleteLater()
        if desk.settings_window is not None:
            desk.settings_window.deleteLater()
        desk.deleteLater()


@pytest.fixture
def desk(settings: Settings, make_desk: DeskMaker) -> Desk:
    settings.set("window.language", "en")
    return make_desk()


def in_call(qtbot: QtBot, desk: Desk) -> None:
    qtbot.mouseClick(desk.panel.call_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.state.phase == "recording")


def shown(desk: Desk) -> list[str]:
    return [desk.transcript.row_at(at).text for at in range(desk.transcript.rowCount())]


def test_a_call_from_button_to_button(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    in_call(qtbot, desk)
    assert desk.panel.call_button.accessibleName() == "End call"
    call_id = link.call_id
    link.say(
        Levels(-20, -30),
        EngineState("listening", "base", "cpu", "int8", delay_ms=600),
        Caption(call_id, MaskedHypothesis("customer", 0, 500, "我想"), 500),
        Caption(call_id, MaskedUtterance("u1", "customer", 0, 900, "我想退货。"), 1500),
        Caption("other", MaskedUtterance("u2", "customer", 0, 900, "别的通话"), 1500),
    )
    qtbot.waitUntil(lambda: shown(desk) == ["我想退货。"])
    qtbot.waitUntil(lambda: desk.panel.header.agent_bar.step > 0)
    qtbot.mouseClick(desk.panel.call_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.state.phase == "idle")
    assert shown(desk) == ["我想退货。"]
    in_call(qtbot, desk)
    assert shown(desk) == []


def test_pause_from_the_status_line(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    assert not desk.panel.header.pause_button.isEnabled()
    in_call(qtbot, desk)
    qtbot.mouseClick(desk.panel.header.pause_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.state.phase == "paused")
    assert desk.panel.header.pause_button.accessibleName() == "Go on recording"
    qtbot.mouseClick(desk.panel.header.pause_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.state.phase == "recording")


def test_keys_start_pause_and_end(qtbot: QtBot, desk: Desk, link: FakeLink, desktop) -> None:
    desktop.run("xdotool", "key", "ctrl+alt+c")
    qtbot.waitUntil(lambda: desk.state.phase == "recording")
    desktop.run("xdotool", "key", "ctrl+alt+s")
    qtbot.waitUntil(lambda: desk.state.phase == "paused")
    desktop.run("xdotool", "key", "ctrl+alt+c")
    qtbot.waitUntil(lambda: desk.state.phase == "idle")


SAID = captions.final("u1", "customer", 0, "我的号码是", Hidden("pii.mobile", "····8000", "right"), "。")
READ = ("read_number",)


def hear(qtbot: QtBot, desk: Desk, link: FakeLink, *items: CaptionItem) -> None:
    before = desk.transcript.rowCount()
    link.say(*(Caption(link.call_id, item, 1000) for item in items))
    qtbot.waitUntil(lambda: desk.transcript.rowCount() >= before + len(items))


def read(qtbot: QtBot, desk: Desk, desktop: XDisplay) -> None:
    desktop.run("xdotool", "key", "ctrl+alt+r")
    qtbot.waitUntil(lambda: desk.panel.read_back.is_open)


def test_a_key_marks_the_newest_chip_once(qtbot: QtBot, desk: Desk, link: FakeLink, desktop: XDisplay) -> None:
    in_call(qtbot, desk)
    hear(qtbot, desk, link, SAID)
    desktop.run("xdotool", "key", "ctrl+alt+m")
    qtbot.waitUntil(lambda: ("mark_wrong", "u1", SAID.spans[0]) in link.asked)
    desktop.run("xdotool", "key", "ctrl+alt+m")
    desktop.run("xdotool", "key", "ctrl+alt+c")
    qtbot.waitUntil(lambda: desk.state.phase == "idle")
    assert [asked[0] for asked in link.asked].count("mark_wrong") == 1


def test_nobody_marks_what_is_not_seen(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    in_call(qtbot, desk)
    hear(qtbot, desk, link, SAID)
    desk.panel.fold(True)
    desk.hotkeys.pressed.emit("wrong_mask")
    desk.panel.fold(False)
    desk.panel.withdraw()
    desk.hotkeys.pressed.emit("wrong_mask")
    assert "mark_wrong" not in [asked[0] for asked in link.asked]


def test_the_notice_is_set_from_the_panel(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    in_call(qtbot, desk)
    desk.panel.notice_row.menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: desk.state.notice == "said")
    link.say(NoticeHeard(link.call_id, "refusal"))
    qtbot.waitUntil(desk.panel.notice_row.refused_button.isVisible)
    qtbot.mouseClick(desk.panel.notice_row.refused_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(desk.panel.notice_row.delete_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.state.notice == "refused")
    assert [asked for asked in link.asked if asked[0] == "set_notice"] == [
        ("set_notice", "said"),
        ("set_notice", "refused"),
    ]


def test_a_number_is_read_back_by_key_and_put_away_by_it(
    qtbot: QtBot, desk: Desk, link: FakeLink, desktop: XDisplay
) -> None:
    in_call(qtbot, desk)
    read(qtbot, desk, desktop)
    assert desk.panel.read_back.number.text() == "138 0013 8000"
    desktop.run("xdotool", "key", "ctrl+alt+r")
    qtbot.waitUntil(lambda: not desk.panel.read_back.is_open)
    # Every look is asked of the link, which notes it.
    assert link.asked.count(READ) == 1


def test_esc_puts_the_number_away_while_another_window_has_the_focus(
    qtbot: QtBot, desk: Desk, link: FakeLink, desktop: XDisplay
) -> None:
    in_call(qtbot, desk)
    read(qtbot, desk, desktop)
    desktop.run("xdotool", "key", "Escape")
    qtbot.waitUntil(lambda: not desk.panel.read_back.is_open)
    assert desk.panel.read_back.number.text() == ""


def test_a_number_is_read_back_from_the_menu(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    entry = next(action for action in desk.panel.menu.actions() if action.text() == "Read the latest number back")
    assert not entry.isEnabled()
    in_call(qtbot, desk)
    assert entry.isEnabled()
    link.number = ()
    entry.trigger()
    qtbot.waitUntil(lambda: desk.panel.read_back.is_open)
    assert desk.panel.read_back.number.text() == ""


def test_a_number_goes_with_its_call(qtbot: QtBot, desk: Desk, link: FakeLink, desktop: XDisplay) -> None:
    desk.hotkeys.pressed.emit("read_number")
    assert READ not in link.asked
    in_call(qtbot, desk)
    link.say(NumberReadBack("other", "pii.mobile", "139 0013 9000"), Levels(-20, -30))
    qtbot.waitUntil(lambda: desk.panel.header.agent_bar.step > 0)
    assert not desk.panel.read_back.is_open
    read(qtbot, desk, desktop)
    call_id = link.call_id
    qtbot.mouseClick(desk.panel.call_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not desk.panel.read_back.is_open)
    # An answer that comes too late.
    link.say(NumberReadBack(call_id, "pii.mobile", "138 0013 8000"), Levels(-90, -90))
    qtbot.waitUntil(lambda: desk.panel.header.agent_bar.step == 0)
    assert not desk.panel.read_back.is_open


def test_the_panel_warns_when_captions_come_without_a_mask(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    in_call(qtbot, desk)
    assert not desk.panel.mask_notice.isVisible()
    hear(qtbot, desk, link, SAID)
    assert not desk.panel.mask_notice.isVisible()
    hear(qtbot, desk, link, MaskedUtterance("u2", "customer", 2000, 3000, "原话", masked_by="none"))
    qtbot.waitUntil(desk.panel.mask_notice.isVisible)


def test_the_pause_key_does_nothing_between_calls(desk: Desk, link: FakeLink) -> None:
    desk.hotkeys.pressed.emit("pause")
    assert not [asked for asked in link.asked if asked[0] == "pause"]


def test_faults_and_processes_in_trouble_are_said_and_dismissed(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    banners = desk.panel.banners
    link.say(Fault("recorder", "device"), Fault("recorder", "device"), ProcessState("recogniser", "restarting", 1))
    qtbot.waitUntil(lambda: len(banners.sentences) == 2)
    assert banners.sentences[1].startswith("The recogniser stopped and is starting again.")
    link.say(ProcessState("recogniser", "up", 1))
    qtbot.waitUntil(lambda: len(banners.sentences) == 1)
    banners.dismiss(("recorder", "device"))
    assert banners.sentences == []
    assert not banners.isVisible()


def test_a_new_call_clears_mild_faults_alone(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    link.say(Fault("recorder", "device"), Fault("recogniser", "model", fatal=True))
    qtbot.waitUntil(lambda: len(desk.panel.banners.sentences) == 2)
    in_call(qtbot, desk)
    assert [text.split(".")[0] for text in desk.panel.banners.sentences] == [
        "The recognition model is missing or damaged"
    ]


def test_a_taken_key_is_told(qtbot: QtBot, desk: Desk) -> None:
    desk.hotkeys.taken.emit("call")
    assert desk.panel.banners.sentences[0].startswith("The key for starting a call is taken by another program.")


def test_choices_made_in_the_panel_are_kept(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.panel.fold(True)
    desk.panel.fold(False)
    desk.panel.customer_only.click()
    desk.panel.edge_asked.emit("left")
    assert json.loads((tmp_path / "settings.json").read_text())["window"] == {
        "language": "en",
        "collapsed": False,
        "customer_only": True,
        "edge": "left",
    }
    qtbot.waitUntil(lambda: desk.panel.geometry().left() == 0)


def test_the_panel_starts_as_it_was_left(settings: Settings, make_desk: DeskMaker) -> None:
    settings.set("window.collapsed", True)
    settings.set("window.customer_only", True)
    settings.set("window.language", "zh_CN")
    desk = make_desk()
    assert desk.panel.folded
    assert desk.panel.customer_only.isChecked()
    assert desk.panel.customer_only.text() == "只看客户"


def test_saved_settings_take_hold_at_once(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    desk.open_settings()
    window = desk.settings_window
    assert window is not None
    qtbot.waitUntil(lambda: ("list_devices",) in link.asked)
    qtbot.waitUntil(lambda: window.devices.agent.box.count() == 3)
    for name, value in {
        "window.theme": "dark",
        "window.scale_percent": 150,
        "window.language": "zh_CN",
        "window.edge": "left",
    }.items():
        window.fields[name].show_value(value)
    qtbot.mouseClick(window.save_button, Qt.MouseButton.LeftButton)
    assert ("reload_settings",) in link.asked
    assert desk.theme.look.palette.dark
    qtbot.waitUntil(lambda: desk.panel.width() == 540)
    qtbot.waitUntil(lambda: desk.panel.customer_only.text() == "只看客户")


def test_a_setting_that_cannot_be_kept_is_said(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "settings.json").mkdir()
    desk.panel.customer_only.click()
    assert desk.panel.banners.sentences[0].startswith("The settings could not be saved.")


def test_the_tray_menu_does_what_the_panel_does(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    assert [action.text() for action in desk.tray.menu.actions() if action.text()] == [
        "Hide panel",
        "Start call",
        "Settings",
        "Quit",
    ]
    desk.tray.menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: desk.state.phase == "recording")
    assert desk.tray.menu.actions()[1].text() == "End call"


def test_without_a_tray_the_panel_cannot_be_hidden(desk: Desk) -> None:
    # The test's desktop has none.
    assert not desk.tray.available
    desk.tray.show_asked.emit()
    assert desk.panel.isVisible()


def test_leaving_ends_the_link_off_the_main_thread(qtbot: QtBot, desk: Desk, link: FakeLink) -> None:
    in_call(qtbot, desk)
    link.shutdown_gate = threading.Event()
    desk.leave()
    desk.leave()
    qtbot.waitUntil(lambda: ("shutdown",) in link.asked)
    # The main thread is free while the link shuts down.
    assert not desk.panel.isVisible()
    with qtbot.waitSignal(desk.ended):
        link.shutdown_gate.set()
    assert link.asked.count(("shutdown",)) == 1


def test_a_link_that_hangs_does_not_keep_the_window(
    qtbot: QtBot, desk: Desk, link: FakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "SHUTDOWN_DEADLINE_MS", 50)
    link.shutdown_gate = threading.Event()
    with qtbot.waitSignal(desk.ended):
        desk.leave()
    assert not link.shutdown_gate.is_set()


def test_closing_the_panel_leaves(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.ended):
        desk.panel.close()


def test_the_frame_log_is_written(qtbot: QtBot, make_desk: DeskMaker, link: FakeLink, tmp_path: Path) -> None:
    desk = make_desk(frame_log=tmp_path / "frames.json")
    in_call(qtbot, desk)
    link.say(Levels(-20, -30))
    qtbot.waitUntil(lambda: desk.panel.header.agent_bar.step > 0)
    link.say(Levels(-40, -30))
    step = desk.panel.header.agent_bar.step
    qtbot.waitUntil(lambda: desk.panel.header.agent_bar.step < step)
    qtbot.waitUntil(lambda: len(desk.probe._turn_gaps_us) > 5 and len(desk.probe._paint_gaps_us) > 0)
    desk.leave()
    report = json.loads((tmp_path / "frames.json").read_text())
    assert report["turns"]["n"] == len(report["turn_gaps_ms"]) > 5
    assert report["turns"]["p50_ms"] <= report["turns"]["p99_ms"] <= report["turns"]["max_ms"]
    assert report["paints"]["n"] == len(report["paint_gaps_ms"]) > 0
