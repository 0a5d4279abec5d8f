"""From a fresh clone to a running program, with nothing but Python's standard library.

    python3 bootstrap.py demo     set everything up and show the product on a sample call
    python3 bootstrap.py test     set everything up and pass the whole gate (options after it go to pytest)
    python3 bootstrap.py check    the static half of the gate alone

Both set-ups live in `.venv` beside this file. A second run finds them finished and starts at once. Everything Python is
installed by exact version and hash (`requirements/`); system libraries come through apt where that may be done, and
are named in a sentence where not.

This file must be readable by old Pythons too, if only to tell them which one is needed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "tingban-setup.json"
OLDEST, NEWEST = (3, 11), (3, 13)

AUDIO_PACKAGES = ("libpulse0", "libportaudio2", "libasound2-plugins")
WINDOW_PACKAGES = (
    *("libegl1", "libgl1", "libfontconfig1", "libdbus-1-3", "libglib2.0-0", "libxkbcommon-x11-0"),
    *("libxcb-cursor0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-randr0"),
    *("libxcb-render-util0", "libxcb-shape0", "libxcb-xkb1"),
)
TEST_PACKAGES = (
    *("xvfb", "openbox", "xdotool", "x11-utils", "at-spi2-core", "dbus-x11", "gir1.2-atspi-2.0", "python3-pyatspi"),
    *("pulseaudio", "pulseaudio-utils", "baresip-core", "gnome-keyring"),
)
_TAIL_LINES = 40

STATIC_CHECKS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    # import-linter has no module to run, and `python -m importlinter.cli` checks nothing and succeeds.
    ("import contracts", ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")),
)
COVERAGE_FLOOR_PERCENT = 90


class SetupFailed(Exception):
    """A sentence for the person at the keyboard."""


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code, 3 when the machine lacks something, 130 when interrupted."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description="Set Tingban up from a fresh clone and show it, or test it."
    )
    parser.add_argument("command", choices=("demo", "test", "check"))
    parser.add_argument("--gpu", action="store_true", help="also install the libraries for an NVIDIA card")
    parser.add_argument("--terminal", action="store_true", help="demo: captions in the terminal, no window")
    options, rest = parser.parse_known_args(argv)
    if rest and options.command != "test":
        parser.error("unrecognized arguments: " + " ".join(rest))
    # A job that a shell starts in the background ignores Ctrl-C, and so would every child, tests of Ctrl-C included.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        use_fitting_python()
        started_s = time.monotonic()
        window = options.command == "demo" and not options.terminal and has_display()
        missing = install_system_packages(wanted_packages(options.command, window))
        locks = ["build.txt", "runtime.txt" if options.command == "demo" else "dev.txt"]
        install_python_packages([ROOT / "requirements" / name for name in (*locks, *(["gpu.txt"] * options.gpu))])
        if options.command != "check":
            run([venv_python(), "-m", "app.cli.main", "models", "fetch"])
        say(f"Ready after {time.monotonic() - started_s:.0f} s.")
        if options.command == "demo":
            return demo(window=window and not set(missing) & set(WINDOW_PACKAGES))
        if options.command == "check":
            return static_checks()
        return static_checks() or tests(rest)
    except SetupFailed as error:
        say(str(error))
        return 3
    except KeyboardInterrupt:
        say("Interrupted. Run the same command again to go on.")
        return 130


# --- the machine ----------------------------------------------------------------------------------------------------
def use_fitting_python() -> None:
    """Go on under a Python this program runs on, if need be another one of this machine's."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            say(f"Going on with {found}.")
            raise SystemExit(subprocess.call([found, *sys.argv]))
    raise SetupFailed(
        f"Python 3.11, 3.12 or 3.13 is needed; this is {platform.python_version()}. Install one of them and run the "
        "same command with it (Windows: 'winget install Python.Python.3.12', then 'py -3.12 bootstrap.py …')."
    )


def has_display() -> bool:
    """Whether a window can open at all."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def wanted_packages(command: str, window: bool) -> tuple[str, ...]:
    """Debian packages the command needs, on a machine with apt."""
    if command == "check":
        return ()
    if command == "test":
        return (*AUDIO_PACKAGES, *WINDOW_PACKAGES, *TEST_PACKAGES)
    return (*AUDIO_PACKAGES, *(WINDOW_PACKAGES if window else ()))


def install_system_packages(wanted: tuple[str, ...]) -> list[str]:
    """Install what is missing if this is root on a machine with apt, else name it; returns what stays missing."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = (*wanted, *(() if can_make_venv() else ("python3-venv",)))
    if not shutil.which("dpkg-query"):
        if wanted:
            say("No apt here: if something below fails, install what Debian calls {}.".format(" ".join(wanted)))
        return []
    missing = [name for name in wanted if not is_installed(name)]
    if missing and is_root():
        say("Installing system libraries: {}".format(" ".join(missing)))
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run_quietly(["apt-get", "update"], environment)
        run_quietly(["apt-get", "install", "-y", "--no-install-recommends", *missing], environment)
        missing = []
    if missing:
        say("System libraries are missing. Install them with:")
        say("    sudo apt-get install --no-install-recommends " + " ".join(missing))
        if not can_make_venv():
            raise SetupFailed("Then run the same command again.")
        say("Going on without them: what needs them will not work.")
    return missing


