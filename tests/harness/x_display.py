"""A private X display with a session bus and a window manager, for tests of a real window on a real desktop.

Every display has its own folder, so that parallel test runs never meet. Processes are ended by their id.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("Xvfb", "openbox", "dbus-daemon", "xdotool", "xprop")
START_DEADLINE_S = 20.0
END_DEADLINE_S = 5.0

_SESSION_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "QT_QPA_PLATFORM")


def missing() -> str:
    """The reason to skip, or an empty string where everything needed is installed."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)} (Debian: xvfb openbox dbus xdotool x11-utils)" if absent else ""


class XDisplay:
    """A running display. `env` is what a client process needs to reach it."""

    def __init__(self, folder: Path, size: str = "1366x768") -> None:
        self.folder = folder
        self._size = size
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.env = {name: value for name, value in os.environ.items() if name not in _SESSION_VARIABLES}
        self.env["XDG_RUNTIME_DIR"] = str(runtime)
        # The accessibility bus of a private session has nobody who would start it by activation otherwise.
        self.env["HOME"] = str(folder)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start server, bus and window manager, and wait until the window manager answers."""
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as number:
            self._spawn(
                ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{self._size}x24", "-nolisten", "tcp", "-noreset"],
                pass_fds=(writer,),
            )
            os.close(writer)
            answer = number.readline().strip()
        if not answer:
            raise RuntimeError(f"Xvfb did not start: {self._log('Xvfb')}")
        self.env["DISPLAY"] = f":{answer.decode()}"
        address = self.folder / "bus.address"
        with address.open("wb") as out:
            self._spawn(["dbus-daemon", "--session", "--nofork", f"--print-address={out.fileno()}"], (out.fileno(),))
        self._wait(lambda: address.read_text().strip() != "", "dbus-daemon")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = address.read_text().strip()
        self._spawn(["openbox"])
        self._wait(
            lambda: "_NET_SUPPORTING_WM_CHECK(WINDOW)" in self.root_property("_NET_SUPPORTING_WM_CHECK"), "openbox"
        )

    def stop(self) -> None:
        """End everything that was started, last first, by its id."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(END_DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def root_property(self, name: str) -> str:
        """A property of the root window, as `xprop` prints it."""
        return self.run("xprop", "-root", name, check=False)

    def run(self, *command: str, check: bool = True) -> str:
        """Standard output of a command on this display."""
        done = subprocess.run(
            command, env=self.env, capture_output=True, text=True, check=check, timeout=START_DEADLINE_S
        )
        return done.stdout

    def spawn(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a client that lives until the display is stopped."""
        return self._spawn(list(command))

    def _spawn(self, command: list[str], pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        with (self.folder / f"{Path(command[0]).name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=pass_fds
            )
        self._processes.append(process)
        return process

    def _wait(self, ready, name: str) -> None:
        deadline = time.monotonic() + START_DEADLINE_S
        while not ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {self._log(name)}")
            time.sleep(0.02)

    def _log(self, name: str) -> str:
        file = self.folder / f"{name}.log"
        return file.read_text(errors="replace")[-500:] if file.exists() else "no log"


@contextmanager
def x_display(size: str = "1366x768") -> Iterator[XDisplay]:
    """A display for the length of a `with` block."""
    with tempfile.TemporaryDirectory(prefix="tingban-x-") as folder:
        display = XDisplay(Path(folder), size)
        try:
            display.start()
            yield display
        finally:
            display.stop()
