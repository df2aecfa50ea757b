"""Neuron models with spike initiation: adaptive exponential, Hodgkin-Huxley, Izhikevich.

Units are those of `neurons`.
"""

from __future__ import annotations

import numpy as np

from pipelines.errors import BadInput

from ..shared.time_grid import ceil_steps
from .neurons import AlphaConductances, ConductanceExp, Neurons

# Limits of v (mV) and w (nA) beyond which NEST raises an error.
_LOWEST, _LARGEST_W = -1e3, 1e3


class AdaptiveExponential(ConductanceExp):
    """Adaptive exponential integrate-and-fire neurons with exponential conductances.

        cm dv/dt = g (-(v - v_rest) + delta_T exp((v - v_thresh) / delta_T)) - w + I
                   - gsyn_exc (v - e_rev_E) - gsyn_inh (v - e_rev_I)
        tau_w dw/dt = a (v - v_rest) - w          where v >= v_spike: v = v_reset, w += b

    with g = cm / tau_m, and a in nS. Spikes are detected after each step of the solver, at
    `v_thresh` if delta_T is 0. If tau_refrac is 0, integration continues within the time step after
    a spike, from a time that depends on rounding: later spikes may be one time step off. Tolerance
    1e-6 mV, nS and pA, plus 1e-6 of the change in a step.
    Brette and Gerstner (2005), J. Neurophysiol. 94:3637-3642.
    """

    variables: tuple[str, ...] = ("v", "gsyn_exc", "gsyn_inh", "w")
    tolerance, relative_tolerance, longest_first_step = 1e-6, 1e-6, 0.01

    def derivative(self, y: np.ndarray, current: np.ndarray) -> np.ndarray:
        p, w = self.parameters, y[-1]
        refractory = self.refractory_steps_left > 0
        v = np.where(refractory, p["v_reset"], np.minimum(y[0], p["v_spike"]))
        soft = p["delta_T"] > 0
        slope = np.where(soft, p["delta_T"], 1.0)
        onset = np.where(soft, slope * np.exp(np.where(soft, v - p["v_thresh"], 0) / slope), 0.0)
        leak = p["cm"] / p["tau_m"] * (v - p["v_rest"] - onset)
        dv = np.where(refractory, 0.0, (current - leak - self.synaptic_current(y, v) - w) / p["cm"])
        dw = (1e-3 * p["a"] * (v - p["v_rest"]) - w) / p["tau_w"]
        return np.vstack([dv, self.receptor_derivatives(y), dw])

    def integrate(self, current: np.ndarray, not_refractory: np.ndarray) -> None:
        self.spikes = np.zeros(self.n, dtype=np.int64)
        super().integrate(current, not_refractory)

    def after_solver_step(self) -> None:
        v, w, p = self.state[0], self.state[-1], self.parameters
        lost = np.flatnonzero((v < _LOWEST) | (np.abs(w) > _LARGEST_W))
        if lost.size:
            raise BadInput(
                type(self).__name__, f"v or w of cell {lost[0]} grows without bounds",
                "a smaller time step, or other parameters and weights",
            )  # fmt: skip
        refractory = self.refractory_steps_left > 0
        spiking = ~refractory & (v >= np.where(p["delta_T"] > 0, p["v_spike"], p["v_thresh"]))
        v[refractory | spiking] = p["v_reset"][refractory | spiking]
        self.state[-1, spiking] += p["b"][spiking]
        # The remainder of this time step is additional.
        steps = self.refractory_steps[spiking]
        self.refractory_steps_left[spiking] = np.where(steps > 0, steps + 1, 0)
        self.spikes += spiking

    def fire(self, not_refractory: np.ndarray) -> np.ndarray:
        self.refractory_steps_left = np.maximum(self.refractory_steps_left - 1, 0)
        return np.repeat(np.arange(self.n), self.spikes)


class AdaptiveExponentialAlpha(AlphaConductances, AdaptiveExponential):
    """Neurons as `AdaptiveExponential`, with `AlphaConductances`."""

    variables: tuple[str, ...] = ("v", "gsyn_exc", "gsyn_inh", "rise_exc", "rise_inh", "w")


