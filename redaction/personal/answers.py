"""What was asked about a number last, and answers that make sense with the question alone: 「是七还是幺」, 「区号呢」.

Pure logic. Source of the rules: how agents ask for an area code, an extension, one of two digits they may have heard,
and how callers say first which digit is wrong and then what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from core.zh.number_words import Place
from redaction.personal.assembly import RECOGNISERS, Assembly
from redaction.personal.corrections import Edit, applied
from redaction.personal.dictation import Fragment, Spoken
from redaction.personal.echoes import chosen

_EXTENSION_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """What the last utterance asked about the number being told."""

    area: bool = False
    extension: bool = False
    choice: tuple[str, str] | None = field(default=None, repr=False)
    place: Place | None = None
    """Where the choice is."""
    part: Place | None = None
    """Which part of the number was asked for again."""
    wrong_place: Place | None = None
    """Where a digit was said to be wrong that has not been told yet."""

    def after(self, one: Spoken, *, tried: bool) -> Question:
        """The question once an utterance has been heard. `tried`: it has been looked at as an answer."""
        wrong = None if tried and one.fragments else self.wrong_place
        if one.place is not None and not one.fragments and one.denies:
            wrong = one.place
        return Question(one.area, one.extension and not one.fragments, one.choice, one.place, one.part, wrong)

    def answered(self, one: Spoken, number: Assembly) -> bool:
        """Whether digits are of such a question, or its answer; the number is as it is after it."""
        if self._chosen(one, number):
            return True
        if not one.fragments:
            return False
        first = one.fragments[0]
        return (
            self._put_right(one, first, number)
            or self._added(one, first, number)
            or self._part_again(one, first, number)
        )

    def _added(self, one: Spoken, first: Fragment, number: Assembly) -> bool:
        """An area code or an extension that was asked for after a landline number."""
        if (self.area or one.area) and re.fullmatch(r"0\d{2,3}", first.value) and one.leg == number.owner:
            bare = re.fullmatch(r"(?:010|02\d|0[3-9]\d\d)?([2-9]\d{6,7})", number.value)
            if bare is not None:
                number.named = "landline"
                number.add(one, first, first.value + bare[1], certain=number.certain, anew=True)
                return True
        if self.extension and number.kind == "pii.landline" and len(first.value) <= _EXTENSION_DIGITS:
            number.echo(one, first)
            return True
        return False

    def _put_right(self, one: Spoken, first: Fragment, number: Assembly) -> bool:
        """「第三位不对」, 「是九」: the digit told of which only the place was told before."""
        place = self.wrong_place
        if place is None or one.leg != number.owner or len(first.steps) != 1 or first.steps[0].place is not None:
            return False
        if len(first.value) != (1 if place.where == "nth" else place.digits):
            return False
        step = Edit("fix", (first.value,), place=place, denied=True)
        value, certain = applied(number.value, step, RECOGNISERS.fits(number.named))
        number.mend(one, first, value, certain=certain and number.certain)
        return True

    def _part_again(self, one: Spoken, first: Fragment, number: Assembly) -> bool:
        """「中间四位再说一遍」, 「0013」: what was asked for again, of a number that has too few digits."""
        place, new = self.part, first.value
        if place is None or one.leg != number.owner or number.complete or len(first.steps) != 1:
            return False
        if place.digits not in (0, len(new)) or place.where == "nth":
            return False
        value, fits = number.value, RECOGNISERS.fits(number.named, any_length=False)
        if (place.where == "tail" and value.endswith(new)) or (place.where == "head" and value.startswith(new)):
            number.echo(one, first)
            return True  # it is as it had been told
        spans = [
            (at, at + size)
            for size in range(max(0, len(new) - 2), len(new) + 2)
            for at in _starts(place.where, len(value), size)
        ]
        made = {value[:at] + new + value[to:]: (OSA.distance(value[at:to], new), at) for at, to in spans}
        fitting = sorted((one for one in made if fits(one)), key=lambda one: made[one])
        if not fitting:
            return False
        number.mend(one, first, fitting[0], certain=len(fitting) == 1 and number.certain)
        return True

    def _chosen(self, one: Spoken, number: Assembly) -> bool:
        told: tuple[str, bool] | None = None
        if one.choice is not None and one.leg != number.owner:
            told = number.value, number.certain
        elif self.choice is not None and (one.first or one.fragments) and one.leg == number.owner:
            said = one.fragments[0].value if one.fragments else one.first
            both = all(part in said for part in self.choice)
            told = (number.value, number.certain) if both else chosen(self.choice, said, number, self.place)
        if told is None:
            return False
        number.change(told[0])
        number.certain = told[1]
        for fragment in one.fragments:
            number.echo(one, fragment)
        return True


def _starts(where: str, length: int, size: int) -> range:
    """Where a part of so many digits may begin: first, last, or anywhere between."""
    last = max(0, length - size)
    return {"head": range(1), "tail": range(last, last + 1)}.get(where, range(1, last))
