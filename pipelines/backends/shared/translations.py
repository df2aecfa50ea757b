"""Translations of parameters that keep PyNN's names and units."""

from __future__ import annotations

from typing import Any

from pyNN.standardmodels import build_translations


def same_names(*names: str) -> dict[str, Any]:
    """Identity translations of these parameters."""
    return build_translations(*((name, name) for name in names))
