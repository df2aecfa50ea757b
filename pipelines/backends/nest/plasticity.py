"""Spike-timing-dependent plasticity: translation to the parameters of NEST's synapse models.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): exponents of the Gutig rule that are ignored (row
"Gutig"); A_plus = 0, which disables depression too; `tau_minus`, which is a parameter of the
neuron, set by the last projection ("tau_minus a projection"); a `w_min` other than 0, which is
refused ("w_min other than 0"); a plastic weight that is read as it was at the last presynaptic
spike ("weight read back"): the potentiation by postsynaptic spikes since then is computed from the
recorded spikes.

Two values of `tau_minus` for synapses onto one neuron are refused. A plastic synapse of NEST reads
the postsynaptic trace of its target, and sends its weight to the same target. A parrot neuron that
repeats the spikes of the target could have another trace, but does not pass on weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..shared.invalid_value import InvalidValue
from ..shared.pairings import PAIRINGS, TRIPLET, VOGELS
from ..shared.synapse_blocks import Block, Values
from .cell_creation import set_status

# NEST's synapse model for each rule.
MODELS = {
    "pair_rule": "stdp_synapse",
    "nearest_symmetric": "stdp_nn_symm_synapse",
    "presynaptic_centred": "stdp_nn_pre_centered_synapse",
    "reduced_symmetric": "stdp_nn_restr_synapse",
    TRIPLET: "stdp_triplet_synapse",
    VOGELS: "vogels_sprekeler_synapse",
}
# Time constants that are parameters of the postsynaptic neuron on NEST, to PyNN's names.
NEURON_TIME_CONSTANTS = {
    **{name: {"tau_minus": "tau_minus"} for name in PAIRINGS},
    TRIPLET: {name: name for name in ("tau_minus", "tau_minus_triplet")},
    VOGELS: {"tau_minus": "tau"},
}

# Replaces an A_plus of 0, which would disable depression; a power of 2 causes no rounding.
NO_POTENTIATION = 2.0**-600

# Presynaptic trace of each time constant, by rule; None if NEST cannot set it.
NATIVE_TRACES: dict[str, dict[str, str | None]] = {
    "pair_rule": {"tau_plus": "Kplus"},
    "presynaptic_centred": {"tau_plus": "Kplus"},
    "nearest_symmetric": {"tau_plus": None},
    "reduced_symmetric": {"tau_plus": None},
    TRIPLET: {"tau_plus": "Kplus", "tau_plus_triplet": "Kplus_triplet"},
    VOGELS: {},
}
# Parameters that act only at a presynaptic spike, so that a change of them needs no change of the
# weight, to NEST's names.
DEPRESSION_PARAMETERS = {
    "A_minus": {"alpha", "Aminus"}, "A_minus_triplet": {"Aminus_triplet"},
    "mu_minus": {"mu_minus"}, "rho": {"alpha"},
}  # fmt: skip


def stdp_parameters(block: Block, scale: float, rule: str) -> dict[str, Values]:
    """Translate PyNN's parameters of a rule to NEST's, except for `NEURON_TIME_CONSTANTS`.

    Parameters
    ----------
    block
        The synapses, in PyNN's units.
    scale
        NEST's unit of weight in PyNN's (1000 for nA to pA).
    rule
        Name of the rule.
    """
    values = {name: np.asarray(value, dtype=float) for name, value in block.parameters.items()}
    # NEST's plastic weights start at 0: w_min is the weight of a parallel static synapse.
    w_max = {"Wmax": (values["w_max"] - values["w_min"]) * scale}
    if rule == VOGELS:
        return w_max | {
            "tau": values["tau"],
            "eta": values["eta"] * abs(scale),
            "alpha": 2 * values["rho"] * values["tau"],
        }
    if rule == TRIPLET:
        whole = np.abs(values["w_max"] * scale)
        taus = {name: values[name] for name in ("tau_plus", "tau_plus_triplet")}
        return w_max | taus | {name: values[own] * whole for own, name in _AMPLITUDES.items()}
    return w_max | _pair_rule(values)


_AMPLITUDES = {
    "A_plus": "Aplus", "A_minus": "Aminus", "A_plus_triplet": "Aplus_triplet",
    "A_minus_triplet": "Aminus_triplet",
}  # fmt: skip


def _pair_rule(values: dict[str, np.ndarray]) -> dict[str, Values]:
    """NEST's parameters of a pair rule, for any pairing scheme.

    NEST writes dw/Wmax = lambda (1 - w/Wmax)^mu_plus K_plus for potentiation and
    alpha lambda (w/Wmax)^mu_minus K_minus for depression (Guetig et al. 2003, eq. 1 to 3).
    """
    # An increment of A * w_max is a larger part of the range from w_min to w_max.
    room = values["w_max"] / (values["w_max"] - values["w_min"])
    a_plus = values["A_plus"] * room ** (1 - values["mu_plus"])
    a_minus = values["A_minus"] * room ** (1 - values["mu_minus"])
    rate = np.maximum(a_plus, NO_POTENTIATION)
    return {
        "lambda": rate,
        "alpha": a_minus / rate,
        **{name: values[name] for name in ("tau_plus", "mu_plus", "mu_minus")},
    }


def native_names(rule: str, name: str) -> tuple[str, ...]:
    """NEST's parameters from which `pynn_values` computes PyNN's parameter `name`."""
    if name == "w_max":
        return ("Wmax",)
    if rule in PAIRINGS:
        exponent = "mu_plus" if name == "A_plus" else "mu_minus"
        rates = ("lambda", "alpha", "Wmax", exponent)
        return {"A_plus": rates, "A_minus": rates}.get(name, (name,))
    if rule == TRIPLET:
        return ("Wmax", _AMPLITUDES[name]) if name in _AMPLITUDES else (name,)
    return ("alpha", "tau") if name == "rho" else (name,)


def pynn_values(
    rule: str, name: str, native: dict[str, np.ndarray], scale: float, floor: float
) -> np.ndarray:
    """PyNN's values of a parameter, computed from NEST's: the inverse of `stdp_parameters`.

    Parameters
    ----------
    native
        Values by NEST's names (`native_names`), each of shape (n,).
    floor
        The smallest weight w_min (PyNN's unit), carried by parallel static synapses.
    """
    if name == "w_max":
        return native["Wmax"] / scale + floor
    if rule in PAIRINGS and name in ("A_plus", "A_minus"):
        rate = native["lambda"] * (1.0 if name == "A_plus" else native["alpha"])
        rate = np.where(rate <= NO_POTENTIATION, 0.0, rate)
        if floor == 0:
            return rate
        room = native["Wmax"] / scale
        mu = native["mu_plus" if name == "A_plus" else "mu_minus"]
        return rate * (room / (room + floor)) ** (1 - mu)
    if name in _AMPLITUDES:
        return native[_AMPLITUDES[name]] / np.abs(native["Wmax"] + floor * scale)
    if name == "eta":
        return native["eta"] / abs(scale)
    if name == "rho":
        return native["alpha"] / (2 * native["tau"])
    return native[name]


def collect_tau_minus(taus: np.ndarray, block: Block, label: str, name: str = "tau_minus") -> None:
    """Collect a time constant of synapses for their postsynaptic neurons, which have it on NEST.

    Parameters
    ----------
    taus : ndarray, shape (n_post,)
        Values of earlier synapses of the projection in ms, NaN where there are none. Modified.
    name
        PyNN's name of the time constant.

    Raises
    ------
    InvalidValue
        If a neuron would need two values.
    """
    wanted = block.array(name)
    before = taus[block.post]
    taus[block.post] = wanted
    _refuse_conflicting_values(
        np.where(np.isnan(before), taus[block.post], before), wanted, label, name
    )


def set_tau_minus(post: Any, wanted: np.ndarray, label: str, name: str = "tau_minus") -> None:
    """Set the time constant (ms) of postsynaptic neurons, as a projection needs it; NaN for none.

    Parameters
    ----------
    name
        NEST's name of the time constant.

    Raises
    ------
    InvalidValue
        If a neuron has another value from another projection.
    """
    first = 0
    for part in getattr(post, "populations", [post]):
        tau = wanted[first : first + part.size]
        first += part.size
        used = np.flatnonzero(~np.isnan(tau))
        if not used.size:
            continue
        tau = tau[used]
        whole = getattr(part, "grandparent", part)
        if whole is not part:
            used = np.asarray(part.index_in_grandparent(used))
        each = whole.__dict__.setdefault("_trace_taus_ms", {})
        assigned = each.setdefault(name, np.full(whole.size, np.nan))
        _refuse_conflicting_values(
            np.where(np.isnan(assigned[used]), tau, assigned[used]), tau, label, name
        )
        assigned[used] = tau
        for one in np.unique(tau):
            targets = np.unique(used[tau == one]).tolist()
            set_status(whole.node_collection[targets], {name: float(one)})


def _refuse_conflicting_values(
    present: np.ndarray, wanted: np.ndarray, label: str, name: str
) -> None:
    """Refuse neurons that would need two values of a time constant (ms)."""
    conflict = present != wanted
    if np.any(conflict):
        raise InvalidValue(
            f"projection {label!r}",
            f"{name} = {wanted[conflict][0]:g} ms onto neurons that have"
            f" {present[conflict][0]:g} ms from another synapse: on NEST it belongs to the"
            " postsynaptic neuron",
            allowed=f"one {name} a postsynaptic neuron; or the Brian2 backend",
        )
