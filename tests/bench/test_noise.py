import numpy as np
import pytest

from tests.harness.noise import NOISE_KINDS, RATE_HZ, NoiseKind, mix, noise

SOUNDING = [kind for kind in NOISE_KINDS if kind != "silence"]


def rms_db(samples: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(samples[samples != 0].astype(float) ** 2)))


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_a_seed_makes_one_signal(kind: NoiseKind) -> None:
    made = noise(kind, 6.5, seed=3)
    assert made.dtype == np.float32
    assert made.shape == (round(6.5 * RATE_HZ),)
    assert np.abs(made).max() <= 1
    assert np.array_equal(made, noise(kind, 6.5, seed=3))


@pytest.mark.parametrize("kind", SOUNDING)
def test_level_is_kept(kind: NoiseKind) -> None:
    assert rms_db(noise(kind, 10, seed=1, level_db=-40)) == pytest.approx(-40, abs=0.1)


@pytest.mark.parametrize("kind", ["room", "fan", "line", "dtmf", "music_piano", "music_band", "music_voice"])
def test_another_seed_makes_another_signal(kind: NoiseKind) -> None:
    assert not np.array_equal(noise(kind, 3, seed=1), noise(kind, 3, seed=2))


def test_silence_is_silent() -> None:
    assert not noise("silence", 1, seed=1).any()


@pytest.mark.parametrize(("kind", "on_s", "off_s"), [("ringback", 1.0, 4.0), ("busy", 0.35, 0.35)])
def test_call_progress_tones_have_their_pitch_and_cadence(kind: NoiseKind, on_s: float, off_s: float) -> None:
    tone = noise(kind, 20, seed=1)
    sounding = float(np.mean(np.abs(tone) > 1e-4))
    assert sounding == pytest.approx(on_s / (on_s + off_s), abs=0.01)
    first = tone[: int(on_s * RATE_HZ)]
    peak_hz = np.fft.rfftfreq(len(first), 1 / RATE_HZ)[np.argmax(np.abs(np.fft.rfft(first)))]
    assert peak_hz == pytest.approx(450, abs=3)
    assert not tone[int((on_s + 0.01) * RATE_HZ) : int((on_s + off_s - 0.01) * RATE_HZ)].any()


@pytest.mark.parametrize("snr_db", [0.0, 15.0])
def test_speech_and_noise_stand_in_the_stated_ratio(snr_db: float) -> None:
    speech = np.zeros(4 * RATE_HZ, dtype=np.float32)
    speech[RATE_HZ : 2 * RATE_HZ] = noise("music_voice", 1, seed=5, level_db=-30)
    mixed = mix(speech, noise("fan", 2, seed=1), snr_db)
    assert mixed.shape == speech.shape
    noise_db = rms_db(mixed[2 * RATE_HZ :])
    assert -30 - noise_db == pytest.approx(snr_db, abs=1)


def test_silence_as_noise_leaves_speech_alone() -> None:
    speech = noise("music_voice", 1, seed=5)
    assert np.array_equal(mix(speech, noise("silence", 1, seed=1), 10), speech)
