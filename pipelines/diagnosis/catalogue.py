"""The catalogue of causes: every cause that may be named, what it predicts, and its rivals."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from pipelines.diagnosis.cause_kind import CauseKind
from pipelines.diagnosis.kinds import (
    build,
    connections,
    inputs,
    plasticity,
    recording,
    requests,
    spikes,
    states,
)

# Entries of `build` are short, as what was built is a fact: other entries come first.
_MODULES: tuple[ModuleType, ...] = (
    requests,
    recording,
    inputs,
    connections,
    states,
    plasticity,
    spikes,
    build,
)


def kinds() -> dict[str, CauseKind]:
    """All causes by name; a cause that several kinds of evidence show has one entry."""
    found: dict[str, CauseKind] = {}
    for kind in _all():
        found.setdefault(kind.name, kind)
    return found


def _all() -> Iterator[CauseKind]:
    for module in _MODULES:
        yield from module.KINDS
