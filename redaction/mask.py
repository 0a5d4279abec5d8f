"""The mask of a call: finders, joined numbers, chips and the seal, behind `core.protocols.Masker`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence

from core.types import DOUBTFUL, HeardNumber, Hypothesis, MaskedHypothesis, MaskedUtterance, MaskName, Utterance
from redaction.chips import merged, with_chips
from redaction.finding import Finder, Finding
from redaction.joining import JoinedNumber, NumberJoiner, grouped

Seal = Callable[[Utterance], str | None]
"""Seals an utterance as it was heard; returns the reference to it, or None where originals are dropped."""

REMEMBERED_FINALS = 40
"""Finals that later words may still cause to be masked otherwise: some two minutes of lively talk."""


UNSURE = 0.8
"""Probability of a word up to which what it sounds like counts as much as how it is written.

Of 249 insults spoken for development 49 could be read without it, 42 at 0.7, 36 at 0.8, 37 at 0.9; of 100 innocent
utterances six had something hidden at each (`bench.partials` on the speech that `bench/make_speech.py` makes of
`tests/redaction/dev`; at the time partials held back less).
"""


class RuleMask:
    """Masks by rules alone. One object a call at a time; calls of its methods take turns (one thread at a time)."""

    name: MaskName = "rules"

    def __init__(
        self,
        finders: Sequence[Finder],
        seal: Seal | None = None,
        joiner: Callable[[], NumberJoiner] = NumberJoiner,
    ) -> None:
        """`seal`: where originals go; `joiner`: makes what joins the numbers of a call."""
        self._finders = finders
        self._seal = seal
        self._new_joiner = joiner
        self._joiner = joiner()
        self._heard: OrderedDict[str, Utterance] = OrderedDict()
        self._sealed: dict[str, str | None] = {}

    def begin_call(self, call_id: str) -> None:  # noqa: ARG002 - the Protocol's
        """Forget the call before, numbers included."""
        self._joiner = self._new_joiner()
        self._heard.clear()
        self._sealed.clear()

    def numbers(self) -> list[JoinedNumber]:
        """Numbers of the call so far, the latest last. In memory alone."""
        return self._joiner.numbers()

    def latest_number(self) -> HeardNumber | None:
        """The number of the call that was completed last, or None."""
        numbers = self._joiner.numbers()
        if not numbers:
            return None
        last = numbers[-1]
        return HeardNumber(last.kind, grouped(last.kind, last.value), last.checksum, last.sure)

    def find(self, text: str, doubts: Collection[int] = ()) -> list[Finding]:
        """What is to be hidden in a text by itself, without overlaps, in order of start."""
        return merged(finding for finder in self._finders for finding in finder.find(text, doubts))

    def mask_hypothesis(self, hypothesis: Hypothesis) -> MaskedHypothesis:
        """A partial on its way to the screen, up to where it might still come out as something to be hidden."""
        text, leg = hypothesis.text, hypothesis.leg
        found = [finder.partial(text) for finder in self._finders]
        findings = merged([*self._joiner.partial(leg, text), *(one for partial in found for one in partial.findings)])
        shown_to = min((partial.shown_to for partial in found), default=len(text))
        shown_to = _not_inside(findings, shown_to)
        masked = with_chips(text[:shown_to], [finding for finding in findings if finding.start < shown_to])
        return MaskedHypothesis(
            leg,
            hypothesis.start_ms,
            hypothesis.end_ms,
            masked.text,
            masked.moved[min(hypothesis.stable_chars, shown_to)],
            masked.spans,
            self.name,
        )

    def mask_utterance(self, utterance: Utterance) -> MaskedUtterance:
        """A final on its way to the screen and the store; what it hides goes to the seal first."""
        self._heard[utterance.id] = utterance
        self._heard.move_to_end(utterance.id)
        while len(self._heard) > REMEMBERED_FINALS:
            forgotten, _ = self._heard.popitem(last=False)
            self._sealed.pop(forgotten, None)
        times = utterance.start_ms, utterance.end_ms
        self._joiner.hear(utterance.id, utterance.leg, utterance.text, *times, doubts=_less_likely(utterance, DOUBTFUL))
        return self._masked(utterance)

    def revised(self) -> list[MaskedUtterance]:
        """Earlier finals that later words have made to be masked otherwise, since the last question."""
        return [self._masked(self._heard[id_]) for id_ in self._joiner.changed() if id_ in self._heard]

    def _masked(self, utterance: Utterance) -> MaskedUtterance:
        # What joining knows of a stretch goes before what the words alone tell.
        doubts = frozenset(place for start, end in _less_likely(utterance, UNSURE) for place in range(start, end))
        findings = merged([*self._joiner.findings(utterance.id), *self.find(utterance.text, doubts)])
        masked = with_chips(utterance.text, findings, utterance.words)
        return MaskedUtterance(
            utterance.id,
            utterance.leg,
            utterance.start_ms,
            utterance.end_ms,
            masked.text,
            masked.words,
            utterance.confidence,
            masked.spans,
            self.name,
            self._sealed_once(utterance) if findings else None,
        )

    def _sealed_once(self, utterance: Utterance) -> str | None:
        if self._seal is None:
            return None
        if utterance.id not in self._sealed:
            self._sealed[utterance.id] = self._seal(utterance)
        return self._sealed[utterance.id]


def _less_likely(utterance: Utterance, than: float) -> list[tuple[int, int]]:
    """Where words stand of at most that probability, [start, end) of the text."""
    found: list[tuple[int, int]] = []
    at = 0
    for word in utterance.words:
        start = utterance.text.find(word.text, at)
        if start < 0:
            continue
        at = start + len(word.text)
        if word.probability <= than:
            found.append((start, at))
    return found


def _not_inside(findings: Sequence[Finding], at: int) -> int:
    """`at`, or the end of the finding it lies inside of: a chip is shown whole."""
    return next((finding.end for finding in findings if finding.start < at < finding.end), at)
