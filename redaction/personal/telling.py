"""How a call's numbers are told: fragments joined, echoes and read-backs understood, corrections carried out.

In: utterances as `dictation` reads them, in order of start. Out: numbers as `assembly` holds them. Pure logic.
"""

from __future__ import annotations

import copy
from collections.abc import Set as AbstractSet
from typing import Literal

from core.types import Leg
from redaction.finding import Finding
from redaction.personal.amends import (
    appended,
    begun_again,
    best_reading,
    corrected,
    from_its_beginning,
    read,
    restated,
    says_twice,
    takes_back,
    tangled,
    told_otherwise,
    with_wrong_named,
)
from redaction.personal.answers import Question
from redaction.personal.assembly import RECOGNISERS, REPORTED_DIGITS, Assembly, longest, misheard
from redaction.personal.beginnings import awaits_birth, go_together, is_called, may_begin, same_kind, short
from redaction.personal.context import Named
from redaction.personal.dictation import Fragment, Spoken
from redaction.personal.echoes import echoed, said_again
from redaction.personal.listing import without_repeats
from redaction.personal.readbacks import (
    left_over,
    misread_before,
    scraps_explained,
    stands,
    taken_from_readback,
    told_whole_again,
)
from redaction.personal.trouble import doubt_twins, weigh

JOIN_WITHIN_MS = 10_000
"""The longest pause inside a number: who looks for a card is asked again after about as long."""
CORRECT_WITHIN_MS = 40_000
ASK_HOLDS_MS = 40_000
KEPT_NUMBERS = 100
_TALK_CHARS = 4
_SHORTEST_RETOLD = 5
"""So many digits told in groups and then all again are the number again, not more of it."""
_BEFORE_CHECK = 17  # digits of an identity number


