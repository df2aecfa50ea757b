"""A recurrent network that inhibitory plasticity brings into balance (Vogels et al. 2011).

Equations, sources, and what is kept when the network is made smaller, are in README.md.
"""

from dataclasses import dataclass

from pipelines.experiment import parameter

EXCITATORY_SHARE = 4  # excitatory neurons for every inhibitory one
US_PER_NS = 1e-3  # PyNN's unit of conductance is uS
PER_MS = 1e-3  # Hz to the rule's unit of the target rate, spikes per ms
OUT_OF_REACH_HZ = 1000.0  # target rate above the limit set by the refractory period
SAMPLE = 5  # excitatory neurons whose potential and conductances are recorded


@dataclass(frozen=True)
class Parameters:
    """Parameters of the network in figure 4 of the paper, without stimuli."""

    rho: float = parameter(3.0, "Hz", "target rate: of excitatory neurons, rho_0", above=0)
    eta: float = parameter(0.01, "nS", "learning rate", minimum=0)
    tau_stdp: float = parameter(20.0, "ms", "plasticity time constant", above=0)
    n_exc: int = parameter(8000, "1", "excitatory neurons; inhibitory: a quarter", minimum=4)
    epsilon: float = parameter(0.02, "1", "connection probability", above=0, maximum=1)
    weight_exc: float = parameter(0.3, "nS", "excitatory weight", minimum=0)
    weight_inh: float = parameter(
        3.0, "nS", "inhibitory weight: onto inhibitory neurons", minimum=0
    )
    weight_max: float = parameter(100.0, "nS", "largest plastic weight", above=0)
    delay: float = parameter(0.8, "ms", "synaptic delay", above=0)
    tau_m: float = parameter(20.0, "ms", "membrane time constant", above=0)
    cm: float = parameter(0.2, "nF", "membrane capacitance", above=0)
    v_rest: float = parameter(-60.0, "mV", "resting potential, to which a spike resets, too")
    v_thresh: float = parameter(-50.0, "mV", "spike threshold")
    tau_refrac: float = parameter(5.0, "ms", "refractory period", above=0)
    tau_syn_E: float = parameter(5.0, "ms", "excitatory decay time: of a conductance", above=0)
    tau_syn_I: float = parameter(10.0, "ms", "inhibitory decay time: of a conductance", above=0)
    e_rev_E: float = parameter(0.0, "mV", "excitatory reversal: its potential")
    e_rev_I: float = parameter(-80.0, "mV", "inhibitory reversal: its potential")
    i_offset: float = parameter(0.2, "nA", "constant current: into every neuron")
    switch: float = parameter(1000.0, "ms", "start of plasticity: the switch", above=0)
    window: float = parameter(2000.0, "ms", "final window: what plasticity leads to", above=0)
    duration: float = parameter(10000.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)

    def __post_init__(self):
        if self.switch > self.duration - self.window:
            raise ValueError(
                f"switch {self.switch:g} ms must lie before the last {self.window:g} ms (window)"
                f" of {self.duration:g} ms (duration)"
            )


def build(sim, parameters, seed):
    """Build the network without plasticity; `seed` sets connections and initial potentials."""
    rng = sim.NumpyRNG(seed=seed)
    cell = sim.IF_cond_exp(
        tau_m=parameters.tau_m,
        cm=parameters.cm,
        v_rest=parameters.v_rest,
        v_reset=parameters.v_rest,
        v_thresh=parameters.v_thresh,
        tau_refrac=parameters.tau_refrac,
        tau_syn_E=parameters.tau_syn_E,
        tau_syn_I=parameters.tau_syn_I,
        e_rev_E=parameters.e_rev_E,
        e_rev_I=parameters.e_rev_I,
        i_offset=parameters.i_offset,
    )
    start = sim.RandomDistribution(
        "uniform", low=parameters.v_rest, high=parameters.v_thresh, rng=rng
    )
    n_inh = max(1, parameters.n_exc // EXCITATORY_SHARE)
    everyone = sim.Population(
        parameters.n_exc + n_inh, cell, initial_values={"v": start}, label="neurons"
    )
    excitatory, inhibitory = everyone[: parameters.n_exc], everyone[parameters.n_exc :]

    def static(weight):
        return sim.StaticSynapse(weight=weight * US_PER_NS, delay=parameters.delay)

    def connect(pre, post, synapse, receptor):
        return sim.Projection(
            pre,
            post,
            sim.FixedProbabilityConnector(parameters.epsilon, rng=rng),
            synapse,
            receptor_type=receptor,
        )

    plastic = sim.STDPMechanism(
        sim.Vogels2011Rule(
            tau=parameters.tau_stdp, eta=parameters.eta * US_PER_NS, rho=OUT_OF_REACH_HZ * PER_MS
        ),
        sim.AdditiveWeightDependence(0.0, parameters.weight_max * US_PER_NS),
        weight=0.0,
        delay=parameters.delay,
    )
    return {
        "excitatory": excitatory,
        "inhibitory": inhibitory,
        "sample": excitatory[: min(SAMPLE, parameters.n_exc)],
        "exc_to_all": connect(excitatory, everyone, static(parameters.weight_exc), "excitatory"),
        "inh_to_inh": connect(inhibitory, inhibitory, static(parameters.weight_inh), "inhibitory"),
        "inh_to_exc": connect(inhibitory, excitatory, plastic, "inhibitory"),
    }


def run(sim, network, parameters):
    """Simulate with zero inhibitory weights up to the switch, then with inhibitory plasticity.

    Before the switch the target rate is unreachably high, so that the weights stay at 0.
    """
    sim.run(parameters.switch)
    network["inh_to_exc"].set(rho=parameters.rho * PER_MS)
    sim.run(parameters.duration - parameters.switch)
