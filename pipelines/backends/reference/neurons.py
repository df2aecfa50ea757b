"""Neurons: the equations of their states, and how they are solved over one time step.

Units: mV, ms, nA, nF, uS. A spike that arrives adds the weight of its synapse: to the current
(nA), to the conductance (uS), or to the potential (mV).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from scipy.linalg import expm

from ..shared.time_grid import ceil_steps
from .runge_kutta import Fehlberg

Values = dict[str, np.ndarray]


class Neurons:
    """The neurons of one population; v is held at `v_reset` for ceil(tau_refrac / dt) steps.

    Attributes
    ----------
    parameters : dict of ndarray, each of shape (n,)
        By PyNN's names and in its units; `renew` is to be called when they have changed.
    state : ndarray, shape (n_variables, n)
        In the order of `variables`.
    held : ndarray of int, shape (n,)
        Steps for which the membrane is still held.
    """

    variables: tuple[str, ...]
    # Parameters that are not PyNN's, the same for all neurons.
    constants: ClassVar[Mapping[str, float]] = {}

    def __init__(self, parameters: Values, n: int, dt: float) -> None:
        constants = {name: np.full(n, value) for name, value in self.constants.items()}
        self.parameters, self.n, self.dt = constants | parameters, n, dt
        self.restart({})
        self.renew()

    def restart(self, initial: Values) -> None:
        """Take initial values; what has none is 0."""
        self.state = np.zeros((len(self.variables), self.n))
        self.held = np.zeros(self.n, dtype=np.int64)
        for name, values in initial.items():
            self.set(name, values)

    def get(self, variable: str) -> np.ndarray:
        """Present values of a state variable."""
        return self.state[self.variables.index(variable)]

    def set(self, variable: str, values: np.ndarray) -> None:
        """Set a state variable."""
        self.state[self.variables.index(variable)] = values

    def renew(self) -> None:
        """Derive what depends on parameters."""
        self.refractory_steps = ceil_steps(self.parameters["tau_refrac"], self.dt)

    def step(self, now: int, current: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        """Advance to step `now`; the neurons that spike then.

        Parameters
        ----------
        current : ndarray, shape (n,)
            Injected current (nA) during the step.
        arriving : ndarray, shape (n_receptors, n)
            Sums of the weights that arrive at its end.
        """
        free = self.held == 0
        self.integrate(self.parameters.get("i_offset", 0.0) + current, free)
        self.receive(arriving, free)
        return self.fire(free)

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        """Move the state on, under a constant current; only `free` membranes move."""
        raise NotImplementedError

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        """Add weights to the first variable of each receptor."""
        self.state[1 : 1 + len(arriving)] += arriving

    def fire(self, free: np.ndarray) -> np.ndarray:
        """Reset the neurons that have reached `v_thresh`, and hold them."""
        v, p = self.state[0], self.parameters
        spiking = free & (v >= p["v_thresh"])
        v[spiking] = p["v_reset"][spiking]
        self.held = np.where(spiking, self.refractory_steps, np.maximum(self.held - 1, 0))
        return np.flatnonzero(spiking)

    def tau_syn(self) -> np.ndarray:
        """Synaptic time constants (ms), excitatory and inhibitory, shape (2, n)."""
        return self.of_receptors("tau_syn")

    def of_receptors(self, name: str) -> np.ndarray:
        """A parameter of the receptors, shape (n_receptors, n)."""
        return np.stack([self.parameters[f"{name}_{receptor}"] for receptor in "EI"])


class CurrentExp(Neurons):
    """Leaky integrate-and-fire neurons with exponential currents, integrated exactly.

        cm dv/dt = -cm (v - v_rest) / tau_m + isyn_exc + isyn_inh + I
        disyn/dt = -isyn / tau_syn                       isyn += w at a spike

    Linear, dy/dt = A y, so that y(t + dt) = exp(A dt) y(t), with y = (v - v_rest, currents ..., I).
    Rotter and Diesmann (1999), Biol. Cybern. 81:381-402.
    """

    variables: tuple[str, ...] = ("v", "isyn_exc", "isyn_inh")

    def renew(self) -> None:
        super().renew()
        p, size = self.parameters, len(self.variables) + 1
        a = np.zeros((self.n, size, size))
        a[:, 0, 0] = -1 / p["tau_m"]
        a[:, 0, -1] = 1 / p["cm"]
        self.couple(a)
        distinct, which = np.unique(a, axis=0, return_inverse=True)
        # Exactly 0 from what does not act on a variable: the exponential is rounded there.
        acts = np.linalg.matrix_power((distinct != 0) + np.eye(size), size) > 0
        self.propagator = (expm(distinct * self.dt) * acts)[np.ravel(which)]

    def couple(self, a: np.ndarray) -> None:
        """Write the synaptic currents into A, shape (n, n_variables + 1, n_variables + 1)."""
        for row, tau in enumerate(self.tau_syn(), 1):
            a[:, 0, row] = 1 / self.parameters["cm"]
            a[:, row, row] = -1 / tau

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        y = np.vstack([self.state, current])
        y[0] -= self.parameters["v_rest"]
        moved = np.einsum("nij,jn->in", self.propagator, y)[:-1]
        moved[0] = np.where(free, moved[0] + self.parameters["v_rest"], self.state[0])
        self.state = moved


class CurrentAlpha(CurrentExp):
    """Leaky integrate-and-fire neurons with alpha-shaped currents: as `CurrentExp`, but for

        disyn/dt = r - isyn / tau_syn
        dr/dt    = -r / tau_syn                          r += w e / tau_syn at a spike

    so that isyn(t) = w (t / tau_syn) exp(1 - t / tau_syn), which peaks at w after tau_syn.
    """

    variables = ("v", "isyn_exc", "isyn_inh", "rise_exc", "rise_inh")

    def couple(self, a: np.ndarray) -> None:
        super().couple(a)
        for row, tau in enumerate(self.tau_syn(), 3):
            a[:, row - 2, row] = 1.0
            a[:, row, row] = -1 / tau

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        self.state[3:5] += arriving * np.e / self.tau_syn()


class Delta(CurrentExp):
    """Leaky integrate-and-fire neurons whose potential jumps by w mV at a spike.

        cm dv/dt = -cm (v - v_rest) / tau_m + I          v += w at a spike

    What arrives while the membrane is held is lost.
    """

    variables = ("v",)

    def couple(self, a: np.ndarray) -> None:
        """There are no synaptic currents."""

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        self.state[0] += np.where(free, arriving.sum(axis=0), 0.0)


class ConductanceExp(Neurons):
    """Leaky integrate-and-fire neurons with exponential conductances.

        cm dv/dt = -cm (v - v_rest) / tau_m - gsyn_exc (v - e_rev_E) - gsyn_inh (v - e_rev_I) + I
        dgsyn/dt = -gsyn / tau_syn                       gsyn += w at a spike

    Not linear: `Fehlberg`, with a tolerance of 1e-3 mV and 1e-3 nS.
    """

    variables: tuple[str, ...] = ("v", "gsyn_exc", "gsyn_inh")
    tolerance, relative_tolerance, longest_first_step = 1e-3, 0.0, np.inf
    # In mV, nS, pA: these are in uS and nA here.
    in_thousands = ("gsyn", "rise", "w")

    def restart(self, initial: Values) -> None:
        super().restart(initial)
        first = np.full(self.n, min(self.dt, self.longest_first_step))
        names = (name.rpartition(".")[2] for name in self.variables)
        units = np.array([1e-3 if name.startswith(self.in_thousands) else 1.0 for name in names])
        self.solver = Fehlberg(first, self.tolerance * units, self.relative_tolerance)

    def integrate(self, current: np.ndarray, free: np.ndarray) -> None:
        t = np.zeros(self.n)
        while np.any(t < self.dt):
            self.solver.advance(lambda y: self.derivative(y, current), self.state, t, self.dt)
            self.after_piece()

    def after_piece(self) -> None:
        """What happens after each step of the solver."""

    def fire(self, free: np.ndarray) -> np.ndarray:
        """As of all neurons; a membrane that is held is at `v_reset`, whatever v was set to."""
        self.state[0] = np.where(free, self.state[0], self.parameters["v_reset"])
        return super().fire(free)

    def derivative(self, y: np.ndarray, current: np.ndarray) -> np.ndarray:
        """Time derivative of the state, of its shape."""
        p, v = self.parameters, np.minimum(y[0], self.parameters["v_thresh"])
        leak = p["cm"] / p["tau_m"] * (v - p["v_rest"])
        dv = np.where(self.held > 0, 0.0, (current - leak - self.synaptic(y, v)) / p["cm"])
        return np.vstack([dv, self.conductances(y)])

    def synaptic(self, y: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Current (nA) out through all receptors at a potential."""
        reversal = self.reversal()
        return np.sum(y[1 : 1 + len(reversal)] * (v - reversal), axis=0)

    def reversal(self) -> np.ndarray:
        """Reversal potentials (mV) of the receptors, shape (n_receptors, n)."""
        return self.of_receptors("e_rev")

    def conductances(self, y: np.ndarray) -> np.ndarray:
        """Derivatives of the variables of the receptors."""
        return -y[1:3] / self.tau_syn()


