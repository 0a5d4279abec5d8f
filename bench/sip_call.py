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
from pathlib import Path

import msgspec
import numpy as np

from bench.material import find, read_call, write_stereo, write_wave
from bench.ours import transcribe
from bench.report import ROOT, Figure, parser, run, table, write_json
from bench.score import Turn, Written, cer_difference, score_call
from core.errors import EnvironmentFault
from core.types import SAMPLE_RATE_HZ, Samples
from tests.harness import pulse, sip
from tests.harness.pulse import PulseServer, pulse_server
from tests.harness.sip import sip_pair

_LEAD_S = 12.0
"""Time for the recogniser to load before anyone speaks."""

_TAIL_S = 4.0


def _record(server: PulseServer, device: str, seconds: float) -> subprocess.Popen[bytes]:
    command = ["timeout", f"{seconds:.1f}", "parec", "--raw", "--format=s16le", f"--rate={SAMPLE_RATE_HZ}"]
    command += ["--channels=1", "--latency-msec=20", f"--device={device}"]
    return subprocess.Popen(command, env=server.env, stdout=subprocess.PIPE)


def _samples(recorder: subprocess.Popen[bytes]) -> Samples:
    pcm, _ = recorder.communicate()
    heard: Samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
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
        write_wave(wav, np.concatenate([lead, legs["customer"], np.zeros(20 * SAMPLE_RATE_HZ, np.float32)]))
        with sip_pair(server, folder, wav) as softphones:
            whole_s = _LEAD_S + spoken_s + 6
            command = [sys.executable, "-m", "app", "ctl", "live", "--json", "--raw", "--seconds", f"{whole_s:.0f}"]
            command += ["--agent", "microphone:mic", "--customer", "loopback:softphone.monitor"]
            live = subprocess.Popen(command, env=server.env, cwd=ROOT, stdout=subprocess.PIPE)
            time.sleep(_LEAD_S)
            recorders = [_record(server, device, spoken_s + 4) for device in ("mic", "softphone.monitor")]
            softphones.dial()
            time.sleep(2)
            server.play(legs["agent"], "micfeed")
            agent, customer = (_samples(recorder) for recorder in recorders)
            lines = live.communicate()[0].splitlines()
        length = min(len(agent), len(customer))
        received = folder / "received.wav"
        write_stereo(received, agent[:length], customer[:length])
        of_file = transcribe(received, []).events
    of_live = [msgspec.json.decode(line, type=Written) for line in lines]
    aligned = {leg: _onset_ms(legs[leg], heard) for leg, heard in (("agent", agent), ("customer", customer))}
    # The live captions' clock began earlier: find the shift on which most of them lie in a turn.
    in_file = [turn for leg, at_ms in aligned.items() for turn in _moved(turns, leg, at_ms)]
    finals = [event for event in of_live if event.type == "utterance"]
    first = {leg: min((e.start_ms for e in finals if e.leg == leg), default=0) for leg in aligned}
    first_file = {
        leg: min((e.start_ms for e in of_file if e.leg == leg and e.type == "utterance"), default=0) for leg in aligned
    }
    in_live = [
        turn for leg, at_ms in aligned.items() for turn in _moved(turns, leg, at_ms + first[leg] - first_file[leg])
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