def can_make_venv() -> bool:
    """Debian ships Python without ensurepip, hence without usable virtual environments."""
    if VENV.is_dir():
        return True
    try:
        import ensurepip  # noqa: F401, PLC0415 - asked for, not used
        import venv  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def is_root() -> bool:
    """Whether apt may be used without asking. False on Windows."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def is_installed(package: str) -> bool:
    """Whether Debian's package is installed."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    return done.stdout.strip() == "installed"


# --- the virtual environment ----------------------------------------------------------------------------------------
def venv_python() -> str:
    """The interpreter of `.venv`."""
    return str(VENV / "Scripts" / "python.exe" if sys.platform == "win32" else VENV / "bin" / "python")


def install_python_packages(locks: list[Path]) -> None:
    """Bring `.venv` to exactly what the locks and the project say; at once done when it is there already."""
    wanted = fingerprint(locks)
    if wanted.items() <= finished().items():
        return
    if not is_usable(venv_python()):
        say(f"Making the virtual environment {VENV}")
        shutil.rmtree(VENV, ignore_errors=True)
        run_quietly([sys.executable, "-m", "venv", str(VENV)])
    say("Installing Python packages, by exact version and hash")
    pip = [venv_python(), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    exactly = ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    run_quietly([*pip, *exactly, *(part for lock in locks for part in ("--requirement", str(lock)))])
    run_quietly([*pip, "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT)])
    run_quietly([venv_python(), "-m", "pip", "check"])
    STAMP.write_text(json.dumps({**finished(), **wanted}, indent=2), encoding="utf-8")


def fingerprint(locks: list[Path]) -> dict[str, str]:
    """What the environment is made from: the hash of each file, and the Python."""
    files = [ROOT / "pyproject.toml", *locks]
    return {"python": platform.python_version()} | {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def finished() -> dict[str, str]:
    """What the environment was made from; empty when there is none or its making was cut short."""
    if not is_usable(venv_python()):
        return {}
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_usable(python: str) -> bool:
    """Whether that interpreter starts and is the version of this one."""
    try:
        done = subprocess.run(
            [python, "-c", "import platform; print(platform.python_version())"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == platform.python_version()


# --- what it is for -------------------------------------------------------------------------------------------------
def demo(window: bool) -> int:
    """The docked window on a sample call at real-time pace; the same captions in the terminal without a display."""
    if window:
        code = call([venv_python(), "-m", "app", "desk", "--demo"])
        if code >= 0 and code != 3:
            return code
        say("The window could not open here. The same call in the terminal:")
    sample = ROOT / "assets" / "sample_call" / "sample.flac"
    return call([venv_python(), "-m", "app.cli.main", "transcribe", str(sample), "--live"])


def static_checks() -> int:
    """Lint, format, types, import contracts; all are run, so that one run tells everything."""
    failed = []
    for name, arguments in STATIC_CHECKS:
        say(name)
        if call([venv_python(), *arguments]) != 0:
            failed.append(name)
    if failed:
        say("Failed: {}.".format(", ".join(failed)))
    return 1 if failed else 0


def tests(options: list[str]) -> int:
    """Every test; the coverage floor holds for whole runs, not for a selection."""
    say("pytest")
    coverage = ["--cov=core", "--cov=asr", "--cov-branch", "--cov-report=term:skip-covered"]
    floor = [f"--cov-fail-under={COVERAGE_FLOOR_PERCENT}"]
    return call([venv_python(), "-m", "pytest", *(options or [*coverage, *floor])])


# --- running things -------------------------------------------------------------------------------------------------
def say(line: str) -> None:
    """One line of our own."""
    print("== " + line, flush=True)


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would lead the virtual environment's Python or pip elsewhere."""
    leading_elsewhere = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"}
    return {**{key: value for key, value in os.environ.items() if key not in leading_elsewhere}, "PYTHONUTF8": "1"}


def call(command: list[str]) -> int:
    """Run with this terminal; returns the exit code, negative for a signal."""
    return subprocess.run(command, cwd=ROOT, env=clean_environment(), check=False).returncode


def run(command: list[str]) -> None:
    """Run with this terminal; the program has said itself what went wrong."""
    if call(command) != 0:
        raise SetupFailed("Set-up stopped here. Run the same command again once that is mended.")


def run_quietly(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run with one moving line on a terminal and silence elsewhere; the whole tail of the output if it fails."""
    lines: list[str] = []
    width = shutil.get_terminal_size().columns - 5
    moving = sys.stdout.isatty()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment or clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            if moving:
                print(f"\r   {lines[-1].strip()[:width].ljust(width)}", end="", flush=True)
    if moving:
        print("\r" + " " * (width + 3) + "\r", end="", flush=True)
    if process.returncode != 0:
        print("\n".join(lines[-_TAIL_LINES:]), flush=True)
        raise SetupFailed("'{}' failed with code {}.".format(" ".join(command[:4]), process.returncode))


if __name__ == "__main__":
    raise SystemExit(main())
