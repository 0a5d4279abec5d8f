"""Voice activity of one leg, however its samples are cut."""

from __future__ import annotations

import faster_whisper.utils
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr import vad
from asr.vad import FRAME_SAMPLES, VoiceDetector
from core.errors import ModelFault
from tests.harness.noise import noise
from tests.harness.speech import clip, turns

SPEECH = clip(turns()[-3])


def test_speech_is_told_from_silence_and_noise() -> None:
    def share(samples: np.ndarray) -> float:
        probabilities = VoiceDetector().probabilities(samples)
        return sum(p >= 0.5 for p in probabilities) / len(probabilities)

    assert share(SPEECH) > 0.6
    assert share(np.zeros(32_000, np.float32)) == 0
    assert share(noise("fan", 3, seed=1)) < 0.1


def test_frames_wait_for_as_many_as_are_asked_for_and_none_is_lost() -> None:
    whole = SPEECH[: 9 * FRAME_SAMPLES]
    detector = VoiceDetector()
    told = [detector.probabilities(whole[at : at + 300], 3) for at in range(0, len(whole), 300)]
    assert {len(some) for some in told} == {0, 3}
    together = [one for some in told for one in some]
    assert together == pytest.approx(VoiceDetector().probabilities(whole), abs=1e-5)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 3_000), max_size=30))
def test_the_size_of_frames_does_not_matter(sizes: list[int]) -> None:
    detector, at = VoiceDetector(), 0
    found: list[float] = []
    for size in sizes:
        found += detector.probabilities(SPEECH[at : at + size])
        at = min(at + size, len(SPEECH))
    whole = VoiceDetector().probabilities(SPEECH[:at])
    assert len(found) == len(whole) == at // FRAME_SAMPLES
    assert found == pytest.approx(whole, abs=1e-4)


def test_a_reset_forgets_the_leg() -> None:
    detector = VoiceDetector()
    first = detector.probabilities(SPEECH)
    detector.probabilities(SPEECH[:700])
    detector.reset()
    assert detector.probabilities(SPEECH) == pytest.approx(first, abs=1e-6)


def test_detectors_do_not_share_their_state() -> None:
    one, other = VoiceDetector(), VoiceDetector()
    alone = VoiceDetector().probabilities(SPEECH[: 20 * FRAME_SAMPLES])
    found = []
    for start in range(0, 20 * FRAME_SAMPLES, FRAME_SAMPLES):
        found += one.probabilities(SPEECH[start : start + FRAME_SAMPLES])
        other.probabilities(np.zeros(FRAME_SAMPLES, np.float32))
    assert found == pytest.approx(alone, abs=1e-4)


def test_a_broken_installation_says_so(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vad, "get_assets_path", lambda: str(tmp_path))
    vad._session.cache_clear()
    try:
        with pytest.raises(ModelFault, match="voice-activity"):
            VoiceDetector()
    finally:
        vad._session.cache_clear()
    assert faster_whisper.utils.get_assets_path() != str(tmp_path)
