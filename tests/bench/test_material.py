import json

import numpy as np
import pytest

from bench.material import (
    find,
    read_call,
    read_channels,
    read_clips,
    read_turns,
    read_utterances,
    write_wave,
)
from bench.score import Turn
from core.errors import BadInput
from core.types import SAMPLE_RATE_HZ


def tone(seconds: float, level: float) -> np.ndarray:
    return np.full(int(seconds * SAMPLE_RATE_HZ), level, dtype=np.float32)


def write_call(folder, turns):
    call = folder / "call.wav"
    write_wave(call, tone(10, 0.25), tone(10, -0.5))
    call.with_suffix(".jsonl").write_text("\n".join(json.dumps(turn, ensure_ascii=False) for turn in turns) + "\n")
    return call


TURNS = [
    {"leg": "agent", "start_ms": 1000, "end_ms": 2000, "text": "您好。", "overlap": False},
    {"leg": "customer", "start_ms": 3000, "end_ms": 4000, "text": "喂。"},
    {"leg": "agent", "start_ms": 6000, "end_ms": 9000, "text": "请说。"},
]


def test_a_call_keeps_its_legs_apart(tmp_path) -> None:
    legs, turns = read_call(write_call(tmp_path, TURNS))
    assert legs["agent"] == pytest.approx(tone(10, 0.25))
    assert legs["customer"] == pytest.approx(tone(10, -0.5))
    assert turns[0] == Turn("agent", 1000, 2000, "您好。")
    assert len(turns) == 3


def test_the_beginning_of_a_call_holds_no_half_turns(tmp_path) -> None:
    legs, turns = read_call(write_call(tmp_path, TURNS), seconds=8)
    assert [turn.end_ms for turn in turns] == [2000, 4000]
    assert len(legs["agent"]) == 8 * SAMPLE_RATE_HZ
    assert not legs["agent"][2500 * 16 :].any()
    assert legs["agent"][: 2500 * 16].all()


def test_utterances_are_cut_with_their_surroundings(tmp_path) -> None:
    call = write_call(tmp_path, TURNS)
    clips = read_utterances(call, padding_ms=100)
    assert [clip.text for clip in clips] == ["您好。", "喂。", "请说。"]
    assert [clip.seconds for clip in clips] == pytest.approx([1.2, 1.2, 3.2])
    assert clips[1].samples == pytest.approx(tone(1.2, -0.5))


def test_clips_of_a_manifest_without_a_reference_are_left_out(tmp_path) -> None:
    write_wave(tmp_path / "a.wav", tone(1, 0.1))
    (tmp_path / "manifest.tsv").write_text("file\treference\na.wav\t好\nb.wav\t\n", encoding="utf-8")
    (clip,) = read_clips(tmp_path)
    assert (clip.name, clip.text, clip.seconds) == ("a.wav", "好", 1.0)


def test_one_channel_is_no_call(tmp_path) -> None:
    write_wave(tmp_path / "mono.wav", tone(1, 0.1))
    with pytest.raises(BadInput, match=r"mono\.wav has 1 channel"):
        read_call(tmp_path / "mono.wav")


def test_a_bad_line_is_named(tmp_path) -> None:
    call = write_call(tmp_path, [*TURNS, {"leg": "agent", "start_ms": 1}])
    with pytest.raises(BadInput, match=r"call\.jsonl, line 4"):
        read_turns(call)


def test_what_is_missing_is_said(tmp_path) -> None:
    with pytest.raises(BadInput, match=r"no reference call\.jsonl"):
        read_turns(tmp_path / "call.wav")
    with pytest.raises(BadInput, match="--data"):
        find("absent.wav", tmp_path)
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(BadInput, match=r"text\.wav cannot be read"):
        read_channels(tmp_path / "text.wav")
