"""Fixtures that more than one room's tests use."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def desk_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of this test alone, inherited by the processes it starts; sockets, key and policy likewise."""
    folder = tmp_path / "desk"
    # A socket address is short, a test's folder is not.
    with tempfile.TemporaryDirectory(prefix="tb-") as runtime:
        monkeypatch.setenv("TINGBAN_DATA", str(folder))
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        monkeypatch.setenv("TINGBAN_POLICY", str(tmp_path / "no-policy.json"))
        for name in ("TINGBAN_KEY_FILE", "TINGBAN_EPHEMERAL", "TINGBAN_MODELS"):
            monkeypatch.delenv(name, raising=False)
        yield folder
