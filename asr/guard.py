"""Against invented text: Whisper writes thanks to viewers where nobody speaks.

In this order: voice activity, the decoder's own no-speech probability, more words than the voice can hold, loops, and
as the last resort a list of sentences it is known to invent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from asr.endpoint import VoiceEvidence
from asr.speech_model import Decoded


@dataclass(frozen=True, slots=True)
class GuardOptions:
    """Thresholds.

    Attributes:
        no_speech: with a log probability below `logprob`, the clip is taken for no speech (Whisper's own 0.6; its own
            -1.0 lets singing through).
        logprob: see `no_speech`.
        doubtful_no_speech: the same for text that is less probable still (`doubtful_logprob`), or slower than anyone
            speaks (`least_chars_per_s`): held vowels of singing.
        doubtful_logprob: see `doubtful_no_speech`.
        least_chars_per_s: see `doubtful_no_speech`; a drawn-out 嗯 has 1.5 a voiced second.
        compression: a loop (Whisper's own threshold).
        chars_per_s: more characters a voiced second than anyone speaks; the fastest test speech has 7.5, and
            9.4 in English, where a word counts as one and a half.
        spare_chars: allowance on top, for short clips.
        voice_peak: a clip that never was this speech-like is noise (`bench/noise.py`).
        voice_mean: likewise, over its voiced frames.
    """

    no_speech: float = 0.6
    logprob: float = -0.8
    doubtful_no_speech: float = 0.45
    doubtful_logprob: float = -1.25
    least_chars_per_s: float = 1.5
    compression: float = 2.4
    chars_per_s: float = 12.0
    spare_chars: int = 4
    voice_peak: float = 0.6
    voice_mean: float = 0.5


_WORD = re.compile(r"[A-Za-z](?:[A-Za-z']*[A-Za-z])?|\w")
"""What is spoken as one: a Latin word, any other character."""

_WORD_CHARS = 1.5
"""An English word is spoken as long as so many Chinese characters: it has 1.4 syllables, they have one."""

_GHOSTS = re.compile(
    r"不吝点赞|点赞.{0,4}订阅|订阅.{0,4}转发|打赏支持|明镜与点点|明镜.{0,4}栏目|字幕(?:由|志愿者|组|制作|提供|by)|\b[Aa]mara"
    r"|(?:谢谢|感谢)(?:大家|您|你|各位)?(?:的)?(?:观看|收看|收听)|优优独播|独播剧场|YoYo|本集完|未完待续|下(?:期|集)(?:再见|节目)"
    r"|[Tt]hank(?:s| you)(?: so much)? for watching|[Dd]on't forget to subscribe|[Ss]ubtitles by"
    r"|(?:作词|作曲|编曲|演唱|词曲)[:： ]|请订阅|由.{1,8}社群提供|^(?:中文字幕|李宗盛)\W*$"
)


def invented(decoded: Decoded, text: str, voice: VoiceEvidence, options: GuardOptions | None = None) -> str | None:
    """Why the text is not believed, or None. `text` is the readable form of `decoded`."""
    limits = options or GuardOptions()
    characters = sum(_WORD_CHARS if len(word) > 1 else 1 for word in _WORD.findall(text))
    chars_per_s = 1000 * characters / max(voice.voiced_ms, 1)
    signs = {
        "empty": characters == 0,
        "voice": voice.peak < limits.voice_peak or voice.mean < limits.voice_mean,
        "no-speech": (decoded.no_speech > limits.no_speech and decoded.avg_logprob < limits.logprob)
        or (
            decoded.no_speech > limits.doubtful_no_speech
            and (decoded.avg_logprob < limits.doubtful_logprob or chars_per_s < limits.least_chars_per_s)
        ),
        "rate": characters > limits.spare_chars + limits.chars_per_s * voice.voiced_ms / 1000,
        "loop": decoded.compression > limits.compression,
        "ghost": bool(_GHOSTS.search(text)),
    }
    return next((sign for sign, seen in signs.items() if seen), None)
