"""Compares ways to record a PulseAudio monitor, all at once: `python -m tests.harness.measure_capture`.

The figures stand in docs/adr/0005-audio-back-ends.md. Each way runs in a process of its own; the sound is a click every
half second, so that the delay of each way is seen against the fastest, click by click.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import numpy as np

from tests.harness.pulse import PulseServer, pulse_server
from tests.harness.sound import RATE_HZ

SOURCE = "softphone.monitor"
WAYS = ("libpulse", "portaudio", "parec")
CLICK_EVERY_S = 0.5

Write = Callable[[np.ndarray, float], None]


def open_libpulse(write: Write, lost: Callable[[int], None]) -> Callable[[], None]:
    from asr.sources.pulse import PulseCapture  # noqa: PLC0415 - each way loads its own library alone
    from asr.sources.ring import Ring  # noqa: PLC0415

    class Tap(Ring):
        def write(self, samples: np.ndarray, arrival_s: float) -> None:
            write(samples.copy(), arrival_s)

        def lose(self, count: int) -> None:
            lost(count)

    return PulseCapture(SOURCE, Tap()).stop


def open_portaudio(write: Write, lost: Callable[[int], None]) -> Callable[[], None]:
    import sounddevice  # noqa: PLC0415

    def callback(data: np.ndarray, count: int, _time: object, status: object) -> None:
        if status.input_overflow:
            lost(count)
        write(np.ravel(data).copy(), time.monotonic())

    stream = sounddevice.InputStream(RATE_HZ, 320, "customer", 1, "float32", latency="low", callback=callback)
    stream.start()
    return stream.close


def open_parec(write: Write, _lost: Callable[[int], None]) -> Callable[[], None]:
    command = ["parec", "--raw", "--format=float32le", f"--rate={RATE_HZ}", "--channels=1", "--latency-msec=20"]
    process = subprocess.Popen([*command, f"--device={SOURCE}"], stdout=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None

    def read() -> None:
        held = b""
        while data := process.stdout.read(1280):
            held += data
            whole = len(held) // 4 * 4
            write(np.frombuffer(held[:whole], dtype=np.float32), time.monotonic())
            held = held[whole:]

    thread = threading.Thread(target=read)
    thread.start()

    def stop() -> None:
        process.terminate()
        process.wait()
        thread.join()
        process.stdout.close()

    return stop


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def record(way: str, seconds: float) -> None:
    """Child: record for a while and print what was seen."""
    blocks: list[tuple[np.ndarray, float]] = []
    lost: list[int] = []
    opener = {"libpulse": open_libpulse, "portaudio": open_portaudio, "parec": open_parec}[way]
    opener(lambda _samples, _at_s: None, lambda _count: None)()  # loads the library; only the second opening counts
    begun_s = time.monotonic()
    stop = opener(lambda samples, at_s: blocks.append((samples, at_s)), lost.append)
    opened_s = time.monotonic()
    say("open")
    time.sleep(seconds)
    stop()
    samples = np.concatenate([block for block, _ in blocks])
    ends = np.cumsum([len(block) for block, _ in blocks])
    arrivals = np.array([at_s for _, at_s in blocks])
    lateness_ms = (arrivals - arrivals[0] - (ends - ends[0]) / RATE_HZ) * 1000
    loud = np.flatnonzero(np.abs(samples) > 0.2)
    clicks = loud[np.diff(loud, prepend=-RATE_HZ) > RATE_HZ // 10]
    usage = os.times()
    result = {
        "open_ms": (opened_s - begun_s) * 1000,
        "first_ms": (arrivals[0] - begun_s) * 1000,
        "lateness_spread_ms": [float(v) for v in np.percentile(lateness_ms - lateness_ms.min(), [50, 99, 100])],
        "longest_wait_ms": float(np.diff(arrivals).max() * 1000),
        "overflows": len(lost),
        "spacing_off_samples": int(np.abs(np.diff(clicks) - CLICK_EVERY_S * RATE_HZ).max()),
        "click_arrivals_s": [float(arrivals[np.searchsorted(ends, click, side="right")]) for click in clicks],
        "cpu_s": usage.user + usage.system + usage.children_user + usage.children_system,
    }
    say(json.dumps(result))


def compare(server: PulseServer, seconds: float, busy: int) -> None:
    """Parent: start one child a way, play, print a table."""
    alsa = server.folder / "asound.conf"
    alsa.write_text(
        "</usr/share/alsa/alsa.conf>\n"
        f'pcm.customer {{ type pulse device "{SOURCE}" hint {{ show on description "customer" }} }}\n'
    )
    env = server.env | {"ALSA_CONFIG_PATH": str(alsa)}
    spinners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
    children = {
        way: subprocess.Popen(
            [sys.executable, "-m", "tests.harness.measure_capture", "--record", way, "--seconds", str(seconds + 2)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for way in WAYS
    }
    try:
        for child in children.values():
            assert child.stdout is not None
            child.stdout.readline()
        sound = np.zeros(round(seconds * RATE_HZ), dtype=np.float32)
        for at in range(0, len(sound), round(CLICK_EVERY_S * RATE_HZ)):
            sound[at : at + 160] = 0.8
        server.play(sound, "softphone")
        results = {way: json.loads(child.communicate()[0].splitlines()[-1]) for way, child in children.items()}
    finally:
        for process in [*spinners, *children.values()]:
            process.kill()
            process.wait()
    fastest = np.min([result["click_arrivals_s"] for result in results.values()], axis=0)
    say(f"{seconds:.0f} s, {busy} busy processes, load {os.getloadavg()[0]:.1f}")
    for way, result in results.items():
        behind_ms = (np.array(result.pop("click_arrivals_s")) - fastest) * 1000
        shown = {name: np.round(value, 1).tolist() for name, value in result.items()}
        say(f"{way:10} behind fastest p50 {np.median(behind_ms):.1f} max {behind_ms.max():.1f} ms  {shown}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--busy", type=int, default=0, help="processes that use all the CPU they get")
    parser.add_argument("--record", choices=WAYS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.record:
        record(args.record, args.seconds)
        return
    with pulse_server() as server:
        compare(server, args.seconds, args.busy)


if __name__ == "__main__":
    main()
