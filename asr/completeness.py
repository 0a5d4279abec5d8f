"""Whether words sound finished, so that a pause after them may be taken for the end. Pure logic."""

from __future__ import annotations

import re

_OPEN_END = re.compile(
    r"(?:因为|所以|但是|可是|不过|而且|然后|如果|要是|或者|还有|就是|那个|这个|就是说|比如|另外|首先|其次|以及|和|跟|与|把|被|给|对于|关于"
    r"|我想|我要|我们|你们|他们|麻烦您|麻烦你|请您|请问|一个|一下子|的时候|的话|以后|之后|之前|以前|需要|可以|应该|能不能|是不是|有没有|在|从|到|向|为|是|去|想|让|叫|帮|用)$"
)


def sounds_finished(text: str) -> bool:
    """False where the last words ask for more: a conjunction, a preposition, an open clause."""
    bare = re.sub(r"[\s，。？！：；、…,.?!]+$", "", text)
    return bool(bare) and not _OPEN_END.search(bare)
