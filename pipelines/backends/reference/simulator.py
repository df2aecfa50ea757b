"""The state of a simulation, and what happens in one time step.

Step k leads from (k - 1) dt to k dt:

1. every neuron moves on by dt, under the injected current of that step (`neurons`, `electrodes`);
2. the weights of spikes that arrive at k dt are added to its state;
3. where the threshold is reached, the neuron spikes: the spike is stamped k dt;
4. spikes, and spikes that reach a synapse at k dt, change plastic weights (`transmission`), and
   the weight that each synapse transmits is put under way to the neuron.

Signals are sampled then: sample k is the state at k dt. Sources may spike at time 0, which is the
end of a step before the first one. One that spikes several times in a step sends as many spikes.
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
    """Number of a neuron within the whole network."""


class Inputs:
    """Weights that are under way to neurons: sums for each step to come, modulo their number.

    `values` has the shape (steps, n_receptors, n_neurons): nA, uS or mV; excitatory, then
    inhibitory; receptors with names in the order of these.
    """

    def __init__(self) -> None:
        self.values = np.zeros((1, 2, 0))

    def reserve(self, n_neurons: int, longest_delay: int, n_receptors: int, now: int) -> None:
        """Make room for these neurons, and for delays of up to so many steps."""
        before = self.values
        self.values = np.zeros((max(len(before), longest_delay + 1), n_receptors, n_neurons))
        for step in range(now, now + len(before)):
            row = self.values[step % len(self.values)]
            row[: before.shape[1], : before.shape[2]] = before[step % len(before)]

    def add(self, steps: Any, receptor: int, neurons: np.ndarray, weights: np.ndarray) -> None:
        """Let weights arrive at neurons in the given steps."""
        at: Any = (steps % len(self.values), receptor, neurons)
        np.add.at(self.values, at, weights)

    def take(self, step: int) -> np.ndarray:
        """Sums of the weights that arrive in a step, shape (n_receptors, n_neurons)."""
        arriving = self.values[step % len(self.values)].copy()
        self.values[step % len(self.values)] = 0.0
        return arriving


class State(common.control.BaseState):
    """What PyNN calls the simulator's state."""

    mpi_rank, num_processes = 0, 1
    min_delay: float | str = "auto"
    max_delay: float | str = "auto"

    def __init__(self) -> None:
        super().__init__()
        self.begin(0.1)

    def begin(self, dt: float) -> None:
        """Begin a new network with a time step of `dt` ms."""
        self.dt = dt
        self.recorders: Any = set()
        self.write_on_end: list[Any] = []
        self.populations: list[Any] = []
        self.synapses: list[Any] = []
        self.current_sources: list[Any] = []
        self.inputs = Inputs()
        self.id_counter, self.segment_counter = 0, -1
        self.reset()

    def reset(self) -> None:
        """Go back to time 0: states and weights are what they were, and nothing is under way."""
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
        """Advance until a step."""
        longest = max((synapses.longest_delay for synapses in self.synapses), default=0)
        receptors = max((len(one.celltype.receptor_types) for one in self.populations), default=0)
        self.inputs.reserve(self.id_counter, longest, max(receptors, 2), self.step)
        for synapses in self.synapses:
            synapses.renew(self.step)
        if self.step == 0:
            self._sample()
        self.running = True
        while self.step < last:
            until = min(last, registry.block_end(self.step))
            if self.step == 0:
                self._open()
            for population in self.populations:
                population.prepare(self.step, until)
            while self.step < until:
                self._advance()
        for population in self.populations:
            if population.trains is None:
                refuse_not_finite(population, population.neurons.state, self.t)

    def _open(self) -> None:
        """Let the spikes of time 0 set out."""
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
            np.add.at(current, source.neurons, source.emit(self.step))
        self.step += 1
        arriving = self.inputs.take(self.step)
        self._transmit(*(one.advance(self.step, current, arriving) for one in self.populations))
        # With a purely axonal delay a weight acts in the step in which it leaves the synapse.
        late = self.inputs.take(self.step)
        if late.any():
            for population in self.populations:
                population.receive(late)
        self._sample()

    def _sample(self) -> None:
        for recorder in self.recorders:
            recorder.sample(self.step)


state = State()
