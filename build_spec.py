"""Freezes the program into one folder that needs no Python: `python build_spec.py`, result in `dist/tingban`.

| executable | what it is | carries Qt |
| --- | --- | --- |
| `tingban` | the window; without arguments it docks | yes |
| `tingbanctl` | the command line | no |
| `tingban-worker` | recorder, recogniser and analyst, started by the window | no |

All three are `app/__main__.py` over one shared folder of libraries. Weights are not in it: they come by
`tingbanctl models import`. The build ends with every executable's `--self-test`, run from another folder with a bare
environment; a build that fails it is no build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import __version__

ROOT = Path(__file__).resolve().parent
DIST = ROOT / "dist"
WORK = ROOT / "build"
ENTRY = str(ROOT / "app" / "__main__.py")
ROOMS = ("app", "asr", "assets", "core", "models", "records", "redaction")
EXECUTABLES = ("tingban", "tingbanctl", "tingban-worker")

WITHOUT_QT = ("app.main", "app.desk", "PySide6", "shiboken6")
# Development tools and fetchers that an import somewhere names but a frozen desk never runs.
NEVER = ("hf_xet", "IPython", "mypy", "pip", "PIL", "pkg_resources", "pytest", "setuptools", "tkinter", "torch")
QT_NEVER = ("PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtTest")

_SELF_TEST_TIMEOUT_S = 120


def describe(tools: dict[str, Any]) -> None:
    """The specification, in PyInstaller's terms; `tools` are the names it gives a spec file."""
    from PyInstaller.utils.hooks import collect_data_files  # noqa: PLC0415 - known while PyInstaller runs alone

    datas = [
        *collect_data_files("assets"),
        *collect_data_files("models", includes=["**/*.json", "**/*.onnx"]),
        *collect_data_files("redaction", includes=["lexicon/*.tsv"]),
        *collect_data_files("faster_whisper"),
    ]

    def analyse(without: tuple[str, ...]) -> Any:  # noqa: ANN401 - PyInstaller has no types
        return tools["Analysis"](
            [ENTRY],
            pathex=[str(ROOT)],
            datas=datas,
            hiddenimports=[name for name in our_modules() if not name.startswith(without)]
            if without
            else our_modules(),
            excludes=[*NEVER, *QT_NEVER, *without],
        )

    window, plain = analyse(()), analyse(WITHOUT_QT)
    archives = {"tingban": window, "tingbanctl": plain, "tingban-worker": plain}
    executables = [
        tools["EXE"](
            tools["PYZ"](analysis.pure),
            analysis.scripts,
            [],
            name=name,
            exclude_binaries=True,
            console=name == "tingbanctl",  # a window or a worker must not open a console on Windows
            icon=str(ROOT / "assets" / "icons" / "tingban.ico") if sys.platform == "win32" else None,
            version=version_resource(name) if sys.platform == "win32" else None,
        )
        for name, analysis in archives.items()
    ]
    tools["COLLECT"](*executables, window.binaries, window.datas, plain.binaries, plain.datas, name="tingban")


def our_modules() -> list[str]:
    """Every module of ours: most are started by name, where no analysis sees them."""
    return sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path.name != "__main__.py" and (path.parent / "__init__.py").exists()
    )


def version_resource(name: str) -> str:
    """A file with what Windows shows under Properties; returns its path."""
    numbers = ", ".join([*__version__.split("."), "0"])
    path = WORK / f"{name}-version.txt"
    fields = {"ProductName": "Tingban", "ProductVersion": __version__, "FileVersion": __version__, "InternalName": name}
    strings = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in fields.items())
    path.write_text(
        f"VSVersionInfo(ffi=FixedFileInfo(filevers=({numbers}), prodvers=({numbers})), kids=[StringFileInfo("
        f"[StringTable('040904B0', [{strings}])]), VarFileInfo([VarStruct('Translation', [1033, 1200])])])",
        encoding="utf-8",
    )
    return str(path)


def build() -> Path:
    """Freeze; returns the folder. Raises: SystemExit when PyInstaller fails."""
    import PyInstaller.__main__  # noqa: PLC0415 - a development tool, needed for nothing else here

    WORK.mkdir(exist_ok=True)
    spec = WORK / "tingban.spec"
    spec.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nimport build_spec\nbuild_spec.describe(globals())\n",
        encoding="utf-8",
    )
    PyInstaller.__main__.run(
        ["--noconfirm", "--log-level=WARN", f"--distpath={DIST}", f"--workpath={WORK / 'work'}", str(spec)]
    )
    return DIST / "tingban"


def self_test(folder: Path) -> int:
    """Run every executable's self-test away from the sources; returns how many failed."""
    failed = 0
    for name in EXECUTABLES:
        executable = folder / (f"{name}.exe" if sys.platform == "win32" else name)
        with tempfile.TemporaryDirectory() as elsewhere:
            done = subprocess.run(
                [str(executable), "--self-test"],
                cwd=elsewhere,
                env=bare_environment(elsewhere),
                timeout=_SELF_TEST_TIMEOUT_S,
                check=False,
            )
        print(f"{name} --self-test: {'passed' if done.returncode == 0 else f'FAILED with {done.returncode}'}\n")
        failed += done.returncode != 0
    return failed


def bare_environment(home: str) -> dict[str, str]:
    """What a desk without Python has; Windows needs its own variables to start anything."""
    kept = {key: value for key, value in os.environ.items() if key.upper() in {"SYSTEMROOT", "TEMP", "TMP", "WINDIR"}}
    return {**kept, "HOME": home, "PATH": os.defpath, "QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"}


def size_mb(folder: Path) -> float:
    """Room the folder takes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def main(freeze: Callable[[], Path] = build) -> int:
    """Build and test; returns 0 when the result works."""
    shutil.rmtree(DIST / "tingban", ignore_errors=True)
    folder = freeze()
    print(f"tingban {__version__} in {folder}: {size_mb(folder):.0f} MB")
    return 1 if self_test(folder) else 0


if __name__ == "__main__":
    raise SystemExit(main())
