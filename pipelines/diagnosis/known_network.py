"""What the records of two runs say of their network: sources, projections, end of the run.

Tables from elsewhere may say nothing of it; then all of it is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.tables.mappings import as_mapping


@dataclass(frozen=True)
class KnownNetwork:
    """What is known of the network of two runs.

    Attributes
    ----------
    sources, cells
        Populations of spike sources, and of other cells; those of unknown type are in neither.
    projections
        For each projection the populations ``(pre, post)``; only those where both are known.
    end_ms
        End of the run in ms; NaN if unknown.
    """

    sources: frozenset[str]
    cells: frozenset[str]
    projections: Mapping[str, tuple[str, str]]
    end_ms: float

    def is_source(self, population: str) -> bool | None:
        """Whether a population consists of spike sources; None if that is unknown."""
        return population in self.sources if population in self.sources | self.cells else None

    def between(self, pre: set[str], post: set[str]) -> list[str]:
        """Projections from one of some populations to one of others."""
        return [n for n, (i, j) in self.projections.items() if i in pre and j in post]


def known_network(pair: Pair) -> KnownNetwork:
    """Collect what the records of both runs say of the network."""
    projections: dict[str, tuple[str, str]] = {}
    types: dict[str, Any] = {}
    for one in (pair.b, pair.a):
        types |= as_mapping(one.record.get("cell_types"))
        for name, said in as_mapping(one.record.get("projections")).items():
            if isinstance(said, Mapping) and said.get("pre") and said.get("post"):
                projections[str(name)] = (str(said["pre"]), str(said["post"]))
    recorded = {*pair.a.spikes["population"], *pair.b.spikes["population"]}
    sources: set[str] = set()
    if types:
        sources = {str(name) for name, kinds in types.items() if _only_sources(kinds)}
    elif projections:
        types = dict.fromkeys(recorded)
        sources = recorded - {post for _, post in projections.values()}
    ends = [_end_ms(one) for one in (pair.a, pair.b)]
    return KnownNetwork(
        frozenset(sources), frozenset({*types} - sources), projections,
        ends[0] if ends[0] == ends[1] else np.nan,
    )  # fmt: skip


def _only_sources(kinds: object) -> bool:
    names = [kinds] if isinstance(kinds, str) else list(kinds) if isinstance(kinds, list) else []
    return bool(names) and all("SpikeSource" in str(name) for name in names)


def _end_ms(one: Evidence) -> float:
    given = one.record.get("parameters")
    parameters = given if isinstance(given, Mapping) else {}
    for value in (
        one.record.get("simulated_ms"), one.record.get("duration"), parameters.get("duration")
    ):  # fmt: skip
        if isinstance(value, int | float) and not np.isnan(value):
            return float(value)
    return np.nan
