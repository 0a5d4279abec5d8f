from __future__ import annotations

import pytest

from app.desk.two_leg_test import ENOUGH_HEARD, STEP_LEVELS, TwoLegTest, Verdict
from core.messages import Levels

SILENT = (-90.0, -90.0)


def run(near: tuple[float, float], far: tuple[float, float]) -> Verdict:
    """A test with (agent, customer) levels in dBFS while the agent spoke, and while the far end did."""
    test = TwoLegTest()
    while test.step == "near":
        test.take(Levels(*near))
    while test.step == "far":
        test.take(Levels(*far))
    return test.verdict


@pytest.mark.parametrize(
    ("near", "far", "verdict"),
    [
        ((-25.0, -90.0), (-70.0, -22.0), "good"),
        ((-90.0, -25.0), (-22.0, -70.0), "swapped"),
        ((-90.0, -25.0), SILENT, "swapped"),
        (SILENT, (-22.0, -90.0), "swapped"),
        ((-25.0, -25.0), (-22.0, -22.5), "same"),
        (SILENT, (-70.0, -22.0), "near_silent"),
        (SILENT, SILENT, "near_silent"),
        ((-25.0, -90.0), SILENT, "far_silent"),
        ((-25.0, -90.0), (-48.0, -90.0), "far_silent"),
        ((-25.0, -90.0), (-24.0, -22.0), "leak"),
        ((-25.0, -28.0), (-28.0, -22.0), "unclear"),
    ],
)
def test_verdicts(near: tuple[float, float], far: tuple[float, float], verdict: Verdict) -> None:
    assert run(near, far) == verdict


def test_a_step_ends_with_enough_sound_or_with_time() -> None:
    test = TwoLegTest()
    for _ in range(ENOUGH_HEARD):
        assert test.step == "near"
        test.take(Levels(-25, -90))
    assert test.step == "far"
    for _ in range(STEP_LEVELS):
        assert test.step == "far"
        test.take(Levels(*SILENT))
    assert test.step == "done"


def test_progress_is_told() -> None:
    test = TwoLegTest()
    assert test.percent == 0
    for _ in range(ENOUGH_HEARD // 2):
        test.take(Levels(-25, -90))
    assert test.percent == 50
    test.take(Levels(*SILENT))
    assert test.percent == 50
