"""Synaptic transmission: static synapses and short-term plasticity.

Weights are in nA, uS or mV, times in ms, delays in time steps. Neurons are given by their ids.
Arrays have one value per synapse; `rows` are indices of synapses.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from ..shared.spike_trains import occurrence_groups
from .simulator import PendingInputs

_NONE = np.empty(0, dtype=np.int64)


class SynapsesOfNeurons:
    """Index of the synapses of each neuron."""

    def __init__(self, neuron: np.ndarray) -> None:
        self._rows = np.argsort(neuron, kind="stable")
        self._sorted = neuron[self._rows]

    def rows(self, neurons: np.ndarray) -> np.ndarray:
        """Indices of the synapses of these neurons."""
        if neurons.size == 0:
            return _NONE
        first, last = (np.searchsorted(self._sorted, neurons, side) for side in ("left", "right"))
        parts = (self._rows[a:b] for a, b in zip(first, last, strict=True))
        return np.concatenate([_NONE, *parts])


class SpikesInTransit:
    """Spikes on their way to synapses, by the step of their arrival."""

    def __init__(self, neuron: np.ndarray, delay_steps: np.ndarray) -> None:
        self._synapses, self._delay = SynapsesOfNeurons(neuron), delay_steps
        self.due: defaultdict[int, list[np.ndarray]] = defaultdict(list)

    def step(self, now: int, spikes: np.ndarray) -> np.ndarray:
        """Send the spikes of this step, and return the synapses at which a spike arrives in it."""
        rows = self._synapses.rows(spikes)
        for delay in set(self._delay[rows].tolist()):
            self.due[now + delay].append(rows[self._delay[rows] == delay])
        return np.concatenate([_NONE, *self.due.pop(now, [])])


class StaticSynapses:
    """Synapses with a fixed weight, which a spike in step k adds to the neuron in step k + delay.

    The weight is that of step k.

    Parameters
    ----------
    pre, post : ndarray of int, shape (n_synapses,)
        Ids of the neurons.
    delay : ndarray of int, shape (n_synapses,)
        In steps.
    receptor
        Index of the receptor: 0 for excitatory, 1 for inhibitory.
    values : dict of ndarray, each of shape (n_synapses,)
        Parameters by PyNN's names: ``weight``, and those of plasticity.
    dt
        Time step, in ms.
    """

    def __init__(self, pre: np.ndarray, post: np.ndarray, delay: np.ndarray, receptor: int,
                 values: dict[str, np.ndarray], dt: float) -> None:  # fmt: skip
        self.pre, self.post, self.delay, self.receptor = pre, post, delay, receptor
        self.values, self.dt = values, dt
        self.longest_delay = int(np.max(delay))
        self._outgoing = SynapsesOfNeurons(pre)
        self.initial = values["weight"].copy()
        self.restart()

    def restart(self) -> None:
        """Restore the initial weights, and discard spikes in transit."""
        self.weight = self.initial.copy()

    def update_parameters(self, now: int) -> None:
        """Update parameters that depend on those of the neurons, at the start of a run."""

    @property
    def transmitted(self) -> np.ndarray:
        """Weights as transmitted by the last spike."""
        return self.weight

    def set_weights(self, weights: np.ndarray, initially: bool) -> None:
        """Set the weights of all synapses, for spikes that are sent from now on.

        If `initially`, they are also restored by `restart`.
        """
        self.weight = np.array(weights, dtype=float)
        if initially:
            self.initial = self.weight.copy()

    def transmit(self, now: int, spikes: np.ndarray, inputs: PendingInputs) -> None:
        """Process the spikes that are sent or arrive at a synapse in step `now`."""
        rows = self._outgoing.rows(spikes)
        inputs.add(now + self.delay[rows], self.receptor, self.post[rows], self.weight[rows])


class ShortTermSynapses(StaticSynapses):
    """Synapses with short-term depression and facilitation.

    The resources of a synapse have the fractions x (recovered), y (active) and z = 1 - x - y
    (inactive):

        dx/dt = z / tau_rec      dy/dt = -y / tau_psc      du/dt = -u / tau_facil

    A spike makes u += U (1 - u), moves u x from x to y, and transmits u x times the weight. At
    time 0 x = 1, y = 0 and u = `initial_u`; where tau_facil is 0, u is U at each spike. `tau_psc`
    is the neuron's `tau_syn`. Linear between two spikes, and solved exactly. Tsodyks, Uziel and
    Markram (2000), J. Neurosci. 20:RC50.

    Parameters
    ----------
    tau_syn
        Function that returns the time constant (ms) of each synapse's target; further parameters
        as for `StaticSynapses`.
    """

    def __init__(self, *args: Any) -> None:
        *others, self._tau_syn = args
        self.initial_u = np.zeros(len(others[0]))
        super().__init__(*others)
        self.values["tau_psc"] = self._tau_syn()

    def update_parameters(self, now: int) -> None:
        tau_psc = self._tau_syn()
        if np.any(tau_psc != self.values["tau_psc"]):
            self.set_rule({"tau_psc": tau_psc}, now)

    def set_rule(self, values: dict[str, np.ndarray], now: int) -> None:
        """Set parameters at step `now`; resources follow the earlier parameters until then."""
        all_rows = np.arange(len(self.pre))
        self._x, self._y, self._u = self._state_at(now, all_rows)
        self._last[:] = now
        self.values |= values

    def restart(self) -> None:
        super().restart()
        self._x, self._y, self._last = np.zeros((3, len(self.pre)))
        self._x += 1.0
        self._u = self.initial_u.copy()

    def transmit(self, now: int, spikes: np.ndarray, inputs: PendingInputs) -> None:
        for rows in occurrence_groups(self._outgoing.rows(spikes)):
            self._transmit_once(now, rows, inputs)

    def _transmit_once(self, now: int, rows: np.ndarray, inputs: PendingInputs) -> None:
        """Transmit one spike at each of the synapses in `rows`, which are distinct."""
        x, y, u = self._state_at(now, rows)
        u = u + self.values["U"][rows] * (1 - u)
        used = u * x
        self._x[rows], self._y[rows], self._u[rows], self._last[rows] = x - used, y + used, u, now
        weights = used * self.weight[rows]
        inputs.add(now + self.delay[rows], self.receptor, self.post[rows], weights)

    def _state_at(self, now: int, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """x, y and u of the synapses in `rows` at step `now`, before a spike."""
        names = ("tau_rec", "tau_psc", "tau_facil")
        tau_rec, tau_psc, tau_facil = (self.values[name][rows] for name in names)
        t = (now - self._last[rows]) * self.dt
        x, y, u = self._x[rows], self._y[rows], self._u[rows]
        recovered = -np.expm1(-t / tau_rec)
        # The fraction of y that has moved to x through z, 1 - exp(-t/tau_rec) - tau_psc
        # (exp(-t/tau_rec) - exp(-t/tau_psc)) / (tau_rec - tau_psc), is symmetric in the two time
        # constants; this form allows equal ones, and cannot overflow.
        fast, slow = np.minimum(tau_psc, tau_rec), np.maximum(tau_psc, tau_rec)
        b = t / fast - t / slow
        through = np.where(b == 0, 1.0, -np.expm1(-b) / np.where(b == 0, 1.0, b))
        of_y = -np.expm1(-t / slow) - np.exp(-t / slow) * through * t / slow
        x = x + of_y * y + recovered * (1 - x - y)
        is_zero = tau_facil == 0
        u_decay = np.where(is_zero, 0.0, np.exp(-t / np.where(is_zero, 1.0, tau_facil)))
        return x, y * np.exp(-t / tau_psc), u * u_decay
