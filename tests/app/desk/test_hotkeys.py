"""Global keys on a real X server: they work while another window has the focus, and a conflict is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.desk.hotkeys import DEFAULT_KEYS, Chord, Hotkeys, parse_chord
from core.settings_schema import SETTINGS
from tests.harness.x_client import other_window
from tests.harness.x_display import XDisplay

pytestmark = pytest.mark.display


@pytest.fixture
def hotkeys(qapp) -> Iterator[Hotkeys]:
    hotkeys = Hotkeys()
    yield hotkeys
    hotkeys.close()


@pytest.mark.parametrize(
    ("text", "chord"),
    [
        ("Ctrl+Alt+C", Chord(ctrl=True, alt=True, shift=False, key="C")),
        ("Ctrl+Shift+F12", Chord(ctrl=True, alt=False, shift=True, key="F12")),
        ("Alt+7", Chord(ctrl=False, alt=True, shift=False, key="7")),
        ("Shift+A", None),
        ("A", None),
        ("Ctrl+Alt+F13", None),
        ("Ctrl+Alt+", None),
        ("", None),
    ],
)
def test_chords(text: str, chord: Chord | None) -> None:
    assert parse_chord(text) == chord


def test_defaults_are_those_of_the_settings() -> None:
    assert {f"keys.{action}": keys for action, keys in DEFAULT_KEYS.items()} == {
        name: info.default for name, info in SETTINGS.items() if name.startswith("keys.")
    }


def test_a_key_works_while_another_window_has_the_focus(qtbot: QtBot, desktop: XDisplay, hotkeys: Hotkeys) -> None:
    hotkeys.bind(DEFAULT_KEYS)
    with other_window(desktop.env["DISPLAY"]):
        with qtbot.waitSignal(hotkeys.pressed) as pressed:
            desktop.run("xdotool", "key", "ctrl+alt+c")
        assert pressed.args == ["call"]
        with qtbot.waitSignal(hotkeys.pressed) as pressed:
            desktop.run("xdotool", "key", "ctrl+alt+s")
        assert pressed.args == ["pause"]


def test_esc_is_taken_while_it_is_wanted_alone(qtbot: QtBot, desktop: XDisplay, hotkeys: Hotkeys) -> None:
    hotkeys.bind(DEFAULT_KEYS)
    with other_window(desktop.env["DISPLAY"]) as softphone:
        hotkeys.take_escape(True)
        with qtbot.waitSignal(hotkeys.pressed) as pressed:
            desktop.run("xdotool", "key", "Escape")
        assert pressed.args == ["dismiss"]
        # The keys of the settings work beside it, also when they are chosen anew.
        hotkeys.bind(DEFAULT_KEYS)
        for keys, action in (("ctrl+alt+r", "read_number"), ("ctrl+alt+m", "wrong_mask"), ("Escape", "dismiss")):
            with qtbot.waitSignal(hotkeys.pressed) as pressed:
                desktop.run("xdotool", "key", keys)
            assert pressed.args == [action]
        hotkeys.take_escape(False)
        softphone.settle()
        with qtbot.assertNotEmitted(hotkeys.pressed):
            desktop.run("xdotool", "key", "Escape")
            softphone.settle()


def test_a_key_that_was_told_as_taken_is_not_told_again_for_esc(qtbot: QtBot, hotkeys: Hotkeys) -> None:
    other = Hotkeys()
    other.bind({"call": "Ctrl+Alt+C"})
    hotkeys.bind(DEFAULT_KEYS)
    with qtbot.assertNotEmitted(hotkeys.taken):
        hotkeys.take_escape(True)
        hotkeys.take_escape(False)
    other.close()


def test_no_setting_can_choose_esc() -> None:
    assert parse_chord("Escape") is None
    assert parse_chord("Ctrl+Escape") is None


def test_caps_lock_does_not_matter(qtbot: QtBot, desktop: XDisplay, hotkeys: Hotkeys) -> None:
    hotkeys.bind(DEFAULT_KEYS)
    desktop.run("xdotool", "key", "Caps_Lock")
    try:
        with qtbot.waitSignal(hotkeys.pressed):
            desktop.run("xdotool", "key", "ctrl+alt+c")
    finally:
        desktop.run("xdotool", "key", "Caps_Lock")


def test_rebinding_gives_the_old_key_back(qtbot: QtBot, desktop: XDisplay, hotkeys: Hotkeys) -> None:
    hotkeys.bind(DEFAULT_KEYS)
    hotkeys.bind({"call": "Ctrl+Alt+K", "pause": ""})
    other = Hotkeys()
    taken: list[str] = []
    other.taken.connect(taken.append)
    other.bind({"pause": "Ctrl+Alt+C"})
    assert taken == []
    with qtbot.waitSignal(hotkeys.pressed) as pressed:
        desktop.run("xdotool", "key", "ctrl+alt+k")
    assert pressed.args == ["call"]
    other.close()


def test_a_key_that_another_program_holds_is_told(qtbot: QtBot, hotkeys: Hotkeys) -> None:
    other = Hotkeys()
    other.bind({"call": "Ctrl+Alt+C"})
    with qtbot.waitSignal(hotkeys.taken) as taken:
        hotkeys.bind(DEFAULT_KEYS)
    assert taken.args == ["call"]
    other.close()
