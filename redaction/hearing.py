"""Hearing: entries of the word lists found in a line by ear, and what of it may still grow into one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from core.zh.syllables import SyllableIndex, plain, syllables
from redaction.ear import CLEAR
from redaction.entries import Entry, entries, spelt_out, word_classes
from redaction.guards import has_cue
from redaction.line import PAUSE, Line, keys

NEVER = (("respell",),)
"""The cues of words that are not abuse by themselves: they are only put right where they were misheard."""

_LONG_CHARS = 4
"""An entry so long is not met by chance: it may be cut out of words, and one of its characters may spell a word."""

_COMMON = frozenset(
    "你我他她们的是不怎么什还这那个就都有没给去在把被让知道说会管一了也要来到好人干打看叫当全家装会懂听能么为早东西死算小心"
)
"""Characters of everyday speech: one of them, or three and more, are no reason to hold text back; two are (去死)."""

_NUMERALS = frozenset("零一二三四五六七八九十0123456789")

DEGREE = re.compile(
    "(?:真他妈的?|真特么|真|太|大|死|臭|超级|超|纯|巨|烂|狗|破|贱|特别|特|这么|那么|十足的?|头号|小|老|最|够|贼|他妈的?|"
    "特么的?|蠢|笨|傻|丑|肥|穷|骚|操)+$"
)
"""Words of degree and contempt that are part of the insult they stand before."""

_LED = re.compile("[谁你我真都这那张个是就]")
_CALLED = re.compile("(?:是|是个|你个|你这个|一群|这群|这帮|一帮|是不是)$")
_NAMED = re.compile(
    "(?:我叫|他叫|她叫|孩子叫|姓|名叫|名字叫|名字是|牌子叫|店名叫|公司叫|全名|收件人是?|小区叫|户名|账号)$"
)
"""Before a name."""

_NAMED_SEES = 6

_SUFFIX = re.compile("[的了们子啊呀儿]|东西|玩意儿?")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry at [start, end) of a line. `same`: characters that stand as written; `broken`: a pause inside.

    `guessed`: what differs is there by ear alone, against the entry's own rule of sound.
    """

    entry: Entry
    start: int
    end: int
    same: int
    broken: bool
    guessed: bool = False

    @property
    def exact(self) -> bool:
        """Whether it is written as in the list."""
        return self.same == len(self.entry.text)


