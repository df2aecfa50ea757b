"""Closed-form solutions that a backend must reproduce: LIF firing, delays, STDP.

Every function is pure, works on scalars and arrays alike, and takes the units of PyNN:
ms, mV, nA, nF; a rate is in Hz.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Sums of decimal times are rounded in binary. A quotient within this distance of a whole
# number of steps counts as that whole number.
_STEP_TOLERANCE = 1e-9


def lif_rheobase(tau_m: ArrayLike, cm: ArrayLike, v_rest: ArrayLike, v_thresh: ArrayLike) -> Floats:
    """Current (nA) above which a leaky integrate-and-fire neuron fires.

    ``I = theta / R`` with ``R = tau_m / cm`` (Mohm, from ms and nF) and
    ``theta = v_thresh - v_rest`` (mV). At the rheobase itself the potential only tends to
    the threshold.
    """
    resistance = np.asarray(tau_m, float) / np.asarray(cm, float)
    return (np.asarray(v_thresh, float) - np.asarray(v_rest, float)) / resistance


def lif_charging_time(
    i_offset: ArrayLike,
    tau_m: ArrayLike,
    cm: ArrayLike,
    v_rest: ArrayLike,
    v_reset: ArrayLike,
    v_thresh: ArrayLike,
) -> Floats:
    """Time (ms) that a constant current takes from the reset potential to the threshold.

    Solves ``tau_m dv/dt = v_rest - v + R I`` from ``v_reset`` to ``v_thresh``::

        t = tau_m ln((R I + v_rest - v_reset) / (R I + v_rest - v_thresh))

    Returns
    -------
    array
        The time; infinite at and below the rheobase.

    Notes
    -----
    Gerstner, Kistler, Naud and Paninski (2014), Neuronal Dynamics, section 1.3.
    """
    resistance = np.asarray(tau_m, float) / np.asarray(cm, float)
    steady = resistance * np.asarray(i_offset, float) + np.asarray(v_rest, float)
    above = steady - np.asarray(v_thresh, float)
    ratio = np.divide(
        steady - np.asarray(v_reset, float), above, out=np.full_like(above, np.inf), where=above > 0
    )
    return np.asarray(tau_m, float) * np.log(ratio)


def lif_interval(
    i_offset: ArrayLike,
    tau_m: ArrayLike,
    cm: ArrayLike,
    v_rest: ArrayLike,
    v_reset: ArrayLike,
    v_thresh: ArrayLike,
    tau_refrac: ArrayLike,
) -> Floats:
    """Interval (ms) between spikes under a constant current; infinite below the rheobase."""
    charging = lif_charging_time(i_offset, tau_m, cm, v_rest, v_reset, v_thresh)
    return np.asarray(tau_refrac, float) + charging


def lif_rate(
    i_offset: ArrayLike,
    tau_m: ArrayLike,
    cm: ArrayLike,
    v_rest: ArrayLike,
    v_reset: ArrayLike,
    v_thresh: ArrayLike,
    tau_refrac: ArrayLike,
) -> Floats:
    """Firing rate (Hz) under a constant current; 0 at and below the rheobase.

    With ``v_reset = v_rest`` this is ``1 / (tau_refrac + tau_m ln(R I / (R I - theta)))``.
    """
    return 1000.0 / lif_interval(i_offset, tau_m, cm, v_rest, v_reset, v_thresh, tau_refrac)


def whole_steps_up(time_ms: ArrayLike, timestep: ArrayLike) -> Floats:
    """Number of steps of `timestep` (ms) that cover `time_ms`: rounded up, infinity kept."""
    return np.ceil(np.asarray(time_ms, float) / np.asarray(timestep, float) - _STEP_TOLERANCE)


def lif_grid_interval(
    i_offset: ArrayLike,
    tau_m: ArrayLike,
    cm: ArrayLike,
    v_rest: ArrayLike,
    v_reset: ArrayLike,
    v_thresh: ArrayLike,
    tau_refrac: ArrayLike,
    timestep: ArrayLike,
) -> Floats:
    """Interval (ms) between spikes on a grid of time steps of `timestep` (ms).

    The neuron is refractory for a whole number of steps, then charges exactly and fires at
    the first step at which it is at or above the threshold, so that both parts of the
    interval are rounded up.
    """
    charging = lif_charging_time(i_offset, tau_m, cm, v_rest, v_reset, v_thresh)
    steps = whole_steps_up(tau_refrac, timestep) + whole_steps_up(charging, timestep)
    return steps * np.asarray(timestep, float)


def split_delay(delay: float, dendritic_fraction: float, timestep: float) -> tuple[float, float]:
    """Divide a synaptic delay into its dendritic and axonal parts, in whole steps.

    Parameters
    ----------
    delay, timestep
        In ms.
    dendritic_fraction
        Between 0 (all of the delay is axonal) and 1 (all of it is dendritic).

    Returns
    -------
    tuple
        ``(d_dendritic, d_axonal)`` in ms; their sum is `delay`. Half a step is rounded up.
    """
    steps = np.floor(dendritic_fraction * delay / timestep + 0.5 + _STEP_TOLERANCE)
    d_dendritic = float(steps) * timestep
    return d_dendritic, delay - d_dendritic


def lag_at_synapse(
    t_pre: ArrayLike, t_post: ArrayLike, d_axonal: ArrayLike, d_dendritic: ArrayLike
) -> Floats:
    """Lag (ms) of a pair of spikes at the synapse, after their delays.

    ``lag = (t_post + d_dendritic) - (t_pre + d_axonal)``; positive when the presynaptic
    spike arrives first (Morrison, Diesmann and Gerstner 2008, section 3.1).
    """
    at_post = np.asarray(t_post, float) + np.asarray(d_dendritic, float)
    return at_post - (np.asarray(t_pre, float) + np.asarray(d_axonal, float))


# Factors of potentiation and depression at a weight w (in units of w_max), for each rule.
_SCALING: dict[str, Callable[[Floats, float, float], tuple[Floats, Floats]]] = {
    "additive": lambda w, mu_plus, mu_minus: (np.ones_like(w), np.ones_like(w)),
    "multiplicative": lambda w, mu_plus, mu_minus: (1 - w, w),
    "additive_multiplicative": lambda w, mu_plus, mu_minus: (np.ones_like(w), w),
    "gutig": lambda w, mu_plus, mu_minus: ((1 - w) ** mu_plus, w**mu_minus),
}

WEIGHT_RULES = tuple(_SCALING)


def stdp_change(
    lag: ArrayLike,
    *,
    rule: str = "additive",
    w_init: float = 0.5,
    w_max: float = 1.0,
    A_plus: float = 0.01,
    A_minus: float = 0.01,
    tau_plus: float = 20.0,
    tau_minus: float = 20.0,
    mu_plus: float = 0.5,
    mu_minus: float = 0.5,
) -> Floats:
    """Change of weight (unit of `w_max`) by one pair of spikes, pair-based STDP.

    Parameters
    ----------
    lag
        Lag at the synapse in ms, see `lag_at_synapse`.
    rule
        One of `WEIGHT_RULES`. With u = w / w_max, potentiation scales with 1
        (additive, additive_multiplicative), 1 - u (multiplicative) or (1 - u)**mu_plus
        (gutig); depression with 1 (additive), u (multiplicative, additive_multiplicative)
        or u**mu_minus (gutig).
    w_init
        Weight before the pair, as a fraction of `w_max`.
    w_max
        Largest weight; the result is in its unit.
    A_plus, A_minus
        Amplitudes as fractions of `w_max`; both positive for a Hebbian window.
    tau_plus, tau_minus
        Time constants of the window in ms.
    mu_plus, mu_minus
        Exponents of the gutig rule.

    Returns
    -------
    array
        ``A_plus w_max exp(-lag / tau_plus)`` for lag > 0, ``-A_minus w_max exp(lag / tau_minus)``
        for lag < 0, each scaled by the rule, and 0 for a pair without lag. The weight stays
        within 0 and `w_max`.

    Raises
    ------
    ValueError
        If the rule is unknown.

    Notes
    -----
    Bi and Poo (1998); Song, Miller and Abbott (2000) for the additive rule; van Rossum, Bi
    and Turrigiano (2000) for additive potentiation with multiplicative depression; Rubin,
    Lee and Sompolinsky (2001) for the multiplicative and Guetig et al. (2003) for the
    power-law rule.
    """
    if rule not in _SCALING:
        raise ValueError(f"unknown weight rule {rule!r}; known: {', '.join(WEIGHT_RULES)}")
    lag = np.asarray(lag, float)
    # Rounding of sums of spike times and delays must not turn a zero lag into a jump.
    sign = np.where(np.abs(lag) < _STEP_TOLERANCE, 0.0, np.sign(lag))
    up, down = _SCALING[rule](np.asarray(w_init, float), mu_plus, mu_minus)
    potentiation = A_plus * up * np.exp(-np.abs(lag) / tau_plus)
    depression = A_minus * down * np.exp(-np.abs(lag) / tau_minus)
    change = np.where(sign > 0, potentiation, 0.0) - np.where(sign < 0, depression, 0.0)
    return w_max * (np.clip(w_init + change, 0.0, 1.0) - w_init)
