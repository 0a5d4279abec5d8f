"""The product and its peers, one after the other, on one call at wall-clock pace, both legs at once, same weights.

    python -m bench.peers_run --call service_call.opus

The machine must be idle. All are fed the same samples. The product is charged for the whole life of its process;
a peer only from the first sample to the last, without loading. The product's delays are by its own clock, which
`bench.live` checks against the lines' arrival; the peers' by the arrival of text in the program that feeds them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, NamedTuple

import msgspec

from bench.live import measure
from bench.material import find, read_call, write_wave
from bench.meter import Cost, ProcessMeter
from bench.peers.environments import DEFAULT_CACHE, PEERS, ensure
from bench.report import ROOT, Figure, parser, run, table, write_json
from bench.score import CallScore, Written, score_call
from core.errors import EnvironmentFault
from core.types import LEGS, SAMPLE_RATE_HZ, Leg
from models.store import ModelStore

_LEAD_S = 1.0
"""Between the order to start and the first sample, so that both legs begin together."""
_READY_DEADLINE_S = 180.0
_THREADS = "2"


class Outcome(NamedTuple):
    """One system's run."""

    system: str
    score: CallScore
    cpu_share: float
    peak_mb: float


class _Feeder:
    """One leg's feeder in the peer's environment."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.events: list[Written] = []
        self._stdin: IO[bytes] = process.stdin
        self._stdout: IO[bytes] = process.stdout
        self._reader = Thread(target=self._read, name="peer-reader")

    def wait_ready(self) -> None:
        line = self._stdout.readline()
        if msgspec.json.decode(line or b"{}") != {"type": "ready"}:
            raise EnvironmentFault("A peer did not get ready; its own words stand above.")

    def start(self, at_s: float) -> None:
        self._stdin.write(f"start {at_s!r}\n".encode())
        self._stdin.flush()
        self._reader.start()

    def finish(self, within_s: float) -> None:
        """Wait for the end of its feed, then for the process: not long, some peers' threads never end."""
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._reader.join()

    def _read(self) -> None:
        for line in self._stdout:
            self.events.append(msgspec.json.decode(line, type=Written))


