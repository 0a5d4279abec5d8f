"""The stages of a call inline: mask, file mode, and a source at the pace of a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from app.engine import Engine, load_engine
from app.masking import NoMask
from app.pipeline import follow, masked, write_down
from asr.choice import EngineChoice
from asr.live_leg import LiveOptions
from asr.offline import OfflineOptions
from asr.sources.clock import CallClock
from asr.sources.file import FileSource
from asr.speech_model import Decoded, DecodeOptions
from core.errors import BadInput, DeviceFault
from core.settings import Settings
from core.types import (
    AudioFrame,
    CaptionItem,
    Gap,
    Hypothesis,
    Leg,
    MaskedHypothesis,
    MaskedUtterance,
    Utterance,
    Word,
)
from redaction.mask import RuleMask
from tests.harness import media
from tests.harness.speech import Samples, call, char_errors, part, turns


class Decoder:
    def decode(
        self, clips: Sequence[Samples], options: DecodeOptions, wanted: Callable[[], bool] | None = None
    ) -> list[Decoded]:
        return [Decoded("好的", (1,), -0.2, 0.1, 1.0, len(clip) / 16_000, "zh") for clip in clips]


ENGINE = Engine(Decoder(), "none", EngineChoice("cpu", "int8", 2, 0.1, ""), LiveOptions(), OfflineOptions())


class Source:
    """Six seconds of the sample call's agent, then a lost device."""

    legs: tuple[Leg, ...] = ("agent",)

    def __init__(self, gap: Gap | None = None, fault: Exception | None = None) -> None:
        self._gaps = [gap] if gap else []
        self._fault = fault

    def frames(self) -> Iterator[AudioFrame]:
        samples = call()["agent"]
        for start in range(0, 96_000, 640):
            yield AudioFrame("agent", start, samples[start : start + 640])
        if self._fault:
            raise self._fault

    def dropped(self) -> list[Gap]:
        gaps, self._gaps = self._gaps, []
        return gaps

    def close(self) -> None: ...


def followed(source: Source) -> list[CaptionItem]:
    shown: list[CaptionItem] = []
    follow(source, CallClock(), ENGINE, NoMask(), lambda item, _: shown.append(item))
    return shown


# --- mask -----------------------------------------------------------------------------------------------------------
def test_no_mask_lets_everything_through_and_says_so() -> None:
    words = (Word("好的。", 10, 20, 0.9),)
    utterance = Utterance("id", "agent", 10, 20, "好的。", words, 0.8)
    assert masked(utterance, NoMask()) == MaskedUtterance(
        "id", "agent", 10, 20, "好的。", words, 0.8, spans=(), masked_by="none", sealed_ref=None
    )
    hypothesis = Hypothesis("customer", 10, 20, "好", 1)
    assert masked(hypothesis, NoMask()) == MaskedHypothesis("customer", 10, 20, "好", 1, spans=(), masked_by="none")
    gap = Gap("agent", 1, 2, "paused")
    assert masked(gap, NoMask()) is gap


def test_every_text_passes_the_mask() -> None:
    class Stars(NoMask):
        def mask_hypothesis(self, hypothesis: Hypothesis) -> MaskedHypothesis:
            return MaskedHypothesis(hypothesis.leg, 0, 0, "***")

        def mask_utterance(self, utterance: Utterance) -> MaskedUtterance:
            return MaskedUtterance(utterance.id, utterance.leg, 0, 0, "***")

    shown: list[CaptionItem] = []
    follow(Source(), CallClock(), ENGINE, Stars(), lambda item, _: shown.append(item))
    shown += write_down(Source(), ENGINE, Stars())
    assert shown
    assert {item.text for item in shown} == {"***"}


TOLD = (
    Utterance("a-c-0", "customer", 0, 900, "我的手机号是幺三九零零"),
    Utterance("a-a-2", "agent", 2000, 2400, "嗯"),
    Utterance("a-c-3", "customer", 3000, 3900, "二七六四五幺"),
    Utterance("a-a-90", "agent", 90_000, 90_900, "好的"),
)


def written(monkeypatch: pytest.MonkeyPatch, fault: Exception | None = None) -> Iterator[CaptionItem]:
    def transcribed(*_: object, **__: object) -> Iterator[Utterance]:
        yield from TOLD
        if fault:
            raise fault

    monkeypatch.setattr("app.pipeline.transcribe", transcribed)
    return write_down(Source(), ENGINE, RuleMask([]))


def test_of_a_file_every_final_comes_once_as_later_words_have_it_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    items = list(written(monkeypatch))
    assert [one.id for one in items] == [one.id for one in TOLD]
    assert items[0].text == "我的手机号是【手机号 …】"
    assert items[2].text == "【手机号 ····6451】"


def test_of_a_file_what_has_settled_does_not_wait_for_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    items = written(monkeypatch, BadInput("cut off"))
    assert [next(items).id for _ in range(3)] == ["a-c-0", "a-a-2", "a-c-3"]
    assert next(items).id == "a-a-90"
    with pytest.raises(BadInput, match="cut off"):
        next(items)


# --- a source followed ----------------------------------------------------------------------------------------------
def test_what_was_said_before_a_fault_is_written() -> None:
    shown: list[CaptionItem] = []
    source = Source(fault=DeviceFault("The headset has gone."))
    with pytest.raises(DeviceFault, match="headset"):
        follow(source, CallClock(), ENGINE, NoMask(), lambda item, _: shown.append(item))
    assert [item.text for item in shown if isinstance(item, MaskedUtterance)] == ["好的。"]


def test_gaps_of_the_source_are_told() -> None:
    gap = Gap("agent", 0, 0, "overflow")
    assert [item for item in followed(Source(gap)) if isinstance(item, Gap)] == [gap]


def test_file_mode_tells_how_far_it_is() -> None:
    heard: list[int] = []
    items = list(write_down(Source(), ENGINE, NoMask(), heard.append))
    assert [type(item) for item in items] == [MaskedUtterance]
    assert heard == [6_016]


@pytest.mark.model
def test_a_file_at_the_pace_of_a_call(desk_with_models: Path, tmp_path: Path) -> None:
    legs = part(50_800, 56_000)
    file = media.write(tmp_path / "call.wav", legs["agent"], legs["customer"])
    clock = CallClock()
    shown: list[tuple[CaptionItem, int]] = []
    engine = load_engine(Settings.load())
    source = FileSource(file, pace="realtime", clock=clock)
    follow(source, clock, engine, NoMask(), lambda item, emitted_ms: shown.append((item, emitted_ms)))
    finals = [item for item, _ in shown if isinstance(item, MaskedUtterance)]
    wanted = turns()[-3:-1]
    assert [one.leg for one in finals] == [turn.leg for turn in wanted]
    for one, turn in zip(finals, wanted, strict=True):
        assert char_errors(turn.text, one.text) <= 2
        assert abs(one.end_ms - (turn.end_ms - 50_800)) < 150
    assert all(emitted_ms >= item.end_ms for item, emitted_ms in shown)
    assert any(isinstance(item, MaskedHypothesis) for item, _ in shown)
    assert not any(isinstance(item, Gap) for item, _ in shown)
    assert np.all(np.diff([emitted_ms for _, emitted_ms in shown]) >= 0)