class Telling:
    """The numbers of a call after some utterances."""

    def __init__(self) -> None:
        self.numbers: list[Assembly] = []
        self._asked: tuple[Named, int] | None = None
        self._denied: Leg | None = None
        self._repeat = False
        self._restart: tuple[Leg, Literal["all", "part"]] | None = None
        self._discarded: tuple[int, int] | None = None
        """A number that is not to be used any more, once another is told, and when that was said."""
        self._proposed: str = ""
        """Digits that the other leg asked about and that would complete the number."""
        self._question = Question()
        self._another = False
        """Another number was spoken of since the last was begun."""
        self._begun = 0
        self._talked: Leg | None = None
        """Who said last what may be a question."""

    def after(self, more: list[Spoken]) -> Telling:
        """The state after more utterances; this one stays as it is."""
        later = copy.copy(self)
        later.numbers = [one.copied() for one in self.numbers]
        for one in more:
            later.take(one)
        return later

    def take(self, one: Spoken) -> None:
        """The next utterance."""
        current = self._recent(one, JOIN_WITHIN_MS)
        if current is None and self.numbers:
            self.numbers[-1].closed = True
        number = self._recent(one, CORRECT_WITHIN_MS)
        value = number.value if number is not None else ""
        self._another = self._another or one.another
        self._notice(one)
        if current is not None and self._question.answered(one, current):
            self._repeat, self._denied, self._restart = False, None, None
        elif one.fragments:
            self._take_all_digits(one)
        else:
            self._take_words(one, current)
        if number is not None:
            self._agreed(one, number, value)
            weigh(one, number, value, self.numbers)
        if one.talk_chars > 1:
            self._talked = one.leg
        self._question = self._question.after(one, tried=current is not None)
        if one.asks is not None:
            self._asked = (one.asks, one.end_ms)
        if self.numbers and (one.fragments or current is not None):
            self.numbers[-1].last_ms = max(self.numbers[-1].last_ms, one.end_ms)
        if len(self.numbers) > 2 * KEPT_NUMBERS:
            self.numbers = self.numbers[-KEPT_NUMBERS:]

    def _take_all_digits(self, one: Spoken) -> None:
        another = self._another or one.another
        for fragment in one.fragments:
            for part in self._whole_or_parts(one, fragment):
                self._take_digits(one, part)
                followed = part is not one.fragments[-1] and (one.discards or part.end <= one.denied_at)
                if (followed or part.given_up) and self.numbers and self.numbers[-1].complete:
                    self._discarded = (self.numbers[-1].serial, one.end_ms)  # 「老号是…，停了，新号是…」
        self._repeat, self._denied, self._restart = one.repeats and one.leg == "agent", None, None
        doubt_twins(one, self.numbers, another=another)

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

    def listed(self) -> list[Assembly]:
        """The numbers of the call so far, without those in whose place another was told."""
        listed = [one for one in self.numbers if one.listed]
        kinds = {one.serial: one.kind for one in listed}
        gone = {one.replaces for one in listed if one.replaces is not None and one.kind == kinds.get(one.replaces)}
        return without_repeats([one for one in listed if one.serial not in gone])

    def _recent(self, one: Spoken, within_ms: int) -> Assembly | None:
        if self.numbers and one.start_ms - self.numbers[-1].last_ms <= within_ms:
            return self.numbers[-1]
        return None

    def _notice(self, one: Spoken) -> None:
        """What is said about numbers, whether or not digits are said as well."""
        recent = self._recent(one, CORRECT_WITHIN_MS)
        if recent is None:
            return
        if one.restarts and one.leg == recent.owner and not recent.closed:
            self._restart = (one.leg, "part" if one.same_part else "all")
        elif one.repeats and one.same_part and one.leg == recent.owner:
            self._restart = (one.leg, "part")
        if one.discards and (recent.complete or len(recent.value) >= REPORTED_DIGITS):
            self._discarded = (recent.serial, one.end_ms)
            recent.closed = recent.closed or not one.denies or one.another

    def _take_words(self, one: Spoken, current: Assembly | None) -> None:
        self._repeat = self._repeat or (one.repeats and self._restart is None)
        if one.denies:
            self._denied = one.leg
        if current is None or one.talk_chars < _TALK_CHARS or one.repeats or one.denies or self._restart:
            return
        if one.leg == current.owner:
            current.talked = True
        others_kind = current.named is not None and one.leg != current.owner and not same_kind(one.asks, current.named)
        if one.asks is not None and (current.complete or others_kind):
            current.closed = True

    def _agreed(self, one: Spoken, number: Assembly, before: str) -> None:
        """What it means that the owner says yes to what was read back or asked."""
        if not one.agrees or one.leg != number.owner or number.value != before:
            return
        number.agreed = number.read_back
        last = [other for other in self.numbers[-2:] if other.confirmed is not None]
        if last:
            last[-1].settle()
        if self._proposed:
            number.value, self._proposed = number.value + self._proposed, ""
            number.certain, number.others, number.end_ms = False, (), one.end_ms
        if number.misread and number.troubled and RECOGNISERS.fits(number.named)(number.misread):
            number.change(number.misread)
            number.settle()
        elif number.misread:
            number.certain = False  # the customer says yes to what he had not said
            number.misread = ""

    def _whole_or_parts(self, one: Spoken, fragment: Fragment) -> tuple[Fragment, ...]:
        """A run that looks like several numbers is one where it was asked for as one."""
        if not fragment.inside:
            return (fragment,)
        named = self._named(one, fragment)
        verdict = RECOGNISERS.judge(fragment.value, named)
        if verdict is None or (verdict.kind == "pii.number" and all(part.whole for part in fragment.inside)):
            return fragment.inside
        return (fragment,) if is_called(verdict.kind, named) else fragment.inside

    def _named(self, one: Spoken, fragment: Fragment) -> Named | None:
        if fragment.named is not None and fragment.named != "none":
            return fragment.named
        if self._asked is not None and one.start_ms - self._asked[1] <= ASK_HOLDS_MS:
            return self._asked[0]
        if self._discarded is not None and self.numbers and self._discarded[0] == self.numbers[-1].serial:
            return self.numbers[-1].named
        return None

    def _take_digits(  # noqa: C901, PLR0911 - what may be meant, the likelier first
        self, one: Spoken, fragment: Fragment
    ) -> None:
        named = self._named(one, fragment)
        target = self._recent(one, CORRECT_WITHIN_MS)
        current = self._recent(one, JOIN_WITHIN_MS)
        if fragment.extension and target is not None and not fragment.steps:
            target.echo(one, fragment)
            return
        goes_on = current is not None and not current.closed
        if fragment.date and not (goes_on and current is not None and awaits_birth(current)):
            return
        if not fragment.value or (fragment.hotline and named is None and not goes_on):
            return
        if self._known(one, fragment, target):
            return
        fragment = with_wrong_named(fragment, target)
        if target is not None and (
            self._restarted(one, fragment, target, named) or self._said_again(one, fragment, target)
        ):
            return
        correcting = fragment.corrects or self._denied is not None or takes_back(one, fragment, target)
        correcting = correcting and not (one.discards and one.another)  # 「不对，那张注销了，用另一张」
        if target is not None and correcting and self._corrected(one, fragment, target, named):
            return
        if target is not None and one.leg != target.owner:
            if self._proposes(one, fragment, target) or echoed(one, fragment, target):
                return
            if goes_on and not fragment.whole and fragment.named is None and not target.complete:
                return  # 「这个月扣一百二十八，您继续」
        if current is not None and one.leg == current.owner and self._continued(one, fragment, current, named):
            return
        if current is None or not left_over(one, fragment, current, named):
            self._begin(one, fragment, named)

    def _said_again(self, one: Spoken, fragment: Fragment, target: Assembly) -> bool:
        """Whether a disputed number is told or read back again."""
        if one.leg != target.owner:
            return scraps_explained(one, fragment, self.numbers) or taken_from_readback(one, fragment, target)
        return stands(one, fragment, target) or told_whole_again(
            one, fragment, target, again=self._repeat, another=self._another
        )

    def _known(self, one: Spoken, fragment: Fragment, target: Assembly | None) -> bool:
        """Whether the digits are a number that was told before."""
        if len(fragment.value) < 4:
            return False
        for number in self.numbers:
            retold = number is target and len(number.groups) > 1 and len(fragment.value) > _SHORTEST_RETOLD
            if (
                (fragment.whole or number is target)
                and number.told == fragment.value
                and (number.listed or (retold and one.leg == number.owner))
            ):
                number.echo(one, fragment)
                number.understood()
                if one.leg == number.owner and not fragment.heard and number.complete:
                    number.settle()
                if one.leg != number.owner:
                    number.read_back = True
                if one.leg != number.owner and number.complete:
                    number.confirmed = one.leg
                return True
        return False

    def _restarted(self, one: Spoken, fragment: Fragment, target: Assembly, named: Named | None) -> bool:
        """The speaker himself begins anew, with all of the number or with what he said last."""
        if self._restart is None or self._restart[0] != one.leg or target.owner != one.leg:
            return False
        how, self._restart = self._restart[1], None
        fits = RECOGNISERS.fits(target.named or named, any_length=False)
        said, certain = read(fragment, fits)
        if how == "part" and len(fragment.steps) == 1:
            said = restated(said, target)
        elif how == "part":
            return False
        target.named = fragment.named or target.named
        target.add(one, fragment, said, certain=certain and not fragment.heard, anew=True, others=fragment.others)
        return True

    def _proposes(self, one: Spoken, fragment: Fragment, target: Assembly) -> bool:
        """「是5095结尾的吗」: the other leg asks about the end of the number."""
        if not one.questions or target.complete or target.closed or target.value.endswith(fragment.value):
            return False
        if misheard(fragment.value, target.last_group):
            return False
        last = fragment.value == "X" and len(target.value) == _BEFORE_CHECK
        if not last and not RECOGNISERS.fits(target.named, any_length=False)(target.value + fragment.value):
            return fragment.value == "X"
        self._proposed = fragment.value
        target.echo(one, fragment)
        return True

    def _corrected(self, one: Spoken, fragment: Fragment, target: Assembly, named: Named | None) -> bool:
        """Carries out a correction; False where the fragment corrects another thing."""
        if one.leg != target.owner and one.leg == "agent":
            return echoed(one, fragment, target)
        kind = target.kind
        if fragment.named not in (None, "none") and kind is not None and not is_called(kind, fragment.named):
            return False
        verdict = fragment.verdict
        if fragment.whole and verdict is not None and (kind in (None, verdict.kind) or not target.complete):
            value, certain = verdict.value, verdict.sure
        else:
            denied = self._denied is not None or one.denies or one.troubled
            value, certain = corrected(fragment, target, named, denied=denied)
            certain = certain and target.certain
        target.misread = ""
        target.mend(one, fragment, value, certain=certain and not fragment.heard)
        return True

    def _continued(  # noqa: C901, PLR0911, PLR0912 - what may have been meant, the likelier first
        self, one: Spoken, fragment: Fragment, target: Assembly, named: Named | None
    ) -> bool:
        """Whether digits of the same leg belong to the number it has begun."""
        said = fragment.value
        if fragment.named not in (None, "none") and target.named is not None and not go_together(fragment, target):
            return False
        if fragment.whole and named is not None and not same_kind(named, target.named or named):
            return False
        if one.agrees and not self._repeat and says_twice(one, fragment, target):
            target.echo(one, fragment)
            return True
        if short(one) and (named is None or same_kind(named, target.named or named)):
            otherwise = told_otherwise(fragment, target)
            if otherwise is not None:
                target.add(one, fragment, otherwise, certain=False, anew=True)
                return True
        if target.closed:
            return len(said) >= 3 and not fragment.whole and said_again(one, fragment, target)
        if from_its_beginning(fragment, target, again=self._repeat):
            target.named = target.named or named
            target.add(one, fragment, said, certain=not fragment.heard, anew=True, others=fragment.others)
            return True
        if self._repeat and not fragment.whole and said_again(one, fragment, target):
            return True
        if says_twice(one, fragment, target):
            target.echo(one, fragment)
            return True
        joined, certain = appended(fragment, target, repeat=self._repeat)
        joined, certain, others = best_reading(fragment, target, joined, certain=certain, named=target.named or named)
        fits = RECOGNISERS.fits(target.named or named)(joined)
        if fragment.whole and not (fits and len(joined) <= longest(target.named, joined)):
            return begun_again(one, fragment, target)
        if (target.doubted or target.misread) and (said == target.last_group or target.value.endswith(said)):
            target.doubted, target.misread = False, ""
            target.echo(one, fragment)
            return True
        if not self._may_grow(one, target, joined, fits=fits):
            return said_again(one, fragment, target)
        if len(said) == 1 and not short(one) and not fits:
            return False
        target.named = target.named or named
        ended = target.read_back and target.kind in ("pii.code", "pii.order_no")
        target.add(one, fragment, joined, certain=certain, others=others)
        if ended or tangled(one, fragment):
            target.want_echo()
        return True

    def _may_grow(self, one: Spoken, target: Assembly, joined: str, *, fits: bool) -> bool:
        most = longest(target.named, joined)
        if target.complete and (target.talked or not (fits or target.may_go_on) or len(joined) > most):
            return False
        return len(joined) <= most + (short(one) and not target.full)

    def _begin(self, one: Spoken, fragment: Fragment, named: Named | None) -> None:
        if not may_begin(one, fragment, named) or misread_before(one, fragment, self.numbers):
            return
        if self.numbers:
            self.numbers[-1].closed, self.numbers[-1].confirmed = True, None
        verdict = fragment.verdict
        tells_itself = verdict is not None and verdict.kind != "pii.number" and verdict.sure and named == "person"
        self._begun += 1
        self._another = False
        begun = Assembly(one.leg, None if tells_itself else named, serial=self._begun)
        begun.prompted = self._talked not in (None, one.leg)
        if self._discarded is not None and one.start_ms - self._discarded[1] <= CORRECT_WITHIN_MS:
            begun.replaces = self._discarded[0]
        self._discarded = None
        value, certain = fragment.value, not fragment.heard
        if verdict is None:
            value, clear = read(fragment, RECOGNISERS.fits(named, any_length=False))
            certain = certain and clear
        elif not verdict.sure and verdict.checksum == "right":
            certain = False  # a homophone was taken for a digit, or a correction was not clear
        begun.add(one, fragment, value, certain=certain, anew=True, others=fragment.others)
        if tangled(one, fragment):
            begun.want_echo()
        self.numbers.append(begun)
