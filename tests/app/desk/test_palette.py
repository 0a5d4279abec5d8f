from __future__ import annotations

import pytest

from app.desk.palette import AA_GRAPHICS, AA_TEXT, DARK, GRAPHIC_PAIRS, LIGHT, TEXT_PAIRS, Palette, contrast

THEMES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_of_black_and_white_is_the_largest() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
    # A worked value of WCAG's own: #767676 is the lightest grey that passes on white.
    assert contrast("#767676", "#ffffff") >= AA_TEXT > contrast("#777777", "#ffffff")


@THEMES
@pytest.mark.parametrize(("front", "ground"), TEXT_PAIRS)
def test_text_is_legible(palette: Palette, front: str, ground: str) -> None:
    assert contrast(getattr(palette, front), getattr(palette, ground)) >= AA_TEXT


@THEMES
@pytest.mark.parametrize(("front", "ground"), GRAPHIC_PAIRS)
def test_marks_are_visible(palette: Palette, front: str, ground: str) -> None:
    assert contrast(getattr(palette, front), getattr(palette, ground)) >= AA_GRAPHICS
