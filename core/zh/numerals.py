"""Numbers as they are spoken and written: digit strings, groups, repeats, fillers and corrections, with their offsets.

`runs` finds every stretch of text that is a number read out: 「幺三八，那个，零零一三 八千」 is one run whose digits
are 13800138000. It does not say what the number is for, nor whether it is a price; `Run.unit` and the text around do.
Pure logic, linear in the length of the text. Source of the forms: see `core.zh.number_words`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from core.zh.heard import heard_tokens
from core.zh.homophones import CLEAR, EDGE_AFTER, EDGE_BEFORE, FIRST_WORDS, LAST_WORDS, SOUNDS_LIKE
from core.zh.number_words import Place, Token, tokens

UNITS = re.compile(
    r"多?(?:块|元|角|毛|分(?!机|别|行|公司)|万|亿|千(?![一二三四五六七八九])|年|月|日(?!常)|号(?!码)|"
    r"时|点(?!com|康|c|n|o|击|开|[一-九幺零\d])|"
    r"秒|天|周(?!末)|岁|个|件|台|瓶|次|遍|位(?!置)|条|张|名|寸|米|厘|毫|克|千克|公斤|公里|斤|吨|升|"
    r"度(?!假)|折|倍|楼|层|栋|幢|单元|室|路|座(?!机)|排|"
    r"码(?!头)|人|家|期|届|级|版|兆|包|箱|袋|盒|双|支|只|辆|套|部|款|块|笔|分钟|小时|积分|流量|"
    r"[Gg](?![A-Za-z])|GB|MB|[Mm](?:bps)?(?![A-Za-z])|kg|KG|W(?![A-Za-z])|瓦|%|％|‰|℃|°|[xX倍])"
)
"""What follows a count, a price, a date: a number with it is none that is read out digit by digit."""

WORDS_IN_LETTERS = frozenset(
    """TEL PHONE MOBILE CELL WECHAT VX WX QQ CODE IS NO ID CARD EXT FAX EMAIL MAIL AT COM OK ORDER NUMBER MY
    YOUR""".split()  # noqa: SIM905 - a list of words reads better so
)
"""Words in letters, which begin no order number."""
_PRICED = re.compile(r"的(?=[，,。、！!？?\s]|$)")
_LONGEST_PRICE = 3
_LAST = Place("tail", 1)
_SHORTEST_WORD = 3
_CARRIERS = frozenset({"STO", "YTO", "ZTO", "EMS", "DPK", "JDV", "JDX", "SFX"})
"""What numbers of parcels begin with, which a recogniser may write small."""
_LONGEST_GAP = 18
_LONGEST_RUN = 120
"""Tokens of a run; three cards read out digit by digit are fewer. It keeps the work on a text linear."""


@dataclass(frozen=True, slots=True)
class Run:
    """A number as read out, with all that was said inside it; `tokens` begin and end with digits or letters.

    `lead`: words of correction right before it (「不对，是」, 「最后四位是」). `before`, `after`: characters
    touching it
    that may be homophones of digits, to be counted where the length asks.
    `unit`: the run is followed by a unit: a count, a price, a date.
    """

    tokens: tuple[Token, ...]
    lead: tuple[Token, ...] = ()
    before: tuple[Token, ...] = ()
    after: tuple[Token, ...] = ()
    unit: bool = False

    @property
    def start(self) -> int:
        """First character."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """After the last character."""
        return self.tokens[-1].end

    @property
    def chars(self) -> int:
        """Characters of text from the first to the last."""
        return self.end - self.start

    @property
    def value(self) -> str:
        """All digits and letters in order of speech, up to an extension; corrections are not applied."""
        return "".join(token.value for token in self.tokens if token.role in ("digits", "letters") and not token.soft)

    @property
    def unsure(self) -> bool:
        """Whether a homophone was taken for a digit."""
        return any(token.unsure for token in self.tokens)

    @property
    def corrected(self) -> bool:
        """Whether the speaker took something back, inside the run or right before it."""
        return any(token.role in ("deny", "hold", "restart", "not") for token in (*self.lead, *self.tokens))


def runs(text: str) -> list[Run]:
    """Numbers in order of start. A run never overlaps the next."""
    return _runs(tokens(text), text)


def heard_runs(text: str) -> list[Run]:
    """The same with all that sounds like digits read as digits, as `core.zh.heard` does, for who can tell by length."""
    return _runs(heard_tokens(text), text, heard=True)


def _runs(  # noqa: C901 - a walk, a branch for each role
    all_tokens: list[Token], text: str, *, heard: bool = False
) -> list[Run]:
    found: list[Run] = []
    pieces: list[Token] = []
    gap: list[Token] = []
    lead: list[Token] = []

    def close() -> None:
        nonlocal pieces, lead
        if any(piece.role == "digits" and not piece.soft for piece in pieces):
            done = _finished(pieces, lead, text)
            found.extend([_with_edges(one, text) for one in done] if heard else done)
        pieces, lead = [], []

    for token in all_tokens:
        if token.role == "letters" and (token.value in WORDS_IN_LETTERS or _stands_alone(token, text)):
            close()
            gap = []
        elif token.role in ("digits", "letters"):
            apart = len(pieces) > _LONGEST_RUN or _is_word(token, text)
            if pieces and (apart or not _joins(pieces, gap, token)):
                close()
                lead, gap = [one for one in gap if one.role != "gap"], []
            if pieces:
                pieces += [*gap, token]
            elif token.soft:
                continue
            else:
                lead += [one for one in gap if one.role != "gap"]
                pieces = [token]
            gap = []
        elif token.role in ("other", "amount"):
            close()
            gap = []
        else:
            gap.append(token)
            if token.end - gap[0].start > _LONGEST_GAP:
                close()
                gap = gap[1:]
    close()
    return found


def _is_word(token: Token, text: str) -> bool:
    """Whether letters are written as a word: 「play」 for 对. Who spells says capitals, or letter by letter."""
    written = text[token.start : token.end]
    return token.role == "letters" and len(written) >= _SHORTEST_WORD and written.isascii() and not written.isupper()


def _stands_alone(token: Token, text: str) -> bool:
    """Whether a word in letters touches no digits, and is no carrier's name: 「yes 2990」."""
    if not _is_word(token, text) or token.value in _CARRIERS:
        return False
    return not (text[token.end : token.end + 1].isdigit() or text[token.start - 1 : token.start].isdigit())


