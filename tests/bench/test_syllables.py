import pytest

from bench.syllables import count, folded, runs, syllables


@pytest.mark.parametrize(
    ("pinyin", "heard"),
    [("zhang", "zan"), ("shi", "si"), ("chuang", "cuan"), ("ning", "nin"), ("ni", "ni"), ("ma", "ma"), ("neng", "nen")],
)
def test_what_the_recogniser_confuses_is_one(pinyin: str, heard: str) -> None:
    assert folded(pinyin) == heard


@pytest.mark.parametrize(
    ("words", "text", "times"),
    [
        ("草包", "每个人都是草包。", 1),
        ("草包", "每个人都是炒饱", 1),
        ("他妈的", "你他，妈 的！", 1),
        ("傻逼", "你个傻B，真是煞笔", 2),
        ("SB", "你就是个sb", 1),
        ("二百五", "你真是个250", 1),
        ("草包", "每个人都是草", 0),
        ("骗子", "片子都是骗子", 2),
        ("", "没有", 0),
    ],
)
def test_words_are_found_by_their_sound(words: str, text: str, times: int) -> None:
    assert count(syllables(words), syllables(text)) == times


def test_one_syllable_is_found_by_its_character() -> None:
    assert count(syllables("靠"), syllables("靠，考不上")) == 1
    assert count(syllables("滚"), syllables("棍子")) == 0


def test_runs_of_a_clause() -> None:
    words = syllables("我弄死你全家")
    assert ["".join(one.char for one in run) for run in runs(words, 4)] == ["我弄死你", "弄死你全", "死你全家"]
    assert runs(words[:3], 4) == [words[:3]]
