"""A recording is written down whole, in order and on its clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from asr.offline import OfflineOptions, transcribe
from asr.sources.file import FileSource
from asr.speech_model import Decoded, DecodeOptions, SpeechModel
from bench.material import read_turns
from core.errors import BadInput
from core.types import AudioFrame, Gap, Leg, Utterance
from tests.harness.speech import Samples, call, char_errors, part, turns

ENGLISH = Path(__file__).parents[1] / "audio" / "english.opus"


class Source:
    """Frames made from samples; `fault` ends them, gaps are told with the first frame after each."""

    def __init__(
        self, legs: dict[Leg, Samples], *, fault: BadInput | None = None, gaps: Sequence[Gap] = (), frame: int = 640
    ) -> None:
        self.legs = tuple(legs)
        self._samples = legs
        self._fault = fault
        self._gaps = list(gaps)
        self._frame = frame
        self._at_ms = 0

    def frames(self) -> Iterator[AudioFrame]:
        length = max(len(samples) for samples in self._samples.values())
        for start in range(0, length, self._frame):
            self._at_ms = start // 16
            for leg, samples in self._samples.items():
                if not any(gap.leg == leg and gap.start_ms <= self._at_ms < gap.end_ms for gap in self._gaps):
                    yield AudioFrame(leg, start, samples[start : start + self._frame])
        if self._fault:
            raise self._fault

    def dropped(self) -> list[Gap]:
        told = [gap for gap in self._gaps if gap.end_ms <= self._at_ms]
        self._gaps = [gap for gap in self._gaps if gap not in told]
        return told

    def close(self) -> None: ...


class Decoder:
    """Writes the same two characters for every clip and notes the sizes of its batches."""

    def __init__(self) -> None:
        self.batches: list[list[float]] = []

    def decode(
        self, clips: Sequence[Samples], options: DecodeOptions, wanted: Callable[[], bool] | None = None
    ) -> list[Decoded]:
        self.batches.append([len(clip) / 16_000 for clip in clips])
        return [Decoded("好的", (1,), -0.2, 0.1, 1.0, len(clip) / 16_000, "zh") for clip in clips]


def utterances(items: list[Utterance | Gap]) -> list[Utterance]:
    return [item for item in items if isinstance(item, Utterance)]


@pytest.fixture(scope="module")
def written(speech_model: SpeechModel) -> list[Utterance]:
    return utterances(list(transcribe(Source(call()), speech_model)))


@pytest.mark.model
def test_the_sample_call_is_written_right_and_on_the_right_leg(written: list[Utterance]) -> None:
    errors = chars = 0
    for turn in turns():
        middle_ms = (turn.start_ms + turn.end_ms) // 2
        if any("零" <= char <= "九" and char in "零一二三四五六七八九" for char in turn.text):
            continue  # numbers may be written in digits
        text = "".join(
            one.text
            for one in written
            if one.leg == turn.leg and one.start_ms < turn.end_ms and one.end_ms > turn.start_ms
        )
        assert text, f"the turn around {middle_ms} ms is lost"
        errors += char_errors(turn.text, text)
        chars += len(turn.text)
    assert chars > 100
    assert errors / chars < 0.2


@pytest.mark.model
def test_utterances_are_ordered_and_never_overlap_on_a_leg(written: list[Utterance]) -> None:
    assert [(one.start_ms, one.leg) for one in written] == sorted((one.start_ms, one.leg) for one in written)
    assert len({one.id for one in written}) == len(written)
    for leg in ("agent", "customer"):
        mine = [one for one in written if one.leg == leg]
        assert all(before.end_ms <= after.start_ms for before, after in pairwise(mine))
        for one in mine:
            assert 0 < one.confidence <= 1
            assert "".join(word.text for word in one.words).replace(" ", "") == one.text.replace(" ", "")
            assert all(one.start_ms <= word.start_ms <= word.end_ms for word in one.words)
            # A word's end is aligned within the clip, which has a tail of 192 ms.
            assert one.words[-1].end_ms <= one.end_ms + 192


@pytest.mark.model
def test_a_customer_who_speaks_english_is_written_down_whole(speech_model: SpeechModel) -> None:
    spoken = read_turns(ENGLISH)
    written = utterances(list(transcribe(FileSource(ENGLISH), speech_model)))
    assert [abs(one.start_ms - turn.start_ms) < 500 for one, turn in zip(written, spoken, strict=True)] == [True] * 40
    wanted, found = (
        [word for line in lines for word in re.findall(r"[a-z']+", line.text.lower())] for lines in (spoken, written)
    )
    assert Levenshtein.distance(wanted, found) < 0.15 * len(wanted)


def test_like_lengths_share_a_batch() -> None:
    decoder = Decoder()
    found = utterances(list(transcribe(Source(call()), decoder, OfflineOptions(batch=4, collect=100))))
    lengths = [length for batch in decoder.batches for length in batch]
    assert lengths == sorted(lengths)
    assert max(len(batch) for batch in decoder.batches) == 4
    assert len(found) == len(lengths) >= len(turns())
    assert [one.start_ms for one in found] == sorted(one.start_ms for one in found)


def test_batches_come_as_the_recording_goes_on_and_progress_is_told() -> None:
    decoder, heard = Decoder(), []
    items = transcribe(Source(call()), decoder, OfflineOptions(batch=2, collect=2), progress=heard.append)
    first = next(items)
    assert isinstance(first, Utterance)
    assert len(decoder.batches) == 1
    list(items)
    assert heard == sorted(heard)
    assert heard[0] < 20_000
    assert heard[-1] >= len(call()["agent"]) // 16


def test_what_is_open_at_the_end_is_written() -> None:
    agent = part(1_200, 3_000)["agent"]  # in mid-sentence
    (one,) = utterances(list(transcribe(Source({"agent": agent}), Decoder(), call_id="c")))
    assert one.end_ms <= 1_824
    assert one.id == f"c-a-{one.start_ms}"


def test_a_fault_comes_after_what_was_good() -> None:
    items = transcribe(Source(part(0, 6_000), fault=BadInput("damaged at 6.0 s.")), Decoder())
    assert isinstance(next(items), Utterance)
    with pytest.raises(BadInput, match="damaged"):
        list(items)


def test_a_gap_is_told_and_keeps_the_clock() -> None:
    gap = Gap("agent", 6_000, 9_000, "overflow")
    whole = utterances(list(transcribe(Source({"agent": call()["agent"]}), Decoder())))
    items = list(transcribe(Source({"agent": call()["agent"]}, gaps=[gap]), Decoder()))
    assert [item for item in items if isinstance(item, Gap)] == [gap]
    # 6-9 s holds nothing of the agent, so that nothing else changes, but for what the voice detector remembers.
    np.testing.assert_allclose(
        [(one.start_ms, one.end_ms) for one in utterances(items)],
        [(one.start_ms, one.end_ms) for one in whole],
        atol=64,
    )


def test_silence_and_nothing_are_written_as_nothing() -> None:
    decoder = Decoder()
    assert list(transcribe(Source({"agent": np.zeros(0, np.float32)}), decoder)) == []
    assert list(transcribe(Source({"agent": np.zeros(50_000, np.float32)}), decoder)) == []
    assert decoder.batches == []
