"""The real weights. A test that needs them fails without them: it does not pass over what it should show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.engine import engine_choice
from core.errors import ModelFault
from core.paths import ENV_DATA, ENV_MODELS, cache_folder, models_folder
from models.store import InstalledModel, ModelStore


@pytest.fixture(scope="session")
def installed_base() -> InstalledModel:
    """Whisper base in the models folder of whoever runs the tests, whatever folders a test has for itself."""
    try:
        return ModelStore(models_folder()).resolve("base")
    except ModelFault as fault:
        pytest.fail(str(fault))


@pytest.fixture(scope="session")
def remembered_engine(installed_base: InstalledModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The choice of device and threads, tried once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENV_DATA, str(tmp_path_factory.mktemp("engine")))
        engine_choice(installed_base, "auto", 0)
        return cache_folder() / "engine.json"


@pytest.fixture
def desk_with_models(
    desk_folder: Path, installed_base: InstalledModel, remembered_engine: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A data folder of this test alone beside the weights that are there, its engine already chosen."""
    monkeypatch.setenv(ENV_MODELS, str(installed_base.path.parent))
    shutil.copy(remembered_engine, cache_folder())
    return desk_folder
