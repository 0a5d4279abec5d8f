"""A real SIP call between two baresip softphones on the loopback interface.

The agent's softphone answers by itself, plays to the PulseAudio sink `softphone`, takes its microphone from `mic` and
tells of calls on its control port. The customer's plays a WAV file. Ports are free ones, folders are private.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.pulse import PulseServer

MODULES = next(
    (folder for folder in (Path("/usr/lib/baresip/modules"), Path("/usr/lib64/baresip/modules")) if folder.is_dir()),
    None,
)
START_DEADLINE_S = 20.0

_ALSA = """</usr/share/alsa/alsa.conf>
pcm.sp_out { type pulse device "softphone" }
pcm.sp_mic { type pulse device "mic" }
pcm.cust_spk { type pulse device "custspk" }
"""

_CONFIG = """module_path {modules}
poll_method epoll
net_interface 127.0.0.1
sip_listen 127.0.0.1:{sip_port}
rtp_ports {rtp_port}-{rtp_last}
rtp_timeout 60
call_max_calls 4
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
jitter_buffer_delay 2-10
module g711.so
module alsa.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
audio_player {player}
audio_alert {player}
audio_source {source}
snd_path {folder}
"""


def missing() -> str:
    """The reason to skip, or an empty string where everything needed is installed."""
    if shutil.which("baresip") is None or MODULES is None:
        return "not installed: baresip (Debian: baresip-core)"
    return "" if Path("/usr/share/alsa/alsa.conf").exists() else "not installed: libasound2-data libasound2-plugins"


class SipPair:
    """Two softphones. The agent's runs from `start`; the customer's calls with `dial`."""

    def __init__(
        self, server: PulseServer, folder: Path, wav: Path, *, codec: str = "PCMU", number: str = "cust"
    ) -> None:
        self._server = server
        self._folder = folder
        self._alsa = folder / "asound.conf"
        self._alsa.write_text(_ALSA)
        self.agent_control_port = _free_port()
        self.customer_control_port = _free_port()
        self._agent_sip_port = _free_port(pair=True)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._write(
            "agent", "agent", self._agent_sip_port, self.agent_control_port, "alsa,sp_out", "alsa,sp_mic", codec
        )
        self._write(
            "customer",
            number,
            _free_port(pair=True),
            self.customer_control_port,
            "alsa,cust_spk",
            f"aufile,{wav}",
            codec,
        )

    def start(self) -> None:
        """Start the agent's softphone and wait until it listens."""
        self._run("agent")
        _wait_listening(self.agent_control_port)

    def dial(self) -> None:
        """Start the customer's softphone, which calls the agent's."""
        self._run("customer", "-e", f"/dial sip:agent@127.0.0.1:{self._agent_sip_port}")

    def hang_up(self) -> None:
        """The customer ends the call."""
        command = json.dumps({"command": "hangup", "params": "", "token": "1"}).encode()
        with socket.create_connection(("127.0.0.1", self.customer_control_port), 5) as control:
            control.sendall(b"%d:%s," % (len(command), command))
            control.recv(4096)

    def stop_agent(self) -> None:
        """The agent's softphone goes away."""
        _end(self._processes.pop(0))

    def stop(self) -> None:
        """End both; safe to call twice."""
        while self._processes:
            _end(self._processes.pop())

    def _run(self, who: str, *arguments: str) -> None:
        env = self._server.env | {"ALSA_CONFIG_PATH": str(self._alsa)}
        with (self._folder / f"{who}.log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    ["baresip", "-f", str(self._folder / who), *arguments],
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            )

    def _write(
        self, who: str, user: str, sip_port: int, control_port: int, player: str, source: str, codec: str
    ) -> None:
        folder = self._folder / who
        folder.mkdir()
        rtp_port = _free_port() & ~1
        (folder / "config").write_text(
            _CONFIG.format(
                modules=MODULES,
                sip_port=sip_port,
                rtp_port=rtp_port,
                rtp_last=min(rtp_port + 100, 65534),
                control_port=control_port,
                player=player,
                source=source,
                folder=folder,
            )
        )
        answer = ";answermode=auto" if who == "agent" else ""
        (folder / "accounts").write_text(
            f"<sip:{user}@127.0.0.1:{sip_port}>;regint=0{answer};audio_codecs={codec}/8000/1\n"
        )
        (folder / "contacts").write_text("")


@contextmanager
def sip_pair(
    server: PulseServer, folder: Path, wav: Path, *, codec: str = "PCMU", number: str = "cust"
) -> Iterator[SipPair]:
    """Two softphones for the length of a `with` block, the agent's listening."""
    pair = SipPair(server, folder, wav, codec=codec, number=number)
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()


def _free_port(*, pair: bool = False) -> int:
    """A port nobody uses; with `pair` the next one is free too (baresip takes it for TLS)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            if not pair:
                return port
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def _wait_listening(port: int) -> None:
    deadline_s = time.monotonic() + START_DEADLINE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)
        else:
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
