"""Which mask the text passes: the rules, unless somebody at a terminal asks for the words as heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import paths
from core.types import HeardNumber, Hypothesis, MaskedHypothesis, MaskedUtterance, MaskName, Utterance

if TYPE_CHECKING:
    # At run time it would bring 40 MB of word segmentation to those who ask for the words as heard.
    from redaction.mask import RuleMask, Seal


def rule_mask(seal: Seal | None = None) -> RuleMask:
    """The mask of every text on its way to a screen or a disk.

    `seal` is given each utterance of which something is hidden, as it was heard. Raises: BadInput when the
    administrator's word list is not understood.
    """
    from redaction.insults import InsultFinder  # noqa: PLC0415 - the word lists take a moment, and not all need them
    from redaction.joining import NumberJoiner  # noqa: PLC0415 - likewise
    from redaction.mask import RuleMask  # noqa: PLC0415 - likewise
    from redaction.own_words import FILE_NAME, read_own_words  # noqa: PLC0415 - likewise
    from redaction.personal import DEFAULT_ORDER_PATTERNS, PersonalDataFinder  # noqa: PLC0415 - likewise

    own = read_own_words(paths.policy_file().with_name(FILE_NAME))
    personal = PersonalDataFinder((*DEFAULT_ORDER_PATTERNS, *own.order_patterns))
    return RuleMask((InsultFinder(own.hide, own.never), personal), seal, lambda: NumberJoiner(personal))


class NoMask:
    """Lets text through as it is and marks it `masked_by="none"`: for `--raw` alone."""

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

    def latest_number(self) -> HeardNumber | None:
        """Numbers are not followed here."""
        return None
