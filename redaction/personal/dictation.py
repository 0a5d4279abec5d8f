"""What an utterance has to do with numbers told over several turns: fragments, what is asked for, what is denied."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.types import Leg
from core.zh.number_words import Token, tokens
from core.zh.numerals import Run, runs
from redaction.personal.context import Context, Named
from redaction.personal.corrections import Edit, edits
from redaction.personal.finder import PersonalDataFinder
from redaction.personal.kinds import Verdict, is_hotline
from redaction.personal.numbers import Number

_ASKING = re.compile(
    r"多少|报|提供|告诉|念|什么|给我|给您|给你|记一下|记好|留|输|核对|核实|确认|麻烦|请|说一下|说下|"
    r"发我|方便|[是号码呢：:]$|有吗|查一?下|读|登记|后面|剩下|接着"
)
_DENIAL = re.compile(r"不对|错了|不是|有误|弄错|搞错|听错|记错|不太对|错啦|不正确|没对")
_REPEAT = re.compile(
    r"再(?:说|报|念|讲|来|重复)一?(?:遍|次|下)|重新(?:说|报|念|来|讲)|重复一[下遍]|没听清|没听到|从头|"
    r"重来|慢点说|慢一点|再说|听不清|没记(?:下来|住)"
)
_YES = re.compile(r"^(?:嗯|啊|哎|诶)*[，,]?(?:对|是的?|没错|对的|正确|好的?|可以)[对的是啊呀，,。嗯了没错！!]*$")
_QUESTION = re.compile(r"(?:吗|么|吧|对不对|是不是|[?？])[?？。]?$")
_MARKS_ONLY = re.compile(r"[\s，。,.！!？?、…]")
_NUMBER_WORDS = re.compile(r"号|码|证|卡|联系方式|电话|密码|运单|工单|手机$|手机[呢是，,：:]|账户|单$")
_LETTERS_LAST = re.compile(r"(?<![A-Za-z])([A-Za-z]{2,4})[，。,. ]*$")
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
    talk_chars: int = 0
    """Characters besides digits, fillers and marks."""


def spoken(utterance_id: str, leg: Leg, text: str, heard_ms: tuple[int, int], finder: PersonalDataFinder) -> Spoken:
    """Reads an utterance that was heard from `heard_ms[0]` to `heard_ms[1]`. Linear in its length."""
    context = Context(text)
    fragments = _fragments(text, context, finder)
    talk = sum(
        one.end - one.start
        for one in tokens(text)
        if one.role in ("other", "amount", "letters") and not _MARKS_ONLY.fullmatch(text[one.start : one.end])
    )
    return Spoken(
        utterance_id,
        leg,
        *heard_ms,
        fragments,
        _asked(text, context, fragments),
        _DENIAL.search(text) is not None,
        _REPEAT.search(text) is not None,
        _YES.match(text) is not None,
        _QUESTION.search(text) is not None,
        talk,
    )


def _fragments(text: str, context: Context, finder: PersonalDataFinder) -> tuple[Fragment, ...]:
    others = [one for one in finder.find(text) if one.kind in ("pii.email", "pii.plate", "pii.address")]
    numbers = finder.numbers(text)
    # 「后四位 4185」 tells no number, but it may mend one.
    takes_back = _DENIAL.search(text) is not None
    made: list[Fragment] = []
    for run in runs(text):
        if any(one.start < run.end and run.start < one.end for one in others):
            continue
        mine = [one for one in numbers if one.start < run.end and run.start < one.end]
        parts = tuple(_of_number(number) for number in mine)
        if len(parts) == 1 and len(parts[0].value) >= len(run.value) - 2:
            made.append(parts[0])
            continue
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
        hotline = is_hotline(value) and len(value) >= 5
        made.append(
            Fragment(start, end, steps, value, None, named, extension, hotline, not re.search(r"\w", text[end:]), parts)
        )
    if not made:
        made.extend(_lone_x(text) or _lone_letters(text, context))
    return tuple(made)


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


def _lone_x(text: str) -> list[Fragment]:
    """「最后一位是叉」: the check character of an identity number, told alone."""
    if len(text) > 14:
        return []
    xs = [one for one in tokens(text) if one.role == "letters" and one.value == "X"]
    if len(xs) != 1:
        return []
    one: Token = xs[0]
    run = Run((one,))
    return [Fragment(run.start, run.end, (Edit("say", ("X",)),), "X", None, "id_card")]


def _lone_letters(text: str, context: Context) -> list[Fragment]:
    """「单号是 YT」: the letters that an order number begins with, before its digits."""
    match = _LETTERS_LAST.search(text)
    if match is None or context.of(match.start(1), match.end(1)).named not in ("order_no", None):
        return []
    introduced = context.of(match.start(1), match.end(1)).named
    if introduced is None and match.start(1) > MOSTLY_DIGITS_REST:
        return []
    return [Fragment(*match.span(1), (Edit("say", (match[1].upper(),)),), match[1].upper(), None, introduced)]


def _asked(text: str, context: Context, fragments: tuple[Fragment, ...]) -> Named | None:
    """The kind of number named last, with no number after it."""
    after = fragments[-1].end if fragments else 0
    for start, end, named in reversed(context.mentions()):
        if start < after or named is None:
            break
        if named == "none":
            continue
        asking = _ASKING.search(text) or end >= len(text.rstrip("。，,？?！! ")) - 2
        if asking and (_NUMBER_WORDS.search(text[start : end + 1]) or _ASKING.match(text[end : end + 3])):
            return named
    return None
