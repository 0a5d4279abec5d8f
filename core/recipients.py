"""The supervisors' public keys of this desk: whom originals are sealed to.

A file of age recipients, one a line, `#` begins a comment; `age -R` reads it too. It lies in the data folder and is
written by this account alone; an administrator's file beside the policy stands in its place and cannot be changed from
here. A file that anybody else could have written is refused: whose key is in it decides who reads.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path

import pyrage
from pyrage import x25519

from core import paths
from core.errors import BadInput, KeyFault
from core.types import SupervisorKey

MAX_KEYS = 16
MAX_FILE_BYTES = 64 * 1024
SHORTEST_PREFIX = 8
"""Of a fingerprint that names a key: 32 bits, more than enough to tell sixteen apart."""

_FINGERPRINT_CHARS = 32
_WRITABLE_BY_OTHERS = 0o022
_HEAD = "# Public keys of the supervisors. Changed with: tingbanctl keys import-public, keys remove\n"


def fingerprint(public_key: str) -> str:
    """The short form that people compare: half a SHA-256, too much to find a second key for."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:_FINGERPRINT_CHARS]


def supervisor_key(public_key: str) -> SupervisorKey:
    """A public key with its fingerprint."""
    return SupervisorKey(fingerprint(public_key), public_key)


def public_keys(text: str, place: str) -> tuple[str, ...]:
    """The keys of a file of recipients, each once, in order.

    Raises: BadInput with the line where something else stands; a private key is told by name.
    """
    found: dict[str, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        key = line.strip()
        if not key or key.startswith("#"):
            continue
        if key.upper().startswith(("AGE-SECRET-KEY-", "AGE-ENCRYPTION", "-----BEGIN AGE")):
            raise BadInput(
                f"{place}, line {number}: this is a private key.",
                remedy="It must not come onto a desk. Give the file that ends in .pub.",
            )
        try:
            found[str(x25519.Recipient.from_str(key))] = None
        except pyrage.RecipientError:
            raise BadInput(
                f"{place}, line {number}: not a public key of supervisors.",
                remedy="It begins with age1, as `tingbanctl keys init` prints it.",
            ) from None
    if len(found) > MAX_KEYS:
        raise BadInput(f"{place}: more than {MAX_KEYS} public keys.", remedy="Remove those that are no longer used.")
    return tuple(found)


class SupervisorKeys:
    """The keys that are installed. Nothing is kept between calls: the file is the truth."""

    def __init__(self, file: Path | None = None, policy: Path | None = None) -> None:
        """By default the places of `core.paths`."""
        self._file = file or paths.supervisor_keys_file()
        self._policy = policy or paths.policy_keys_file()

    def locked(self) -> bool:
        """Whether the administrator's file holds instead of the person's."""
        return self._policy.exists()

    def installed(self) -> tuple[SupervisorKey, ...]:
        """The keys to seal to now, none where none is installed.

        Raises: KeyFault for a file that cannot be read, that others could have written, or that is damaged: sealing to
        nobody is safe, sealing to somebody unknown is not.
        """
        file = self._policy if self.locked() else self._file
        text = _trusted_text(file)
        try:
            return tuple(supervisor_key(key) for key in public_keys(text, str(file)))
        except BadInput as error:
            raise KeyFault(
                f"The supervisors' public keys are damaged: {error.sentence}",
                remedy="Remove that file and import the keys again: tingbanctl keys import-public FILE",
            ) from None

    def new_among(self, keys: tuple[str, ...]) -> tuple[SupervisorKey, ...]:
        """Those of `keys` that are not installed yet; nothing is changed.

        Raises: BadInput for something else than public keys, too many, or where the administrator's hold; KeyFault as
        `installed`.
        """
        self._refuse_locked()
        wanted = public_keys("\n".join(keys), "The keys to import")
        known = self.installed()
        new = tuple(key for key in map(supervisor_key, wanted) if key not in known)
        if len(known) + len(new) > MAX_KEYS:
            raise BadInput(
                f"This desk would have more than {MAX_KEYS} public keys.",
                remedy="Remove those that are no longer used.",
            )
        return new

    def install(self, keys: tuple[str, ...]) -> tuple[SupervisorKey, ...]:
        """Add public keys; returns those that were not there yet. Raises: as `new_among`; EnvironmentFault."""
        new = self.new_among(keys)
        if new:
            self._write([key.public_key for key in (*self.installed(), *new)])
        return new

    def named(self, prefix: str) -> SupervisorKey:
        """The installed key whose fingerprint begins so. Raises: BadInput when none or several do; KeyFault."""
        prefix = prefix.strip().lower()
        found = [key for key in self.installed() if key.fingerprint.startswith(prefix)]
        if len(prefix) < SHORTEST_PREFIX or len(found) != 1:
            raise BadInput(
                f"No single supervisors' key has a fingerprint that begins with {prefix!r}.",
                remedy=f"Give at least {SHORTEST_PREFIX} characters of one that `tingbanctl keys list` shows.",
            )
        return found[0]

    def remove(self, prefix: str) -> SupervisorKey:
        """Seal no more to the key whose fingerprint begins so; what was sealed to it stays so. Raises: as `named`."""
        self._refuse_locked()
        gone = self.named(prefix)
        self._write([key.public_key for key in self.installed() if key != gone])
        return gone

    def _refuse_locked(self) -> None:
        if self.locked():
            raise BadInput(
                f"The supervisors' public keys are set by your administrator in {self._policy}.",
                remedy="Ask them if they need to change.",
            )

    def _write(self, keys: list[str]) -> None:
        paths.write_private(self._file, (_HEAD + "".join(f"{key}\n" for key in keys)).encode())


def _trusted_text(file: Path) -> str:
    """What is in `file`, nothing where it is missing. Raises: KeyFault where others could have put it there."""
    try:
        with file.open("rb") as stream:
            found = os.fstat(stream.fileno())
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise KeyFault(
            f"The supervisors' public keys cannot be read: {file}: {error.strerror}.",
            remedy="Give this account the right to read it.",
        ) from error
    if sys.platform != "win32":
        others = found.st_uid not in (os.getuid(), 0) or found.st_mode & _WRITABLE_BY_OTHERS
        if others or not stat.S_ISREG(found.st_mode):
            raise KeyFault(
                f"The supervisors' public keys can be written by others: {file}.",
                remedy=f"Compare them with `tingbanctl keys list`, then run: chmod 600 '{file}'",
            )
    if len(content) > MAX_FILE_BYTES:
        raise KeyFault(f"The file of the supervisors' public keys is too long: {file}.", remedy="Import them again.")
    return content.decode("utf-8", "replace")
