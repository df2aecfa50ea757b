"""Weights as they are now, on a simulator that updates them at presynaptic spikes.

NEST shows a plastic weight as the last presynaptic spike carried it; Brian2 as it is now (row
"weight read back"; seen in PyNN 0.13.0, NEST 3.10.0). What lies between is the potentiation by
the postsynaptic spikes that have reached the synapse since, and that follows from the recorded
spikes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from ..collect import spikes
from ..shared.recorded import records_all
from .ahead import registry


def recorded_spikes(population: Any, label: str) -> list[np.ndarray]:
    """Steps of the spikes of each cell of a population, view or assembly, ascending.

    Raises
    ------
    Unsupported
        If the spikes of some cell are not recorded.
    """
    if not records_all(population, "spikes"):
        raise Unsupported(
            f"weight_now of projection {label!r}",
            f"the spikes of {population.label!r} are not recorded, and NEST shows a weight only"
            " as it was last transmitted",
            allowed="record('spikes') on both populations before the run; or weight_transmitted",
        )
    neuron, time_ms = spikes(population)
    step = np.rint(time_ms / registry.timestep).astype(np.int64)
    order = np.lexsort((step, neuron))
    bounds = np.searchsorted(neuron[order], np.arange(1, population.size))
    return np.split(step[order], bounds)


def potentiated(
    held: dict[str, np.ndarray], pre_spikes: list[np.ndarray], post_spikes: list[np.ndarray]
) -> np.ndarray:
    """Bring weights from the last presynaptic arrival up to the present.

    Parameters
    ----------
    held
        Of each synapse, arrays of shape (n,): neurons (`pre`, `post`), both parts of its delay in
        steps (`axonal`, `steps`), and what NEST holds, by its names (times in ms).

    Returns
    -------
    ndarray, shape (n,), in NEST's unit
    """
    dt, now = registry.timestep, registry.present_step
    last = np.full(held["pre"].shape, -1, dtype=np.int64)
    trace = np.zeros(last.shape)
    for (neuron, delay, tau), rows in _groups(held["pre"], held["axonal"], held["tau_plus"]):
        arrivals = pre_spikes[int(neuron)] + int(delay)
        arrivals = arrivals[arrivals <= now]
        if arrivals.size:
            last[rows] = arrivals[-1]
            trace[rows] = np.sum(np.exp((arrivals - arrivals[-1]) * dt / tau))
    weight = held["weight"] / held["Wmax"]
    for (neuron, delay), rows in _groups(held["post"], held["steps"]):
        arrivals = post_spikes[int(neuron)] + int(delay)
        for step in arrivals[arrivals <= now]:
            due = rows[(last[rows] >= 0) & (last[rows] < step)]
            lag = (last[due] - step) * dt
            gain = held["lambda"][due] * np.exp(lag / held["tau_plus"][due]) * trace[due]
            room = np.maximum(1 - weight[due], 0.0)
            weight[due] = np.minimum(weight[due] + gain * room ** held["mu_plus"][due], 1.0)
    return weight * held["Wmax"]


def _groups(*columns: np.ndarray) -> list[tuple[tuple[float, ...], np.ndarray]]:
    """Rows that share all values, as (values, row numbers)."""
    keys, which = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    order = np.argsort(np.ravel(which), kind="stable")
    bounds = np.searchsorted(np.ravel(which)[order], np.arange(1, len(keys)))
    return [
        (tuple(key), rows) for key, rows in zip(keys.tolist(), np.split(order, bounds), strict=True)
    ]
