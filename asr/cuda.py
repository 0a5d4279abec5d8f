"""CUDA libraries from packages: CTranslate2 looks for cuBLAS by name and knows nothing of wheels.

Where cuBLAS came as a wheel (`pip install tingban[gpu]`) it lies in site-packages, on no search path. Once loaded by
its full path, CTranslate2's own `dlopen` finds it by name; on Windows the folder is put on the search path instead.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_LINUX = ("libcublasLt.so.12", "libcublas.so.12")
"""In the order of their dependence. `ctranslate2` 4.8 asks for the second."""


@cache
def load_libraries() -> None:
    """Load cuBLAS of the installed wheel, once, if there is one. CTranslate2 finds a system's own without this."""
    folder = wheel_folder()
    if folder is None:
        return
    # A damaged wheel, a system too old for it: CTranslate2 will say what it misses, and `doctor` repeats it.
    with suppress(OSError):
        if sys.platform == "win32":
            os.add_dll_directory(str(folder))
            # CTranslate2 loads by name along PATH, which `add_dll_directory` does not change.
            os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
        else:
            for name in _LINUX:
                ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL)


def wheel_folder() -> Path | None:
    """Where an installed cuBLAS wheel keeps its libraries."""
    try:
        found = find_spec("nvidia.cublas")
    except ModuleNotFoundError:
        # No NVIDIA wheel at all.
        return None
    places = list(found.submodule_search_locations or ()) if found else []
    inner = "bin" if sys.platform == "win32" else "lib"
    return next((folder for place in places if (folder := Path(place) / inner).is_dir()), None)