class AlphaConductances:
    """Mixin of neurons with conductances: alpha-shaped ones.

    dgsyn/dt = r - gsyn / tau_syn
    dr/dt    = -r / tau_syn                          r += w e / tau_syn at a spike

    so that gsyn(t) = w (t / tau_syn) exp(1 - t / tau_syn), which peaks at w after tau_syn.
    """

    state: np.ndarray

    def conductances(self, y: np.ndarray) -> np.ndarray:
        """Derivatives of the variables of the receptors."""
        rising, falling = self.rising(), self.falling()
        n = len(rising)
        gsyn, rise = y[1 : 1 + n], y[1 + n : 1 + 2 * n]
        return np.vstack([rise - gsyn / falling, -rise / rising])

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        """Add weights to the rise of each receptor."""
        n = len(arriving)
        self.state[1 + n : 1 + 2 * n] += arriving * self.jump()

    def rising(self) -> np.ndarray:
        """Time constants (ms) of r, shape (n_receptors, n)."""
        return self.tau_syn()  # type: ignore[attr-defined]

    falling = rising

    def jump(self) -> np.ndarray:
        """Jump of r for a weight of 1, in 1/ms."""
        return np.e / self.rising()


class ConductanceAlpha(AlphaConductances, ConductanceExp):
    """Leaky integrate-and-fire neurons as `ConductanceExp`, with `AlphaConductances`."""

    variables = ("v", "gsyn_exc", "gsyn_inh", "rise_exc", "rise_inh")
