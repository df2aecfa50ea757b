"""Short-term plasticity: translation to the parameters and states of NEST's `tsodyks_synapse`.

This model solves the equations of Tsodyks, Uziel and Markram (2000), which PyNN's documentation
cites; `tsodyks2_synapse` has other equations, without a variable for active transmitter.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): if `tau_rec` equals the time constant of active
transmitter, the neuron's `tau_syn`, NEST divides by 0 and every weight is NaN (row
"tau_rec = tau_syn").

The fraction recovered at a time t after use is symmetric in the two time constants a and b:
1 - (a exp(-t/a) - b exp(-t/b))/(a - b). So if they are nearly equal, both are moved away from their
mean by the same amount, which has an effect of second order. With a relative shift of `_SEPARATION`
transmitted weights are accurate to 1e-10 of the largest, and cancellation in NEST's difference of
two nearly equal numbers costs no more than that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from ..shared.synapse_blocks import Block, Values
from .kernel_time import registry

# NEST's name of each parameter, followed by further ones on which PyNN's value depends.
_NAMES = {"U": ("U",), "tau_facil": ("tau_fac",), "tau_rec": ("tau_rec", "tau_psc")}
# Parameters and states of NEST's synapses that `changed_state` needs.
STATE = ("tau_fac", "tau_rec", "tau_psc", "x", "y", "u")
# Shift of two equal time constants relative to their mean; a power of 2 for small rounding.
_SEPARATION = 2.0**-18
# A fraction of resources that is negligible.
_NEGLIGIBLE = 1e-12


def short_term_parameters(block: Block, tau_syn: np.ndarray) -> dict[str, Values]:
    """Translate PyNN's parameters into those of ``tsodyks_synapse``.

    Parameters
    ----------
    block
        The synapses, in PyNN's units.
    tau_syn : ndarray, shape (n,)
        Time constant (ms) of the synaptic current of the target of each synapse.
    """
    tau_rec, tau_psc = separate_time_constants(block.array("tau_rec"), tau_syn)
    return {
        "U": block.parameters["U"],
        "tau_fac": block.parameters["tau_facil"],
        "tau_rec": tau_rec,
        "tau_psc": tau_psc,
    }


def separate_time_constants(
    tau_rec: np.ndarray, tau_syn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """`tau_rec` and `tau_psc` for NEST, shifted where they are nearly equal.

    All are times in ms, of shape (n,).
    """
    mean = (tau_rec + tau_syn) / 2
    moved = mean * (1 + _SEPARATION)
    alike = np.abs(tau_rec - tau_syn) < 4 * _SEPARATION * mean
    # The mean of the shifted pair stays exactly the same.
    return np.where(alike, moved, tau_rec), np.where(alike, 2 * mean - moved, tau_syn)


def pynn_tau_rec(native: dict[str, np.ndarray], tau_syn: np.ndarray) -> np.ndarray:
    """PyNN's `tau_rec` (ms), before `separate_time_constants`; all of shape (n,)."""
    both = native["tau_rec"] + native["tau_psc"]
    alike = np.abs(native["tau_rec"] - native["tau_psc"]) < 1.5 * _SEPARATION * both
    return np.where(alike, both - tau_syn, native["tau_rec"])


def native_names(name: str) -> tuple[str, ...]:
    """NEST's parameters from which `pynn_values` computes PyNN's parameter `name`."""
    return _NAMES.get(name, ())


def pynn_values(name: str, native: dict[str, np.ndarray], tau_syn: np.ndarray) -> np.ndarray:
    """PyNN's values of a parameter, computed from NEST's; all of shape (n,)."""
    return pynn_tau_rec(native, tau_syn) if name == "tau_rec" else native[_NAMES[name][0]]


