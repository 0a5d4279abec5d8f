"""What digits told later do to a number that was begun: they go on with it, mend it, or tell it again.

`telling` decides which; here is what comes out. Pure logic.

Source of the rules: a group that is told again replaces the group it is like; the form of the number decides where it
could go in more than one place, and what stays open is not certain.
"""

from __future__ import annotations

import re
from dataclasses import replace

from redaction.personal.assembly import (
    RECOGNISERS,
    REPORTED_DIGITS,
    Assembly,
    differing,
    groups_like,
    longest,
    misheard,
    misread,
    with_group_replaced,
)
from redaction.personal.beginnings import short
from redaction.personal.context import Named
from redaction.personal.corrections import Edit, Fits, applied
from redaction.personal.dictation import Fragment, Spoken
from redaction.personal.echoes import like_the_end
from redaction.personal.likeness import like_a_part, with_part

_WRONG_AND_RIGHT = 2
_ANY_LENGTH = ("pii.code", "pii.order_no")
_READINGS = 24
"""Readings of a number that are kept while it is told; with one word in doubt a turn, four turns have sixteen."""
_RESTATED_DIGITS = 4
_NEARLY_ALL_DIGITS = 9
_ASKED_DIGITS = 3
_CODE_DIGITS = 6
"""A code that has so many digits has its end."""
_AREA = re.compile(r"0(?:10|2\d|[3-9]\d\d)")


def read(fragment: Fragment, fits: Fits) -> tuple[str, bool]:
    """What a fragment says by itself, its own corrections carried out, and whether that is certain."""
    groups = _begun_again(fragment.steps[0].groups) if len(fragment.steps) == 1 else ()
    value, certain = _folded(fragment.steps, "", fits)
    if groups and "".join(groups) != value and not fits(value):
        return "".join(groups), False
    return value, certain


def _begun_again(groups: tuple[str, ...]) -> tuple[str, ...]:
    """Groups without those that the next one begins with: 「177，看到哪儿了，1771075」."""
    pairs = zip(groups, (*groups[1:], ""), strict=True)
    return tuple(one for one, after in pairs if len(one) < _ASKED_DIGITS or one == after or not after.startswith(one))


def _folded(steps: tuple[Edit, ...], value: str, fits: Fits) -> tuple[str, bool]:
    certain = True
    for step in steps:
        value, clear = applied(value, step, fits)
        certain = certain and clear
    return value, certain


def appended(fragment: Fragment, target: Assembly, *, repeat: bool) -> tuple[str, bool]:
    """The number with a fragment added. `repeat`: somebody asked for it again."""
    said, value = fragment.value, target.value
    fits = RECOGNISERS.fits(target.named, any_length=False)
    complete = RECOGNISERS.fits(target.named)
    if more := _after_last_group(fragment, target):
        return value + more, False
    if len(fragment.steps) == 1 and not complete(value + said):
        again = _end_again(fragment, target, fits)
        if again:
            return again, repeat and again.startswith(value)
    steps = fragment.steps
    if steps[0].op == "say" and not any(one.place for one in steps):
        # What is taken back in the breath it was said in is of that breath: 「是四，说错了，四五」.
        whole, certain = _folded(steps, value, fits)
        if len(steps) > 1 and not (fits(whole) and certain) and not _reaches_back(steps, value):
            mine, certain = _folded(steps, "", fits)
            return (mine, certain) if mine[:3] == value[:3] and len(mine) >= len(value) > 3 else (value + mine, certain)
        if len(steps) == 1 and len(whole) > longest(target.named, whole):
            said_once = _said_otherwise(steps[0].groups)
            return (value + said_once, False) if said_once else (whole, certain)
        return whole, certain and not (target.kind in _ANY_LENGTH and _may_restate(said, target.last_group))
    return _folded(steps, value, fits)


