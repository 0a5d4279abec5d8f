"""Faults a person can mend, apart from bugs.

Everything below is a sentence for a person: what is wrong, where, and what to do. Anything else that escapes is a bug
and stays loud.
"""

from __future__ import annotations


class TingbanError(Exception):
    """A fault with a sentence (`str(error)`) and a remedy, free of call content.

    `code` names the kind to programs (`Fault.code`, replies to requests); the window translates it.
    """

    exit_code = 1
    code = "fault"

    def __init__(self, sentence: str, *, remedy: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


class BadInput(TingbanError):
    """Bad usage or bad input, refused with place and reason, nothing half-written (exit code 2)."""

    exit_code = 2
    code = "bad-input"


class EnvironmentFault(TingbanError):
    """The machine lacks something: device, model, key, room on disk (exit code 3)."""

    exit_code = 3
    code = "environment"


class DeviceFault(EnvironmentFault):
    """An audio device cannot be opened, or has gone."""

    code = "device"


class ModelFault(EnvironmentFault):
    """Weights are missing, damaged or of an unknown kind."""

    code = "model"


class KeyFault(EnvironmentFault):
    """No key, or a key that does not open the store."""

    code = "key"


class StoreFault(EnvironmentFault):
    """The store cannot be opened or written: newer schema, damage, full disk, another owner."""

    code = "store"


class StoreBusy(StoreFault):
    """Another process owns the store: ask it through `core.requests`."""

    code = "store-busy"


class FramingFault(TingbanError):
    """Bytes on a pipe that are not a frame of ours: a bug, or a process that died in mid-sentence."""

    code = "framing"
