"""Are captions of a real SIP call as good as those of a file? One call on loopback, both ways of writing it down.

    python -m bench.sip_call                            # two minutes of tests/audio/service_call.opus
    python -m bench.sip_call broadband.flac --data DIR --seconds 129

Two baresips talk over SIP and RTP (G.711) on this machine: the customer's plays the right channel of a call, the
agent's plays it to a sink of a private PulseAudio server and takes the left channel from its microphone. Both legs are
captioned live from the devices, and recorded from the same devices at the same time; the recording is then captioned
in file mode. Needs the Debian packages baresip-core, libasound2-plugins, pulseaudio and pulseaudio-utils.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np

from bench.material import find, read_call, write_wave
from bench.ours import transcribe
from bench.report import ROOT, Figure, parser, run, table, write_json
from bench.score import Turn, Written, cer_difference, score_call
from core.errors import EnvironmentFault
from core.paths import models_folder
from core.types import SAMPLE_RATE_HZ, Samples
from tests.harness import pulse, sip
from tests.harness.pulse import PulseServer, pulse_server
from tests.harness.sip import sip_pair
from tests.harness.telephone import write_line

_LEAD_S = 12.0
"""Time for the recogniser to load before anyone speaks."""

_TAIL_S = 4.0


class _Recorder:
    """One device into a file of its own (a pipe that nobody empties would stop the recording after two seconds)."""

    def __init__(self, server: PulseServer, device: str, seconds: float, file: Path) -> None:
        command = ["timeout", f"{seconds:.1f}", "parec", "--raw", "--format=s16le", f"--rate={SAMPLE_RATE_HZ}"]
        command += ["--channels=1", "--latency-msec=20", f"--device={device}"]
        self._file = file
        with file.open("wb") as out:
            self._process = subprocess.Popen(command, env=server.env, stdout=out)

    def samples(self) -> Samples:
        """All of it, once it has ended."""
        self._process.wait()
        heard: Samples = np.fromfile(self._file, "<i2").astype(np.float32) / 32768.0
        return heard


def _onset_ms(reference: Samples, heard: Samples) -> int:
    """Where the reference begins in what was heard."""
    size = 1 << (len(reference) + len(heard)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(reference, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(heard)])) * 1000 // SAMPLE_RATE_HZ


def _moved(turns: list[Turn], leg: str, by_ms: int) -> list[Turn]:
    return [
        msgspec.structs.replace(turn, start_ms=turn.start_ms + by_ms, end_ms=turn.end_ms + by_ms)
        for turn in turns
        if turn.leg == leg
    ]


def _clock_shift_ms(live: list[Written], of_file: list[Written], leg: str) -> int:
    """By how much the live clock is ahead of the recording's: what most pairs of finals agree on, to 100 ms."""
    starts = [
        [event.start_ms for event in events if event.type == "utterance" and event.leg == leg]
        for events in (live, of_file)
    ]
    shifts = Counter(round((one - other) / 100) * 100 for one in starts[0] for other in starts[1])
    return shifts.most_common(1)[0][0] if shifts else 0


def main() -> int:
    """Make the call, caption it twice, compare."""
    arguments = parser(__doc__)
    arguments.add_argument("call", nargs="?", default="service_call.opus")
    arguments.add_argument("--seconds", type=float, default=120.0)
    chosen = arguments.parse_args()
    if reason := pulse.missing() or sip.missing():
        raise EnvironmentFault(f"The call can't be made: {reason}.")
    legs, turns = read_call(find(chosen.call, chosen.data), chosen.seconds)
    spoken_s = chosen.seconds + _TAIL_S
    with tempfile.TemporaryDirectory() as name, pulse_server() as server:
        folder = Path(name)
        wav = folder / "customer.wav"
        lead = np.zeros(2 * SAMPLE_RATE_HZ, np.float32)
        silence = np.zeros(20 * SAMPLE_RATE_HZ, np.float32)
        write_line(wav, np.concatenate([lead, legs["customer"], silence]))
        with sip_pair(server, folder, wav) as softphones:
            whole_s = _LEAD_S + spoken_s + 6
            command = [sys.executable, "-m", "app", "ctl", "live", "--json", "--raw", "--seconds", f"{whole_s:.0f}"]
            command += ["--agent", "microphone:mic", "--customer", "loopback:softphone.monitor"]
            with (folder / "live.jsonl").open("wb") as out:
                # The sound server lives in a home of its own; the weights lie in ours.
                environment = {**server.env, "TINGBAN_MODELS": str(models_folder())}
                live = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out)
            time.sleep(_LEAD_S)
            recorders = [
                _Recorder(server, device, spoken_s + 4, folder / f"{place}.pcm")
                for place, device in enumerate(("mic", "softphone.monitor"))
            ]
            softphones.dial()
            time.sleep(2)
            server.play(legs["agent"], "micfeed")
            agent, customer = (recorder.samples() for recorder in recorders)
            if live.wait():
                raise EnvironmentFault(f"tingbanctl live ended with exit code {live.returncode}.")
            lines = (folder / "live.jsonl").read_bytes().splitlines()
        length = min(len(agent), len(customer))
        received = folder / "received.wav"
        write_wave(received, agent[:length], customer[:length])
        of_file = transcribe(received, []).events
    of_live = [msgspec.json.decode(line, type=Written) for line in lines]
    finals = [event for event in of_live if event.type == "utterance"]
    received_legs = zip(legs.items(), (agent, customer), strict=True)
    aligned = {leg: _onset_ms(sent, heard) for (leg, sent), heard in received_legs}
    in_file = [turn for leg, at_ms in aligned.items() for turn in _moved(turns, leg, at_ms)]
    in_live = [
        turn
        for leg, at_ms in aligned.items()
        for turn in _moved(turns, leg, at_ms + _clock_shift_ms(of_live, of_file, leg))
    ]
    live_score, file_score = score_call(in_live, of_live), score_call(in_file, of_file)
    gaps = sum(event.type == "gap" for event in of_live)
    twice = len(finals) - len({(event.leg, event.start_ms) for event in finals})
    rows = [
        (way, score.cer("agent"), score.cer("customer"), score.cer(), score.lost)
        for way, score in (("live, from devices", live_score), ("file, of what was received", file_score))
    ]
    print(f"{len(turns)} turns, {chosen.seconds:.0f} s, G.711 over RTP\n")
    print(table(("captions", "CER agent %", "CER customer %", "CER both %", "lost"), rows))
    chars = [turn.chars for turn in file_score.turns]
    difference = cer_difference(
        [turn.errors for turn in live_score.turns], [turn.errors for turn in file_score.turns], chars
    )
    print(f"\nLive over file: {difference} points of CER; {gaps} gaps, {twice} utterances written twice.")
    figures: dict[str, Figure] = {
        "live_cer": live_score.cer(),
        "file_cer": file_score.cer(),
        "difference": difference,
        "gaps": gaps,
        "twice": twice,
        "lost": live_score.lost,
    }
    write_json(chosen.json, figures)
    return 0


if __name__ == "__main__":
    run(main)
