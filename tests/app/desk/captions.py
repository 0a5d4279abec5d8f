"""Captions with chips, as the mask tells them."""

from __future__ import annotations

from typing import NamedTuple

from core.types import Checksum, Leg, MaskedHypothesis, MaskedUtterance, MaskSpan
from redaction.chips import chip


class Hidden(NamedTuple):
    """A hidden stretch of a caption."""

    kind: str
    kept: str = ""
    checksum: Checksum = "none"
    sure: bool = True


def masked(*pieces: str | Hidden) -> tuple[str, tuple[MaskSpan, ...]]:
    """A text with its chips, and their spans."""
    text = ""
    spans = []
    for piece in pieces:
        if isinstance(piece, Hidden):
            shown = chip(piece.kind, piece.kept)
            end = len(text) + len(shown)
            spans.append(MaskSpan(len(text), end, piece.kind, piece.kept, piece.checksum, sure=piece.sure))
            text += shown
        else:
            text += piece
    return text, tuple(spans)


def final(name: str, leg: Leg, start_ms: int, *pieces: str | Hidden) -> MaskedUtterance:
    text, spans = masked(*pieces)
    return MaskedUtterance(name, leg, start_ms, start_ms + 900, text, spans=spans, masked_by="rules")


def partial(leg: Leg, start_ms: int, *pieces: str | Hidden) -> MaskedHypothesis:
    text, spans = masked(*pieces)
    return MaskedHypothesis(leg, start_ms, start_ms + 500, text, spans=spans, masked_by="rules")
