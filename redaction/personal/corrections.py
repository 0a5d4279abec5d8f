"""What a speaker takes back while dictating a number: 「不对，是七」, 「不是六是七」, 「最后四位不是八千是九千」,
「重新说」.

`edits` reads a run as a sequence of things said and taken back; `applied` carries one of them out on what was said so
far, within an utterance (`numbers`) or over turns (`redaction.joining`). Pure logic.

Source of the rules: a correction repeats the group that was wrong, so it replaces as many digits as its first group
has;
where that gives no number of a known form, the length decides how many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from core.zh.number_words import Place, Token
from core.zh.numerals import Run
from redaction.personal.likeness import like_a_part, with_part

_MOBILE_DIGITS, _MOBILE_MIDDLE = 11, 4
_ANEW_DIGITS = 3
"""Who says so many first digits again tells the number from its beginning."""

Fits = Callable[[str], bool]
"""Whether digits are a complete number of a form that tells where it ends."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A step of dictation: `say` adds, `fix` replaces, `swap` replaces `old`, `restart` starts anew.

    `doubt` says what a digit is not, and changes nothing.
    """

    op: Literal["say", "fix", "swap", "restart", "doubt"]
    groups: tuple[str, ...] = field(repr=False)
    old: str = field(default="", repr=False)
    place: Place | None = None
    denied: bool = False
    held: bool = False
    """Only 「等等」 was said before it: it replaces what it is like, and goes on with what it isn't."""

    @property
    def value(self) -> str:
        """The digits said."""
        return "".join(self.groups)


def edits(run: Run, *, soft: bool = False) -> list[Edit]:  # noqa: C901 - a walk, a branch for each role
    """The steps of a run, from the words of correction before it on. `soft`: words that sound like digits are
    digits.
    """
    made: list[Edit] = []
    markers: list[Token] = list(run.lead)
    groups: list[list[str]] = []

    def close() -> None:
        nonlocal markers, groups
        if any(any(part) for part in groups):
            step = _edit(markers, groups, first=not made)
            if step is not None:
                made.append(step)
            elif made and "not" in {one.role for one in markers}:
                made[-1] = _instead(made[-1], "".join(digit for part in groups for digit in part))
            markers, groups = [], []

    for token in run.tokens:
        if token.role in ("digits", "letters") and (soft or not token.soft):
            if not groups:
                groups = [[""]]
            groups[-1][-1] += token.value
        elif token.role in ("deny", "hold", "restart", "not", "place", "extension"):
            if token.role == "deny" and [one.role for one in markers] == ["not"] and groups:
                groups.append([""])  # 「不是六，应该是七」
                continue
            close()
            markers.append(token)
        elif groups:
            # 是 parts what is wrong from what is right; any other gap parts groups.
            if token.value == "是" or token.soft:
                groups.append([""])
            elif groups[-1][-1]:
                groups[-1].append("")
    close()
    return made


def _instead(step: Edit, old: str) -> Edit:
    """「是七不是幺」: what it is was said before what it is not."""
    if step.place is not None and len(step.value) == len(old):
        return replace(step, denied=True)  # 「最后一位是二，不是七」
    if step.place is not None or step.op not in ("say", "fix") or len(step.value) != len(old) or step.value == old:
        return step
    return Edit("swap", (step.value,), old, denied=True)


