"""What a finder reports, and what every finder is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from core.types import Checksum

AbuseKind = Literal["abuse.personal", "abuse.threat", "abuse.harassment", "abuse.discrimination", "abuse.curse"]
PersonalKind = Literal[
    "pii.mobile",
    "pii.landline",
    "pii.id_card",
    "pii.bank_card",
    "pii.plate",
    "pii.email",
    "pii.address",
    "pii.name",
    "pii.code",
    "pii.order_no",
    "pii.number",
]
"""`pii.number`: digits that belong to somebody, but of which kind cannot be told (too few, or broken off)."""

Kind = AbuseKind | PersonalKind


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch of text to be hidden, [start, end) in code points of the text given.

    `value`: of a number its digits and letters without separators, upper case; else empty. Never logged.
    `sure`: False where the number is incomplete, was corrected ambiguously, or its checksum is wrong.
    `part`: the stretch is one of several that a number was told in, and another of them tells it whole.
    """

    start: int
    end: int
    kind: Kind
    value: str = field(default="", repr=False)
    checksum: Checksum = "none"
    sure: bool = True
    part: bool = False


class Partial(NamedTuple):
    """Of a text still being spoken. `shown_to`: from this code point on it may still grow or turn into a finding."""

    findings: list[Finding]
    shown_to: int


class Finder(Protocol):
    """Finds one family of things in text. Stateless: the same text gives the same findings. Linear in its length."""

    def find(self, text: str, doubts: Collection[int] = ()) -> list[Finding]:
        """Findings in order of start; they do not overlap. `doubts`: code points the recogniser is not sure of."""
        ...

    def partial(self, text: str) -> Partial:
        """What is found in a text still being spoken, and how much of it may be shown by now."""
        ...
