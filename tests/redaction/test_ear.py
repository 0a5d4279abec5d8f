"""What is read as sounds: characters that stand alone or are doubted, and rules that take them for others."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from redaction.ear import either, heard, unsure
from redaction.insults import InsultFinder
from redaction.line import read

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def finder() -> InsultFinder:
    return InsultFinder()


@pytest.mark.parametrize(
    ("heard", "hides"),
    [
        ("我把你舌头隔下来", "我把你舌头隔下来"),
        ("你这个欠奏的", "欠奏"),
        ("我到柜台善你", "我到柜台善你"),
        ("隔壁装修太吵了", ""),
        ("病人存活率有多少", ""),
        ("我善意提醒你", ""),
        ("今天奏国歌", ""),
    ],
)
def test_what_is_written_as_it_sounds_is_found(finder: InsultFinder, heard: str, hides: str) -> None:
    assert "".join(heard[one.start : one.end] for one in finder.find(heard)) == hides


def test_what_the_recogniser_doubts_is_found_by_ear(finder: InsultFinder) -> None:
    heard = "你说我同了你怎么样"  # 捅了你
    assert finder.find(heard) == []
    assert finder.find(heard, {3})
    assert finder.find("我们同了你的意见", set()) == []


def test_characters_of_everyday_speech_are_never_unsure_by_standing_alone() -> None:
    """The list holds all that stand alone three times and more in our own ordinary sentences."""
    lines = (ROOT / "models" / "turn_end" / "data.txt").read_text("utf-8").splitlines()
    for name in ("sample_call", "service_call", "utterances_dev", "short_answers"):
        lines += (ROOT / "bench" / "speech" / f"{name}.tsv").read_text("utf-8").splitlines()[1:]
    counts: Counter[str] = Counter()
    for text in lines:
        line = read(text.split("\t")[-1].replace("|", ""))
        counts.update(line.chars[place] for place in unsure(line))
    assert {char: count for char, count in counts.items() if count >= 3} == {}


def test_what_is_doubted_is_unsure_but_for_what_is_never_misheard() -> None:
    line = read("我同了你")
    assert unsure(line) == frozenset()
    assert unsure(line, range(4)) == {1}


def test_a_character_or_its_sound() -> None:
    by_ear = re.compile(either("把[你他]头割[^了]$"))
    assert by_ear.fullmatch("把你头割下")
    assert by_ear.fullmatch(heard("把你头隔下", {3}))
    assert not by_ear.fullmatch("把你头隔下")
    assert not by_ear.fullmatch(heard("把你头隔了", {3}))
