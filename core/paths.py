"""Where things lie on a desk.

The environment is the one truth, so that child processes see the same folders: `--data` sets `TINGBAN_DATA` with
`choose_data_folder` before anything is opened.

| place | default | override |
| --- | --- | --- |
| data (store, sealed audio, settings, logs) | the user's data folder of the platform | `TINGBAN_DATA` |
| models | `models` in the data folder | `TINGBAN_MODELS` (weights shared between the accounts of a desk) |
| cache | the user's cache folder; `cache` in the data folder where that is overridden | with the data folder |
| runtime (sockets, tokens) | `$XDG_RUNTIME_DIR/tingban`, else `<temp>/tingban-<uid>` | with the data folder |
| policy | see `policy_file` | `TINGBAN_POLICY`, only where no system-wide policy exists |
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import tempfile
from pathlib import Path

import platformdirs

from core.errors import BadInput, EnvironmentFault

ENV_DATA = "TINGBAN_DATA"
ENV_MODELS = "TINGBAN_MODELS"
ENV_POLICY = "TINGBAN_POLICY"

LONGEST_SESSION_FOLDER = 60
"""In characters: leaves room for our names within the 104 bytes that macOS gives a socket address."""

_CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

PRIVATE_FOLDER_MODE = 0o700
PRIVATE_FILE_MODE = 0o600


def choose_data_folder(folder: Path) -> None:
    """Use `folder` as the data folder in this process and in the ones it starts."""
    os.environ[ENV_DATA] = str(folder.expanduser().absolute())


def private_folder(folder: Path) -> Path:
    """`folder`, made where missing, parents included; new ones are readable by their owner alone.

    Raises: EnvironmentFault when it cannot be made.
    """
    try:
        folder.mkdir(mode=PRIVATE_FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(
            f"The folder {folder} cannot be made: {error.strerror}.",
            remedy="Make room or give this account the right to write there, or choose another folder with --data.",
        ) from error
    return folder


def data_folder() -> Path:
    """Everything that is kept: store, settings, logs. Made where missing."""
    chosen = os.environ.get(ENV_DATA)
    return private_folder(Path(chosen).expanduser().absolute() if chosen else _platform_data())


def models_folder() -> Path:
    """Weights, outside the installation. Made where missing."""
    chosen = os.environ.get(ENV_MODELS)
    return private_folder(Path(chosen).expanduser().absolute() if chosen else data_folder() / "models")


def cache_folder() -> Path:
    """What can be made again. Made where missing."""
    if os.environ.get(ENV_DATA):
        return private_folder(data_folder() / "cache")
    return private_folder(Path(platformdirs.user_cache_dir("Tingban", appauthor=False)))


def logs_folder() -> Path:
    """One rotating log a process role. Made where missing."""
    return private_folder(data_folder() / "logs")


def settings_file() -> Path:
    """The person's settings; it may be missing."""
    return data_folder() / "settings.json"


def database_file() -> Path:
    """The encrypted store; it may be missing."""
    return data_folder() / "tingban.db"


def call_folder(call_id: str) -> Path:
    """Sealed audio of one call; it may be missing. Raises: BadInput for an id that is no plain name."""
    if not _CALL_ID.fullmatch(call_id):
        raise BadInput("A call's id is not made of letters, digits, - and _.")
    return data_folder() / "calls" / call_id


def supervisor_keys_file() -> Path:
    """Public keys of the supervisors, one a line; it may be missing."""
    return data_folder() / "supervisors.pub"


def policy_keys_file() -> Path:
    """The supervisors' public keys as the administrator sets them, beside the policy; it may be missing.

    Where it exists it stands in place of the person's file. `TINGBAN_POLICY` moves it under the same condition as the
    policy itself.
    """
    place = _system_policy().with_name("supervisors.pub")
    chosen = os.environ.get(ENV_POLICY)
    if chosen and not place.exists() and not _system_policy().exists():
        return Path(chosen).with_name("supervisors.pub")
    return place


def policy_file() -> Path:
    """The administrator's settings, which win over the person's; it may be missing.

    `TINGBAN_POLICY` is for tests and trials: it is heeded only where the system-wide place is empty, so that nobody
    steps out of a policy by setting a variable.
    """
    place = _system_policy()
    chosen = os.environ.get(ENV_POLICY)
    if chosen and not place.exists():
        return Path(chosen)
    return place


def runtime_folder() -> Path:
    """Sockets and run tokens of this data folder's processes; short enough for a socket address.

    Raises: EnvironmentFault when somebody else owns the place.
    """
    root = _owned_folder(_runtime_root())
    scope = hashlib.sha256(str(data_folder()).encode()).hexdigest()[:8]
    return _owned_folder(root / scope)


def _platform_data() -> Path:
    return Path(platformdirs.user_data_dir("Tingban", appauthor=False))


def _system_policy() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Tingban" / "policy.json"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/Tingban/policy.json")
    return Path("/etc/tingban/policy.json")


def _runtime_root() -> Path:
    if sys.platform == "win32":
        return _platform_data() / "run"
    session = os.environ.get("XDG_RUNTIME_DIR")
    if session and len(session) <= LONGEST_SESSION_FOLDER and os.access(session, os.W_OK):
        return Path(session) / "tingban"
    return Path(tempfile.gettempdir()) / f"tingban-{os.getuid()}"


def _owned_folder(folder: Path) -> Path:
    """`folder`, made private; refused where another account put it there first, as anyone may in a temp folder."""
    private_folder(folder)
    if sys.platform == "win32":
        # Under the profile, whose access list keeps other accounts out.
        return folder
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise EnvironmentFault(
            f"The folder {folder} belongs to somebody else.",
            remedy="Ask your administrator to remove it, then start again.",
        )
    if found.st_mode & 0o077:
        folder.chmod(PRIVATE_FOLDER_MODE)
    return folder


def write_private(file: Path, data: bytes) -> None:
    """Replace `file` by `data` in one step, readable by its owner alone: a crash leaves the old or the new, whole.

    Raises: EnvironmentFault when it cannot be written; the old file then stands as it was.
    """
    private_folder(file.parent)
    temporary: Path | None = None
    try:
        # mkstemp makes its files with mode 0600.
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise EnvironmentFault(
            f"The file {file} cannot be written: {error.strerror}.",
            remedy="Make room on the disk or give this account the right to write there.",
        ) from error
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut; Windows does that by itself and has no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
