"""A window in a process of its own over a stand-in link, for tests from outside: imports, start-up, accessibility.

It begins a call and shows a few captions, writes what happened as JSON lines to standard output, and leaves on SIGTERM.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.desk.settings_window import ModelChoice
from app.link import DeskEvent
from app.main import run
from core.messages import CallOpened, Caption, EngineState
from core.settings import Settings
from core.types import MaskedHypothesis, MaskedUtterance
from tests.app.desk.fake_link import FakeLink

SAID = ("您好,这里是客服中心。", "你好,我想查一下我的订单。")
SPEAKING = "订单号是"

FORBIDDEN = {
    "av",
    "ctranslate2",
    "faster_whisper",
    "onnxruntime",
    "opencc",
    "sounddevice",
    "sqlcipher3",
    "sqlite_utils",
}


class TalkingLink(FakeLink):
    """Begins a call when it is started, and says a few captions in it."""

    def start(self) -> None:
        tell(started=True)
        super().start()
        self.subscribe(self._speak)
        self.start_call("button")

    def _speak(self, event: DeskEvent) -> None:
        if isinstance(event, CallOpened):
            call_id = event.call_id
            self.say(
                EngineState("listening", "base", "cpu", "int8", delay_ms=400, threads=2),
                Caption(call_id, MaskedUtterance("u1", "agent", 500, 2500, SAID[0]), 3000),
                Caption(call_id, MaskedUtterance("u2", "customer", 3000, 6000, SAID[1]), 6500),
                Caption(call_id, MaskedHypothesis("customer", 7000, 8000, SPEAKING), 8100),
            )


def tell(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> int:
    folder = Path(sys.argv[1])
    settings = Settings.load(folder / "settings.json", folder / "policy.json")
    settings.set("window.language", "zh_CN")
    code = run(TalkingLink(), settings, lambda: [ModelChoice("base")])
    tell(loaded=sorted({name.split(".")[0] for name in sys.modules} & FORBIDDEN))
    return code


if __name__ == "__main__":
    raise SystemExit(main())
