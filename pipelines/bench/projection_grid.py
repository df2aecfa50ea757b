"""Many projections between few small populations, and the one PyNN script for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from pipelines.errors import BadInput

from .measured_network import CELL, DT

POPULATIONS, NEURONS = 8, 20
# Weight (nA) of all excitatory synapses onto a cell together.
_TOTAL_WEIGHT = 0.4


@dataclass(frozen=True)
class ProjectionGrid:
    """Static all-to-all projections between populations of 20 cells that fire by themselves.

    Attributes
    ----------
    projections
        Their number: 64 connect every one of 8 populations with every one, more begin anew. Few
        have no more populations than they need: one has two.
    seed
        Of the initial potentials.

    Raises
    ------
    BadInput
        If there is no projection.
    """

    projections: int = 64
    seed: int = 1

    def __post_init__(self) -> None:
        if self.projections < 1:
            raise BadInput("--projections", f"{self.projections}", "1 and more")

    @property
    def populations(self) -> int:
        """Number of populations."""
        return min(POPULATIONS, self.projections + 1)

    def initial_potentials(self) -> np.ndarray:
        """Membrane potentials at the start, in mV, shape (populations, NEURONS)."""
        return np.random.default_rng(self.seed).uniform(-65.0, -50.0, (self.populations, NEURONS))

    def edges(self) -> Iterator[tuple[int, int, float, float]]:
        """Source and target population, weight (nA) and delay (ms) of each projection."""
        for k in range(self.projections):
            weight = _TOTAL_WEIGHT / (self.projections * NEURONS) * (1 + k % 5)
            pre = k % POPULATIONS
            post = (pre + 1 + k // POPULATIONS) % POPULATIONS
            yield pre, post, weight, DT * (1 + k % 20)

    def build(self, sim: ModuleType) -> dict[str, Any]:
        """Make the network with PyNN calls, from ``setup`` on, and record its spikes.

        Returns
        -------
        dict
            The populations, by name.
        """
        sim.setup(timestep=DT, spike_precision="on_grid")
        cell = sim.IF_curr_exp(**CELL)
        populations = [
            sim.Population(NEURONS, cell, initial_values={"v": start}, label=f"cells {k}")
            for k, start in enumerate(self.initial_potentials())
        ]
        for population in populations:
            population.record("spikes")
        for pre, post, weight, delay in self.edges():
            sim.Projection(
                populations[pre],
                populations[post],
                sim.AllToAllConnector(),
                sim.StaticSynapse(weight=weight, delay=delay),
            )
        return {population.label: population for population in populations}
