"""Short-term plasticity, as NEST's `tsodyks_synapse` has it.

It solves the equations of Tsodyks, Uziel and Markram (2000), which PyNN's documentation names;
`tsodyks2_synapse` has other equations, without transmitter that is still active.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): where `tau_rec` is the time for which transmitter is
active, the neuron's `tau_syn`, NEST divides by 0 and every weight is NaN (row "tau_rec = tau_syn").

What has recovered at a time t after resources were used depends on the two time constants alike:
1 - (a exp(-t/a) - b exp(-t/b))/(a - b). So where they are all but equal, both are moved away
from their mean by as much: what that changes is of second order. With the shares that are moved
here, `_APART`, transmitted weights are right to 1e-10 of the largest, and NEST's difference of two
all but equal numbers has lost no more than that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from ..shared.synapse_blocks import Block, Values
from .kernel_time import registry

# What NEST calls a parameter, and what else its value depends on.
_NAMES = {"U": ("U",), "tau_facil": ("tau_fac",), "tau_rec": ("tau_rec", "tau_psc")}
# What `changed` reads of NEST's synapses.
STATE = ("tau_fac", "tau_rec", "tau_psc", "x", "y", "u")
# Part of their mean by which two equal time constants are moved; a power of 2 rounds little.
_APART = 2.0**-18
# A share of resources that is as good as none.
_GONE = 1e-12


def short_term_parameters(block: Block, tau_syn: np.ndarray) -> dict[str, Values]:
    """Translate PyNN's parameters into those of ``tsodyks_synapse``.

    Parameters
    ----------
    block
        The synapses, in PyNN's units.
    tau_syn : ndarray, shape (n,)
        Time constant (ms) of the synaptic current of each one's target.
    """
    tau_rec, tau_psc = apart(block.array("tau_rec"), tau_syn)
    return {
        "U": block.parameters["U"],
        "tau_fac": block.parameters["tau_facil"],
        "tau_rec": tau_rec,
        "tau_psc": tau_psc,
    }


def apart(tau_rec: np.ndarray, tau_syn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`tau_rec` and `tau_psc` for NEST: as they are, or moved apart where they are all but equal.

    All are times in ms, of shape (n,).
    """
    mean = (tau_rec + tau_syn) / 2
    moved = mean * (1 + _APART)
    alike = np.abs(tau_rec - tau_syn) < 4 * _APART * mean
    # Of the pair that is moved, the mean is the same number.
    return np.where(alike, moved, tau_rec), np.where(alike, 2 * mean - moved, tau_syn)


def tau_rec_of(held: dict[str, np.ndarray], tau_syn: np.ndarray) -> np.ndarray:
    """The `tau_rec` (ms) from which `apart` made what NEST holds; all of shape (n,)."""
    both = held["tau_rec"] + held["tau_psc"]
    alike = np.abs(held["tau_rec"] - held["tau_psc"]) < 1.5 * _APART * both
    return np.where(alike, both - tau_syn, held["tau_rec"])


def held_names(name: str) -> tuple[str, ...]:
    """What `pynn_values` needs of NEST for PyNN's parameter of this name."""
    return _NAMES.get(name, ())


def pynn_values(name: str, held: dict[str, np.ndarray], tau_syn: np.ndarray) -> np.ndarray:
    """PyNN's values of a parameter, translated back from what NEST holds; all of shape (n,)."""
    return tau_rec_of(held, tau_syn) if name == "tau_rec" else held[_NAMES[name][0]]


def changed(
    held: dict[str, np.ndarray],
    values: dict[str, np.ndarray],
    tau_syn: tuple[np.ndarray, np.ndarray],
    since: np.ndarray,
) -> tuple[dict[str, np.ndarray], bool]:
    """What to write for parameters that change now, at some time after a synapse's last spike.

    Parameters
    ----------
    held
        What NEST holds (`STATE`).
    values
        PyNN's parameters that change.
    tau_syn
        Time constants (ms) of the synaptic currents before and after.
    since : ndarray, shape (n,)
        Time since the last spike, in ms.

    Returns
    -------
    in_nest, exact
        Parameters, and the state at the last spike that leads to the present one with them;
        whether NEST can hold that state.
    """
    before = {name: held[name] for name in ("tau_fac", "tau_rec", "tau_psc")}
    tau_rec = values.get("tau_rec", tau_rec_of(held, tau_syn[0]))
    after = dict(zip(("tau_rec", "tau_psc"), apart(tau_rec, tau_syn[1]), strict=True))
    after["tau_fac"] = values.get("tau_facil", held["tau_fac"])
    new = {"U": values["U"]} if "U" in values else {}
    if all(np.array_equal(before[name], after[name]) for name in after):
        return new, True
    wanted = _later(held, before, since)
    to_rest, y_to_x = _moved(after, since)
    with np.errstate(all="ignore"):
        y = np.clip(wanted["y"] * np.exp(since / after["tau_psc"]), 0.0, 1.0)
        y = np.where(wanted["y"] < _GONE, 0.0, y)
        x = (wanted["x"] + to_rest - y * (y_to_x + to_rest)) / (1 + to_rest)
        u = np.where(wanted["u"] > 0, wanted["u"] * np.exp(since / after["tau_fac"]), 0.0)
    # Of what has decayed altogether, any state leads to the present one.
    # NEST checks the first two, and the use only when it has taken it.
    state = {"x": np.fmin(x, 1 - y), "y": y, "u": np.nan_to_num(u, posinf=0.0)}
    found = _later(state, after, since)
    wanted["u"] = np.where(after["tau_fac"] > 0, wanted["u"], 0.0)
    exact = all(np.allclose(found[name], wanted[name], rtol=0, atol=10 * _GONE) for name in wanted)
    return new | after | state, exact


def _moved(tau: dict[str, np.ndarray], since: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of what was in use at the last spike: what has gone to rest since, less 1; and the share of
    active transmitter that has recovered."""
    gone, decayed = (np.expm1(-since / tau[name]) for name in ("tau_rec", "tau_psc"))
    share = (gone * tau["tau_rec"] - decayed * tau["tau_psc"]) / (tau["tau_psc"] - tau["tau_rec"])
    return gone, share


def _later(
    state: dict[str, np.ndarray], tau: dict[str, np.ndarray], since: np.ndarray
) -> dict[str, np.ndarray]:
    """Resources and use some time (ms) after the last spike, as NEST computes them."""
    x, y, u = (state[name] for name in ("x", "y", "u"))
    gone, share = _moved(tau, since)
    with np.errstate(divide="ignore"):
        kept = np.where(tau["tau_fac"] > 0, np.exp(-since / tau["tau_fac"]), 0.0)
    x = x + share * y - gone * (1 - x - y)
    return {"x": x, "y": y * np.exp(-since / tau["tau_psc"]), "u": u * kept}


def _short_term(projections: list[Any]) -> list[Any]:
    return [one for one in projections if one.bulk and one._number and one._is_short_term]


def renew_tau_syn(projections: list[Any]) -> None:
    """Let synapses follow time constants of their cells that were set."""
    for projection in _short_term(projections):
        projection.renew_tau_syn()


def begin(projections: list[Any]) -> None:
    """Before the first step, give synapses the initial u that they have, if any.

    In NEST it decays from the start of its clock on, which may lie before the script's time 0.

    Raises
    ------
    Unsupported
        Where u would have to be above 1 at NEST's start.
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
        projection.write_state(u)
