"""Files, found through `importlib.resources`: icons, font, translations, the sample call.

In: a name such as `fonts/OFL.txt`. Out: its bytes, or a real path for as long as it is needed. May touch nothing else.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path


def asset_bytes(name: str) -> bytes:
    """Content of an asset. Raises: FileNotFoundError, which is a packaging bug."""
    return files(__name__).joinpath(*name.split("/")).read_bytes()


def asset_path(name: str) -> AbstractContextManager[Path]:
    """An asset as a file on disk, also from inside an archive; the path holds within the `with` block."""
    return as_file(files(__name__).joinpath(*name.split("/")))
