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

from app.desk.banner import NoticeArea
from app.desk.desk_state import DeskState
from app.desk.language import Translation
from app.desk.panel import Panel
from app.desk.settings_window import ModelChoice, SettingsWindow
from app.desk.theme import Theme
from app.desk.transcript_model import TranscriptModel
from core.messages import (
    CallOpened,
    EngineState,
    Fault,
    LegsOpened,
    Levels,
    NoticeHeard,
    NoticeSet,
    NumberReadBack,
    PauseCapture,
    ProcessState,
)
from core.settings import Settings
from core.types import CaptionItem, DeviceInfo, Gap, Leg, MaskedHypothesis, MaskedUtterance, NoticeState
from tests.app.desk.captions import Hidden, final, partial

SCREEN_HEIGHT_PX = 768
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

HIDDEN = (
    final(
        "c1",
        "customer",
        2000,
        "我的手机号是",
        Hidden("pii.mobile", "····8000", "right"),
        "，座机",
        Hidden("pii.landline", "····21"),
        "，车牌",
        Hidden("pii.plate"),
        "。",
    ),
    final(
        "c2",
        "customer",
        9000,
        "身份证",
        Hidden("pii.id_card", "····4X", "right"),
        "，卡号是",
        Hidden("pii.bank_card", "····0366", "wrong", sure=False),
        "，单号前半是",
        Hidden("pii.order_no", "…"),
    ),
    final(
        "a1",
        "agent",
        16_000,
        "请核对收件人",
        Hidden("pii.name"),
        "、",
        Hidden("pii.address"),
        "和",
        Hidden("pii.email"),
        "。",
    ),
    final("c3", "customer", 21_000, "验证码", Hidden("pii.code"), "，另一个", Hidden("pii.number", sure=False), "。"),
    final(
        "c4",
        "customer",
        27_000,
        "你们",
        Hidden("abuse.personal"),
        "，再不退款我就",
        Hidden("abuse.threat"),
        "，",
        Hidden("abuse.curse"),
        "！",
    ),
    final("c5", "customer", 33_000, Hidden("abuse.harassment"), "，", Hidden("abuse.discrimination"), "，我要投诉。"),
    partial("customer", 38_000, "我的卡号是", Hidden("pii.bank_card"), "，退款", Hidden("abuse.threat")),
)
"""Every kind; unsure, wrong check digit, told in two utterances, still being spoken."""

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

    def begin_call(self, notice: NoticeState = "heard") -> None:
        now_ms = time.time_ns() // 1_000_000
        self.state.take(CallOpened("a", now_ms - 39_000, "button"))
        self.state.take(LegsOpened("a", "Headset", "Headset Output", now_ms))
        self.state.take(NoticeSet("a", notice, now_ms))
        self.state.take(EngineState("listening", "base", "cpu", "int8", delay_ms=600, threads=2))
        self.state.take(Levels(-38, -24))

    def talk(self) -> None:
        items: list[CaptionItem] = [
            MaskedUtterance(f"u{at}", leg, at * 1000, at * 1000 + 900, text, masked_by="rules")
            for leg, at, text in TALK
        ]
        items[4:4] = [Gap("agent", 21_000, 30_000, "paused"), Gap("customer", 21_100, 30_040, "paused")]
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

    def whole() -> None:
        assert cut_off(window) == []

    qtbot.waitUntil(whole)
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
def test_panel_with_chips(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call()
    for item in HIDDEN:
        scene.transcript.add(item)
    view = scene.panel.view
    view.row_actions.mark_by_key()
    view.row_actions.mark(scene.transcript.row_at(4), HIDDEN[4].spans[1])
    view.setCurrentIndex(view.model().index(2, 0))
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-chips-{scene.look}.png"))


@every_look
def test_panel_with_a_pause_and_no_notice(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call(notice="unknown")
    scene.talk()
    scene.state.take(PauseCapture("a", True))
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-pause-{scene.look}.png"))


@every_look
def test_panel_when_the_customer_refuses(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call()
    scene.transcript.add(final("u1", "agent", 2000, "您好，本次通话会录音，请问有什么可以帮您？"))
    scene.transcript.add(final("u2", "customer", 7000, "不要录音，我不同意。"))
    scene.state.take(NoticeHeard("a", "refusal"))
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-refusal-asked-{scene.look}.png"))
    scene.panel.notice_row.refused_button.click()
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-refusal-confirm-{scene.look}.png"))
    scene.state.take(NoticeSet("a", "refused", 0))
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-refused-{scene.look}.png"))


@every_look
def test_panel_with_a_number_to_read_back(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call()
    scene.talk()
    scene.panel.show_number(NumberReadBack("a", "pii.bank_card", "6222 0212 3456 7890 128", "right"))
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-read-back-{scene.look}.png"))
    scene.panel.show_number(NumberReadBack("a", "pii.mobile", "138 0013 80", "none", sure=False))
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-read-back-unsure-{scene.look}.png"))
    scene.panel.read_back.dismiss()


@every_look
def test_panel_with_faults(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call()
    scene.talk()
    scene.panel.banners.show_fault(Fault("recorder", "device"))
    scene.panel.banners.show_process(ProcessState("recogniser", "failed", 5))
    assert is_drawn(take(qtbot, scene.panel, scene.folder / f"panel-fault-{scene.look}.png"))


@every_look
def test_a_notice_is_shown_whole(qtbot: QtBot, scene: Scene, tmp_path: Path) -> None:
    """One whose last line does not fit beside a scroll bar, which must not come for its own sake."""
    scene.begin_call()
    scene.panel.banners.show_fault(Fault("recogniser", "no-supervisors"))
    area = scene.panel.findChild(NoticeArea)
    assert area is not None
    qtbot.waitUntil(lambda: area.height() >= area.widget().height() and not area.verticalScrollBar().isVisible())
    assert is_drawn(take(qtbot, scene.panel, tmp_path / f"panel-notice-{scene.look}.png"))


@every_look
def test_strip(qtbot: QtBot, scene: Scene) -> None:
    scene.begin_call(notice="unknown")
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
def test_what_is_new_in_a_call_at_twice_the_size(qtbot: QtBot, scene: Scene, tmp_path: Path) -> None:
    """Likewise: a question, its confirmation, a number, and chips as wide as a line."""
    scene.begin_call()
    for item in HIDDEN:
        scene.transcript.add(item)
    scene.theme.choose("dark" if scene.theme.look.palette.dark else "light", 200)
    qtbot.waitUntil(lambda: scene.panel.width() == 546)
    assert is_drawn(take(qtbot, scene.panel, tmp_path / f"chips-200-{scene.look}.png"))
    scene.state.take(NoticeHeard("a", "refusal"))
    assert is_drawn(take(qtbot, scene.panel, tmp_path / f"asked-200-{scene.look}.png"))
    assert scene.panel.height() == SCREEN_HEIGHT_PX
    scene.panel.notice_row.refused_button.click()
    scene.panel.show_number(NumberReadBack("a", "pii.bank_card", "6222 0212 3456 7890 128", "wrong", sure=False))
    assert is_drawn(take(qtbot, scene.panel, tmp_path / f"number-200-{scene.look}.png"))
    assert scene.panel.height() == SCREEN_HEIGHT_PX
    scene.panel.read_back.dismiss()


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
