"""State of the simulation, and the algorithm of one time step.

Step k leads from (k - 1) dt to k dt:

1. the state of every neuron is integrated over dt, with the injected current of that step
   (`neurons`, `electrodes`);
2. the weights of spikes that arrive at k dt are added to the state;
3. a neuron whose potential reaches the threshold spikes, with the spike time k dt;
4. spikes that arrive at a synapse at k dt change plastic weights (`plasticity`), and transmitted
   weights are scheduled for their arrival at the neuron (`transmission`).

Signals are sampled after that: sample k is the state at k dt. Sources may spike at time 0, the end
of a step before the first one. A source may send several spikes in a step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common

from ..shared.network_registry import Registry
from ..shared.time_grid import to_ms
from ..shared.value_checks import refuse_not_finite

name = "Reference"
# The network of the current `setup`.
registry = Registry()


class ID(int, common.IDMixin):
    """Id of a neuron: its index within the whole network."""


class PendingInputs:
    """Ring buffer of weights that arrive at neurons in future steps.

    `values`, of shape (n_steps, n_receptors, n_neurons), are sums of weights in nA, uS or mV; row k
    modulo n_steps is that of step k. Receptors are excitatory and inhibitory, or sorted by name.
    """

    def __init__(self) -> None:
        self.values = np.zeros((1, 2, 0))

    def reserve(self, n_neurons: int, longest_delay: int, n_receptors: int, now: int) -> None:
        """Enlarge the buffer for these numbers of neurons, receptors and steps of delay."""
        before = self.values
        self.values = np.zeros((max(len(before), longest_delay + 1), n_receptors, n_neurons))
        for step in range(now, now + len(before)):
            row = self.values[step % len(self.values)]
            row[: before.shape[1], : before.shape[2]] = before[step % len(before)]

    def add(self, steps: Any, receptor: int, neurons: np.ndarray, weights: np.ndarray) -> None:
        """Add weights that arrive at neurons in the given steps."""
        at: Any = (steps % len(self.values), receptor, neurons)
        np.add.at(self.values, at, weights)

    def pop(self, step: int) -> np.ndarray:
        """Return and clear the weights that arrive in a step, shape (n_receptors, n_neurons)."""
        arriving = self.values[step % len(self.values)].copy()
        self.values[step % len(self.values)] = 0.0
        return arriving


class State(common.control.BaseState):
    """State of the simulator, as PyNN's common code requires."""

    mpi_rank, num_processes = 0, 1
    min_delay: float | str = "auto"
    max_delay: float | str = "auto"

    def __init__(self) -> None:
        super().__init__()
        self.begin(0.1)

    def begin(self, dt: float) -> None:
        """Start a new network with a time step of `dt` ms."""
        self.dt = dt
        self.recorders: Any = set()
        self.write_on_end: list[Any] = []
        self.populations: list[Any] = []
        self.synapses: list[Any] = []
        self.current_sources: list[Any] = []
        self.inputs = PendingInputs()
        self.id_counter, self.segment_counter = 0, -1
        self.reset()

    def reset(self) -> None:
        """Go back to time 0: restore initial states and weights, and discard spikes in transit."""
        self.running = False
        self.step = 0
        self.segment_counter += 1
        self.inputs.values[:] = 0.0
        for part in (*self.populations, *self.synapses, *self.current_sources):
            part.restart()

    @property
    def t(self) -> float:
        """The present time, in ms."""
        return float(to_ms(self.step, self.dt))

    def run_to(self, last: int) -> None:
        """Run until step `last`."""
        longest = max((synapses.longest_delay for synapses in self.synapses), default=0)
        receptors = max((len(one.celltype.receptor_types) for one in self.populations), default=0)
        self.inputs.reserve(self.id_counter, longest, max(receptors, 2), self.step)
        for synapses in self.synapses:
            synapses.update_parameters(self.step)
        if self.step == 0:
            self._sample()
        self.running = True
        while self.step < last:
            until = min(last, registry.block_end(self.step))
            if self.step == 0:
                self._transmit_initial_spikes()
            for population in self.populations:
                population.prepare(self.step, until)
            while self.step < until:
                self._advance()
        for population in self.populations:
            if population.trains is None:
                refuse_not_finite(population, population.neurons.state, self.t)

    def _transmit_initial_spikes(self) -> None:
        """Transmit the spikes of sources at time 0."""
        for population in self.populations:
            population.prepare(-1, 0)
        self._transmit(*(one.fire(0) for one in self.populations if one.trains is not None))

    def _transmit(self, *fired: np.ndarray) -> None:
        spikes = np.concatenate([np.empty(0, dtype=np.int64), *fired])
        for synapses in self.synapses:
            synapses.transmit(self.step, spikes, self.inputs)

    def _advance(self) -> None:
        current = np.zeros(self.id_counter)
        for source in self.current_sources:
            np.add.at(current, source.neurons, source.next_current(self.step))
        self.step += 1
        arriving = self.inputs.pop(self.step)
        self._transmit(*(one.advance(self.step, current, arriving) for one in self.populations))
        # With a purely axonal delay a weight arrives in the step in which it is transmitted.
        immediate = self.inputs.pop(self.step)
        if immediate.any():
            for population in self.populations:
                population.receive(immediate)
        self._sample()

    def _sample(self) -> None:
        for recorder in self.recorders:
            recorder.sample(self.step)


state = State()
