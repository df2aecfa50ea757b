"""Plastic weights of the small simulator: the pair rule of PyNN, and wrong variants of it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from pipelines.sensitivity.simulator.network import Synapses

_NONE = np.empty(0, int)


class PlasticWeights:
    """Weights of one projection, which change with pairs of spikes that arrive at a synapse.

    A presynaptic spike arrives after the axonal part of the delay, a postsynaptic one after the
    dendritic part. In a step postsynaptic spikes act first; a pair of lag zero does nothing.

    Parameters
    ----------
    synapses
        The projection, with its rule.
    pre, post
        Ids of the neurons within the network, shape (n_synapses,).
    delay
        In steps, shape (n_synapses,).
    dt
        Time step in ms.

    Attributes
    ----------
    weight, transmitted
        Weights (nA) at present, and as the last spike of each synapse transmitted them, which is
        what backends report; shape (n_synapses,).
    """

    def __init__(
        self, synapses: Synapses, pre: np.ndarray, post: np.ndarray, delay: np.ndarray, dt: float
    ) -> None:
        assert synapses.rule is not None
        self.rule = synapses.rule
        self.weight, self.transmitted = synapses.weight.copy(), synapses.weight.copy()
        n = len(pre)
        self._dendritic = np.rint(delay * self.rule.dendritic_fraction).astype(int)
        self._axonal = delay - self._dendritic
        n_neurons = int(max(pre.max(initial=0), post.max(initial=0))) + 1
        self._of_pre = [np.flatnonzero(pre == k) for k in range(n_neurons)]
        self._of_post = [np.flatnonzero(post == k) for k in range(n_neurons)]
        self._pre_due: dict[int, list[np.ndarray]] = defaultdict(list)
        self._post_due: dict[int, list[np.ndarray]] = defaultdict(list)
        # Traces of spikes, and the steps of their last change; row 0 of pre-, 1 of postsynaptic.
        self._trace, self._since = np.zeros((2, n)), np.zeros((2, n))
        self._tau = np.array([self.rule.tau_plus, self.rule.tau_minus]) / dt

    def step(self, now: int, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Process the spikes sent in step `now`.

        Returns
        -------
        rows, weights, delay
            Synapses that transmit, their weights (nA), and the delay that is left, in steps.
        """
        pre = self._arriving(now, neurons, self._of_pre, self._axonal, self._pre_due)
        post = self._arriving(now, neurons, self._of_post, self._dendritic, self._post_due)
        if self.rule.zero_lag and len(pre):
            self._add_spike(0, now, pre)
        if len(post):
            self.potentiate(post, self._trace_at(0, now, post))
        if len(pre):
            self.depress(pre, self._trace_at(1, now, pre))
            self.transmitted[pre] = self.weight[pre]
            if not self.rule.zero_lag:
                self._add_spike(0, now, pre)
        if len(post):
            self._add_spike(1, now, post)
        return pre, self.weight[pre], self._dendritic[pre]

    def potentiate(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Increase the weights in `rows`, given the traces of presynaptic spikes."""
        rule, w = self.rule, self.weight[rows]
        room = np.maximum(1 - w / rule.w_max, 0.0) ** rule.mu_plus if rule.mu_plus else 1.0
        changed = w / rule.w_max + rule.A_plus * room * trace
        self._set(rows, (np.minimum(changed, 1.0) if rule.bounded else changed) * rule.w_max)

    def depress(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Decrease the weights in `rows`, given the traces of postsynaptic spikes."""
        rule, w = self.rule, self.weight[rows]
        room = ((w - rule.w_min) / rule.w_max) ** rule.mu_minus if rule.mu_minus else 1.0
        changed = w / rule.w_max - rule.A_minus * room * trace
        lowest = rule.w_min / rule.w_max
        self._set(rows, (np.maximum(changed, lowest) if rule.bounded else changed) * rule.w_max)

    def _set(self, rows: np.ndarray, weights: np.ndarray) -> None:
        if self.rule.active:
            self.weight[rows] = weights

    def _arriving(
        self, now: int, neurons: np.ndarray, rows_of: list[np.ndarray], delay: np.ndarray,
        due: dict[int, list[np.ndarray]],
    ) -> np.ndarray:  # fmt: skip
        """Synapses at which a spike arrives now; those of spikes sent now are put in `due`."""
        for neuron in neurons:
            if neuron < len(rows_of) and len(rows_of[neuron]):
                rows = rows_of[neuron]
                for steps in np.unique(delay[rows]):
                    due[now + int(steps)].append(rows[delay[rows] == steps])
        return np.concatenate([_NONE, *due.pop(now, [])])

    def _trace_at(self, which: int, now: int, rows: np.ndarray) -> np.ndarray:
        passed = self._since[which, rows] - now
        return self._trace[which, rows] * np.exp(passed / self._tau[which])

    def _add_spike(self, which: int, now: int, rows: np.ndarray) -> None:
        before = 0.0 if self.rule.nearest else self._trace_at(which, now, rows)
        self._trace[which, rows] = before + 1.0
        self._since[which, rows] = now