class Hearing:
    """An index of entries. `extra`: entries beside those of the lists."""

    def __init__(self, extra: Sequence[Entry] = ()) -> None:
        words = (*extra, *entries(), *_respelt())
        self._index: SyllableIndex[Entry] = SyllableIndex()
        self._unsure_index: SyllableIndex[Entry] = SyllableIndex()
        for entry in words:
            by_ear = entry.sound != "exact"
            self._index.add([_readings(char) if by_ear else (char.upper(),) for char in entry.text], entry)
            if not by_ear and len(entry.text) > 1:
                self._unsure_index.add([_readings(char) for char in entry.text], entry)
        # What is only put right is no abuse by itself: its beginning may be shown.
        self._prefixes = frozenset(
            entry.text[:size] for entry in words if entry.cues != NEVER for size in range(1, len(entry.text))
        )
        self.longest_chars = self._index.longest

    def hits(self, line: Line, unsure: Collection[int] = ()) -> list[Hit]:
        """Entries that stand by themselves, as written or likely misheard; cues and guards are not looked at.

        `unsure`: places whose characters may stand for others (`redaction.ear`), whatever an entry's rule of sound.
        """
        sounding = _sounding(line)
        read_as = [keys(line.chars[place]) for place in sounding]
        matches = self._index.matches(read_as)
        if unsure:
            matches += self._unsure_index.matches(read_as)
        if not matches:
            return []
        words = line.words()
        hits: list[Hit] = []
        for first, last, entry in matches:
            start, end = sounding[first], sounding[last - 1] + 1
            chars = [line.chars[place] for place in sounding[first:last]]
            same = sum(one == other for one, other in zip(chars, entry.text, strict=True))
            hit = Hit(entry, start, end, same, end - start > last - first)
            if not (hit.exact or _meant(line, hit, words)):
                if not _only_sounds(line, hit, unsure):
                    continue
                hit = replace(hit, guessed=True)
            if _stands_alone(line, hit, words):
                hits.append(hit)
        written = {
            place for hit in hits if hit.exact and hit.end - hit.start > 1 for place in range(hit.start, hit.end)
        }
        hits = [hit for hit in hits if hit.exact or not written.issuperset(range(hit.start, hit.end))]
        # 我操 is only the beginning of 我操你妈, and the speaker no part of it.
        begun = {hit.start for hit in hits if len(hit.entry.text) > 2}
        return [hit for hit in hits if not (hit.entry.text[0] == "我" and hit.start + 1 in begun)]

    def doubtful(self, line: Line) -> list[Hit]:
        """Entries that stand there by ear, whatever their cues, and whatever else the characters may spell.

        More than `hits`: what is still being heard may come out otherwise, and its words end elsewhere. Of single
        characters those alone that stand as they are written and by themselves.
        """
        sounding = _sounding(line)
        words = line.words()
        found: list[Hit] = []
        read_as = [keys(line.chars[place]) for place in sounding]
        for first, last, entry in (*self._index.matches(read_as), *self._unsure_index.matches(read_as)):
            start, end = sounding[first], sounding[last - 1] + 1
            chars = [line.chars[place] for place in sounding[first:last]]
            same = sum(one == other for one, other in zip(chars, entry.text, strict=True))
            hit = Hit(entry, start, end, same, end - start > last - first)
            if entry.cues == NEVER or hit.broken:
                continue
            if hit.exact:
                meant = len(entry.text) > 1 or (entry.text not in _COMMON | _NUMERALS and words[start] == (start, end))
            else:
                meant = len(entry.text) > 1 and not _NUMERALS.issuperset(chars) and _sounds_alike(line, hit)
            if meant:
                found.append(hit)
        return found

    def open_from(self, line: Line) -> int | None:
        """The place in a line from which its end may be the beginning of an entry; None where there is none."""
        sounding = _sounding(line)
        chars = "".join(line.chars[place] for place in sounding)
        words = line.words()
        for start in self._index.open_at_end([keys(char) for char in chars]):
            place = sounding[start]
            if self._may_grow(chars[start:], words[place][1] - words[place][0]):
                return place
        return None

    def _may_grow(self, tail: str, word_chars: int) -> bool:
        if tail in self._prefixes:
            return len(tail) == 2 or not _COMMON.issuperset(tail)
        # By ear: two characters that are no word of the dictionary; more of them would hold back ordinary talk.
        return len(tail) == 2 and word_chars == 1 and not _COMMON.issuperset(tail)


def put_right(line: Line, hits: Iterable[Hit]) -> str:
    """The line with misheard entries as they are written; one character for one, pauses stay.

    What is guessed stays as it was heard: it may be right.
    """
    chars = list(line.chars)
    # Where several are possible the one that is nearest to what was written comes last, and stays.
    for hit in sorted(hits, key=lambda hit: hit.same):
        if not hit.exact and not hit.guessed:
            places = [place for place in range(hit.start, hit.end) if line.chars[place] != PAUSE]
            for place, char in zip(places, hit.entry.text, strict=True):
                chars[place] = char
    return "".join(chars)


def _sounding(line: Line) -> list[int]:
    return [place for place, char in enumerate(line.chars) if char != PAUSE]


def _readings(char: str) -> tuple[str, ...]:
    return syllables(char)[:1] or (char.upper(),)


def _respelt() -> list[Entry]:
    known = {entry.text for entry in entries()}
    words = ("".join(map(plain, word)) for pattern in word_classes()["respell"] for word in spelt_out(pattern))
    return [Entry(word, "abuse.personal", "any", NEVER) for word in words if word not in known]