def _end_again(fragment: Fragment, target: Assembly, fits: Fits) -> str:
    """The number where its end is told again with what was missing: 「138 0013 80」, 「8000」."""
    said, value = fragment.value, target.value
    for size in range(min(len(said), len(value)) - 1, 0, -1):
        if value.endswith(said[:size]) and fits(value + said[size:]):
            return value + said[size:]
    lost = _with_lost(fragment.steps[0].groups, value, RECOGNISERS.fits(target.named))
    return lost or _end_restated(said, value, target.named)


def _after_last_group(fragment: Fragment, target: Assembly) -> str:
    """What is told after the group said last was said once more: 「3243」, echoed, 「3243 255」."""
    groups = fragment.steps[0].groups if len(fragment.steps) == 1 else ()
    if len(groups) <= 1 or not target.parts[-1].echo or len(groups[0]) < _ASKED_DIGITS:
        return ""
    if RECOGNISERS.fits(target.named, any_length=False)(target.value + fragment.value):
        return ""
    return "".join(groups[1:]) if target.value.endswith(groups[0]) else ""


def _may_restate(said: str, last: str) -> bool:
    """Whether what goes on with a number of any length may as well be its last group told otherwise."""
    return len(said) == len(last) > 1 and said != last and (sorted(said) == sorted(last) or misheard(said, last))


def _said_otherwise(groups: tuple[str, ...]) -> str:
    """Groups of which the last take the place of those before, without a word of it: 「5025，啊，5052」."""
    for size in range(1, len(groups)):
        before, again = "".join(groups[:size]), "".join(groups[size:])
        if 1 < len(again) <= len(before) and misheard(again, before[-len(again) :]):
            return before[: -len(again)] + again
    return ""


def _with_lost(groups: tuple[str, ...], value: str, complete: Fits) -> str:
    """A number with what it lacked, after which its end is told once more: 「一，8001」."""
    for size in range(1, len(groups)):
        whole = value + "".join(groups[:size])
        if complete(whole) and whole.endswith("".join(groups[size:])):
            return whole
    return ""


def checked(value: str, named: Named | None) -> bool:
    """Whether digits are a number whose form or check digit leaves little to chance."""
    verdict = RECOGNISERS.judge(value, named)
    return verdict is not None and verdict.sure and (verdict.checksum == "right" or named == "landline")


def _reaches_back(steps: tuple[Edit, ...], value: str) -> bool:
    """Whether a step takes back what was said before this utterance."""
    said = steps[0].value
    return any(step.op == "swap" and step.old not in said and step.old in value for step in steps)


def _end_restated(said: str, value: str, named: Named | None) -> str:
    """A number of which the end is told again because a digit of it was lost: 「155 0038 821」, 「0037 8821」."""
    if len(said) < _RESTATED_DIGITS or len(value) < _NEARLY_ALL_DIGITS:
        return ""
    for cut in sorted(range(len(said) - 2, min(len(said) + 2, len(value)) + 1), key=lambda one: abs(one - len(said))):
        if cut > 0 and misread(said, value[-cut:]) and checked(value[:-cut] + said, named):
            return value[:-cut] + said
    return ""


def best_reading(
    fragment: Fragment, target: Assembly, joined: str, *, certain: bool, named: Named | None
) -> tuple[str, bool, tuple[str, ...]]:
    """The reading of the number that is a whole one, whether it is certain, and the readings that stay open."""
    others = _readings(fragment, target, joined)
    if checked(joined, named):
        return joined, certain and not fragment.heard, ()
    better = next((other for other in others if checked(other, named)), None)
    return (joined, certain and not fragment.heard, others) if better is None else (better, False, ())


def _readings(fragment: Fragment, target: Assembly, joined: str) -> tuple[str, ...]:
    """What the number may be beside `joined`, as words in it may be digits."""
    if not target.others and not fragment.others:
        return ()
    most = longest(target.named, joined)
    said = (fragment.value, *fragment.others)
    made = dict.fromkeys(value + one for value in (target.value, *target.others) for one in said)
    return tuple(one for one in made if one != joined and len(one) <= most)[:_READINGS]


