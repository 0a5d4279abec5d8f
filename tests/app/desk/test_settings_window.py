"""The settings window shows what holds, saves what is chosen, says what is locked, and is whole without a mouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.desk.desk_state import DeskState
from app.desk.hotkeys import DEFAULT_KEYS, KeyAction
from app.desk.settings_fields import ChoiceField, KeyField, TextField
from app.desk.settings_window import ModelChoice, SettingsWindow
from app.desk.theme import Theme
from app.desk.two_leg_test import ENOUGH_HEARD
from core.messages import CallOpened, Levels
from core.settings import Settings
from core.settings_schema import SETTINGS
from tests.app.desk.fake_link import DEVICES

MODELS = (ModelChoice("base", "145 MB"), ModelChoice("small", "484 MB"))
NOT_IN_THE_WINDOW = {
    "recognition.threads",
    "recognition.final_beam",
    "window.collapsed",
    "window.customer_only",
}
"""For IT in the file, or chosen in the panel itself."""


def make(settings: Settings, state: DeskState, theme: Theme) -> SettingsWindow:
    return SettingsWindow(settings, lambda: MODELS, state, theme)


@pytest.fixture
def window(qtbot: QtBot, settings: Settings, state: DeskState, theme: Theme) -> Iterator[SettingsWindow]:
    window = make(settings, state, theme)
    qtbot.addWidget(window)
    window.show_devices(DEVICES)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.hide()


def choose(window: SettingsWindow, name: str, value: object) -> None:
    window.fields[name].show_value(value)


def choices(window: SettingsWindow, name: str) -> list[object]:
    field = window.fields[name]
    assert isinstance(field, ChoiceField)
    return [field.box.itemData(at) for at in range(field.box.count())]


def test_every_setting_has_a_field_or_a_reason(window: SettingsWindow) -> None:
    assert set(window.fields) == set(SETTINGS) - NOT_IN_THE_WINDOW


def test_it_shows_what_holds(window: SettingsWindow) -> None:
    assert {name: field.value() for name, field in window.fields.items()} == {
        name: SETTINGS[name].default for name in window.fields
    }


@pytest.mark.parametrize("name", [name for name, info in SETTINGS.items() if info.kind == "choice"])
def test_every_choice_is_offered(window: SettingsWindow, name: str) -> None:
    assert set(choices(window, name)) == set(SETTINGS[name].choices)


def test_devices_and_models_are_offered(window: SettingsWindow) -> None:
    assert choices(window, "audio.agent_device") == ["default", "microphone:usb-headset", "microphone:webcam"]
    assert choices(window, "audio.customer_device") == ["default", "loopback:usb-headset.monitor"]
    assert choices(window, "recognition.model") == ["base", "small"]


def test_what_is_chosen_is_saved(qtbot: QtBot, window: SettingsWindow, settings: Settings, tmp_path: Path) -> None:
    choose(window, "audio.agent_device", "microphone:webcam")
    choose(window, "window.scale_percent", 150)
    choose(window, "keys.call", "Ctrl+Alt+K")
    choose(window, "softphone.port", "5555")
    with qtbot.waitSignal(window.saved):
        qtbot.mouseClick(window.save_button, Qt.MouseButton.LeftButton)
    assert not window.isVisible()
    assert json.loads((tmp_path / "settings.json").read_text()) == {
        "schema_version": 1,
        "audio": {"agent_device": "microphone:webcam"},
        "window": {"scale_percent": 150},
        "keys": {"call": "Ctrl+Alt+K"},
        "softphone": {"port": 5555},
    }


def test_cancel_keeps_what_held(qtbot: QtBot, window: SettingsWindow, settings: Settings, tmp_path: Path) -> None:
    choose(window, "window.theme", "dark")
    qtbot.mouseClick(window.cancel_button, Qt.MouseButton.LeftButton)
    assert settings.get("window.theme") == "system"
    window.show()
    assert window.fields["window.theme"].value() == "system"
    assert not (tmp_path / "settings.json").exists()


def test_a_device_that_is_away_stays_chosen(window: SettingsWindow, settings: Settings) -> None:
    settings.set("audio.agent_device", "microphone:lost")
    window.show_values()
    window.show_devices(DEVICES[1:])
    assert window.fields["audio.agent_device"].value() == "microphone:lost"


def test_locked_settings_are_disabled_with_the_reason(
    qtbot: QtBot, tmp_path: Path, state: DeskState, theme: Theme
) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"schema_version": 1, "audio": {"start_on_voice": true}, "recognition": {"model": "small"}}')
    window = make(Settings.load(tmp_path / "settings.json", policy), state, theme)
    qtbot.addWidget(window)
    window.show_values()
    locked = {name for name, field in window.fields.items() if not field.editor.isEnabled()}
    assert locked == {"audio.start_on_voice", "recognition.model"}
    field = window.fields["recognition.model"]
    assert field.value() == "small"
    said = [label.text() for label in field.findChildren(QLabel)]
    assert "Set by your administrator; ask them if it needs to change." in said


@pytest.mark.parametrize("action", DEFAULT_KEYS)
def test_every_key_is_checked(qtbot: QtBot, window: SettingsWindow, action: KeyAction) -> None:
    field = window.fields[f"keys.{action}"]
    assert isinstance(field, KeyField)
    field.keys.setKeySequence(QKeySequence("Shift+A"))
    with qtbot.assertNotEmitted(window.saved):
        qtbot.mouseClick(window.save_button, Qt.MouseButton.LeftButton)
    assert window.banners.sentences[0].startswith("This key combination does not work.")


@pytest.mark.parametrize("keys", ["Meta+A", "Ctrl+Alt+F13", "Shift+A", "A"])
def test_a_key_that_cannot_work_is_refused_with_a_sentence(
    qtbot: QtBot, window: SettingsWindow, settings: Settings, keys: str
) -> None:
    field = window.fields["keys.call"]
    assert isinstance(field, KeyField)
    field.keys.setKeySequence(QKeySequence(keys))
    with qtbot.assertNotEmitted(window.saved):
        qtbot.mouseClick(window.save_button, Qt.MouseButton.LeftButton)
    assert window.banners.sentences[0].startswith("This key combination does not work.")
    assert settings.get("keys.call") == "Ctrl+Alt+C"


def test_bad_input_is_said_and_nothing_saved(qtbot: QtBot, window: SettingsWindow, tmp_path: Path) -> None:
    choose(window, "softphone.host", "no such host!")
    with qtbot.assertNotEmitted(window.saved):
        qtbot.mouseClick(window.save_button, Qt.MouseButton.LeftButton)
    assert window.banners.sentences[0].startswith("A setting is not accepted.")
    assert window.isVisible()
    assert not (tmp_path / "settings.json").exists()


def test_a_port_takes_digits_alone(qtbot: QtBot, window: SettingsWindow) -> None:
    field = window.fields["softphone.port"]
    assert isinstance(field, TextField)
    field.line.clear()
    qtbot.keyClicks(field.line, "5x0y60999")
    assert field.value() == 50609


def test_tab_reaches_every_control(qtbot: QtBot, window: SettingsWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for page in range(window.pages.count()):
        window.pages.setCurrentRow(page)
        window.pages.setFocus()
        reached: set[QWidget] = set()
        while (focus := QApplication.focusWidget()) not in reached:
            assert focus is not None
            reached.add(focus)
            qtbot.keyClick(focus, Qt.Key.Key_Tab)
        editors = {field.editor for field in window.fields.values() if field.editor.isVisible()}
        reached_editors = {editor for editor in editors for one in reached if editor is one or editor.isAncestorOf(one)}
        assert reached_editors == editors
        assert {window.pages, window.save_button, window.cancel_button} <= reached
        assert all(isinstance(one.accessibleName() or one.objectName(), str) for one in reached)


def test_every_control_has_a_name_for_the_screen_reader(window: SettingsWindow) -> None:
    for name, field in window.fields.items():
        assert field.editor.accessibleName(), name
    for button in window.findChildren(QPushButton):
        assert button.text()


class TestDevices:
    def test_levels_are_metered_while_the_page_is_seen(
        self, qtbot: QtBot, settings: Settings, state: DeskState, theme: Theme
    ) -> None:
        window = make(settings, state, theme)
        qtbot.addWidget(window)
        asked: list[tuple[str, str]] = []
        window.meter_asked.connect(lambda agent, customer: asked.append((agent, customer)))
        window.show_devices(DEVICES)
        window.show()
        assert asked == [("default", "default")]
        window.devices.agent.box.setCurrentIndex(1)
        assert asked[-1] == ("microphone:usb-headset", "default")
        window.pages.setCurrentRow(1)
        assert asked[-1] == ("", "")
        window.pages.setCurrentRow(0)
        window.hide()
        assert asked[-1] == ("", "")

    def test_bars_follow_the_levels(self, window: SettingsWindow, state: DeskState) -> None:
        state.take(Levels(-30, -60))
        assert (window.devices.agent_bar.step > 0, window.devices.customer_bar.step) == (True, 0)

    def test_nothing_is_metered_in_a_call(
        self, qtbot: QtBot, settings: Settings, state: DeskState, theme: Theme
    ) -> None:
        state.take(CallOpened("a", 0, "button"))
        window = make(settings, state, theme)
        qtbot.addWidget(window)
        with qtbot.assertNotEmitted(window.meter_asked):
            window.show()
        assert not window.devices.test_button.isEnabled()
        assert window.devices.said == "The test waits until the call has ended."

    def test_the_test_of_both_sides_ends_in_a_sentence(
        self, qtbot: QtBot, window: SettingsWindow, state: DeskState
    ) -> None:
        qtbot.mouseClick(window.devices.test_button, Qt.MouseButton.LeftButton)
        assert window.devices.said.startswith("1 of 2")
        for _ in range(ENOUGH_HEARD):
            state.take(Levels(-80, -25))
        assert window.devices.said.startswith("2 of 2")
        for _ in range(ENOUGH_HEARD):
            state.take(Levels(-25, -80))
        assert window.devices.verdict == "swapped"
        assert window.devices.said.startswith("The two sides are swapped.")

    def test_devices_without_a_sound_end_the_test(self, qtbot: QtBot, window: SettingsWindow, state: DeskState) -> None:
        qtbot.mouseClick(window.devices.test_button, Qt.MouseButton.LeftButton)
        window.devices._patience.timeout.emit()
        assert window.devices.said.startswith("Nothing comes from these devices.")
        assert window.devices.test_button.text() == "Start the test"
