"""Did somebody speak of the recording? The agent who gives the notice, the customer who refuses it.

Under the Personal Information Protection Law of China (arts. 13, 17) people are told before what they say is processed,
and may refuse. What is heard here is a hint: a notice counts as given, a refusal is put to the agent, who knows whether
it was one.
"""

from __future__ import annotations

import re
from typing import Literal

from core.types import Leg

_RECORDING = r"(?:录音|录制|录下来|记录通话|被录|全程录)"
_NOTICE = re.compile(
    r"(?:通话|电话|对话|来电|沟通|服务)[^。！？!?]{0,12}?(?:会|将|可能|正在|都|全程|需要|有)[^。！？!?]{0,6}?"
    + _RECORDING
    + r"|(?:call|conversation)\b[^.!?]{0,30}\b(?:is|be|being)\s+(?:recorded|transcribed)",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"(?:不同意|不接受|不允许|不许|不准|不让|不要|不想|不希望|拒绝|别|禁止|不能|反对)"
    r"(?:你们?|您|给我|再|对我|被|进行|这个|任何)*"
    + _RECORDING
    + r"|(?:把|将)?录音[^。！？!?]{0,4}(?:关了|关掉|停了|停掉|停止|删了|删掉)"
    + r"|(?:do not|don't|dont|not)\s+(?:want|agree|consent)[^.!?]{0,30}\brecord"
    + r"|stop\s+(?:the\s+)?recording",
    re.IGNORECASE,
)


def spoken_of(leg: Leg, text: str) -> Literal["notice", "refusal"] | None:
    """What a final says of the recording, as heard: the agent's notice, the customer's refusal, or nothing."""
    if leg == "agent":
        return "notice" if _NOTICE.search(text) else None
    return "refusal" if _REFUSAL.search(text) else None