def corrected(fragment: Fragment, target: Assembly, named: Named | None, *, denied: bool = False) -> tuple[str, bool]:
    """The number after the steps of a fragment, the first of which takes something back.

    `denied`: that something was wrong has been said before.
    """
    value, certain = target.value, True
    steps = list(fragment.steps)
    if steps and steps[0].place is not None:
        said_wrong = denied or (target.kind == "pii.code" and len(value) >= _CODE_DIGITS)
        certain = steps[0].denied or denied or target.kind not in _ANY_LENGTH  # else it may as well go on
        steps[0] = replace(steps[0], denied=steps[0].denied or said_wrong)
    if steps and steps[0].op == "say":
        steps[0] = Edit("fix", steps[0].groups, denied=True)
    if (
        len(steps) == 1
        and steps[0].op == "fix"
        and not steps[0].place
        and len(steps[0].value) != len(target.last_group)
    ):
        # Of what was told by ear, the reading that is as long as what it replaces.
        alike = [one for one in fragment.others if len(one) == len(target.last_group)]
        steps = [Edit(steps[0].op, (alike[0],), steps[0].old, steps[0].place, denied=True)] if alike else steps
    if steps and target.misread and steps[0].op in ("fix", "swap") and steps[0].value in value:
        steps = steps[1:]  # it had been heard right; what was read back was wrong
    elif steps and target.full and steps[0].op == "fix" and steps[0].place is None:
        replaced = with_group_replaced(target, steps[0].value)
        if replaced is not None:
            certain = len(groups_like(target, steps[0].value)) == 1
            value, steps = replaced, steps[1:]
        elif 1 < len(steps[0].value) < len(value) and not value.endswith(steps[0].value):
            certain = not like_none(steps[0], value)
            if not certain and like_a_part(steps[0].value, value):
                value, steps = with_part(steps[0].value, value), steps[1:]
    if len(steps) == 1 and steps[0].op == "fix" and steps[0].place is None and target.complete:
        certain = certain and len(steps[0].value) > 1  # 「有一位不对，是六」: which one is not said
    rest, clear = _folded(tuple(steps), value, RECOGNISERS.fits(target.named or named, any_length=False))
    return rest, certain and clear


def like_none(step: Edit, value: str) -> bool:
    """Whether digits that are to replace what was told last are not like it."""
    end = value[-len(step.value) :]
    return 2 * differing(step.value, end) > len(end)


def with_wrong_named(fragment: Fragment, target: Assembly | None) -> Fragment:
    """「8000错了，是9000」 of a number that was told: what is wrong is named first."""
    if target is None or not target.full or fragment.whole or not fragment.steps:
        return fragment
    first = fragment.steps[0]
    groups = first.groups if len(fragment.steps) == 1 and (first.op == "say" or first.held) else ()
    if len(groups) == _WRONG_AND_RIGHT and _told_anew(groups[0], groups[1], target.value):
        fragment = replace(fragment, steps=(Edit("say", groups[:1]), Edit("fix", groups[1:])))  # 「3195，是3159」
    if len(fragment.steps) != _WRONG_AND_RIGHT:
        return fragment
    wrong, right = fragment.steps
    if wrong.op != "say" or right.op != "fix" or right.place or len(wrong.value) != len(right.value):
        return fragment
    if wrong.value not in target.value:
        return fragment
    swap = Edit("swap", (right.value,), wrong.value, denied=True)
    return replace(fragment, steps=(swap,), value=right.value)


def tangled(one: Spoken, fragment: Fragment) -> bool:
    """Whether digits were told with more than one correction, or with one among other words."""
    steps = fragment.steps
    return len(steps) > 1 and (len(steps) > _WRONG_AND_RIGHT or any(step.place for step in steps) or not short(one))


def _told_anew(wrong: str, right: str, value: str) -> bool:
    """Whether a group of a number is said, and then what it is instead."""
    return wrong in value and right not in value and right != wrong and misheard(right, wrong)


def restated(said: str, target: Assembly) -> str:
    """The number with what was told last told again."""
    last = target.last_group
    return target.value[: -len(last)] + said if last and target.value.endswith(last) else said


