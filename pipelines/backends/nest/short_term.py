"""Short-term plasticity, as NEST's `tsodyks_synapse` has it.

It solves the equations of Tsodyks, Uziel and Markram (2000), which PyNN's documentation names;
`tsodyks2_synapse` has other equations, without transmitter that is still active.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): the time for which transmitter is active, `tau_psc`,
stays at NEST's 3 ms whatever the neuron's `tau_syn` (row "tau_psc of short-term plasticity");
where `tau_rec` is that same time, NEST divides by 0 and every weight is NaN ("tau_rec = tau_syn").

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

from ..shared.edges import Block, Values
from .ahead import registry

# What NEST calls a parameter, and what else its value depends on.
NAMES = {"U": ("U",), "tau_facil": ("tau_fac",), "tau_rec": ("tau_rec", "tau_psc")}
# Part of their mean by which two equal time constants are moved; a power of 2 rounds little.
_APART = 2.0**-18


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


def initial_u(u: np.ndarray, tau_facil: np.ndarray) -> np.ndarray:
    """What NEST is to be given, for u to decay from the script's time 0 on."""
    before = registry.origin_step * registry.timestep
    with np.errstate(divide="ignore", over="ignore"):
        return np.where((u > 0) & (tau_facil > 0), u * np.exp(before / tau_facil), u)


def _short_term(projections: list[Any]) -> list[Any]:
    return [one for one in projections if one.bulk and one._number and one._is_short_term]


def renew_tau_syn(projections: list[Any]) -> None:
    """Let synapses follow time constants of their cells that were set."""
    for projection in _short_term(projections):
        projection.renew_tau_syn()


def refuse_restart(projections: list[Any]) -> None:
    """Refuse a `reset` after which an initial u would decay from the last spike before it.

    Raises
    ------
    Unsupported
        If some synapse that facilitates has an initial u above 0.
    """
    for projection in _short_term(projections):
        u = projection.initial_values.get("u", 0.0)
        if np.any(u > 0) and np.any((u > 0) & (projection._read(["tau_facil"])["tau_facil"] > 0)):
            raise Unsupported(
                "reset() on NEST",
                f"the initial u of {projection.label!r} would decay from the last spike before it",
                allowed="an initial u of 0; or the Brian2 backend",
            )


def restart(projections: list[Any]) -> None:
    """Let the synapses of all projections be as they were at time 0."""
    for projection in _short_term(projections):
        zero = np.zeros(len(projection))
        projection._write_initial("u", projection.initial_values.get("u", zero))
