"""Exact integration of a leaky integrate-and-fire neuron with exponential currents.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): Brian2's own exact solution divides by
``tau_syn - tau_m`` and is NaN where the two are equal, without an error (row
"tau_syn = tau_m"). The propagators are those of Rotter and Diesmann (1999), eq. 9 to 11, in a
form that has no such hole.
"""

from __future__ import annotations

import re

import numpy as np

# A Brian2 state update, one step long; p_* are the propagators that `propagators` computes.
_STEP = """
v = v_rest + p_vv*(v - v_rest) + p_ve*ie + p_vi*ii + p_vc*(i_offset + i_inj)
ie = p_ee*ie
ii = p_ii*ii
"""

PROPAGATORS = {"p_vv": "1", "p_ve": "ohm", "p_vi": "ohm", "p_vc": "ohm", "p_ee": "1", "p_ii": "1"}


def shared(name: str) -> str:
    """Name of what is one number for all neurons."""
    return f"{name}_shared"


def step(alike: bool, injected: bool) -> str:
    """Code of a state update.

    Parameters
    ----------
    alike
        Whether propagators and resting potential are the same for all neurons, which then need
        not look up each their own.
    injected
        Whether there are current sources.
    """
    code = _STEP if injected else _STEP.replace("(i_offset + i_inj)", "i_offset")
    return re.sub(r"p_\w\w|v_rest", lambda found: shared(found[0]), code) if alike else code


VARIABLES = f"{shared('v_rest')} : volt (shared, constant)\n" + "".join(
    f"{name} : {unit} (constant)\n{shared(name)} : {unit} (shared, constant)\n"
    for name, unit in PROPAGATORS.items()
)


def current_to_voltage(
    h: float, tau_m: np.ndarray, tau_syn: np.ndarray, c_m: np.ndarray
) -> np.ndarray:
    """Voltage after a step of the current that decays through it, per unit of current.

    ``(h / C) exp(-h / tau_syn) expm1(b) / b`` with ``b = h (1 / tau_syn - 1 / tau_m)``; the
    last factor is 1 at b = 0, where tau_syn equals tau_m.

    Parameters
    ----------
    h
        Time step, in s.
    tau_m, tau_syn : ndarray, shape (n,)
        Time constants of membrane and current, in s.
    c_m : ndarray, shape (n,)
        Capacitance, in F.

    Returns
    -------
    ndarray, shape (n,), in ohm
    """
    b = h * (1.0 / tau_syn - 1.0 / tau_m)
    safe = np.where(b == 0, 1.0, b)
    factor = np.where(b == 0, 1.0, np.expm1(safe) / safe)
    return h / c_m * np.exp(-h / tau_syn) * factor


def propagators(
    h: float,
    tau_m: np.ndarray,
    tau_syn_e: np.ndarray,
    tau_syn_i: np.ndarray,
    c_m: np.ndarray,
) -> dict[str, np.ndarray]:
    """Propagators of one step `h` (s); arguments in SI units, each of shape (n,)."""
    return {
        "p_vv": np.exp(-h / tau_m),
        "p_ve": current_to_voltage(h, tau_m, tau_syn_e, c_m),
        "p_vi": current_to_voltage(h, tau_m, tau_syn_i, c_m),
        "p_vc": -np.expm1(-h / tau_m) * tau_m / c_m,
        "p_ee": np.exp(-h / tau_syn_e),
        "p_ii": np.exp(-h / tau_syn_i),
    }
