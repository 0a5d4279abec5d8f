"""What numbers are called, put right by ear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction.personal.terms import with_terms_heard


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("严正马已经发到您手机上了", "验证码已经发到您手机上了"),
        ("请说六位验证吗", "请说六位验证码"),
        ("请报一下手机好", "请报一下手机号"),
        ("需要验证吗", "需要验证吗"),
        ("我的验证码是一二三四", "我的验证码是一二三四"),
        ("看一下N1524438", "看一下嗯1524438"),
        ("单号SN1524438", "单号SN1524438"),
        ("", ""),
    ],
)
def test_terms_are_put_right(heard: str, meant: str) -> None:
    assert with_terms_heard(heard) == meant


@given(st.text(max_size=40))
def test_offsets_stay(text: str) -> None:
    assert len(with_terms_heard(text)) == len(text)