@contextmanager
def _process(python: Path, module: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A module run in a peer's environment, offline, ended with the block."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": _THREADS, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [str(python), "-m", module, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_port(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + _READY_DEADLINE_S
    while time.monotonic() < deadline_s and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise EnvironmentFault("A peer's server did not open its port; its own words stand above.")


def _run_feeders(feeders: Sequence[_Feeder], charged: Sequence[int], seconds: float, tail_s: float) -> Cost:
    """Start all at one moment; the cost of the charged processes while the call lasts, and their peak memory."""
    for feeder in feeders:
        feeder.wait_ready()
    with ProcessMeter(charged) as meter:
        start_s = time.monotonic() + _LEAD_S
        for feeder in feeders:
            feeder.start(start_s)
        time.sleep(max(0.0, start_s - time.monotonic()))
        meter.mark()
        time.sleep(seconds)
        cost = meter.cost()
        deadline_s = time.monotonic() + tail_s + 15
        for feeder in feeders:
            feeder.finish(max(0.0, deadline_s - time.monotonic()))
    return Cost(cost.cpu_s, cost.wall_s, meter.cost().peak_mb)


def run_peer(
    name: str, python: Path, waves: Mapping[Leg, Path], model: Path, seconds: float, tail_s: float
) -> tuple[list[Written], Cost]:
    """One peer on both legs.

    Raises: EnvironmentFault when it does not start.
    """
    with ExitStack() as stack:
        options = ["--model", str(model)]
        feeder_options = ["--tail-s", str(tail_s)]
        module = f"bench.peers.{name}"
        server: subprocess.Popen[bytes] | None = None
        if name == "whisperlive":
            port = _free_port()
            server = stack.enter_context(_process(python, f"{module}_server", *options, "--port", str(port)))
            _wait_for_port(port, server)
            feeder_options += ["--port", str(port)]
            module += "_client"
        feeders = [
            _Feeder(
                stack.enter_context(
                    _process(python, module, *options, *feeder_options, "--leg", leg, "--wave", str(path))
                )
            )
            for leg, path in waves.items()
        ]
        charged = [server.pid] if server else [feeder.process.pid for feeder in feeders]
        cost = _run_feeders(feeders, charged, seconds, tail_s)
        return [event for feeder in feeders for event in feeder.events], cost


_COLUMNS = (
    "system",
    "to final p50 (s)",
    "p95 (s)",
    "first text p50 (s)",
    "first right p50 (s)",
    "CER customer",
    "CER agent",
    "CER",
    "CPU s/s",
    "MB",
    "lost",
    "split turns",
)


def _row(outcome: Outcome) -> dict[str, Figure]:
    score = outcome.score
    to_final_ms = score.delays("final_delay_ms")
    return dict(
        zip(
            _COLUMNS,
            (
                outcome.system,
                to_final_ms[0] / 1000,
                to_final_ms[1] / 1000,
                score.delays("first_text_ms")[0] / 1000,
                score.delays("first_right_ms")[0] / 1000,
                round(score.cer("customer").value, 1),
                round(score.cer("agent").value, 1),
                str(score.cer()),
                outcome.cpu_share,
                round(outcome.peak_mb),
                score.lost,
                score.split_turns,
            ),
            strict=True,
        )
    )


def main() -> int:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--call", required=True, metavar="FILE", help="stereo, left agent, right customer")
    arguments.add_argument("--seconds", type=float, help="the call's beginning alone")
    arguments.add_argument("--model", default="base", help="of the installed models, or a folder for the peers alone")
    arguments.add_argument("--systems", nargs="+", default=["tingban", *(peer.name for peer in PEERS)])
    arguments.add_argument("--tail-s", type=float, default=15.0, help="silence the peers hear after the call")
    arguments.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="for the peers' environments")
    arguments.add_argument("--events", type=Path, metavar="DIR", help="keep what each system wrote, as JSON Lines")
    chosen = arguments.parse_args()
    folder = Path(chosen.model)
    model = folder if folder.is_dir() else ModelStore().resolve(chosen.model).path
    legs, turns = read_call(find(chosen.call, chosen.data), chosen.seconds)
    seconds = len(legs["agent"]) / SAMPLE_RATE_HZ
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as temporary:
        call = Path(temporary) / "call.wav"
        write_wave(call, legs["agent"], legs["customer"])
        waves = {leg: Path(temporary) / f"{leg}.wav" for leg in LEGS}
        for leg, path in waves.items():
            write_wave(path, legs[leg])
        if "tingban" in chosen.systems:
            ours = measure(call, turns, seconds, () if folder.is_dir() else ("--model", chosen.model))
            cost = ours.transcription.cost
            outcomes.append(Outcome("tingban", ours.score, cost.cpu_s / seconds, cost.peak_mb))
            _keep(chosen.events, "tingban", ours.transcription.events)
        for peer in PEERS:
            if peer.name in chosen.systems:
                python = ensure(peer, chosen.cache)
                events, cost = run_peer(peer.name, python, waves, model, seconds, chosen.tail_s)
                outcomes.append(Outcome(peer.pin, score_call(turns, events), cost.cpu_share, cost.peak_mb))
                _keep(chosen.events, peer.name, events)
    rows = [_row(outcome) for outcome in outcomes]
    print(f"{chosen.call}, {seconds:.0f} s, {len(turns)} turns, both legs at once, weights {model.name}\n")
    print(table(_COLUMNS, [list(row.values()) for row in rows]))
    write_json(chosen.json, {"call": chosen.call, "seconds": seconds, "systems": rows})
    return 0


def _keep(folder: Path | None, system: str, events: Sequence[Written]) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{system}.jsonl").write_bytes(
            msgspec.json.Encoder().encode_lines(sorted(events, key=lambda event: event.emitted_ms))
        )


if __name__ == "__main__":
    run(main)
