"""Spikes that are under way when weights are set.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): Brian2 reads a weight when a spike reaches the
neuron, so a weight that is set in mid-run counts for spikes that were sent before (row "changes in
mid-run"). They are taken out of Brian2's queue here, and arrive when they are due with the weight
with which they were sent.
"""

from __future__ import annotations

from typing import Any

import brian2
import numpy as np


class UnderWay:
    """Spikes of one `Synapses` object that arrive with a weight of their own."""

    def __init__(self) -> None:
        # For each step to come: indices of the neurons, and what each of them gets.
        self._due: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
        self._since = 0
        self._operation: Any = None

    def keep(
        self,
        pathway: Any,
        last_leg: np.ndarray,
        target: np.ndarray,
        weights: np.ndarray,
        variable: Any,
        network: Any,
    ) -> None:
        """Let spikes that were sent arrive with the weights of now.

        Parameters
        ----------
        pathway
            Brian2's pathway that delivers.
        last_leg : ndarray of int64, shape (n_synapses,)
            Steps between the synapse and the neuron: a spike that is nearer was sent.
        target : ndarray of int64, shape (n_synapses,)
            Neuron of each synapse.
        weights : ndarray, shape (n_synapses,)
            Weight that a spike which was sent carries, in Brian2's unit.
        variable
            Brian2's variable of the neurons that weights are added to.
        network
            The network, which runs again later.
        """
        if pathway.queue is None:
            return
        self._since = _step_of(network.clock)
        for ahead, synapses in enumerate(_take_sent(pathway.queue, last_leg)):
            if len(synapses):
                due = self._due.setdefault(self._since + ahead, [])
                due.append((target[synapses], weights[synapses]))
        if self._due and self._operation is None:
            self._operation = brian2.NetworkOperation(
                lambda: self._deliver(variable, _step_of(network.clock)),
                clock=network.clock,
                when="synapses",
            )
            network.add(self._operation)
        if self._operation is not None:
            self._operation.active = bool(self._due)

    def _deliver(self, variable: Any, now: int) -> None:
        if now < self._since:
            # The network was reset: nothing is under way any more.
            self._due.clear()
        # What Brian2 itself asks before it writes: a refractory neuron may take nothing.
        open_to = variable.conditional_write
        for target, weights in self._due.pop(now, ()):
            takes = slice(None) if open_to is None else open_to.get_value()[target]
            np.add.at(variable.get_value(), target[takes], weights[takes])
        self._operation.active = bool(self._due)


def _step_of(clock: Any) -> int:
    return round(float(clock.t / clock.dt))


def _take_sent(queue: Any, last_leg: np.ndarray) -> list[np.ndarray]:
    """Take spikes that were sent out of a queue: for each step ahead, their synapses."""
    state = queue._full_state()
    compiled = len(state) == 2  # the queue in C++; else the one in Python
    if compiled:
        first, stored = state
        rows = [np.array(row, dtype=np.int64) for row in stored[first:] + stored[:first]]
    else:
        dt, spikes, shape = state
        rows = [spikes[spikes[:, 0] == ahead, 1] for ahead in range(shape[0])]
    sent = [last_leg[row] > ahead for ahead, row in enumerate(rows)]
    left = [row[~gone] for row, gone in zip(rows, sent, strict=True)]
    if compiled:
        queue._restore_from_full_state((0, [row.tolist() for row in left]))
    else:
        pairs = [np.column_stack([np.full(len(row), ahead), row]) for ahead, row in enumerate(left)]
        queue._restore_from_full_state((dt, np.concatenate(pairs), shape))
    return [row[gone] for row, gone in zip(rows, sent, strict=True)]
