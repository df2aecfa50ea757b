"""Sparse network of excitatory and inhibitory LIF neurons with four regimes (Brunel 2000).

README.md has the equations and the rules for scaling the network down.
"""

from dataclasses import dataclass
from math import sqrt

from pipelines.experiment import parameter

GAMMA = 0.25  # N_I / N_E, and so C_I / C_E
C_EXC_PUBLISHED = 1000  # excitatory inputs of a neuron in the paper's simulations
LARGEST_CHANCE = 0.1  # largest spike probability of a Poisson source per time step


@dataclass(frozen=True)
class Parameters:
    """Parameters of model A of the paper, with short exponential currents for delta pulses."""

    g: float = parameter(
        5.0, "1", "relative inhibition: inhibitory over excitatory weight", minimum=0
    )
    eta: float = parameter(
        2.0, "1", "external drive: rate over that which reaches threshold", above=0
    )
    n_exc: int = parameter(10000, "1", "excitatory neurons; inhibitory: a quarter", minimum=4)
    epsilon: float = parameter(0.1, "1", "connection probability", above=0, maximum=1)
    psp: float = parameter(0.1, "mV", "excitatory potential: J, at full size", above=0)
    delay: float = parameter(1.5, "ms", "synaptic delay: D", above=0)
    tau_m: float = parameter(20.0, "ms", "membrane time constant", above=0)
    cm: float = parameter(0.25, "nF", "membrane capacitance: sets the unit of currents", above=0)
    v_thresh: float = parameter(20.0, "mV", "spike threshold above rest", above=0)
    v_reset: float = parameter(10.0, "mV", "potential after a spike, above rest")
    tau_refrac: float = parameter(2.0, "ms", "refractory period", above=0)
    tau_syn: float = parameter(0.2, "ms", "synaptic time constant", above=0)
    source_rate: float = parameter(
        400.0, "Hz", "Poisson source rate: of the source of a neuron", above=0
    )
    duration: float = parameter(1000.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)

    def __post_init__(self):
        if self.source_rate * self.timestep * 1e-3 > LARGEST_CHANCE:
            raise ValueError(
                f"source_rate {self.source_rate:g} Hz is more than one spike in ten time steps:"
                f" at most {LARGEST_CHANCE / self.timestep * 1e3:g} Hz"
            )
        recurrent_potentials(self)  # raises if the network is too small

    @property
    def c_exc(self):
        """Number C_E of excitatory inputs per neuron; C_I is a quarter of it."""
        return 4 * max(1, round(GAMMA * self.epsilon * self.n_exc))


def recurrent_potentials(parameters):
    """Postsynaptic potentials (mV) of an excitatory and of an inhibitory spike.

    With C_E = 1000 inputs they are J and -g J. With C_E' = C_E / s inputs they are J' and -g' J',
    which preserve the mean and the variance of the recurrent input at every rate:

        J' C_E' (1 - gamma g') = J C_E (1 - gamma g)
        J'^2 C_E' (1 + gamma g'^2) = J^2 C_E (1 + gamma g^2)

    Raises
    ------
    ValueError
        If the inputs are too few to preserve both mean and variance.
    """
    s = C_EXC_PUBLISHED / parameters.c_exc
    mean = 1 - GAMMA * parameters.g
    square = 1 + GAMMA * parameters.g**2
    most = square / mean**2 * (GAMMA if mean < 0 else 1) if mean else float("inf")
    if s > most * (1 + 1e-9):
        raise ValueError(
            f"{parameters.c_exc} excitatory inputs a neuron are too few for g {parameters.g:g}:"
            f" make n_exc times epsilon {C_EXC_PUBLISHED / most:.0f} or more"
        )
    # Mean of the inhibitory part, and from it of the excitatory one, in units of J C_E.
    inhibition = (sqrt(max(5 * square / s - 4 * mean**2, 0)) - mean) / 5
    excitation = mean + inhibition
    return parameters.psp * s * excitation, -parameters.psp * s * inhibition / GAMMA


