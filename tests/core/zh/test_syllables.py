"""Syllables: readings, folds, offsets, and the index that finds entries by ear."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.zh.syllables import LETTER_NAMES, SyllableIndex, fold, plain, syllables


@pytest.mark.parametrize(
    ("syllable", "folded"),
    [
        ("zhang", "zan"),
        ("zan", "zan"),
        ("chuang", "cuan"),
        ("shi", "si"),
        ("leng", "len"),
        ("xing", "xin"),
        ("xiang", "xian"),
        ("zhong", "zong"),
        ("an", "an"),
        ("fu", "fu"),
        ("ni", "ni"),
    ],
)
def test_usual_folds(syllable: str, folded: str) -> None:
    assert fold(syllable) == folded


@settings(deadline=None)  # the first look-up loads the table
@given(st.characters())
def test_a_reading_is_folded_and_folding_twice_is_folding_once(char: str) -> None:
    assert all(fold(one) == one for one in syllables(char))


@pytest.mark.parametrize(
    ("char", "some"),
    [
        ("傻", {"sa"}),
        ("行", {"xin", "han"}),
        ("长", {"can", "zan"}),
        ("女", {"nv"}),
        ("绿", {"lv"}),
    ],
)
def test_all_readings_of_a_character(char: str, some: set[str]) -> None:
    assert some <= set(syllables(char))


def test_the_usual_reading_comes_first() -> None:
    assert syllables("的")[0] == "de"
    assert syllables("他")[0] == "ta"


def test_what_has_no_reading_is_silent() -> None:
    assert syllables("，") == ()
    assert syllables("😀") == ()
    assert syllables("\u200b") == ()


def test_letters_sound_by_their_names() -> None:
    assert syllables("b") == syllables("逼")
    assert set(LETTER_NAMES) == set("abcdefghijklmnopqrstuvwxyz0123456789")


@given(st.characters())
def test_a_plain_character_is_one_and_stays_so(char: str) -> None:
    assert len(plain(char)) == 1
    assert plain("Ｂ") == "b"


def _index(*entries: str) -> SyllableIndex[str]:
    index: SyllableIndex[str] = SyllableIndex()
    for entry in entries:
        index.add([syllables(char)[:1] for char in entry], entry)
    return index


def _found(index: SyllableIndex[str], text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.value) for one in index.matches([syllables(char) for char in text])]


def test_entries_are_found_by_ear() -> None:
    index = _index("春天", "长城")
    assert _found(index, "到了村添再说") == [("村添", "春天")]
    assert _found(index, "场乘客") == []
    index.add([syllables("城"), syllables("长")], "城长")
    assert _found(index, "层藏") == [("层藏", "城长")]


def test_entries_inside_entries_are_all_found() -> None:
    assert _found(_index("ab", "abc", "b"), "xabc") == [("ab", "ab"), ("abc", "abc"), ("b", "b")]


def test_a_polyphone_counts_in_any_reading() -> None:
    index = _index("重庆")
    assert not index.matches([syllables("重")])
    index.add([["cong"], ["qin"]], "chong")
    assert ("重庆", "chong") in _found(index, "在重庆")


def test_silence_ends_a_walk() -> None:
    assert not _index("银行").matches([syllables("银"), (), syllables("行")])


def test_open_tails() -> None:
    index = _index("abcd", "cd")
    read = [syllables(char) for char in "xabc"]
    assert index.open_at_end(read) == [1, 3]
    assert index.open_at_end([*read, syllables("d")]) == []


def test_an_entry_needs_sounds() -> None:
    with pytest.raises(ValueError, match="empty"):
        _index("")
    with pytest.raises(ValueError, match="no reading"):
        _index("，")


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=6), st.text("abc", max_size=30))
def test_the_index_finds_what_a_naive_search_finds(entries: list[str], text: str) -> None:
    naive = {
        (start, start + len(entry), entry)
        for entry in entries
        for start in range(len(text))
        if text.startswith(entry, start)
    }
    found = _index(*dict.fromkeys(entries)).matches([syllables(char) for char in text])
    assert set(found) == naive
    assert len(found) == len(naive)


class _Counted(dict):
    """Readings that count how often they are asked for."""

    asked = 0

    def __getitem__(self, key: int) -> tuple[str, ...]:
        type(self).asked += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("text", ["a" * 10_000, "行长重" * 3334])
def test_work_grows_with_the_length_alone(text: str) -> None:
    index = _index("aaaaab", "行长重行")
    counts = []
    for length in (len(text) // 4, len(text)):
        _Counted.asked = 0
        index.matches(_Counted(enumerate(syllables(char) for char in text[:length])))
        counts.append(_Counted.asked)
    assert counts[1] <= 4.1 * counts[0]
