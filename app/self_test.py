"""`--self-test`: does every native part this installation carries work on this machine?

Each check exercises its part, not merely imports it, and prints one line. What an executable was built without is named
and skipped: the worker has no Qt. Run by the build after freezing, and by IT after installing.
"""

from __future__ import annotations

import io
import os
import secrets
import sys
import tempfile
import wave
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from core import __version__
from core.types import SAMPLE_RATE_HZ


class _NotHere(Exception):
    """The part is no fault of the installation: the sentence says why it is skipped."""


def main() -> int:
    """Run every check; returns 0, or 1 if any failed."""
    print(f"tingban {__version__}, Python {sys.version.split()[0]}, {sys.platform}", flush=True)
    failed = 0
    for name, check in CHECKS.items():
        try:
            result = f"ok    {name}: {check()}"
        except _NotHere as reason:
            result = f"skip  {name}: {reason}"
        except Exception as error:  # noqa: BLE001 - any kind of failure of a foreign part is what is looked for here
            failed += 1
            result = f"FAIL  {name}: {type(error).__name__}: {error}"
        print(result, flush=True)
    return 1 if failed else 0


def _audio_files() -> str:
    import av

    content = io.BytesIO()
    with wave.open(content, "wb") as out:
        out.setparams((2, 2, 8_000, 0, "NONE", ""))
        out.writeframes(np.zeros(16_000, np.int16).tobytes())
    content.seek(0)
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=SAMPLE_RATE_HZ)
    with av.open(content, mode="r") as container:
        n_samples = sum(out.samples for frame in container.decode(audio=0) for out in resampler.resample(frame))
    _require(abs(n_samples - SAMPLE_RATE_HZ) < SAMPLE_RATE_HZ // 100, f"{n_samples} samples of one second")
    return f"PyAV {av.__version__} decodes and resamples"


def _voice_activity() -> str:
    from asr.vad import VoiceDetector

    probabilities = VoiceDetector().probabilities(np.zeros(SAMPLE_RATE_HZ, np.float32))
    _require(len(probabilities) > 0 and max(probabilities) < 0.5, "speech heard in silence")
    return "onnxruntime runs the bundled network"


def _recogniser() -> str:
    import ctranslate2

    types = sorted(ctranslate2.get_supported_compute_types("cpu"))
    view = ctranslate2.StorageView.from_array(np.ones((2, 3), np.float32))
    _require(list(view.shape) == [2, 3], "a tensor lost its shape")
    return f"CTranslate2 {ctranslate2.__version__}: {', '.join(types)}; {ctranslate2.get_cuda_device_count()} GPU"


def _script() -> str:
    import opencc

    _require(opencc.OpenCC("tw2s").convert("臺灣") == "台湾", "wrong conversion")
    return "OpenCC converts to Simplified"


def _turn_end() -> str:
    from asr.completeness import sounds_finished

    sounds_finished("好的，谢谢")
    return "the small model of turn ends loads"


def _digits() -> str:
    from asr.digit_head import DigitHead

    DigitHead()
    return "the small model of spoken digits loads"


def _mask() -> str:
    from app.masking import rule_mask
    from redaction.chips import with_chips

    text = "你这个傻逼，我的手机号是13800138000"
    masked = with_chips(text, rule_mask().find(text)).text
    _require(masked == "你这个【辱骂·人身攻击】，我的手机号是【手机号 ····8000】", "insult or number not hidden")
    return "the rules hide an insult and a number"


def _store() -> str:
    import sqlcipher3

    key = secrets.token_hex(32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "self-test.db"
        for statement in ("CREATE VIRTUAL TABLE words USING fts5(text)", "SELECT count(*) FROM words"):
            connection = sqlcipher3.connect(str(path))
            connection.execute(f"PRAGMA key = \"x'{key}'\"")
            connection.execute(statement)
            version = connection.execute("PRAGMA cipher_version").fetchone()[0]
            connection.close()
        _require(not path.read_bytes().startswith(b"SQLite format"), "the file is not encrypted")
    return f"SQLCipher {version} with full-text search"


def _keys() -> str:
    import argon2
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, nonce = AESGCM(secrets.token_bytes(32)), secrets.token_bytes(12)
    _require(cipher.decrypt(nonce, cipher.encrypt(nonce, b"sealed", None), None) == b"sealed", "wrong plaintext")
    argon2.low_level.hash_secret_raw(b"passphrase", bytes(16), 1, 1024, 1, 32, argon2.Type.ID)
    return "AES-GCM and Argon2id"


def _devices() -> str:
    try:
        import sounddevice
    except OSError as error:
        raise _NotHere(f"{error}; on Debian: apt-get install libportaudio2 libasound2-plugins") from error
    return f"{sounddevice.get_portaudio_version()[1]}, {len(sounddevice.query_devices())} devices"


def _assets() -> str:
    from assets import asset_bytes
    from models.manifest import shipped

    for name in ("fonts/TingbanSans-Regular.otf", "fonts/OFL.txt", "icons/tingban.svg", "i18n/tingban_zh_CN.qm"):
        _require(len(asset_bytes(name)) > 0, f"{name} is empty")
    return f"font, icons, translations; weights known: {', '.join(model.passport.name for model in shipped().models)}"


def _window() -> str:
    qt = find_spec("PySide6")
    # Beside a worker lie the window's Qt libraries; a package without its Python part is not ours to use.
    if qt is None or qt.origin is None:
        raise _NotHere("this executable was built without Qt")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QFontDatabase, QFontMetrics, QImage, QPainter
    from PySide6.QtWidgets import QApplication

    from assets import asset_bytes

    application = QApplication.instance() or QApplication(["self-test"])
    font_id = QFontDatabase.addApplicationFontFromData(asset_bytes("fonts/TingbanSans-Regular.otf"))
    _require(font_id >= 0, "the bundled font does not load")
    image = QImage(64, 32, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    _require(QFontMetrics(painter.font()).height() > 0, "no font")
    painter.drawText(4, 24, "听伴")
    painter.end()
    platform = application.platformName() if isinstance(application, QApplication) else ""
    return f"Qt {qVersion()} on {platform}"


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)


CHECKS: dict[str, Callable[[], str]] = {
    "audio files": _audio_files,
    "voice activity": _voice_activity,
    "recogniser": _recogniser,
    "script": _script,
    "turn end": _turn_end,
    "digits": _digits,
    "mask": _mask,
    "store": _store,
    "keys": _keys,
    "devices": _devices,
    "assets": _assets,
    "window": _window,
}


if __name__ == "__main__":
    raise SystemExit(main())
