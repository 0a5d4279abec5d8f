"""Logging without content: ids, lengths and durations; never text, audio, numbers or keys.

Three guards stand behind the rule, because a rule alone is forgotten on a bad day:

- structs that bear text, audio or numbers have reprs that show lengths (`core.types.Discreet`);
- `ContentGuard` reduces every other argument of a log call, and every message, that could be somebody's words
  (anything outside ASCII) or number (a run of 11 digits or more: mobile numbers, cards, identity cards) to its length;
- tracebacks are written as file, line and function, with the type of the error and no message, unless the error is one
  of ours, whose sentences are free of content. Local values are never written.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import threading
from collections.abc import Iterator, Sized
from pathlib import Path
from types import TracebackType

import msgspec

from core import paths
from core.errors import TingbanError

LOG_BYTES = 1024 * 1024
LOG_FILES_KEPT = 3

_LONG_NUMBER = re.compile(r"\d(?:[ \-]?\d){10,}")

log = logging.getLogger(__name__)


def start_logging(role: str, *, folder: Path | None = None, to_stderr: bool = False) -> None:
    """Send this process's log to `<role>.log` in `folder` (the data folder's `logs`), or to standard error.

    Call once a process. Where the file cannot be written, standard error serves. Errors that nobody catches, in any
    thread, go to the log as well.
    """
    handler: logging.Handler = logging.StreamHandler()
    unwritable: Exception | None = None
    if not to_stderr:
        try:
            handler = logging.handlers.RotatingFileHandler(
                (folder or paths.logs_folder()) / f"{role}.log",
                maxBytes=LOG_BYTES,
                backupCount=LOG_FILES_KEPT,
                encoding="utf-8",
            )
        except (OSError, TingbanError) as error:
            # A full disk must not keep a call from being heard.
            unwritable = error
    handler.setFormatter(ContentFreeFormatter(role))
    handler.addFilter(ContentGuard())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    # Libraries write the words they work on at lower levels (prompts, decoded text).
    root.setLevel(logging.WARNING)
    for room in ("app", "asr", "core", "models", "records"):
        logging.getLogger(room).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    sys.unraisablehook = _log_unraisable
    if unwritable is not None:
        log.warning("The log goes to standard error: %s", unwritable)


def shown(value: object) -> object:
    """`value` as it may stand in a log: numbers and short ASCII as they are, anything else as type and length.

    Structs are shown by their repr, which for text-bearing ones holds lengths alone.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (str, Path)):
        return _shown_text(str(value))
    if isinstance(value, BaseException):
        kind = type(value).__name__
        return f"{kind}: {value}" if isinstance(value, TingbanError) else kind
    if isinstance(value, type):
        return value.__qualname__
    if isinstance(value, msgspec.Struct):
        return _shown_text(repr(value))
    size = f" of {len(value)}" if isinstance(value, Sized) else ""
    return f"<{type(value).__name__}{size}>"


def _shown_text(text: str) -> str:
    if text.isascii() and not _LONG_NUMBER.search(text):
        return text
    return f"<{len(text)} characters>"


class ContentGuard(logging.Filter):
    """Reduces what a log call was given, before any handler formats it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: the record stays, its content goes."""
        if isinstance(record.args, dict):
            record.args = {name: shown(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(shown(value) for value in record.args)
        record.msg = shown(record.msg)
        record.exc_text = record.stack_info = None
        return True


class ContentFreeFormatter(logging.Formatter):
    """`time level role[pid] logger: message`, tracebacks as places."""

    def __init__(self, role: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {role}[%(process)d] %(name)s: %(message)s")

    def formatException(  # noqa: N802 - the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """The chain of errors, innermost cause first."""
        return "\n".join(_places(ei[1])) if ei[1] is not None else ""


def _places(error: BaseException) -> Iterator[str]:
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    for item in reversed(chain):
        trace = item.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            place = "/".join(Path(code.co_filename).parts[-2:])
            yield f"  {place}:{trace.tb_lineno} in {code.co_name}"
            trace = trace.tb_next
        yield f"{shown(item)}" + (f" (errno {item.errno})" if isinstance(item, OSError) else "")


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("The process ends on an error nobody caught", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is None or isinstance(found.exc_value, SystemExit):
        return
    name = found.thread.name if found.thread else "?"
    log.critical(
        "Thread %s ends on an error nobody caught",
        name,
        exc_info=(found.exc_type, found.exc_value, found.exc_traceback),
    )


def _log_unraisable(found: sys.UnraisableHookArgs) -> None:
    if found.exc_value is not None:
        log.error(
            "An error in a destructor or callback was dropped",
            exc_info=(found.exc_type, found.exc_value, found.exc_traceback),
        )
