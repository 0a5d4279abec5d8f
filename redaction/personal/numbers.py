"""Numbers in one text: runs of digits, what introduces them, and the recogniser that knows them best."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.zh.heard import may_be_heard
from core.zh.homophones import FUNCTION_CHARS
from core.zh.number_words import Token
from core.zh.numerals import Run, heard_runs, runs
from redaction.finding import Finding
from redaction.personal.context import Context, Introduced, Named
from redaction.personal.corrections import Fits, applied, edits
from redaction.personal.groups import (
    STRONG_DIGITS,
    Part,
    joined_parts,
    parts_of,
    stands_apart,
    trimmed,
    with_area_codes,
)
from redaction.personal.kinds import (
    DEFAULT_ORDER_PATTERNS,
    LENGTHS,
    LIKELY,
    BankCard,
    Code,
    IdCard,
    Landline,
    Long,
    Mobile,
    OrderNumber,
    Recogniser,
    Somebodys,
    Verdict,
    is_hotline,
    like_id,
)

_LONGEST_VALUE = 40
_SHORTEST_APART, _LONGEST_APART = 7, 22
"""Digits of a number that is found beside others in one run."""
_LONG_BY_EAR = 7
_LIKE_A_CARD = 15
_SHORTEST_LONG = 13
"""Digits of a run that are hidden as one number though pieces of them are numbers as well."""
_FOUR_OCTETS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_HYPHENATED = re.compile(r"(0\d{2,3})[-－—–](\d{7,8})[-－—–]\d{1,6}")
"""A landline number with its extension."""
_PHONES = ("pii.mobile", "pii.landline", "pii.number")
_ORDINAL = re.compile(r"[第￥¥$]\s*$")
_MINE = re.compile("(?:我|本人)的?(?:电话|手机|微信|号码?)[^，。]{0,3}$")
_MONEY = re.compile(r"多?(?:块|元|万|亿|美元|港币)")


@dataclass(frozen=True, slots=True)
class Number:
    """A run of text and the verdict on it; `run` for who joins numbers over turns."""

    start: int
    end: int
    verdict: Verdict
    introduced: Introduced
    run: Run

    def finding(self) -> Finding:
        """As what it is reported."""
        verdict = self.verdict
        return Finding(self.start, self.end, verdict.kind, verdict.value, verdict.checksum, sure=verdict.sure)


class NumberRecognisers:
    """All recognisers of numbers. Stateless."""

    def __init__(self, order_patterns: Sequence[str] = DEFAULT_ORDER_PATTERNS) -> None:
        self._all: tuple[Recogniser, ...] = (
            Mobile(),
            Landline(),
            IdCard(),
            BankCard(),
            Code(),
            OrderNumber(order_patterns),
            Somebodys(),
            Long(),
        )

    def judge(self, value: str, named: Named | None) -> Verdict | None:
        """The best verdict on a whole number."""
        if not 4 <= len(value) <= _LONGEST_VALUE:
            return None
        verdicts = [verdict for one in self._all if (verdict := one.judge(value, named))]
        return max(verdicts, key=lambda verdict: verdict.score, default=None)

    def fits(self, named: Named | None, *, any_length: bool = True) -> Fits:
        """Whether digits are a complete number of a known form, or of the form that was named.

        `any_length` False: only of a form that tells where it ends, so no code and no order number.
        """

        def fit(value: str) -> bool:
            verdict = self.judge(value, named)
            if verdict is None or not verdict.sure or verdict.checksum == "wrong" or verdict.kind == "pii.number":
                return False
            return any_length or verdict.kind not in ("pii.code", "pii.order_no")

        return fit

    def find(self, text: str, all_runs: Sequence[Run] | None = None) -> list[Number]:
        """Numbers to be hidden, in order of start."""
        context = Context(text)
        found: list[Number] = []
        for run in with_area_codes(runs(text) if all_runs is None else all_runs, text):
            found.extend(self._of_run(run, context, text))
        if all_runs is None and may_be_heard(text):
            found = self._with_heard(found, context, text)
        return found

    def _with_heard(self, found: list[Number], context: Context, text: str) -> list[Number]:
        """Numbers of which more than a digit or two were written as other words, in the place of what they hid."""
        for run in heard_runs(text):
            if not run.unsure:
                continue
            number = self._judged(run, context.of(run.start, run.end), text)
            if number is None or not _tells_itself(number):
                continue
            over = [one for one in found if one.start < number.end and number.start < one.end]
            size = len(number.verdict.value)
            if any(_outweighs(one, size) for one in over):
                continue
            number = replace(number, verdict=replace(number.verdict, sure=False))
            found = sorted([*(one for one in found if one not in over), number], key=lambda one: one.start)
        return found

    def _of_run(self, run: Run, context: Context, text: str) -> Iterator[Number]:
        introduced = context.of(run.start, run.end)
        if _ORDINAL.search(text[max(0, run.start - 2) : run.start]) and len(run.value) < 10:
            return
        whole = self._judged(run, introduced, text)
        if whole is not None and (twice := self._twice(run, introduced, text)):
            yield from twice
            return
        if whole is not None and (whole.verdict.score >= LIKELY or len(parts_of(run)) == 1):
            yield whole
            return
        parts = parts_of(run)
        apart = list(self._apart(parts, run, context, text))
        if whole is not None and not _falls_apart(whole, apart, parts):
            yield whole
        else:
            yield from self._with_rests(apart, parts, run, introduced, text)

    def _twice(self, run: Run, introduced: Introduced, text: str) -> list[Number]:
        """A number that is told whole and then once more, as the two it is."""
        at = next((i for i, token in enumerate(run.tokens) if token.role == "restart"), None)
        if at is None:
            return []
        sides = [trimmed(side) for side in (run.tokens[:at], run.tokens[at + 1 :])]
        if not all(sides):
            return []
        halves = (Run(sides[0], run.lead, run.before), Run(sides[1], (), (), run.after, run.unit))
        found = [one for half in halves if (one := self._judged(half, introduced, text)) is not None]
        same = len(found) == len(halves) and found[0].verdict == found[1].verdict and found[0].verdict.sure
        return found if same else []

    def _judged(self, run: Run, introduced: Introduced, text: str) -> Number | None:
        """The verdict on a run as one number, with homophones counted where they complete it."""
        if introduced.named == "none" and introduced.near and not _with_area(run.value):
            return None
        named = _named(introduced)
        if run.unit and (len(run.value) < 10 or _MONEY.match(text, run.end)):
            return None
        plain, sure = self.read(run, named)
        verdict = self.judge(plain, named)
        if verdict is None and plain != run.value:
            # What sounded like corrections made no number of it; it may have been one as it was told.
            verdict, sure = self.judge(run.value, named), False
        if _FOUR_OCTETS.fullmatch(text, run.start, run.end) and not (
            verdict is not None and (verdict.checksum == "right" or introduced.near)
        ):
            return None
        extended = _HYPHENATED.fullmatch(text, run.start, run.end)
        if extended is not None:
            verdict = self.judge(extended[1] + extended[2], "landline")
        start, end = run.start, run.end
        if verdict is None or not verdict.sure or verdict.checksum == "wrong":
            longer = self._with_homophones(run, text, plain, named, verdict)
            if longer is not None:
                verdict, start, end = longer
        if verdict is None or (
            is_hotline(plain) and verdict.kind in _PHONES and not _somebodys(plain, introduced, text[: run.start])
        ):
            return None
        if not sure:
            verdict = replace(verdict, sure=False)
        start = _with_prefix(start, text, plain, verdict)
        return Number(start, end, verdict, introduced, run)

    def read(self, run: Run, named: Named | None, *, soft: bool = False) -> tuple[str, bool]:
        """What a run says in the end, corrections carried out, extension left out."""
        value, sure = "", True
        fits = self.fits(named, any_length=False)
        for edit in edits(run, soft=soft):
            value, certain = applied(value, edit, fits)
            sure = sure and certain
        return value, sure

    def _with_homophones(
        self, run: Run, text: str, plain: str, named: Named | None, weaker: Verdict | None
    ) -> tuple[Verdict, int, int] | None:
        """The run read with characters that sound like digits, where that makes a number of a certain form."""
        readings: list[tuple[str, int, int]] = []
        soft = self.read(run, named, soft=True)[0] if any(one.soft for one in run.tokens) else plain
        for lead in range(len(run.before) + 1):
            for tail in range(len(run.after) + 1):
                before = run.before[len(run.before) - lead :]
                after = run.after[:tail]
                if not lead and not tail and soft == plain:
                    continue
                for inner in dict.fromkeys((plain, soft)):
                    value = "".join(one.value for one in before) + inner + "".join(one.value for one in after)
                    readings.append((value, _start(before, run), after[-1].end if after else run.end))
        for value, start, end in readings:
            verdict = self.judge(value, named)
            if (
                verdict is None
                or not verdict.sure
                or verdict.kind not in ("pii.mobile", "pii.id_card", "pii.bank_card")
            ):
                continue
            if verdict.checksum == "right" and (weaker is None or verdict.score > weaker.score):
                return replace(verdict, sure=False), start, end
        return self._with_lost_ends(readings, run, text, named, weaker)

    def _with_lost_ends(
        self, readings: Sequence[tuple[str, int, int]], run: Run, text: str, named: Named | None, weaker: Verdict | None
    ) -> tuple[Verdict, int, int] | None:
        """A number with a slip in it read with what sounds like a digit at its ends, where nothing else is said there.

        Beside another word only where it is a digit short of its kind without.
        """
        wanted = LENGTHS.get(weaker.kind if weaker and weaker.kind in LENGTHS else f"pii.{named}")
        if weaker is None or weaker.checksum == "right" or wanted is None:
            return None
        short = len(weaker.value) < min(wanted)
        for value, start, end in reversed(readings):
            if not len(weaker.value) < len(value) <= max(wanted) + 1:
                continue
            if not (short and len(value) in wanted) and not _stands_free(text, start, end, run):
                continue
            if (verdict := self.judge(value, named)) is not None:
                return replace(verdict, sure=False), start, end
        return None

    def _with_rests(
        self, apart: Sequence[Number], parts: Sequence[Part], run: Run, introduced: Introduced, text: str
    ) -> Iterator[Number]:
        """Numbers of a run, and what is left of it and as long as a card: a slip makes no number of it less."""
        rest: list[Part] = []
        left = list(apart)
        for part in [*parts, None]:
            while left and (part is None or left[0].end <= part.tokens[0].start):
                yield left.pop(0)
            covered = part is None or (left and left[0].start <= part.tokens[0].start)
            if part is not None and not covered:
                rest.append(part)
            elif rest:
                size = sum(len(one.value) for one in rest)
                number = self._judged(joined_parts(rest, run), introduced, text) if size >= _SHORTEST_LONG else None
                if number is not None:
                    yield number
                rest = []

    def _apart(self, parts: Sequence[Part], run: Run, context: Context, text: str) -> Iterator[Number]:
        """Several numbers that were read out one after the other, or one beside counts and the like."""
        at = 0
        while at < len(parts):
            best: tuple[float, int, Number] | None = None
            size = 0
            for end in range(at + 1, len(parts) + 1):
                size += len(parts[end - 1].value)
                if size > _LONGEST_APART:
                    break
                if size < _SHORTEST_APART:
                    continue
                if end - at == len(parts) or not stands_apart(parts, at, end):
                    continue
                sub = joined_parts(parts[at:end], run)
                number = self._judged(sub, context.of(sub.start, sub.end), text)
                if number is None or number.verdict.score < LIKELY:
                    continue
                if best is None or (number.verdict.score, end) > best[:2]:
                    best = (number.verdict.score, end, number)
            if best is not None:
                yield best[2]
                at = best[1]
            else:
                at += 1


def _named(introduced: Introduced) -> Named | None:
    """What the number is called; a word far away counts only for forms that need no name."""
    named = introduced.named
    if introduced.near or named in ("mobile", "id_card", "bank_card"):
        return named
    return None


def _falls_apart(whole: Number, apart: Sequence[Number], parts: Sequence[Part]) -> bool:
    """Whether numbers that lie in a longer one of no right form are meant, rather than the longer one with a slip."""
    if not apart:
        return False
    plain = whole.verdict.value
    # Of all that was told: a verdict leaves an extension out.
    size = sum(len(part.value) for part in parts)
    if size < _SHORTEST_LONG or sum(len(one.verdict.value) for one in apart) >= size:
        return True
    if like_id(plain):
        return False
    first, last = apart[0], apart[-1]
    if first.start == whole.start and first.verdict.kind == "pii.mobile":
        inside = [part.level for part in parts[1:] if part.tokens[0].start < first.end]
        after = [part.level for part in parts if part.tokens[0].start >= first.end]
        return not inside or not after or after[0] > max(inside)
    mine = [part.level for part in parts if last.start <= part.tokens[0].start < last.end]
    alone = last.end == whole.end and len(mine) > 0 and mine[0] > max(mine[1:], default=0)
    return alone and last.verdict.kind == "pii.mobile"


def _tells_itself(number: Number) -> bool:
    """Whether a number read by ear alone is of a form that chance hardly makes, or was called what it is."""
    verdict, introduced = number.verdict, number.introduced
    size = len(verdict.value)
    if verdict.checksum == "right" and verdict.kind in ("pii.mobile", "pii.id_card", "pii.bank_card"):
        return True
    if size >= _SHORTEST_LONG or (size >= _LONG_BY_EAR and introduced.near and verdict.kind in (*_PHONES, *LENGTHS)):
        return True
    if verdict.checksum != "none" or not introduced.near:
        return False
    return verdict.kind == f"pii.{introduced.named}" and verdict.kind in ("pii.code", "pii.order_no")


def _start(before: Sequence[Token], run: Run) -> int:
    return before[0].start if before else run.start


def _stands_free(text: str, start: int, end: int, run: Run) -> bool:
    """Whether characters taken in before and after a run stand beside no word and are none themselves."""
    taken = text[start : run.start] + text[run.end : end]
    beside = (text[start - 1 : start] if start < run.start else "") + (text[end : end + 1] if end > run.end else "")
    return FUNCTION_CHARS.isdisjoint(taken) and not any(char.isalnum() for char in beside)


def _somebodys(value: str, introduced: Introduced, before: str) -> bool:
    """Whether what looks like a public number is called somebody's own and is about as long: a digit may be lost."""
    if not introduced.near or abs(len(value) - STRONG_DIGITS) > 1:
        return False
    own = introduced.named == "mobile" or _MINE.search(before) is not None
    return own or (introduced.named == "phone" and len(value) == STRONG_DIGITS)


def _with_area(value: str) -> bool:
    """Whether a number tells itself even after 总机 or the like."""
    if re.fullmatch(r"1[3-9]\d{9}|(?:010|02\d|0[3-9]\d\d)[2-9]\d{6,11}", value):
        return True
    return like_id(value) or (value.startswith("62") and value.isdigit() and 15 <= len(value) <= 20)


def _with_prefix(start: int, text: str, plain: str, verdict: Verdict) -> int:
    """Take in the plus of a country code and the bracket of an area code."""
    asked = text[max(0, start - 2) : start] in ("请加", "您加", "你加", "就加", "信加")  # to add somebody, not a code
    if plain != verdict.value and start and text[start - 1] in "+＋加" and not asked:
        return start - 1
    if verdict.kind == "pii.landline" and start and text[start - 1] in "(（":
        return start - 1
    return start


def _outweighs(number: Number, size: int) -> bool:
    """Whether a number stays beside one of `size` digits that is read by ear."""
    verdict = number.verdict
    return verdict.sure and (len(verdict.value) >= size or (verdict.checksum == "right" and size < _LIKE_A_CARD))
