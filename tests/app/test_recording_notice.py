"""Talk about the recording: the agent's notice and the customer's refusal are heard, other talk is not."""

from __future__ import annotations

import pytest

from app.recording_notice import spoken_of
from core.types import Leg


@pytest.mark.parametrize(
    ("leg", "text", "heard"),
    [
        ("agent", "您好，为了保证服务质量，本次通话将会被录音。", "notice"),
        ("agent", "温馨提示您,我们的通话全程录音", "notice"),
        ("agent", "为了更好地为您服务，此次通话可能会录音，请您知悉。", "notice"),
        ("agent", "This call may be recorded for quality.", "notice"),
        ("agent", "我帮您查一下录音笔的订单。", None),
        ("agent", "您说的那个通话记录我看到了。", None),
        ("customer", "我不同意录音。", "refusal"),
        ("customer", "你们别录音啊", "refusal"),
        ("customer", "我不希望被录音，可以吗？", "refusal"),
        ("customer", "把录音关掉", "refusal"),
        ("customer", "I don't want this to be recorded.", "refusal"),
        ("customer", "我买的录音笔坏了。", None),
        ("customer", "你们不是有录音吗？去听一下。", None),
        ("customer", "这个录音功能不能用。", None),
        ("customer", "本次通话将会被录音。", None),
        ("agent", "如果您不同意录音，请告诉我。", None),
    ],
)
def test_what_is_heard(leg: Leg, text: str, heard: str | None) -> None:
    assert spoken_of(leg, text) == heard
