"""From what the decoder wrote to what a person reads: Simplified script, full-width punctuation, words with times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from asr.speech_model import Decoded, TimedToken
from core.types import Word
from core.zh.script import simplified

_CJK = r"\u3400-\u9fff\uf900-\ufaff"
_FULL_WIDTH = str.maketrans({",": "，", ".": "。", "?": "？", "!": "！", ":": "：", ";": "；"})
_MARKS = "，。？！：；、…"
_FINAL_MARKS = "。？！…"
_ENGLISH_FINAL_MARKS = ".?!…"
_HALF_WIDTH_BY_CJK = re.compile(rf"(?<=[{_CJK}])\s*[,.?!:;]+|[,.?!:;]+\s*(?=[{_CJK}])")
_SPACE_IN_CJK = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])")
_SPACE_BY_MARK = re.compile(rf"\s*([{_MARKS}])\s*")
_REPEATED_MARKS = re.compile(rf"([{_MARKS}])[{_MARKS}]+")
_NOT_SPEECH = re.compile(r"[(（\[【*♪][^()（）\[\]【】*♪]{0,12}[)）\]】*♪]|♪")
_OUTER_MARKS = re.compile(rf"^[{_MARKS},.?!:;\s]+|[{_MARKS},.?!:;\s]+$")
_LATIN = re.compile(r"[A-Za-z0-9]")
_QUESTION = re.compile(
    r"(?:[吗么]|呢)$|(?:是不是|对不对|好不好|行不行|可不可以|能不能|会不会|要不要|有没有)[^，。]{0,8}$"
    r"|(?:什么|怎么|怎样|为何|多少|几[个点号天块位次月年]|哪[里儿个些家位天种]|谁|多久|多长时间|是否|如何)[^，。]{0,8}$"
)
_NOT_A_QUESTION = re.compile(
    r"(?:没什么|不怎么|不知道|没有什么|随便)[^，。]{0,8}$|帮[您你](?:看|查|核|问|试|申请)[^，。]{0,14}$"
)


def readable_partial(text: str) -> str:
    """Text of a hypothesis: Simplified, full-width marks, no closing mark."""
    return _clean(simplified(_NOT_SPEECH.sub("", text))).rstrip(_MARKS + ".,?! ")


@dataclass(frozen=True, slots=True)
class Written:
    """Final text with its words; the words' texts joined are the text, but for spaces."""

    text: str
    words: tuple[Word, ...]


def readable_final(decoded: Decoded, start_ms: int, pauses_s: Sequence[tuple[float, float]] = ()) -> Written:
    """Text and words of a final.

    `start_ms`: start of the clip on the call's clock. `pauses_s`: inner silences in seconds from the clip's start,
    where a comma stands if the decoder wrote no mark.
    """
    pieces = _simplified_pieces(decoded)
    if pieces:
        pieces = _with_pause_commas(pieces, pauses_s)
        raw = "".join(piece.text for piece in pieces)
    else:
        raw = simplified(decoded.text)
    text = _closed(_clean(_NOT_SPEECH.sub("", raw)), english=decoded.language == "en")
    return Written(text, _words(text, pieces, start_ms))


def _clean(text: str) -> str:
    text = _HALF_WIDTH_BY_CJK.sub(lambda match: match[0].strip().translate(_FULL_WIDTH), text.strip())
    # The decoder writes a space where a Chinese speaker breathes.
    text = _SPACE_IN_CJK.sub("，", text)
    text = _SPACE_BY_MARK.sub(r"\1", text)
    return _REPEATED_MARKS.sub(r"\1", text).lstrip(_MARKS + " ")


