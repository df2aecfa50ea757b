"""Neuron models: equations of their states, and their solution over one time step.

Units: mV, ms, nA, nF, uS. The weight of an arriving spike is added to the current (nA), to the
conductance (uS), or to the potential (mV).
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
        By PyNN's names, in its units; call `update_constants` after changing them.
    state : ndarray, shape (n_variables, n)
        In the order of `variables`.
    refractory_steps_left : ndarray of int, shape (n,)
        Remaining steps of the refractory period.
    """

    variables: tuple[str, ...]
    # Fixed parameters, the same for all neurons.
    constants: ClassVar[Mapping[str, float]] = {}

    def __init__(self, parameters: Values, n: int, dt: float) -> None:
        constants = {name: np.full(n, value) for name, value in self.constants.items()}
        self.parameters, self.n, self.dt = constants | parameters, n, dt
        self.restart({})
        self.update_constants()

    def restart(self, initial: Values) -> None:
        """Set the state to initial values (default 0), at time 0."""
        self.state = np.zeros((len(self.variables), self.n))
        self.refractory_steps_left = np.zeros(self.n, dtype=np.int64)
        for name, values in initial.items():
            self.set(name, values)

    def get(self, variable: str) -> np.ndarray:
        """Present values of a state variable, shape (n,)."""
        return self.state[self.variables.index(variable)]

    def set(self, variable: str, values: np.ndarray) -> None:
        """Set a state variable."""
        self.state[self.variables.index(variable)] = values

    def update_constants(self) -> None:
        """Compute the constants that depend on parameters."""
        self.refractory_steps = ceil_steps(self.parameters["tau_refrac"], self.dt)

    def step(self, now: int, current: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        """Advance to step `now`, and return the neurons that spike in it.

        Parameters
        ----------
        current : ndarray, shape (n,)
            Injected current (nA) during the step.
        arriving : ndarray, shape (n_receptors, n)
            Sums of the weights that arrive at the end of the step.

        Returns
        -------
        ndarray of int
            Indices of the neurons, repeated for several spikes.
        """
        not_refractory = self.refractory_steps_left == 0
        self.integrate(self.parameters.get("i_offset", 0.0) + current, not_refractory)
        self.receive(arriving, not_refractory)
        return self.fire(not_refractory)

    def integrate(self, current: np.ndarray, not_refractory: np.ndarray) -> None:
        """Integrate the state over one step with a constant current (nA).

        Potentials change only where `not_refractory` is True.
        """
        raise NotImplementedError

    def receive(self, arriving: np.ndarray, not_refractory: np.ndarray) -> None:
        """Add arriving weights to the first variable of each receptor."""
        self.state[1 : 1 + len(arriving)] += arriving

    def fire(self, not_refractory: np.ndarray) -> np.ndarray:
        """Reset the neurons at `v_thresh` or above, and return their indices."""
        v, p = self.state[0], self.parameters
        spiking = not_refractory & (v >= p["v_thresh"])
        v[spiking] = p["v_reset"][spiking]
        self.refractory_steps_left = np.where(
            spiking, self.refractory_steps, np.maximum(self.refractory_steps_left - 1, 0)
        )
        return np.flatnonzero(spiking)

    def tau_syn(self) -> np.ndarray:
        """Synaptic time constants (ms), excitatory and inhibitory, shape (2, n)."""
        return self.receptor_parameter("tau_syn")

    def receptor_parameter(self, name: str) -> np.ndarray:
        """A parameter of the receptors, shape (n_receptors, n)."""
        return np.stack([self.parameters[f"{name}_{receptor}"] for receptor in "EI"])


class CurrentExp(Neurons):
    """Leaky integrate-and-fire neurons with exponential currents, integrated exactly.

        cm dv/dt = -cm (v - v_rest) / tau_m + isyn_exc + isyn_inh + I
        disyn/dt = -isyn / tau_syn                       isyn += w at a spike

    Linear, dy/dt = A y: y(t + dt) = exp(A dt) y(t), with y = (v - v_rest, synaptic currents, I).
    Rotter and Diesmann (1999), Biol. Cybern. 81:381-402.
    """

    variables: tuple[str, ...] = ("v", "isyn_exc", "isyn_inh")

    def update_constants(self) -> None:
        super().update_constants()
        p, size = self.parameters, len(self.variables) + 1
        a = np.zeros((self.n, size, size))
        a[:, 0, 0] = -1 / p["tau_m"]
        a[:, 0, -1] = 1 / p["cm"]
        self.set_synaptic_terms(a)
        distinct, which = np.unique(a, axis=0, return_inverse=True)
        # 0 for variables without a path from one to the other, where `expm` has rounding errors.
        acts = np.linalg.matrix_power((distinct != 0) + np.eye(size), size) > 0
        self.propagator = (expm(distinct * self.dt) * acts)[np.ravel(which)]

    def set_synaptic_terms(self, a: np.ndarray) -> None:
        """Set the elements of A, shape (n, n_variables + 1, n_variables + 1), of the receptors."""
        for row, tau in enumerate(self.tau_syn(), 1):
            a[:, 0, row] = 1 / self.parameters["cm"]
            a[:, row, row] = -1 / tau

    def integrate(self, current: np.ndarray, not_refractory: np.ndarray) -> None:
        y = np.vstack([self.state, current])
        y[0] -= self.parameters["v_rest"]
        after = np.einsum("nij,jn->in", self.propagator, y)[:-1]
        after[0] = np.where(not_refractory, after[0] + self.parameters["v_rest"], self.state[0])
        self.state = after


class CurrentAlpha(CurrentExp):
    """Leaky integrate-and-fire neurons with alpha-shaped currents: as `CurrentExp`, but for

        disyn/dt = r - isyn / tau_syn
        dr/dt    = -r / tau_syn                          r += w e / tau_syn at a spike

    so that isyn(t) = w (t / tau_syn) exp(1 - t / tau_syn), which peaks at w after tau_syn.
    """

    variables = ("v", "isyn_exc", "isyn_inh", "rise_exc", "rise_inh")

    def set_synaptic_terms(self, a: np.ndarray) -> None:
        super().set_synaptic_terms(a)
        for row, tau in enumerate(self.tau_syn(), 3):
            a[:, row - 2, row] = 1.0
            a[:, row, row] = -1 / tau

    def receive(self, arriving: np.ndarray, not_refractory: np.ndarray) -> None:
        self.state[3:5] += arriving * np.e / self.tau_syn()


class Delta(CurrentExp):
    """Leaky integrate-and-fire neurons whose potential jumps by w mV at a spike.

        cm dv/dt = -cm (v - v_rest) / tau_m + I          v += w at a spike

    Input during the refractory period is lost.
    """

    variables = ("v",)

    def set_synaptic_terms(self, a: np.ndarray) -> None:
        """Do nothing: there are no synaptic currents."""

    def receive(self, arriving: np.ndarray, not_refractory: np.ndarray) -> None:
        self.state[0] += np.where(not_refractory, arriving.sum(axis=0), 0.0)


class ConductanceExp(Neurons):
    """Leaky integrate-and-fire neurons with exponential conductances.

        cm dv/dt = -cm (v - v_rest) / tau_m - gsyn_exc (v - e_rev_E) - gsyn_inh (v - e_rev_I) + I
        dgsyn/dt = -gsyn / tau_syn                       gsyn += w at a spike

    Solved by `Fehlberg` with a tolerance of 1e-3 mV and 1e-3 nS.
    """

    variables: tuple[str, ...] = ("v", "gsyn_exc", "gsyn_inh")
    tolerance, relative_tolerance, longest_first_step = 1e-3, 0.0, np.inf
    # Variables in uS and nA, whose tolerance is in nS and pA.
    scaled_variables = ("gsyn", "rise", "w")

    def restart(self, initial: Values) -> None:
        super().restart(initial)
        first = np.full(self.n, min(self.dt, self.longest_first_step))
        names = (name.rpartition(".")[2] for name in self.variables)
        units = np.array(
            [1e-3 if name.startswith(self.scaled_variables) else 1.0 for name in names]
        )
        self.solver = Fehlberg(first, self.tolerance * units, self.relative_tolerance)

    def integrate(self, current: np.ndarray, not_refractory: np.ndarray) -> None:
        t = np.zeros(self.n)
        while np.any(t < self.dt):
            self.solver.advance(lambda y: self.derivative(y, current), self.state, t, self.dt)
            self.after_solver_step()

    def after_solver_step(self) -> None:
        """Process the state after each step of the solver."""

    def fire(self, not_refractory: np.ndarray) -> np.ndarray:
        """As for all neurons, with refractory membranes at `v_reset` even if v was set."""
        self.state[0] = np.where(not_refractory, self.state[0], self.parameters["v_reset"])
        return super().fire(not_refractory)

    def derivative(self, y: np.ndarray, current: np.ndarray) -> np.ndarray:
        """Time derivative of the state, with the same shape."""
        p, v = self.parameters, np.minimum(y[0], self.parameters["v_thresh"])
        leak = p["cm"] / p["tau_m"] * (v - p["v_rest"])
        dv = np.where(
            self.refractory_steps_left > 0,
            0.0,
            (current - leak - self.synaptic_current(y, v)) / p["cm"],
        )
        return np.vstack([dv, self.receptor_derivatives(y)])

    def synaptic_current(self, y: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Outward current (nA) through all receptors at the potential `v` (mV)."""
        reversal_potentials = self.reversal_potentials()
        return np.sum(y[1 : 1 + len(reversal_potentials)] * (v - reversal_potentials), axis=0)

    def reversal_potentials(self) -> np.ndarray:
        """Reversal potentials (mV) of the receptors, shape (n_receptors, n)."""
        return self.receptor_parameter("e_rev")

    def receptor_derivatives(self, y: np.ndarray) -> np.ndarray:
        """Time derivatives of the receptors' variables."""
        return -y[1:3] / self.tau_syn()


class AlphaConductances:
    """Mixin of neurons with alpha-shaped conductances.

    dgsyn/dt = r - gsyn / tau_syn
    dr/dt    = -r / tau_syn                          r += w e / tau_syn at a spike

    so that gsyn(t) = w (t / tau_syn) exp(1 - t / tau_syn), which peaks at w after tau_syn.
    """

    state: np.ndarray

    def receptor_derivatives(self, y: np.ndarray) -> np.ndarray:
        """Time derivatives of the receptors' variables."""
        rise_tau, decay_tau = self.rise_tau(), self.decay_tau()
        n = len(rise_tau)
        gsyn, rise = y[1 : 1 + n], y[1 + n : 1 + 2 * n]
        return np.vstack([rise - gsyn / decay_tau, -rise / rise_tau])

    def receive(self, arriving: np.ndarray, not_refractory: np.ndarray) -> None:
        """Add arriving weights to r of each receptor."""
        n = len(arriving)
        self.state[1 + n : 1 + 2 * n] += arriving * self.rise_per_weight()

    def rise_tau(self) -> np.ndarray:
        """Time constants (ms) of r, shape (n_receptors, n)."""
        return self.tau_syn()  # type: ignore[attr-defined]

    decay_tau = rise_tau

    def rise_per_weight(self) -> np.ndarray:
        """Increment of r per unit weight (1/ms)."""
        return np.e / self.rise_tau()


class ConductanceAlpha(AlphaConductances, ConductanceExp):
    """Leaky integrate-and-fire neurons as `ConductanceExp`, with `AlphaConductances`."""

    variables = ("v", "gsyn_exc", "gsyn_inh", "rise_exc", "rise_inh")
