"""The network of the experiment `microcircuit` with constant drive, as a network to measure.

Its sizes, pathways and currents are those of the experiment's own module; here is what code
written by hand draws for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from pipelines.errors import BadInput
from pipelines.experiment import Experiment, load_experiment, load_part
from pipelines.installation import LIBRARY

from .measured_network import DT

# Pairs that code written by hand makes at a time.
BLOCK = 1_000_000


@cache
def _experiment() -> tuple[Experiment, ModuleType]:
    """The experiment beside this library, and its module of numbers."""
    experiment = load_experiment("microcircuit", LIBRARY)
    return experiment, load_part(experiment, "network")


@dataclass(frozen=True)
class Microcircuit:
    """The network with a part of its cells and of each cell's synapses.

    Attributes
    ----------
    scale
        Cells over those of the original, and synapses a cell over those of the original: the
        number of synapses goes with the square. Weights are not compensated for it.
    seed
        Of the initial potentials, and of all synapses.
    connected
        Whether there are any synapses: without, what cells and recorders alone need is seen.

    Raises
    ------
    BadInput
        Unless ``0.001 <= scale <= 1``.
    """

    scale: float = 0.2
    seed: int = 1
    connected: bool = True

    def __post_init__(self) -> None:
        if not 0.001 <= self.scale <= 1:
            raise BadInput("--scale", f"{self.scale:g}", "0.001 to 1, the original")

    @property
    def parameters(self) -> Any:
        """Those of the experiment."""
        make = _experiment()[0].parameters
        return make(scale=self.scale, drive="dc", compensated=False, timestep=DT)

    @property
    def cell(self) -> dict[str, float]:
        """Parameters of a cell in PyNN's names and units, but for its current."""
        one = self.parameters
        names = ("cm", "tau_m", "tau_refrac", "v_rest", "v_reset", "v_thresh")
        return {name: getattr(one, name) for name in names} | {
            "tau_syn_E": one.tau_syn,
            "tau_syn_I": one.tau_syn,
        }

    @property
    def sizes(self) -> dict[str, int]:
        """Cells of each population."""
        sizes: dict[str, int] = _experiment()[1].sizes(self.scale)
        return sizes

    @property
    def synapses(self) -> int:
        """Number of all synapses."""
        return sum(pathway.synapses for pathway in self.pathways())

    @property
    def drive(self) -> dict[str, float]:
        """Constant current (nA) into each cell of a population."""
        currents: dict[str, float] = _experiment()[1].constant_currents(self.parameters)
        return currents

    def pathways(self) -> list[Any]:
        """All pathways that have synapses, by target and then by source."""
        found: list[Any] = _experiment()[1].pathways(self.parameters)
        return found if self.connected else []

    def initial_potentials(self) -> dict[str, np.ndarray]:
        """Membrane potentials at the start, in mV, shape (size of the population,)."""
        rng, one = np.random.default_rng(self.seed), self.parameters
        return {n: rng.uniform(one.v_reset, one.v_thresh, size) for n, size in self.sizes.items()}

    def build(self, sim: ModuleType, projection: type | None = None) -> dict[str, Any]:
        """Make the network with PyNN calls, from ``setup`` on, and record its spikes.

        Parameters
        ----------
        sim
            A PyNN module.
        projection
            A class to use instead of the module's own `Projection`.

        Returns
        -------
        dict
            The populations, by name.
        """
        sim.setup(timestep=DT, spike_precision="on_grid")
        module = SimpleNamespace(**vars(sim))
        if projection is not None:
            module.Projection = projection
        if not self.connected:
            module.Projection = _make_no_projection
        made = _experiment()[0].build(module, self.parameters, self.seed)
        populations = {name: made[name] for name in self.sizes}
        for population in populations.values():
            population.record("spikes")
        return populations

    def pairs(self, pathway: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Draw source and target indices for code written by hand, `BLOCK` at a time.

        Distributed as in `build`, but other numbers. Arrays of int32, each of shape (n,).
        """
        rng, sizes = self._generator(pathway, 0), self.sizes
        for n in _blocks(pathway.synapses):
            yield tuple(  # type: ignore[misc]
                rng.integers(0, sizes[name], n, dtype=np.int32)
                for name in (pathway.pre, pathway.post)
            )

    def weights_and_delays(self, pathway: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Draw weights (nA) and delays (ms, whole steps) of `pairs`, block by block."""
        rng = self._generator(pathway, 1)
        for n in _blocks(pathway.synapses):
            weight = rng.normal(pathway.weight, pathway.weight_sd, n)
            delay = rng.normal(pathway.delay, pathway.delay_sd, n)
            while (below := np.flatnonzero(delay < DT)).size:
                delay[below] = rng.normal(pathway.delay, pathway.delay_sd, below.size)
            yield weight, np.rint(delay / DT) * DT

    def _generator(self, pathway: Any, number: int) -> np.random.Generator:
        names = list(self.sizes)
        place = len(names) * names.index(pathway.post) + names.index(pathway.pre)
        return np.random.default_rng([self.seed, place, number])


def _make_no_projection(*_: Any, **__: Any) -> None:
    """Take the arguments of a projection, and make none."""


def _blocks(number: int) -> Iterator[int]:
    """Sizes of blocks that make up a number of synapses."""
    for first in range(0, number, BLOCK):
        yield min(BLOCK, number - first)
