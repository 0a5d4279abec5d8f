"""A number said again by either side: whole, in pieces, or a little otherwise.

Pure logic. Source of the rules: who repeats a number repeats its groups, in its order or only those in dispute. Of two
numbers that are hardly different one is the other misheard, for no caller has two such numbers by chance.
"""

from __future__ import annotations

from redaction.personal.assembly import RECOGNISERS, REPORTED_DIGITS, Assembly
from redaction.personal.beginnings import same_kind, short
from redaction.personal.context import Named
from redaction.personal.dictation import Fragment, Spoken

_SHORTEST_SAID = 3
_SHORTEST_PIECE = 2


def distance(one: str, other: str) -> int:
    """How many digits must be changed, put in, left out or exchanged with their neighbour to make one the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (char != wanted))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def near(said: str, value: str) -> bool:
    """Whether two long strings are so alike that they are the same number."""
    if min(len(said), len(value)) < REPORTED_DIGITS or abs(len(said) - len(value)) > _most_wrong(value):
        return False
    return sorted(said) == sorted(value) or distance(said, value) <= _most_wrong(value)


def _most_wrong(value: str) -> int:
    return max(3, len(value) // 4)


def retold(groups: tuple[str, ...], value: str) -> bool:
    """Whether groups are all of the number, told in its order or starting again: 「3372，182 5707 3372」."""
    if len("".join(groups)) < _SHORTEST_SAID:
        return False
    piece = ""
    for group in groups:
        if piece + group in value:
            piece += group
        elif len(piece) != 1 and len(group) >= _SHORTEST_PIECE and group in value:
            piece = group
        else:
            return False
    return len(piece) >= _SHORTEST_PIECE


def groups_of(fragment: Fragment) -> tuple[str, ...]:
    """All groups of a fragment as they were said, also those that another takes the place of."""
    return tuple(group for step in fragment.steps for group in step.groups) or (fragment.value,)


def with_part(said: str, value: str) -> str:
    """The number with the part that is likest replaced by what was said; of several the last."""
    starts = range(len(value) - len(said), -1, -1)
    at = min(starts, key=lambda at: sum(a != b for a, b in zip(said, value[at:], strict=False)))
    return value[:at] + said + value[at + len(said) :]


def within(said: str, heard: str) -> bool:
    """Whether digits can be had of others by leaving some out."""
    rest = iter(heard)
    return all(char in rest for char in said)


def like_a_part(said: str, value: str) -> bool:
    """Whether digits are a part of the number with a digit or two of it said otherwise."""
    size = len(said)
    if size < _SHORTEST_SAID or size >= len(value):
        return False
    most = max(1, size // 3)
    return any(
        sum(a != b for a, b in zip(said, value[at : at + size], strict=True)) <= most
        or sorted(said) == sorted(value[at : at + size])
        for at in range(len(value) - size + 1)
    )


def stands(one: Spoken, fragment: Fragment, number: Assembly) -> bool:
    """Whether the speaker tells again of his number what was read back otherwise; the number stands as it was told."""
    said = groups_of(fragment)
    if number.complete and retold(said, number.value) and _echoed_by(one, number):
        number.echo(one, fragment)
        return True
    if not number.misread or any(step.op in ("doubt", "restart") for step in fragment.steps):
        return False
    ends = number.value.endswith(fragment.value) and not number.misread.endswith(fragment.value)
    if not ends and (not retold(said, number.value) or retold(said, number.misread)):
        return False
    number.echo(one, fragment)
    number.understood()
    return True


def _echoed_by(one: Spoken, number: Assembly) -> bool:
    """Whether this utterance has said something of the number again before: 「三六八，三百六十八的三六八」."""
    return bool(number.parts) and number.parts[-1].echo and number.parts[-1].utterance_id == one.id


def taken_from_readback(one: Spoken, fragment: Fragment, number: Assembly) -> bool:
    """Whether the other leg reads back whole what had not been told clearly; the number is then what it has read."""
    said = fragment.value
    if number.clear or said in number.value:
        return False
    if not (RECOGNISERS.fits(number.named)(said) or number.named == "order_no"):
        return False
    explained = len(said) >= REPORTED_DIGITS and len(number.heard) <= 2 * len(said) and within(said, number.heard)
    if not explained and not near(said, number.value):
        return False
    number.add(one, fragment, said, certain=False, anew=True)
    number.misread, number.confirmed = "", one.leg
    return True


def told_whole_again(one: Spoken, fragment: Fragment, number: Assembly) -> bool:
    """Whether the speaker tells the whole of a disputed number again, and otherwise."""
    disputed = number.misread or number.open or number.doubted or not number.certain or one.denies
    if not disputed or not fragment.whole or not near(fragment.value, number.value):
        return False
    verdict = fragment.verdict
    if verdict is None or number.kind not in (None, verdict.kind):
        return False
    number.add(one, fragment, fragment.value, certain=verdict.sure, anew=True)
    number.misread = ""
    return True


def left_over(one: Spoken, fragment: Fragment, number: Assembly, named: Named | None) -> bool:
    """Whether digits are of the number just told though there is no room for them in it: one of both was misheard."""
    if fragment.whole or number.complete or number.closed or one.leg != number.owner or not short(one):
        return False
    if fragment.named not in (None, "none") or not same_kind(named or number.named, number.named):
        return False
    if len(number.value) < REPORTED_DIGITS or len(number.value) + len(fragment.value) <= number.longest:
        return False
    number.echo(one, fragment)
    number.dispute("digits")
    return True
