"""Fixtures for the rooms of models."""

from __future__ import annotations

from tests.harness.weights import installed_base

__all__ = ["installed_base"]
