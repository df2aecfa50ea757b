"""The pair rule of spike-timing-dependent plasticity, as NEST's `stdp_synapse` has it.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): exponents of the Gutig rule that are ignored (row
"Gutig"); A_plus = 0, which turns depression off too; `tau_minus`, which is the neuron's and
which the last projection wins ("tau_minus a projection"); a `w_min` other than 0, which is
refused ("w_min other than 0"); a plastic weight that is shown as the last presynaptic spike carried
it ("weight read back"): what lies between is the potentiation by the postsynaptic spikes that have
reached the synapse since, and that follows from the recorded spikes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from ..collect import spikes
from ..shared.edges import Block, Values
from ..shared.invalid import InvalidValue
from ..shared.recorded import records_all
from .ahead import registry
from .making import tell

# Instead of an A_plus of 0, which would turn depression off too; a power of 2 rounds nothing.
NO_POTENTIATION = 2.0**-600


def stdp_parameters(block: Block, scale: float) -> dict[str, Values]:
    """Translate PyNN's parameters of the pair rule into those of ``stdp_synapse``.

    NEST writes dw/Wmax = lambda (1 - w/Wmax)^mu_plus K_plus for potentiation and
    alpha lambda (w/Wmax)^mu_minus K_minus for depression (Guetig et al. 2003, eq. 1 to 3).

    Parameters
    ----------
    block
        The synapses, in PyNN's units.
    scale
        NEST's unit of weight in PyNN's (1000 for nA to pA).
    """
    values = block.parameters
    w_max, w_min = (np.asarray(values[name], dtype=float) for name in ("w_max", "w_min"))
    mu_plus, mu_minus = (np.asarray(values[name], float) for name in ("mu_plus", "mu_minus"))
    # NEST's plastic weights begin at 0: w_min is carried by a static synapse beside this one,
    # and a step of A * w_max is a larger part of what is left.
    room = w_max / (w_max - w_min)
    a_plus = np.asarray(values["A_plus"], dtype=float) * room ** (1 - mu_plus)
    a_minus = np.asarray(values["A_minus"], dtype=float) * room ** (1 - mu_minus)
    rate = np.maximum(a_plus, NO_POTENTIATION)
    return {
        "Wmax": (w_max - w_min) * scale,
        "lambda": rate,
        "alpha": a_minus / rate,
        "tau_plus": np.asarray(values["tau_plus"], dtype=float),
        "mu_plus": mu_plus,
        "mu_minus": mu_minus,
    }


def note_tau_minus(held: np.ndarray, block: Block, label: str) -> None:
    """Note the `tau_minus` that synapses need of their postsynaptic neurons, which hold it on NEST.

    Parameters
    ----------
    held : ndarray, shape (n_post,)
        What earlier synapses of the projection need, in ms; NaN where there is none. Changed.

    Raises
    ------
    InvalidValue
        If a neuron would need two values.
    """
    wanted = block.array("tau_minus")
    before = held[block.post]
    held[block.post] = wanted
    _refuse_two(np.where(np.isnan(before), held[block.post], before), wanted, label)


def give_tau_minus(post: Any, wanted: np.ndarray, label: str) -> None:
    """Give postsynaptic neurons the `tau_minus` (ms) that a projection needs, NaN for none.

    Raises
    ------
    InvalidValue
        If a neuron has another one from another projection.
    """
    first = 0
    for part in getattr(post, "populations", [post]):
        tau_minus = wanted[first : first + part.size]
        first += part.size
        used = np.flatnonzero(~np.isnan(tau_minus))
        if not used.size:
            continue
        tau_minus = tau_minus[used]
        whole = getattr(part, "grandparent", part)
        if whole is not part:
            used = np.asarray(part.index_in_grandparent(used))
        held = whole.__dict__.setdefault("_tau_minus_ms", np.full(whole.size, np.nan))
        _refuse_two(np.where(np.isnan(held[used]), tau_minus, held[used]), tau_minus, label)
        held[used] = tau_minus
        for tau in np.unique(tau_minus):
            targets = np.unique(used[tau_minus == tau]).tolist()
            tell(whole.node_collection[targets], {"tau_minus": float(tau)})


def _refuse_two(held: np.ndarray, wanted: np.ndarray, label: str) -> None:
    """Refuse neurons that would need two values of `tau_minus` (ms)."""
    conflict = held != wanted
    if np.any(conflict):
        raise InvalidValue(
            f"projection {label!r}",
            f"tau_minus = {wanted[conflict][0]:g} ms onto neurons that have"
            f" {held[conflict][0]:g} ms from another synapse: on NEST it belongs to the"
            " postsynaptic neuron",
            allowed="one tau_minus a postsynaptic neuron; or the Brian2 backend",
        )


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
