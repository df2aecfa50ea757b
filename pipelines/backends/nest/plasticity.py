"""Rules of spike-timing-dependent plasticity in the terms of NEST's synapse models.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): exponents of the Gutig rule that are ignored (row
"Gutig"); A_plus = 0, which turns depression off too; `tau_minus`, which is the neuron's and
which the last projection wins ("tau_minus a projection"); a `w_min` other than 0, which is
refused ("w_min other than 0"); a plastic weight that is shown as the last presynaptic spike carried
it ("weight read back"): what lies between is the potentiation by the postsynaptic spikes that have
reached the synapse since, and that follows from the recorded spikes.

Two values of `tau_minus` onto one neuron stay refused. Each of NEST's plastic synapses reads the
postsynaptic trace that its target holds, and sends its weight to that same target. A parrot that
repeats the neuron's spikes could hold another trace, but takes no weights and hands none on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..shared.invalid_value import InvalidValue
from ..shared.plasticity_rules import PAIRINGS, TRIPLET, VOGELS
from ..shared.synapse_blocks import Block, Values
from .cell_creation import tell

# NEST's synapse model of each rule.
MODELS = {
    "pair_rule": "stdp_synapse",
    "nearest_symmetric": "stdp_nn_symm_synapse",
    "presynaptic_centred": "stdp_nn_pre_centered_synapse",
    "reduced_symmetric": "stdp_nn_restr_synapse",
    TRIPLET: "stdp_triplet_synapse",
    VOGELS: "vogels_sprekeler_synapse",
}
# Time constants that NEST's postsynaptic neuron holds, and PyNN's names of them.
OF_NEURONS = {
    **{name: {"tau_minus": "tau_minus"} for name in PAIRINGS},
    TRIPLET: {name: name for name in ("tau_minus", "tau_minus_triplet")},
    VOGELS: {"tau_minus": "tau"},
}

# Instead of an A_plus of 0, which would turn depression off too; a power of 2 rounds nothing.
NO_POTENTIATION = 2.0**-600


def stdp_parameters(block: Block, scale: float, rule: str) -> dict[str, Values]:
    """Translate PyNN's parameters of a rule into those of NEST's model, but for `OF_NEURONS`.

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
    # NEST's plastic weights begin at 0: w_min is carried by a static synapse beside this one.
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
    """Parameters of pair rules, whatever their pairing.

    NEST writes dw/Wmax = lambda (1 - w/Wmax)^mu_plus K_plus for potentiation and
    alpha lambda (w/Wmax)^mu_minus K_minus for depression (Guetig et al. 2003, eq. 1 to 3).
    """
    # A step of A * w_max is a larger part of what is left beside w_min.
    room = values["w_max"] / (values["w_max"] - values["w_min"])
    a_plus = values["A_plus"] * room ** (1 - values["mu_plus"])
    a_minus = values["A_minus"] * room ** (1 - values["mu_minus"])
    rate = np.maximum(a_plus, NO_POTENTIATION)
    return {
        "lambda": rate,
        "alpha": a_minus / rate,
        **{name: values[name] for name in ("tau_plus", "mu_plus", "mu_minus")},
    }


def held_names(rule: str, name: str) -> tuple[str, ...]:
    """What `pynn_values` needs of NEST for PyNN's parameter of this name."""
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
    rule: str, name: str, held: dict[str, np.ndarray], scale: float, floor: float
) -> np.ndarray:
    """PyNN's values of a parameter, translated back from what NEST holds: see `stdp_parameters`.

    Parameters
    ----------
    held
        By NEST's names.
    floor
        The smallest weight (PyNN's unit), carried by other synapses.
    """
    if name == "w_max":
        return held["Wmax"] / scale + floor
    if rule in PAIRINGS and name in ("A_plus", "A_minus"):
        rate = held["lambda"] * (1.0 if name == "A_plus" else held["alpha"])
        rate = np.where(rate <= NO_POTENTIATION, 0.0, rate)
        if floor == 0:
            return rate
        room = held["Wmax"] / scale
        mu = held["mu_plus" if name == "A_plus" else "mu_minus"]
        return rate * (room / (room + floor)) ** (1 - mu)
    if name in _AMPLITUDES:
        return held[_AMPLITUDES[name]] / np.abs(held["Wmax"] + floor * scale)
    if name == "eta":
        return held["eta"] / abs(scale)
    if name == "rho":
        return held["alpha"] / (2 * held["tau"])
    return held[name]


def note_tau_minus(held: np.ndarray, block: Block, label: str, name: str = "tau_minus") -> None:
    """Note a time constant that synapses need of their postsynaptic neurons, which hold it on NEST.

    Parameters
    ----------
    held : ndarray, shape (n_post,)
        What earlier synapses of the projection need, in ms; NaN where there is none. Changed.
    name
        PyNN's name of it.

    Raises
    ------
    InvalidValue
        If a neuron would need two values.
    """
    wanted = block.array(name)
    before = held[block.post]
    held[block.post] = wanted
    _refuse_two(np.where(np.isnan(before), held[block.post], before), wanted, label, name)


def give_tau_minus(post: Any, wanted: np.ndarray, label: str, name: str = "tau_minus") -> None:
    """Give postsynaptic neurons the time constant (ms) that a projection needs, NaN for none.

    Parameters
    ----------
    name
        NEST's name of it.

    Raises
    ------
    InvalidValue
        If a neuron has another one from another projection.
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
        each = whole.__dict__.setdefault("_taus_ms", {})
        held = each.setdefault(name, np.full(whole.size, np.nan))
        _refuse_two(np.where(np.isnan(held[used]), tau, held[used]), tau, label, name)
        held[used] = tau
        for one in np.unique(tau):
            targets = np.unique(used[tau == one]).tolist()
            tell(whole.node_collection[targets], {name: float(one)})


def _refuse_two(held: np.ndarray, wanted: np.ndarray, label: str, name: str) -> None:
    """Refuse neurons that would need two values of a time constant (ms)."""
    conflict = held != wanted
    if np.any(conflict):
        raise InvalidValue(
            f"projection {label!r}",
            f"{name} = {wanted[conflict][0]:g} ms onto neurons that have"
            f" {held[conflict][0]:g} ms from another synapse: on NEST it belongs to the"
            " postsynaptic neuron",
            allowed=f"one {name} a postsynaptic neuron; or the Brian2 backend",
        )