def _closed(text: str, *, english: bool) -> str:
    bare = text.rstrip(_MARKS + " ,;:、")
    if not bare:
        return ""
    if text[-1] in _FINAL_MARKS or (english and text[-1] in _ENGLISH_FINAL_MARKS):
        return text
    if english or (re.search(r"[A-Za-z]", bare) and not re.search(rf"[{_CJK}]", bare)):
        return bare if bare[-1] in _ENGLISH_FINAL_MARKS else f"{bare}."
    last_clause = re.split(r"[，。？！；]", bare)[-1]
    question = _QUESTION.search(last_clause) and not _NOT_A_QUESTION.search(last_clause)
    return f"{bare}{'？' if question else '。'}"


def _simplified_pieces(decoded: Decoded) -> list[TimedToken]:
    raw = "".join(piece.text for piece in decoded.timed)
    converted = simplified(raw)
    if len(converted) != len(raw):
        # A phrase changed its length: convert piece by piece, and lose its context.
        return [replace(piece, text=simplified(piece.text)) for piece in decoded.timed]
    pieces: list[TimedToken] = []
    at = 0
    for piece in decoded.timed:
        pieces.append(replace(piece, text=converted[at : at + len(piece.text)]))
        at += len(piece.text)
    return pieces


_PAUSE_SLACK_S = 0.3
"""How far an aligned boundary may lie from its pause: cross-attention alignment is good to about 0.2 s."""


def _with_pause_commas(pieces: list[TimedToken], pauses_s: Sequence[tuple[float, float]]) -> list[TimedToken]:
    """Put a comma at the piece boundary nearest to the start of each pause, unless a mark is near.

    Alignment lets a piece begin with the silence before it.
    """
    marked = list(pieces)
    for pause_start_s, _ in pauses_s:
        boundaries = range(1, len(marked))
        at = min(boundaries, key=lambda i: abs(marked[i].start_s - pause_start_s), default=None)
        if at is None or abs(marked[at].start_s - pause_start_s) > _PAUSE_SLACK_S:
            continue
        near = "".join(piece.text for piece in marked[max(0, at - 2) : at + 2])
        if any(char in _MARKS or char in ",.?!;: " for char in near) or not re.search(
            rf"[{_CJK}]$", marked[at - 1].text
        ):
            continue
        if not re.match(rf"[{_CJK}]", marked[at].text):
            continue
        marked[at - 1] = replace(marked[at - 1], text=marked[at - 1].text + "，")
    return marked


def _words(text: str, pieces: Sequence[TimedToken], start_ms: int) -> tuple[Word, ...]:
    """Lay the timed pieces on the readable text: marks go to the word before, parts of a Latin word are joined.

    A piece that was rewritten on the way is not found again; its text goes to the word before, or to the first.
    """
    words: list[Word] = []
    at = 0
    for piece in pieces:
        bare = _OUTER_MARKS.sub("", piece.text)
        found = text.find(bare, at) if bare else -1
        if found < 0:
            continue
        between, end = text[at:found].rstrip(), found + len(bare)
        if words and between:
            words[-1] = _extended(words[-1], between, words[-1].end_ms)
        begin_ms, end_ms = (start_ms + round(seconds * 1000) for seconds in (piece.start_s, piece.end_s))
        if words and found == at and _LATIN.match(bare) and _LATIN.match(text[found - 1]):
            words[-1] = _extended(words[-1], bare, end_ms)
        elif words or not between:
            words.append(Word(bare, begin_ms, end_ms, round(piece.probability, 3)))
        else:
            begin_ms = start_ms + round(pieces[0].start_s * 1000)
            words.append(Word(text[:end], begin_ms, end_ms, round(piece.probability, 3)))
        at = end
    rest = text[at:].rstrip()
    if words and rest:
        words[-1] = _extended(words[-1], rest, words[-1].end_ms)
    elif rest and pieces:
        begin_ms, end_ms = (start_ms + round(seconds * 1000) for seconds in (pieces[0].start_s, pieces[-1].end_s))
        words.append(Word(rest, begin_ms, end_ms, round(min(piece.probability for piece in pieces), 3)))
    return tuple(words)


def _extended(word: Word, text: str, end_ms: int) -> Word:
    return Word(word.text + text, word.start_ms, end_ms, word.probability)
