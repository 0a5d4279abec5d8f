from __future__ import annotations

import re
from pathlib import Path

import pytest

import core.errors
from app.desk.fault_sentences import CODES, fault_sentence, process_sentence
from app.desk.hotkeys import DEFAULT_KEYS
from core.errors import TingbanError
from core.messages import Fault, ProcessState

ROOT = Path(__file__).parents[3]


def error_codes() -> set[str]:
    kinds = [kind for kind in vars(core.errors).values() if isinstance(kind, type) and issubclass(kind, TingbanError)]
    return {kind.code for kind in kinds}


def told_codes() -> set[str]:
    """Codes written out where a process tells a fault."""
    sources = [*ROOT.glob("app/**/*.py"), *ROOT.glob("asr/**/*.py")]
    found = (re.findall(r'Fault\(\s*[\w.]*"?\w*"?,\s*"([\w-]+)"', source.read_text("utf-8")) for source in sources)
    return {code for codes in found for code in codes}


def test_every_code_has_a_sentence_or_is_a_bug() -> None:
    bugs = {"fault", "framing", "bug"}
    assert error_codes() - bugs <= CODES
    assert {"endpoint", "settings"} <= told_codes()
    assert told_codes() - bugs <= CODES


def test_codes_that_other_rooms_will_tell_have_sentences() -> None:
    assert {"mask", "no-supervisors", "supervisors-key"} <= CODES
    assert {f"hotkey-{action}" for action in DEFAULT_KEYS} <= CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_fault_says_what_and_what_to_do(code: str) -> None:
    sentence = fault_sentence(Fault("recorder", code))
    assert sentence.text.endswith(".")
    assert sentence.remedy
    assert "{" not in sentence.text + sentence.remedy


def test_an_unknown_code_is_told_as_an_internal_error() -> None:
    assert fault_sentence(Fault("recogniser", "never-heard-of")).text == "The recogniser met an internal error."


def test_gravity_is_the_fault_s() -> None:
    assert fault_sentence(Fault("recorder", "device", fatal=True)).grave
    assert not fault_sentence(Fault("recorder", "device")).grave


def test_processes_in_trouble_are_said_in_words() -> None:
    restarting = process_sentence(ProcessState("recogniser", "restarting", 1))
    failed = process_sentence(ProcessState("analyst", "failed", 5))
    assert restarting is not None
    assert failed is not None
    assert (restarting.grave, failed.grave) == (False, True)
    assert failed.text == "The store keeps failing and has been stopped."
    assert process_sentence(ProcessState("recorder", "up")) is None
