"""What the recogniser's libraries are told of this processor, before they load."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from importlib import import_module

_AVX512 = ("AVX512F", "AVX512CD", "AVX512BW", "AVX512DQ", "AVX512VL", "AVX512VNNI")


def prepare(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what a person has not set: threads wait without spinning, and newer processors are used in full.

    Threads that spin while they wait take a core from the softphone. What waiting costs, on some machines more than a
    second thread gains, is seen by the self-test (`asr/choice.py`), which tries one thread too.

    CTranslate2 never chooses AVX-512 by itself, since the first processors with it slowed down under it. Those with
    VNNI do not (`bench/decode_cost.py`).
    """
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if "CT2_FORCE_CPU_ISA" not in environment and all(_features().get(name) for name in _AVX512):
        environment["CT2_FORCE_CPU_ISA"] = "AVX512"


def _features() -> dict[str, bool]:
    """Instruction sets of this processor; empty where they can't be told."""
    try:
        # What numpy.show_runtime() prints; numpy has no function that returns it.
        found = import_module("numpy._core._multiarray_umath")
    except ImportError:
        return {}
    return dict(getattr(found, "__cpu_features__", {}))
