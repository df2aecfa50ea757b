"""The cortical microcircuit of Potjans and Diesmann (2014): four layers, eight populations.

README.md describes the network and how it is scaled down.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.experiment import parameter

from .data_files import INITIAL_POTENTIALS
from .network import constant_currents, external_rates, external_weight, pathways, sizes


@dataclass(frozen=True)
class Parameters:
    """Parameters of the published model; `scale` is the simulated fraction of its cells."""

    scale: float = parameter(
        1.0, "1", "scale: cells, and synapses of a cell, over those of the model",
        minimum=0.001, maximum=1,
    )  # fmt: skip
    drive: str = parameter(
        "dc", "", "input from outside: Poisson sources, or their mean as a constant current",
        choices=("poisson", "dc"),
    )  # fmt: skip
    compensated: bool = parameter(
        True, "", "compensation: whether weights and mean input make up for a smaller scale"
    )
    psp: float = parameter(0.15, "mV", "excitatory potential: its height", above=0)
    g: float = parameter(
        4.0, "1", "relative inhibition: inhibitory over excitatory weight", minimum=0
    )
    doubling: float = parameter(
        2.0, "1", "weight factor L4E to L23E: over the usual weight", above=0
    )
    weight_sd: float = parameter(
        0.1, "1", "relative SD of weights: standard deviation over mean", minimum=0
    )
    external_rate: float = parameter(8.0, "Hz", "external synapse rate", minimum=0)
    delay_exc: float = parameter(1.5, "ms", "mean excitatory delay", above=0)
    delay_inh: float = parameter(0.75, "ms", "mean inhibitory delay", above=0)
    delay_sd: float = parameter(
        0.5, "1", "relative SD of delays: standard deviation over mean", above=0
    )
    cm: float = parameter(0.25, "nF", "membrane capacitance", above=0)
    tau_m: float = parameter(10.0, "ms", "membrane time constant", above=0)
    tau_syn: float = parameter(0.5, "ms", "synaptic time constant", above=0)
    tau_refrac: float = parameter(2.0, "ms", "refractory period", above=0)
    v_rest: float = parameter(-65.0, "mV", "resting potential")
    v_reset: float = parameter(-65.0, "mV", "potential after a spike")
    v_thresh: float = parameter(-50.0, "mV", "spike threshold")
    duration: float = parameter(1500.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)

    def __post_init__(self):
        if self.tau_syn >= self.tau_m:
            raise ValueError(f"tau_syn {self.tau_syn:g} ms is not below tau_m {self.tau_m:g} ms")


def build(sim, parameters, seed):
    """Build the network; `seed` sets potentials and, separately per pathway, synapses.

    The backend draws the trains of the Poisson sources from the seed of the run.
    """
    currents = constant_currents(parameters)
    populations = {
        name: sim.Population(
            size,
            sim.IF_curr_exp(
                cm=parameters.cm,
                tau_m=parameters.tau_m,
                tau_syn_E=parameters.tau_syn,
                tau_syn_I=parameters.tau_syn,
                tau_refrac=parameters.tau_refrac,
                v_rest=parameters.v_rest,
                v_reset=parameters.v_reset,
                v_thresh=parameters.v_thresh,
                i_offset=currents[name],
            ),
            initial_values={"v": _start(sim, name, seed)},
            label=name,
        )
        for name, size in sizes(parameters.scale).items()
    }
    if parameters.drive == "poisson":
        for name, rate in external_rates(parameters).items():
            _drive(sim, populations[name], rate, parameters)
    projections = {
        f"{pathway.pre} to {pathway.post}": _connect(
            sim, populations, pathway, parameters.timestep, _generators(sim, 3, seed, number)
        )
        for number, pathway in enumerate(pathways(parameters), start=1)
    }
    return populations | projections


def _generators(sim, count, *seeds):
    """Random number generators that are independent of those of other seeds."""
    drawn = np.random.SeedSequence(seeds).generate_state(count)
    return [sim.NumpyRNG(seed=int(one)) for one in drawn]


def _start(sim, name, seed):
    mean, sd = INITIAL_POTENTIALS[name]
    (rng,) = _generators(sim, 1, seed, 0, list(INITIAL_POTENTIALS).index(name))
    return sim.RandomDistribution("normal", mu=mean, sigma=sd, rng=rng)


def _connect(sim, populations, pathway, timestep, generators):
    pairs, weights, delays = generators
    return sim.Projection(
        populations[pathway.pre],
        populations[pathway.post],
        sim.FixedTotalNumberConnector(pathway.synapses, with_replacement=True, rng=pairs),
        sim.StaticSynapse(
            weight=sim.RandomDistribution(
                "normal", mu=pathway.weight, sigma=pathway.weight_sd, rng=weights
            ),
            delay=sim.RandomDistribution(
                "normal_clipped", mu=pathway.delay, sigma=pathway.delay_sd,
                low=timestep, high=np.inf, rng=delays,
            ),
        ),
        receptor_type=pathway.receptor,
        label=f"{pathway.pre} to {pathway.post}",
    )  # fmt: skip


def _drive(sim, population, rate, parameters):
    """Connect one Poisson source to each cell, with the summed rate of its external synapses."""
    sources = sim.Population(
        population.size, sim.SpikeSourcePoisson(rate=rate), label=f"outside {population.label}"
    )
    return sim.Projection(
        sources,
        population,
        sim.OneToOneConnector(),
        sim.StaticSynapse(weight=external_weight(parameters), delay=parameters.delay_exc),
        receptor_type="excitatory",
        label=sources.label,
    )
