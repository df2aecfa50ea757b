"""Exact integration of leaky integrate-and-fire neurons, as code of a Brian2 step.

The propagators are those of Rotter and Diesmann (1999), eq. 9 to 11, in a form that is defined for
``tau_syn = tau_m``.

Corrects (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): Brian2's own exact solution divides by
``tau_syn - tau_m`` and is NaN, without an error, if the two are equal (row "tau_syn = tau_m"); the
inhibitory current of `IF_curr_alpha` decays with the excitatory time constant.
"""

from __future__ import annotations

import brian2
import numpy as np

Values = dict[str, np.ndarray]

THRESHOLD = brian2.Equations(
    "v_thresh : volt (constant)\nv_reset : volt (constant)\ntau_refrac : second\n"
)
# p_* are arrays of propagators over one step.
EXPONENTIAL_STEP = """
v = v_rest + p_vv*(v - v_rest) + p_ve*ie + p_vi*ii + p_vc*(i_offset + i_inj)
ie = p_ee*ie
ii = p_ii*ii
"""
# The variable y decays exponentially and drives the current i: di/dt = e y/tau_syn - i/tau_syn.
ALPHA_STEP = """
v = v_rest + p_vv*(v - v_rest) + p_ve*ie + p_vye*ye + p_vi*ii + p_vyi*yi + p_vc*(i_offset + i_inj)
ie = p_ee*(ie + p_eye*ye)
ye = p_ee*ye
ii = p_ii*(ii + p_iyi*yi)
yi = p_ii*yi
"""
MEMBRANE_UNITS = (("p_vv", "1"), ("p_vc", "ohm"))
EXPONENTIAL_UNITS = (
    *MEMBRANE_UNITS, ("p_ve", "ohm"), ("p_vi", "ohm"), ("p_ee", "1"), ("p_ii", "1"),
)  # fmt: skip
ALPHA_UNITS = (
    *EXPONENTIAL_UNITS, ("p_vye", "ohm"), ("p_vyi", "ohm"), ("p_eye", "1"), ("p_iyi", "1"),
)  # fmt: skip


def current_to_voltage(
    h: float, tau_m: np.ndarray, tau_syn: np.ndarray, c_m: np.ndarray
) -> np.ndarray:
    """Voltage after a step, per unit of an exponential current at the step's beginning.

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


def alpha_to_voltage(
    h: float, tau_m: np.ndarray, tau_syn: np.ndarray, c_m: np.ndarray
) -> np.ndarray:
    """Voltage after a step, per unit of an alpha current's variable y at the step's beginning.

    The current is ``e s / tau_syn exp(-s / tau_syn)`` at time s of the step, so the voltage is
    ``e h^2 / (C tau_syn) exp(-h / tau_m) g(a)`` with ``a = h (1 / tau_m - 1 / tau_syn)`` and
    ``g(a) = (exp(a) (a - 1) + 1) / a^2 = sum of a^k / (k! (k + 2))``. Arguments and result are
    those of `current_to_voltage`.
    """
    a = h * (1.0 / tau_m - 1.0 / tau_syn)
    small = np.abs(a) < 1
    near, far = np.where(small, a, 0.0), np.where(small, 1.0, a)
    series, term = np.zeros_like(a), np.ones_like(a)
    for k in range(20):
        series += term / (k + 2)
        term = term * near / (k + 1)
    g = np.where(small, series, (np.exp(far) * (far - 1) + 1) / far**2)
    return np.e * h**2 / (c_m * tau_syn) * np.exp(-h / tau_m) * g


def membrane_propagators(values: Values, h: float) -> Values:
    """Propagators of the membrane over a step `h` (s), from parameters in SI units."""
    tau_m, c_m = values["tau_m"], values["c_m"]
    return {"p_vv": np.exp(-h / tau_m), "p_vc": -np.expm1(-h / tau_m) * tau_m / c_m}


def exponential_propagators(values: Values, h: float) -> Values:
    """Propagators of membrane and exponential currents over a step `h` (s), SI units."""
    tau_m, c_m = values["tau_m"], values["c_m"]
    tau_e, tau_i = values["tau_syn_e"], values["tau_syn_i"]
    return membrane_propagators(values, h) | {
        "p_ve": current_to_voltage(h, tau_m, tau_e, c_m),
        "p_vi": current_to_voltage(h, tau_m, tau_i, c_m),
        "p_ee": np.exp(-h / tau_e),
        "p_ii": np.exp(-h / tau_i),
    }


def alpha_propagators(values: Values, h: float) -> Values:
    """Propagators of membrane and alpha currents over a step `h` (s), SI units."""
    tau_m, c_m = values["tau_m"], values["c_m"]
    tau_e, tau_i = values["tau_syn_e"], values["tau_syn_i"]
    return exponential_propagators(values, h) | {
        "p_vye": alpha_to_voltage(h, tau_m, tau_e, c_m),
        "p_vyi": alpha_to_voltage(h, tau_m, tau_i, c_m),
        "p_eye": np.e * h / tau_e,
        "p_iyi": np.e * h / tau_i,
    }
