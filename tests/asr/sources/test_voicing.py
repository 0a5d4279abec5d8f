"""What counts as a voice that may start a call."""

from __future__ import annotations

import numpy as np
import pytest

from asr.sources.voicing import FRAME_SAMPLES, VoiceDetector
from core.types import Samples
from tests.harness.sound import tone, vowel
from tests.harness.telephone import telephone


def heard_at(sound: Samples) -> float | None:
    """Seconds until the detector hears a voice, fed in frames of 20 ms."""
    detector = VoiceDetector()
    for at in range(0, len(sound), 320):
        if detector.add(sound[at : at + 320]):
            return (at + 320) / 16_000
    return None


@pytest.mark.parametrize("pitch_hz", [90, 140, 220, 300])
@pytest.mark.parametrize("level", [0.02, 0.2])
def test_hears_a_voice_within_300_ms(pitch_hz: float, level: float) -> None:
    heard_s = heard_at(vowel(1, pitch_hz=pitch_hz, level=level))
    assert heard_s is not None
    assert heard_s <= 0.3


def test_hears_a_voice_through_a_telephone() -> None:
    assert heard_at(telephone(vowel(1))) is not None


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(32_000, dtype=np.float32),
        (np.random.default_rng(1).standard_normal(32_000) * 0.05).astype(np.float32),
        telephone(tone(2, 450)),  # ring-back and busy in China
        telephone(tone(2, 440) + tone(2, 480)),  # ring-back in North America
        telephone(tone(2, 770) + tone(2, 1336)),  # the key 5
        tone(2, 50) + 0.3 * tone(2, 100),  # mains
        vowel(1, level=0.001),  # somebody far from the telephone
    ],
    ids=["silence", "noise", "ring-back", "ring-back-us", "key", "mains", "far"],
)
def test_hears_no_voice_where_there_is_none(sound: Samples) -> None:
    assert heard_at(sound) is None


def test_a_click_is_no_voice() -> None:
    sound = np.zeros(16_000, dtype=np.float32)
    sound[8000 : 8000 + 2 * FRAME_SAMPLES] = vowel(1)[: 2 * FRAME_SAMPLES]
    assert heard_at(sound) is None
