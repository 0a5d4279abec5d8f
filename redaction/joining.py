"""Numbers told over several utterances: joined, echoed, read back, corrected.

What is known goes on with each utterance that comes in order of time; one that comes late, or again, has it worked out
anew from the utterances remembered. `redaction.personal.telling` has the rules. Pure logic; one object a call, one
thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.types import Checksum, Leg
from core.zh.numerals import runs
from redaction.finding import Finding, Kind, PersonalKind
from redaction.personal.assembly import CHECKED, GROUPS
from redaction.personal.dictation import Spoken, spoken
from redaction.personal.finder import PersonalDataFinder
from redaction.personal.telling import Telling

REMEMBERED = 40
"""Utterances that later ones may still change; what is older is settled."""


@dataclass(frozen=True, slots=True)
class JoinedNumber:
    """A number of the call, as corrected. `utterance_id`: where it was complete; `end_ms`: when."""

    kind: PersonalKind
    value: str = field(repr=False)
    checksum: Checksum
    sure: bool
    utterance_id: str
    end_ms: int


class NumberJoiner:
    """Joins the numbers of one call. Memory is bounded: `REMEMBERED` utterances, and some hundred numbers."""

    def __init__(self, finder: PersonalDataFinder | None = None) -> None:
        self._finder = finder or PersonalDataFinder()
        self._settled = Telling()
        self._heard: list[Spoken] = []
        self._now = Telling()
        self._hidden: dict[str, list[Finding]] = {}
        """Of the utterances remembered: what joining hides in each now."""
        self._changed: dict[str, None] = {}
        self._doubts: dict[str, tuple[str, tuple[tuple[int, int], ...]]] = {}
        """Of the utterances remembered: text, and where the recogniser doubts it."""

    def hear(
        self,
        utterance_id: str,
        leg: Leg,
        text: str,
        start_ms: int,
        end_ms: int,
        *,
        doubts: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Takes in a final; one that has come before is replaced.

        `doubts`: stretches of the text that the recogniser is not sure of. A number told in one is not sure, unless it
        was told whole without any, or its check digit is right.
        """
        self._doubts[utterance_id] = (text, tuple(doubts))
        one = spoken(utterance_id, leg, text, (start_ms, end_ms), self._finder)
        again = any(other.id == utterance_id for other in self._heard)
        if not again and (not self._heard or self._heard[-1].start_ms <= start_ms):
            # As nearly all come: what is known need only go on.
            self._heard.append(one)
            self._now.take(one)
        else:
            self._heard = [other for other in self._heard if other.id != utterance_id]
            self._heard.append(one)
            self._heard.sort(key=lambda other: other.start_ms)
            self._now = self._settled.after(self._heard)
        while len(self._heard) > REMEMBERED:
            settled = self._heard.pop(0)
            self._settled.take(settled)
            self._doubts.pop(settled.id, None)
        before, self._hidden = self._hidden, self._now.hidden({other.id for other in self._heard})
        self._changed.pop(utterance_id, None)
        for other in self._heard:
            if other.id != utterance_id and self._hidden.get(other.id) != before.get(other.id):
                self._changed[other.id] = None

    def findings(self, utterance_id: str) -> list[Finding]:
        """What joining hides in an utterance, in order of start."""
        return [
            replace(one, sure=False) if one.sure and self._doubted(one.value, one.kind, one.checksum) else one
            for one in self._hidden.get(utterance_id, [])
        ]

    def partial(self, leg: Leg, text: str) -> list[Finding]:
        """What joining hides in a text still being spoken."""
        now_ms = max((one.end_ms for one in self._heard), default=0)
        one = spoken("", leg, text, (now_ms, now_ms), self._finder)
        return self._now.after([one]).findings("") if one.fragments else []

    def changed(self) -> list[str]:
        """Utterances whose findings are no longer what they were, since the last question."""
        changed = list(self._changed)
        self._changed.clear()
        return changed

    def numbers(self) -> list[JoinedNumber]:
        """Numbers so far, each once, the latest last."""
        listed: dict[str, JoinedNumber] = {}
        for one in self._now.listed():
            verdict, carrier = one.verdict, one.carrier
            if verdict is None or carrier is None:
                continue
            sure = one.sure and not self._doubted(verdict.value, verdict.kind, verdict.checksum)
            listed[verdict.value] = JoinedNumber(
                verdict.kind, verdict.value, verdict.checksum, sure, carrier.utterance_id, one.end_ms
            )
        return list(listed.values())

    def _doubted(self, value: str, kind: Kind, checksum: Checksum) -> bool:
        """Whether the recogniser doubts a telling of it, and neither a check digit nor another telling helps."""
        if not value or (checksum == "right" and kind in CHECKED):
            return False
        told = [(one, self._doubts.get(id_, ("", ()))) for id_, found in self._hidden.items() for one in found]
        doubted = any(
            _overlaps(one.start, one.end, doubts) for one, (_, doubts) in told if doubts and one.value == value
        )
        return doubted and not any(
            run.value == value and not _overlaps(run.start, run.end, doubts)
            for text, doubts in self._doubts.values()
            for run in runs(text)
        )


def _overlaps(start: int, end: int, stretches: Sequence[tuple[int, int]]) -> bool:
    return any(begin < end and start < until for begin, until in stretches)


def grouped(kind: str, value: str) -> str:
    """The value as it is read back: 138 0013 8000; an identity number 6-8-4; all others by four."""
    sizes = GROUPS.get(kind, ())
    if sum(sizes) != len(value):
        if kind == "pii.landline" and value.startswith("0"):
            area = 3 if value.startswith(("01", "02")) else 4
            return f"{value[:area]} {grouped('', value[area:])}"
        sizes = (4,) * (len(value) // 4)
    parts: list[str] = []
    at = 0
    for size in sizes:
        parts.append(value[at : at + size])
        at += size
    return " ".join([*parts, value[at:]] if at < len(value) else parts)
