"""cuBLAS of a wheel: found, loaded in order, and no fault where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asr import cuda

LINUX = pytest.mark.skipif(sys.platform == "win32", reason="the libraries of Linux")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    cuda.load_libraries.cache_clear()
    yield
    cuda.load_libraries.cache_clear()


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of an installed wheel, beside another package of the same namespace."""
    (tmp_path / "other" / "nvidia" / "cuda_runtime").mkdir(parents=True)
    for inner in ("lib", "bin"):
        (tmp_path / "site" / "nvidia" / "cublas" / inner).mkdir(parents=True)
    for name in [name for name in sys.modules if name == "nvidia" or name.startswith("nvidia.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.syspath_prepend(str(tmp_path / "other"))
    yield tmp_path / "site" / "nvidia" / "cublas"
    for name in [name for name in sys.modules if name == "nvidia" or name.startswith("nvidia.")]:
        del sys.modules[name]


def test_without_a_wheel_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    loaded: list[object] = []
    monkeypatch.setattr(cuda, "find_spec", absent)
    monkeypatch.setattr(cuda.ctypes, "CDLL", lambda path, mode: loaded.append(path))
    assert cuda.wheel_folder() is None
    cuda.load_libraries()
    assert loaded == []


@LINUX
def test_libraries_are_loaded_by_path_each_after_what_it_needs(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Path] = []
    monkeypatch.setattr(cuda.ctypes, "CDLL", lambda path, mode: loaded.append(Path(path)))
    cuda.load_libraries()
    assert [path.name for path in loaded] == ["libcublasLt.so.12", "libcublas.so.12"]
    assert {path.parent for path in loaded} == {wheel / "lib"}


@LINUX
def test_a_library_that_does_not_load_is_left_to_the_recogniser_to_report(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("libcublasLt.so.12", "libcublas.so.12"):
        (wheel / "lib" / name).write_bytes(b"no library")
    tried: list[str] = []
    load = cuda.ctypes.CDLL

    def noted(path: str, mode: int) -> object:
        tried.append(Path(path).name)
        return load(path, mode=mode)

    monkeypatch.setattr(cuda.ctypes, "CDLL", noted)
    cuda.load_libraries()
    assert tried == ["libcublasLt.so.12"]
