"""`tingbanctl mask` and its public contract."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.harness.ctl import ROOT, command, ctl, rows

LINES = "你这个傻逼，到底退不退钱？\n我的手机号是13800138000。\n\n麻烦您帮我查一下订单。\n"


@pytest.fixture
def file(desk_folder: Path, tmp_path: Path) -> Path:
    file = tmp_path / "lines.txt"
    file.write_text(LINES, encoding="utf-8")
    return file


def test_each_line_for_people(file: Path) -> None:
    done = ctl("mask", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "你这个【辱骂·人身攻击】，到底退不退钱？",
        "我的手机号是【手机号 ····8000】。",
        "",
        "麻烦您帮我查一下订单。",
    ]


def test_each_line_for_programs(file: Path) -> None:
    found = rows(ctl("mask", file, "--json"))
    assert [row["text"] for row in found] == ctl("mask", file).stdout.splitlines()
    spans = [[(span["start"], span["end"], span["kind"]) for span in row["spans"]] for row in found]
    assert spans == [[(3, 5, "abuse.personal")], [(6, 17, "pii.mobile")], [], []]
    assert not any("text" in span for row in found for span in row["spans"])
    assert found[1]["spans"][0]["checksum"] == "right"


def test_hidden_words_only_where_they_are_asked_for(file: Path) -> None:
    found = rows(ctl("mask", file, "--json", "--raw"))
    assert [span["text"] for row in found for span in row["spans"]] == ["傻逼", "13800138000"]


def test_standard_input_and_a_limit(desk_folder: Path) -> None:
    done = subprocess.run(
        command("mask", "-", "--json", "--limit", "2"),
        cwd=ROOT,
        input=LINES,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert len(done.stdout.splitlines()) == 2
    assert json.loads(done.stdout.splitlines()[0])["spans"][0]["kind"] == "abuse.personal"


def test_a_line_that_is_not_utf8_is_named(desk_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "gbk.txt"
    file.write_bytes("好的\n".encode() + "您好\n".encode("gbk"))
    done = ctl("mask", file)
    assert done.returncode == 2
    assert "gbk.txt is not UTF-8" in done.stderr
    assert "您好" not in done.stdout


def test_no_such_file(desk_folder: Path, tmp_path: Path) -> None:
    done = ctl("mask", tmp_path / "none.txt")
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.txt" in done.stderr


def test_the_call_centres_own_words(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mask.tsv").write_text("hide\tabuse.personal\t麻烦您\nnever\t傻逼\n", encoding="utf-8")
    monkeypatch.setenv("TINGBAN_POLICY", str(tmp_path / "policy.json"))
    lines = ctl("mask", file).stdout.splitlines()
    assert lines[0] == LINES.splitlines()[0]
    assert lines[3] == "【辱骂·人身攻击】帮我查一下订单。"
