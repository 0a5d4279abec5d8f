"""Features of text so far, hashed: what the turn-end model sees. Pure logic, shared by recipe and run time.

The recogniser's text is unreliable in exactly what would be telling (closing marks, digits or numerals), so the text
is first brought to a form that such choices do not change.
"""

from __future__ import annotations

import re
from zlib import crc32

N_BUCKETS = 1 << 14
"""Size of the hashed weight vector."""

_TAIL_CHARACTERS = 24
"""What lies further back than this does not tell whether a turn ends here."""
_LONGEST_SUFFIX = 4
_BAG_CHARACTERS = 12
_MOST_COUNTED_DIGITS = 20

_NOT_TEXT = re.compile(r"[^0-9A-Za-z\u4e00-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z]+")
_DIGITS = "0-9零一二三四五六七八九幺两"
_NUMBER = re.compile(
    rf"[{_DIGITS}]*[2-90二三四五六七八九零幺两][{_DIGITS}十百千万亿]*|1[{_DIGITS}十百千万亿]*|一[{_DIGITS}十百千万亿]+|十[{_DIGITS}万]+"
)
_DIGIT_TAIL = re.compile(rf"[{_DIGITS}]{{2,}}$")

# A clause opened with the first and not yet met by the second asks for more.
_PARTNERS = tuple(
    (name, re.compile(first), re.compile(second))
    for name, first, second in (
        ("if", "如果|要是|假如|万一|的话", "就|那|可以|会|能|得|怎么|是不是|请|吗|呢"),
        ("because", "因为|由于|考虑到|为了", "所以|就|没|只能|需要|要|请"),
        ("although", "虽然|尽管|就算|即使|哪怕", "但|可|还|也|不过"),
        ("since", "既然", "就|那|为什么|还"),
        ("only", "只要|一旦|等到|除非", "就|会|可以|才|不然|否则"),
        ("besides", "除了|不光|不但|不仅", "还|也|都|而且|反而"),
        ("according", "根据|按照|关于|对于", "是|要|可以|需要|会|不能|怎么|满意"),
        ("first", "首先|第一步|一种是|一边", "然后|再|第二|还有|又"),
    )
)


def normalised(text: str) -> str:
    """`text` without marks and spaces; every number is `N`, every Latin word `L`."""
    bare = _NOT_TEXT.sub("", text)
    return _NUMBER.sub("N", _LATIN.sub("L", bare))


def trailing_digits(text: str) -> int:
    """How many digits, spoken or written, stand at the end in one run, groups joined; 0 for amounts like 四十八."""
    found = _DIGIT_TAIL.search(_NOT_TEXT.sub("", text))
    return len(found.group()) if found else 0


def features(text: str) -> list[int]:
    """Buckets of the features of `text`, each in `range(N_BUCKETS)`, without repeats; empty where nothing was said."""
    words = normalised(text)
    if not words:
        return []
    tail = words if len(words) <= _TAIL_CHARACTERS else words[-_TAIL_CHARACTERS:]
    marked = "^" + tail
    names = [f"s{marked[-n:]}" for n in range(1, min(_LONGEST_SUFFIX, len(marked)) + 1)]
    names += [f"k{marked[-n - 1 : -1]}" for n in (1, 2, 3)]
    bag = marked[-_BAG_CHARACTERS:]
    for i, character in enumerate(bag):
        near = "n" if len(bag) - i <= _BAG_CHARACTERS // 2 else "f"
        names.append(f"u{near}{character}")
        names.append(f"b{near}{bag[i : i + 2]}")
    names.append(f"l{min(len(words), 8)}" if len(words) <= 8 else f"l{min(len(words) // 4, 8)}+")
    digits = min(trailing_digits(text), _MOST_COUNTED_DIGITS)
    if digits:
        names += [f"d{digits}", "d+"]
    for name, first, second in _PARTNERS:
        opened = list(first.finditer(words))
        if opened:
            names.append(f"c{name}{'=' if second.search(words, opened[-1].end()) else '?'}")
    return sorted({crc32(name.encode()) % N_BUCKETS for name in names})
