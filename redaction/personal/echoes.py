"""What the other side says of a number that is being told: echoes, right and wrong, read-backs, choices, additions.

Pure logic. Source of the rules: how agents confirm numbers group by group and read them back, and how customers answer.
"""

from __future__ import annotations

from redaction.personal.assembly import REPORTED_DIGITS, Assembly, misheard, misread
from redaction.personal.dictation import Fragment, Spoken


def echoed(one: Spoken, fragment: Fragment, target: Assembly) -> bool:
    """Whether digits of the other leg are an echo or a read-back, be it a wrong one."""
    said = fragment.value
    _choose_reading(said, target)
    value = target.value
    inside = said in value if len(said) >= 3 else len(said) == 2 and value.startswith(said)
    if said == value:
        target.misread = ""
        if len(value) >= REPORTED_DIGITS and target.complete:
            target.confirmed = one.leg
    elif inside or said == target.last_group or (said and value.endswith(said)):
        pass
    elif len(value) >= REPORTED_DIGITS and misread(said, value):
        target.misread = said
    elif (
        not target.complete
        and not fragment.whole
        and min(len(said), len(target.last_group)) >= 2
        and misheard(said, target.last_group)
    ):
        target.doubted = True
    else:
        return False
    target.echo(one, fragment)
    return True


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


def chosen(choice: tuple[str, str], said: str, value: str) -> str | None:
    """The number after 「是D还是B」, 「是D」; None where the answer is neither."""
    answer = next((one for one in choice if said.startswith(one)), None)
    if answer is None:
        return None
    other = choice[0] if answer == choice[1] else choice[1]
    if value.endswith(answer) or value.rfind(answer) > value.rfind(other):
        return value
    at = value.rfind(other)
    return value[:at] + answer + value[at + len(other) :] if at >= 0 else None
