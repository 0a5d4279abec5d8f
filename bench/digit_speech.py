"""Speaks the texts that the digit head of ``models/digits`` learns from; ``bench.digit_states`` encodes what is spoken.

Goes on where it was broken off and ends after ``--seconds``, with 3 while there is more; run several processes with
``--part 0/2``::

    pip install -r bench/requirements-speech.txt                  # and kokoro-js, see bench/make_speech.py
    python -m bench.digit_speech --voices package/voices --out /tmp/digits --part 0/2 --seconds 80

Speech: Kokoro-82M (weights and voices Apache-2.0). Writes ``said/N.npy`` (int16, 16 kHz) and ``said/N.json``.
"""

# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.digits.labels import symbols
from models.digits.texts import Line, lines

Wave = NDArray[np.float32]  # shape (n_samples,), range [-1, 1], 16 kHz mono

SEED = 20261125
VOICES = ("zf_xiaobei", "zf_xiaoxiao", "zm_yunjian", "zm_yunxi", "zm_yunxia")
HELD_OUT_VOICES = ("zf_xiaoyi", "zm_yunyang")
ENGLISH_VOICES = (
    "af_heart", "af_bella", "af_nicole", "af_sky", "am_michael", "am_fenrir", "am_onyx", "bm_george",
    "bf_emma", "bm_lewis",
)  # fmt: skip
MIXES = 43
DEV_SHARE = 12
"""Every twelfth text of the voices learnt from is for stopping and calibrating only."""


@dataclass(frozen=True, slots=True)
class Said:
    """One spoken text."""

    wave: Wave
    labels: tuple[str, ...]
    speaker: str
    kind: str
    split: str
    """`train`, `dev` or `held_out`."""


def speaker_styles(voices: Path) -> dict[str, Wave]:
    """Style vectors (shape (n, 256), by number of tokens) of the voices and of mixtures of those learnt from.

    The first half of a style is the timbre, the second the melody; English voices lend of the timbre above all.
    """
    read = {
        name: np.fromfile(voices / f"{name}.bin", np.float32).reshape(-1, 256)
        for name in (*VOICES, *HELD_OUT_VOICES, *ENGLISH_VOICES)
    }
    rng = np.random.default_rng(SEED)
    styles = {name: read[name] for name in (*VOICES, *HELD_OUT_VOICES)}
    for number in range(MIXES):
        halves = []
        for most_english in (0.5, 0.15):
            count = int(rng.integers(2, 4))
            chosen = rng.choice(VOICES, count, replace=False)
            weights = rng.dirichlet(np.ones(count))
            half = sum(weight * read[name] for weight, name in zip(weights, chosen, strict=True))
            english = float(rng.uniform(0, most_english)) if rng.random() < 0.7 else 0.0
            halves.append((1 - english) * half + english * read[str(rng.choice(ENGLISH_VOICES))])
        styles[f"mix{number:02}"] = np.concatenate([halves[0][:, :128], halves[1][:, 128:]], axis=1).astype(np.float32)
    return styles


def speak(voices: Path, out: Path, part: int, parts: int, until: float) -> int:
    """Speak what is not spoken yet; returns how many texts are left in this part."""
    from bench.make_speech import Speaker, trimmed  # noqa: PLC0415 - the product's own environment has no Kokoro

    class MixedSpeaker(Speaker):
        """Speaks with any style, digits apart from the words around them."""

        def phonemes(self, text: str, chance: random.Random) -> str:
            pieces = [piece for piece in text.replace("X", "艾克斯").replace("}", "{").split("{") if piece]
            said = " ".join(self._phonemes(piece, "") for piece in pieces)
            if chance.random() < 0.5:  # 五五 and 九五 with and without the change of the first tone
                for third in ("u", "ʨjou"):
                    for after in ("u↓", "ʨjou↓", "pai↓"):
                        said = said.replace(f"{third}↓{after}", f"{third}↗{after}")
            return said

        def speak(self, phonemes: str, style: Wave, speed: float) -> Wave:
            tokens = [self._vocabulary[symbol] for symbol in phonemes if symbol in self._vocabulary]
            feed = {
                "tokens": np.array([[0, *tokens, 0]]),
                "style": style[len(tokens)].reshape(1, 256),
                "speed": np.array([speed], np.float32),
            }
            spoken: Wave = self._session.run(None, feed)[0].ravel()
            return spoken

    folder = out / "said"
    folder.mkdir(parents=True, exist_ok=True)
    texts = lines()
    todo = [number for number in range(part, len(texts), parts) if not (folder / f"{number}.json").exists()]
    if not todo:
        return 0
    from scipy.signal import resample_poly  # noqa: PLC0415 - likewise

    speaker, styles = MixedSpeaker(voices), speaker_styles(voices)
    for done, number in enumerate(todo):
        if time.time() > until:
            return len(todo) - done
        line = texts[number]
        chance = random.Random(SEED * 100_000 + number)
        speed = chance.uniform(0.8, 1.4)
        name = speaker_of(line, number, chance)
        spoken = speaker.speak(speaker.phonemes(line.text, chance), styles[name], speed)
        spoken = np.asarray(resample_poly(spoken, 2, 3), np.float32)
        spoken = trimmed(spoken, float(np.abs(spoken).max()))
        np.save(folder / f"{number}.npy", np.round(spoken / np.abs(spoken).max() * 32_000).astype(np.int16))
        row = {"speaker": name, "speed": round(speed, 3), "split": line.split, "kind": line.kind, "text": line.text}
        (folder / f"{number}.json").write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    return 0


def speaker_of(line: Line, number: int, chance: random.Random) -> str:
    """Who says a text: the held-out voices the held-out ones, taking turns."""
    if line.split == "held_out":
        return HELD_OUT_VOICES[number % 2]
    return chance.choice([*VOICES, *VOICES, *(f"mix{mix:02}" for mix in range(MIXES))])


def read_said(out: Path) -> list[Said]:
    """All that is spoken so far."""
    texts = lines()
    said = []
    for number, line in enumerate(texts):
        path = out / "said" / f"{number}.json"
        if path.exists():
            row = json.loads(path.read_text("utf-8"))
            split = "dev" if line.split == "train" and number % DEV_SHARE == 0 else line.split
            spoken = np.load(path.with_suffix(".npy")).astype(np.float32) / 32_768
            said.append(Said(spoken, tuple(symbols(line.text)), row["speaker"], line.kind, split))
    return said


def by_parts(description: str, work: Callable[[argparse.Namespace, int, int, float], int], *own: str) -> int:
    """Do one part of a long job for some time, as the command line says; 3 while there is more of it.

    `work` is given the options, its part, of how many, and when to stop; it returns how much is left. `own`: options of
    its own that name a folder.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    for option in own:
        parser.add_argument(option, type=Path, metavar="DIR")
    parser.add_argument("--part", default="0/1", metavar="N/OF")
    parser.add_argument("--seconds", type=float, default=math.inf)
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    left = work(options, part, parts, time.time() + options.seconds)
    sys.stderr.write(f"part {options.part}: {left} left\n")
    return 3 if left else 0


def main() -> int:
    """Speak for some time."""
    return by_parts(
        __doc__,
        lambda options, *part: speak(options.voices or Path("package/voices"), options.out, *part),
        "--voices",
    )


if __name__ == "__main__":
    raise SystemExit(main())
