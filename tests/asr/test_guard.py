"""Text that nobody said is not believed; text that somebody said is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.endpoint import VoiceEvidence
from asr.guard import GuardOptions, invented
from asr.speech_model import Decoded

LIMITS = GuardOptions(
    no_speech=0.6, logprob=-0.8, compression=2.4, chars_per_s=12.0, spare_chars=4, voice_peak=0.7, voice_mean=0.55
)
"""Set here, so that tuning the product's own changes no test."""

VOICE = VoiceEvidence(voiced_ms=2000, peak=0.99, mean=0.9)


def decoded(text: str = "", *, logprob: float = -0.3, no_speech: float = 0.1, compression: float = 1.0) -> Decoded:
    return Decoded(text, (1,), logprob, no_speech, compression, 2.0, "zh")


GHOSTS = [
    "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
    "字幕由Amara.org社群提供",
    "谢谢大家观看",
    "感谢您的收看。",
    "中文字幕。",
    "李宗盛",
    "作词：李宗盛",
    "优优独播剧场",
    "未完待续",
    "请订阅我的频道",
    "Thank you for watching.",
    "Thanks for watching!",
]


@pytest.mark.parametrize("text", GHOSTS)
def test_known_ghosts(text: str) -> None:
    assert invented(decoded(text), text, VOICE) == "ghost"


@pytest.mark.parametrize(
    "text",
    [
        "你好。",
        "谢谢您的来电。",
        "感谢您的耐心等待。",
        "我想取消订阅。",
        "这个电影没有中文字幕。",
        "我姓李，叫李宗盛吗？不是。",
        "My name is Tamara.",
        "Thank you so much for your help.",
        "嗯。",
        "对。",
        "一三八零零一三八零零零。",
    ],
)
def test_what_callers_say_is_believed(text: str) -> None:
    assert invented(decoded(text), text, VOICE) is None


@pytest.mark.parametrize(
    ("sign", "one", "text", "voice"),
    [
        ("empty", decoded(), "", VOICE),
        ("empty", decoded(), " ，。…", VOICE),
        ("voice", decoded(), "你好", VoiceEvidence(2000, 0.69, 0.65)),
        ("voice", decoded(), "你好", VoiceEvidence(2000, 0.9, 0.54)),
        ("no-speech", decoded(no_speech=0.7, logprob=-0.9), "你好啊你好啊", VOICE),
        ("no-speech", decoded(no_speech=0.5, logprob=-1.3), "你好啊你好啊", VOICE),
        ("no-speech", decoded(no_speech=0.5), "啊", VOICE),
        ("rate", decoded(), "好" * 29, VOICE),
        ("rate", decoded(), "好" * 6, VoiceEvidence(128, 0.9, 0.9)),
        ("rate", decoded(), "ah " * 19, VOICE),
        ("loop", decoded(compression=2.5), "好的", VOICE),
    ],
)
def test_signs(sign: str, one: Decoded, text: str, voice: VoiceEvidence) -> None:
    assert invented(one, text, voice, LIMITS) == sign


@pytest.mark.parametrize(
    ("one", "text", "voice"),
    [
        (decoded(no_speech=0.7, logprob=-0.7), "你好啊你好啊", VOICE),
        (decoded(no_speech=0.4, logprob=-1.5), "你好啊你好啊", VOICE),
        (decoded(no_speech=0.5, logprob=-1.2), "你好啊你好啊", VOICE),
        (decoded(no_speech=0.4), "啊", VOICE),
        (decoded(), "好" * 28, VOICE),
        (decoded(), "ah " * 18, VOICE),
        (decoded(), "Could you tell me the last four digits of the order number?", VOICE),
        (decoded(), "嗯嗯", VoiceEvidence(96, 0.9, 0.9)),
        (decoded(compression=2.4), "好的", VOICE),
        (decoded(), "你好", VoiceEvidence(2000, 0.7, 0.55)),
    ],
)
def test_on_the_safe_side_of_each_limit(one: Decoded, text: str, voice: VoiceEvidence) -> None:
    assert invented(one, text, voice, LIMITS) is None


def test_limits_can_be_set() -> None:
    assert invented(decoded("你好"), "你好", VOICE, GuardOptions(voice_peak=1.0)) == "voice"


@given(
    st.text(max_size=40),
    st.floats(-20, 0),
    st.floats(0, 1),
    st.floats(0, 50),
    st.builds(VoiceEvidence, st.integers(0, 20_000), st.floats(0, 1), st.floats(0, 1)),
)
def test_any_text_gets_a_verdict(
    text: str, logprob: float, no_speech: float, compression: float, voice: VoiceEvidence
) -> None:
    one = decoded(text, logprob=logprob, no_speech=no_speech, compression=compression)
    verdict = invented(one, text, voice)
    assert verdict in {None, "empty", "voice", "no-speech", "rate", "loop", "ghost"}
    if not any(char.isalnum() for char in text.replace("_", "")) and "_" not in text:
        assert verdict == "empty"
