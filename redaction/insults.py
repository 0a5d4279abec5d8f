"""Insults: abuse, threats, harassment, discrimination and curses in text as heard.

In four steps: words of the lists are found by ear (`redaction.hearing`); what was misheard is put right, character by
character; ways of speaking are tried on that (`redaction.patterns`); cues and guards (`redaction.guards`) decide about
all that may be innocent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from redaction import ear
from redaction.entries import Entry
from redaction.finding import Finding, Kind, Partial
from redaction.guards import Innocence, has_cue, of_himself
from redaction.hearing import DEGREE, NEVER, Hearing, Hit, put_right
from redaction.line import MARKS, PAUSE, Line, read
from redaction.patterns import Pattern, RuleMatch, as_written, sounding, speaks_of

_STRENGTH: dict[str, int] = {
    "abuse.threat": 4,
    "abuse.curse": 3,
    "abuse.harassment": 2,
    "abuse.discrimination": 1,
    "abuse.personal": 0,
}
"""Which kind a stretch takes that is of several: the graver one."""

_WHOLE_CLAUSE = {"abuse.threat", "abuse.curse", "abuse.harassment"}
_OF_ONESELF = {"abuse.personal", "abuse.curse", "abuse.discrimination"}
"""What somebody may say of himself; a threat names the speaker as the one who acts."""

_CRY_CUES = frozenset({"cry", "oath", "midst", "curt"})
"""Cues of what is cried out rather than said of somebody."""

_CRIES = re.compile(".*(?:妈的?|么的?|娘的?|奶奶的?|大爷的?|[玛马]|妈.{0,2}逼|槽|操|草|艹|靠)$")
_DEGREE_OF_CRY = re.compile("(?:真|太|操|好|可真)$")
_GLUED_AFTER = re.compile(f"(?:玩意儿?|东西|货|崽子|样子?|们)?(?:[啊呀哦哟哈嘛啦喔呐唉]|[了呢](?=$|[{MARKS}]))?")
_GLUED_AFTER_CRY = re.compile("的?[啊呀哦哟啦]?")
_DEGREE_CHARS = 8
"""How far before an insult its words of degree may begin."""

_REST_CHARS = 10
"""How much of a clause may follow what a rule names and still belong to it: 女的懂什么+路由器."""

_OWN_CLAUSE_CHARS = 40
"""How far before an insult the last one named is looked for: a clause of 40 characters without a mark is two."""

_CONDITION = re.compile(
    f"(?:(?:不然的话|不然|否则|要不然|还有|对了|顺便)|"
    f"(?:再不?|不|没|少|今天不?|明天不?|要是|如果|谁|[^{MARKS}你您我]{{2,4}}不)[^{MARKS}你您我]{{1,8}}?)"
    f"(?=(?:我|老子|爷|俺)(?!们?的|觉得|说|看)|你有没有|妹妹|美女)"
)
"""What leads into a threat or an advance and is no part of it."""

_CONDITION_SEES = 4

_LEAST_WRITTEN = 2
"""Characters of what a rule finds by ear that must stand as they are written, and no fewer than those that do not."""

_MANNERS = re.compile("您|请(?!你)")


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: int
    end: int
    kind: Kind
    clause: bool = False


class _Said:
    """A line put right, what was heard in it, and what the rules ask again and again, looked up once."""

    def __init__(
        self,
        chars: str,
        hits: Sequence[Hit],
        as_written: Sequence[RuleMatch],
        by_ear: Sequence[RuleMatch],
        innocence: Innocence,
    ) -> None:
        self.chars = chars
        self.hits = hits
        self.as_written = as_written
        self.by_ear = by_ear
        self.innocence = innocence
        self._clauses: list[tuple[int, int]] = []
        self._polite: dict[int, bool] = {}
        start = 0
        for found in re.finditer(f"[{MARKS}]|$", chars):
            self._clauses += [(start, found.start())] * (found.end() - start)
            start = found.end()

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """What stands between marks around [start, end); several clauses where it crosses marks."""
        return self._clauses[start][0], self._clauses[end - 1][1]

    def polite(self, clause: tuple[int, int]) -> bool:
        """Whether it is said in an agent's manners."""
        if clause[0] not in self._polite:
            self._polite[clause[0]] = _MANNERS.search(self.chars, *clause) is not None
        return self._polite[clause[0]]

    def of_himself(self, start: int) -> bool:
        """Whether the speaker was named last before `start`."""
        return of_himself(self.chars[max(self._clauses[start][0], start - _OWN_CLAUSE_CHARS) : start])

    @cached_property
    def lawful(self) -> bool:
        """Whether court, press, police or complaint come up."""
        return speaks_of("legal", self.chars)

    @cached_property
    def flirting(self) -> bool:
        """Whether somebody is courted."""
        return speaks_of("flirt", self.chars)


