"""Present plastic weights, computed from NEST's, which are those at the last presynaptic spike.

The difference is the potentiation by postsynaptic spikes that have reached the synapse since its
last presynaptic spike, and is computed from the recorded spikes (row "weight read back"; seen in
NEST 3.10.0). NEST adds it when the next presynaptic spike arrives, also to a weight that is set in
between (row "changes in mid-run"). So the weight to write is the one from which this potentiation
leads to the requested weight, obtained by inverting the rule step by step.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np

from ..shared.pairings import PAIRINGS, TRIPLET, VOGELS
from ..shared.recordable import members
from .kernel_time import registry

# Parameters of NEST's synapses that determine potentiation, by rule.
POTENTIATION_PARAMETERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(PAIRINGS, ("Wmax", "lambda", "tau_plus", "mu_plus")),
    TRIPLET: ("Wmax", "Aplus", "Aplus_triplet", "tau_plus", "Kplus"),
    VOGELS: ("Wmax", "eta", "tau", "Kplus"),
}
for _name in ("pair_rule", "presynaptic_centred"):
    POTENTIATION_PARAMETERS[_name] = (*POTENTIATION_PARAMETERS[_name], "Kplus")

# Number of time constants after which a trace is negligible: exp(-40) is below the last bit.
_TRACE_ENDS = 40.0

# Values of synapses, arrays of shape (n,): indices of the neurons (`pre`, `post`), axonal and
# dendritic delay in time steps (`axonal`, `steps`), and parameters by NEST's names (times in ms).
NativeValues = dict[str, np.ndarray]


def record_all_spikes(population: Any) -> None:
    """Record the spikes of a population, view or assembly internally, from the next run on."""
    for member in members(population):
        getattr(member, "grandparent", member).recorder.record_all_spikes()


def spike_steps(population: Any, recent: bool = False) -> list[np.ndarray]:
    """Spikes of each cell up to the present, in time steps, ascending.

    Parameters
    ----------
    population
        Population, view or assembly, recorded by `record_all_spikes`.
    recent
        Whether to omit spikes after which a later one of the same cell has reached all synapses.

    Returns
    -------
    list of ndarray of int
        One array for each cell.
    """
    trains = []
    for member in members(population):
        recorder = getattr(member, "grandparent", member).recorder
        ids, steps = recorder.recent_spikes() if recent else recorder.all_spikes()
        order = np.lexsort((steps, ids))
        ids, steps = ids[order], steps[order]
        cells = np.asarray(member.all_cells, dtype=np.int64)
        first, last = (np.searchsorted(ids, cells, side) for side in ("left", "right"))
        trains += [steps[a:b] for a, b in zip(first, last, strict=True)]
    return trains


def all_spiked_since(cells: np.ndarray, steps: np.ndarray) -> int:
    """Step before which each spike has been followed by a later one of the same cell.

    Only later spikes that have reached all synapses count.

    Parameters
    ----------
    cells, steps : ndarray of int, shape (n,)
        Spikes, including the last one of each cell before the others.
    """
    arrived = registry.present_step - _longest_delay_steps()
    known = steps <= arrived
    if not known.any():
        return max(arrived, 0)
    _, cell = np.unique(cells[known], return_inverse=True)
    last = np.zeros(cell.max() + 1, dtype=np.int64)
    np.maximum.at(last, cell, steps[known])
    return int(last.min())


def first_needed_step(spiked_since: int) -> int:
    """First step whose spikes may still be needed for the potentiation of a synapse.

    Parameters
    ----------
    spiked_since
        The smallest value of `all_spiked_since` over the populations with plastic synapses.
    """
    traces = [
        np.nanmax(projection._taus[name], initial=0.0)
        for projection in registry.projections
        for name in getattr(projection, "_taus", ())
        if name == "tau_minus_triplet"
    ]
    of_trace = _TRACE_ENDS * max(traces, default=0.0) / registry.timestep
    return spiked_since - _longest_delay_steps() - int(np.ceil(of_trace))


def _longest_delay_steps() -> int:
    return round(float(nest.GetKernelStatus("max_delay")) / registry.timestep)


def last_arrivals(native: NativeValues, pre_spikes: list[np.ndarray]) -> np.ndarray:
    """Step of the last arrival of a presynaptic spike at each synapse, -1 if there was none.

    Recent presynaptic spikes (see `spike_steps`) are sufficient.
    """
    last = np.full(native["pre"].shape, -1, dtype=np.int64)
    for (neuron, delay), rows in _rows_by_value(native["pre"], native["axonal"]):
        arrivals = pre_spikes[int(neuron)] + int(delay)
        arrivals = arrivals[arrivals <= registry.present_step]
        if arrivals.size:
            last[rows] = arrivals[-1]
    return last


class Potentiation:
    """Potentiation of synapses from their last presynaptic spike to the present.

    Parameters
    ----------
    rule
        Name of the rule.
    native
        The synapses, with their `POTENTIATION_PARAMETERS`.
    last : ndarray of int, shape (n,)
        From `last_arrivals`.
    post_spikes
        From `spike_steps`.
    slow_tau : ndarray, shape (n,)
        For the triplet rule, `tau_minus_triplet` in ms.
    """

    def __init__(
        self,
        rule: str,
        native: NativeValues,
        last: np.ndarray,
        post_spikes: list[np.ndarray],
        slow_tau: np.ndarray,
    ) -> None:
        self._w_max = native["Wmax"]
        self._mu = native.get("mu_plus", np.zeros(last.shape))
        # Synapses that a postsynaptic spike reaches, and the increment at weight 0 in units of
        # w_max; in the order of time for each synapse.
        self._increments: list[tuple[np.ndarray, np.ndarray]] = []
        for (neuron, delay), rows in _rows_by_value(native["post"], native["steps"]):
            seen = rows[last[rows] >= 0]
            arrivals = post_spikes[int(neuron)] + int(delay)
            arrivals = arrivals[arrivals <= registry.present_step]
            if not seen.size or not arrivals.size:
                continue
            for k in range(
                int(np.searchsorted(arrivals, last[seen].min(), "right")), len(arrivals)
            ):
                due = seen[last[seen] < arrivals[k]]
                if rule in PAIRINGS and PAIRINGS[rule].resets_pre_trace and k > 0:
                    due = due[last[due] >= arrivals[k - 1]]
                amount = _increment(rule, native, due, last, arrivals[: k + 1], slow_tau)
                self._increments.append((due, amount))

    def apply(self, weights: np.ndarray) -> np.ndarray:
        """Present weights from those last transmitted; both in NEST's unit, shape (n,)."""
        size = weights / self._w_max
        for due, amount in self._increments:
            room = np.maximum(1 - size[due], 0.0)
            size[due] = np.minimum(size[due] + amount * room ** self._mu[due], 1.0)
        return size * self._w_max

    def invert(self, weights: np.ndarray) -> np.ndarray:
        """Weights to which `apply` gives the ones passed; their sign can differ from w_max's."""
        size = weights / self._w_max
        changed = np.zeros(size.shape, dtype=bool)
        for due, amount in reversed(self._increments):
            size[due] = _invert_increment(size[due], amount, self._mu[due])
            changed[due] |= amount > 0
        return np.where(changed, size * self._w_max, weights)


