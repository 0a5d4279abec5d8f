"""Every string is translated, the compiled files are those of the sources, and the language changes at run time."""

from __future__ import annotations

import importlib.util
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from app.desk.desk_state import phase_text
from app.desk.language import LANGUAGES, Translation, resolve
from app.desk.panel import Panel
from app.desk.transcript_view import TranscriptView

I18N = Path(__file__).parents[3] / "assets" / "i18n"


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update_translations", I18N / "update.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def updated(recipe: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the recipe makes of the code as it is now, beginning with the committed translations."""
    folder = tmp_path_factory.mktemp("i18n")
    for ts in I18N.glob("*.ts"):
        shutil.copy(ts, folder)
    recipe.update(folder)
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_untranslated(recipe: ModuleType, updated: Path, language: str) -> None:
    assert recipe.unfinished(updated / f"tingban_{language}.ts") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sources_and_compiled_files_are_fresh(updated: Path, language: str) -> None:
    name = f"tingban_{language}"
    assert (updated / f"{name}.ts").read_text("utf-8") == (I18N / f"{name}.ts").read_text("utf-8")
    assert (updated / f"{name}.qm").read_bytes() == (I18N / f"{name}.qm").read_bytes()


def test_an_untranslated_string_would_be_found(recipe: ModuleType, tmp_path: Path) -> None:
    text = (I18N / "tingban_zh_CN.ts").read_text("utf-8")
    ts = tmp_path / "tingban_zh_CN.ts"
    ts.write_text(text.replace("<translation>只看客户</translation>", '<translation type="unfinished"/>'), "utf-8")
    assert recipe.unfinished(ts) == ["Customer only"]


def test_a_chinese_desktop_is_shown_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    for system, language in (("zh_CN", "zh_CN"), ("zh_HK", "zh_CN"), ("en_GB", "en"), ("de_DE", "en")):
        monkeypatch.setattr(QLocale, "system", lambda system=system: QLocale(system))
        assert resolve("system") == language
    assert resolve("en") == "en"


def test_the_language_changes_while_the_window_runs(qtbot: QtBot, panel: Panel, translation: Translation) -> None:
    translation.choose("en")
    panel.present()
    assert panel.customer_only.text() == "Customer only"
    translation.choose("zh_CN")
    qtbot.waitUntil(lambda: panel.mask_notice.accessibleName().startswith("遮罩未启用"))
    assert panel.call_button.accessibleName() == "开始通话"
    assert panel.customer_only.text() == "只看客户"
    assert phase_text("recording") == "录音中"
    translation.choose("en")
    qtbot.waitUntil(lambda: panel.customer_only.text() == "Customer only")


def test_placeholders_survive_translation() -> None:
    for message in ET.parse(I18N / "tingban_zh_CN.ts").iter("message"):
        source = message.findtext("source", "")
        for text in message.find("translation").itertext():
            if text.strip():
                assert sorted(re.findall(r"{\w+}|%n", text)) == sorted(re.findall(r"{\w+}|%n", source))


def test_plural_forms(qapp, translation: Translation) -> None:
    translation.choose("zh_CN")
    assert TranscriptView.tr("%n new", "rows that came while reading further up", 3) == "3 条新"
    translation.choose("en")
    assert TranscriptView.tr("%n new", "rows that came while reading further up", 3) == "3 new"
