"""What the other side says of a number that is being told: echoes, right and wrong, read-backs, choices, additions.

Pure logic. Source of the rules: how agents confirm numbers group by group and read them back, and how customers answer.
"""

from __future__ import annotations

from core.zh.number_words import Place
from redaction.personal.assembly import REPORTED_DIGITS, Assembly, differing, misheard, misread
from redaction.personal.dictation import Fragment, Spoken
from redaction.personal.likeness import like_a_part, near, retold, with_part
from redaction.personal.readbacks import groups_of

_SHORTEST_GROUP = 3


def echoed(one: Spoken, fragment: Fragment, target: Assembly) -> bool:
    """Whether digits of the other leg are an echo or a read-back, be it a wrong one."""
    said = fragment.value
    _choose_reading(said, target)
    value = target.value
    inside = said in value if len(said) >= 3 else len(said) == 2 and value.startswith(said)
    inside = inside or retold(groups_of(fragment), value)
    if said == value or (value in said and inside):
        target.understood()
        target.read_back = target.read_back or said == value
        if len(value) >= REPORTED_DIGITS and target.full:
            target.confirmed = one.leg
    elif inside and _lacks_its_end(said, value):
        target.misread = said
    elif inside or said == target.last_group or (said and value.endswith(said)):
        if inside and not (target.misread and retold(groups_of(fragment), target.misread)):
            target.understood()  # what had been read back wrong is now right
    elif target.open and not fragment.whole and like_a_part(said, value):
        target.add(one, fragment, with_part(said, value), certain=False, anew=True)
        return True
    elif ((len(value) >= REPORTED_DIGITS or (target.full and len(said) == len(value))) and misread(said, value)) or (
        target.full and _misread_part(fragment, value)
    ):
        target.misread = said
    elif not target.full and _echoed_wrong(fragment, target):
        target.doubted = True
    else:
        return False
    target.echo(one, fragment)
    return True


def _echoed_wrong(fragment: Fragment, target: Assembly) -> bool:
    """Whether the group told last, or all of a number that may have an end yet, is echoed with a digit wrong."""
    said, last = fragment.value, target.last_group
    if not fragment.whole and min(len(said), len(last)) > 1 and misheard(said, last):
        return True
    return len(said) == len(target.value) > _SHORTEST_GROUP and differing(said, target.value) == 1


def _lacks_its_end(said: str, value: str) -> bool:
    """Whether a number is read back from its beginning and its last digit is left out."""
    return len(said) >= REPORTED_DIGITS and len(said) == len(value) - 1 and value.startswith(said)


def _misread_part(fragment: Fragment, value: str) -> bool:
    """Whether a read-back, whole or in part, tells a complete number otherwise."""
    said = fragment.value
    if len(said) >= len(value) - 1:
        return near(said, value)
    return like_a_part(said, value) if not fragment.whole else len(said) >= REPORTED_DIGITS and like_a_part(said, value)


def like_the_end(said: str, value: str) -> bool:
    """Whether a group is what a number ends in, a digit or two told otherwise: 「后四位0458？」 of 0485."""
    end = value[-len(said) :]
    return _SHORTEST_GROUP <= len(said) < REPORTED_DIGITS and said != end and misheard(said, end)


def _choose_reading(said: str, target: Assembly) -> None:
    """Of what was told by ear the other leg says what it heard."""
    if len(said) < 2 or target.value.endswith(said):
        return
    for other in target.others:
        if other.endswith(said):
            target.others = tuple(one for one in (target.value, *target.others) if one != other)
            target.value = other
            return


def said_again(one: Spoken, fragment: Fragment, target: Assembly) -> bool:
    """Whether the speaker says the end of the number once more."""
    if fragment.value == target.last_group or target.value.endswith(fragment.value):
        target.echo(one, fragment)
        return True
    return False


def chosen(choice: tuple[str, str], said: str, target: Assembly, place: Place | None) -> tuple[str, bool] | None:
    """The number after 「是D还是B」, 「是D」, and whether that is certain; None where the answer is neither.

    `place`: which digit had been asked about; else it is one of the group said last.
    """
    answer = next((one for one in choice if said.startswith(one)), None)
    if answer is None:
        return None
    value, other = target.value, choice[0] if answer == choice[1] else choice[1]
    if place is not None and place.where in ("nth", "tail") and len(answer) == 1:
        at = place.digits - 1 if place.where == "nth" and place.digits > 0 else len(value) - max(1, abs(place.digits))
        if 0 <= at < len(value):
            return value[:at] + answer + value[at + 1 :], target.certain
    if value.endswith(answer) or other not in value:
        return value, target.certain
    group = target.last_group if value.endswith(target.last_group) else value
    start = len(value) - len(group)
    if not value.endswith(other) and (answer in group or group.count(other) != 1):
        return value, False
    at = value.rfind(other)
    return (value[:at] + answer + value[at + len(other) :], target.certain) if at >= start else (value, False)
