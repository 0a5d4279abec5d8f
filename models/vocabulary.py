"""A vocabulary of the languages of calls alone: of Whisper's tokens, those that Chinese and English are written with.

Nearly half of Whisper's 51,865 tokens are pieces of other scripts, names, and program text. Each step of the decoder
multiplies with the whole table, half of its work on a processor. Without the rows that no call needs it decodes to the
same Chinese sooner (`bench/decode_cost.py`). What is left of English spells any word, the rare ones in more pieces.

Source of the byte alphabet: GPT-2's `bytes_to_unicode`, which Whisper's tokenizer uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

FREQUENT = 8_000
"""Byte pairs are numbered in the order they were joined, by how often they are met. Of English, whole words in small
letters stay, and pieces of any other sort below this number."""

_WORD = re.compile(" [a-z]+")
_CALLS = re.compile("[\u0020-\u007e\u00b0\u00b7\u00d7\u2000-\u206f\u2103\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
"""Printable ASCII, Chinese characters, their marks, and the few signs that stand in prices and temperatures."""


def _alphabet() -> dict[str, int]:
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    odd = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(odd)}


_BYTES = _alphabet()


def kept_tokens(tokenizer: bytes, n_tokens: int) -> list[int] | None:
    """Numbers of the tokens to keep, ascending, of a `tokenizer.json`; None where it is not built as Whisper's are.

    `n_tokens`: rows of the table; times are the last of them and named in no file. What is added to the text's tokens
    (its end, languages, tasks, times) stays, so that what follows the text keeps its order.
    """
    parsed = _parsed(tokenizer)
    if parsed is None:
        return None
    vocabulary: Mapping[str, int] = parsed["model"]["vocab"]
    added = {int(token["id"]) for token in parsed["added_tokens"]}
    text = {number: token for token, number in vocabulary.items() if number not in added}
    highest = max([*added, *text])
    if not added or min(added) <= max(text) or {*added, *text} != set(range(highest + 1)) or highest >= n_tokens:
        return None
    return [number for number in range(n_tokens) if number not in text or _needed(number, text[number])]


def lean_tokenizer(tokenizer: bytes, kept: Sequence[int]) -> bytes:
    """The same `tokenizer.json` with the kept tokens alone, numbered anew."""
    parsed = json.loads(tokenizer)
    new = {old: number for number, old in enumerate(kept)}
    model = parsed["model"]
    model["vocab"] = {token: new[old] for token, old in model["vocab"].items() if old in new}
    model["merges"] = [merge for merge in model["merges"] if _possible(merge, model["vocab"])]
    parsed["added_tokens"] = [{**token, "id": new[token["id"]]} for token in parsed["added_tokens"]]
    post = parsed.get("post_processor") or {}
    for special in (post.get("special_tokens") or {}).values():
        special["ids"] = [new[old] for old in special["ids"]]
    return json.dumps(parsed, ensure_ascii=False).encode()


def lean_config(config: bytes, kept: Sequence[int]) -> bytes:
    """The same `config.json` of CTranslate2, its lists of tokens numbered anew."""
    parsed: dict[str, Any] = json.loads(config)
    new = {old: number for number, old in enumerate(kept)}
    for name in ("lang_ids", "suppress_ids", "suppress_ids_begin"):
        if name in parsed:
            parsed[name] = [new[old] for old in parsed[name] if old in new]
    return json.dumps(parsed, indent=2).encode()


def lean_list(vocabulary: bytes, kept: Sequence[int]) -> bytes:
    """The same `vocabulary.txt` (a token a line) with the kept tokens alone."""
    lines = vocabulary.decode().split("\n")
    return "".join(lines[number] + "\n" for number in kept).encode()


LEAN: Mapping[str, Callable[[bytes, Sequence[int]], bytes]] = {
    "tokenizer.json": lean_tokenizer,
    "config.json": lean_config,
    "vocabulary.txt": lean_list,
}
"""What is written anew beside the weights, by the name of the file; CTranslate2 finds its own tokens by their text."""


def _parsed(tokenizer: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(tokenizer)
        fits = parsed["model"]["type"] == "BPE" and all(
            isinstance(parsed["model"][part], sort) for part, sort in (("vocab", dict), ("merges", list))
        )
        return cast("dict[str, Any]", parsed) if fits and isinstance(parsed["added_tokens"], list) else None
    except (ValueError, KeyError, TypeError):
        return None


def _needed(number: int, token: str) -> bool:
    raw = bytes(_BYTES.get(char, 0) for char in token)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        # Part of a character: Chinese ones beside the frequent are written in two or three pieces.
        return True
    if not text.isascii():
        return len(raw) == 1 or _CALLS.fullmatch(text) is not None
    return number < FREQUENT or len(raw) == 1 or text.isdecimal() or _WORD.fullmatch(text) is not None


def _possible(merge: object, vocabulary: Mapping[str, int]) -> bool:
    first, second = merge.split(" ") if isinstance(merge, str) else cast("list[str]", merge)
    return first in vocabulary and second in vocabulary and first + second in vocabulary