def _edit(  # noqa: PLR0911 - a case a line
    markers: Sequence[Token], parts: Sequence[Sequence[str]], *, first: bool
) -> Edit | None:
    roles = {one.role for one in markers}
    place = _place(markers)
    said = [tuple(group for group in part if group) for part in parts]
    said = [part for part in said if part]
    flat = tuple(group for part in said for group in part)
    denied = bool(roles & {"deny", "not"})
    if "extension" in roles:
        return None
    if "not" in roles and len(said) > 1:
        return Edit("swap", tuple(group for part in said[1:] for group in part), "".join(said[0]), place, denied=True)
    if "not" in roles and len(flat) > 1 and len(flat[0]) == len("".join(flat[1:])):
        return Edit("swap", flat[1:], flat[0], place, denied=True)  # 「不是7715，7751」
    if "not" in roles and "deny" not in roles and not first:
        return None  # 「是七不是六」: what it is not
    if markers and markers[-1].role == "not":
        return Edit("doubt", flat, place=place, denied=True)  # 「最后一位不是六」
    if "restart" in roles:
        return Edit("restart", flat, denied=denied)
    if place is not None and len(said) > 1 and len(said[0]) == 1 and len(flat[0]) == len("".join(flat[1:])):
        return Edit("swap", flat[1:], flat[0], place, denied=True)  # 「最后那个五，是六」
    if place is not None:
        return Edit("fix", flat, place=place, denied=denied)
    if roles == {"hold"}:
        return Edit("fix", flat, held=True)
    return Edit("fix" if denied else "say", flat, denied=denied)


def _place(markers: Sequence[Token]) -> Place | None:
    """The place told last: 「倒数第二位说错了，后两位是」; of one inside another, both: 「后四位错了，第二位是」."""
    places = [one.place for one in markers if one.place]
    if not places:
        return None
    outer, inner = places[0], places[-1]
    if inner.where == "nth" and outer.where == "tail" and 0 < inner.digits <= outer.digits:
        return Place("nth", inner.digits - outer.digits - 1)
    return inner


def applied(said: str, edit: Edit, fits: Fits) -> tuple[str, bool]:  # noqa: PLR0911 - a step a line
    """What the number is after a step, and whether that is certain."""
    new = edit.value
    if edit.op == "doubt" and said:
        return said, False
    if edit.op == "restart" or not said:
        return new, True
    if edit.op == "say":
        return said + new, True
    if edit.op == "swap":
        return _swapped(said, edit, fits)
    if edit.held:
        return _perhaps_replaced(said, edit, fits)
    if edit.place is not None:
        return _placed(said, edit, fits)
    return _replaced(said, edit.groups, fits)


