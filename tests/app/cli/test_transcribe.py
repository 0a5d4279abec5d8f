"""`tingbanctl transcribe` and its public contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.types import LEGS
from tests.harness import media
from tests.harness.ctl import ctl, rows
from tests.harness.speech import char_errors, part, turns

START_MS, END_MS = 50_800, 56_000
WANTED = turns()[-3:-1]
FIELDS = {"type", "leg", "start_ms", "end_ms", "text", "emitted_ms", "confidence"}


@pytest.fixture(scope="module")
def stereo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two turns of the sample call, one a leg."""
    legs = part(START_MS, END_MS)
    return media.write(tmp_path_factory.mktemp("call") / "call.wav", legs["agent"], legs["customer"])


def check_row(row: dict) -> None:
    assert set(row) >= FIELDS
    assert row["leg"] in LEGS
    assert type(row["start_ms"]) is type(row["end_ms"]) is type(row["emitted_ms"]) is int
    assert 0 <= row["start_ms"] < row["end_ms"] <= row["emitted_ms"]
    assert isinstance(row["text"], str)
    if row["type"] == "utterance":
        assert 0 < row["confidence"] <= 1
        assert "".join(word[0] for word in row["words"]).replace(" ", "") == row["text"].replace(" ", "")
    else:
        assert row["type"] == "hypothesis"
        assert row["confidence"] is None


def check_words(found: list[dict]) -> None:
    finals = [row for row in found if row["type"] == "utterance"]
    assert [row["leg"] for row in finals] == [turn.leg for turn in WANTED]
    for row, turn in zip(finals, WANTED, strict=True):
        assert char_errors(turn.text, row["text"]) <= 2
        assert abs(row["end_ms"] - (turn.end_ms - START_MS)) < 150


@pytest.mark.model
def test_a_file_as_fast_as_it_goes(desk_with_models: Path, stereo: Path) -> None:
    done = ctl("transcribe", stereo, "--raw", "--json")
    assert done.returncode == 0, done.stderr
    found = rows(done)
    for row in found:
        check_row(row)
    check_words(found)
    assert {row["type"] for row in found} == {"utterance"}
    assert "遮罩未启用" in done.stderr


@pytest.mark.model
def test_a_file_at_the_pace_of_a_call(desk_with_models: Path, stereo: Path) -> None:
    done = ctl("--json", "transcribe", stereo, "--live", "--raw", "--legs", "stereo")
    assert done.returncode == 0, done.stderr
    found = rows(done)
    for row in found:
        check_row(row)
    check_words(found)
    assert {row["type"] for row in found} == {"utterance", "hypothesis"}
    emitted_ms = [row["emitted_ms"] for row in found]
    assert emitted_ms == sorted(emitted_ms)


@pytest.mark.model
def test_both_channels_as_one_speaker_for_people(desk_with_models: Path, stereo: Path) -> None:
    done = ctl("transcribe", "--raw", stereo, "--legs", "mono")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert {line[:3] for line in lines} == {"00:"}
    assert {line[6:8] for line in lines} == {"客户"}
    assert "\x1b" not in done.stdout
    assert char_errors("".join(turn.text for turn in WANTED), "".join(line[8:] for line in lines)) <= 4


@pytest.mark.model
def test_a_file_that_was_cut_off_is_written_up_to_there(desk_with_models: Path, stereo: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "cut.wav"
    content = stereo.read_bytes()
    damaged.write_bytes(content[: len(content) * 6 // 10])
    done = ctl("transcribe", damaged, "--raw", "--json")
    assert done.returncode == 2
    assert [row["leg"] for row in rows(done)] == [WANTED[0].leg, *[WANTED[1].leg] * (len(rows(done)) - 1)]
    assert "cut.wav" in done.stderr
    assert "cut off" in done.stderr


def check_refused(done, code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert all(word in line for word in ("tingbanctl: ", *words)), line


@pytest.mark.model
def test_captions_are_masked_unless_the_words_are_asked_for(desk_with_models: Path, stereo: Path) -> None:
    done = ctl("transcribe", stereo, "--json")
    assert done.returncode == 0, done.stderr
    assert "遮罩未启用" not in done.stderr
    check_words(rows(done))


def test_a_word_list_that_is_not_understood_is_refused(
    desk_folder: Path, stereo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mask.tsv").write_text("hide\t走着瞧\n", encoding="utf-8")
    monkeypatch.setenv("TINGBAN_POLICY", str(tmp_path / "policy.json"))
    check_refused(ctl("transcribe", stereo, "--json"), 2, "Line 1", "mask.tsv")


def test_there_is_no_such_file(desk_folder: Path, tmp_path: Path) -> None:
    check_refused(ctl("transcribe", tmp_path / "none.wav", "--raw", "--json"), 2, "none.wav", "no such file")


def test_a_file_that_is_no_audio(desk_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not a sound", encoding="utf-8")
    check_refused(ctl("transcribe", tmp_path / "text.wav", "--raw", "--json"), 2, "text.wav")


def test_one_channel_is_not_two(desk_folder: Path, tmp_path: Path) -> None:
    mono = media.write(tmp_path / "mono.wav", part(0, 1000)["agent"])
    check_refused(ctl("transcribe", mono, "--raw", "--legs", "stereo"), 2, "mono.wav", "one channel")


def test_no_weights(desk_folder: Path, stereo: Path) -> None:
    check_refused(ctl("transcribe", stereo, "--raw", "--json"), 3, "not installed", "models fetch base")


@pytest.mark.model
def test_weights_of_an_unknown_name(desk_with_models: Path, stereo: Path) -> None:
    check_refused(ctl("transcribe", stereo, "--raw", "--model", "other"), 3, "'other'", "models add other")


def test_bad_usage(desk_folder: Path) -> None:
    done = ctl("transcribe")
    assert (done.returncode, done.stdout) == (2, "")
    done = ctl("transcribe", "a.wav", "--legs", "three")
    assert (done.returncode, done.stdout) == (2, "")
