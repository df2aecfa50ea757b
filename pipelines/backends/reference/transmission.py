"""What a synapse does with spikes: static, short-term and spike-timing-dependent weights.

Weights are in nA, uS or mV, times in ms, delays and steps in whole time steps. Neurons are numbers
within the whole network. All arrays hold one value a synapse, in the order of their making.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from .simulator import Inputs

Values = dict[str, np.ndarray]


class Rows:
    """The synapses at each neuron: rows of the arrays, by neuron."""

    def __init__(self, neuron: np.ndarray) -> None:
        self._rows = np.argsort(neuron, kind="stable")
        self._sorted = neuron[self._rows]

    def at(self, neurons: np.ndarray) -> np.ndarray:
        """Rows of all synapses at these neurons."""
        if neurons.size == 0:
            return np.empty(0, dtype=np.int64)
        first = np.searchsorted(self._sorted, neurons)
        last = np.searchsorted(self._sorted, neurons, side="right")
        parts = [self._rows[a:b] for a, b in zip(first, last, strict=True) if b > a]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


class OnTheWay:
    """Spikes on their way to synapses, by the step in which they reach them."""

    def __init__(self, neuron: np.ndarray, delay_steps: np.ndarray) -> None:
        self._synapses = Rows(neuron)
        self._delay = delay_steps
        self._due: defaultdict[int, list[np.ndarray]] = defaultdict(list)

    def send(self, now: int, spikes: np.ndarray) -> None:
        """Let spikes of this step set out."""
        if spikes.size == 0:
            return
        rows = self._synapses.at(spikes)
        for delay in np.unique(self._delay[rows]).tolist():
            self._due[now + delay].append(rows[self._delay[rows] == delay])

    def arriving(self, now: int) -> np.ndarray:
        """Rows of the synapses that a spike reaches in this step."""
        return np.concatenate([np.empty(0, dtype=np.int64), *self._due.pop(now, [])])

    def clear(self) -> None:
        """Forget all spikes that are on their way."""
        self._due.clear()


class StaticSynapses:
    """Synapses that transmit their weight: a spike at step k brings it to the neuron at k + d.

    The weight is the one of the step in which the spike is sent.

    Parameters
    ----------
    pre, post : ndarray of int, shape (n,)
        Neurons.
    delay : ndarray of int, shape (n,)
        d, in steps.
    receptor
        0 for the excitatory one, 1 for the inhibitory one.
    values : dict of ndarray, each of shape (n,)
        Parameters by PyNN's names: ``weight``, and what a rule needs.
    dt
        Time step, in ms.
    """

    def __init__(
        self,
        pre: np.ndarray,
        post: np.ndarray,
        delay: np.ndarray,
        receptor: int,
        values: Values,
        dt: float,
    ) -> None:
        self.pre, self.post, self.delay, self.receptor = pre, post, delay, receptor
        self.values, self.dt = values, dt
        self.longest_delay = int(np.max(delay, initial=1))
        self._outgoing = Rows(pre)
        self.initial = values["weight"].copy()
        self.restart()

    def restart(self) -> None:
        """Go back to the initial weights, with no spike on its way."""
        self.weight = self.initial.copy()

    @property
    def transmitted(self) -> np.ndarray:
        """Weights as a spike carries them, shape (n,)."""
        return self.weight

    def set_weights(self, weights: np.ndarray, initially: bool) -> None:
        """Give weights to all synapses, for spikes that are sent from now on."""
        self.weight = np.array(weights, dtype=float)
        if initially:
            self.initial = self.weight.copy()

    def transmit(self, now: int, spikes: np.ndarray, inputs: Inputs) -> None:
        """Do what the spikes of this step do, and those that reach a synapse in it."""
        rows = self._outgoing.at(spikes)
        if rows.size > 0:
            inputs.add(now + self.delay[rows], self.receptor, self.post[rows], self.weight[rows])


class ShortTermSynapses(StaticSynapses):
    """Synapses that depress and facilitate (Tsodyks, Uziel and Markram 2000, J. Neurosci. 20:RC50).

    Shares x (recovered), y (active) and z (inactive) of the resources, x + y + z = 1:

        dx/dt = z / tau_rec       dy/dt = -y / tau_psc       dz/dt = y / tau_psc - z / tau_rec
        du/dt = -u / tau_facil

    A spike makes u += U (1 - u), then moves u x from x to y, and transmits weight u x. Between two
    spikes the system is linear: solved exactly. Before the first spike x = 1, y = u = 0. With
    tau_facil = 0, u is U at each spike. `tau_psc` is the neuron's `tau_syn`.
    """

    def restart(self) -> None:
        super().restart()
        n = len(self.pre)
        self._x, self._y, self._u = np.ones(n), np.zeros(n), np.zeros(n)
        self._last = np.zeros(n, dtype=np.int64)

    def transmit(self, now: int, spikes: np.ndarray, inputs: Inputs) -> None:
        rows = self._outgoing.at(spikes)
        if rows.size == 0:
            return
        x, y, u = self._recovered(now, rows)
        u = u + self.values["U"][rows] * (1 - u)
        used = u * x
        self._x[rows], self._y[rows], self._u[rows] = x - used, y + used, u
        self._last[rows] = now
        weights = used * self.weight[rows]
        inputs.add(now + self.delay[rows], self.receptor, self.post[rows], weights)

    def _recovered(self, now: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """x, y and u of some synapses just before their spike at step `now`."""
        tau_rec, tau_facil, tau_psc = (
            self.values[name][rows] for name in ("tau_rec", "tau_facil", "tau_psc")
        )
        t = (now - self._last[rows]) * self.dt
        x, y, u = self._x[rows], self._y[rows], self._u[rows]
        recovered = -np.expm1(-t / tau_rec)
        facilitating = tau_facil > 0
        still = np.where(facilitating, np.exp(-t / np.where(facilitating, tau_facil, 1.0)), 0.0)
        # What y has become of by way of z: 1 - exp(-t/tau_rec) - tau_psc (exp(-t/tau_rec)
        # - exp(-t/tau_psc)) / (tau_rec - tau_psc), written so that the two may be equal.
        b = t * (1 / tau_psc - 1 / tau_rec)
        through = np.where(b == 0, 1.0, -np.expm1(-b) / np.where(b == 0, 1.0, b))
        from_y = recovered - np.exp(-t / tau_rec) * through * t / tau_rec
        x = x + from_y * y + recovered * (1 - x - y)
        return x, y * np.exp(-t / tau_psc), u * still


class PairRuleSynapses(StaticSynapses):
    """Synapses with pair-based spike-timing-dependent plasticity.

    A presynaptic spike reaches the synapse after the axonal delay, a postsynaptic one after the
    dendritic delay; together they are the whole delay. With W = w_max, for each pair of arrivals

        w += A_plus  W ((W - w) / W)^mu_plus       exp(-lag / tau_plus)    pre before post
        w -= A_minus W ((w - w_min) / W)^mu_minus  exp(-lag / tau_minus)   post before pre

    between w_min and w_max. The pairs of a spike are summed by traces, each raised by 1 at an
    arrival and decaying with its time constant. Pairs of lag zero contribute nothing. Within a step
    potentiation comes first, then depression; then the weight is transmitted, and arrives at the
    neuron after the dendritic delay. Where w_max is negative, so are w and w_min: w / W counts.

    Morrison, Diesmann and Gerstner (2008), Biol. Cybern. 98:459-478, eq. 2 to 4; Guetig, Aharonov,
    Rotter and Sompolinsky (2003), J. Neurosci. 23:3697-3714.

    Parameters
    ----------
    axonal, dendritic : ndarray of int, shape (n,)
        Parts of the delay, in steps; others as for `StaticSynapses`.
    """

    def __init__(self, *args: Any, axonal: np.ndarray, dendritic: np.ndarray) -> None:
        super().__init__(*args)
        self._dendritic = dendritic
        self._to_synapse = OnTheWay(self.pre, axonal)
        self._back_to_synapse = OnTheWay(self.post, dendritic)

    def restart(self) -> None:
        super().restart()
        n = len(self.pre)
        self._transmitted = self.weight.copy()
        # Traces, and the step in which each was last raised.
        self._pre_trace, self._post_trace = np.zeros(n), np.zeros(n)
        self._pre_last, self._post_last = np.zeros((2, n), dtype=np.int64)
        if hasattr(self, "_to_synapse"):
            self._to_synapse.clear()
            self._back_to_synapse.clear()

    @property
    def transmitted(self) -> np.ndarray:
        """Weights as the last presynaptic spike carried them, shape (n,)."""
        return self._transmitted

    def set_weights(self, weights: np.ndarray, initially: bool) -> None:
        super().set_weights(weights, initially)
        self._transmitted = self.weight.copy()

    def transmit(self, now: int, spikes: np.ndarray, inputs: Inputs) -> None:
        self._to_synapse.send(now, spikes)
        self._back_to_synapse.send(now, spikes)
        pre, post = self._to_synapse.arriving(now), self._back_to_synapse.arriving(now)
        if post.size:
            self._potentiate(post, self._decayed("pre", post, now))
        if pre.size:
            self._depress(pre, self._decayed("post", pre, now))
            self._transmitted[pre] = self.weight[pre]
            due = now + self._dendritic[pre]
            inputs.add(due, self.receptor, self.post[pre], self.weight[pre])
        for side, rows in (("pre", pre), ("post", post)):
            if rows.size:
                self._raise(side, rows, now)

    def _potentiate(self, rows: np.ndarray, trace: np.ndarray) -> None:
        p = {name: value[rows] for name, value in self.values.items()}
        w = self.weight[rows] / p["w_max"]
        w = w + p["A_plus"] * _power(1 - w, p["mu_plus"]) * trace
        self.weight[rows] = np.minimum(w, 1.0) * p["w_max"]

    def _depress(self, rows: np.ndarray, trace: np.ndarray) -> None:
        p = {name: value[rows] for name, value in self.values.items()}
        w, w_min = self.weight[rows] / p["w_max"], p["w_min"] / p["w_max"]
        w = w - p["A_minus"] * _power(w - w_min, p["mu_minus"]) * trace
        self.weight[rows] = np.maximum(w, w_min) * p["w_max"]

    def _decayed(self, side: str, rows: np.ndarray, now: int) -> np.ndarray:
        """Traces of some synapses at step `now`."""
        trace, last = getattr(self, f"_{side}_trace"), getattr(self, f"_{side}_last")
        tau = self.values["tau_plus" if side == "pre" else "tau_minus"]
        return trace[rows] * np.exp(-(now - last[rows]) * self.dt / tau[rows])

    def _raise(self, side: str, rows: np.ndarray, now: int) -> None:
        getattr(self, f"_{side}_trace")[rows] = self._decayed(side, rows, now) + 1.0
        getattr(self, f"_{side}_last")[rows] = now


def _power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """base^exponent; a weight that was set beyond its bound has no power but 0 and 1."""
    broken = (exponent != 0) & (exponent != 1)
    return np.power(np.where(broken, np.clip(base, 0.0, 1.0), base), exponent)
