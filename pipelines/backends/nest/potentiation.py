"""Plastic weights as they are now, from those that NEST shows: as last transmitted.

What lies between is the potentiation by the postsynaptic spikes that have reached the synapse
since the last presynaptic one, and that follows from the spikes (row "weight read back"; seen in
NEST 3.10.0). NEST adds it when the next presynaptic spike arrives, also to a weight that is set in
between (row "changes in mid-run"): so the weight to write is the one from which it leads to the
wanted one, by the rule turned round step by step.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np

from ..shared.plasticity_rules import PAIRINGS, TRIPLET, VOGELS
from ..shared.recordable import members
from .kernel_time import registry

# What is read here of NEST's synapses, by rule.
NAMES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(PAIRINGS, ("Wmax", "lambda", "tau_plus", "mu_plus")),
    TRIPLET: ("Wmax", "Aplus", "Aplus_triplet", "tau_plus", "Kplus"),
    VOGELS: ("Wmax", "eta", "tau", "Kplus"),
}
for _name in ("pair_rule", "presynaptic_centred"):
    NAMES[_name] = (*NAMES[_name], "Kplus")

# Time constants after which nothing is left of a trace: exp(-40) is below the last bit.
_TRACE_ENDS = 40.0

# Of each synapse, arrays of shape (n,): neurons (`pre`, `post`), both parts of its delay in steps
# (`axonal`, `steps`), and what NEST holds, by its names (times in ms).
Held = dict[str, np.ndarray]


def note_spikes(population: Any) -> None:
    """Have the spikes of a population, view or assembly recorded from the next run on."""
    for member in members(population):
        getattr(member, "grandparent", member).recorder.note_spikes()


def spikes_of(population: Any, recent: bool = False) -> list[np.ndarray]:
    """Steps of the spikes until now of each cell of a population, view or assembly, ascending.

    If only recent ones are wanted, those are left out that another spike of the cell has followed
    to all of its synapses.
    """
    trains = []
    for member in members(population):
        recorder = getattr(member, "grandparent", member).recorder
        ids, steps = recorder.recent_spikes() if recent else recorder.spikes_of_all()
        order = np.lexsort((steps, ids))
        ids, steps = ids[order], steps[order]
        cells = np.asarray(member.all_cells, dtype=np.int64)
        first, last = (np.searchsorted(ids, cells, side) for side in ("left", "right"))
        trains += [steps[a:b] for a, b in zip(first, last, strict=True)]
    return trains


def all_spiked_since(cells: np.ndarray, steps: np.ndarray) -> int:
    """Step since which every cell that spiked has spiked again, and that has reached its synapses.

    Parameters
    ----------
    cells, steps : ndarray of int, shape (n,)
        Spikes; each cell's last one before them, if there was one, is among them.
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
    """First step of which a synapse may still need the spikes.

    Parameters
    ----------
    spiked_since
        The smallest number that `all_spiked_since` gave of a population with plastic synapses.
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


def last_arrivals(held: Held, pre_spikes: list[np.ndarray]) -> np.ndarray:
    """Step until now in which a presynaptic spike last reached each synapse, -1 where none did.

    Recent presynaptic spikes are enough.
    """
    last = np.full(held["pre"].shape, -1, dtype=np.int64)
    for (neuron, delay), rows in _groups(held["pre"], held["axonal"]):
        arrivals = pre_spikes[int(neuron)] + int(delay)
        arrivals = arrivals[arrivals <= registry.present_step]
        if arrivals.size:
            last[rows] = arrivals[-1]
    return last


class Potentiation:
    """Potentiation of synapses since their last presynaptic spike, until now.

    Parameters
    ----------
    rule
        Name of the rule.
    held
        The synapses, with the parameters by which they are potentiated.
    last : ndarray of int, shape (n,)
        From `last_arrivals`.
    post_spikes
        From `spikes_of`.
    slow_tau : ndarray, shape (n,)
        For the triplet rule, `tau_minus_triplet` in ms.
    """

    def __init__(
        self,
        rule: str,
        held: Held,
        last: np.ndarray,
        post_spikes: list[np.ndarray],
        slow_tau: np.ndarray,
    ) -> None:
        self._w_max = held["Wmax"]
        self._mu = held.get("mu_plus", np.zeros(last.shape))
        # Synapses that a postsynaptic spike reaches, and what it adds, in units of w_max, to one
        # without weight; in the order of time for each synapse.
        self._amounts: list[tuple[np.ndarray, np.ndarray]] = []
        for (neuron, delay), rows in _groups(held["post"], held["steps"]):
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
                amount = _amount(rule, held, due, last, arrivals[: k + 1], slow_tau)
                self._amounts.append((due, amount))

    def after(self, weights: np.ndarray) -> np.ndarray:
        """Weights now, of those as last transmitted; both in NEST's unit, of shape (n,)."""
        size = weights / self._w_max
        for due, amount in self._amounts:
            room = np.maximum(1 - size[due], 0.0)
            size[due] = np.minimum(size[due] + amount * room ** self._mu[due], 1.0)
        return size * self._w_max

    def before(self, weights: np.ndarray) -> np.ndarray:
        """Weights from which those lead to these; they can have the other sign than w_max."""
        size = weights / self._w_max
        changed = np.zeros(size.shape, dtype=bool)
        for due, amount in reversed(self._amounts):
            size[due] = _turned_round(size[due], amount, self._mu[due])
            changed[due] |= amount > 0
        return np.where(changed, size * self._w_max, weights)


def _amount(
    rule: str,
    held: Held,
    due: np.ndarray,
    last: np.ndarray,
    arrivals: np.ndarray,
    slow_tau: np.ndarray,
) -> np.ndarray:
    """What the last of some postsynaptic spikes adds to synapses, in units of w_max."""
    dt, step = registry.timestep, arrivals[-1]
    tau = held["tau" if rule == VOGELS else "tau_plus"][due]
    seen = np.exp((last[due] - step) * dt / tau)
    if "Kplus" in held:
        seen *= held["Kplus"][due]
    if rule in PAIRINGS:
        return np.asarray(held["lambda"][due] * seen)
    w_max = np.abs(held["Wmax"][due])
    if rule == VOGELS:
        return np.asarray(held["eta"][due] / w_max * seen)
    lags = np.subtract.outer(arrivals[:-1] - step, np.zeros(len(due))) * dt
    slow = np.sum(np.exp(lags / slow_tau[due]), axis=0)
    return np.asarray((held["Aplus"][due] + held["Aplus_triplet"][due] * slow) / w_max * seen)


def _turned_round(size: np.ndarray, amount: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """x with x + amount (1 - x)^mu = size; all of shape (n,), the amounts small."""
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


def _groups(*columns: np.ndarray) -> list[tuple[tuple[float, ...], np.ndarray]]:
    """Rows that share all values, as (values, row numbers)."""
    keys, which = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    order = np.argsort(np.ravel(which), kind="stable")
    bounds = np.searchsorted(np.ravel(which)[order], np.arange(1, len(keys)))
    return [
        (tuple(key), rows) for key, rows in zip(keys.tolist(), np.split(order, bounds), strict=True)
    ]
