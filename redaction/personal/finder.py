"""All recognisers of personal data as one finder."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from functools import lru_cache

from core.zh.heard import may_be_heard
from core.zh.number_words import tokens
from core.zh.numerals import Run, heard_runs, runs
from redaction.finding import Finding, Partial
from redaction.personal.addresses import Addresses
from redaction.personal.context import Context
from redaction.personal.email import Emails
from redaction.personal.kinds import DEFAULT_ORDER_PATTERNS, is_hotline
from redaction.personal.names import Names
from redaction.personal.numbers import Number, NumberRecognisers
from redaction.personal.plate import Plates
from redaction.personal.terms import with_terms_heard

_SHORT_VALUE = 7
"""Numbers of fewer digits than this that lie in an address are parts of it."""
_HEARD_DIGITS = 3
_TAIL_CHARS = 80
"""How far back a number that is still being spoken may have begun."""
_ONE_HALF = re.compile("[\ud800-\udfff]")
"""Half of a pair of surrogates, which `rjieba` refuses."""
_SENTENCE_END = re.compile(r"[。？！?!]\s*$")
_PRICE_BEFORE = re.compile(
    r"(?:[￥¥$]|价格是?|售价是?|原价|金额是?|余额是?|一共是?|总共是?|大概|大约|差不多|花了|扣了|充了|"
    r"付了|收了|退了?|送|打|百分之|第|满|减|超过|不到|至少|最多|"
    r"还有|还剩|剩下?|最近|过了|等了|用了|前|后|再|第)\s*$"
)


class PersonalDataFinder:
    """Finds personal data by rules. Stateless but for caches; linear in the length of the text.

    `order_patterns`: regular expressions for a whole order number, letters in upper case, separators gone; see
    `redaction.personal.kinds.OrderNumber`. Any one thread at a time.
    """

    def __init__(self, order_patterns: Sequence[str] = DEFAULT_ORDER_PATTERNS) -> None:
        self._numbers = NumberRecognisers(order_patterns)
        self._plates = Plates()
        self._emails = Emails()
        self._addresses = Addresses()
        self._names = Names()
        # The mask asks for a text, then joining for the same.
        self._found_last = lru_cache(maxsize=1)(self._found)
        self._numbers_last = lru_cache(maxsize=1)(self._numbers.find)

    def find(self, text: str, doubts: Collection[int] = ()) -> list[Finding]:  # noqa: ARG002 - the Protocol's
        """Findings in order of start; they do not overlap."""
        return list(self._found_last(with_terms_heard(_ONE_HALF.sub("\ufffd", text))))

    def _found(self, text: str) -> list[Finding]:
        fixed = _apart([*self._emails.find(text), *self._plates.find(text)])
        numbers = [one.finding() for one in self.numbers(text)]
        fixed = _apart([*fixed, *(one for one in numbers if len(one.value) >= _SHORT_VALUE)])
        fixed = _apart([*fixed, *self._addresses.find(text)])
        fixed = _apart([*fixed, *(one for one in numbers if len(one.value) < _SHORT_VALUE)])
        return _apart([*fixed, *self._names.find(text)])

    def numbers(self, text: str) -> list[Number]:
        """Numbers alone, with how they were read: for `redaction.joining`."""
        return list(self._numbers_last(text))

    def partial(self, text: str) -> Partial:
        """What is found in a text still being spoken, and up to where nothing may grow into personal data."""
        return Partial(self.find(text), len(text) - self.held_back(text))

    def held_back(self, text: str) -> int:
        """How many code points at the end may grow into a finding; 0 for none. What is one already may still grow."""
        text = with_terms_heard(_ONE_HALF.sub("\ufffd", text))
        return max(
            self._number_tail(text),
            self._plates.held_back(text),
            self._emails.held_back(text),
            self._addresses.held_back(text),
            self._names.held_back(text),
        )

    def _number_tail(self, text: str) -> int:  # noqa: PLR0911 - reasons to hold nothing, one a line
        from_ = max(0, len(text) - _TAIL_CHARS)
        tail = text[from_:]
        last = _last_run(tail)
        if last is None:
            return 0
        if not _reaches_end(last, tail) or _SENTENCE_END.search(tail[last.end :]):
            return 0
        size = sum(len(one.value) for one in last.tokens if one.role == "digits")
        context = Context(tail).of(last.start, last.end)
        if context.named == "none" and context.near:
            return 0
        if size < 2 and not (context.near and context.named is not None):
            return 0
        if last.unit or (size <= 4 and context.named is None and _PRICE_BEFORE.search(tail[: last.start])):
            return 0
        found = self._numbers.find(tail, [last])
        if found and found[-1].finding().sure and found[-1].verdict.checksum == "right" and _complete(found[-1]):
            return 0
        if is_hotline(last.value) and context.named is None and len(last.value) >= 5:
            return 0
        return len(tail) - last.start + _plus(tail, last.start)


def _last_run(tail: str) -> Run | None:
    """The number told last; of one that is known by ear alone at least three digits."""
    last = next(reversed(runs(tail)), None)
    if may_be_heard(tail):
        heard = next((one for one in reversed(heard_runs(tail)) if one.unsure), None)
        if heard is not None and len(heard.value) >= _HEARD_DIGITS and (last is None or heard.start < last.start):
            return heard
    return last


def _complete(number: Number) -> bool:
    return number.verdict.kind in ("pii.mobile", "pii.id_card") or len(number.verdict.value) == 19


def _plus(text: str, start: int) -> int:
    return int(start > 0 and text[start - 1] in "+＋(（")


def _reaches_end(run: Run, text: str) -> bool:
    """Whether nothing but separators, fillers and what may sound like a digit follows."""
    rest = text[run.end :]
    if len(rest) > 10:
        return False
    after = "".join(text[one.start : one.end] for one in run.after)
    return all(one.role not in ("other", "amount") for one in tokens(rest)) or (rest == after and bool(rest))


def _apart(findings: Sequence[Finding]) -> list[Finding]:
    """The first of those that overlap, in order of start; a later one loses its end, or falls away."""
    kept: list[Finding] = []
    for one in findings:
        at = bisect_left(kept, one.start, key=lambda other: other.start)
        over = [other for other in kept[max(0, at - 1) : at + 1] if other.start < one.end and one.start < other.end]
        if not over:
            kept.insert(at, one)
        elif one.kind == "pii.address" and all(other.start > one.start + 3 for other in over):
            end = min(other.start for other in over)
            kept.insert(at, Finding(one.start, end, one.kind))
    return kept
