"""What the recogniser writes of short calls on a virtual clock, kept in a file so that masks can be tried on it.

Recognition does not depend on the mask, so that it is done once. A line of the file is a call; work that was broken off
goes on where it stopped, and a file made of other audio, weights, desk or options is refused.
"""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from app.pipeline import masked
from asr.live_leg import LiveOptions
from asr.speech_model import SpeechModel
from bench.material import read_channels, weights_of
from bench.score import Written
from bench.virtual_clock import DESKS, Remembering, follow
from core.errors import BadInput
from core.protocols import Masker
from core.types import (
    LEGS,
    SAMPLE_RATE_HZ,
    Gap,
    Hypothesis,
    Leg,
    MaskedHypothesis,
    MaskedUtterance,
    Samples,
    Utterance,
)

_AROUND_MS = 500
"""Silence before the first turn of a call and after its last."""


class Line(msgspec.Struct, frozen=True):
    """A line of a reference beside the audio: what was said, of which call, and what of it is to be hidden."""

    id: str
    start_ms: int
    end_ms: int
    text: str
    leg: Leg = "customer"
    note: str = ""
    spans: tuple[tuple[str, int, int], ...] = ()


class Call(NamedTuple):
    """A short call, cut from a longer recording. Times of its lines are from the recording's start."""

    id: str
    legs: dict[Leg, Samples]
    lines: tuple[Line, ...]
    start_ms: int
    """Where on the recording's clock the call begins."""


class Told(msgspec.Struct, frozen=True):
    """What was written, and when on the call's clock."""

    at_ms: int
    item: Hypothesis | Utterance | Gap


class Heard(msgspec.Struct, frozen=True):
    """All that was written of a call, in order."""

    id: str
    told: tuple[Told, ...]

    @property
    def finals(self) -> list[Utterance]:
        """The finals alone."""
        return [told.item for told in self.told if isinstance(told.item, Utterance)]


class Shown(NamedTuple):
    """What a window was given, and the words behind it. `again`: a final that later words caused to be shown anew."""

    at_ms: int
    original: Hypothesis | Utterance
    masked: MaskedHypothesis | MaskedUtterance
    again: bool = False


class _Made(msgspec.Struct, frozen=True):
    """First line of the file: what it was made of."""

    audio: str
    weights: str
    desk: str
    options: str


