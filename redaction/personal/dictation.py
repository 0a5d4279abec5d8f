"""What an utterance has to do with numbers told over several turns: fragments, what is asked for, what is denied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from core.types import Leg
from core.zh.heard import heard_tokens, may_be_heard
from core.zh.number_words import Place, Token, date_at, tokens
from core.zh.numerals import WORDS_IN_LETTERS, Run, digits_of, heard_runs, runs
from core.zh.script import simplified_by_char
from redaction.personal import wording
from redaction.personal.context import Context, Named
from redaction.personal.corrections import Edit, edits
from redaction.personal.finder import PersonalDataFinder
from redaction.personal.kinds import Verdict, is_hotline
from redaction.personal.numbers import Number
from redaction.personal.terms import with_terms_heard

_BEFORE_DATE = re.compile(r"(?:嗯|啊|呃|然后|那个|生日|出生日期|出生|是|[，, ])*")
_AFTER_DATE_CHARS = 4
_MARKS_ONLY = re.compile(r"[\s，。,.！!？?、…]")
_NUMBER_WORDS = re.compile(
    r"号|码|证|卡|联系方式|电话|密码|运单|工单|手机$|手机[呢是，,：:]|账户|单$|位数$|数字|座机|固话"
)
_LETTERS_LAST = re.compile(r"(?<![A-Za-z])([A-Za-z](?:[ ，,、.]?[A-Za-z]){1,3})[，。,. 啊呀吧嗯]*$")
_WORD = re.compile(r"[A-Za-z]?[a-z]{2,}")
"""Letters written as a word, which nobody has spelt."""
_THAT_ORDER = re.compile(r"[那这哪]一?单")
_COUNTED = re.compile(r"[一二两三四五六七八九]?[十百千][零一二两三四五六七八九十百]*")
_CARRIER = re.compile(r"(?:SF|YTO?|ZTO?|STO|JD[A-Z]{0,2}|JT|DBL?|DPK|EMS|YD)\d{3}")
"""How the numbers of carriers begin."""
_CAPITAL = re.compile(r"1[12]01[01]\d")
"""Regions of Peking and Tientsin, which look like the short number of a public service."""
_HEARD_TALK_CHARS = 6
"""How much else may be said beside digits that are known by ear alone, of which there are at least three."""
_HEARD_DIGITS = 3
MOSTLY_DIGITS_REST = 5
"""How much else an utterance may say for its digits alone to begin a number that nobody has asked for."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """Digits of an utterance. `verdict` where they are a number by themselves; `named` by the words around them."""

    start: int
    end: int
    steps: tuple[Edit, ...]
    value: str = field(repr=False)
    verdict: Verdict | None
    named: Named | None
    extension: bool = False
    hotline: bool = False
    """Digits that are a public number, unless somebody's number goes on with them."""
    ends: bool = False
    """Nothing is said after it."""
    others: tuple[str, ...] = field(default=(), repr=False)
    """What it may say as well: homophones at its ends may be words (「令九吧」)."""
    date: bool = False
    """A date, which is digits of an identity number alone."""
    heard: bool = False
    """Most of it is known by its sound alone."""
    given_up: bool = False
    """It is a number that is not to be used."""
    inside: tuple[Fragment, ...] = ()
    """The numbers that the whole falls into where nobody has asked for it as one."""

    @property
    def whole(self) -> bool:
        """Whether it is a complete number by itself."""
        return (
            self.verdict is not None
            and self.verdict.kind != "pii.number"
            and (self.verdict.sure or self.verdict.checksum == "right")
        )

    @property
    def corrects(self) -> bool:
        """Whether it begins by taking something back."""
        return bool(self.steps) and (self.steps[0].denied or self.steps[0].op in ("fix", "swap", "restart"))


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance as far as numbers go."""

    id: str
    leg: Leg
    start_ms: int
    end_ms: int
    fragments: tuple[Fragment, ...] = ()
    asks: Named | None = None
    denies: bool = False
    repeats: bool = False
    agrees: bool = False
    questions: bool = False
    restarts: bool = False
    """The speaker tells what he told again from its beginning; with `same_part` only what he told last."""
    same_part: bool = False
    discards: bool = False
    """A number told before is not to be used any more."""
    nods: bool = False
    """It says of its own digits that they are right."""
    another: bool = False
    """It speaks of another number beside the last."""
    denied_at: int = -1
    """Where it denies first."""
    names_end: bool = False
    """It says what the number ends in."""
    area: bool = False
    extension: bool = False
    first: str = field(default="", repr=False)
    """A digit or letter that it begins with."""
    choice: tuple[str, str] | None = None
    """「是七还是幺」"""
    place: Place | None = None
    """Where in the number the choice is, or the digit that is denied."""
    part: Place | None = None
    """Which part of the number is asked for."""
    troubled: bool = False
    """It speaks against a number that was told."""
    loose: tuple[tuple[int, int], ...] = ()
    """Where digits are told that are no fragments, and no counts and prices either."""
    talk_chars: int = 0
    """Characters besides digits, fillers and marks."""


def spoken(utterance_id: str, leg: Leg, text: str, heard_ms: tuple[int, int], finder: PersonalDataFinder) -> Spoken:
    """Reads an utterance that was heard from `heard_ms[0]` to `heard_ms[1]`. Linear in its length."""
    text = with_terms_heard(simplified_by_char(text))
    context = Context(text)
    fragments = _fragments(text, context, finder)
    fragments = _meant(fragments, text)
    heard = tuple(_heard(text, context, fragments)) if may_be_heard(text) else ()
    talk = _talk(tokens(text), text)
    if wording.GIVEN_UP.search(text[: fragments[0].start] if fragments else ""):
        fragments = (replace(fragments[0], given_up=True), *fragments[1:])
    if heard:
        talk = min(talk, _talk(heard_tokens(text), text))
        fragments = heard
    place = next((token.place for token in tokens(text) if token.place), None)
    denial = wording.DENIAL.search(text)
    denies = denial is not None
    troubled = denies or wording.TROUBLE.search(text) is not None
    troubled = troubled or (leg == "agent" and wording.REJECTED.search(text) is not None)
    return Spoken(
        utterance_id,
        leg,
        *heard_ms,
        fragments,
        _asked(text, context, fragments),
        denies,
        wording.REPEAT.search(text) is not None,
        wording.YES.match(text) is not None and not denies and not troubled,
        wording.QUESTION.search(text) is not None,
        restarts=wording.RESTARTS.search(text) is not None,
        same_part=wording.SAME_PART.search(text) is not None,
        discards=wording.DISCARDS.search(text) is not None,
        denied_at=denial.start() if denial is not None else -1,
        nods=wording.NODS.search(text) is not None and not denies,
        another=wording.ANOTHER.search(text) is not None,
        names_end=wording.ENDS.search(text) is not None,
        area="区号" in text,
        extension="分机" in text,
        first=digits_of(first[1]) or first[1].upper() if (first := wording.FIRST.match(text)) else "",
        choice=_choice(text),
        place=place if wording.PLACED.search(text) else None,
        part=place if not fragments and not denies else None,
        troubled=troubled,
        loose=tuple(_loose(text, context, fragments)),
        talk_chars=talk,
    )


def _meant(fragments: tuple[Fragment, ...], text: str) -> tuple[Fragment, ...]:
    """Fragments without those that are of another number, or a part of one that is then told in full."""
    in_full = wording.IN_FULL.search(text)
    kept: list[Fragment] = []
    for i, one in enumerate(fragments):
        after = text[one.end : fragments[i + 1].start if i + 1 < len(fragments) else len(text)]
        part = in_full is not None and one.end <= in_full.start() and in_full.end() < fragments[-1].start + 1
        if one.whole or not (part or wording.PAST.match(after)):
            kept.append(one)
    return tuple(kept)


def _loose(text: str, context: Context, fragments: tuple[Fragment, ...]) -> Iterator[tuple[int, int]]:
    """Digits that may be of a number though they are no fragment of one."""
    for run in runs(text):
        if run.unit or any(one.start < run.end and run.start < one.end for one in fragments):
            continue
        if not context.of(run.start, run.end).near:
            yield run.start, run.end


def _talk(all_tokens: Sequence[Token], text: str) -> int:
    return sum(
        one.end - one.start
        for one in all_tokens
        if one.role in ("other", "amount", "letters") and not _MARKS_ONLY.fullmatch(text[one.start : one.end])
    )


def _choice(text: str) -> tuple[str, str] | None:
    match = wording.CHOICE.search(text)
    if match is None:
        return None
    one, other = (digits_of(match[name]) or match[name].upper() for name in ("one", "other"))
    return (one, other) if one != other and len(match["one"]) == len(match["other"]) else None


def _heard(text: str, context: Context, plain: tuple[Fragment, ...]) -> Iterator[Fragment]:
    """What the utterance says if all that sounds like digits is digits; nothing where it hardly is a dictation."""
    if any(one.whole or one.inside or (one.verdict is not None and one.verdict.sure) for one in plain):
        return
    found = heard_runs(text)
    if not any(run.unsure for run in found):
        return
    talk = _talk(heard_tokens(text), text)
    enough = any(len(run.value) >= _HEARD_DIGITS for run in found)
    if talk and (talk > _HEARD_TALK_CHARS or not enough):
        return
    for run in found:
        covered = [one for one in plain if one.start < run.end and run.start < one.end]
        if run.unit or any(one.hotline for one in covered):
            return
        steps = tuple(edits(run))
        value = "".join(step.value for step in steps)
        others = {*_readings(run), *(one.value for one in covered[:1])} - {value, ""}
        introduced = context.of(run.start, run.end)
        yield Fragment(
            run.start,
            run.end,
            steps,
            value,
            None,
            introduced.named if introduced.named != "none" else None,
            any(one.role == "extension" for one in run.lead),
            ends=not re.search(r"\w", text[run.end :]),
            others=tuple(sorted(others)) if len(steps) == 1 else (),
            heard=run.unsure,
        )


def _readings(run: Run) -> Iterator[str]:
    """A run as heard, with and without each sort of word that may be a digit."""
    before, after = ("".join(one.value for one in side) for side in (run.before, run.after))
    for soft in (False, True):
        inner = "".join(one.value for one in run.tokens if one.role in ("digits", "letters") and (soft or not one.soft))
        yield from (inner, before + inner, inner + after, before + inner + after)


def _fragments(text: str, context: Context, finder: PersonalDataFinder) -> tuple[Fragment, ...]:
    others = [one for one in finder.find(text) if one.kind in ("pii.email", "pii.plate", "pii.address")]
    numbers = finder.numbers(text)
    # 「后四位 4185」 tells no number, but it may mend one.
    takes_back = wording.DENIAL.search(text) is not None
    made = _date(text)
    if made:
        return tuple(made)
    for run in runs(text):
        if any(one.start < run.end and run.start < one.end for one in others):
            continue
        if _is_date_or_price(run, text):
            continue
        mine = [one for one in numbers if one.start < run.end and run.start < one.end]
        parts = tuple(_of_number(number) for number in mine)
        taken_back = run.corrected and not any(one.verdict is not None and one.verdict.sure for one in parts)
        if len(parts) == 1 and not taken_back and len(parts[0].value) >= len(run.value) - 2:
            made.append(parts[0])
            continue
        parts = () if taken_back else parts
        if len(parts) == 1 and run.corrected:
            made.append(parts[0])
            continue
        introduced = context.of(run.start, run.end)
        if not parts and (
            run.unit or (introduced.named == "none" and introduced.near and not run.lead and not takes_back)
        ):
            continue
        steps = tuple(edits(run))
        value = "".join(step.value for step in steps)
        extension = any(one.role == "extension" for one in run.lead)
        named = introduced.named if introduced.named != "none" else None
        start, end = run.start, run.end
        if not run.corrected and not parts:
            steps, value, start, end = _with_clear_homophones(run, steps, value)
        hotline = is_hotline(value) and len(value) >= 5 and not (_CAPITAL.fullmatch(value) and start == 0)
        named = named or ("order_no" if _CARRIER.match(value) else None)
        made.append(
            Fragment(
                start,
                end,
                steps,
                value,
                None,
                named,
                extension,
                hotline,
                ends=not re.search(r"\w", text[end:]),
                inside=parts,
            )
        )
    if not made:
        made.extend(_lone_x(text) or _lone_letters(text, context))
    return tuple(made)


def _is_date_or_price(run: Run, text: str) -> bool:
    """Whether digits are the end of a date, 「七月十九」, or an amount in words, 「话费怎么一百六十八」."""
    if text[run.start - 1 : run.start] == "月":
        return True
    return _COUNTED.fullmatch(text, run.start, run.end) is not None and bool(wording.MONEY.search(text, 0, run.start))


def _of_number(number: Number) -> Fragment:
    steps = tuple(edits(number.run))
    if not number.run.corrected:
        # Homophones that complete a number are in its verdict alone.
        steps = (Edit("say", (number.verdict.value,)),)
    return Fragment(number.start, number.end, steps, number.verdict.value, number.verdict, number.introduced.named)


def _with_clear_homophones(run: Run, steps: tuple[Edit, ...], value: str) -> tuple[tuple[Edit, ...], str, int, int]:
    """The run with homophones at its ends that are hardly words: 「妖三八」, 「三八四酒」."""
    start, end = run.start, run.end
    if len(value) >= 2 and run.before and run.before[-1].value in "19" and run.before[-1].clear:
        value, start = run.before[-1].value + value, run.before[-1].start
    if len(value) >= 3 and run.after and run.after[0].clear:
        value, end = value + run.after[0].value, run.after[0].end
    if (start, end) == (run.start, run.end):
        return steps, value, start, end
    return (Edit("say", (value,)),), value, start, end


def _date(text: str) -> list[Fragment]:
    """「九零年一月一号」: the birth date of an identity number, told as a date."""
    lead = _BEFORE_DATE.match(text)
    date = date_at(text, lead.end()) if lead is not None else None
    if lead is None or date is None or len(text) - date[1] > _AFTER_DATE_CHARS:
        return []
    return [Fragment(lead.end(), date[1], (Edit("say", (date[0],)),), date[0], None, None, date=True)]


def _lone_x(text: str) -> list[Fragment]:
    """「最后一位是叉」: the check character of an identity number, told alone."""
    if len(text) > 14:
        return []
    xs = [one for one in tokens(text) if one.role == "letters" and one.value == "X"]
    if not xs:
        return []
    run = Run((xs[0],))
    denied = wording.DENIAL.search(text) is not None
    step = Edit("fix" if denied else "say", ("X",), denied=denied)
    return [Fragment(run.start, run.end, (step,), "X", None, "id_card")]


def _lone_letters(text: str, context: Context) -> list[Fragment]:
    """「单号是 YT」: the letters that an order number begins with, before its digits."""
    match = _LETTERS_LAST.search(text)
    if match is None or context.of(match.start(1), match.end(1)).named not in ("order_no", None):
        return []
    introduced = context.of(match.start(1), match.end(1)).named
    if introduced is None and match.start(1) > MOSTLY_DIGITS_REST:
        return []
    letters = "".join(char for char in match[1].upper() if char.isalpha())
    if letters in WORDS_IN_LETTERS or _WORD.search(match[1]):
        return []
    return [Fragment(*match.span(1), (Edit("say", (letters,)),), letters, None, introduced)]


def _asked(text: str, context: Context, fragments: tuple[Fragment, ...]) -> Named | None:
    """The kind of number named last, with no number after it."""
    after = fragments[-1].end if fragments else 0
    for start, end, named in reversed(context.mentions()):
        if start < after or named is None:
            break
        if named == "none":
            continue
        asking = (
            wording.ASKING.search(text)
            or (named == "code" and wording.SENT.search(text))
            or end >= len(text.rstrip("。，,？?！! ")) - 2
        )
        if asking and (_NUMBER_WORDS.search(text[start : end + 1]) or wording.ASKING.match(text[end : end + 3])):
            return named
        if _THAT_ORDER.fullmatch(text[start:end]):
            return named
    return "code" if not fragments and wording.CODE_SENT.search(text) else None
