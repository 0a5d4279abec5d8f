"""Insults: abuse, threats, harassment, discrimination and curses in text as heard.

In four steps: words of the lists are found by ear (`core.zh.syllables`); what was misheard is put right, character by
character; ways of speaking are tried on that (`redaction.patterns`); cues and guards (`redaction.guards`) decide about
all that may be innocent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.zh.syllables import SyllableIndex, plain, syllables
from redaction.entries import Entry, entries, word_classes
from redaction.finding import Finding, Kind
from redaction.guards import has_cue, innocent_stretches, is_innocent, of_himself
from redaction.line import MARKS, PAUSE, Line, keys, read
from redaction.patterns import Pattern, patterns, speaks_of

_RESPELL_ONLY = "respell"
_NEVER = ((_RESPELL_ONLY,),)
"""The cues of words that are not abuse by themselves: they are only put right where they were misheard."""

_LONG_CHARS = 4
"""An entry so long is not met by chance: it may be cut out of words, and one of its characters may spell a word."""

_STRENGTH: dict[str, int] = {
    "abuse.threat": 4,
    "abuse.curse": 3,
    "abuse.harassment": 2,
    "abuse.discrimination": 1,
    "abuse.personal": 0,
}
"""Which kind a stretch takes that is of several: the graver one."""

_CRY_CUES = frozenset({"cry", "oath", "midst", "curt"})
"""Cues of what is cried out rather than said of somebody."""

_GLUED_BEFORE = re.compile(
    "(?:真他妈的?|真特么|真|太|大|死|臭|超级|超|纯|巨|烂|狗|破|贱|特别|特|这么|那么|十足的?|头号|小|老|最|够|贼|他妈的?|特么的?|蠢|笨|傻|丑|肥|穷|骚|操)+$"
)
_GLUED_BEFORE_CRY = re.compile("(?:真|太|操|好|可真)$")
_GLUED_AFTER = re.compile(f"(?:玩意儿?|东西|货|崽子|样子?|们)?(?:[啊呀哦哟哈嘛啦喔呐唉]|[了呢](?=$|[{MARKS}]))?")
_GLUED_AFTER_CRY = re.compile("[啊呀哦哟啦]?")
_CRY = re.compile("(?:[他她它踏塌特你尼泥]|奶奶|妈|[操草艹靠卧我窝日])")
_CRIES = re.compile(".*(?:妈的?|么的?|娘的?|奶奶的?|大爷的?|玛|槽|操|草|艹|靠)$")

_CALLED = re.compile("(?:是|是个|你个|你这个|一群|这群|这帮|一帮|是不是)$")
_LED = re.compile("[谁你我真都这那张个是就]")

_COMMON = frozenset("你我他她们的是不怎么什还这那个就都有没给去在把被让知道说会管一了也要来到好人干打看叫当全家装会懂听")
"""Characters of everyday speech: a beginning of three and more made of these alone is no reason to hold text back."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """An entry at [start, end) of a line. `same`: characters that stand as written; `broken`: a pause inside."""

    entry: Entry
    start: int
    end: int
    same: int
    broken: bool

    @property
    def exact(self) -> bool:
        return self.same == len(self.entry.text)


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: int
    end: int
    kind: Kind
    clause: bool = False


class InsultFinder:
    """Finds abuse by rules. Any thread; the lists are read with the first text (some 0.4 s).

    `extra`: words of an administrator's own, with their kinds; they count wherever they stand, from three characters
    on also by ear. `never`: words of his that are no abuse in his trade: nothing inside of them is hidden.
    """

    def __init__(self, extra: Sequence[tuple[str, Kind]] = (), never: Sequence[str] = ()) -> None:
        self._extra = tuple(
            Entry(word, kind, "any" if len(word) >= 3 else "exact")
            for word, kind in ((read(word).chars, kind) for word, kind in extra)
            if word and not set(word) & set(MARKS)
        )
        self._never = tuple(re.compile(re.escape(chars)) for chars in (read(word).chars for word in never) if chars)
        self._index: SyllableIndex[Entry] | None = None
        self._prefixes: frozenset[str] = frozenset()

    def find(self, text: str) -> list[Finding]:
        """Abuse in `text`, in order of start, without overlaps. Linear; takes any string."""
        line = read(text)
        if not line.chars:
            return []
        found = self._stretches(line)
        return [Finding(line.starts[one.start], line.ends[one.end - 1], one.kind) for one in _joined(line, found)]

    def held_back(self, text: str) -> int:
        """How many code points at the end may be the beginning of a word of the lists, marks after it included.

        A threat in ordinary words is not foreseen: its clause is hidden as soon as it can be told.
        """
        line = read(text[-4 * self._longest() :])
        sounding = [place for place, char in enumerate(line.chars) if char != PAUSE]
        chars = "".join(line.chars[place] for place in sounding)
        words = line.words()
        offset = max(0, len(text) - 4 * self._longest())
        for start in self._entries().open_at_end([keys(char) for char in chars]):
            tail = chars[start:]
            place = sounding[start]
            if self._may_grow(tail, words[place][1] - words[place][0]):
                return len(text) - offset - line.starts[place]
        return 0

    def _may_grow(self, tail: str, word_chars: int) -> bool:
        if tail in self._prefixes:
            return len(tail) < 3 or not _COMMON.issuperset(tail)
        # By ear: two characters that are no word of the dictionary; more of them would hold back ordinary talk.
        return len(tail) == 2 and word_chars == 1 and not _COMMON.issuperset(tail)

    def _longest(self) -> int:
        return self._entries().longest

    def _entries(self) -> SyllableIndex[Entry]:
        if self._index is None:
            index: SyllableIndex[Entry] = SyllableIndex()
            words = (*self._extra, *entries(), *_respelt())
            for entry in words:
                by_ear = entry.sound != "exact"
                index.add([_readings(char) if by_ear else (char.upper(),) for char in entry.text], entry)
            self._prefixes = frozenset(entry.text[:size] for entry in words for size in range(1, len(entry.text)))
            self._index = index
        return self._index

    def _stretches(self, line: Line) -> list[_Stretch]:
        hits = self._hits(line)
        spelt = _put_right(line, hits)
        rules = [(rule, found) for rule in patterns() for found in rule.regex.finditer(spelt)]
        if not hits and not rules:
            return []
        innocent = innocent_stretches(line.chars, self._never)
        # What was put right may be innocent as well: 傻逼 in 傻比较.
        hits = _without_lead(hits)
        certain = [hit for hit in hits if not hit.entry.cues and not _excused(hit, spelt, innocent)]
        found = [_with_glue(spelt, hit) for hit in certain]
        found += self._by_rules(spelt, rules, innocent, violent=bool(certain))
        unsure = [hit for hit in hits if hit.entry.cues and hit.entry.cues != _NEVER and not _excused(hit, spelt, innocent)]
        for near in (False, True):
            others = list(found)
            for hit in unsure:
                is_near = near and any(other.end <= hit.start or other.start >= hit.end for other in others)
                if any(
                    all(has_cue(cue, spelt, hit.start, hit.end, near=is_near) for cue in cues)
                    for cues in hit.entry.cues
                ):
                    found.append(_with_glue(spelt, hit))
        return found

    def _hits(self, line: Line) -> list[_Hit]:
        sounding = [place for place, char in enumerate(line.chars) if char != PAUSE]
        matches = self._entries().matches([keys(line.chars[place]) for place in sounding])
        if not matches:
            return []
        words = line.words()
        hits: list[_Hit] = []
        for first, last, entry in matches:
            start, end = sounding[first], sounding[last - 1] + 1
            chars = [line.chars[place] for place in sounding[first:last]]
            same = sum(one == other for one, other in zip(chars, entry.text, strict=True))
            hit = _Hit(entry, start, end, same, end - start > last - first)
            if _is_word(line, hit, words) and (hit.exact or _sounds_meant(line, hit, words)):
                hits.append(hit)
        return hits

    def _by_rules(
        self,
        chars: str,
        rules: Iterable[tuple[Pattern, re.Match[str]]],
        innocent: Sequence[tuple[int, int]],
        *,
        violent: bool,
    ) -> list[_Stretch]:
        found: list[_Stretch] = []
        later: list[tuple[Pattern, _Stretch]] = []
        for rule, match in rules:
            start, end = _extent(match)
            if start == end or is_innocent(start, end, innocent, firm=True):
                continue
            clause = _clause(chars, start, end)
            if not _needs_met(rule, chars, start, clause):
                continue
            if rule.extent == "clause":
                stretch = _Stretch(*clause, rule.kind, clause=True)
            else:
                stretch = _Stretch(start, _without_question(chars, start, _glued_until(chars, end)), rule.kind)
            if "violent" in rule.needs:
                later.append((rule, stretch))
            else:
                found.append(stretch)
        if violent or any(one.kind in {"abuse.threat", "abuse.curse"} for one in found):
            found += [stretch for _, stretch in later]
        return found


def _readings(char: str) -> tuple[str, ...]:
    return syllables(char)[:1] or (char.upper(),)


def _respelt() -> Iterable[Entry]:
    known = {entry.text for entry in entries()}
    return (
        Entry("".join(map(plain, word)), "abuse.personal", "any", _NEVER)
        for word in word_classes()[_RESPELL_ONLY]
        if word not in known
    )


def _is_word(line: Line, hit: _Hit, words: Sequence[tuple[int, int]]) -> bool:
    """Whether an entry stands by itself, rather than in the middle of words."""
    chars, start, end = line.chars, hit.start, hit.end
    if _latin(chars[start]) and start > 0 and _latin(chars[start - 1]) and not line.loose[start]:
        return False
    if _latin(chars[end - 1]) and end < len(chars) and _latin(chars[end]) and not line.loose[end]:
        return False
    if hit.broken and (hit.entry.cues or not hit.exact):
        return False
    long_enough = len(hit.entry.text) >= _LONG_CHARS and hit.same >= len(hit.entry.text) - 1
    return long_enough or not (_cut_before(chars, words, start, end) or _cut_after(chars, words, start, end))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _cut_before(chars: str, words: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    first, last = words[start]
    return first < start and not (last <= end and (_GLUED_BEFORE.fullmatch(chars[first:start]) or _LED.fullmatch(chars[first:start])))


def _cut_after(chars: str, words: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    first, last = words[end - 1]
    return last > end and not (first >= start and re.fullmatch("[的了们子啊呀儿]|东西|玩意儿?", chars[end:last]))


def _sounds_meant(line: Line, hit: _Hit, words: Sequence[tuple[int, int]]) -> bool:
    """Whether what only sounds like an entry is likely to be it: no word of the dictionary, and something in common."""
    if hit.entry.sound == "exact":
        return False
    size = len(hit.entry.text)
    sounding = [place for place in range(hit.start, hit.end) if line.chars[place] != PAUSE]
    other = [place for place, char in zip(sounding, hit.entry.text, strict=True) if line.chars[place] != char]
    if size >= _LONG_CHARS and hit.same >= size - 1:
        return True
    if any(words[place][1] - words[place][0] > 1 and words[place] != (hit.start, hit.end) for place in other):
        return False
    if hit.same < max(1, size // 2):
        return False
    if hit.entry.sound == "any":
        return True
    addressed = any(has_cue(cue, line.chars, hit.start, hit.end, near=False) for cue in ("you", "gang"))
    if any(words[place] == (hit.start, hit.end) for place in other):
        # A word of the dictionary is meant as such unless it makes no sense there: 你是不是弱质.
        return addressed and _CALLED.search(line.chars, 0, hit.start) is not None and _ends(line, hit)
    return addressed or (_ends(line, hit) and has_cue("alone", line.chars, hit.start, hit.end, near=False))


def _ends(line: Line, hit: _Hit) -> bool:
    return has_cue("end", line.chars, hit.start, hit.end, near=False)


def _without_lead(hits: Sequence[_Hit]) -> list[_Hit]:
    """Without 我操 where it is the beginning of 我操你妈: the speaker is no part of it."""
    begun = {hit.start for hit in hits if len(hit.entry.text) > 2}
    return [hit for hit in hits if not (hit.entry.text[0] == "我" and hit.start + 1 in begun)]


def _put_right(line: Line, hits: Iterable[_Hit]) -> str:
    """The line with misheard entries as they are written; one character for one, pauses stay."""
    chars = list(line.chars)
    for hit in hits:
        if not hit.exact:
            sounding = [place for place in range(hit.start, hit.end) if line.chars[place] != PAUSE]
            for place, char in zip(sounding, hit.entry.text, strict=True):
                chars[place] = char
    return "".join(chars)


def _excused(hit: _Hit, chars: str, innocent: Sequence[tuple[int, int]]) -> bool:
    """Whether a harmless stretch explains the hit, or the speaker says it of himself."""
    firm = hit.exact and not hit.broken and hit.end - hit.start > 1
    if is_innocent(hit.start, hit.end, innocent, firm=firm):
        return True
    if not hit.entry.cues and hit.entry.sound != "mild" and hit.entry.kind != "abuse.curse":
        return False
    if any(cue in _CRY_CUES for cues in hit.entry.cues for cue in cues):
        return False
    return of_himself(chars[_clause(chars, hit.start, hit.end)[0] : hit.start])


def _clause(chars: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and chars[start - 1] not in MARKS:
        start -= 1
    while end < len(chars) and chars[end] not in MARKS:
        end += 1
    return start, end


def _extent(match: re.Match[str]) -> tuple[int, int]:
    for name in ("x", "x2"):
        if name in match.re.groupindex and match.start(name) >= 0:
            return match.span(name)
    start, end = match.span()
    while start < end and match.string[start] in MARKS:
        start += 1
    while start < end and match.string[end - 1] in MARKS:
        end -= 1
    return start, end


def _needs_met(rule: Pattern, chars: str, start: int, clause: tuple[int, int]) -> bool:
    said = chars[clause[0] : clause[1]]
    return not (
        ("firm" in rule.needs and speaks_of("legal", chars))
        or ("flirt" in rule.needs and not speaks_of("flirt", chars))
        or ("notours" in rule.needs and re.search("您|请(?!你)", said))
        or ("notself" in rule.needs and rule.kind in {"abuse.personal", "abuse.curse"} and of_himself(chars[clause[0] : start]))
    )


def _with_glue(chars: str, hit: _Hit) -> _Stretch:
    """A hit with what is glued to it; of a curse, a threat or harassment the whole clause."""
    start, end, kind = hit.start, hit.end, hit.entry.kind
    if kind in {"abuse.threat", "abuse.curse", "abuse.harassment"}:
        return _Stretch(*_clause(chars, start, end), kind, clause=True)
    cry = _CRIES.fullmatch(hit.entry.text) is not None
    before = (_GLUED_BEFORE_CRY if cry else _GLUED_BEFORE).search(chars, max(0, start - 8), start)
    if before:
        start = before.start()
    start = _stutter(chars, start)
    after = (_GLUED_AFTER_CRY if cry else _GLUED_AFTER).match(chars, end)
    return _Stretch(start, _without_question(chars, start, after.end() if after else end), kind)


def _glued_until(chars: str, end: int) -> int:
    after = _GLUED_AFTER.match(chars, end)
    return after.end() if after else end


def _without_question(chars: str, start: int, end: int) -> int:
    """Where a stretch ends without 吗 and 吧, which ask rather than abuse."""
    while end - start > 1 and chars[end - 1] in "吗吧":
        end -= 1
    return end


def _stutter(chars: str, start: int) -> int:
    """Where a stretch begins that was begun before and broken off: 傻、傻逼, 王八，王八蛋."""
    for size in (3, 2, 1):
        begun = chars[start : start + size]
        for gap in (1, 0):
            first = start - gap - size
            if first >= 0 and chars[first : first + size] == begun and (not gap or chars[start - 1] == PAUSE):
                return first
    return start


def _joined(line: Line, stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """Without overlaps; neighbours of one kind with nothing between them are one."""
    joined: list[_Stretch] = []
    for one in sorted(stretches, key=lambda stretch: (stretch.start, -stretch.end)):
        last = joined[-1] if joined else None
        if last and (one.start < last.end or (one.start == last.end and one.kind == last.kind and not last.clause)):
            kind = max(last.kind, one.kind, key=lambda kind: _STRENGTH.get(kind, 0))
            joined[-1] = _Stretch(last.start, max(last.end, one.end), kind, last.clause or one.clause)
        else:
            joined.append(one)
    return joined
