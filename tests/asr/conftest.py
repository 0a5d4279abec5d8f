"""The real weights, loaded once for all tests of recognition, and recognisers that do without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asr import live
from asr.live import LiveRecogniser
from asr.speech_model import SpeechModel
from models.store import InstalledModel
from tests.harness.told_audio import OPTIONS, Decoder, Detector, Shown
from tests.harness.weights import installed_base

__all__ = ["installed_base"]


@pytest.fixture(scope="session")
def speech_model(installed_base: InstalledModel) -> SpeechModel:
    """Whisper base as the product loads it on a CPU: int8, two threads."""
    return SpeechModel(installed_base.path_for("int8"), device="cpu", compute_type="int8", threads=2)


@pytest.fixture(autouse=True)
def completeness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words sound finished where they end in 完: what sounds finished is tested elsewhere."""
    monkeypatch.setattr(live, "finished_probability", lambda text: float(text.endswith("完")))


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def decoder() -> Decoder:
    return Decoder()


@pytest.fixture
def recogniser(decoder: Decoder, shown: Shown) -> Iterator[LiveRecogniser]:
    one = LiveRecogniser(decoder, shown, options=OPTIONS, detector=Detector)
    yield one
    decoder.go.set()
    one.close()


@pytest.fixture
def by_hand(decoder: Decoder, shown: Shown) -> LiveRecogniser:
    """A recogniser that decodes when the test says so."""
    return LiveRecogniser(decoder, shown, options=OPTIONS, detector=Detector, threaded=False)