def _replaced(  # noqa: C901, PLR0911 - a case a line
    said: str, groups: tuple[str, ...], fits: Fits
) -> tuple[str, bool]:
    new, first = "".join(groups), groups[0]
    group = said[-len(first) :]
    if len(first) < len(said) and _differing(group, first) <= len(first) // 2 and fits(said[: -len(first)] + new):
        return said[: -len(first)] + new, True
    if len(groups) > 1 and len(new) < len(said) and _differing(said[-len(new) :], new) <= len(new) // 2:
        again = said[: -len(new)] + new
        if fits(again):
            return again, True
    if fits(new) or (len(new) >= len(said) > _ANEW_DIGITS and new.startswith(said[:_ANEW_DIGITS])):
        return new, True
    # What was wrong and what is right are alike: 「159，不对，15 6」 replaces three digits, 「4623，不对，4620」 four.
    sizes = {size for size in (len(first), len(new)) if size <= len(said)}
    alike = [size for size in sizes if _differing(said[-size:], new[:size]) <= size // 2]
    if alike:
        size = min(alike, key=lambda one: (_differing(said[-one:], new[:one]) / one, -one))
        usual = said[:-size] + new
        if size > 1 or fits(usual):
            return usual, True
    # A group that was broken off is told anew, and what comes after it: 「0571 8823，不对，8832 0651」.
    for size in range(min(len(said), len(new)) - 1, 1, -1):
        if _differing(said[-size:], new[:size]) <= size // 2 and fits(said[:-size] + new):
            return said[:-size] + new, True
    if len(first) >= len(said):
        return new, False
    usual = said[: -len(first)] + new
    if fits(usual):
        return usual, True
    others = [said[:-cut] + new for cut in range(1, min(len(new), len(said)) + 1)]
    fitting = [other for other in others if fits(other)]
    if fitting:
        return fitting[0], len(fitting) == 1
    return usual, True


def _perhaps_replaced(said: str, edit: Edit, fits: Fits) -> tuple[str, bool]:
    new, first = edit.value, edit.groups[0]
    if fits(said + new):
        return said + new, True
    if len(first) <= len(said) and 0 < _differing(said[-len(first) :], first) <= len(first) // 2:
        return said[: -len(first)] + new, True
    return said + new, not fits(said)


def _differing(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _alike(group: str, new: str) -> bool:
    """Whether a group is another one said otherwise."""
    if len(group) != len(new) or len(new) <= 1:
        return False
    return sorted(group) == sorted(new) or _differing(group, new) <= len(new) // 3


def _added(said: str, new: str, place: Place, fits: Fits) -> tuple[str, bool] | None:
    """A part told by its place of a number that is not whole yet; None where it corrects what was told."""
    if place.where == "head" and fits(new + said):
        return new + said, True  # 「后四位8000」, 「前面七位1380013」
    mended = {"head": new + said[len(new) :], "tail": said[: -len(new)] + new}.get(place.where, "")
    if not fits(said + new):
        if place.where == "tail" and said.endswith(new):
            return said, True  # 「087X 最后是X」
        if fits(mended):
            return None
        if place.where == "tail" and _alike(said[-len(new) :], new):
            return mended, False  # nothing shows how long it is
        if place.where != "tail" and new not in said and like_a_part(new, said):
            return with_part(new, said), False
    return said + new, True  # 「前三位138，中间0013，后四位8000」: no correction yet


def _placed(said: str, edit: Edit, fits: Fits) -> tuple[str, bool]:  # noqa: PLR0911 - a place a line
    place, new = edit.place, edit.value
    assert place is not None
    size = len(new)
    if place.where != "nth" and not edit.denied and not fits(said):
        added = _added(said, new, place, fits)
        if added is not None:
            return added
    if place.where == "nth":
        at = place.digits - 1 if place.digits > 0 else len(said) + place.digits
        if size == 1 and 0 <= at < len(said):
            return said[:at] + new + said[at + 1 :], True
        return said, False
    if size > len(said) or fits(new):
        return new, fits(new)
    if place.where == "head":
        return new + said[size:], True
    if place.where == "tail":
        return said[:-size] + new, True
    if len(said) == _MOBILE_DIGITS and size == _MOBILE_MIDDLE:
        return said[:3] + new + said[7:], True
    # The middle is where it is likest, neither first nor last.
    inner = range(1, len(said) - size)
    wrong = {at: _differing(said[at : at + size], new) for at in inner}
    if not wrong:
        return said, False
    at = min(inner, key=lambda one: (wrong[one], abs(2 * one + size - len(said))))
    alone = sum(count == wrong[at] for count in wrong.values()) == 1
    return said[:at] + new + said[at + size :], alone and wrong[at] <= size // 2


def _swapped(said: str, edit: Edit, fits: Fits) -> tuple[str, bool]:  # noqa: PLR0911 - a case a line
    old, new = edit.old, edit.groups[0]
    rest = "".join(edit.groups[1:])
    if fits(new) and len(old) >= len(said) - 1:
        return new + rest, True
    if edit.place is not None and edit.place.where == "head" and said.startswith(old):
        return new + said[len(old) :] + rest, True
    if said.endswith(old):
        whole = edit.place is not None or said.count(old) == 1 or len(old) > 1 or not fits(said)
        return said[: -len(old)] + new + rest, whole
    count = said.count(old)
    if count:
        at = said.rfind(old)
        return said[:at] + new + said[at + len(old) :] + rest, count == 1
    if said.endswith(new):
        return said + rest, True  # it had been heard right; what was read back was wrong
    if len(old) == len(new) < len(said) and not fits(said):
        return said[: -len(old)] + new + rest, False
    return said + rest, new in said
