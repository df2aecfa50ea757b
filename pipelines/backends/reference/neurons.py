"""Neurons: the equations of their states, and how they are solved over one time step.

Units: mV, ms, nA, nF, uS. A spike that arrives adds the weight of its synapse: to the current
(nA), to the conductance (uS), or to the potential (mV).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.linalg import expm

from ..shared.grid import ceil_steps
from .runge_kutta import Fehlberg

Values = dict[str, np.ndarray]


class Neurons:
    """The neurons of one population.

    The membrane is held at `v_reset` for ``ceil(tau_refrac / dt)`` steps after a spike.

    Attributes
    ----------
    parameters : dict of ndarray, each of shape (n,)
        By PyNN's names and in its units; `renew` is to be called when they have changed.
    state : ndarray, shape (n_variables, n)
        In the order of `variables`.
    held : ndarray of int, shape (n,)
        Steps for which the membrane is still held.
    """

    variables: ClassVar[tuple[str, ...]]

    def __init__(self, parameters: Values, n: int, dt: float) -> None:
        self.parameters = parameters
        self.dt = dt
        self.state = np.zeros((len(self.variables), n))
        self.restart({})
        self.renew()

    def restart(self, initial: Values) -> None:
        """Take initial values; what has none is 0."""
        self.state[:] = 0.0
        self.held = np.zeros(self.state.shape[1], dtype=np.int64)
        for name, value in initial.items():
            self.set(name, value)

    def get(self, variable: str) -> np.ndarray:
        """Present values of a state variable, in PyNN's unit."""
        return self.state[self.variables.index(variable)]

    def set(self, variable: str, values: np.ndarray) -> None:
        """Set a state variable, in PyNN's unit."""
        self.state[self.variables.index(variable)] = values

    def renew(self) -> None:
        """Derive what depends on parameters."""
        self.refractory_steps = ceil_steps(self.parameters["tau_refrac"], self.dt)

    def step(self, current: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        """Advance by one time step.

        Parameters
        ----------
        current : ndarray, shape (n,)
            Injected current (nA) during the step.
        arriving : ndarray, shape (2, n)
            Sums of excitatory and of inhibitory weights that arrive at its end.

        Returns
        -------
        ndarray of int
            Neurons that spike at its end.
        """
        free = self.held == 0
        self.integrate(self.parameters["i_offset"] + current, free)
        self.receive(arriving, free)
        return self.fire(free)

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        """Move the state on, under a constant current (nA); only `free` membranes move."""
        raise NotImplementedError

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        """Add weights to the first synaptic variable of each receptor."""
        self.state[1:3] += arriving

    def fire(self, free: np.ndarray) -> np.ndarray:
        """Reset the neurons that have reached `v_thresh`, and hold them."""
        v, p = self.state[0], self.parameters
        spiking = free & (v >= p["v_thresh"])
        v[spiking] = p["v_reset"][spiking]
        self.held = np.where(spiking, self.refractory_steps, np.maximum(self.held - 1, 0))
        return np.flatnonzero(spiking)


class CurrentExp(Neurons):
    """Leaky integrate-and-fire neurons with exponential currents, integrated exactly.

        cm dv/dt  = -cm (v - v_rest) / tau_m + isyn_exc + isyn_inh + I
        disyn/dt  = -isyn / tau_syn                          isyn += w at a spike

    The system is linear, dy/dt = A y, so that y(t + dt) = exp(A dt) y(t), with
    y = (v - v_rest, currents ..., I). Rotter and Diesmann (1999), Biol. Cybern. 81:381-402.
    """

    variables = ("v", "isyn_exc", "isyn_inh")

    def matrix(self) -> np.ndarray:
        """A of every neuron, shape (n, n_variables + 1, n_variables + 1)."""
        p, size = self.parameters, len(self.variables) + 1
        a = np.zeros((len(p["tau_m"]), size, size))
        a[:, 0, 0] = -1 / p["tau_m"]
        a[:, 0, -1] = 1 / p["cm"]
        self.couple(a)
        return a

    def couple(self, a: np.ndarray) -> None:
        """Write the synaptic currents into A."""
        for row, tau in ((1, "tau_syn_E"), (2, "tau_syn_I")):
            a[:, 0, row] = 1 / self.parameters["cm"]
            a[:, row, row] = -1 / self.parameters[tau]

    def renew(self) -> None:
        super().renew()
        distinct, which = np.unique(self.matrix(), axis=0, return_inverse=True)
        self.propagator = expm(distinct * self.dt)[np.ravel(which)]

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        v_rest = self.parameters["v_rest"]
        y = np.vstack([self.state, current])
        y[0] -= v_rest
        moved = np.einsum("nij,jn->in", self.propagator, y)[:-1]
        moved[0] = np.where(free, moved[0] + v_rest, self.state[0])
        self.state = moved


class CurrentAlpha(CurrentExp):
    """Leaky integrate-and-fire neurons with alpha-shaped currents, integrated exactly.

    As `CurrentExp`, but for

        disyn/dt = r - isyn / tau_syn
        dr/dt    = -r / tau_syn                      r += w e / tau_syn at a spike

    so that isyn(t) = w (t / tau_syn) exp(1 - t / tau_syn), which peaks at w after tau_syn.
    """

    variables = ("v", "isyn_exc", "isyn_inh", "rise_exc", "rise_inh")

    def couple(self, a: np.ndarray) -> None:
        super().couple(a)
        for row, tau in ((3, "tau_syn_E"), (4, "tau_syn_I")):
            a[:, row - 2, row] = 1.0
            a[:, row, row] = -1 / self.parameters[tau]

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        p = self.parameters
        self.state[3:5] += arriving * np.e / np.stack([p["tau_syn_E"], p["tau_syn_I"]])


class Delta(CurrentExp):
    """Leaky integrate-and-fire neurons whose potential jumps by w mV at a spike.

        cm dv/dt = -cm (v - v_rest) / tau_m + I              v += w at a spike

    What arrives while the membrane is held is lost.
    """

    variables = ("v",)

    def couple(self, a: np.ndarray) -> None:
        pass

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        self.state[0] += np.where(free, arriving.sum(axis=0), 0.0)


class ConductanceExp(Neurons):
    """Leaky integrate-and-fire neurons with exponential conductances.

        cm dv/dt  = -cm (v - v_rest) / tau_m - gsyn_exc (v - e_rev_E) - gsyn_inh (v - e_rev_I) + I
        dgsyn/dt  = -gsyn / tau_syn                          gsyn += w at a spike

    Not linear: `Fehlberg`, with an absolute tolerance of 1e-3 mV and 1e-3 nS.
    """

    variables = ("v", "gsyn_exc", "gsyn_inh")
    # Tolerance of each variable, in its unit, and relative to its change; longest first step (ms).
    absolute: ClassVar[tuple[float, ...]] = (1e-3, 1e-6, 1e-6)
    relative = 0.0
    first_step = np.inf

    def restart(self, initial: Values) -> None:
        super().restart(initial)
        first = min(self.first_step, self.dt)
        self.solver = Fehlberg(
            self.state.shape[1], first, np.array(self.absolute), self.relative
        )

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        t = np.zeros(self.state.shape[1])
        while np.any(t < self.dt):
            self.solver.advance(lambda y: self.derivative(y, current), self.state, t, self.dt)
            self.between_pieces()

    def between_pieces(self) -> None:
        """What happens after each step of the solver."""

    def derivative(self, y: np.ndarray, current: np.ndarray) -> np.ndarray:
        """Time derivative of the state, of its shape."""
        held, p = self.held > 0, self.parameters
        v = np.where(held, p["v_reset"], np.minimum(y[0], self.ceiling()))
        dv = (self.membrane_current(v, y) + current) / p["cm"]
        return np.stack([np.where(held, 0.0, dv), *self.synaptic(y), *self.others(v, y)])

    def ceiling(self) -> np.ndarray:
        """The potential (mV) above which the membrane's currents do not change any more."""
        return self.parameters["v_thresh"]

    def membrane_current(self, v: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Leak and synaptic currents, in nA."""
        p = self.parameters
        excitatory, inhibitory = y[1] * (v - p["e_rev_E"]), y[2] * (v - p["e_rev_I"])
        return -p["cm"] / p["tau_m"] * (v - p["v_rest"]) - excitatory - inhibitory

    def synaptic(self, y: np.ndarray) -> list[np.ndarray]:
        """Derivatives of the conductances."""
        return [-y[1] / self.parameters["tau_syn_E"], -y[2] / self.parameters["tau_syn_I"]]

    def others(self, v: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
        """Derivatives of what follows the conductances in `variables`."""
        return []


class ConductanceAlpha(ConductanceExp):
    """Leaky integrate-and-fire neurons with alpha-shaped conductances.

    As `ConductanceExp`, but for

        dgsyn/dt = r - gsyn / tau_syn
        dr/dt    = -r / tau_syn                      r += w e / tau_syn at a spike
    """

    variables = ("v", "gsyn_exc", "gsyn_inh", "rise_exc", "rise_inh")
    absolute = (1e-3, 1e-6, 1e-6, 1e-6, 1e-6)

    def synaptic(self, y: np.ndarray) -> list[np.ndarray]:
        p = self.parameters
        tau = np.stack([p["tau_syn_E"], p["tau_syn_I"]])
        return [*(y[3:5] - y[1:3] / tau), *(-y[3:5] / tau)]

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        p = self.parameters
        self.state[3:5] += arriving * np.e / np.stack([p["tau_syn_E"], p["tau_syn_I"]])


class AdaptiveExponential(ConductanceExp):
    """Adaptive exponential integrate-and-fire neurons with exponential conductances.

        cm dv/dt = -g_L (v - v_rest) + g_L delta_T exp((v - v_thresh) / delta_T)
                   - gsyn_exc (v - e_rev_E) - gsyn_inh (v - e_rev_I) - w + I
        tau_w dw/dt = a (v - v_rest) - w             at a spike v = v_reset, w += b

    with g_L = cm / tau_m and a in nS. A spike is where v reaches `v_spike` (`v_thresh` where
    delta_T is 0) at the end of any step of the solver. Brette and Gerstner (2005), J.
    Neurophysiol. 94:3637-3642. Tolerance 1e-6 of mV, nS and pA, and of the change in a step.
    """

    variables = ("v", "gsyn_exc", "gsyn_inh", "w")
    absolute = (1e-6, 1e-9, 1e-9, 1e-9)
    relative = 1e-6
    first_step = 0.01

    def ceiling(self) -> np.ndarray:
        return self.parameters["v_spike"]

    def membrane_current(self, v: np.ndarray, y: np.ndarray) -> np.ndarray:
        p = self.parameters
        soft = p["delta_T"] > 0
        slope = np.where(soft, p["delta_T"], 1.0)
        rise = np.where(soft, slope * np.exp(np.where(soft, v - p["v_thresh"], 0.0) / slope), 0.0)
        return super().membrane_current(v, y) + p["cm"] / p["tau_m"] * rise - y[3]

    def others(self, v: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
        p = self.parameters
        return [(1e-3 * p["a"] * (v - p["v_rest"]) - y[3]) / p["tau_w"]]

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        self.spiking = np.zeros(self.state.shape[1], dtype=bool)
        super().integrate(current, free)

    def between_pieces(self) -> None:
        v, p = self.state[0], self.parameters
        held = self.held > 0
        spiking = ~held & (v >= np.where(p["delta_T"] > 0, p["v_spike"], p["v_thresh"]))
        v[held | spiking] = p["v_reset"][held | spiking]
        self.state[3, spiking] += p["b"][spiking]
        # The step that completes counts as one of them below.
        self.held[spiking] = self.refractory_steps[spiking] + 1
        self.spiking |= spiking

    def fire(self, free: np.ndarray) -> np.ndarray:
        self.held = np.maximum(self.held - 1, 0)
        return np.flatnonzero(self.spiking)


class HodgkinHuxley(ConductanceExp):
    """Neurons with sodium and potassium channels and exponential conductances.

        cm dv/dt = -gbar_Na m^3 h (v - e_rev_Na) - gbar_K n^4 (v - e_rev_K)
                   - g_leak (v - e_rev_leak)
                   - gsyn_exc (v - e_rev_E) - gsyn_inh (v - e_rev_I) + I
        dx/dt    = alpha_x(u) (1 - x) - beta_x(u) x,   x = m, h, n,   u = v - v_offset

    A spike is where v has passed its peak above v_offset + 30 mV, at most one in 2 ms. Traub and
    Miles (1991), Neuronal Networks of the Hippocampus. Tolerance 1e-3 of mV, nS and the gates.
    """

    variables = ("v", "gsyn_exc", "gsyn_inh", "m", "h", "n")
    absolute = (1e-3, 1e-6, 1e-6, 1e-3, 1e-3, 1e-3)
    dead_time = 2.0  # ms

    def renew(self) -> None:
        self.refractory_steps = ceil_steps(np.full(self.state.shape[1], self.dead_time), self.dt)

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        self.before = self.state[0].copy()
        super().integrate(current, free)

    def derivative(self, y: np.ndarray, current: np.ndarray) -> np.ndarray:
        v, g_exc, g_inh, m, h, n = y
        p = self.parameters
        sodium = p["gbar_Na"] * m**3 * h * (v - p["e_rev_Na"])
        potassium = p["gbar_K"] * n**4 * (v - p["e_rev_K"])
        leak = p["g_leak"] * (v - p["e_rev_leak"])
        synaptic = g_exc * (v - p["e_rev_E"]) + g_inh * (v - p["e_rev_I"])
        u = v - p["v_offset"]
        # (alpha, beta) in 1/ms
        rates = (
            (0.32 * _linoid(13 - u, 4), 0.28 * _linoid(u - 40, 5)),
            (0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5))),
            (0.032 * _linoid(15 - u, 5), 0.5 * np.exp((10 - u) / 40)),
        )
        gates = [a - (a + b) * x for (a, b), x in zip(rates, (m, h, n), strict=True)]
        dv = (-sodium - potassium - leak - synaptic + current) / p["cm"]
        return np.stack([dv, *self.synaptic(y), *gates])

    def fire(self, free: np.ndarray) -> np.ndarray:
        v = self.state[0]
        spiking = free & (v >= self.parameters["v_offset"] + 30) & (self.before > v)
        self.held = np.where(spiking, self.refractory_steps, np.maximum(self.held - 1, 0))
        return np.flatnonzero(spiking)


def _linoid(x: np.ndarray, scale: float) -> np.ndarray:
    """x / (exp(x / scale) - 1), which is `scale` at 0."""
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, scale, safe / (np.exp(safe / scale) - 1))


class Izhikevich(Neurons):
    """Neurons with a quadratic nonlinearity, integrated by forward Euler, as they are defined.

        dv/dt = 0.04 v^2 + 5 v + 140 - u + I                 v += w at a spike
        du/dt = a (b v - u)                          where v >= 30: v = c, u += d

    with I in pA. Izhikevich (2003), IEEE Trans. Neural Netw. 14:1569-1572.
    """

    variables = ("v", "u")

    def renew(self) -> None:
        pass

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        p, (v, u) = self.parameters, self.state
        dv = 0.04 * v * v + 5 * v + 140 - u + 1e3 * current
        du = p["a"] * (p["b"] * v - u)
        self.state = self.state + self.dt * np.stack([dv, du])

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        self.state[0] += arriving.sum(axis=0)

    def fire(self, free: np.ndarray) -> np.ndarray:
        spiking = np.flatnonzero(self.state[0] >= 30.0)
        self.state[0, spiking] = self.parameters["c"][spiking]
        self.state[1, spiking] += self.parameters["d"][spiking]
        return spiking