def _stands_alone(line: Line, hit: Hit, words: Sequence[tuple[int, int]]) -> bool:
    """Whether an entry stands by itself, rather than in the middle of words."""
    chars, start, end = line.chars, hit.start, hit.end
    if _latin(chars[start]) and start > 0 and _latin(chars[start - 1]) and not line.loose[start]:
        return False
    if _latin(chars[end - 1]) and end < len(chars) and _latin(chars[end]) and not line.loose[end]:
        return False
    if hit.broken and (hit.entry.cues or not hit.exact):
        return False
    size = len(hit.entry.text)
    if hit.entry.cues == NEVER:
        return True
    if size >= _LONG_CHARS and hit.same >= size - 1:
        return True
    return not (_cut_before(chars, words, start, end) or _cut_after(chars, words, start, end))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _cut_before(chars: str, words: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    first, last = words[start]
    if first == start:
        return False
    rest = chars[first:start]
    return last > end or not (DEGREE.fullmatch(rest) or _LED.fullmatch(rest))


def _cut_after(chars: str, words: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    first, last = words[end - 1]
    return last > end and not (first >= start and _SUFFIX.fullmatch(chars[end:last]))


def _meant(line: Line, hit: Hit, words: Sequence[tuple[int, int]]) -> bool:
    """Whether what only sounds like an entry is likely to be it: no word of the dictionary, and something in common."""
    size = len(hit.entry.text)
    likely = hit.same >= max(1, size // 2)
    bold = not hit.entry.cues and hit.entry.sound != "mild"
    if hit.entry.sound == "exact" or not (likely or bold) or _named(line, hit):
        return False
    places = [place for place in range(hit.start, hit.end) if line.chars[place] != PAUSE]
    other = [place for place, char in zip(places, hit.entry.text, strict=True) if line.chars[place] != char]
    nearly_exact = size >= _LONG_CHARS and hit.same >= size - 1
    spells_other = any(
        words[place][1] - words[place][0] > 1 and words[place] != (hit.start, hit.end) for place in other
    )
    if any(line.chars[place] in CLEAR for place in other) or (spells_other and not nearly_exact):
        return False
    if nearly_exact or (likely and hit.entry.sound == "any"):
        return True
    return _makes_sense(line, hit, strictly=not likely or any(words[place] == (hit.start, hit.end) for place in other))


def _only_sounds(line: Line, hit: Hit, unsure: Collection[int]) -> bool:
    """Whether an entry stands there but for characters that may stand for others, at most half of it."""
    if 2 * hit.same < len(hit.entry.text) or _named(line, hit):
        return False
    places = [place for place in range(hit.start, hit.end) if line.chars[place] != PAUSE]
    return all(place in unsure or line.chars[place] == char for place, char in zip(places, hit.entry.text, strict=True))


def _sounds_alike(line: Line, hit: Hit) -> bool:
    """Whether an entry is there by ear, each character in its usual reading (提前 is no 死腔), 是 only as itself."""
    places = [place for place in range(hit.start, hit.end) if line.chars[place] != PAUSE]
    return not _named(line, hit) and all(
        line.chars[place] == char or (line.chars[place] != "是" and _readings(line.chars[place]) == _readings(char))
        for place, char in zip(places, hit.entry.text, strict=True)
    )


def _named(line: Line, hit: Hit) -> bool:
    """Whether a name stands there, which may sound like anything."""
    return _NAMED.search(line.chars[: hit.start][-_NAMED_SEES:]) is not None


def _makes_sense(line: Line, hit: Hit, *, strictly: bool) -> bool:
    """Whether an entry makes sense where it was heard.

    `strictly`: it is a word of the dictionary, meant as such unless it makes no sense there (你是不是弱质), or no
    character of it stands as written (杀币): it must be what somebody is called.
    """
    addressed = any(has_cue(cue, line.chars, hit.start, hit.end, near=False) for cue in ("you", "gang"))
    ends = has_cue("end", line.chars, hit.start, hit.end, near=False)
    if strictly:
        return addressed and ends and _CALLED.search(line.chars[: hit.start][-4:]) is not None
    if addressed or hit.entry.cues:
        return addressed
    return ends and has_cue("alone", line.chars, hit.start, hit.end, near=False)
