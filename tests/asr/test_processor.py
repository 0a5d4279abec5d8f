"""What the recogniser's libraries are told of the processor."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from asr import processor
from asr.processor import prepare

CPUINFO = Path("/proc/cpuinfo")
VNNI = dict.fromkeys(("AVX512F", "AVX512CD", "AVX512BW", "AVX512DQ", "AVX512VL", "AVX512VNNI"), True)


@pytest.mark.parametrize(
    ("features", "isa"),
    [(VNNI, "AVX512"), ({**VNNI, "AVX512VNNI": False}, None), ({**VNNI, "AVX512BW": False}, None), ({}, None)],
)
def test_avx512_is_used_where_it_slows_nothing_down(
    monkeypatch: pytest.MonkeyPatch, features: dict[str, bool], isa: str | None
) -> None:
    monkeypatch.setattr(processor, "_features", lambda: features)
    environment: dict[str, str] = {}
    prepare(environment)
    assert environment.get("CT2_FORCE_CPU_ISA") == isa
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"


def test_what_a_person_set_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "_features", lambda: VNNI)
    chosen = {"OMP_WAIT_POLICY": "ACTIVE", "CT2_FORCE_CPU_ISA": "AVX2"}
    environment = dict(chosen)
    prepare(environment)
    assert environment == chosen


@pytest.mark.skipif(not CPUINFO.is_file(), reason="there is no /proc/cpuinfo")
def test_this_processor_is_read_right() -> None:
    flags = re.search(r"^flags\s*: (.*)$", CPUINFO.read_text(), re.MULTILINE)
    if flags is None:
        pytest.skip("a processor of another kind")
    features = processor._features()
    for name, flag in (("AVX2", "avx2"), ("AVX512F", "avx512f"), ("AVX512VNNI", "avx512_vnni")):
        assert features[name] is (flag in flags[1].split())


def test_a_numpy_without_the_table_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(processor, "import_module", absent)
    assert processor._features() == {}
