"""How a call's numbers are told: fragments joined, echoes and read-backs understood, corrections carried out.

In: utterances as `dictation` reads them, in order of start. Out: numbers as `assembly` holds them. Pure logic.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from core.types import Leg
from redaction.finding import Finding, PersonalKind
from redaction.personal.assembly import (
    RECOGNISERS,
    REPORTED_DIGITS,
    Assembly,
    misheard,
    misread,
    with_group_replaced,
)
from redaction.personal.context import Named
from redaction.personal.corrections import Edit, Fits, applied
from redaction.personal.dictation import MOSTLY_DIGITS_REST, Fragment, Spoken

JOIN_WITHIN_MS = 10_000
"""The longest pause inside a number: who looks for a card is asked again after about as long."""
CORRECT_WITHIN_MS = 40_000
ASK_HOLDS_MS = 40_000
KEPT_NUMBERS = 100
_TALK_CHARS = 4
_ASIDE_CHARS = 12


class Telling:
    """The numbers of a call after some utterances."""

    def __init__(self) -> None:
        self.numbers: list[Assembly] = []
        self._asked: tuple[Named, int] | None = None
        self._denied: Leg | None = None
        self._repeat = False

    def after(self, more: list[Spoken]) -> Telling:
        """The state after more utterances; this one stays as it is."""
        later = Telling()
        later.numbers = [one.copied() for one in self.numbers]
        later._asked, later._denied, later._repeat = self._asked, self._denied, self._repeat
        for one in more:
            later.take(one)
        return later

    def take(self, one: Spoken) -> None:
        """The next utterance."""
        current = self._recent(one, JOIN_WITHIN_MS)
        if current is None and self.numbers:
            self.numbers[-1].closed = True
        if one.fragments:
            for fragment in one.fragments:
                for part in self._whole_or_parts(one, fragment):
                    self._take_digits(one, part)
            self._repeat, self._denied = False, None
        else:
            self._take_words(one, current)
        if one.asks is not None:
            self._asked = (one.asks, one.end_ms)
        if self.numbers and (one.fragments or current is not None):
            self.numbers[-1].last_ms = max(self.numbers[-1].last_ms, one.end_ms)
        if len(self.numbers) > 2 * KEPT_NUMBERS:
            self.numbers = self.numbers[-KEPT_NUMBERS:]

    def findings(self, utterance_id: str) -> list[Finding]:
        """What is hidden of an utterance, in order of start."""
        found = [finding for one in self.numbers for finding in one.findings(utterance_id)]
        return sorted(found, key=lambda one: one.start)

    def hidden(self, ids: AbstractSet[str]) -> dict[str, list[Finding]]:
        """What is hidden of each of these utterances of which anything is, in order of start."""
        found: dict[str, list[Finding]] = {}
        for number in self.numbers:
            for id_ in {part.utterance_id for part in number.parts} & ids:
                if mine := number.findings(id_):
                    found.setdefault(id_, []).extend(mine)
        return {id_: sorted(mine, key=lambda one: one.start) for id_, mine in found.items()}

    def _recent(self, one: Spoken, within_ms: int) -> Assembly | None:
        if self.numbers and one.start_ms - self.numbers[-1].last_ms <= within_ms:
            return self.numbers[-1]
        return None

    def _take_words(self, one: Spoken, current: Assembly | None) -> None:
        self._repeat = self._repeat or one.repeats
        if one.denies:
            self._denied = one.leg
        recent = self._recent(one, CORRECT_WITHIN_MS)
        if recent is not None and recent.misread and one.agrees and one.leg == recent.owner:
            recent.certain = False  # the customer says yes to what he had not said
            recent.misread = ""
        if current is None or one.talk_chars < _TALK_CHARS or one.repeats or one.denies:
            return
        if one.leg == current.owner:
            current.talked = True
        if one.asks is not None and current.complete:
            current.closed = True

    def _whole_or_parts(self, one: Spoken, fragment: Fragment) -> tuple[Fragment, ...]:
        """A run that looks like several numbers is one where it was asked for as one."""
        if not fragment.inside:
            return (fragment,)
        named = self._named(one, fragment)
        verdict = RECOGNISERS.judge(fragment.value, named)
        return (fragment,) if verdict is not None and _is_called(verdict.kind, named) else fragment.inside

    def _named(self, one: Spoken, fragment: Fragment) -> Named | None:
        if fragment.named is not None and fragment.named != "none":
            return fragment.named
        if self._asked is not None and one.start_ms - self._asked[1] <= ASK_HOLDS_MS:
            return self._asked[0]
        return None

    def _take_digits(self, one: Spoken, fragment: Fragment) -> None:
        named = self._named(one, fragment)
        target = self._recent(one, CORRECT_WITHIN_MS)
        current = self._recent(one, JOIN_WITHIN_MS)
        if fragment.extension and target is not None and not fragment.steps:
            target.echo(one, fragment)
            return
        goes_on = current is not None and not current.closed
        if not fragment.value or (fragment.hotline and named is None and not goes_on):
            return
        if self._known(one, fragment, target):
            return
        correcting = fragment.corrects or self._denied is not None or _takes_back(one, fragment, target)
        if target is not None and correcting and self._corrected(one, fragment, target, named):
            return
        if target is not None and one.leg != target.owner and _echoed(one, fragment, target):
            return
        if current is not None and one.leg == current.owner and self._continued(one, fragment, current, named):
            return
        self._begin(one, fragment, named)

    def _known(self, one: Spoken, fragment: Fragment, target: Assembly | None) -> bool:
        """Whether the digits are a number that was told before."""
        if len(fragment.value) < 4:
            return False
        for number in self.numbers:
            if (fragment.whole or number is target) and number.told == fragment.value and number.listed:
                number.echo(one, fragment)
                number.misread = ""
                return True
        return False

    def _corrected(self, one: Spoken, fragment: Fragment, target: Assembly, named: Named | None) -> bool:
        """Carries out a correction; False where the fragment corrects another thing."""
        if one.leg != target.owner and one.leg == "agent":
            return _echoed(one, fragment, target)
        kind = target.kind
        if fragment.named not in (None, "none") and kind is not None and not _is_called(kind, fragment.named):
            return False
        verdict = fragment.verdict
        if fragment.whole and verdict is not None and (kind in (None, verdict.kind) or not target.complete):
            value, certain = verdict.value, verdict.sure
        else:
            value, certain = _with_corrections(fragment, target, named)
            certain = certain and target.certain
        target.misread = ""
        target.add(one, fragment, value, certain=certain, anew=True)
        return True

    def _continued(  # noqa: PLR0911 - what may have been meant, the likelier first
        self, one: Spoken, fragment: Fragment, target: Assembly, named: Named | None
    ) -> bool:
        """Whether digits of the same leg belong to the number it has begun."""
        said = fragment.value
        if fragment.named not in (None, "none") and target.named is not None and not _go_together(fragment, target):
            return False
        if target.closed:
            return len(said) >= 3 and not fragment.whole and _said_again(one, fragment, target)
        if self._told_anew(fragment, target):
            target.add(one, fragment, said, certain=True, anew=True)
            return True
        if self._repeat and not fragment.whole and _said_again(one, fragment, target):
            return True
        joined, certain = self._appended(fragment, target)
        fits = RECOGNISERS.fits(target.named or named)(joined)
        if fragment.whole and not (fits and len(joined) <= target.longest):
            return _begun_again(one, fragment, target)
        if target.doubted and said == target.last_group:
            target.doubted = False
            target.echo(one, fragment)
            return True
        if not self._may_grow(one, target, joined, fits=fits):
            return _said_again(one, fragment, target)
        if len(said) == 1 and not _short(one) and not fits:
            return False
        target.named = target.named or named
        target.add(one, fragment, joined, certain=certain)
        return True

    def _told_anew(self, fragment: Fragment, target: Assembly) -> bool:
        """Whether the number is told from its beginning again: because it was asked to be, or of the speaker's own."""
        said = fragment.value
        if said.startswith(target.value) and len(said) > len(target.value) >= 3:
            return True
        return self._repeat and (fragment.whole or _begins_like(said, target.value))

    def _may_grow(self, one: Spoken, target: Assembly, joined: str, *, fits: bool) -> bool:
        if target.complete and (target.talked or not (fits or target.may_go_on) or len(joined) > target.longest):
            return False
        return len(joined) <= target.longest + _short(one)

    def _appended(self, fragment: Fragment, target: Assembly) -> tuple[str, bool]:
        said, value = fragment.value, target.value
        fits = RECOGNISERS.fits(target.named, any_length=False)
        if len(fragment.steps) == 1 and not RECOGNISERS.fits(target.named)(value + said):
            # 「138 0013 80」, 「8000」: the end told again with what was missing.
            for size in range(min(len(said), len(value)) - 1, 0, -1):
                if value.endswith(said[:size]) and fits(value + said[size:]):
                    return value + said[size:], self._repeat
        certain = True
        for step in fragment.steps:
            value, clear = applied(value, step, fits)
            certain = certain and clear
        return value, certain

    def _begin(self, one: Spoken, fragment: Fragment, named: Named | None) -> None:
        if not _may_begin(one, fragment, named):
            return
        if self.numbers:
            self.numbers[-1].closed = True
        verdict = fragment.verdict
        tells_itself = verdict is not None and verdict.kind != "pii.number" and verdict.sure and named == "person"
        begun = Assembly(one.leg, None if tells_itself else named)
        value, certain = fragment.value, True
        if verdict is None:
            value, certain = _read(fragment, RECOGNISERS.fits(named, any_length=False))
        elif not verdict.sure and verdict.checksum == "right":
            certain = False  # a homophone was taken for a digit, or a correction was not clear
        begun.add(one, fragment, value, certain=certain, anew=True)
        self.numbers.append(begun)


