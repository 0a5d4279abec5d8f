"""How much of a growing hypothesis can be trusted: pure logic.

LocalAgreement-2 (Macháček, Dabre, Bojar 2023): what two successive decodes agree on from the start is stable.
"""

from __future__ import annotations


class Agreement:
    """Stable prefix of the hypotheses of one utterance. It never shrinks while the texts agree with it."""

    def __init__(self) -> None:
        self._last = ""
        self._stable = ""

    def update(self, text: str) -> int:
        """The next hypothesis; returns how many of its leading code points are stable."""
        agreed = _common_prefix(self._last, text)
        kept = _common_prefix(self._stable, text)
        self._stable = max(agreed, kept, key=len)
        self._last = text
        return len(self._stable)


def _common_prefix(one: str, other: str) -> str:
    length = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]
