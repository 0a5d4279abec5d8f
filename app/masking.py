"""Which mask the text passes. None is installed yet: what has passed here says so, and the panel shows it."""

from __future__ import annotations

from core.types import Hypothesis, MaskedHypothesis, MaskedUtterance, MaskName, Utterance


class NoMask:
    """Lets text through as it is and marks it `masked_by="none"`."""

    name: MaskName = "none"

    def begin_call(self, call_id: str) -> None:
        """Nothing to forget."""

    def mask_hypothesis(self, hypothesis: Hypothesis) -> MaskedHypothesis:
        """The hypothesis, unmasked and marked so."""
        return MaskedHypothesis(
            hypothesis.leg, hypothesis.start_ms, hypothesis.end_ms, hypothesis.text, hypothesis.stable_chars
        )

    def mask_utterance(self, utterance: Utterance) -> MaskedUtterance:
        """The utterance, unmasked and marked so."""
        return MaskedUtterance(
            id=utterance.id,
            leg=utterance.leg,
            start_ms=utterance.start_ms,
            end_ms=utterance.end_ms,
            text=utterance.text,
            words=utterance.words,
            confidence=utterance.confidence,
        )

    def revised(self) -> list[MaskedUtterance]:
        """Never anything."""
        return []