def external_drive(parameters):
    """Postsynaptic potential (mV) of a Poisson source, and constant current (nA).

    They replace the paper's external input, C_E Poisson trains of rate nu_ext and amplitude J,
    whose mean is J C_E nu_ext tau_m = eta theta and whose variance is proportional to
    J^2 C_E nu_ext. One source of rate r has the same variance with the amplitude

        w = J sqrt(C_E nu_ext / (r (1 - r dt)))

    (dt appears because the source fires at most once per step); the current supplies the rest of
    the mean. Neither depends on the size of the network.
    """
    rate = parameters.source_rate
    mean = parameters.eta * parameters.v_thresh
    tau_s = parameters.tau_m * 1e-3
    total_rate = mean / (parameters.psp * tau_s)  # C_E nu_ext, Hz
    thinned = rate * (1 - rate * parameters.timestep * 1e-3)
    potential = parameters.psp * sqrt(total_rate / thinned)
    missing = mean - potential * rate * tau_s
    return potential, missing * parameters.cm / parameters.tau_m


def build(sim, parameters, seed):
    """Build the network; `seed` sets its connections and initial potentials.

    The backend draws the trains of the Poisson sources from the same seed, that of the run.
    """
    exc_mv, inh_mv = recurrent_potentials(parameters)
    source_mv, i_offset = external_drive(parameters)
    # A current of this weight carries the charge that lifts the membrane by 1 mV at once.
    na_per_mv = parameters.cm / parameters.tau_syn
    rng = sim.NumpyRNG(seed=seed)
    cell = sim.IF_curr_exp(
        tau_m=parameters.tau_m,
        cm=parameters.cm,
        v_rest=0.0,
        v_reset=parameters.v_reset,
        v_thresh=parameters.v_thresh,
        tau_refrac=parameters.tau_refrac,
        tau_syn_E=parameters.tau_syn,
        tau_syn_I=parameters.tau_syn,
        i_offset=i_offset,
    )
    start = sim.RandomDistribution("uniform", low=0.0, high=parameters.v_thresh, rng=rng)
    n_inh = round(GAMMA * parameters.n_exc)
    excitatory = sim.Population(
        parameters.n_exc, cell, initial_values={"v": start}, label="excitatory"
    )
    inhibitory = sim.Population(n_inh, cell, initial_values={"v": start}, label="inhibitory")

    def connect(pre, post, n_inputs, potential):
        return sim.Projection(
            pre,
            post,
            sim.FixedNumberPreConnector(n_inputs, with_replacement=False, rng=rng),
            sim.StaticSynapse(weight=potential * na_per_mv, delay=parameters.delay),
            receptor_type=pre.label,
            label=f"{pre.label} to {post.label}",
        )

    def drive(post):
        sources = sim.Population(
            post.size,
            sim.SpikeSourcePoisson(rate=parameters.source_rate),
            label=f"sources of {post.label}",
        )
        return sim.Projection(
            sources,
            post,
            sim.OneToOneConnector(),
            sim.StaticSynapse(weight=source_mv * na_per_mv, delay=parameters.delay),
            receptor_type="excitatory",
            label=sources.label,
        )

    c_exc = parameters.c_exc
    c_inh = c_exc // 4
    return {
        "excitatory": excitatory,
        "inhibitory": inhibitory,
        "exc_to_exc": connect(excitatory, excitatory, c_exc, exc_mv),
        "exc_to_inh": connect(excitatory, inhibitory, c_exc, exc_mv),
        "inh_to_exc": connect(inhibitory, excitatory, c_inh, inh_mv),
        "inh_to_inh": connect(inhibitory, inhibitory, c_inh, inh_mv),
        "drive_to_exc": drive(excitatory),
        "drive_to_inh": drive(inhibitory),
    }
