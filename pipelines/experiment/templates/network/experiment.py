"""Excitatory and inhibitory neurons that are driven through plastic synapses by Poisson trains."""

from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    """Everything that a sweep can vary: default, unit, meaning and limits."""

    n_inputs: int = parameter(100, "1", "number of Poisson trains", minimum=1)
    n_exc: int = parameter(80, "1", "number of excitatory neurons", minimum=1)
    n_inh: int = parameter(20, "1", "number of inhibitory neurons", minimum=1)
    rate: float = parameter(15.0, "Hz", "firing rate of each Poisson train", minimum=0)
    probability: float = parameter(0.2, "1", "connection probability", above=0, maximum=1)
    w_input: float = parameter(0.15, "nA", "mean weight of the inputs at the start", above=0)
    w_max: float = parameter(0.3, "nA", "largest weight of the inputs", above=0)
    w_exc: float = parameter(0.1, "nA", "weight from excitatory to inhibitory neurons", minimum=0)
    w_inh: float = parameter(0.2, "nA", "weight of inhibition, as a magnitude", minimum=0)
    A_plus: float = parameter(0.02, "1", "potentiation at lag 0, in w_max", minimum=0)
    A_minus: float = parameter(0.021, "1", "depression at lag 0, in w_max", minimum=0)
    tau_stdp: float = parameter(20.0, "ms", "time constant of plasticity", above=0)
    delay: float = parameter(1.5, "ms", "synaptic delay", above=0)
    tau_m: float = parameter(20.0, "ms", "membrane time constant", above=0)
    tau_syn: float = parameter(5.0, "ms", "decay time of the synaptic current", above=0)
    duration: float = parameter(1000.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step of the simulation", above=0)


def build(sim, parameters, seed):
    """Make the network; what is returned can be recorded under its name in sweep.yaml.

    `sim` is the simulator (PyNN's API). Draw random numbers from `seed` alone, so that the same
    point is the same network on every backend.
    """
    rng = sim.NumpyRNG(seed=seed)
    neuron = sim.IF_curr_exp(
        tau_m=parameters.tau_m,
        cm=0.25,
        v_rest=-65.0,
        v_reset=-65.0,
        v_thresh=-50.0,
        tau_refrac=2.0,
        tau_syn_E=parameters.tau_syn,
        tau_syn_I=parameters.tau_syn,
    )
    start = sim.RandomDistribution("uniform", low=-65.0, high=-50.0, rng=rng)
    inputs = sim.Population(
        parameters.n_inputs, sim.SpikeSourcePoisson(rate=parameters.rate), label="inputs"
    )
    excitatory, inhibitory = (
        sim.Population(number, neuron, initial_values={"v": start}, label=label)
        for number, label in ((parameters.n_exc, "excitatory"), (parameters.n_inh, "inhibitory"))
    )
    random_pairs = sim.FixedProbabilityConnector(parameters.probability, rng=rng)
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(
            tau_plus=parameters.tau_stdp,
            tau_minus=parameters.tau_stdp,
            A_plus=parameters.A_plus,
            A_minus=parameters.A_minus,
        ),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=parameters.w_max),
        # All of the delay is in the dendrite: both backends can do this exactly.
        dendritic_delay_fraction=1.0,
        weight=sim.RandomDistribution("uniform", low=0.0, high=2 * parameters.w_input, rng=rng),
        delay=parameters.delay,
    )
    input_to_exc = sim.Projection(
        inputs, excitatory, random_pairs, plastic, receptor_type="excitatory", label="input_to_exc"
    )
    sim.Projection(
        excitatory,
        inhibitory,
        random_pairs,
        sim.StaticSynapse(weight=parameters.w_exc, delay=parameters.delay),
        receptor_type="excitatory",
        label="exc_to_inh",
    )
    sim.Projection(
        inhibitory,
        excitatory,
        random_pairs,
        # The weight of an inhibitory current is negative.
        sim.StaticSynapse(weight=-parameters.w_inh, delay=parameters.delay),
        receptor_type="inhibitory",
        label="inh_to_exc",
    )
    return {"excitatory": excitatory, "inhibitory": inhibitory, "input_to_exc": input_to_exc}
