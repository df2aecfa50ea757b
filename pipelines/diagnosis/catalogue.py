"""The catalogue of causes: every cause that may be named, what it predicts, and its rivals."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from pipelines.diagnosis import from_digests, from_inputs, from_weights, recording_kinds
from pipelines.diagnosis.cause_kind import CauseKind
from pipelines.diagnosis.kinds import spikes

# The most direct evidence first.
_MODULES: tuple[ModuleType, ...] = (
    from_digests,
    recording_kinds,
    from_inputs,
    from_weights,
    spikes,
)


def kinds() -> dict[str, CauseKind]:
    """All causes by name; a cause that several kinds of evidence show has one entry."""
    return {kind.name: kind for kind in _all()}


def _all() -> Iterator[CauseKind]:
    for module in _MODULES:
        yield from module.KINDS
