from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.locks import FileLock, LockHeld


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    with pytest.raises(LockHeld):
        FileLock(tmp_path / "lock")
    lock.release()
    lock.release()
    FileLock(tmp_path / "lock").release()


def test_a_lock_holds_over_processes_and_ends_with_its_holder(tmp_path: Path) -> None:
    script = f"import sys; from pathlib import Path; from core.locks import FileLock; held = FileLock(Path({str(tmp_path / 'lock')!r})); print('held', flush=True); sys.stdin.read()"  # noqa: E501 - one argument
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().startswith(b"held")
        with pytest.raises(LockHeld):
            FileLock(tmp_path / "lock")
        holder.kill()
        holder.wait(60)
    FileLock(tmp_path / "lock").release()


def test_a_lock_in_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "nowhere" / "lock")
