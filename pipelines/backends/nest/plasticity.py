"""The pair rule of spike-timing-dependent plasticity, as parameters of NEST's `stdp_synapse`.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): exponents of the Gutig rule that are ignored (row
"Gutig"); A_plus = 0, which turns depression off too; `tau_minus`, which is the neuron's and
which the last projection wins ("tau_minus a projection"); a `w_min` other than 0, which is
refused ("w_min other than 0").
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..shared.edges import Block, Values
from ..shared.invalid import InvalidValue
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
