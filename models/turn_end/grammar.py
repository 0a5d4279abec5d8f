"""Spoken turns from the patterns of `grammar.txt`: the `slots` lines of `data.txt`, after the hand-written ones.

`python -m models.turn_end.grammar data.txt` replaces the lines marked `slots` and leaves the others alone. `|` stands
where a speaker may pause for 0.4-0.7 s in mid-turn.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

_SEED = 20261122
_LINES_A_PATTERN = 14
_NUMBERS = 160
_SLOT = re.compile(r"\{(\w+)\}")

_DIGITS = ("零一二三四五六七八九", "零幺二三四五六七八九", "0123456789")
_GROUPS = (
    (3, 4, 4),
    (3, 8),
    (11,),
    (3, 3, 5),
    (4, 4),
    (4, 4, 4, 4),
    (6, 4),
    (4,),
    (6,),
    (3, 2, 3, 3),
    (7, 4),
    (4, 3, 4),
)
_BEFORE_NUMBER = (
    "",
    "",
    "",
    "我的电话是",
    "号码是",
    "卡号",
    "你记一下",
    "单号是|",
    "电话|",
    "手机号",
    "账号是",
    "编号是",
    "是",
)
_AFTER_NUMBER = ("", "", "", "", "", "，对吗", "|是这个吧", "，没错", "|您核对一下", "，你查一下")


def _number(chance: random.Random) -> str:
    digits = chance.choice(_DIGITS)
    groups = ["".join(chance.choices(digits, k=n)) for n in chance.choice(_GROUPS)]
    if len(groups[0]) == 3:
        groups[0] = digits[1] + digits[chance.choice((3, 5, 7, 8, 9))] + groups[0][2]
    return chance.choice(_BEFORE_NUMBER) + "|".join(groups) + chance.choice(_AFTER_NUMBER)


def _read_grammar() -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Words of each slot, and pairs of speaker and pattern."""
    slots: dict[str, list[str]] = {}
    patterns: list[tuple[str, str]] = []
    speaker = ""
    for line in Path(__file__).with_name("grammar.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            speaker = line.strip("[]")
        elif speaker:
            patterns.append((speaker, line))
        elif not line.startswith("#"):
            name, words = line.split(" = ")
            slots[name] = words.split()
    return slots, patterns


def lines(seed: int = _SEED) -> list[tuple[str, str]]:
    """Pairs of speaker and turn, the same for the same seed, without repeats."""
    chance = random.Random(seed)  # noqa: S311 (a reproducible choice of words, no secret)
    made: dict[tuple[str, str], None] = {}
    slots, patterns = _read_grammar()
    for speaker, pattern in patterns:
        for _ in range(_LINES_A_PATTERN if len(_SLOT.findall(pattern)) > 1 else _LINES_A_PATTERN // 2):
            made[speaker, _SLOT.sub(lambda slot: chance.choice(slots[slot.group(1)]), pattern)] = None
    for _ in range(_NUMBERS):
        made[chance.choice(("agent", "customer", "customer")), _number(chance)] = None
    return list(made)


def main() -> None:
    """Renew the `slots` lines of a data file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path)
    path = parser.parse_args().data
    kept = [line for line in path.read_text("utf-8").splitlines() if line.split("\t")[1] != "slots"]
    renewed = [f"{speaker}\tslots\t{turn}" for speaker, turn in lines()]
    path.write_text("\n".join([*kept, *renewed]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
