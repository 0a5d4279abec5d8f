"""What a finder reports, and what every finder is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

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


class Finder(Protocol):
    """Finds one family of things in text. Stateless: the same text gives the same findings. Linear in its length."""

    def find(self, text: str) -> list[Finding]:
        """Findings in order of start; they do not overlap."""
        ...

    def held_back(self, text: str) -> int:
        """How many code points at the end of a text still being spoken may grow into a finding; 0 for none.

        They are not shown yet. A tail that already is a finding counts where it may still grow.
        """
        ...

    def doubtful_from(self, text: str) -> int | None:
        """Where a text still being spoken begins to hold what later words may turn into a finding; None: nowhere."""
        ...
