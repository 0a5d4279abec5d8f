"""Chips: what stands in the text where something was hidden, and where the rest of the text has moved to.

A chip names the kind and, of a number, its last digits: 【手机号 ····8000】. Stored and exported text carries the
Chinese words; a window paints the kind in its own language from the span.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.types import MaskSpan, Word
from redaction.finding import Finding, Kind

KIND_WORDS: dict[Kind, str] = {
    "abuse.personal": "辱骂·人身攻击",
    "abuse.threat": "威胁",
    "abuse.harassment": "骚扰",
    "abuse.discrimination": "歧视",
    "abuse.curse": "诅咒家人",
    "pii.mobile": "手机号",
    "pii.landline": "座机",
    "pii.id_card": "身份证号",
    "pii.bank_card": "银行卡号",
    "pii.plate": "车牌",
    "pii.email": "邮箱",
    "pii.address": "地址",
    "pii.name": "姓名",
    "pii.code": "验证码",
    "pii.order_no": "单号",
    "pii.number": "号码",
}

KEPT_CHARS: dict[Kind, int] = {
    "pii.mobile": 4,
    "pii.bank_card": 4,
    "pii.order_no": 4,
    "pii.id_card": 2,
    "pii.landline": 2,
}
"""How many last characters a chip tells; of the kinds that are not here, none.

Four of a mobile number or a card are what customer and agent name to one another anyhow; of an identity number the last
four give away the check digit and the sex, so that two must do.
"""

HIDDEN = "····"
CONTINUED = "…"
"""Told by a chip whose number goes on in another utterance, where it is told whole."""


class MaskedText(NamedTuple):
    """A text with its chips; `spans` and `words` lie in `text`.

    `moved` maps each code point of the original, and the end: one entry more than there are code points. The first one
    of a finding is mapped to the chip's begin, the others to its end.
    """

    text: str
    spans: tuple[MaskSpan, ...]
    words: tuple[Word, ...]
    moved: tuple[int, ...]


def kept(finding: Finding) -> str:
    """What a chip tells of the value: less than half of it, nothing of one that is cut too short for that."""
    if finding.part:
        return CONTINUED
    count = KEPT_CHARS.get(finding.kind, 0)
    if not count or len(finding.value) < 2 * count + 2:
        return ""
    return HIDDEN + finding.value[-count:]


def chip(kind: str, kept_part: str = "") -> str:
    """The chip as text."""
    word = KIND_WORDS[kind]  # type: ignore[index]  # of a span that was read back: an unknown kind is a bug
    return f"【{word} {kept_part}】" if kept_part else f"【{word}】"


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Findings without overlaps, in order of start.

    Of two that overlap the longer one gives the kind; both stretches stay hidden. Where they are as long, the one that
    is sure, then abuse before personal data (a number inside a threat is part of it).
    """
    ordered = sorted(findings, key=lambda one: (one.start, -one.end))
    found: list[Finding] = []
    for finding in ordered:
        if not found or finding.start >= found[-1].end:
            found.append(finding)
            continue
        last = found[-1]
        stronger = max(last, finding, key=_weight)
        found[-1] = Finding(
            last.start,
            max(last.end, finding.end),
            stronger.kind,
            stronger.value,
            stronger.checksum,
            sure=stronger.sure,
            part=stronger.part,
        )
    return found


def with_chips(text: str, findings: Sequence[Finding], words: Sequence[Word] = ()) -> MaskedText:
    """`text` with a chip for each finding; `findings` as `merged` gives them.

    `words` are those of `text`, in order; what they say together is the text, spaces aside. A word that a chip covers,
    be it in part, is told by the chip alone, with the time of all the words it covers.
    """
    pieces: list[str] = []
    spans: list[MaskSpan] = []
    moved: list[int] = []
    length = at = 0
    for finding in findings:
        before = text[at : finding.start]
        pieces.append(before)
        moved += range(length, length + len(before))
        length += len(before)
        shown = chip(finding.kind, kept(finding))
        pieces.append(shown)
        spans.append(
            MaskSpan(length, length + len(shown), finding.kind, kept(finding), finding.checksum, sure=finding.sure)
        )
        moved.append(length)
        length += len(shown)
        moved += [length] * (finding.end - finding.start - 1)
        at = finding.end
    pieces.append(text[at:])
    moved += range(length, length + len(text) - at + 1)
    return MaskedText("".join(pieces), tuple(spans), _words_with_chips(text, findings, pieces, words), tuple(moved))


def _weight(finding: Finding) -> tuple[int, bool, bool]:
    return finding.end - finding.start, finding.sure, finding.kind.startswith("abuse.")


def _words_with_chips(
    text: str, findings: Sequence[Finding], pieces: Sequence[str], words: Sequence[Word]
) -> tuple[Word, ...]:
    if not findings:
        return tuple(words)
    shown: list[Word] = []
    covering = 0  # the finding that the last chip among `shown` stands for, counted from 1
    at = 0
    for word in words:
        start = text.find(word.text, at)
        if start < 0:
            # A word that is not in the text can't be placed, and might be one that was hidden.
            return ()
        at = end = start + len(word.text)
        number = next((n for n, one in enumerate(findings, 1) if one.start < end and start < one.end), 0)
        if not number:
            shown.append(word)
        elif number == covering:
            last = shown[-1]
            shown[-1] = Word(last.text, last.start_ms, word.end_ms, min(last.probability, word.probability))
        else:
            shown.append(Word(pieces[2 * number - 1], word.start_ms, word.end_ms, word.probability))
            covering = number
    return tuple(shown)