def _read(fragment: Fragment, fits: Fits) -> tuple[str, bool]:
    value, certain = "", True
    for step in fragment.steps:
        value, clear = applied(value, step, fits)
        certain = certain and clear
    return value, certain


def _may_begin(one: Spoken, fragment: Fragment, named: Named | None) -> bool:  # noqa: PLR0911 - a case a line
    """Whether digits may be the beginning of a number: one by themselves, asked for, or all that was said."""
    if fragment.whole:
        return True
    if named in ("email", "plate"):
        return False
    if fragment.verdict is not None:
        return True
    digits = len(fragment.value)
    if fragment.value.isalpha() and fragment.value != "X":
        return named == "order_no"
    if named is None:
        # What is begun so is hidden once more of it is told.
        begins = fragment.ends and re.match(r"1[3-9]\d", fragment.value) is not None
        return digits >= 3 and (_short(one) or begins)
    if digits < 2 and not _short(one):
        return False
    return fragment.named is not None or _short(one) or one.talk_chars <= _ASIDE_CHARS


def _takes_back(one: Spoken, fragment: Fragment, target: Assembly | None) -> bool:
    """Whether a group replaces one that is like it: 「不对，您把后四位记反了，是4185」."""
    if target is None or not one.denies or fragment.whole or not target.complete:
        return False
    return fragment.value not in target.value and with_group_replaced(target, fragment.value) is not None


