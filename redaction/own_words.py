"""What a call centre adds to the rules: words to hide, words never to hide, the form of its own order numbers.

An administrator writes them into `mask.tsv` beside the policy file (`core.paths.policy_file`), tab-separated, `#` for
remarks:

    hide<TAB>abuse.personal<TAB>words        hidden wherever they are heard, homophones included
    never<TAB>words                          never hidden as an insult
    order<TAB>regular expression             one more form of order number
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from core.errors import BadInput
from redaction.finding import AbuseKind, Kind

FILE_NAME = "mask.tsv"
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The lists. `hide`: words with the kind that their chip names."""

    hide: tuple[tuple[str, Kind], ...] = ()
    never: tuple[str, ...] = ()
    order_patterns: tuple[str, ...] = ()


def read_own_words(file: Path) -> OwnWords:
    """The lists in `file`; empty ones where there is no file.

    Raises: BadInput with the line that is not understood. A list that is half read would hide half of what it should.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BadInput(f"The word list {file} is larger than {MOST_BYTES // 1024} KiB.", remedy="Shorten it.")
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return OwnWords()
    except UnicodeDecodeError:
        raise BadInput(f"The word list {file} is not UTF-8.", remedy="Save it as UTF-8.") from None
    except OSError as error:
        raise BadInput(
            f"The word list {file} cannot be read: {error.strerror}.", remedy="Give this account the right to read it."
        ) from error
    hide: list[tuple[str, Kind]] = []
    never: list[str] = []
    order_patterns: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match [cell.strip() for cell in line.split("\t")]:
            case ["hide", kind, words] if kind in get_args(AbuseKind) and words:
                hide.append((words, kind))  # type: ignore[arg-type]  # one of them, as was just seen
            case ["never", words] if words:
                never.append(words)
            case ["order", pattern] if pattern and _is_pattern(pattern):
                order_patterns.append(pattern)
            case _:
                raise BadInput(
                    f"Line {number} of the word list {file} is not understood.",
                    remedy="Write hide, a kind such as abuse.personal, and the words; or never and the words; or order "
                    "and a regular expression; with tabs between.",
                )
    return OwnWords(tuple(hide), tuple(never), tuple(order_patterns))


def _is_pattern(pattern: str) -> bool:
    try:
        return re.compile(pattern).match("") is None
    except re.error:
        return False
