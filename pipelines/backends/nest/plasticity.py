"""The pair rule of spike-timing-dependent plasticity, as parameters of NEST's `stdp_synapse`.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): exponents of the Gutig rule that are ignored (row
"Gutig"); A_plus = 0, which turns depression off too; `tau_minus`, which is the neuron's and
which the last projection wins ("tau_minus a projection"); a `w_min` other than 0, which is
refused ("w_min other than 0").
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..shared.edges import Edges
from ..shared.invalid import InvalidValue
from .telling import tell

# A trace that is gone before the next time step, whatever dt: no potentiation at all.
_NO_TRACE_MS = 1e-6


def stdp_parameters(edges: Edges, scale: float, label: str) -> dict[str, float | np.ndarray]:
    """Translate PyNN's parameters of the pair rule into those of ``stdp_synapse``.

    NEST writes dw/Wmax = lambda (1 - w/Wmax)^mu_plus K_plus for potentiation and
    alpha lambda (w/Wmax)^mu_minus K_minus for depression (Guetig et al. 2003, eq. 1 to 3).

    Parameters
    ----------
    edges
        The synapses, in PyNN's units.
    scale
        NEST's unit of weight in PyNN's (1000 for nA to pA).
    label
        Name of the projection, for messages.
    """
    values = edges.parameters
    w_max, w_min = (np.asarray(values[name], dtype=float) for name in ("w_max", "w_min"))
    mu_plus, mu_minus = (np.asarray(values[name], float) for name in ("mu_plus", "mu_minus"))
    # NEST's plastic weights begin at 0: w_min is carried by a static synapse beside this one,
    # and a step of A * w_max is a larger part of what is left.
    room = w_max / (w_max - w_min)
    a_plus = np.asarray(values["A_plus"], dtype=float) * room ** (1 - mu_plus)
    a_minus = np.asarray(values["A_minus"], dtype=float) * room ** (1 - mu_minus)
    no_potentiation = a_plus == 0
    rate = np.where(no_potentiation, a_minus, a_plus)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = np.where(no_potentiation, 1.0, a_minus / a_plus)
    tau_plus = np.where(no_potentiation, _NO_TRACE_MS, np.asarray(values["tau_plus"], float))
    return {
        "Wmax": (w_max - w_min) * scale,
        "lambda": rate,
        "alpha": alpha,
        "tau_plus": tau_plus,
        "mu_plus": mu_plus,
        "mu_minus": mu_minus,
    }


def silent_potentiation(tau_plus: np.ndarray) -> np.ndarray:
    """Which synapses were made without potentiation, from NEST's `tau_plus` (ms)."""
    return tau_plus <= _NO_TRACE_MS


def set_tau_minus(post: Any, edges: Edges, label: str) -> None:
    """Give `tau_minus` to the postsynaptic neurons, which hold it on NEST.

    Raises
    ------
    InvalidValue
        If a neuron would need two values, from one projection or from two.
    """
    for population, neurons, used in _by_population(post, edges):
        tau_minus = np.asarray(edges.parameters["tau_minus"])
        each = tau_minus if tau_minus.ndim == 0 else tau_minus[used]
        held = population.__dict__.setdefault("_tau_minus_ms", np.full(population.size, np.nan))
        for tau in np.unique(each):
            having = neurons if each.ndim == 0 else neurons[each == tau]
            targets = np.flatnonzero(np.bincount(having, minlength=population.size))
            other = held[targets]
            conflict = ~np.isnan(other) & (other != tau)
            if np.any(conflict):
                raise InvalidValue(
                    f"projection {label!r}",
                    f"tau_minus = {tau:g} ms onto neurons that have {other[conflict][0]:g} ms"
                    " from another synapse: on NEST it belongs to the postsynaptic neuron",
                    allowed="one tau_minus a postsynaptic neuron; or the Brian2 backend",
                )
            held[targets] = tau
            tell(population.node_collection[targets.tolist()], {"tau_minus": float(tau)})


def _by_population(post: Any, edges: Edges) -> Any:
    """Yield (population, indices in it, which edges) for views and assemblies too."""
    parts = getattr(post, "populations", [post])
    first = 0
    for part in parts:
        used = (edges.post >= first) & (edges.post < first + part.size)
        inside = edges.post[used] - first
        whole = getattr(part, "grandparent", part)
        if whole is not part:
            inside = np.asarray(part.index_in_grandparent(inside))
        if used.any():
            yield whole, inside, used
        first += part.size
