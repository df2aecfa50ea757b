"""Plastic weights as they are now, from those that NEST shows: as last transmitted.

What lies between is the potentiation by the postsynaptic spikes that have reached the synapse
since the last presynaptic one, and that follows from the recorded spikes (row "weight read back";
seen in NEST 3.10.0).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from ..collect import spikes
from ..shared.recorded import records_all
from ..shared.rules import PAIRINGS, TRIPLET, VOGELS
from .ahead import registry

# What `potentiated` reads of NEST's synapses, by rule.
NAMES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(PAIRINGS, ("Wmax", "lambda", "tau_plus", "mu_plus")),
    TRIPLET: ("Wmax", "Aplus", "Aplus_triplet", "tau_plus", "Kplus"),
    VOGELS: ("Wmax", "eta", "tau", "Kplus"),
}
for _name in ("pair_rule", "presynaptic_centred"):
    NAMES[_name] = (*NAMES[_name], "Kplus")


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
    rule: str,
    held: dict[str, np.ndarray],
    pre_spikes: list[np.ndarray],
    post_spikes: list[np.ndarray],
    slow_tau: np.ndarray,
) -> np.ndarray:
    """Bring weights from the last presynaptic arrival up to the present.

    Parameters
    ----------
    rule
        Name of the rule.
    held
        Of each synapse, arrays of shape (n,): neurons (`pre`, `post`), both parts of its delay in
        steps (`axonal`, `steps`), and what NEST holds, by its names (times in ms).
    slow_tau : ndarray, shape (n,)
        For the triplet rule, `tau_minus_triplet` in ms.

    Returns
    -------
    ndarray, shape (n,), in NEST's unit
    """
    dt, now = registry.timestep, registry.present_step
    last = np.full(held["pre"].shape, -1, dtype=np.int64)
    for (neuron, delay), rows in _groups(held["pre"], held["axonal"]):
        arrivals = pre_spikes[int(neuron)] + int(delay)
        arrivals = arrivals[arrivals <= now]
        if arrivals.size:
            last[rows] = arrivals[-1]
    # The presynaptic trace after the last arrival, until a postsynaptic spike uses it up.
    trace = held["Kplus"].copy() if "Kplus" in held else np.ones(last.shape)
    used_up = rule in PAIRINGS and PAIRINGS[rule].used_up
    tau = held["tau" if rule == VOGELS else "tau_plus"]
    weight = held["weight"] / held["Wmax"]
    for (neuron, delay), rows in _groups(held["post"], held["steps"]):
        arrivals = post_spikes[int(neuron)] + int(delay)
        arrivals = arrivals[arrivals <= now]
        for k, step in enumerate(arrivals):
            due = rows[(last[rows] >= 0) & (last[rows] < step)]
            seen = trace[due] * np.exp((last[due] - step) * dt / tau[due])
            if rule == VOGELS:
                gain = held["eta"][due] / np.abs(held["Wmax"][due]) * seen
            elif rule == TRIPLET:
                lags = np.subtract.outer(arrivals[:k] - step, np.zeros(len(due))) * dt
                slow = np.sum(np.exp(lags / slow_tau[due]), axis=0)
                amplitude = held["Aplus"][due] + held["Aplus_triplet"][due] * slow
                gain = amplitude / np.abs(held["Wmax"][due]) * seen
            else:
                room = np.maximum(1 - weight[due], 0.0)
                gain = held["lambda"][due] * seen * room ** held["mu_plus"][due]
            weight[due] = np.minimum(weight[due] + gain, 1.0)
            if used_up:
                trace[due] = 0.0
    return weight * held["Wmax"]


def _groups(*columns: np.ndarray) -> list[tuple[tuple[float, ...], np.ndarray]]:
    """Rows that share all values, as (values, row numbers)."""
    keys, which = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    order = np.argsort(np.ravel(which), kind="stable")
    bounds = np.searchsorted(np.ravel(which)[order], np.arange(1, len(keys)))
    return [
        (tuple(key), rows) for key, rows in zip(keys.tolist(), np.split(order, bounds), strict=True)
    ]
