"""What a synapse does with spikes: static, short-term and spike-timing-dependent weights.

Weights are in nA, uS or mV, times in ms, delays in whole time steps. Neurons are numbers within
the whole network. Arrays hold one value a synapse.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from ..shared.trains import in_turn
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


class Traces:
    """Sums over spikes of exp(-(now - spike) / tau), one a synapse."""

    def __init__(self, tau_steps: np.ndarray) -> None:
        self._tau = tau_steps
        self._value, self._since = np.zeros(len(tau_steps)), np.zeros(len(tau_steps))

    def at(self, now: int, rows: np.ndarray) -> np.ndarray:
        """Present values at some synapses."""
        return self._value[rows] * np.exp((self._since[rows] - now) / self._tau[rows])

    def add_spike(self, now: int, rows: np.ndarray) -> None:
        """Count a spike at some synapses."""
        self._value[rows] = self.at(now, rows) + 1.0
        self._since[rows] = now


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

    A spike makes u += U (1 - u), moves u x from x to y, and transmits u x times the weight. Before
    the first one x = 1 and y = u = 0; where tau_facil is 0, u is U at each spike. `tau_psc` is the
    neuron's `tau_syn`. Linear between two spikes, and solved exactly. Tsodyks, Uziel and Markram
    (2000), J. Neurosci. 20:RC50.
    """

    def restart(self) -> None:
        super().restart()
        self._x, self._y, self._u, self._last = np.zeros((4, len(self.pre)))
        self._x += 1.0

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
        # tau_psc) has come to x by way of z: in a form in which the two may be equal.
        b = t / tau_psc - t / tau_rec
        through = np.where(b == 0, 1.0, -np.expm1(-b) / np.where(b == 0, 1.0, b))
        x = x + (back - np.exp(-t / tau_rec) * through * t / tau_rec) * y + back * (1 - x - y)
        forgets = tau_facil == 0
        kept = np.where(forgets, 0.0, np.exp(-t / np.where(forgets, 1.0, tau_facil)))
        return x, y * np.exp(-t / tau_psc), u * kept


class PairRuleSynapses(StaticSynapses):
    """Synapses with pair-based spike-timing-dependent plasticity.

    A presynaptic spike reaches the synapse after the axonal delay, a postsynaptic one after the
    dendritic delay; both together are the delay. Every pair of arrivals counts. With W = w_max,

        w += A_plus  W ((W - w) / W)^mu_plus       exp(-lag / tau_plus)    pre before post
        w -= A_minus W ((w - w_min) / W)^mu_minus  exp(-lag / tau_minus)   post before pre

    and w stays between w_min and w_max (both may be negative). A pair of lag zero contributes
    nothing. Several spikes of a source in one step come one after the other. Within a step
    potentiation comes first, then depression; then the weight is
    transmitted, and arrives at the neuron after the dendritic delay. Morrison, Diesmann and
    Gerstner (2008), Biol. Cybern. 98:459-478, eq. 2 to 4; Guetig et al. (2003), J. Neurosci.
    23:3697-3714.

    Parameters
    ----------
    axonal, dendritic : ndarray of int, shape (n,)
        Parts of the delay, in steps; others as for `StaticSynapses`.
    """

    def __init__(self, *args: Any) -> None:
        *others, self._axonal, self._dendritic = args
        super().__init__(*others)

    def restart(self) -> None:
        super().restart()
        self._transmitted = self.weight.copy()
        self._from_pre = OnTheWay(self.pre, self._axonal)
        self._from_post = OnTheWay(self.post, self._dendritic)
        self._pre_trace = Traces(self.values["tau_plus"] / self.dt)
        self._post_trace = Traces(self.values["tau_minus"] / self.dt)

    @property
    def transmitted(self) -> np.ndarray:
        return self._transmitted

    def set_weights(self, weights: np.ndarray, initially: bool) -> None:
        super().set_weights(weights, initially)
        self._transmitted = self.weight.copy()

    def transmit(self, now: int, spikes: np.ndarray, inputs: Inputs) -> None:
        pre, post = self._from_pre.send(now, spikes), self._from_post.send(now, spikes)
        if post.size:
            self._potentiate(post, self._pre_trace.at(now, post))
        for rows in in_turn(pre):
            self._depress(rows, self._post_trace.at(now, rows))
            self._transmitted[rows] = self.weight[rows]
            due = now + self._dendritic[rows]
            inputs.add(due, self.receptor, self.post[rows], self.weight[rows])
            self._pre_trace.add_spike(now, rows)
        if post.size:
            self._post_trace.add_spike(now, post)

    def _potentiate(self, rows: np.ndarray, trace: np.ndarray) -> None:
        a, mu, w_max = (self.values[name][rows] for name in ("A_plus", "mu_plus", "w_max"))
        w = self.weight[rows] / w_max
        self.weight[rows] = np.minimum(w + a * _power(1 - w, mu) * trace, 1.0) * w_max

    def _depress(self, rows: np.ndarray, trace: np.ndarray) -> None:
        names = ("A_minus", "mu_minus", "w_max", "w_min")
        a, mu, w_max, w_min = (self.values[name][rows] for name in names)
        w, least = self.weight[rows] / w_max, w_min / w_max
        self.weight[rows] = np.maximum(w - a * _power(w - least, mu) * trace, least) * w_max


def _power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """base^exponent; a weight that was set beyond its bound has no broken power."""
    broken = (exponent != 0) & (exponent != 1)
    return np.power(np.where(broken, np.clip(base, 0.0, 1.0), base), exponent)
