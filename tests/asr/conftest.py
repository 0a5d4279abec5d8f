"""The real weights, loaded once for all tests of recognition."""

from __future__ import annotations

import pytest

from asr.speech_model import SpeechModel
from models.store import InstalledModel
from tests.harness.weights import installed_base

__all__ = ["installed_base"]


@pytest.fixture(scope="session")
def speech_model(installed_base: InstalledModel) -> SpeechModel:
    """Whisper base as the product loads it on a CPU: int8, two threads."""
    return SpeechModel(installed_base.path, device="cpu", compute_type="int8", threads=2)
