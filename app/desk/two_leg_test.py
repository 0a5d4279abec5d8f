"""Are the two devices what they claim to be? Judged from levels while the agent speaks, then while the far end plays.

Pure logic: levels in, a verdict out. The settings window shows the steps in words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from core.messages import Levels

Step = Literal["near", "far", "done"]
Verdict = Literal["good", "swapped", "same", "near_silent", "far_silent", "leak", "unclear"]
"""`same`: both devices hear the same; `leak`: right, but the microphone hears the loudspeaker."""

HEARD_DB = -50.0
"""A voice in a headset or a softphone's playback lies above; a quiet room and an idle line lie below."""
ENOUGH_HEARD = 20
"""Levels with sound in them that decide a step: two seconds at ten a second."""
STEP_LEVELS = 150
"""A step ends after fifteen seconds even if nothing was heard."""
APART_DB = 6.0
"""A leg leads when it is this much louder: twice the amplitude."""
ALIKE_DB = 3.0
"""Two legs that differ by less in both steps are one and the same."""


@dataclass(slots=True)
class _Heard:
    agent_db: list[float] = field(default_factory=list)
    customer_db: list[float] = field(default_factory=list)
    levels: int = 0

    def take(self, levels: Levels) -> None:
        self.levels += 1
        if max(levels.agent_db, levels.customer_db) >= HEARD_DB:
            self.agent_db.append(levels.agent_db)
            self.customer_db.append(levels.customer_db)

    @property
    def full(self) -> bool:
        return len(self.agent_db) >= ENOUGH_HEARD or self.levels >= STEP_LEVELS

    @property
    def silent(self) -> bool:
        return len(self.agent_db) < ENOUGH_HEARD

    @property
    def lead_db(self) -> float:
        """How much louder the agent's leg was than the customer's, on average."""
        return (sum(self.agent_db) - sum(self.customer_db)) / len(self.agent_db)

    @property
    def share(self) -> float:
        return max(len(self.agent_db) / ENOUGH_HEARD, self.levels / STEP_LEVELS)


class TwoLegTest:
    """One run of the test."""

    def __init__(self) -> None:
        self.step: Step = "near"
        self._near, self._far = _Heard(), _Heard()

    @property
    def percent(self) -> int:
        """How far the step has come, 0 to 100."""
        heard = self._near if self.step == "near" else self._far
        return min(100, round(100 * heard.share))

    def take(self, levels: Levels) -> None:
        """Take one reading of both level bars."""
        if self.step == "near":
            self._near.take(levels)
            if self._near.full:
                self.step = "far"
        elif self.step == "far":
            self._far.take(levels)
            if self._far.full:
                self.step = "done"

    @property
    def verdict(self) -> Verdict:
        """What was found. Call it when `step` is `done`."""
        near, far = self._near, self._far
        near_lead = None if near.silent else near.lead_db
        far_lead = None if far.silent else far.lead_db
        found: Verdict = "unclear"
        if near_lead is None:
            # The far end alone was heard: on its own leg, or on the wrong one.
            found = "swapped" if far_lead is not None and far_lead > APART_DB else "near_silent"
        elif far_lead is None:
            found = "swapped" if near_lead < -APART_DB else "far_silent"
        elif abs(near_lead) < ALIKE_DB and abs(far_lead) < ALIKE_DB:
            found = "same"
        elif near_lead < -APART_DB and far_lead > APART_DB:
            found = "swapped"
        elif near_lead > APART_DB and far_lead < -APART_DB:
            found = "good"
        elif near_lead > APART_DB:
            # In a noisy room the microphone alone passes the threshold while the far end says nothing.
            found = "far_silent" if max(far.customer_db) < HEARD_DB else "leak"
        return found
