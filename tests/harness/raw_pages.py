"""What lies in a SQLCipher store once the desk key is known: every page, free ones and those of the log too.

Format: SQLCipher 4, raw key; a page is AES-256-CBC, its last 80 bytes are the vector and the authentication code.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.keys import DeskKey

PAGE_BYTES = 4096
_RESERVED_BYTES = 80
_SALT_BYTES = 16
_LOG_HEAD_BYTES = 32
_FRAME_HEAD_BYTES = 24


def decrypted_pages(database: Path, key: DeskKey) -> bytes:
    """All pages of the file and of its write-ahead log, in clear."""
    pages = [_clear(page, key, first=not number) for number, page in enumerate(_pages(database.read_bytes(), 0, 0))]
    log = database.with_name(f"{database.name}-wal")
    if log.exists():
        content = log.read_bytes()
        heads = range(_LOG_HEAD_BYTES, len(content) - PAGE_BYTES, PAGE_BYTES + _FRAME_HEAD_BYTES)
        firsts = [content[start : start + 4] == b"\x00\x00\x00\x01" for start in heads]
        frames = _pages(content, _LOG_HEAD_BYTES, _FRAME_HEAD_BYTES)
        pages += [_clear(page, key, first=first) for page, first in zip(frames, firsts, strict=True)]
    assert b"CREATE TABLE" in b"".join(pages)
    return b"".join(pages)


def _pages(content: bytes, start: int, skipped: int) -> Iterator[bytes]:
    for place in range(start, len(content) - PAGE_BYTES - skipped + 1, PAGE_BYTES + skipped):
        yield content[place + skipped : place + skipped + PAGE_BYTES]


def _clear(page: bytes, key: DeskKey, *, first: bool) -> bytes:
    body, vector = page[:-_RESERVED_BYTES], page[-_RESERVED_BYTES : 16 - _RESERVED_BYTES]
    decryptor = Cipher(algorithms.AES(key.secret), modes.CBC(vector)).decryptor()
    return decryptor.update(body[_SALT_BYTES if first else 0 :]) + decryptor.finalize()
