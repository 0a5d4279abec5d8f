"""Writes down what is said.

In: audio of two legs (`AudioFrame`). Out: `Hypothesis` (may change), `Utterance` (final), `Gap`. May touch core,
models, PortAudio (sounddevice), PyAV, faster-whisper and opencc; never Qt, the store or a sibling room.
"""

import os

# Read by the OpenMP library when the recogniser's libraries load. Threads that spin while they wait take a core from
# the softphone and slow the decoder too: with two hardware threads of one core, 5 s of speech at beam 5 took 0.55 s
# waiting and 0.62 to 0.71 s spinning.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
