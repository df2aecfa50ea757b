"""A recurrent network that spikes a lot and learns without end: what long runs are compared on."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from pipelines.errors import BadInput

from .measured_network import CELL, DT

# Plastic projections first: presynaptic and postsynaptic population, synapses a cell, initial
# weight (nA) and delay (ms).
PLASTIC = (
    ("inputs", "exc", 10, 0.06, 1.5),
    ("exc", "exc", 40, 0.04, 1.5),
    ("exc", "inh", 40, 0.04, 1.0),
    ("inh", "exc", 10, -0.2, 1.0),
)
STATIC = (("inh", "inh", 10, -0.2, 1.0),)
# Constant current (nA): from the first to the last cell of a population. Without synapses a cell
# fires from 0.1875 nA on.
CURRENT_RANGE = (0.25, 0.4)
INPUT_RATE = 30.0  # Hz, of each Poisson source
TARGET_RATE = 0.05  # spikes a ms, to which inhibition brings the excitatory cells
TAU = 20.0  # ms, of all rules
A_PLUS, A_MINUS = 0.005, 0.00525  # in units of w_max
ETA = 1e-4  # nA, of inhibitory plasticity


@dataclass(frozen=True)
class PlasticNetwork:
    """Excitatory and inhibitory cells with three rules of plasticity, and Poisson sources.

    Synapses between excitatory cells, and those of the sources, obey the additive pair rule, those
    onto inhibitory cells the multiplicative one. Inhibition of excitatory cells obeys the rule of
    Vogels et al. (2011), which keeps their rate near 50 Hz whatever the other weights become.

    Attributes
    ----------
    neurons
        Number of cells, four of five excitatory; there are a fifth as many sources.
    seed
        Of the sources, the initial potentials and all synapses.

    Raises
    ------
    BadInput
        If there are fewer cells than synapses need.
    """

    neurons: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.neurons < 100:
            raise BadInput("--neurons", f"{self.neurons} cells are too few", "100 and more")

    @property
    def sizes(self) -> dict[str, int]:
        """Cells of the populations that are recorded, by name."""
        n_inh = self.neurons // 5
        return {"exc": self.neurons - n_inh, "inh": n_inh}

    def neuron_label(self, neuron: int) -> str:
        """Population and index of a cell that is counted through all of them."""
        for name, size in self.sizes.items():
            if neuron < size:
                return f"{name} {neuron}"
            neuron -= size
        raise IndexError(neuron)

    def build(self, sim: ModuleType) -> tuple[dict[str, Any], dict[str, Any]]:
        """Make the network with PyNN calls, from ``setup`` on, and record its spikes.

        Returns
        -------
        dict, dict
            The recorded populations, and the plastic projections, by name.
        """
        sim.setup(timestep=DT, rng_seed=self.seed)
        rng = np.random.default_rng(self.seed)
        cells = {}
        for name, size in self.sizes.items():
            cell = sim.IF_curr_exp(**CELL | {"i_offset": np.linspace(*CURRENT_RANGE, size)})
            start = {"v": rng.uniform(-65.0, -50.0, size)}
            cells[name] = sim.Population(size, cell, initial_values=start, label=name)
            cells[name].record("spikes")
        source = sim.SpikeSourcePoisson(rate=INPUT_RATE)
        inputs = sim.Population(self.neurons // 5, source, label="inputs")
        populations = {"inputs": inputs, **cells}
        projections = {}
        for k, (pre, post, number, weight, delay) in enumerate((*PLASTIC, *STATIC)):
            plastic = k < len(PLASTIC)
            projection = sim.Projection(
                populations[pre],
                populations[post],
                sim.FixedNumberPreConnector(number, rng=sim.NumpyRNG(seed=self.seed + k)),
                _plastic_synapse(sim, pre, post, weight, delay)
                if plastic
                else sim.StaticSynapse(weight=weight, delay=delay),
                receptor_type="inhibitory" if weight < 0 else "excitatory",
            )
            if plastic:
                projections[f"{pre} to {post}"] = projection
        return cells, projections


def _plastic_synapse(sim: ModuleType, pre: str, post: str, weight: float, delay: float) -> Any:
    """The synapse of a plastic projection."""
    if weight < 0:
        timing = sim.Vogels2011Rule(tau=TAU, eta=ETA, rho=TARGET_RATE)
        dependence = sim.AdditiveWeightDependence(0.0, 5 * weight)
    else:
        timing = sim.SpikePairRule(TAU, TAU, A_PLUS, A_MINUS)
        additive = post == "exc"
        kind = sim.AdditiveWeightDependence if additive else sim.MultiplicativeWeightDependence
        dependence = kind(0.0, 2 * weight)
    return sim.STDPMechanism(
        timing_dependence=timing, weight_dependence=dependence, weight=weight, delay=delay,
        dendritic_delay_fraction=1.0,
    )  # fmt: skip
