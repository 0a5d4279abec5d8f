"""Faults in words: for every code a sentence and a remedy in the language of the window.

The fault's own detail is English and for IT; it is shown beside, as a tool tip.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.desk.desk_state import role_text
from core.messages import Fault, ProcessState

_CONTEXT = "Faults"

_SENTENCES: dict[str, tuple[object, object]] = {
    "device": (
        QT_TRANSLATE_NOOP("Faults", "An audio device cannot be opened or was unplugged."),
        QT_TRANSLATE_NOOP("Faults", "Check headset and softphone output, then choose the devices in the settings."),
    ),
    "model": (
        QT_TRANSLATE_NOOP("Faults", "The recognition model is missing or damaged."),
        QT_TRANSLATE_NOOP("Faults", "Ask IT to run: tingbanctl models verify"),
    ),
    "key": (
        QT_TRANSLATE_NOOP("Faults", "The key of the encrypted store is not available."),
        QT_TRANSLATE_NOOP("Faults", "Unlock the system's keyring and start Tingban again."),
    ),
    "store": (
        QT_TRANSLATE_NOOP("Faults", "The encrypted store cannot be opened or written."),
        QT_TRANSLATE_NOOP("Faults", "Make room on the disk; if it stays so, ask IT to run: tingbanctl doctor"),
    ),
    "store-busy": (
        QT_TRANSLATE_NOOP("Faults", "Another program is using the encrypted store."),
        QT_TRANSLATE_NOOP("Faults", "Close the other Tingban, then start this one again."),
    ),
    "bad-input": (
        QT_TRANSLATE_NOOP("Faults", "A setting is not accepted."),
        QT_TRANSLATE_NOOP("Faults", "Correct it in the settings."),
    ),
    "environment": (
        QT_TRANSLATE_NOOP("Faults", "This computer lacks something Tingban needs."),
        QT_TRANSLATE_NOOP("Faults", "Ask IT to run: tingbanctl doctor"),
    ),
    "settings": (
        QT_TRANSLATE_NOOP("Faults", "The settings could not be saved."),
        QT_TRANSLATE_NOOP("Faults", "Check the rights to the settings folder and the room on the disk."),
    ),
    "endpoint": (
        QT_TRANSLATE_NOOP("Faults", "Calls cannot be started from the command line."),
        QT_TRANSLATE_NOOP("Faults", "Another Tingban may be running; close it and start this one again."),
    ),
    "key-unfit": (
        QT_TRANSLATE_NOOP("Faults", "This key combination does not work."),
        QT_TRANSLATE_NOOP("Faults", "Take Ctrl or Alt together with a letter, a digit or F1 to F12."),
    ),
    "hotkey-call": (
        QT_TRANSLATE_NOOP("Faults", "The key for starting a call is taken by another program."),
        QT_TRANSLATE_NOOP("Faults", "Choose another key in the settings; the button works as before."),
    ),
    "hotkey-read_number": (
        QT_TRANSLATE_NOOP("Faults", "The key for reading a number back is taken by another program."),
        QT_TRANSLATE_NOOP("Faults", "Choose another key in the settings; the menu works as before."),
    ),
    "hotkey-wrong_mask": (
        QT_TRANSLATE_NOOP("Faults", "The key for marking a wrong mask is taken by another program."),
        QT_TRANSLATE_NOOP("Faults", "Choose another key in the settings; the menu works as before."),
    ),
    "mask": (
        QT_TRANSLATE_NOOP("Faults", "The mask has failed: captions have stopped, the recording goes on."),
        QT_TRANSLATE_NOOP("Faults", "Go on by ear. If it stays so, ask IT to run: tingbanctl doctor"),
    ),
    "no-supervisors": (
        QT_TRANSLATE_NOOP("Faults", "There is no supervisors' key on this desk, so masked originals are not kept."),
        QT_TRANSLATE_NOOP("Faults", "Ask IT to run: tingbanctl keys import-public"),
    ),
    "supervisors-key": (
        QT_TRANSLATE_NOOP("Faults", "The file of supervisors' keys cannot be read, so masked originals are not kept."),
        QT_TRANSLATE_NOOP("Faults", "Ask IT to import it anew: tingbanctl keys import-public"),
    ),
    "hotkey-pause": (
        QT_TRANSLATE_NOOP("Faults", "The pause key is taken by another program."),
        QT_TRANSLATE_NOOP("Faults", "Choose another key in the settings; the button works as before."),
    ),
}

_BUG = (
    QT_TRANSLATE_NOOP("Faults", "{part} met an internal error."),
    QT_TRANSLATE_NOOP("Faults", "It starts again by itself. If this comes back, give the log to IT."),
)
_RESTARTING = (
    QT_TRANSLATE_NOOP("Faults", "{part} stopped and is starting again."),
    QT_TRANSLATE_NOOP("Faults", "There is nothing to do; the call goes on."),
)
_FAILED = (
    QT_TRANSLATE_NOOP("Faults", "{part} keeps failing and has been stopped."),
    QT_TRANSLATE_NOOP("Faults", "Start Tingban again; if it stays so, ask IT to run: tingbanctl doctor"),
)

CODES = frozenset(_SENTENCES)
"""Codes with a sentence of their own; any other is told as an internal error."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a banner says. `grave`: the work is stopped until the remedy is done."""

    text: str
    remedy: str
    grave: bool


def fault_sentence(fault: Fault) -> Sentence:
    """A fault in the language of the window."""
    text, remedy = _SENTENCES.get(fault.code, _BUG)
    return Sentence(_say(text).format(part=role_text(fault.role)), _say(remedy), fault.fatal)


def process_sentence(state: ProcessState) -> Sentence | None:
    """A process in trouble in words, None for one that fares well."""
    if state.state == "restarting":
        text, remedy = _RESTARTING
    elif state.state == "failed":
        text, remedy = _FAILED
    else:
        return None
    return Sentence(_say(text).format(part=role_text(state.role)), _say(remedy), state.state == "failed")


def _say(text: object) -> str:
    # QT_TRANSLATE_NOOP gives back the string it is given; its stub says object.
    return QCoreApplication.translate(_CONTEXT, str(text))
