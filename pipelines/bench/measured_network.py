"""The network that is measured, and the one PyNN script that ours and stock PyNN both run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from pipelines import backends
from pipelines.errors import BadInput

DT = 0.1  # ms
DELAY = 1.5  # ms, of every synapse
RATE_WINDOW_MS = (
    100.0  # ms of simulation after which spikes are compared, where only building counts
)

# Cell parameters in PyNN's names and units (ms, mV, nF, nA); i_offset alone makes a cell fire.
CELL = {
    "cm": 0.25,
    "tau_m": 20.0,
    "tau_syn_E": 5.0,
    "tau_syn_I": 5.0,
    "tau_refrac": 2.0,
    "v_rest": -65.0,
    "v_reset": -65.0,
    "v_thresh": -50.0,
    "i_offset": 0.2,
}
# The pair rule: time constants in ms, amplitudes as fractions of w_max.
TAU_PLUS, TAU_MINUS, A_PLUS, A_MINUS = 20.0, 20.0, 0.01, 0.012

# Presynaptic and postsynaptic population, and whether the synapses are inhibitory.
PROJECTIONS = (("exc", "exc", False), ("exc", "inh", False), ("inh", "exc", True),
               ("inh", "inh", True))  # fmt: skip


@dataclass(frozen=True)
class Network:
    """A recurrent network of 80 % excitatory and 20 % inhibitory cells, connected at random.

    Attributes
    ----------
    neurons
        Number of cells.
    synapses
        Expected number of synapses: each pair is connected with ``synapses / neurons**2``.
    plastic
        Whether synapses between excitatory cells obey spike-timing-dependent plasticity.
    seed
        Of the initial potentials, and of the first projection's pairs; the next ones' are
        the next numbers.

    Raises
    ------
    BadInput
        If there are too few cells, or more synapses than pairs.
    """

    neurons: int = 5000
    synapses: int = 2_500_000
    plastic: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        if self.neurons < 10:
            raise BadInput("--neurons", f"{self.neurons} cells are too few", "10 and more")
        if not 1 <= self.synapses <= self.neurons**2:
            raise BadInput(
                "--synapses",
                f"{self.synapses} synapses between {self.neurons} cells",
                f"1 to {self.neurons**2}, one a pair",
            )

    @property
    def sizes(self) -> dict[str, int]:
        """Cells of both populations."""
        n_exc = round(0.8 * self.neurons)
        return {"exc": n_exc, "inh": self.neurons - n_exc}

    @property
    def p_connect(self) -> float:
        """Probability that a pair is connected."""
        return self.synapses / self.neurons**2

    @property
    def weight(self) -> float:
        """Weight (nA) of an excitatory synapse; the fewer a cell has, the larger they are."""
        return 2.0 * self.neurons / self.synapses

    @property
    def inhibitory_weight(self) -> float:
        """Weight (nA) of an inhibitory synapse."""
        return -5.0 * self.weight

    @property
    def w_max(self) -> float:
        """Largest weight (nA) of a plastic synapse."""
        return 2.0 * self.weight

    def initial_potentials(self) -> dict[str, np.ndarray]:
        """Membrane potentials at the start, in mV, shape (size of the population,)."""
        rng = np.random.default_rng(self.seed)
        return {name: rng.uniform(-65.0, -50.0, size) for name, size in self.sizes.items()}

    def edges(self) -> Iterator[tuple[str, str, bool, np.ndarray, np.ndarray]]:
        """Draw the pairs that PyNN's ``FixedProbabilityConnector`` draws, a projection at a time.

        Yields
        ------
        pre, post : str
            Names of the populations.
        inhibitory : bool
        source, target : ndarray of int64, shape (n,)
            Indices within the populations, in order of target, then of source.
        """
        sizes = self.sizes
        for k, (pre, post, inhibitory) in enumerate(PROJECTIONS):
            # PyNN's NumpyRNG is a RandomState that draws one row of sources a target.
            rng = np.random.RandomState(self.seed + k)
            drawn = rng.uniform(0.0, 1.0, (sizes[post], sizes[pre]))
            target, source = np.nonzero(drawn < self.p_connect)
            yield pre, post, inhibitory, source, target

    def build(self, sim: ModuleType) -> dict[str, Any]:
        """Make the network with PyNN calls, from ``setup`` on, and record its spikes.

        Parameters
        ----------
        sim
            A PyNN module: a backend of ours, or stock.

        Returns
        -------
        dict
            The populations, by name.
        """
        sim.setup(timestep=DT, spike_precision="on_grid")
        cell = sim.IF_curr_exp(**CELL)
        start = self.initial_potentials()
        populations = {
            name: sim.Population(size, cell, initial_values={"v": start[name]}, label=name)
            for name, size in self.sizes.items()
        }
        for k, (pre, post, inhibitory) in enumerate(PROJECTIONS):
            weight = self.inhibitory_weight if inhibitory else self.weight
            plastic = self.plastic and pre == post == "exc"
            sim.Projection(
                populations[pre],
                populations[post],
                sim.FixedProbabilityConnector(self.p_connect, rng=sim.NumpyRNG(seed=self.seed + k)),
                _plastic_synapse(sim, self)
                if plastic
                else sim.StaticSynapse(weight=weight, delay=DELAY),
                receptor_type="inhibitory" if inhibitory else "excitatory",
            )
        for population in populations.values():
            population.record("spikes")
        return populations


def _plastic_synapse(sim: ModuleType, network: Network) -> Any:
    backend, is_stock = backends.from_module(sim)
    stock = backend.stock if is_stock else None
    fraction = stock.dendritic_delay_fraction if stock else 1.0
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(TAU_PLUS, TAU_MINUS, A_PLUS, A_MINUS),
        weight_dependence=sim.AdditiveWeightDependence(0.0, network.w_max),
        weight=network.weight,
        delay=DELAY,
        dendritic_delay_fraction=fraction,
    )
