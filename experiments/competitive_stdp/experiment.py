"""One neuron with Poisson inputs that compete through plastic synapses."""

from dataclasses import dataclass

from pipelines.experiment import parameter

from .trains import correlated_trains

ADDITIVE, MULTIPLICATIVE = "additive", "multiplicative"


@dataclass(frozen=True)
class Parameters:
    """Parameters of the neuron and rule of Song et al. (2000), with current-based synapses."""

    rule: str = parameter(
        ADDITIVE, "", "weight dependence: of the changes", choices=(ADDITIVE, MULTIPLICATIVE)
    )
    rate: float = parameter(15.0, "Hz", "rate of every input", above=0)
    depression_ratio: float = parameter(
        1.05, "1", "depression / potentiation: A_minus over A_plus", minimum=0
    )
    A_plus: float = parameter(0.01, "1", "potentiation at lag 0+, in w_max", minimum=0)
    tau_stdp: float = parameter(20.0, "ms", "plasticity time constant: of both sides", above=0)
    n_inputs: int = parameter(1000, "1", "number of inputs", minimum=1)
    w_max: float = parameter(0.01, "nA", "largest weight", above=0)
    w_start: float = parameter(
        0.0, "1", "smallest initial weight, in w_max; the largest is 1", minimum=0, maximum=1
    )
    correlation: float = parameter(
        0.0,
        "1",
        "correlation: of the spike counts of two inputs of the group in a time step",
        minimum=0,
        below=1,
    )
    n_correlated: int = parameter(250, "1", "correlated inputs: the first ones", minimum=0)
    delay: float = parameter(1.0, "ms", "synaptic delay", above=0)
    dendritic_delay_fraction: float = parameter(
        1.0, "1", "dendritic share of delay; the rest is axonal", minimum=0, maximum=1
    )
    tau_m: float = parameter(10.0, "ms", "membrane time constant", above=0)
    cm: float = parameter(0.17, "nF", "membrane capacitance", above=0)
    v_rest: float = parameter(-74.0, "mV", "resting potential")
    v_reset: float = parameter(-60.0, "mV", "reset potential")
    v_thresh: float = parameter(-54.0, "mV", "spike threshold")
    tau_refrac: float = parameter(1.0, "ms", "refractory period", above=0)
    tau_syn: float = parameter(5.0, "ms", "synaptic time constant", above=0)
    duration: float = parameter(300_000.0, "ms", "simulated time", above=0)
    timestep: float = parameter(1.0, "ms", "time step", above=0)

    def __post_init__(self):
        if self.n_correlated > self.n_inputs:
            raise ValueError(
                f"n_correlated {self.n_correlated} is above n_inputs {self.n_inputs}:"
                " the group is a part of the inputs"
            )


def build(sim, parameters, seed):
    """Build the network; `seed` sets the initial weights and the trains of correlated inputs.

    The backend draws the trains of independent inputs from the same seed, that of the run.
    """
    if parameters.correlation:
        source = sim.SpikeSourceArray(spike_times=correlated_trains(parameters, seed))
    else:
        source = sim.SpikeSourcePoisson(rate=parameters.rate)
    sources = sim.Population(parameters.n_inputs, source, label="sources")
    neuron = sim.Population(
        1,
        sim.IF_curr_exp(
            tau_m=parameters.tau_m,
            cm=parameters.cm,
            v_rest=parameters.v_rest,
            v_reset=parameters.v_reset,
            v_thresh=parameters.v_thresh,
            tau_refrac=parameters.tau_refrac,
            tau_syn_E=parameters.tau_syn,
            tau_syn_I=parameters.tau_syn,
        ),
        initial_values={"v": parameters.v_rest},
        label="neuron",
    )
    dependence = {
        ADDITIVE: sim.AdditiveWeightDependence,
        # Rule of van Rossum et al. (2000): only depression is proportional to the weight.
        MULTIPLICATIVE: sim.AdditivePotentiationMultiplicativeDepression,
    }[parameters.rule]
    start = sim.RandomDistribution(
        "uniform",
        low=parameters.w_start * parameters.w_max,
        high=parameters.w_max,
        rng=sim.NumpyRNG(seed=seed),
    )
    inputs = sim.Projection(
        sources,
        neuron,
        sim.AllToAllConnector(),
        sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(
                tau_plus=parameters.tau_stdp,
                tau_minus=parameters.tau_stdp,
                A_plus=parameters.A_plus,
                A_minus=parameters.A_plus * parameters.depression_ratio,
            ),
            weight_dependence=dependence(w_min=0.0, w_max=parameters.w_max),
            dendritic_delay_fraction=parameters.dendritic_delay_fraction,
            weight=start,
            delay=parameters.delay,
        ),
        receptor_type="excitatory",
        label="inputs",
    )
    return {"neuron": neuron, "inputs": inputs}
