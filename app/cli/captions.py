"""How the terminal shows captions: JSON Lines for programs, two coloured columns for people."""

from __future__ import annotations

import json
import sys
from threading import Lock

from core.types import CaptionItem, Gap, Leg, MaskedHypothesis, MaskedUtterance, MaskSpan

_NAMES: dict[Leg, str] = {"agent": "坐席", "customer": "客户"}
_COLOURS: dict[Leg, str] = {"agent": "\x1b[36m", "customer": "\x1b[33m"}
_GREY = "\x1b[90m"
_RESET = "\x1b[0m"
_CLEAR_LINE = "\r\x1b[2K"

UNMASKED_NOTE = "遮罩未启用: the words are shown as they were heard, insults and personal data included."


def note_unmasked(*, raw: bool) -> None:
    """Say it on standard error where `--raw` was given."""
    if raw:
        print(UNMASKED_NOTE, file=sys.stderr)


class CaptionPrinter:
    """Prints captions as they come; any thread."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._terminal = sys.stdout.isatty()
        self._lock = Lock()

    def show(self, item: CaptionItem, emitted_ms: int) -> None:
        """One caption, `emitted_ms` on the audio's clock."""
        with self._lock:
            if self._json:
                print(json.dumps(_row(item, emitted_ms), ensure_ascii=False), flush=True)
            else:
                self._show_text(item)

    def _show_text(self, item: CaptionItem) -> None:
        if isinstance(item, MaskedHypothesis):
            if self._terminal:
                # The tail of a long hypothesis: a wrapped line could not be cleared.
                print(f"{_CLEAR_LINE}{_GREY}{_NAMES[item.leg]} … {item.text[-30:]}{_RESET}", end="", flush=True)
            return
        clear = _CLEAR_LINE if self._terminal else ""
        colour, reset = (_COLOURS[item.leg], _RESET) if self._terminal else ("", "")
        minutes, seconds = divmod(item.start_ms // 1000, 60)
        said = f"[{item.reason}]" if isinstance(item, Gap) else item.text
        print(f"{clear}{minutes:02}:{seconds:02} {colour}{_NAMES[item.leg]}{reset} {said}", flush=True)


def _row(item: CaptionItem, emitted_ms: int) -> dict[str, object]:
    row: dict[str, object] = {
        "type": "gap",
        "leg": item.leg,
        "start_ms": item.start_ms,
        "end_ms": item.end_ms,
        "text": "",
        "emitted_ms": emitted_ms,
        "confidence": None,
    }
    match item:
        case Gap():
            row["reason"] = item.reason
        case MaskedHypothesis():
            row |= {"type": "hypothesis", "text": item.text, "spans": _spans(item.spans)}
        case MaskedUtterance():
            words = [[word.text, word.start_ms, word.end_ms, word.probability] for word in item.words]
            row |= {"type": "utterance", "id": item.id, "text": item.text, "confidence": item.confidence}
            row |= {"words": words, "spans": _spans(item.spans)}
    return row


def _spans(spans: tuple[MaskSpan, ...]) -> list[dict[str, object]]:
    """Chips of the masked text, in code points of it."""
    return [{"start": span.start, "end": span.end, "kind": span.kind} for span in spans]
