"""From what the decoder writes to what a person reads."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.speech_model import Decoded, TimedToken
from asr.text import Written, readable_final, readable_partial
from core.zh.script import simplified

PIECE_S = 0.25


def decoded(*pieces: str, language: str = "zh", timed: bool = True) -> Decoded:
    """What the decoder made of a clip, each piece a quarter of a second long."""
    tokens = tuple(TimedToken(piece, place * PIECE_S, (place + 1) * PIECE_S, 0.9) for place, piece in enumerate(pieces))
    return Decoded(
        text="".join(pieces).strip(),
        tokens=tuple(range(len(pieces))),
        avg_logprob=-0.2,
        no_speech=0.1,
        compression=1.0,
        seconds=len(pieces) * PIECE_S,
        language=language,
        timed=tokens if timed else (),
    )


def final(*pieces: str, language: str = "zh") -> str:
    return readable_final(decoded(*pieces, language=language), 0).text


def joined(written: Written) -> str:
    return "".join(word.text for word in written.words)


def unspaced(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("你好,请问有什么可以帮您", "你好，请问有什么可以帮您？"),
        ("你好 我想退货", "你好，我想退货。"),
        ("好的.", "好的。"),
        ("好的...", "好的。"),
        ("好的。。", "好的。"),
        ("真的吗?", "真的吗？"),
        ("太贵了!", "太贵了！"),
        ("，你好", "你好。"),
        ("你好,", "你好。"),
        ("你好，，谢谢", "你好，谢谢。"),
        ("电话:一三八", "电话：一三八。"),
        ("一共3.5元", "一共3.5元。"),
        ("下午10:30开始", "下午10:30开始。"),
        ("我的iPhone 15 Pro坏了", "我的iPhone 15 Pro坏了。"),
        ("你好 Hello world", "你好 Hello world。"),
        ("(音乐)你好", "你好。"),
        ("♪你好", "你好。"),
        ("♪ 你好 ♪", ""),
        ("[掌声]", ""),
        ("。", ""),
        ("", ""),
        ("13800138000", "13800138000。"),
        ("OK", "OK."),
    ],
)
def test_punctuation_of_finals(heard: str, read: str) -> None:
    assert final(heard) == read
    # The same where the decoder gave no times.
    assert readable_final(decoded(heard, timed=False), 0).text == read


@pytest.mark.parametrize(
    "question",
    [
        "在吗",
        "你呢",
        "为什么",
        "什么时候到账",
        "多少钱",
        "现在几点",
        "多久能到",
        "哪里可以办理",
        "谁负责",
        "对不对",
        "你能不能帮我",
        "能不能退",
        "有没有优惠",
        "你好，是不是坏了",
        "请问您需要办理什么业务",
    ],
)
def test_questions(question: str) -> None:
    assert final(question) == f"{question}？"


@pytest.mark.parametrize(
    "statement",
    [
        "没什么",
        "我不知道是什么",
        "我不知道能不能退",
        "随便什么都行",
        "我没有什么问题",
        "我帮您看一下是什么问题",
        "我帮您查一下有没有优惠",
        "为什么不能退你们没说清楚我很生气",
        "你问我为什么，我要投诉",
    ],
)
def test_statements(statement: str) -> None:
    assert final(statement) == f"{statement}。"


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("Hello, how are you?", "Hello, how are you?"),
        ("Thank you", "Thank you."),
        ("Thank you,", "Thank you."),
        ("Wait!", "Wait!"),
    ],
)
def test_english_keeps_its_own_marks(heard: str, read: str) -> None:
    assert final(heard, language="en") == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("我想退貨。", "我想退货"),
        ("你好 我想", "你好，我想"),
        ("在吗?", "在吗"),
        ("(音乐)", ""),
        ("Hello.", "Hello"),
        ("", ""),
    ],
)
def test_a_partial_has_no_closing_mark(heard: str, read: str) -> None:
    assert readable_partial(heard) == read


# --- words ----------------------------------------------------------------------------------------------------------
def test_words_have_their_marks_and_times() -> None:
    written = readable_final(decoded("你好", " 我想", "退貨"), 1000)
    assert [(word.text, word.start_ms, word.end_ms) for word in written.words] == [
        ("你好，", 1000, 1250),
        ("我想", 1250, 1500),
        ("退货。", 1500, 1750),
    ]
    assert {word.probability for word in written.words} == {0.9}


def test_parts_of_a_latin_word_are_one_word() -> None:
    written = readable_final(decoded("我", "的", " i", "Pho", "ne", " 15", "坏", "了"), 0)
    assert [word.text for word in written.words] == ["我", "的", "iPhone", "15", "坏", "了。"]
    assert (written.words[2].start_ms, written.words[2].end_ms) == (500, 1250)


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["10:30", "开始"], ["10:30", "开始。"]),
        (["3.5"], ["3.5。"]),
        (["一共", "3.5", "元"], ["一共", "3.5", "元。"]),
        (["U.S.A"], ["U.S.A."]),
        (["我 要", "退货"], ["我，要退货。"]),
        (["我 要"], ["我，要。"]),
        (["(音乐)", "你好"], ["你好。"]),
        (["(音乐)"], []),
        (["。", "好"], ["好。"]),
    ],
)
def test_a_piece_that_was_rewritten_is_not_lost(pieces: list[str], words: list[str]) -> None:
    assert [word.text for word in readable_final(decoded(*pieces), 0).words] == words


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["你好", "我", "想", "退貨", "著", "的", "吗", " ok", "iPhone", " 15", "3.5", "10:30", "(音乐)", "♪"]
        ),
        st.text(alphabet="我的著貨 ab1,.?!:，。？()♪-%", min_size=1, max_size=5),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(pieces=PIECES, language=st.sampled_from(["zh", "en"]), start_ms=st.integers(0, 10**7), data=st.data())
def test_words_joined_are_the_text_and_follow_one_another(
    pieces: list[str], language: str, start_ms: int, data: st.DataObject
) -> None:
    clip = decoded(*pieces, language=language)
    begins = data.draw(st.lists(st.floats(0, max(clip.seconds, 0.1)), max_size=3))
    written = readable_final(clip, start_ms, [(begin, begin + 0.3) for begin in sorted(begins)])
    assert unspaced(joined(written)) == unspaced(written.text)
    assert all(word.text for word in written.words)
    times = [time for word in written.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert all(start_ms <= time <= start_ms + clip.seconds * 1000 + 1 for time in times)
    assert simplified(written.text) == written.text


@settings(deadline=None)
@given(st.text(max_size=30), st.sampled_from(["zh", "en", "yue"]))
def test_any_text_of_unicode_is_taken(text: str, language: str) -> None:
    for timed in (True, False):
        written = readable_final(decoded(text, language=language, timed=timed), 0)
        assert not timed or unspaced(joined(written)) == unspaced(written.text)
    assert not readable_partial(text).endswith(("。", "，", ".", ","))


# --- commas at pauses -----------------------------------------------------------------------------------------------
def with_pause(at_s: float, *pieces: str) -> str:
    return readable_final(decoded(*pieces), 0, [(at_s, at_s + 0.4)]).text


def test_a_comma_stands_where_the_speaker_paused() -> None:
    assert with_pause(0.5, "我想", "退货", "因为", "坏了") == "我想退货，因为坏了。"
    # Alignment is good to about 0.2 s.
    assert with_pause(0.6, "我想", "退货", "因为", "坏了") == "我想退货，因为坏了。"


@pytest.mark.parametrize(
    ("at_s", "pieces"),
    [
        (0.5, ("我想", "退货，", "因为", "坏了")),
        (0.5, ("我想", "退货", " 因为", "坏了")),
        (0.5, ("我想", "退货", "？", "坏了")),
        (0.25, ("退货", "iPhone")),
        (0.25, ("iPhone", "退货")),
        (2.0, ("我想", "退货")),
        (0.0, ("退货",)),
        (0.0, ()),
    ],
)
def test_no_comma_by_a_mark_by_latin_or_far_from_a_boundary(at_s: float, pieces: tuple[str, ...]) -> None:
    assert with_pause(at_s, *pieces) == final(*pieces)
