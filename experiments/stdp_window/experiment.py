"""Weight change of a synapse as a function of the lag between a pre- and a postsynaptic spike."""

from dataclasses import dataclass

import numpy as np
from pyNN.parameters import Sequence

from pipelines.experiment import parameter

KICK_NA = 100.0  # weight of a forcing input: a resting cell fires within one time step
# NEST exchanges spikes once per smallest delay of a network: a forcing delay of one step would
# double the time of the run.
KICK_DELAY_MS = 1.0
WEIGHT_RULES = ("additive", "multiplicative", "additive_multiplicative", "gutig")


@dataclass(frozen=True)
class Parameters:
    """Parameters of the plasticity rule, its delays and the lags of the spike pairs."""

    weight_dependence: str = parameter(
        "additive", "", "weight dependence: of the rule", choices=WEIGHT_RULES
    )
    A_plus: float = parameter(0.01, "1", "potentiation at lag 0+, in w_max", minimum=0)
    A_minus: float = parameter(0.012, "1", "depression at lag 0-, in w_max", minimum=0)
    tau_plus: float = parameter(20.0, "ms", "potentiation time constant", above=0)
    tau_minus: float = parameter(20.0, "ms", "depression time constant", above=0)
    mu_plus: float = parameter(0.5, "1", "potentiation exponent (gutig)", minimum=0)
    mu_minus: float = parameter(0.5, "1", "depression exponent (gutig)", minimum=0)
    w_max: float = parameter(0.001, "nA", "largest weight", above=0)
    w_init: float = parameter(0.5, "1", "initial weight, in w_max", minimum=0, maximum=1)
    delay: float = parameter(1.0, "ms", "synaptic delay", above=0)
    dendritic_delay_fraction: float = parameter(
        1.0, "1", "dendritic share of delay", minimum=0, maximum=1
    )
    lag_max: float = parameter(100.0, "ms", "largest lag, on both sides", above=0)
    lag_step: float = parameter(2.5, "ms", "distance between lags", above=0)
    duration: float = parameter(900.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)


def weight_dependence(sim, parameters):
    """PyNN weight dependence chosen by the parameters."""
    bounds = {"w_min": 0.0, "w_max": parameters.w_max}
    match parameters.weight_dependence:
        case "additive":
            return sim.AdditiveWeightDependence(**bounds)
        case "multiplicative":
            return sim.MultiplicativeWeightDependence(**bounds)
        case "additive_multiplicative":
            return sim.AdditivePotentiationMultiplicativeDepression(**bounds)
        case "gutig":
            return sim.GutigWeightDependence(
                **bounds, mu_plus=parameters.mu_plus, mu_minus=parameters.mu_minus
            )
        case other:
            raise ValueError(f"no weight dependence is called {other!r}")


def spike_steps(parameters):
    """Times of all spikes in whole time steps, so that every lag lies on the time grid.

    Returns
    -------
    pre, probe : int
        First presynaptic spike, and a second one after all traces have decayed, for simulators
        that update weights only at presynaptic spikes.
    post : ndarray of int, shape (n_lags,)
        Postsynaptic spike of each pair.
    """

    def steps(duration_ms):
        return round(duration_ms / parameters.timestep)

    lags = np.arange(-steps(parameters.lag_max), steps(parameters.lag_max) + 1)
    lags = lags[lags % steps(parameters.lag_step) == 0]
    dendritic = steps(parameters.delay * parameters.dendritic_delay_fraction)
    axonal = steps(parameters.delay) - dendritic
    pre = steps(parameters.lag_max) + steps(parameters.delay) + steps(5.0)
    post = pre + axonal - dendritic + lags
    probe = steps(parameters.duration) - steps(parameters.delay) - steps(5.0)
    silence = (probe - post.max()) * parameters.timestep
    needed = 28.0 * max(parameters.tau_plus, parameters.tau_minus)
    if silence < needed:
        raise ValueError(
            f"duration {parameters.duration} ms leaves {silence:.1f} ms before the probe spike;"
            f" the traces need {needed:.1f} ms to fall below 1e-12: make duration longer"
        )
    return pre, probe, post


def build(sim, parameters, seed):
    """Build one pre- and one postsynaptic cell per lag; `seed` has no effect."""
    dt = parameters.timestep
    pre_step, probe_step, post_steps = spike_steps(parameters)
    n_lags = len(post_steps)

    pre = sim.Population(
        n_lags,
        sim.SpikeSourceArray(spike_times=Sequence(np.array([pre_step, probe_step]) * dt)),
        label="pre",
    )
    # A forcing input arrives one step before the spike that it causes.
    under_way = max(round(KICK_DELAY_MS / dt), 1)
    kicks = post_steps - 1 - under_way
    drive = sim.Population(
        n_lags,
        sim.SpikeSourceArray(spike_times=[Sequence([step * dt]) for step in kicks]),
        label="drive",
    )
    # A short synaptic current and a long refractory period give one spike per forcing input.
    post = sim.Population(
        n_lags,
        sim.IF_curr_exp(cm=0.25, v_rest=-65.0, v_reset=-65.0, tau_syn_E=0.5, tau_refrac=20.0),
        initial_values={"v": -65.0},
        label="post",
    )
    sim.Projection(
        drive,
        post,
        sim.OneToOneConnector(),
        sim.StaticSynapse(weight=KICK_NA, delay=under_way * dt),
        label="drive",
    )
    plastic = sim.Projection(
        pre,
        post,
        sim.OneToOneConnector(),
        sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(
                tau_plus=parameters.tau_plus,
                tau_minus=parameters.tau_minus,
                A_plus=parameters.A_plus,
                A_minus=parameters.A_minus,
            ),
            weight_dependence=weight_dependence(sim, parameters),
            dendritic_delay_fraction=parameters.dendritic_delay_fraction,
            weight=parameters.w_init * parameters.w_max,
            delay=parameters.delay,
        ),
        label="plastic",
    )
    return {"pre": pre, "post": post, "plastic": plastic}
