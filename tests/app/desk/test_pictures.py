"""Pictures of every window in both languages and themes, for people to look at; and no text in them is cut off.

They go to `docs/img` when `TINGBAN_UPDATE_IMAGES=1`, else to a temporary folder.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.desk.desk_state import DeskState
from app.desk.language import Translation
from app.desk.panel import Panel
from app.desk.settings_window import ModelChoice, SettingsWindow
from app.desk.theme import Theme
from app.desk.transcript_model import TranscriptModel
from core.messages import CallOpened, EngineState, Fault, LegsOpened, Levels, ProcessState
from core.settings import Settings
from core.types import CaptionItem, DeviceInfo, Gap, Leg, MaskedHypothesis, MaskedUtterance

DOCS = Path(__file__).parents[3] / "docs" / "img"

DEVICES = {
    "zh_CN": (
        DeviceInfo("headset", "USB 耳机 麦克风", "microphone", default=True),
        DeviceInfo("headset.monitor", "USB 耳机 立体声输出", "loopback", default=True),
    ),
    "en": (
        DeviceInfo("headset", "USB Headset Microphone", "microphone", default=True),
        DeviceInfo("headset.monitor", "USB Headset Stereo Output", "loopback", default=True),
    ),
}

TALK: tuple[tuple[Leg, int, str], ...] = (
    ("agent", 2, "您好，这里是客服中心，请问有什么可以帮您？"),
    ("customer", 7, "你好，我上周买的那副耳机，左边那只一直没有声音。"),
    ("customer", 13, "我已经重新配对过三次了，还是不行。"),
    ("agent", 17, "非常抱歉给您带来不便。请问您的订单号是多少？"),
    ("customer", 31, "稍等，我找一下……"),
    ("agent", 34, "好的，不着急。"),
)

every_look = pytest.mark.parametrize(
    ("language", "theme_name"), [(language, name) for language in ("zh_CN", "en") for name in ("light", "dark")]
)


@dataclass
class Scene:
    """A panel in one look, and where its pictures go."""

    panel: Panel
    state: DeskState
    transcript: TranscriptModel
    theme: Theme
    look: str
    folder: Path

    def begin_call(self) -> None:
        now_ms = time.time_ns() // 1_000_000
        self.state.take(CallOpened("a", now_ms - 39_000, "button"))
        self.state.take(LegsOpened("a", "Headset", "Headset Output", now_ms))
        self.state.take(EngineState("listening", "base", "cpu", "int8", delay_ms=600, threads=2))
        self.state.take(Levels(-38, -24))

    def talk(self) -> None:
        items: list[CaptionItem] = [
            MaskedUtterance(f"u{at}", leg, at * 1000, at * 1000 + 900, text) for leg, at, text in TALK
        ]
        items.insert(4, Gap("agent", 21_000, 30_000, "paused"))
        items.append(MaskedHypothesis("customer", 37_000, 39_000, "找到了，订单号是二零二六"))
        for item in items:
            self.transcript.add(item)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return DOCS if os.environ.get("TINGBAN_UPDATE_IMAGES") == "1" else tmp_path


@pytest.fixture
def scene(
    qtbot: QtBot,
    panel: Panel,
    state: DeskState,
    transcript: TranscriptModel,
    theme: Theme,
    translation: Translation,
    folder: Path,
    language: str,
    theme_name: str,
) -> Scene:
    translation.choose(language)
    theme.choose(theme_name, 100)
    panel.retranslate()
    panel.present()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: panel.customer_only.text() == ("只看客户" if language == "zh_CN" else "Customer only"))
    return Scene(panel, state, transcript, theme, f"{language}-{theme_name}", folder)


def cut_off(window: QWidget) -> list[str]:
    """Visible labels and buttons that are smaller than their text needs, or reach beyond their window."""
    found = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, QLabel | QAbstractButton) or not widget.isVisible() or not widget.text():
            continue
        wraps = isinstance(widget, QLabel) and widget.wordWrap()
        needed = QSize(1, widget.heightForWidth(widget.width())) if wraps else widget.minimumSizeHint()
        if widget.width() < needed.width() or widget.height() < needed.height():
            found.append(f"{widget.text()}: {widget.size()} < {needed}")
    return found


def take(qtbot: QtBot, window: QWidget, file: Path) -> Image.Image:
    # Layouts that text or banners have made stale come right with the next turns of the event loop.
    QApplication.processEvents()
    qtbot.waitUntil(lambda: cut_off(window) == [])
    window.grab().save(str(file))
    return Image.open(file)


def is_drawn(image: Image.Image) -> bool:
    """Whether there is more in a picture than an empty ground: at least so many colours."""
    return len(image.convert("RGB").getcolors(1 << 24)) > 30


@every_look
def test_panel_idle(qtbot: QtBot, scene: Scene) -> None:
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-idle-{scene.look}.png"))


@every_look
def test_panel_in_a_call(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call()
    scene.talk()
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-call-{scene.look}.png"))


@every_look
def test_panel_with_faults(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call()
    scene.talk()
    scene.panel.banners.show_fault(Fault("recorder", "device"))
    scene.panel.banners.show_process(ProcessState("recogniser", "failed", 5))
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-fault-{scene.look}.png"))


@every_look
def test_strip(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call()
    scene.panel.fold(True)
    qtbot.waitUntil(lambda: scene.panel.width() == 56)
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"strip-{scene.look}.png"))


@every_look
def test_panel_at_twice_the_size(qtbot: QtBot, scene: Scene, tmp_path: Path) -> None:
    """Looked at by the test alone: everything stays in the panel at 200 %."""
    scene.begin_call()
    scene.talk()
    scene.theme.choose("dark" if scene.theme.look.palette.dark else "light", 200)
    qtbot.waitUntil(lambda: scene.panel.width() == 546)
    scene.panel.banners.show_fault(Fault("recorder", "device"))
    assert is_drawn(take(qtbot, scene.panel, tmp_path / f"panel-200-{scene.look}.png"))


@every_look
def test_settings(
    qtbot: QtBot,
    settings: Settings,
    state: DeskState,
    theme: Theme,
    translation: Translation,
    folder: Path,
    language: str,
    theme_name: str,
) -> None:
    translation.choose(language)
    theme.choose(theme_name, 100)
    window = SettingsWindow(settings, lambda: [ModelChoice("base", "145 MB")], state, theme)
    qtbot.addWidget(window)
    window.show_devices(DEVICES[language])
    window.show()
    qtbot.waitExposed(window)
    window.fields["audio.agent_device"].show_value("microphone:headset")
    window.fields["audio.customer_device"].show_value("loopback:headset.monitor")
    state.take(Levels(-30, -22))
    for page, name in enumerate(("devices", "calls", "recognition", "window")):
        window.pages.setCurrentRow(page)
        assert is_drawn(take(qtbot, window, folder / f"settings-{name}-{language}-{theme_name}.png"))
    window.hide()