def _with_corrections(fragment: Fragment, target: Assembly, named: Named | None) -> tuple[str, bool]:
    """The number after the steps of a fragment, the first of which takes something back."""
    value, certain = target.value, True
    steps = list(fragment.steps)
    if steps and steps[0].op == "say":
        steps[0] = Edit("fix", steps[0].groups, denied=True)
    if steps and target.misread and steps[0].op in ("fix", "swap") and steps[0].value in value:
        steps = steps[1:]  # it had been heard right; what was read back was wrong
    elif steps and target.complete and steps[0].op == "fix" and steps[0].place is None:
        replaced = with_group_replaced(target, steps[0].value)
        if replaced is not None:
            value, steps = replaced, steps[1:]
    fits = RECOGNISERS.fits(target.named or named, any_length=False)
    for step in steps:
        value, clear = applied(value, step, fits)
        certain = certain and clear
    return value, certain


def _echoed(one: Spoken, fragment: Fragment, target: Assembly) -> bool:
    """Whether digits of the other leg are an echo or a read-back, be it a wrong one."""
    said, value = fragment.value, target.value
    inside = said in value if len(said) >= 3 else len(said) == 2 and value.startswith(said)
    if said == value:
        target.misread = ""
    elif inside or said == target.last_group or (len(said) >= 2 and value.endswith(said)):
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


def _said_again(one: Spoken, fragment: Fragment, target: Assembly) -> bool:
    """Whether the speaker says the end of the number once more."""
    if fragment.value == target.last_group or target.value.endswith(fragment.value):
        target.echo(one, fragment)
        return True
    return False


def _begun_again(one: Spoken, fragment: Fragment, target: Assembly) -> bool:
    """Whether a whole number takes the place of one that was begun."""
    if target.complete:
        return False
    if not _begins_like(fragment.value, target.value) and len(target.value) >= REPORTED_DIGITS:
        return False
    target.named = fragment.named or target.named
    target.add(one, fragment, fragment.value, certain=True, anew=True)
    return True


def _short(one: Spoken) -> bool:
    return one.talk_chars <= MOSTLY_DIGITS_REST


def _begins_like(said: str, value: str) -> bool:
    size = min(3, len(said), len(value))
    return size > 0 and said[:size] == value[:size]


_PHONES: frozenset[Named] = frozenset({"mobile", "phone", "landline", "person"})


def _go_together(fragment: Fragment, target: Assembly) -> bool:
    """Whether two words for a number may mean the same one."""
    one, other = fragment.named, target.named
    return one == other or {one, other} <= _PHONES or "person" in (one, other)


def _is_called(kind: PersonalKind, named: Named | None) -> bool:
    if named in ("phone", "person"):
        return kind in ("pii.mobile", "pii.landline", "pii.number")
    return kind == f"pii.{named}"
