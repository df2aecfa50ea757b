"""The cortical microcircuit of Potjans and Diesmann (2014) at any scale, with constant drive.

Source: T. C. Potjans and M. Diesmann, "The cell-type specific cortical microcircuit", Cerebral
Cortex 24:785-806 (2014), doi:10.1093/cercor/bhs358. Sizes and connection probabilities are those
of its Table 5, cells and synapses those of its Table 4. Its Poisson input is replaced by the
mean current of that input, and potentials start between reset and threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log
from types import ModuleType
from typing import Any

import numpy as np

from pipelines.errors import BadInput

from .networks import DT

# Cells of each population at full scale.
SIZES = {
    "L23E": 20683, "L23I": 5834, "L4E": 21915, "L4I": 5479,
    "L5E": 4850, "L5I": 1065, "L6E": 14395, "L6I": 2948,
}  # fmt: skip
# Chance that a pair of cells has a synapse at least: first index target, second source.
CONNECTION_PROBABILITIES = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
)
# Synapses from outside onto each cell, which fire at EXTERNAL_RATE.
EXTERNAL_INDEGREES = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
EXTERNAL_RATE = 8.0  # Hz

# In PyNN's names and units (ms, mV, nF).
CELL = {
    "cm": 0.25,
    "tau_m": 10.0,
    "tau_syn_E": 0.5,
    "tau_syn_I": 0.5,
    "tau_refrac": 2.0,
    "v_rest": -65.0,
    "v_reset": -65.0,
    "v_thresh": -50.0,
}
WEIGHT = 0.0878  # nA, of an excitatory synapse
RELATIVE_INHIBITION = -4.0  # inhibitory over excitatory weight
L4E_TO_L23E = 2.0  # weight of these synapses over that of other excitatory ones
WEIGHT_SPREAD = 0.1  # standard deviation over mean
DELAY, INHIBITORY_DELAY = 1.5, 0.75  # ms, mean
DELAY_SPREAD = 0.5  # standard deviation over mean

# Pairs that code written by hand makes at a time.
BLOCK = 1_000_000


@dataclass(frozen=True)
class Pathway:
    """The synapses from one population to another.

    Attributes
    ----------
    pre, post
        Names of the populations.
    synapses
        Their number.
    weight, weight_sd
        Mean and standard deviation in nA.
    delay, delay_sd
        The same in ms, before delays below one time step are drawn again.
    seed
        Of all that is drawn for it.
    """

    pre: str
    post: str
    synapses: int
    weight: float
    weight_sd: float
    delay: float
    delay_sd: float
    seed: int

    @property
    def inhibitory(self) -> bool:
        """Whether the presynaptic cells are inhibitory."""
        return self.pre.endswith("I")


@dataclass(frozen=True)
class Microcircuit:
    """The network with a part of its cells and of each cell's synapses.

    Attributes
    ----------
    scale
        Cells over those of the original, and synapses a cell over those of the original: the
        number of synapses goes with the square. Weights stay as they are.
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
    def sizes(self) -> dict[str, int]:
        """Cells of each population."""
        return {name: max(1, round(size * self.scale)) for name, size in SIZES.items()}

    @property
    def synapses(self) -> int:
        """Number of all synapses."""
        return sum(pathway.synapses for pathway in self.pathways())

    @property
    def drive(self) -> dict[str, float]:
        """Constant current (nA) into each cell of a population: the mean of its Poisson input."""
        charge = WEIGHT * CELL["tau_syn_E"] * 1e-3  # nA s, of one spike
        return {
            name: n * EXTERNAL_RATE * charge
            for name, n in zip(SIZES, EXTERNAL_INDEGREES, strict=True)
        }

    def pathways(self) -> Iterator[Pathway]:
        """All pathways that have synapses, by target and then by source.

        A pair may have several synapses. With chance p of one at least, N N' pairs have
        ``K = ln(1 - p) / ln(1 - 1 / (N N'))``, rounded after scaling, and one at least.
        """
        for i, post in enumerate(SIZES):
            for j, pre in enumerate(SIZES):
                p = CONNECTION_PROBABILITIES[i][j]
                if p == 0 or not self.connected:
                    continue
                full = log(1 - p) / log(1 - 1 / (SIZES[pre] * SIZES[post]))
                inhibitory = pre.endswith("I")
                weight = WEIGHT * (RELATIVE_INHIBITION if inhibitory else 1.0)
                if (pre, post) == ("L4E", "L23E"):
                    weight *= L4E_TO_L23E
                delay = INHIBITORY_DELAY if inhibitory else DELAY
                yield Pathway(
                    pre,
                    post,
                    max(1, round(full * self.scale**2)),
                    weight,
                    WEIGHT_SPREAD * abs(weight),
                    delay,
                    DELAY_SPREAD * delay,
                    self.seed + 1 + 8 * i + j,
                )

    def initial_potentials(self) -> dict[str, np.ndarray]:
        """Membrane potentials at the start, in mV, shape (size of the population,)."""
        rng = np.random.default_rng(self.seed)
        low, high = CELL["v_reset"], CELL["v_thresh"]
        return {name: rng.uniform(low, high, size) for name, size in self.sizes.items()}

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
        start, drive = self.initial_potentials(), self.drive
        populations = {
            name: sim.Population(
                size,
                sim.IF_curr_exp(**CELL, i_offset=drive[name]),
                initial_values={"v": start[name]},
                label=name,
            )
            for name, size in self.sizes.items()
        }
        for population in populations.values():
            population.record("spikes")
        for pathway in self.pathways():
            # A generator each: what one draws does not depend on how often another draws again.
            pairs, weights, delays = (sim.NumpyRNG(seed=pathway.seed + 1000 * k) for k in range(3))
            (projection or sim.Projection)(
                populations[pathway.pre],
                populations[pathway.post],
                sim.FixedTotalNumberConnector(pathway.synapses, with_replacement=True, rng=pairs),
                sim.StaticSynapse(
                    weight=sim.RandomDistribution(
                        "normal", mu=pathway.weight, sigma=pathway.weight_sd, rng=weights
                    ),
                    delay=sim.RandomDistribution(
                        "normal_clipped",
                        mu=pathway.delay,
                        sigma=pathway.delay_sd,
                        low=DT,
                        high=np.inf,
                        rng=delays,
                    ),
                ),
                receptor_type="inhibitory" if pathway.inhibitory else "excitatory",
            )
        return populations

    def pairs(self, pathway: Pathway) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Draw source and target indices for code written by hand, `BLOCK` at a time.

        Distributed as in `build`, but other numbers. Arrays of int32, each of shape (n,).
        """
        rng, sizes = np.random.default_rng([pathway.seed, 0]), self.sizes
        for n in _blocks(pathway.synapses):
            yield tuple(  # type: ignore[misc]
                rng.integers(0, sizes[name], n, dtype=np.int32)
                for name in (pathway.pre, pathway.post)
            )

    def values(self, pathway: Pathway) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Draw weights (nA) and delays (ms, whole steps) of `pairs`, block by block."""
        rng = np.random.default_rng([pathway.seed, 1])
        for n in _blocks(pathway.synapses):
            weight = rng.normal(pathway.weight, pathway.weight_sd, n)
            delay = rng.normal(pathway.delay, pathway.delay_sd, n)
            while (below := np.flatnonzero(delay < DT)).size:
                delay[below] = rng.normal(pathway.delay, pathway.delay_sd, below.size)
            yield weight, np.rint(delay / DT) * DT


def _blocks(number: int) -> Iterator[int]:
    """Sizes of blocks that make up a number of synapses."""
    for first in range(0, number, BLOCK):
        yield min(BLOCK, number - first)