def _increment(
    rule: str,
    native: NativeValues,
    due: np.ndarray,
    last: np.ndarray,
    arrivals: np.ndarray,
    slow_tau: np.ndarray,
) -> np.ndarray:
    """Increment at weight 0 by the last of some postsynaptic spikes, in units of w_max."""
    dt, step = registry.timestep, arrivals[-1]
    tau = native["tau" if rule == VOGELS else "tau_plus"][due]
    seen = np.exp((last[due] - step) * dt / tau)
    if "Kplus" in native:
        seen *= native["Kplus"][due]
    if rule in PAIRINGS:
        return np.asarray(native["lambda"][due] * seen)
    w_max = np.abs(native["Wmax"][due])
    if rule == VOGELS:
        return np.asarray(native["eta"][due] / w_max * seen)
    lags = np.subtract.outer(arrivals[:-1] - step, np.zeros(len(due))) * dt
    slow = np.sum(np.exp(lags / slow_tau[due]), axis=0)
    return np.asarray((native["Aplus"][due] + native["Aplus_triplet"][due] * slow) / w_max * seen)


def _invert_increment(size: np.ndarray, amount: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """Solution x of x + amount (1 - x)^mu = size; all of shape (n,), small amounts."""
    found = np.where(mu == 1, (size - amount) / (1 - amount), size - amount)
    odd = np.flatnonzero((mu != 0) & (mu != 1))
    if odd.size:
        size, amount, mu = size[odd], amount[odd], mu[odd]
        high, width = size.copy(), amount.copy()
        low = size - width
        while np.any(above := low + amount * (1 - low) ** mu > size):
            width = np.where(above, 2 * width, width)
            low = np.where(above, low - width, low)
        for _ in range(100):
            middle = (low + high) / 2
            above = middle + amount * np.maximum(1 - middle, 0.0) ** mu > size
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        found[odd] = (low + high) / 2
    return found


def _rows_by_value(*columns: np.ndarray) -> list[tuple[tuple[float, ...], np.ndarray]]:
    """Groups of rows with equal values in all columns, as (values, row numbers)."""
    keys, which = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    order = np.argsort(np.ravel(which), kind="stable")
    bounds = np.searchsorted(np.ravel(which)[order], np.arange(1, len(keys)))
    return [
        (tuple(key), rows) for key, rows in zip(keys.tolist(), np.split(order, bounds), strict=True)
    ]
