"""A private PulseAudio server with the two legs of a call as devices: no sound card, display or session bus needed.

    softphone   sink a softphone plays the far end to; `softphone.monitor` is the customer's leg
    mic         source that hears what is played to the sink `micfeed`; the agent's leg
    custspk     sink for the customer's own loudspeaker in a SIP call

Every server has its own folder and socket, so that parallel test runs never meet. Processes are ended by their id.
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

import numpy as np
from numpy.typing import NDArray

NEEDED = ("pulseaudio", "pactl", "pacat")
START_DEADLINE_S = 20.0

PLAYER_LATENCY_MS = 100
"""Enough that a player on a busy machine does not run dry, which would tear the sound before it is captured."""

# Without norewinds a null sink renders up to 2 s ahead and its monitor hears sound 800-1000 ms late; with it, 36-55 ms.
_SINKS = {"softphone": 2, "micfeed": 1, "custspk": 1}


def missing() -> str:
    """The reason to skip, or an empty string where everything needed is installed."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)} (Debian: pulseaudio pulseaudio-utils)" if absent else ""


class PulseServer:
    """A running server. `env` is what a client process needs to reach it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        runtime = folder / "run"
        (runtime / "pulse").mkdir(parents=True, mode=0o700)
        (folder / "home").mkdir()
        self.socket = runtime / "pulse" / "native"
        self.address = f"unix:{self.socket}"
        self.env = {name: value for name, value in os.environ.items() if name not in _SESSION_VARIABLES} | {
            "HOME": str(folder / "home"),
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_RUNTIME_PATH": str(runtime / "pulse"),
            "PULSE_SERVER": self.address,
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []

    @property
    def pid(self) -> int:
        assert self._server is not None
        return self._server.pid

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=no"]
        command += [f"--log-target=file:{self.folder / 'pulse.log'}"]
        command += ["-L", f"module-native-protocol-unix socket={self.socket} auth-anonymous=1"]
        for sink, channels in _SINKS.items():
            command += ["-L", f"module-null-sink sink_name={sink} rate=48000 channels={channels} norewinds=1"]
        command += ["-L", "module-remap-source source_name=mic master=micfeed.monitor"]
        env = {name: value for name, value in self.env.items() if name != "PULSE_SERVER"}
        with (self.folder / "pulse.out").open("wb") as out:
            self._server = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        deadline = time.monotonic() + START_DEADLINE_S
        while subprocess.run(["pactl", "info"], env=self.env, capture_output=True, check=False).returncode:
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pulseaudio did not start: {(self.folder / 'pulse.log').read_text()[-500:]}")
            time.sleep(0.05)
        self.control("set-default-sink", "softphone")
        self.control("set-default-source", "mic")

    def stop(self) -> None:
        """End every player and the server; safe to call twice."""
        self.silence()
        if self._server is not None:
            _end(self._server)

    def silence(self) -> None:
        """End every player."""
        while self._players:
            _end(self._players.pop())

    def control(self, *arguments: str) -> str:
        """Run `pactl` and return what it prints."""
        return subprocess.run(["pactl", *arguments], env=self.env, capture_output=True, check=True, text=True).stdout

    def play(self, samples: NDArray[np.float32], sink: str, *, rate_hz: int = 16_000) -> subprocess.Popen[bytes]:
        """Begin to play mono float32 samples to a sink; `wait()` on the result for the end."""
        raw = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - the player's standard input outlives this call
        raw.write(np.clip(samples * 32767, -32768, 32767).astype("<i2").tobytes())
        raw.seek(0)
        command = ["pacat", "--playback", "--raw", "--format=s16le", f"--rate={rate_hz}", "--channels=1"]
        command += [f"--latency-msec={PLAYER_LATENCY_MS}", f"--device={sink}"]
        with raw:
            process = subprocess.Popen(command, env=self.env, stdin=raw, stderr=subprocess.DEVNULL)
        self._players.append(process)
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_SESSION_VARIABLES = {"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "PULSE_SERVER", "PULSE_COOKIE"}


@contextmanager
def pulse_server() -> Iterator[PulseServer]:
    """A server for the length of a `with` block."""
    # A socket's path may have 107 bytes at most: pytest's own folders are too deep.
    with tempfile.TemporaryDirectory(prefix="pulse-") as folder:
        server = PulseServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
