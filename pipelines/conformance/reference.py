"""An independent reference: exact LIF and brute-force pair STDP, in NumPy alone.

Written from the equations, not from a simulator: Rotter and Diesmann (1999) for the neuron,
Morrison, Diesmann and Gerstner (2008) and Guetig et al. (2003) for the synapse. Time is
counted in whole steps; a spike is stamped with the end of its step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Cell:
    """Parameters of a current-based LIF neuron, in ms, nF, mV and nA."""

    tau_m: float = 20.0
    cm: float = 0.25
    v_rest: float = -65.0
    v_reset: float = -65.0
    v_thresh: float = -50.0
    tau_syn_E: float = 5.0
    tau_syn_I: float = 5.0
    tau_refrac: float = 2.0
    i_offset: float = 0.0


@dataclass(frozen=True)
class Rule:
    """Pair-based STDP with general weight dependence; weights between w_min and w_max.

    Potentiation adds ``A_plus w_max ((w_max - w) / w_max)^mu_plus`` a pair, depression takes
    ``A_minus w_max ((w - w_min) / w_max)^mu_minus``, each times its exponential of the lag.
    """

    A_plus: float = 0.01
    A_minus: float = 0.01
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    w_max: float = 1.0
    w_min: float = 0.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0


def input_resistance_step(cell: Cell, dt: float, tau_syn: float) -> float:
    """Voltage (mV) that 1 nA of synaptic current adds over one step while it decays."""
    if abs(tau_syn - cell.tau_m) < 1e-12:
        return dt / cell.cm * np.exp(-dt / cell.tau_m)
    factor = tau_syn * cell.tau_m / (cell.cm * (cell.tau_m - tau_syn))
    return float(factor * (np.exp(-dt / cell.tau_m) - np.exp(-dt / tau_syn)))


@dataclass
class Lif:
    """A population of LIF neurons that is advanced step by step."""

    cell: Cell
    n: int
    dt: float
    v: np.ndarray = field(init=False)
    exc: np.ndarray = field(init=False)
    inh: np.ndarray = field(init=False)
    held: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.v = np.full(self.n, self.cell.v_rest)
        self.exc = np.zeros(self.n)
        self.inh = np.zeros(self.n)
        self.held = np.zeros(self.n, dtype=int)
        cell, dt = self.cell, self.dt
        self._refractory = int(np.ceil(np.round(cell.tau_refrac / dt, 9)))
        self._decay = np.exp(-dt / cell.tau_m)
        self._drive = cell.tau_m / cell.cm * (1 - np.exp(-dt / cell.tau_m))
        self._from_exc = input_resistance_step(cell, dt, cell.tau_syn_E)
        self._from_inh = input_resistance_step(cell, dt, cell.tau_syn_I)
        self._exc_decay = np.exp(-dt / cell.tau_syn_E)
        self._inh_decay = np.exp(-dt / cell.tau_syn_I)

    def step(self, exc_in: np.ndarray, inh_in: np.ndarray) -> np.ndarray:
        """Advance by one step, with the current (nA) that arrives at its end.

        Returns
        -------
        ndarray of int
            Neurons that spiked.
        """
        cell = self.cell
        free = self.held == 0
        moved = (
            cell.v_rest
            + self._decay * (self.v - cell.v_rest)
            + self._from_exc * self.exc
            + self._from_inh * self.inh
            + self._drive * cell.i_offset
        )
        self.v = np.where(free, moved, self.v)
        self.held = np.where(free, 0, self.held - 1)
        self.exc = self.exc * self._exc_decay + exc_in
        self.inh = self.inh * self._inh_decay + inh_in
        spiking = np.flatnonzero(free & (self.v >= cell.v_thresh))
        self.v[spiking] = cell.v_reset
        self.held[spiking] = self._refractory
        return spiking


def lif(
    cell: Cell, dt: float, n_steps: int, exc: dict[int, float] | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One neuron with excitatory current that arrives at given steps.

    Parameters
    ----------
    exc
        Current in nA by the step at whose end it arrives.

    Returns
    -------
    v, isyn : ndarray, shape (n_steps + 1,)
        State at every step, in mV and nA.
    spikes : ndarray of int
        Steps of the spikes.
    """
    neuron, none = Lif(cell, 1, dt), np.zeros(1)
    v, isyn, spikes = [neuron.v[0]], [0.0], []
    for k in range(1, n_steps + 1):
        arriving = np.array([(exc or {}).get(k, 0.0)])
        if neuron.step(arriving, none).size:
            spikes.append(k)
        v.append(neuron.v[0])
        isyn.append(neuron.exc[0])
    return np.array(v), np.array(isyn), np.array(spikes, dtype=int)


def stdp(
    rule: Rule,
    w_init: float,
    pre_arrivals: np.ndarray,
    post_arrivals: np.ndarray,
    dt: float,
) -> tuple[float, float]:
    """Weight of one synapse after all spikes have reached it, by summing over pairs.

    Parameters
    ----------
    pre_arrivals, post_arrivals : ndarray of int
        Steps at which presynaptic and postsynaptic spikes arrive at the synapse.

    Returns
    -------
    now, transmitted : float
        Weight after the last event, and weight as the last presynaptic spike carried it.
    """
    pre, post = np.sort(pre_arrivals), np.sort(post_arrivals)
    w, transmitted = w_init, w_init
    # Within a step potentiation comes first; a pair of lag zero counts in neither.
    events = sorted([(k, 0) for k in post] + [(k, 1) for k in pre])
    for step, is_pre in events:
        if is_pre:
            lags = (step - post[post < step]) * dt
            change = np.sum(np.exp(-lags / rule.tau_minus)) * rule.A_minus * rule.w_max
            w -= change * ((w - rule.w_min) / rule.w_max) ** rule.mu_minus
            w = max(w, rule.w_min)
            transmitted = w
        else:
            lags = (step - pre[pre < step]) * dt
            change = np.sum(np.exp(-lags / rule.tau_plus)) * rule.A_plus * rule.w_max
            w += change * ((rule.w_max - w) / rule.w_max) ** rule.mu_plus
            w = min(w, rule.w_max)
    return w, transmitted
