"""Whether the weights of a projection change in a run, and the populations that it connects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.tables.mappings import as_mapping

# Change of a weight between two readings, as a share of the largest, that is no rounding.
_CHANGED = 1e-9


def plastic_projections(pair: Pair) -> dict[str, bool | None]:
    """For each projection with weights, whether it is plastic in one of two runs.

    Returns
    -------
    dict
        Name of the projection -> True, False, or None if neither the record nor the readings of
        the weights tell. Records come first. Readings at several times can only show that weights
        change: those of plastic synapses between silent neurons do not.
    """
    names = sorted({str(name) for one in (pair.a, pair.b) for name in one.weights["projection"]})
    return {name: _is_plastic(pair, name) for name in names}


def recorded_facts(run: Evidence, name: str) -> Mapping[str, Any]:
    """What a run's record says of a projection: ``pre``, ``post``, ``plastic`` and others."""
    facts = as_mapping(run.record.get("projections")).get(name)
    return facts if isinstance(facts, Mapping) else {}


def is_sample(run: Evidence, name: str) -> bool:
    """Whether the last weights of a projection are of some of its connections."""
    facts = recorded_facts(run, name)
    return "recorded_connections" in facts and not facts.get("all_at_end")


def is_partly_recorded(run: Evidence, population: object) -> bool:
    """Whether spikes of some neurons of a population were not recorded, while others were."""
    some = as_mapping(run.record.get("recorded_neurons")).get(str(population))
    return isinstance(some, Mapping) and "spikes" in some


def _is_plastic(pair: Pair, name: str) -> bool | None:
    known = [recorded_facts(one, name).get("plastic") for one in (pair.a, pair.b)]
    if True in known or any(_weights_change(one.weights, name) for one in (pair.a, pair.b)):
        return True
    return False if False in known else None


def _weights_change(weights: pd.DataFrame, name: str) -> bool:
    """Whether a weight of a projection differs between two readings of a run."""
    readings = [values for _, values in readings_of(weights, name)]
    first = readings[0] if readings else None
    if first is None or any(len(values["weight"]) != len(first["weight"]) for values in readings):
        return False
    largest = max(float(np.abs(values["weight"]).max()) for values in readings)
    return any(
        bool(np.any(np.abs(values["weight"] - first["weight"]) > _CHANGED * largest))
        for values in readings[1:]
    )


def readings_of(weights: pd.DataFrame, name: str) -> Iterator[tuple[float, dict[str, np.ndarray]]]:
    """Readings of a projection's weights, in order of time.

    Yields
    ------
    time_ms, values
        Time of the reading, and its columns ``pre``, ``post``, ``delay_ms`` and ``weight``, each
        of shape (n_synapses,). Synapses are in order of pre, post and delay; those of one pair
        with the same delay keep their order in the table.
    """
    rows = weights[weights["projection"] == name]
    for time, reading in rows.groupby("time_ms", sort=True):
        ordered = reading.sort_values(["pre", "post", "delay_ms"], kind="stable")
        columns = ("pre", "post", "delay_ms", "weight")
        yield float(time), {column: ordered[column].to_numpy() for column in columns}
