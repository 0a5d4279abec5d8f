"""The real weights. A test that needs them fails without them: it does not pass over what it should show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import ModelFault
from core.paths import ENV_MODELS, models_folder
from models.store import InstalledModel, ModelStore


@pytest.fixture(scope="session")
def installed_base() -> InstalledModel:
    """Whisper base in the models folder of whoever runs the tests, whatever folders a test has for itself."""
    try:
        return ModelStore(models_folder()).resolve("base")
    except ModelFault as fault:
        pytest.fail(str(fault))


@pytest.fixture
def desk_with_models(desk_folder: Path, installed_base: InstalledModel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test alone beside the weights that are there."""
    monkeypatch.setenv(ENV_MODELS, str(installed_base.path.parent))
    return desk_folder


def environment(data: Path, **more: str) -> dict[str, str]:
    """For processes that use a data folder and the weights."""
    return os.environ | {"TINGBAN_DATA": str(data)} | more