def told_otherwise(fragment: Fragment, target: Assembly) -> str | None:
    """A complete number with a group of it told otherwise, without a word of it: 「一八三六」 of 1837."""
    said, value = fragment.value, target.value
    code = target.read_back and target.kind == "pii.code" and sorted(said) == sorted(value)
    area = _AREA.fullmatch(said) and _AREA.fullmatch(value) and misheard(said, value)  # 「021，020」
    if said != value and (code or area):
        return said
    no_room = target.full and len(value) + len(said) > target.longest
    if not (target.complete or no_room) or len(fragment.steps) != 1 or fragment.verdict is not None or target.may_go_on:
        return None
    end = value[-len(said) :]
    if len(said) < len(value) and end != said and sorted(end) == sorted(said) and target.complete:
        return value[: -len(said)] + said  # 「3300 3303」 of 3303 3300
    if like_the_end(said, value) and len(said) == len(value[-len(said) :]):
        return value[: -len(said)] + said
    if len(said) < _RESTATED_DIGITS or said in value:
        return None
    return with_group_replaced(target, said)


def takes_back(one: Spoken, fragment: Fragment, target: Assembly | None) -> bool:
    """Whether a group replaces one that is like it: 「不对，您把后四位记反了，是4185」."""
    if target is None or not one.denies or fragment.whole or not target.full:
        return False
    return fragment.value not in target.value and with_group_replaced(target, fragment.value) is not None


def begun_again(one: Spoken, fragment: Fragment, target: Assembly) -> bool:
    """Whether a whole number takes the place of one that was begun."""
    if target.complete:
        return False
    if not begins_like(fragment.value, target.value) and len(target.value) >= REPORTED_DIGITS:
        return False
    target.named = fragment.named or target.named
    target.add(one, fragment, fragment.value, certain=True, anew=True)
    return True


def says_twice(one: Spoken, fragment: Fragment, target: Assembly) -> bool:
    """Whether the speaker asks himself what he said: 「是幺三五吗，对，幺三五」."""
    groups = fragment.steps[0].groups if len(fragment.steps) == 1 else ()
    if len(one.fragments) > 1:
        groups = tuple(other.value for other in one.fragments)
    last = target.last_group
    if len(fragment.value) > _RESTATED_DIGITS and target.value.endswith(fragment.value):
        whole = RECOGNISERS.fits(target.named, any_length=False)(target.value + fragment.value)
        return not whole or target.kind == "pii.landline"
    if fragment.value.isalpha() and fragment.value != "X" and target.value[-1:].isdigit():
        known = fragment.value in target.value  # 「圆通的YT」: what it begins with
        ended = target.complete or target.named != "order_no"
        if ended and not known:
            target.dispute("digits")  # letters of a word are no part of a number
        return known or ended
    if one.agrees and len(fragment.value) >= _ASKED_DIGITS and fragment.value in target.value and not fragment.corrects:
        return True  # 「对，四一七七」
    if (one.agrees or one.names_end) and target.value.endswith(fragment.value) and len(fragment.value) > 1:
        return True  # 「对，七八结尾」
    return len(groups) > 1 and len(last) >= _ASKED_DIGITS and set(groups) == {last} and not fragment.whole


def from_its_beginning(fragment: Fragment, target: Assembly, *, again: bool) -> bool:
    """Whether the number is told from its beginning: because it was asked for `again`, or of the speaker's own."""
    said = fragment.value
    heard = target.parts[-1].echo and len(said) < REPORTED_DIGITS  # 「186」, echoed, 「1860」 goes on
    if said.startswith(target.value) and len(said) > len(target.value) >= _ASKED_DIGITS and not heard:
        return True
    if said.endswith(target.value) and len(said) > 2 * len(target.value) > _RESTATED_DIGITS:
        return True  # only its end was told before
    return again and (fragment.whole or begins_like(said, target.value))


def begins_like(said: str, value: str) -> bool:
    size = min(3, len(said), len(value))
    return size > 0 and said[:size] == value[:size]