def digits_of(text: str) -> str:
    """Digits and letters of everything in `text` that may be part of a number."""
    return "".join(run.value for run in runs(text))


def _joins(pieces: list[Token], gap: list[Token], token: Token) -> bool:
    """Whether digits or letters after a gap still belong to the run. Letters only touch, but an X may come last."""
    level = max((one.level for one in gap), default=0)
    spoken_apart = any(one.role != "gap" for one in gap) or level > 1
    if token.role == "letters":
        if any(one.role in ("deny", "hold", "restart") for one in gap):
            return pieces[0].role == "letters" and len(token.value) <= 3  # 「A20，不对，A207」
        digits = sum(len(piece.value) for piece in pieces if piece.role == "digits")
        spelt_out = token.end - token.start > 1  # 「艾克斯」, 「个x」
        spelt = pieces[-1].role == "letters" and level <= 2 and len(token.value) == 1  # 「S，F，4，0」
        return ((spelt or not spoken_apart) and len(token.value) <= 5) or (
            token.value == "X"
            and (digits >= 14 or any(one.place == _LAST for one in gap) or (spelt_out and digits >= 3 and level <= 2))
        )
    if pieces[-1].role == "letters" and pieces[-1].value != "X":
        return level <= 2 and not any(one.role != "gap" for one in gap)
    return True


def _finished(pieces: list[Token], lead: list[Token], text: str) -> list[Run]:
    """A run, without the count that may have got into its end: 「13800138000，三天前」."""
    while pieces and (pieces[-1].soft or pieces[-1].role not in ("digits", "letters")):
        pieces = pieces[:-1]
    unit = _followed_by_unit(pieces, text)
    if unit:
        cut = _last_group(pieces)
        size = sum(len(piece.value) for piece in pieces[cut:])
        if cut and size < 7:
            rest = pieces[cut:]
            kept = pieces[:cut]
            while kept and kept[-1].role not in ("digits", "letters"):
                kept = kept[:-1]
            first = [_run(kept, lead, text, unit=False)] if kept else []
            return [*first, _run(rest, [], text, unit=True)]
    return [_run(pieces, lead, text, unit=unit)]


def _followed_by_unit(pieces: list[Token], text: str) -> bool:
    if pieces[-1].role != "digits":
        return False
    if _PRICED.match(text, pieces[-1].end) and sum(len(one.value) for one in pieces) <= _LONGEST_PRICE:
        return True  # 「要一九九的，不要二九九的」
    return UNITS.match(text, pieces[-1].end) is not None


def _last_group(pieces: list[Token]) -> int:
    """Index of the first token of the last group: after a gap, or where the script changes."""
    at = len(pieces) - 1
    while at > 0:
        before = pieces[at - 1]
        if before.role not in ("digits", "letters") or before.soft:
            return at
        at -= 1
    return 0


def _run(pieces: list[Token], lead: list[Token], text: str, *, unit: bool) -> Run:
    start, end = pieces[0].start, pieces[-1].end
    before: list[Token] = []
    while start > 0 and len(before) < 2 and text[start - 1] in EDGE_BEFORE:
        start -= 1
        before.insert(
            0, Token("digits", start, start + 1, SOUNDS_LIKE[text[start]], unsure=True, clear=text[start] in CLEAR)
        )
    after: list[Token] = []
    while end < len(text) and len(after) < 2 and text[end] in EDGE_AFTER:
        after.append(Token("digits", end, end + 1, SOUNDS_LIKE[text[end]], unsure=True, clear=text[end] in CLEAR))
        end += 1
    return Run(tuple(pieces), tuple(lead), tuple(before), tuple(after), unit)


def _with_edges(run: Run, text: str) -> Run:
    """A run as heard, with the words at its ends that may be digits after all: 「是而八」 28 or 428."""
    before = _edge(text, run.start - 1, FIRST_WORDS)
    after = _edge(text, run.end, LAST_WORDS)
    return replace(run, before=before, after=after)


def _edge(text: str, at: int, words: frozenset[str]) -> tuple[Token, ...]:
    if not 0 <= at < len(text) or text[at] not in words:
        return ()
    return (Token("digits", at, at + 1, SOUNDS_LIKE[text[at]], unsure=True),)