def read_calls(audio: Path) -> list[Call]:
    """The calls of a recording, in order, by the reference beside it; a mono recording is the customer alone.

    Raises: BadInput.
    """
    reference = audio.with_suffix(".jsonl")
    if not reference.is_file():
        raise BadInput(f"{audio.name} has no reference {reference.name} beside it.")
    by_call: dict[str, list[Line]] = {}
    for number, text in enumerate(reference.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            line = msgspec.json.decode(text, type=Line)
        except msgspec.MsgspecError as error:
            raise BadInput(f"{reference.name}, line {number}, is no line of a reference: {error}.") from None
        by_call.setdefault(line.id, []).append(line)
    channels = read_channels(audio)
    legs: tuple[Leg, ...] = LEGS if len(channels) == len(LEGS) else ("customer",)
    calls: list[Call] = []
    for id_, lines in by_call.items():
        start_ms = max(0, min(line.start_ms for line in lines) - _AROUND_MS)
        end_ms = max(line.end_ms for line in lines) + _AROUND_MS
        part = slice(start_ms * SAMPLE_RATE_HZ // 1000, end_ms * SAMPLE_RATE_HZ // 1000)
        cut = {leg: channel[part] for leg, channel in zip(legs, channels, strict=False)}
        calls.append(Call(id_, cut, tuple(lines), start_ms))
    return calls


def add_arguments(arguments: ArgumentParser) -> None:
    """What every instrument that listens takes."""
    arguments.add_argument("--heard", type=Path, metavar="DIR", help="where what was recognised is kept; goes on there")
    arguments.add_argument("--model", default="base", help="of the installed models, or a folder of weights")
    arguments.add_argument("--desk", choices=sorted(DESKS), default="fast", help="what a decode is charged")
    arguments.add_argument("--first", type=int, metavar="N", help="calls of each recording alone")


def listen_as_asked(audio: Path, calls: Sequence[Call], chosen: Namespace) -> list[Heard]:
    """What was heard of the calls, read or recognised as the command line says.

    Raises: BadInput, EnvironmentFault, ModelFault.
    """
    weights = weights_of(chosen.model)
    kept = chosen.heard / f"{audio.stem}.{Path(chosen.model).name}.{chosen.desk}.jsonl" if chosen.heard else None
    return listen(audio, calls, weights, chosen.desk, kept)


def listen(
    audio: Path,
    calls: Sequence[Call],
    weights: Path,
    desk: str,
    kept: Path | None = None,
    load: Callable[[Path], SpeechModel] = SpeechModel,
) -> list[Heard]:
    """What was heard of the calls of `audio`; those that are not in the file `kept` are recognised, and added to it.

    Raises: BadInput when the file was made of something else.
    """
    options = LiveOptions()
    made = _Made(hashlib.sha256(audio.read_bytes()).hexdigest(), weights.name, desk, repr(options))
    known = _read_kept(kept, made) if kept else {}
    missing = [call for call in calls if call.id not in known]
    if missing:
        model = load(weights)
        for call in missing:
            told: list[Told] = []

            def tell(item: Hypothesis | Utterance | Gap, at_ms: int, told: list[Told] = told) -> None:
                told.append(Told(at_ms, item))

            follow(call.legs, Remembering(model), options, desk, tell, call.id)
            known[call.id] = Heard(call.id, tuple(told))
            if kept:
                with kept.open("ab") as file:
                    file.write(msgspec.json.encode(known[call.id]) + b"\n")
    return [known[call.id] for call in calls]


def _read_kept(kept: Path, made: _Made) -> dict[str, Heard]:
    kept.parent.mkdir(parents=True, exist_ok=True)
    # A line that was broken off while it was written is no call.
    whole, _, broken = kept.read_bytes().rpartition(b"\n") if kept.is_file() else (b"", b"", b"")
    if not whole:
        kept.write_bytes(msgspec.json.encode(made) + b"\n")
        return {}
    if broken:
        kept.write_bytes(whole + b"\n")
    first, *lines = whole.splitlines()
    if msgspec.json.decode(first, type=_Made) != made:
        raise BadInput(
            f"{kept.name} was made of other audio, weights or options.", remedy="Delete it, or name another folder."
        )
    return {heard.id: heard for heard in (msgspec.json.decode(line, type=Heard) for line in lines)}


def show(heard: Heard, masker: Masker) -> Iterator[Shown]:
    """All that a window would have been given of a call, in order, as `app.pipeline` sends it through the mask."""
    masker.begin_call(heard.id)
    finals: dict[str, Utterance] = {}
    for told in heard.told:
        if isinstance(told.item, Gap):
            continue
        if isinstance(told.item, Utterance):
            finals[told.item.id] = told.item
        shown = masked(told.item, masker)
        assert not isinstance(shown, Gap)
        yield Shown(told.at_ms, told.item, shown)
        for again in masker.revised():
            yield Shown(told.at_ms, finals[again.id], again, again=True)


def written(call: Call, heard: Heard) -> list[Written]:
    """What was written unmasked, for `bench.score`, on the recording's clock."""
    kinds: Mapping[type, str] = {Hypothesis: "hypothesis", Utterance: "utterance", Gap: "gap"}
    return [
        msgspec.convert(
            {
                "type": kinds[type(told.item)],
                "leg": told.item.leg,
                "start_ms": told.item.start_ms + call.start_ms,
                "end_ms": told.item.end_ms + call.start_ms,
                "text": "" if isinstance(told.item, Gap) else told.item.text,
                "emitted_ms": told.at_ms + call.start_ms,
            },
            Written,
        )
        for told in heard.told
    ]