class HodgkinHuxley(ConductanceExp):
    """Neurons with sodium and potassium channels and exponential conductances.

        cm dv/dt = -gbar_Na m^3 h (v - e_rev_Na) - gbar_K n^4 (v - e_rev_K) + I
                   - g_leak (v - e_rev_leak) - gsyn_exc (v - e_rev_E) - gsyn_inh (v - e_rev_I)
        dx/dt    = alpha_x(u) (1 - x) - beta_x(u) x,   x = m, h, n,   u = v - v_offset

    A spike is a peak of v above v_offset + 30 mV, at most one in 2 ms. Tolerance 1e-3 mV, nS and
    1e-3 for the gates. Traub and Miles (1991), Neuronal Networks of the Hippocampus.
    """

    variables = ("v", "gsyn_exc", "gsyn_inh", "m", "h", "n")

    def update_constants(self) -> None:
        self.refractory_steps = ceil_steps(np.full(self.n, 2.0), self.dt)

    def integrate(self, current: np.ndarray, not_refractory: np.ndarray) -> None:
        self.before = self.state[0].copy()
        super().integrate(current, not_refractory)

    def derivative(self, y: np.ndarray, current: np.ndarray) -> np.ndarray:
        p, (v, _, _, m, h, n) = self.parameters, y
        sodium = p["gbar_Na"] * m**3 * h * (v - p["e_rev_Na"])
        potassium = p["gbar_K"] * n**4 * (v - p["e_rev_K"])
        leak = p["g_leak"] * (v - p["e_rev_leak"])
        dv = (current - sodium - potassium - leak - self.synaptic_current(y, v)) / p["cm"]
        u = v - p["v_offset"]
        # alpha and beta, in 1/ms
        rates = (
            (0.32 * _linoid(13 - u, 4), 0.28 * _linoid(u - 40, 5)),
            (0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5))),
            (0.032 * _linoid(15 - u, 5), 0.5 * np.exp((10 - u) / 40)),
        )
        gates = [a - (a + b) * x for (a, b), x in zip(rates, (m, h, n), strict=True)]
        return np.vstack([dv, self.receptor_derivatives(y), *gates])

    def fire(self, not_refractory: np.ndarray) -> np.ndarray:
        v = self.state[0]
        spiking = not_refractory & (v >= self.parameters["v_offset"] + 30) & (self.before > v)
        self.refractory_steps_left = np.where(
            spiking, self.refractory_steps, np.maximum(self.refractory_steps_left - 1, 0)
        )
        return np.flatnonzero(spiking)


def _linoid(x: np.ndarray, scale: float) -> np.ndarray:
    """x / (exp(x / scale) - 1), which is `scale` at 0."""
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, scale, safe / (np.exp(safe / scale) - 1))


class Izhikevich(Neurons):
    """Neurons with a quadratic nonlinearity, integrated by forward Euler as in their definition.

        dv/dt = 0.04 v^2 + 5 v + 140 - u + I              v += w at a spike
        du/dt = a (b v - u)                               where v >= 30: v = c, u += d

    with I in pA. Izhikevich (2003), IEEE Trans. Neural Netw. 14:1569-1572.
    """

    variables = ("v", "u")

    def update_constants(self) -> None:
        """Do nothing: no constants depend on parameters."""

    def integrate(self, current: np.ndarray, not_refractory: np.ndarray) -> None:
        p, (v, u) = self.parameters, self.state
        dv = 0.04 * v * v + 5 * v + 140 - u + 1e3 * current
        self.state = self.state + self.dt * np.stack([dv, p["a"] * (p["b"] * v - u)])

    def receive(self, arriving: np.ndarray, not_refractory: np.ndarray) -> None:
        self.state[0] += arriving.sum(axis=0)

    def fire(self, not_refractory: np.ndarray) -> np.ndarray:
        spiking = np.flatnonzero(self.state[0] >= 30.0)
        self.state[0, spiking] = self.parameters["c"][spiking]
        self.state[1, spiking] += self.parameters["d"][spiking]
        return spiking
