"""The real weights, and a data folder beside them."""

from __future__ import annotations

from tests.harness.weights import desk_with_models, installed_base, remembered_engine

__all__ = ["desk_with_models", "installed_base", "remembered_engine"]