class InsultFinder:
    """Finds abuse by rules. Any thread; the lists are read with the first text (some 0.7 s).

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
        self._loaded: Hearing | None = None

    def find(self, text: str, doubts: Collection[int] = ()) -> list[Finding]:
        """Abuse in `text`, in order of start, without overlaps. Linear; takes any string.

        `doubts`: code points that the recogniser is not sure of; what they sound like counts more.
        """
        line = read(text)
        if not line.chars:
            return []
        said = self._said(line, ear.unsure(line, doubts))
        by_ear = [one for one in said.by_ear if one.written >= max(_LEAST_WRITTEN, one.sounds)]
        return _findings(line, _stretches(said, said.hits, [*said.as_written, *by_ear]))

    def partial(self, text: str) -> Partial:
        """Abuse in a text still being spoken, and up to where the text may be shown. Linear; takes any string.

        Held back is the end that may be the beginning of a word of the lists, marks after it included, and all from
        where any character, read as another that sounds like it, would make abuse: the recogniser has not said its
        last word. A threat in ordinary words is not foreseen: its clause is hidden as soon as it can be told.
        """
        line = read(text)
        if not line.chars:
            return Partial([], len(text))
        unsure = ear.unsure(line, range(len(text)))
        said = self._said(line, unsure)
        hidden = _stretches(said, [hit for hit in said.hits if not hit.guessed], said.as_written)
        rules = [*said.as_written, *said.by_ear]
        places = [one.start for one in _stretches(said, said.hits, rules, foreseen=True)]
        places += [
            hit.start
            for hit in self._hearing.doubtful(line)
            if not said.innocence.covers(hit.start, hit.end, firm=False)
        ]
        places = [place for place in places if not any(one.start <= place < one.end for one in hidden)]
        if (open_from := self._hearing.open_from(line)) is not None:
            places.append(open_from)
        return Partial(_findings(line, hidden), line.starts[min(places)] if places else len(text))

    @property
    def _hearing(self) -> Hearing:
        if self._loaded is None:
            self._loaded = Hearing(self._extra)
            Innocence("")
            read("你好").words()  # loads the dictionary
        return self._loaded

    def _said(self, line: Line, unsure: AbstractSet[int]) -> _Said:
        hits = self._hearing.hits(line, unsure)
        chars = put_right(line, hits)
        differing = {place for place, char in enumerate(line.chars) if char != chars[place]}
        # Of the line as heard: 傻比较 is innocent however it is put right.
        innocence = Innocence(line.chars, self._never)
        return _Said(chars, hits, as_written(chars), list(sounding(chars, unsure - differing)), innocence)


def _findings(line: Line, stretches: Sequence[_Stretch]) -> list[Finding]:
    return [Finding(line.starts[one.start], line.ends[one.end - 1], one.kind) for one in _joined(stretches)]


def _stretches(
    said: _Said, hits: Sequence[Hit], rules: Sequence[RuleMatch], *, foreseen: bool = False
) -> list[_Stretch]:
    """What of the entries and the ways of speaking that were heard is abuse.

    `foreseen`: as if what may make it abuse had been said beside it.
    """
    hits = [hit for hit in hits if hit.entry.cues != NEVER and not _excused(hit, said)]
    found = [_with_glue(said, hit) for hit in hits if not hit.entry.cues]
    found += _by_rules(said, rules, violent=bool(found), foreseen=foreseen)
    cued = [hit for hit in hits if hit.entry.cues]
    for near in (False, True):
        first_end = min((one.end for one in found), default=len(said.chars))
        last_start = max((one.start for one in found), default=0)
        found += [
            _with_glue(said, hit)
            for hit in cued
            if _cued(said, hit, near=near and (first_end <= hit.start or last_start >= hit.end))
        ]
    return found


def _cued(said: _Said, hit: Hit, *, near: bool) -> bool:
    return any(all(has_cue(cue, said.chars, hit.start, hit.end, near=near) for cue in cues) for cues in hit.entry.cues)


def _by_rules(said: _Said, rules: Iterable[RuleMatch], *, violent: bool, foreseen: bool) -> list[_Stretch]:
    found: list[_Stretch] = []
    beside: list[tuple[str, _Stretch]] = []
    for rule, match, sounds in rules:
        start, end = _extent(match)
        if start == end or said.innocence.covers(start, end, firm=not sounds):
            continue
        clause = said.clause(start, end)
        if not _needs_met(rule, said, start, clause, foreseen=foreseen):
            continue
        if rule.extent == "clause":
            stretch = _Stretch(_led_into(said.chars, clause[0], start), clause[1], rule.kind, clause=True)
        else:
            after = _GLUED_AFTER.match(said.chars, end)
            last = after.end() if after else end
            if rule.extent == "rest" and clause[1] - end <= _REST_CHARS:
                last = max(last, clause[1])
            stretch = _Stretch(start, _unasked(said.chars, start + 1, last), rule.kind)
        other = next((need for need in ("violent", "wooed") if need in rule.needs), None)
        if other:
            beside.append((other, stretch))
        else:
            found.append(stretch)
    kinds = {one.kind for one in found}
    met = {
        "violent": violent or not kinds.isdisjoint({"abuse.threat", "abuse.curse"}),
        "wooed": "abuse.harassment" in kinds,
    }
    return found + [stretch for need, stretch in beside if foreseen or met[need]]


def _needs_met(rule: Pattern, said: _Said, start: int, clause: tuple[int, int], *, foreseen: bool) -> bool:
    return not (
        ("firm" in rule.needs and said.lawful)
        or ("flirt" in rule.needs and not said.flirting and not foreseen)
        or ("notours" in rule.needs and said.polite(clause))
        or ("notself" in rule.needs and rule.kind in _OF_ONESELF and said.of_himself(start))
    )


def _excused(hit: Hit, said: _Said) -> bool:
    """Whether a harmless stretch explains the hit, or the speaker says it of himself."""
    firm = hit.exact and not hit.broken and hit.end - hit.start > 1
    if said.innocence.covers(hit.start, hit.end, firm=firm):
        return True
    if not hit.entry.cues and hit.entry.sound != "mild" and hit.entry.kind != "abuse.curse":
        return False
    if any(cue in _CRY_CUES for cues in hit.entry.cues for cue in cues):
        return False
    return said.of_himself(hit.start)


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


def _with_glue(said: _Said, hit: Hit) -> _Stretch:
    """A hit with what is glued to it; of a curse, a threat or harassment the whole clause."""
    chars, start, end, kind = said.chars, hit.start, hit.end, hit.entry.kind
    if kind in _WHOLE_CLAUSE:
        return _Stretch(*said.clause(start, end), kind, clause=True)
    cry = _CRIES.fullmatch(hit.entry.text) is not None
    before = chars[max(0, start - _DEGREE_CHARS) : start]
    degree = (_DEGREE_OF_CRY if cry else DEGREE).search(before)
    if degree:
        start -= len(before) - degree.start()
    start = _stutter(chars, start)
    after = (_GLUED_AFTER_CRY if cry else _GLUED_AFTER).match(chars, end)
    # Of 草你吗 the last character is no question.
    kept = end if hit.entry.text.endswith("吗") else start + 1
    return _Stretch(start, _unasked(chars, kept, after.end() if after else end), kind)


def _led_into(chars: str, start: int, abuse: int) -> int:
    """Where a clause that is hidden whole begins: behind a condition or a word that leads into it (不退钱我弄死你)."""
    found = _CONDITION.match(chars, start, abuse + _CONDITION_SEES)
    return found.end() if found and found.end() <= abuse else start


def _unasked(chars: str, kept: int, end: int) -> int:
    """Where a stretch ends without 吗 and 吧, which ask rather than abuse; not before `kept`."""
    while end > kept and chars[end - 1] in "吗吧":
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


def _joined(stretches: Sequence[_Stretch]) -> list[_Stretch]:
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
