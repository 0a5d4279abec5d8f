"""Text in the simplified script, by words and character by character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.zh.script import simplified, simplified_by_char


@pytest.mark.parametrize(
    ("traditional", "simple"),
    [
        ("我想退貨", "我想退货"),
        ("什麼時候到賬", "什么时候到账"),
        ("請您稍後", "请您稍后"),
        ("裡面", "里面"),
        ("聽著", "听着"),
        ("他走著說", "他走着说"),
        ("我著急", "我着急"),
        ("看著辦", "看着办"),
        ("沿著", "沿着"),
        ("著名的品牌", "著名的品牌"),
        ("著作權", "著作权"),
        ("顯著", "显著"),
        ("已经是简体", "已经是简体"),
        ("iPhone 15 Pro", "iPhone 15 Pro"),
        ("", ""),
    ],
)
def test_traditional_becomes_simplified(traditional: str, simple: str) -> None:
    assert simplified(traditional) == simple


def test_by_character_the_length_stays() -> None:
    assert simplified_by_char("請問您的電話號碼") == "请问您的电话号码"
    assert simplified_by_char("什么时候于家里发干") == "什么时候于家里发干"


@given(st.text(max_size=40))
def test_any_text_keeps_its_length(text: str) -> None:
    assert len(simplified_by_char(text)) == len(text)
