"""A lock file: who holds it is alone, over all processes of the machine, until released or dead."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core import paths


class LockHeld(Exception):
    """Somebody else holds the lock."""


class FileLock:
    """Holds `file` from construction to `release`; the system lets go of it when the process dies.

    Raises: LockHeld when another process or object holds it, OSError when the file cannot be made.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor: int | None = os.open(file, os.O_RDWR | os.O_CREAT, paths.PRIVATE_FILE_MODE)
        try:
            if sys.platform == "win32":
                import msvcrt  # noqa: PLC0415 - exists on Windows alone

                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl  # noqa: PLC0415 - exists on POSIX alone

                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            self.release()
            raise LockHeld(str(file)) from error
        except OSError:
            # A disk that knows no locks, for one.
            self.release()
            raise

    def release(self) -> None:
        """Idempotent. The file stays: removing it would let two processes lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
