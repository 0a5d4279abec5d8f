"""The groups that a number is read out in, and which of them may be a number by themselves. Pure logic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.zh.number_words import Token
from core.zh.numerals import Run

STRONG_DIGITS = 11
_SHORTEST_OTHER = 4
_AFTER_AREA_CODE = re.compile(r"[，, ]?(?:然后)?(?:号码|电话|座机|固话|电话号码|座机号)?(?:是)?[，, ]?")


@dataclass(frozen=True, slots=True)
class Part:
    """A group of a run: tokens that touch and are of one script. `level`: what parts it from the group before."""

    tokens: tuple[Token, ...]
    gap: tuple[Token, ...]
    level: int
    value: str


def with_area_codes(all_runs: Sequence[Run], text: str) -> list[Run]:
    """Runs, an area code and the number that is called so made one: 「区号0571，号码87654321」."""
    made: list[Run] = []
    for run in all_runs:
        if made and re.fullmatch(r"0\d{2,3}", made[-1].value) and re.fullmatch(r"[2-9]\d{6,7}", run.value):
            between = text[made[-1].end : run.start]
            if _AFTER_AREA_CODE.fullmatch(between):
                gap = Token("gap", made[-1].end, run.start, level=2)
                made[-1] = Run(
                    (*made[-1].tokens, gap, *run.tokens), made[-1].lead, made[-1].before, run.after, run.unit
                )
                continue
        made.append(run)
    return made


def parts_of(run: Run) -> list[Part]:
    parts: list[Part] = []
    tokens: list[Token] = []
    gap: list[Token] = []
    level = 0

    def close() -> None:
        nonlocal tokens, gap
        if tokens:
            parts.append(Part(tuple(tokens), tuple(gap), level, "".join(one.value for one in tokens)))
        tokens, gap = [], []

    for token in run.tokens:
        if token.role in ("digits", "letters") and not token.soft:
            if tokens and _changes_script(tokens[-1], token):
                close()
                level = 2
            elif not tokens:
                level = max((4 if one.role not in ("gap", "digits") else one.level for one in gap), default=0)
            tokens.append(token)
        else:
            if tokens:
                close()
            gap.append(token)
    close()
    return parts


def _changes_script(one: Token, other: Token) -> bool:
    return (one.role != other.role and other.value != "X" and one.role == "digits") or _written(one) != _written(other)


def _written(token: Token) -> bool:
    """Whether digits were written in figures, so that a token is about as long as its value; letters go with either."""
    return token.role == "digits" and token.end - token.start == len(token.value) > 1


def stands_apart(parts: Sequence[Part], at: int, end: int) -> bool:
    """Whether parts [at, end) are parted from their neighbours more strongly than among themselves."""
    inner = max((part.level for part in parts[at + 1 : end]), default=0)
    left = parts[at].level if at else 9
    right = parts[end].level if end < len(parts) else 9
    strong = sum(len(part.value) for part in parts[at:end]) >= STRONG_DIGITS
    # Parted no more strongly than among themselves: only from another number, not from a digit too many.
    others_left = strong and left >= inner and sum(len(part.value) for part in parts[:at]) >= _SHORTEST_OTHER
    others_right = strong and right >= inner and sum(len(part.value) for part in parts[end:]) >= _SHORTEST_OTHER
    return (left > inner or others_left) and (right > inner or others_right)


def joined_parts(parts: Sequence[Part], run: Run) -> Run:
    tokens = list(parts[0].tokens)
    for part in parts[1:]:
        tokens += [*part.gap, *part.tokens]
    last = tokens[-1] is run.tokens[-1]
    first = tokens[0] is run.tokens[0]
    return Run(
        tuple(tokens),
        run.lead if first else (),
        run.before if first else (),
        run.after if last else (),
        run.unit and last,
    )


def trimmed(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Tokens from the first digit or letter to the last."""
    told = [i for i, token in enumerate(tokens) if token.role in ("digits", "letters") and not token.soft]
    return tuple(tokens[told[0] : told[-1] + 1]) if told else ()
