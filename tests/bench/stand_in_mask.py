"""A mask that hides given words, for tests of what is measured about masks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.types import Hypothesis, MaskedHypothesis, MaskedUtterance, MaskSpan, Utterance


@dataclass(frozen=True)
class Joined:
    value: str
    kind: str = "pii.mobile"
    sure: bool = True


@dataclass
class StandInMask:
    """Hides each word of `words` (word: kind) in finals, and in partials where `in_partials`.

    `tail`: characters held back of a partial. `again`: the final that hides an earlier one wholly, by their ids.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    in_partials: bool = True
    tail: int = 0
    joined: Sequence[Joined] = ()
    again: Mapping[str, str] = field(default_factory=dict)
    name: str = "rules"

    def begin_call(self, call_id: str) -> None:
        self.begun = call_id
        self.finals: list[Utterance] = []

    def _chips(self, text: str) -> tuple[str, tuple[MaskSpan, ...]]:
        spans = []
        at = 0
        while at < len(text):
            word = next((word for word in self.words if text.startswith(word, at)), None)
            if word:
                chip = f"【{self.words[word]}】"
                spans.append(MaskSpan(at, at + len(chip), self.words[word]))
                text = text[:at] + chip + text[at + len(word) :]
                at += len(chip)
            else:
                at += 1
        return text, tuple(spans)

    def mask_hypothesis(self, hypothesis: Hypothesis) -> MaskedHypothesis:
        text = hypothesis.text[: len(hypothesis.text) - self.tail]
        shown, spans = self._chips(text) if self.in_partials else (text, ())
        return MaskedHypothesis(hypothesis.leg, hypothesis.start_ms, hypothesis.end_ms, shown, 0, spans, "rules")

    def mask_utterance(self, utterance: Utterance) -> MaskedUtterance:
        shown, spans = self._chips(utterance.text)
        self.finals.append(utterance)
        return MaskedUtterance(
            utterance.id, utterance.leg, utterance.start_ms, utterance.end_ms, shown, spans=spans, masked_by="rules"
        )

    def revised(self) -> list[MaskedUtterance]:
        last = self.finals[-1].id if self.finals else ""
        hidden = [one for one in self.finals if one.id == self.again.get(last)]
        span = MaskSpan(0, 3, "pii.number")
        return [MaskedUtterance(one.id, one.leg, one.start_ms, one.end_ms, "【x】", spans=(span,)) for one in hidden]

    def latest_number(self) -> None:
        return None

    def numbers(self) -> list[Joined]:
        return list(self.joined)
