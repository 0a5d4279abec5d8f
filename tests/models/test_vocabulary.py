"""The vocabulary of calls: what stays, in which order, and that the files beside the weights agree with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from models.store import InstalledModel
from models.vocabulary import kept_tokens, lean_config, lean_list, lean_tokenizer

N_TOKENS = 51_865


@pytest.fixture(scope="module")
def whole(installed_base: InstalledModel) -> bytes:
    return (installed_base.path / "tokenizer.json").read_bytes()


@pytest.fixture(scope="module")
def kept(whole: bytes) -> list[int]:
    found = kept_tokens(whole, N_TOKENS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "您好，请问有什么可以帮您？",
        "訂單號 SF1234567890，共 ¥128.50，30℃～35℃。",
        "龘靐齉爩",
        " My router leaks; the technician said 8053 (twice)!",
        "Donaudampfschifffahrt naïve 100%",
        "Привет, こんにちは, 안녕",
    ],
)
def test_any_text_can_still_be_written(whole: bytes, kept: list[int], text: str) -> None:
    lean = Tokenizer.from_str(lean_tokenizer(whole, kept).decode())
    assert lean.decode(lean.encode(text, add_special_tokens=False).ids) == text


def test_chinese_is_cut_as_before(whole: bytes, kept: list[int]) -> None:
    text = "我想查一下上个月的话费，怎么多出来十几块钱？麻煩您幫我轉接一下人工客服，謝謝。"
    before, after = (Tokenizer.from_str(one.decode()) for one in (whole, lean_tokenizer(whole, kept)))
    assert after.encode(text).tokens == before.encode(text).tokens


def test_what_follows_the_text_keeps_its_order(whole: bytes, kept: list[int]) -> None:
    before, after = (Tokenizer.from_str(one.decode()) for one in (whole, lean_tokenizer(whole, kept)))
    first = before.token_to_id("<|endoftext|>")
    assert kept[-(N_TOKENS - first) :] == list(range(first, N_TOKENS))
    for token in ("<|endoftext|>", "<|zh|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>"):
        assert kept[after.token_to_id(token)] == before.token_to_id(token)
    assert after.get_vocab_size() == len(kept) - (N_TOKENS - before.get_vocab_size())


def test_the_lists_beside_it_are_numbered_anew(installed_base: InstalledModel, kept: list[int]) -> None:
    before = (installed_base.path / "vocabulary.txt").read_bytes()
    listed = before.decode().split("\n")
    assert lean_list(before, kept).decode().split("\n") == [*(listed[number] for number in kept), ""]
    config = (installed_base.path / "config.json").read_bytes()
    old, new = json.loads(config), json.loads(lean_config(config, kept))
    assert [kept[number] for number in new["lang_ids"]] == old["lang_ids"]
    assert {kept[number] for number in new["suppress_ids"]} == set(old["suppress_ids"]) & set(kept)
    assert new["alignment_heads"] == old["alignment_heads"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"no json",
        lambda _: b"{}",
        lambda parsed: json.dumps({**parsed, "model": {**parsed["model"], "type": "WordPiece"}}).encode(),
        lambda parsed: json.dumps({**parsed, "added_tokens": []}).encode(),
        lambda parsed: json.dumps(
            {**parsed, "added_tokens": parsed["added_tokens"][:5] + parsed["added_tokens"][6:]}
        ).encode(),
        lambda parsed: json.dumps(
            {**parsed, "model": {**parsed["model"], "vocab": dict(list(parsed["model"]["vocab"].items())[1:])}}
        ).encode(),
    ],
)
def test_another_tokenizer_is_left_alone(whole: bytes, damage) -> None:
    assert kept_tokens(damage(json.loads(whole)), N_TOKENS) is None


def test_a_table_that_is_too_short_is_left_alone(whole: bytes) -> None:
    assert kept_tokens(whole, 50_000) is None


def test_the_prepared_folder_is_of_one_piece(installed_base: InstalledModel, kept: list[int]) -> None:
    folder = installed_base.int8_path
    assert folder is not None, "run 'tingbanctl models fetch'"
    assert len((folder / "vocabulary.txt").read_text("utf-8").splitlines()) == len(kept)
    assert (folder / "tokenizer.json").read_bytes() == lean_tokenizer(
        Path(installed_base.path / "tokenizer.json").read_bytes(), kept
    )
