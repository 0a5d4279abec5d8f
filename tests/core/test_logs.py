from __future__ import annotations

import gc
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import StoreFault
from core.logs import LOG_BYTES, LOG_FILES_KEPT, shown, start_logging
from core.messages import AudioChunk, CallOpened, Caption
from core.types import MaskedUtterance, Utterance, Word

WORDS = "你这个骗子还我血汗钱"
CARD = "6222 0202 0000 1234 567"
NUMBER = "13800138000"
CANARIES = (WORDS, "骗子", CARD, CARD.replace(" ", ""), NUMBER, "0202 0000", "8013800")

CALL = CallOpened("call-7", 1, "cli", NUMBER, WORDS)
UTTERANCE = Utterance("call-7-c-100", "customer", 100, 900, WORDS, (Word(WORDS, 100, 900, 0.9),))
CAPTION = Caption("call-7", MaskedUtterance("call-7-c-100", "customer", 100, 900, WORDS), 950)

log = logging.getLogger("core.test")


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Logging as a process of the product has it; gives what lies in its files."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook
    root.handlers.clear()
    start_logging("tester", folder=tmp_path)
    yield lambda: "".join(file.read_text("utf-8") for file in sorted(tmp_path.glob("tester.log*")))
    for handler in root.handlers:
        handler.close()
    logging.captureWarnings(capture=False)
    root.handlers, level, sys.excepthook, threading.excepthook, sys.unraisablehook = before
    root.setLevel(level)


def raising_with_content() -> None:
    spoken = WORDS
    try:
        int(spoken)
    except ValueError as error:
        raise KeyError(CARD, NUMBER) from error


def full_disk() -> None:
    raise OSError(28, WORDS)


def assert_clean(text: str) -> None:
    assert text
    for canary in CANARIES:
        assert canary not in text


def test_ids_lengths_and_durations_are_written(written: Callable[[], str]) -> None:
    log.info("Call %s: %d utterances in %.1f s, %s", "call-7", 3, 1.25, True)
    line = written()
    assert "INFO tester[" in line
    assert line.endswith("core.test: Call call-7: 3 utterances in 1.2 s, True\n")


BEARERS = [
    WORDS,
    CARD,
    NUMBER,
    f"call {NUMBER}",
    CALL,
    UTTERANCE,
    CAPTION,
    AudioChunk("c", "agent", 0, WORDS.encode()),
    [WORDS],
    {"said": WORDS},
    WORDS.encode(),
    bytearray(CARD.encode()),
    ValueError(WORDS),
    Path("folder") / WORDS,
]


@pytest.mark.parametrize("argument", BEARERS, ids=lambda bearer: type(bearer).__name__)
def test_content_in_an_argument_is_reduced(written: Callable[[], str], argument: object) -> None:
    log.warning("Got %s", argument)
    log.warning("Got %(what)s", {"what": argument})
    assert_clean(written())


def test_content_in_the_message_itself_is_withheld(written: Callable[[], str]) -> None:
    log.warning(f"heard {WORDS}")  # noqa: G004 - the mistake that is guarded against
    log.warning(UTTERANCE)
    log.warning("card " + CARD)  # noqa: G003 - likewise
    assert_clean(written())


def test_a_traceback_has_places_and_types_and_nothing_else(written: Callable[[], str]) -> None:
    try:
        raising_with_content()
    except KeyError:
        log.exception("It failed")
    text = written()
    assert_clean(text)
    assert "core/test_logs.py" in text
    assert "in raising_with_content" in text
    assert text.index("ValueError") < text.index("KeyError")
    assert "spoken" not in text


def test_our_own_faults_and_errno_stand_in_a_traceback(written: Callable[[], str]) -> None:
    try:
        try:
            full_disk()
        except OSError as error:
            raise StoreFault("The disk is full.", remedy="Make room.") from error
    except StoreFault:
        log.exception("It failed")
    text = written()
    assert_clean(text)
    assert "OSError (errno 28)" in text
    assert "StoreFault: The disk is full. Make room." in text


def test_a_suppressed_cause_is_left_out(written: Callable[[], str]) -> None:
    try:
        try:
            full_disk()
        except OSError:
            raise ValueError from None
    except ValueError:
        log.exception("It failed")
    assert "OSError" not in written()


def test_errors_nobody_catches_in_a_thread_are_written_without_values(written: Callable[[], str]) -> None:
    thread = threading.Thread(target=raising_with_content, name="worker-1")
    thread.start()
    thread.join()
    assert_clean(written())
    assert "Thread worker-1 ends" in written()


def test_a_thread_that_exits_is_no_error(written: Callable[[], str]) -> None:
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
    assert written() == ""


def test_errors_in_destructors_and_warnings_are_written_without_values(written: Callable[[], str]) -> None:
    class Bad:
        def __del__(self) -> None:
            raise_content = ValueError(WORDS)
            raise raise_content

    Bad()
    gc.collect()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(WORDS, stacklevel=1)
    assert_clean(written())
    assert "destructor" in written()


def test_libraries_are_heard_from_warnings_on(written: Callable[[], str]) -> None:
    logging.getLogger("faster_whisper").info("Processing %s", "audio")
    logging.getLogger("faster_whisper").warning("Beware of %s", WORDS)
    assert "Processing" not in written()
    assert "Beware" in written()
    assert_clean(written())


def test_the_log_rotates_and_does_not_grow_without_bound(written: Callable[[], str], tmp_path: Path) -> None:
    line = "x" * 10_000
    for _ in range((LOG_FILES_KEPT + 2) * LOG_BYTES // len(line)):
        log.info(line)
    files = list(tmp_path.glob("tester.log*"))
    assert len(files) == LOG_FILES_KEPT + 1
    assert all(file.stat().st_size <= LOG_BYTES for file in files)


@pytest.mark.parametrize("to_stderr", [True, False])
def test_a_process_that_dies_of_an_error_tells_places_alone(tmp_path: Path, to_stderr: bool) -> None:
    script = (
        "from pathlib import Path; from core.logs import start_logging;"
        f"start_logging('tester', folder=Path({str(tmp_path)!r}), to_stderr={to_stderr});"
        f"said = {WORDS!r}; int(said)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    file = tmp_path / "tester.log"
    text = ended.stderr if to_stderr else file.read_text()
    assert ended.returncode == 1
    assert "CRITICAL" in text
    assert "ValueError" in text
    assert_clean(text)
    assert (ended.stderr == "") is not to_stderr
    assert file.exists() is not to_stderr


def test_ctrl_c_leaves_no_traceback(tmp_path: Path) -> None:
    script = "from core.logs import start_logging; start_logging('tester', to_stderr=True); raise KeyboardInterrupt"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert ended.stderr == ""


def test_where_the_log_cannot_be_written_standard_error_serves(tmp_path: Path) -> None:
    (tmp_path / "tester.log").mkdir()
    script = (
        "from pathlib import Path; from core.logs import start_logging;"
        f"start_logging('tester', folder=Path({str(tmp_path)!r}))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0
    assert "The log goes to standard error: IsADirectoryError" in ended.stderr


@pytest.mark.parametrize(
    ("value", "as_shown"),
    [
        (None, None),
        (7, 7),
        ("call-7", "call-7"),
        ("2026-11-22 00:34", "2026-11-22 00:34"),
        (WORDS, f"<{len(WORDS)} characters>"),
        (b"abc", "<bytes of 3>"),
        (StoreFault, "StoreFault"),
        (object(), "<object>"),
    ],
)
def test_how_values_are_shown(value: object, as_shown: object) -> None:
    assert shown(value) == as_shown
