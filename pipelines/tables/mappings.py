"""Values of the columns of `runs` that hold mappings, such as the sizes of populations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def as_mapping(value: object) -> dict[str, Any]:
    """A mapping in a row of `runs`, as `mapping_or_none` gives it; empty if there is none."""
    return mapping_or_none(value) or {}


def mapping_or_none(value: object) -> dict[str, Any] | None:
    """A mapping in a row of `runs`, whichever program wrote it and read it.

    Parameters
    ----------
    value
        A mapping, JSON text of one, or a list of pairs, which pandas makes of Parquet's maps.

    Returns
    -------
    dict or None
        None if `value` is none of these.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if isinstance(value, Mapping):
        return {str(name): entry for name, entry in value.items()}
    try:
        return {str(name): entry for name, entry in value}  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return None