def changed_state(
    native: dict[str, np.ndarray],
    values: dict[str, np.ndarray],
    tau_syn: tuple[np.ndarray, np.ndarray],
    since: np.ndarray,
) -> tuple[dict[str, np.ndarray], bool]:
    """NEST's parameters and states after a change of parameters between two spikes.

    Parameters
    ----------
    native
        Present values on NEST, by the names in `STATE`.
    values
        New values of PyNN's parameters.
    tau_syn
        Time constants (ms) of the synaptic currents before and after the change.
    since : ndarray, shape (n,)
        Time since the last presynaptic spike, in ms.

    Returns
    -------
    changed, exact
        Parameters, and the state at the last spike from which they lead to the present state;
        whether NEST can store that state.
    """
    before = {name: native[name] for name in ("tau_fac", "tau_rec", "tau_psc")}
    tau_rec = values.get("tau_rec", pynn_tau_rec(native, tau_syn[0]))
    after = dict(
        zip(("tau_rec", "tau_psc"), separate_time_constants(tau_rec, tau_syn[1]), strict=True)
    )
    after["tau_fac"] = values.get("tau_facil", native["tau_fac"])
    new = {"U": values["U"]} if "U" in values else {}
    if all(np.array_equal(before[name], after[name]) for name in after):
        return new, True
    wanted = _state_after(native, before, since)
    to_rest, y_to_x = _recovery(after, since)
    with np.errstate(all="ignore"):
        y = np.clip(wanted["y"] * np.exp(since / after["tau_psc"]), 0.0, 1.0)
        y = np.where(wanted["y"] < _NEGLIGIBLE, 0.0, y)
        x = (wanted["x"] + to_rest - y * (y_to_x + to_rest)) / (1 + to_rest)
        u = np.where(wanted["u"] > 0, wanted["u"] * np.exp(since / after["tau_fac"]), 0.0)
    # Where everything has decayed, any state at the last spike leads to the present one.
    # NEST requires x + y <= 1. It accepts u above 1 despite its error (see `set_out_of_range`).
    state = {"x": np.fmin(x, 1 - y), "y": y, "u": np.nan_to_num(u, posinf=0.0)}
    found = _state_after(state, after, since)
    wanted["u"] = np.where(after["tau_fac"] > 0, wanted["u"], 0.0)
    exact = all(
        np.allclose(found[name], wanted[name], rtol=0, atol=10 * _NEGLIGIBLE) for name in wanted
    )
    return new | after | state, exact


def _recovery(tau: dict[str, np.ndarray], since: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decay terms since the last spike: exp(-t/tau_rec) - 1, and the fraction of active transmitter
    that has recovered."""
    gone, decayed = (np.expm1(-since / tau[name]) for name in ("tau_rec", "tau_psc"))
    share = (gone * tau["tau_rec"] - decayed * tau["tau_psc"]) / (tau["tau_psc"] - tau["tau_rec"])
    return gone, share


def _state_after(
    state: dict[str, np.ndarray], tau: dict[str, np.ndarray], since: np.ndarray
) -> dict[str, np.ndarray]:
    """Resources x, y and use u some time (ms) after the last spike, as NEST computes them."""
    x, y, u = (state[name] for name in ("x", "y", "u"))
    gone, share = _recovery(tau, since)
    with np.errstate(divide="ignore"):
        kept = np.where(tau["tau_fac"] > 0, np.exp(-since / tau["tau_fac"]), 0.0)
    x = x + share * y - gone * (1 - x - y)
    return {"x": x, "y": y * np.exp(-since / tau["tau_psc"]), "u": u * kept}


def _short_term(projections: list[Any]) -> list[Any]:
    return [one for one in projections if one.bulk and one._number and one._is_short_term]


def update_tau_syn(projections: list[Any]) -> None:
    """Update synapses after synaptic time constants of their target cells were set."""
    for projection in _short_term(projections):
        projection.update_tau_syn()


def write_initial_u(projections: list[Any]) -> None:
    """Write the initial u of synapses to NEST, before the first step.

    On NEST it decays from the start of its clock, which may be before time 0 of the script.

    Raises
    ------
    Unsupported
        If u would have to be above 1 at NEST's start.
    """
    before = registry.origin_step * registry.timestep
    for projection in _short_term(projections):
        u = projection.initial_values.get("u")
        if u is None or not np.any(u > 0):
            continue
        tau = projection._read(["tau_facil"])["tau_facil"]
        with np.errstate(divide="ignore", over="ignore"):
            u = np.where((u > 0) & (tau > 0), u * np.exp(before / tau), u)
        if np.any(u > 1):
            raise Unsupported(
                f"initial u of projection {projection.label!r} on NEST",
                f"it would decay from NEST's start on, which is {before:g} ms before time 0",
                allowed="an initial u of 0; or the Brian2 backend",
            )
        projection.write_initial_u(u)
