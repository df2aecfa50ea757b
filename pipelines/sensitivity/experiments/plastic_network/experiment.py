"""A plastic network of excitatory and inhibitory neurons, with or without an injected fault."""

from dataclasses import dataclass

import numpy as np
from pyNN.parameters import Sequence

from pipelines.experiment import parameter
from pipelines.sensitivity.faults import with_fault


@dataclass(frozen=True)
class Parameters:
    """Parameters of the network, small and strongly driven so that every part acts early."""

    fault: str = parameter("", "", "name of the injected fault; empty for none")
    strength: float = parameter(0.0, "", "strength of the fault, in its own unit")
    n: int = parameter(60, "1", "number of neurons, four fifths excitatory", minimum=10)
    p: float = parameter(0.2, "1", "connection probability", above=0, maximum=1)
    rate: float = parameter(60.0, "Hz", "Poisson input of each neuron", above=0)
    w_input: float = parameter(1.2, "nA", "weight of the input", above=0)
    w_max: float = parameter(0.06, "nA", "largest plastic weight", above=0)
    g: float = parameter(4.0, "1", "inhibitory weight over the largest plastic one", above=0)
    A_plus: float = parameter(0.02, "1", "potentiation at lag 0+, in w_max", above=0)
    A_minus: float = parameter(0.021, "1", "depression at lag 0-, in w_max", above=0)
    duration: float = parameter(500.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step of the simulation", above=0)


def trains(parameters, rng):
    """Draw Poisson trains on the grid, one a neuron, at most one spike a step."""
    n_steps = round(parameters.duration / parameters.timestep)
    chance = parameters.rate * parameters.timestep * 1e-3
    fired = (np.flatnonzero(rng.random(n_steps) < chance) for _ in range(parameters.n))
    return [Sequence(np.round((train[train > 20]) * parameters.timestep, 10)) for train in fired]


def connections(parameters, rng, n_pre, n_post, same):
    """Draw pairs (pre, post) with the connection probability, without autapses."""
    pairs = rng.random((n_pre, n_post)) < parameters.p
    if same:
        np.fill_diagonal(pairs, False)
    return np.argwhere(pairs)


def build(sim, parameters, seed):
    """Build the network; all random numbers are drawn by NumPy, unaffected by the fault."""
    sim = with_fault(sim, parameters.fault, parameters.strength, parameters.timestep, seed)
    rng = np.random.default_rng(seed)
    n_exc = round(0.8 * parameters.n)
    sizes = {"exc": n_exc, "inh": parameters.n - n_exc}
    start = rng.uniform(-65.0, -52.0, parameters.n)
    cell = sim.IF_curr_exp(
        cm=0.25, tau_m=20.0, v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0, tau_refrac=2.0,
        tau_syn_E=3.0, tau_syn_I=8.0,
    )  # fmt: skip
    exc = sim.Population(n_exc, cell, initial_values={"v": start[:n_exc]}, label="exc")
    inh = sim.Population(sizes["inh"], cell, initial_values={"v": start[n_exc:]}, label="inh")
    made = {"exc": exc, "inh": inh}
    drawn = trains(parameters, rng)
    drive = sim.StaticSynapse(weight=parameters.w_input, delay=1.0)
    for name, train in (("exc", drawn[:n_exc]), ("inh", drawn[n_exc:])):
        source = sim.Population(
            sizes[name], sim.SpikeSourceArray(spike_times=train), label=f"input_{name}"
        )
        made[f"input_{name}"] = source
        sim.Projection(source, made[name], sim.OneToOneConnector(), drive)

    pairs = connections(parameters, rng, n_exc, n_exc, same=True)
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(
            tau_plus=20.0, tau_minus=20.0, A_plus=parameters.A_plus, A_minus=parameters.A_minus
        ),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=parameters.w_max),
        dendritic_delay_fraction=1.0,
        weight=0.9 * parameters.w_max,
        delay=1.5,
    )
    made["plastic"] = sim.Projection(
        exc, exc, sim.FromListConnector(pairs), plastic, receptor_type="excitatory",
        label="plastic",
    )  # fmt: skip
    inhibition = -parameters.g * parameters.w_max
    for pre, post, weight, delay in (
        ("exc", "inh", parameters.w_max, 1.5),
        ("inh", "exc", inhibition, 0.8),
        ("inh", "inh", inhibition, 0.8),
    ):
        pairs = connections(parameters, rng, sizes[pre], sizes[post], pre == post)
        label = f"{pre}_{post}"
        made[label] = sim.Projection(
            made[pre], made[post], sim.FromListConnector(pairs),
            sim.StaticSynapse(weight=weight, delay=delay),
            receptor_type="excitatory" if weight > 0 else "inhibitory", label=label,
        )  # fmt: skip
    return made
