"""Does every pin of the lock files exist as a wheel, with the hash the lock names, for every platform we name?

    python bench/check_wheels.py [requirements/runtime.txt …]

Asks the package index that pip is configured for; prints a table and exits 1 if a pin fails. pip evaluates markers for
the interpreter it runs in, so they are evaluated here, for the platform asked about.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

PYTHONS = ("3.11", "3.12", "3.13")
LOCKS = (Path("requirements/build.txt"), Path("requirements/runtime.txt"), Path("requirements/dev.txt"))


@dataclass(frozen=True, slots=True)
class Target:
    """A platform as pip's tags and as environment markers name it."""

    name: str
    tags: tuple[str, ...]
    sys_platform: str
    platform_machine: str
    os_name: str = "posix"


def _macos(machine: str, oldest: int) -> tuple[str, ...]:
    # pip takes the tags literally, so every release that the oldest supported one can run is named.
    newer = [f"macosx_{major}_0_{machine}" for major in range(oldest, 10, -1)]
    older = [f"macosx_10_{minor}_{machine}" for minor in range(16, 8, -1)] if machine == "x86_64" else []
    return tuple(tag for plain in (*newer, *older) for tag in (plain, plain.replace(machine, "universal2")))


TARGETS = (
    # Debian 12 has glibc 2.36; wheels for any older one serve as well.
    Target(
        "linux x86_64",
        ("manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in range(36, 4, -1))),
        "linux",
        "x86_64",
    ),
    Target("windows amd64", ("win_amd64",), "win32", "AMD64", "nt"),
    Target("macos arm64", _macos("arm64", 14), "darwin", "arm64"),
)


def pins(lock: Path, target: Target, python: str) -> list[tuple[str, str]]:
    """(requirement with its hashes, bare `name==version`) of each pin that applies to the target."""
    environment = {
        "sys_platform": target.sys_platform,
        "platform_machine": target.platform_machine,
        "os_name": target.os_name,
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    found = []
    for entry in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8")):
        logical = entry.replace("\\\n", " ").strip()
        if not logical or logical.startswith("#"):
            continue
        requirement, *hashes = logical.split(" --hash=")
        parsed = Requirement(requirement)
        if parsed.marker is None or parsed.marker.evaluate(environment):
            pin = f"{parsed.name}{parsed.specifier}"
            found.append((" ".join([pin, *(f"--hash={value.strip()}" for value in hashes)]), pin))
    return found


def check(lines: list[str], target: Target, python: str) -> str:
    """Let pip resolve the pins for the target; returns pip's complaint, empty when all is well."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--dry-run"),
            *("--target", f"{folder}/target", "--ignore-installed", "--no-deps", "--require-hashes"),
            *("--only-binary=:all:", "--implementation", "cp", "--python-version", python),
            *(part for tag in target.tags for part in ("--platform", tag)),
            *("--requirement", str(requirements)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
    return errors[-1] if errors else f"pip ended with code {done.returncode}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Check that every pin is a wheel on every platform.")
    parser.add_argument("locks", nargs="*", type=Path, default=LOCKS)
    arguments = parser.parse_args()
    failures = 0
    print(f"{'lock':<28} {'platform':<14} {'Python':<7} {'pins':>4}  result")
    for lock in arguments.locks:
        for target in TARGETS:
            for python in PYTHONS:
                found = pins(lock, target, python)
                complaint = check([line for line, _ in found], target, python)
                broken = [pin for line, pin in found if check([line], target, python)] if complaint else []
                failures += len(broken)
                result = "all wheels" if not complaint else f"no wheel: {', '.join(broken) or complaint}"
                print(f"{lock!s:<28} {target.name:<14} {python:<7} {len(found):>4}  {result}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
