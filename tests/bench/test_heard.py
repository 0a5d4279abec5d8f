import json

import numpy as np
import pytest

from asr.speech_model import Decoded
from bench.heard import Heard, Line, listen, read_calls, written
from bench.material import write_wave
from core.errors import BadInput
from core.types import Utterance
from tests.harness import speech


class Decoder:
    """Writes the same words of every clip."""

    def __init__(self) -> None:
        self.decodes = 0

    def decode(self, clips, options, wanted=None):
        self.decodes += 1
        return [Decoded("你们都是草包。", (1,), -0.1, 0.0, 1.0, len(clip) / 16_000, "zh") for clip in clips]


@pytest.fixture
def recording(tmp_path):
    """The sample call's first two turns, each a call of its own."""
    first, second = speech.turns()[:2]
    legs = speech.part(0, second.end_ms + 1000)
    path = tmp_path / "calls.wav"
    write_wave(path, legs["agent"], legs["customer"])
    rows = [
        {
            "id": f"S{n}",
            "leg": turn.leg,
            "start_ms": turn.start_ms,
            "end_ms": turn.end_ms,
            "text": turn.text,
            "speed": 1,
        }
        for n, turn in enumerate((first, second))
    ]
    path.with_suffix(".jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def test_calls_are_cut_by_their_reference(recording) -> None:
    first, second = read_calls(recording)
    turn = speech.turns()[1]
    assert (first.id, second.id) == ("S0", "S1")
    assert second.lines == (Line("S1", turn.start_ms, turn.end_ms, turn.text, turn.leg),)
    assert second.start_ms == turn.start_ms - 500
    assert {leg: len(samples) for leg, samples in second.legs.items()} == dict.fromkeys(
        ("agent", "customer"), (turn.end_ms - turn.start_ms + 1000) * 16
    )


def test_a_mono_recording_is_the_customer(tmp_path) -> None:
    path = tmp_path / "one.wav"
    write_wave(path, np.zeros(16_000, np.float32))
    path.with_suffix(".jsonl").write_text('{"id": "S1", "start_ms": 300, "end_ms": 600, "text": "喂"}\n')
    (call,) = read_calls(path)
    assert {leg: len(samples) for leg, samples in call.legs.items()} == {"customer": 16_000}
    assert call.lines[0].leg == "customer"


@pytest.mark.parametrize("text", ["{}\n", "no json\n"])
def test_a_reference_that_is_none(tmp_path, text) -> None:
    path = tmp_path / "one.wav"
    write_wave(path, np.zeros(16_000, np.float32))
    with pytest.raises(BadInput):
        read_calls(path)
    path.with_suffix(".jsonl").write_text(text)
    with pytest.raises(BadInput):
        read_calls(path)


def test_what_was_heard_is_kept_and_gone_on_with(recording, tmp_path) -> None:
    calls, decoder, kept = read_calls(recording), Decoder(), tmp_path / "kept" / "heard.jsonl"

    def hear(some) -> list[Heard]:
        return listen(recording, some, tmp_path, "fast", kept, lambda _: decoder)

    (first,) = hear(calls[:1])
    (final,) = first.finals
    assert (final.leg, final.text) == ("agent", "你们都是草包。")
    assert first.told[0].at_ms < first.told[-1].at_ms
    decodes = decoder.decodes
    assert hear(calls[:1]) == [first]
    assert decoder.decodes == decodes
    both = hear(calls)
    assert both[0] == first
    assert both[1].id == "S1"
    assert decoder.decodes > decodes
    with kept.open("ab") as file:
        file.write(b'{"id":"S2","to')
    assert hear(calls) == both
    assert kept.read_bytes().endswith(b"]}\n")
    with pytest.raises(BadInput):
        listen(recording, calls, tmp_path, "slow", kept, lambda _: decoder)


def test_what_was_written_lies_on_the_recordings_clock(recording, tmp_path) -> None:
    second = read_calls(recording)[1]._replace(start_ms=90_000)
    (heard,) = listen(recording, [second], tmp_path, "fast", None, lambda _: Decoder())
    last = written(second, heard)[-1]
    told = heard.told[-1]
    assert isinstance(told.item, Utterance)
    assert (last.type, last.leg, last.text) == ("utterance", second.lines[0].leg, "你们都是草包。")
    assert (last.start_ms, last.emitted_ms) == (told.item.start_ms + 90_000, told.at_ms + 90_000)
