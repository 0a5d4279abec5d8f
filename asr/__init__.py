"""Writes down what is said.

In: audio of two legs (`AudioFrame`). Out: `Hypothesis` (may change), `Utterance` (final), `Gap`. May touch core,
models, PortAudio (sounddevice), PyAV and faster-whisper; never Qt, the store or a sibling room.
"""

from asr.processor import prepare

prepare()
