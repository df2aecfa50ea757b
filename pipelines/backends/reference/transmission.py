"""What a synapse does with spikes: static and short-term plastic weights.

Weights are in nA, uS or mV, times in ms, delays in whole time steps. Neurons are numbers within
the whole network. Arrays hold one value a synapse.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from ..shared.spike_trains import in_turn
from .simulator import Inputs

_NONE = np.empty(0, dtype=np.int64)


class AtNeurons:
    """Which synapses there are at each neuron."""

    def __init__(self, neuron: np.ndarray) -> None:
        self._rows = np.argsort(neuron, kind="stable")
        self._sorted = neuron[self._rows]

    def of(self, neurons: np.ndarray) -> np.ndarray:
        """Synapses at these neurons."""
        if neurons.size == 0:
            return _NONE
        first, last = (np.searchsorted(self._sorted, neurons, side) for side in ("left", "right"))
        parts = (self._rows[a:b] for a, b in zip(first, last, strict=True))
        return np.concatenate([_NONE, *parts])


class OnTheWay:
    """Spikes on their way to synapses, by the step in which they reach them."""

    def __init__(self, neuron: np.ndarray, delay_steps: np.ndarray) -> None:
        self._synapses, self._delay = AtNeurons(neuron), delay_steps
        self.due: defaultdict[int, list[np.ndarray]] = defaultdict(list)

    def send(self, now: int, spikes: np.ndarray) -> np.ndarray:
        """Let the spikes of this step set out; the synapses that a spike reaches in it."""
        rows = self._synapses.of(spikes)
        for delay in set(self._delay[rows].tolist()):
            self.due[now + delay].append(rows[self._delay[rows] == delay])
        return np.concatenate([_NONE, *self.due.pop(now, [])])


class StaticSynapses:
    """Synapses with a fixed weight: a spike at step k brings it to the neuron at k + delay.

    The weight is that of the step in which the spike is sent.

    Parameters
    ----------
    pre, post : ndarray of int, shape (n,)
        Neurons.
    delay : ndarray of int, shape (n,)
        In steps.
    receptor
        0 for the excitatory one, 1 for the inhibitory one.
    values : dict of ndarray, each of shape (n,)
        Parameters by PyNN's names: ``weight``, and what a rule needs.
    dt
        Time step, in ms.
    """

    def __init__(self, pre: np.ndarray, post: np.ndarray, delay: np.ndarray, receptor: int,
                 values: dict[str, np.ndarray], dt: float) -> None:  # fmt: skip
        self.pre, self.post, self.delay, self.receptor = pre, post, delay, receptor
        self.values, self.dt = values, dt
        self.longest_delay = int(np.max(delay))
        self._outgoing = AtNeurons(pre)
        self.initial = values["weight"].copy()
        self.restart()

    def restart(self) -> None:
        """Go back to the initial weights, with no spike on its way."""
        self.weight = self.initial.copy()

    def renew(self, now: int) -> None:
        """Take over at step `now` what was set in the neurons since the last run."""

    @property
    def transmitted(self) -> np.ndarray:
        """Weights as the last spike carried them."""
        return self.weight

    def set_weights(self, weights: np.ndarray, initially: bool) -> None:
        """Give weights to all synapses, for spikes that are sent from now on."""
        self.weight = np.array(weights, dtype=float)
        if initially:
            self.initial = self.weight.copy()

    def transmit(self, now: int, spikes: np.ndarray, inputs: Inputs) -> None:
        """Do what the spikes of this step do, and those that reach a synapse in it."""
        rows = self._outgoing.of(spikes)
        inputs.add(now + self.delay[rows], self.receptor, self.post[rows], self.weight[rows])


class ShortTermSynapses(StaticSynapses):
    """Synapses that depress and facilitate.

    Of its resources a synapse has the shares x (recovered), y (active) and z = 1 - x - y:

        dx/dt = z / tau_rec      dy/dt = -y / tau_psc      du/dt = -u / tau_facil

    A spike makes u += U (1 - u), moves u x from x to y, and transmits u x times the weight. At
    time 0 x = 1, y = 0 and u = `initial_u`; where tau_facil is 0, u is U at each spike. `tau_psc`
    is the neuron's `tau_syn`. Linear between two spikes, and solved exactly. Tsodyks, Uziel and
    Markram (2000), J. Neurosci. 20:RC50.

    Parameters
    ----------
    tau_syn
        Gives the time constant (ms) of each synapse's target; others as for `StaticSynapses`.
    """

    def __init__(self, *args: Any) -> None:
        *others, self._tau_syn = args
        self.initial_u = np.zeros(len(others[0]))
        super().__init__(*others)
        self.values["tau_psc"] = self._tau_syn()

    def renew(self, now: int) -> None:
        tau_psc = self._tau_syn()
        if np.any(tau_psc != self.values["tau_psc"]):
            self.set_rule({"tau_psc": tau_psc}, now)

    def set_rule(self, values: dict[str, np.ndarray], now: int) -> None:
        """Set parameters at step `now`: until then resources are those of the ones before."""
        every = np.arange(len(self.pre))
        self._x, self._y, self._u = self._before_spike(now, every)
        self._last[:] = now
        self.values |= values

    def restart(self) -> None:
        super().restart()
        self._x, self._y, self._last = np.zeros((3, len(self.pre)))
        self._x += 1.0
        self._u = self.initial_u.copy()

    def transmit(self, now: int, spikes: np.ndarray, inputs: Inputs) -> None:
        for rows in in_turn(self._outgoing.of(spikes)):
            self._send(now, rows, inputs)

    def _send(self, now: int, rows: np.ndarray, inputs: Inputs) -> None:
        x, y, u = self._before_spike(now, rows)
        u = u + self.values["U"][rows] * (1 - u)
        used = u * x
        self._x[rows], self._y[rows], self._u[rows], self._last[rows] = x - used, y + used, u, now
        weights = used * self.weight[rows]
        inputs.add(now + self.delay[rows], self.receptor, self.post[rows], weights)

    def _before_spike(self, now: int, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """x, y and u of some synapses at step `now`."""
        names = ("tau_rec", "tau_psc", "tau_facil")
        tau_rec, tau_psc, tau_facil = (self.values[name][rows] for name in names)
        t = (now - self._last[rows]) * self.dt
        x, y, u = self._x[rows], self._y[rows], self._u[rows]
        back = -np.expm1(-t / tau_rec)
        # Of y, 1 - exp(-t/tau_rec) - tau_psc (exp(-t/tau_rec) - exp(-t/tau_psc)) / (tau_rec -
        # tau_psc) has come to x by way of z, with the two time constants alike: in a form in which
        # they may be equal, and nothing can overflow.
        fast, slow = np.minimum(tau_psc, tau_rec), np.maximum(tau_psc, tau_rec)
        b = t / fast - t / slow
        through = np.where(b == 0, 1.0, -np.expm1(-b) / np.where(b == 0, 1.0, b))
        of_y = -np.expm1(-t / slow) - np.exp(-t / slow) * through * t / slow
        x = x + of_y * y + back * (1 - x - y)
        forgets = tau_facil == 0
        kept = np.where(forgets, 0.0, np.exp(-t / np.where(forgets, 1.0, tau_facil)))
        return x, y * np.exp(-t / tau_psc), u * kept
