"""The bundled font is the one in use, and shows everything the window says and every common character."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from PySide6.QtGui import QFontInfo, QRawFont

from app.desk.theme import FONT_FILE, Theme
from assets import asset_bytes, asset_path

I18N = Path(__file__).parents[3] / "assets" / "i18n"


def gb2312() -> str:
    """All characters of GB 2312: rows 1 to 9 of signs, 16 to 87 of Chinese characters."""
    characters = []
    for row in (*range(1, 10), *range(16, 88)):
        for cell in range(1, 95):
            try:
                characters.append(bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return "".join(characters)


def ui_strings() -> str:
    texts = []
    for ts in sorted(I18N.glob("*.ts")):
        for message in ET.parse(ts).iter("message"):
            texts.append(message.findtext("source", ""))
            texts += [text for element in message.iter("translation") for text in element.itertext()]
    return "".join(texts)


@pytest.fixture(scope="module")
def raw_font(qapp) -> QRawFont:
    return QRawFont(asset_bytes(FONT_FILE), 16)


def test_gb2312_is_whole() -> None:
    assert len([one for one in gb2312() if "\u4e00" <= one <= "\u9fff"]) == 6763


@pytest.mark.parametrize("text", [gb2312, ui_strings], ids=["GB 2312", "window"])
def test_no_character_is_a_box(raw_font: QRawFont, text) -> None:
    wanted = set(text()) - set("\n")
    assert len(wanted) > 300
    missing = sorted(one for one in wanted if not raw_font.supportsCharacter(ord(one)))
    assert missing == []
    glyphs = raw_font.glyphIndexesForString("".join(sorted(one for one in wanted if ord(one) < 0x10000)))
    assert 0 not in glyphs


def test_the_bundled_font_is_the_one_in_use(theme: Theme) -> None:
    info = QFontInfo(theme.look.font())
    assert info.family() == "Tingban Sans"
    assert info.exactMatch()


def test_the_licence_travels_with_the_font() -> None:
    licence = asset_bytes("fonts/OFL.txt").decode()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    with asset_path(FONT_FILE) as path, TTFont(path) as font:
        assert "SIL Open Font License" in font["name"].getDebugName(13)
        assert "Source" not in font["name"].getDebugName(1)
