"""Simulator interface of PyNN's common code: the simulation state, and ids of cells."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common
from pyNN.common.control import BaseState

from ..shared.network_registry import Registry
from ..shared.time_grid import to_ms
from ..shared.value_checks import refuse_not_finite
from .network import Network

name = "Brian2"

# Populations and projections of the current `setup`.
registry = Registry()


class ID(int, common.IDMixin):
    __doc__ = common.IDMixin.__doc__

    def __init__(self, n: int) -> None:
        common.IDMixin.__init__(self)


class State(BaseState):
    """Time and network of the current `setup`."""

    mpi_rank = 0
    num_processes = 1
    network: Network

    def __init__(self) -> None:
        super().__init__()
        self.min_delay: Any = "auto"
        self.max_delay: Any = "auto"
        self.begin(0.1)

    def begin(self, dt: float) -> None:
        """Begin a new network with a time step of `dt` ms."""
        self.recorders: set[Any] = set()
        self.id_counter = 0
        self.segment_counter = 0
        self.running = False
        self.t_start = 0
        self.network = Network(dt, registry.block_end)

    @property
    def dt(self) -> float:
        """Time step, in ms."""
        return self.network.dt

    @property
    def step(self) -> int:
        """The present step."""
        return self.network.step

    @property
    def t(self) -> float:
        """Present time, in ms."""
        return float(to_ms(self.step, self.dt))

    def run_to(self, step: int) -> None:
        """Simulate until a step."""
        self.running = True
        self.network.run(step - self.step)
        # Populations are searched only if a group has values that are not finite.
        if not all(group.is_finite for group in self.network.cells):
            for population in registry.populations:
                if population.trains is None:
                    group, rows = population.group, population.rows
                    states = [group.values[name][rows] for name in group.kind.state]
                    refuse_not_finite(population, np.stack(states), self.t)

    def reset(self) -> None:
        """Go back to time 0: states, weights and the queues of spikes."""
        self.running = False
        self.segment_counter += 1
        self.network.reset()
        for population in registry.populations:
            for variable, value in population.initial_values.items():
                population._set_initial_value_array(variable, value)


state = State()
