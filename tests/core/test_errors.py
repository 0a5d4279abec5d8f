from __future__ import annotations

import inspect

import pytest

from core import errors
from core.errors import BadInput, EnvironmentFault, KeyFault, TingbanError


def kinds() -> list[type[TingbanError]]:
    return [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, TingbanError)]


def test_codes_tell_kinds_apart() -> None:
    assert len({kind.code for kind in kinds()}) == len(kinds())


@pytest.mark.parametrize(("kind", "code"), [(TingbanError, 1), (BadInput, 2), (EnvironmentFault, 3), (KeyFault, 3)])
def test_exit_codes(kind: type[TingbanError], code: int) -> None:
    assert kind("x").exit_code == code


def test_a_fault_reads_as_sentence_and_remedy() -> None:
    assert str(KeyFault("No key.", remedy="Give one.")) == "No key. Give one."
    assert str(KeyFault("No key.")) == "No key."
