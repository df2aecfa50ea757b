"""Sparse random network of LIF neurons with current-based synapses and sustained activity."""

from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    """Parameters of benchmark 2 of Brette et al. (2007), after Vogels and Abbott (2005)."""

    n: int = parameter(4000, "1", "number of neurons, four fifths of them excitatory", minimum=5)
    in_degree: float = parameter(
        80.0, "1", "inputs of a neuron: their mean number, 0.02 n", above=0
    )
    weight_exc: float = parameter(0.0162, "nA", "excitatory weight", minimum=0)
    weight_inh: float = parameter(-0.09, "nA", "inhibitory weight; others use -0.1395", maximum=0)
    delay: float = parameter(0.2, "ms", "synaptic delay; others use 0.1 and none", above=0)
    tau_m: float = parameter(20.0, "ms", "membrane time constant", above=0)
    cm: float = parameter(0.2, "nF", "membrane capacitance", above=0)
    v_rest: float = parameter(-49.0, "mV", "resting potential, above the threshold")
    v_thresh: float = parameter(-50.0, "mV", "spike threshold")
    v_reset: float = parameter(-60.0, "mV", "potential after a spike")
    tau_refrac: float = parameter(5.0, "ms", "refractory period", above=0)
    tau_syn_E: float = parameter(5.0, "ms", "excitatory decay time: of a synaptic current", above=0)
    tau_syn_I: float = parameter(
        10.0, "ms", "inhibitory decay time: of a synaptic current", above=0
    )
    duration: float = parameter(1000.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)

    def __post_init__(self):
        if self.in_degree > self.n:
            raise ValueError(
                f"in_degree {self.in_degree:g} is more than the network has neurons:"
                f" at most n = {self.n}"
            )


def build(sim, parameters, seed):
    """Build the network; `seed` sets its connections and initial potentials.

    The mean number of inputs of a neuron does not depend on `n`: the connection probability is
    ``in_degree / n``.
    """
    rng = sim.NumpyRNG(seed=seed)
    cell = sim.IF_curr_exp(
        tau_m=parameters.tau_m,
        cm=parameters.cm,
        v_rest=parameters.v_rest,
        v_reset=parameters.v_reset,
        v_thresh=parameters.v_thresh,
        tau_refrac=parameters.tau_refrac,
        tau_syn_E=parameters.tau_syn_E,
        tau_syn_I=parameters.tau_syn_I,
    )
    start = sim.RandomDistribution(
        "uniform", low=parameters.v_reset, high=parameters.v_thresh, rng=rng
    )
    n_exc = round(0.8 * parameters.n)
    excitatory = sim.Population(n_exc, cell, initial_values={"v": start}, label="excitatory")
    inhibitory = sim.Population(
        parameters.n - n_exc, cell, initial_values={"v": start}, label="inhibitory"
    )

    def connect(pre, post, weight):
        return sim.Projection(
            pre,
            post,
            sim.FixedProbabilityConnector(parameters.in_degree / parameters.n, rng=rng),
            sim.StaticSynapse(weight=weight, delay=parameters.delay),
            receptor_type=pre.label,
            label=f"{pre.label} to {post.label}",
        )

    return {
        "excitatory": excitatory,
        "inhibitory": inhibitory,
        "exc_to_exc": connect(excitatory, excitatory, parameters.weight_exc),
        "exc_to_inh": connect(excitatory, inhibitory, parameters.weight_exc),
        "inh_to_exc": connect(inhibitory, excitatory, parameters.weight_inh),
        "inh_to_inh": connect(inhibitory, inhibitory, parameters.weight_inh),
    }
