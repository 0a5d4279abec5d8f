# ruff: noqa: INP001 - a recipe run by hand and by a test, not a module of the package
"""Bring the translations up to date with the code and compile them. See README.md beside this file."""

from __future__ import annotations

import argparse
import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "app" / "desk"
LANGUAGES = ("zh_CN", "en")


def tool(name: str) -> str:
    """`lupdate` or `lrelease` as PySide6 brings it."""
    spec = find_spec("PySide6")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    return str(next(path for path in (folder / name, folder / f"{name}.exe") if path.exists()))


def update(folder: Path) -> None:
    """Write `.ts` and `.qm` of every language into `folder`, beginning with the `.ts` that lie there."""
    sources = sorted(str(path) for path in SOURCES.glob("*.py"))
    for language in LANGUAGES:
        ts = folder / f"tingban_{language}.ts"
        only_plurals = ["-pluralonly"] if language == "en" else []
        options = ["-source-language", "en", "-target-language", language, "-no-obsolete", "-locations", "none"]
        _run(tool("lupdate"), *sources, *only_plurals, *options, "-ts", str(ts))
        _run(tool("lrelease"), str(ts), "-qm", str(ts.with_suffix(".qm")))


def unfinished(ts: Path) -> list[str]:
    """Source strings without a finished translation."""
    missing: list[str] = []
    for message in ET.parse(ts).iter("message"):  # noqa: S314 - our own file
        translation = message.find("translation")
        forms = [] if translation is None else translation.findall("numerusform") or [translation]
        done = translation is not None and translation.get("type") is None and all(form.text for form in forms)
        if not done:
            missing.append(message.findtext("source") or "")
    return missing


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def main() -> int:
    """Update in place. Returns: 1 while something is untranslated."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    update(HERE)
    missing = [
        f"{language}: {source}" for language in LANGUAGES for source in unfinished(HERE / f"tingban_{language}.ts")
    ]
    sys.stderr.write("".join(f"untranslated, {line}\n" for line in missing))
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
