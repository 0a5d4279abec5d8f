"""Canaries: numbers and an insult that a call holds are in no log, file, page of the store, or text of the window."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.engine import load_engine
from app.link import DeskEvent
from app.masking import rule_mask
from app.session import DeskSession
from asr.offline import transcribe
from asr.sources.file import FileSource
from bench.material import read_channels
from core.keys import desk_key
from core.messages import CallClosed, Caption, ProcessState
from core.paths import cache_folder, database_file, supervisor_keys_file, write_private
from core.sealing import new_private_key
from core.settings import Settings
from core.types import SAMPLE_RATE_HZ, Gap, MaskedUtterance, Utterance
from models.store import InstalledModel
from tests.harness import media
from tests.harness.raw_pages import decrypted_pages

DEADLINE_S = 120.0
AUDIO = Path(__file__).parents[1] / "audio"
DIALOGUES = {"S0008": "530102197001229530", "S0013": "6228488837239656", "S0137": "894193"}
"""An identity number, a bank card and a verification code of `spoken_digits`."""

NUMBER = "13912345678"
"""The customer's number, as the softphone gives it."""

INSULT = "傻逼"
DIGITS = {**{char: str(at) for at, char in enumerate("零一二三四五六七八九")}, "幺": "1", "〇": "0", "两": "2"}

pytestmark = [pytest.mark.model, pytest.mark.skipif(sys.platform == "win32", reason="a key file's rights")]


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (AUDIO / name).read_text("utf-8").splitlines()]


def spoken_call(folder: Path) -> Path:
    """The dialogues one after the other, then a customer who swears; as a stereo file."""
    both = read_channels(AUDIO / "spoken_digits.opus")
    turns = rows("spoken_digits.jsonl")
    silence = np.zeros(SAMPLE_RATE_HZ, np.float32)
    legs: list[list[np.ndarray]] = [[silence], [silence]]
    for name in DIALOGUES:
        mine = [turn for turn in turns if turn["id"] == name]
        begin = (mine[0]["start_ms"] - 300) * SAMPLE_RATE_HZ // 1000
        end = (mine[-1]["end_ms"] + 1500) * SAMPLE_RATE_HZ // 1000
        for leg, channel in zip(legs, both, strict=True):
            leg.append(channel[begin:end])
    (swearing,) = read_channels(AUDIO / "spoken_abuse.opus")
    turn = next(one for one in rows("spoken_abuse.jsonl") if INSULT in one["text"])
    begin, end = turn["start_ms"] - 300, turn["end_ms"] + 1500
    said = swearing[begin * SAMPLE_RATE_HZ // 1000 : end * SAMPLE_RATE_HZ // 1000]
    legs[0].append(np.zeros(len(said), np.float32))
    legs[1].append(said)
    return media.write(folder / "call.wav", *(np.concatenate(leg) for leg in legs))


@pytest.fixture(scope="module")
def desk(installed_base: InstalledModel, remembered_engine: Path) -> Iterator[Path]:
    # A socket address is short, a test's folder is not.
    with tempfile.TemporaryDirectory(prefix="tb-") as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setenv("TINGBAN_DATA", str(folder / "desk"))
        patch.setenv("TINGBAN_MODELS", str(installed_base.path.parent))
        patch.setenv("TINGBAN_POLICY", str(folder / "no-policy.json"))
        patch.setenv("TINGBAN_KEY_FILE", str(folder / "key"))
        patch.setenv("XDG_RUNTIME_DIR", name)
        patch.delenv("TINGBAN_EPHEMERAL", raising=False)
        write_private(folder / "key", b"a passphrase of this test alone")
        shutil.copy(remembered_engine, cache_folder())
        yield folder


def as_heard(file: Path) -> list[Utterance]:
    engine = load_engine(Settings.load())
    return [one for one in transcribe(FileSource(file), engine.model, engine.offline) if isinstance(one, Utterance)]


def digits(text: str) -> str:
    return re.sub(r"\D", "", "".join(DIGITS.get(char, char) for char in text))


def hold_call(file: Path) -> list[DeskEvent]:
    """A call with the real processes, from its beginning until the store has been closed."""
    settings = Settings.load()
    for name in ("audio.agent_device", "audio.customer_device"):
        settings.set(name, f"file:{file}")
    settings.save()
    session = DeskSession(softphone=lambda *_: None)
    events: list[DeskEvent] = []
    changed = threading.Condition()

    def hear(event: DeskEvent) -> None:
        with changed:
            events.append(event)
            changed.notify_all()

    def up() -> bool:
        last = {event.role: event.state for event in events if isinstance(event, ProcessState)}
        return [last.get(role) for role in ("recorder", "recogniser", "analyst")] == ["up"] * 3

    session.subscribe(hear)
    session.start()
    try:
        with changed:
            assert changed.wait_for(up, DEADLINE_S)
        session.start_call("softphone", NUMBER)
        with changed:
            assert changed.wait_for(lambda: any(isinstance(one, CallClosed) for one in events), DEADLINE_S)
    finally:
        session.shutdown()
    return events


def test_what_is_hidden_is_found_nowhere(desk: Path) -> None:
    file = spoken_call(desk)
    supervisors = new_private_key()
    write_private(supervisor_keys_file(), f"{supervisors.public_key}\n".encode())
    heard = as_heard(file)
    mask = rule_mask()
    hidden = {one.text[found.start : found.end] for one in heard for found in mask.find(one.text)}
    canaries = {*DIALOGUES.values(), NUMBER, INSULT, *(run for run in hidden if len(run) >= 4)}
    assert len(hidden) >= len(DIALOGUES), "the recogniser must have heard what is to be hidden"

    events = hold_call(file)
    shown = [one.item for one in events if isinstance(one, Caption) and not isinstance(one.item, Gap)]
    finals = [one for one in shown if isinstance(one, MaskedUtterance)]
    assert {one.masked_by for one in shown} == {"rules"}
    kinds = {span.kind for one in finals for span in one.spans}
    assert {"pii.id_card", "pii.bank_card", "abuse.personal"} <= kinds

    # The window: no text holds the insult, nor six digits in a row of a number beyond the last that a chip keeps.
    for one in shown:
        assert INSULT not in one.text
        for value in DIALOGUES.values():
            windows = {value[at : at + 6] for at in range(len(value) - 5)}
            assert not [window for window in windows if window in digits(one.text)], one.leg

    # The disk, byte by byte; and the store once more in clear, free pages and write-ahead log included.
    pages = decrypted_pages(database_file(), desk_key(database_file()))
    files = [found for found in desk.rglob("*") if found.is_file() and found != file]
    assert any(found.suffix == ".log" for found in files)
    assert any(found.suffix == ".sealed" for found in files)
    for canary in canaries:
        for coded in (canary.encode(), canary.encode("utf-16-le"), canary.encode("gbk", errors="ignore")):
            assert coded not in pages, f"a canary of {len(canary)} characters lies in the store"
            for found in files:
                assert coded not in found.read_bytes(), f"a canary of {len(canary)} characters lies in {found.name}"
