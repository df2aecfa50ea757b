"""A hundred LIF neurons, all connected to each other by plastic synapses."""

from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    """Parameters of the network of a short Brian2 script; README.md explains the units."""

    n: int = parameter(100, "1", "number of neurons", minimum=2)
    i_offset: float = parameter(2.1, "nA", "constant drive; the script has 1.5 pA")
    depression_ratio: float = parameter(
        1.05, "1", "depression / potentiation: A_minus over A_plus", minimum=0
    )
    A_plus: float = parameter(0.01, "1", "potentiation at lag 0+, in w_max", above=0)
    tau_stdp: float = parameter(20.0, "ms", "plasticity time constant: of both sides", above=0)
    w_max: float = parameter(0.02, "nA", "largest weight", above=0)
    w_init: float = parameter(0.5, "1", "initial weight, in w_max", minimum=0, maximum=1)
    delay: float = parameter(1.0, "ms", "synaptic delay, all of it dendritic", above=0)
    tau_m: float = parameter(10.0, "ms", "membrane time constant", above=0)
    cm: float = parameter(1.0, "nF", "membrane capacitance: tau_m over 10 Mohm", above=0)
    v_rest: float = parameter(-70.0, "mV", "resting potential: that after a spike, too")
    v_thresh: float = parameter(-50.0, "mV", "spike threshold")
    tau_refrac: float = parameter(5.0, "ms", "refractory period", above=0)
    tau_syn: float = parameter(5.0, "ms", "synaptic time constant", above=0)
    duration: float = parameter(1000.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)


def build(sim, parameters, seed):
    """Build the network; `seed` sets the initial membrane potentials."""
    rng = sim.NumpyRNG(seed=seed)
    start = sim.RandomDistribution(
        "uniform", low=parameters.v_rest, high=parameters.v_thresh, rng=rng
    )
    neurons = sim.Population(
        parameters.n,
        sim.IF_curr_exp(
            tau_m=parameters.tau_m,
            cm=parameters.cm,
            v_rest=parameters.v_rest,
            v_reset=parameters.v_rest,
            v_thresh=parameters.v_thresh,
            tau_refrac=parameters.tau_refrac,
            tau_syn_E=parameters.tau_syn,
            tau_syn_I=parameters.tau_syn,
            i_offset=parameters.i_offset,
        ),
        initial_values={"v": start},
        label="neurons",
    )
    recurrent = sim.Projection(
        neurons,
        neurons,
        sim.AllToAllConnector(allow_self_connections=False),
        sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(
                tau_plus=parameters.tau_stdp,
                tau_minus=parameters.tau_stdp,
                A_plus=parameters.A_plus,
                A_minus=parameters.A_plus * parameters.depression_ratio,
            ),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=parameters.w_max),
            dendritic_delay_fraction=1.0,
            weight=parameters.w_init * parameters.w_max,
            delay=parameters.delay,
        ),
        receptor_type="excitatory",
        label="recurrent",
    )
    return {"neurons": neurons, "recurrent": recurrent}
