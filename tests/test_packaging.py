"""What is installed, locked and frozen, held against the tree."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import build_spec
from core import __version__

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("app", "asr", "assets", "core", "models", "records", "redaction")
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: Path) -> list[tuple[Requirement, list[str]]]:
    entries = [entry for entry in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip()) if entry[0] != "#"]
    parts = [re.split(r"\s+--hash=", entry.replace("\\\n", " ")) for entry in entries]
    return [(Requirement(first), [value.strip() for value in hashes]) for first, *hashes in parts]


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_of_the_rooms_is_installed(project: dict[str, Any]) -> None:
    found = {
        ".".join(path.parent.relative_to(ROOT).parts) for room in ROOMS for path in (ROOT / room).rglob("__init__.py")
    }
    assert set(project["tool"]["setuptools"]["packages"]) == found


def test_every_room_is_under_the_import_contracts(project: dict[str, Any]) -> None:
    assert project["tool"]["importlinter"]["root_packages"] == list(ROOMS)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_exactly_with_hashes_and_names_no_index(lock: Path) -> None:
    assert "://" not in lock.read_text(encoding="utf-8")
    assert "--index" not in lock.read_text(encoding="utf-8")
    for requirement, hashes in pins(lock):
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement


@pytest.mark.parametrize(("lock", "extra"), [("runtime", None), ("dev", "dev"), ("gpu", "gpu")])
def test_a_lock_holds_what_the_project_asks_for(project: dict[str, Any], lock: str, extra: str | None) -> None:
    asked = project["project"]["dependencies"] + (project["project"]["optional-dependencies"][extra] if extra else [])
    pinned = {normalised(pin.name): pin for pin, _ in pins(ROOT / "requirements" / f"{lock}.txt")}
    for requirement in map(Requirement, asked):
        pin = pinned[normalised(requirement.name)]
        (specifier,) = pin.specifier
        assert requirement.specifier.contains(specifier.version), requirement


def test_all_locks_agree(project: dict[str, Any]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for lock in LOCKS:
        for pin, _ in pins(lock):
            key = (normalised(pin.name), str(pin.marker))
            assert seen.setdefault(key, str(pin.specifier)) == str(pin.specifier), f"{pin.name} in {lock.name}"


def test_no_framework_for_training_is_pulled_in() -> None:
    names = {normalised(pin.name) for lock in LOCKS for pin, _ in pins(lock)}
    assert not names & {"torch", "tensorflow", "transformers"}


def test_the_bootstrap_can_be_read_by_older_pythons() -> None:
    source = (ROOT / "bootstrap.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= sys.stdlib_module_names


def test_modules_started_by_name_are_known_to_the_freezer() -> None:
    modules = build_spec.our_modules()
    for name in ("app.recorder", "app.recogniser", "app.analyst", "app.main", "app.self_test", "app.cli.models"):
        assert name in modules
    assert not [name for name in modules if name.startswith(("tests", "bench"))]


def test_what_windows_shows_of_an_executable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_spec, "WORK", tmp_path)
    text = Path(build_spec.version_resource("tingban")).read_text(encoding="utf-8")
    ast.parse(text)
    assert f"StringStruct('ProductVersion', '{__version__}')" in text


def test_a_build_that_fails_its_self_test_is_no_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_spec, "DIST", tmp_path)
    folder = tmp_path / "frozen"
    folder.mkdir()
    for name, code in (("tingban", 0), ("tingbanctl", 0), ("tingban-worker", 1)):
        (folder / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (folder / name).chmod(0o755)
    assert build_spec.main(lambda: folder) == 1
    (folder / "tingban-worker").write_text("#!/bin/sh\nexit 0\n")
    assert build_spec.main(lambda: folder) == 0


@pytest.mark.skipif(
    Version(installed_version("setuptools")) < Version("77"), reason="this environment's setuptools is too old to build"
)
def test_the_wheel_carries_the_rooms_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"  # a build leaves files in its source, and takes in what an earlier one left
    for room in ROOMS:
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(source)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("tingban-*.whl")
    assert f"-{__version__}-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {*ROOMS, f"tingban-{__version__}.dist-info"}
    for needed in (
        "models/manifest.json",
        "models/turn_end/weights.json",
        "models/digits/digits.onnx",
        "assets/fonts/TingbanSans-Regular.otf",
        "assets/fonts/OFL.txt",
        "assets/i18n/tingban_zh_CN.qm",
        "assets/icons/tingban.svg",
        "assets/sample_call/sample.flac",
    ):
        assert needed in names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
