"""A neuron with STDP finds a spike pattern that repeats in noise (Masquelier et al. 2008).

Equations, and what differs from the original, are in README.md.
"""

from dataclasses import dataclass
from math import isclose

import numpy as np

from pipelines.experiment import parameter

from .inputs import input_trains, spikes_between

# Names of the pairing schemes; unmodified PyNN modules have only the last one.
RULES = {
    "reduced_symmetric": "ReducedSymmetricRule",
    "nearest_neighbour": "NearestNeighbourSymmetricRule",
    "all_to_all": "SpikePairRule",
}
# Length of the slices of input passed to a simulator; the spikes of a whole run take 8 GB.
SLICE_MS = 15000.0


@dataclass(frozen=True)
class Parameters:
    """Parameters of the original input and plasticity, with a standard neuron of PyNN."""

    pairing: str = parameter(
        "reduced_symmetric",
        "",
        "pairing: which pairs of spikes change a weight",
        choices=tuple(RULES),
    )
    jitter: float = parameter(
        1.0,
        "ms",
        "jitter: standard deviation of spikes of the pattern about their times",
        minimum=0,
    )
    pattern_frequency: float = parameter(
        0.25, "1", "share of time with pattern", minimum=0, maximum=0.5
    )
    proportion: float = parameter(0.5, "1", "share of inputs in pattern", above=0, maximum=1)
    deletion: float = parameter(
        0.0,
        "1",
        "share of spikes deleted: those of the pattern that come at random times instead",
        minimum=0,
        maximum=0.9,
    )
    n_inputs: int = parameter(2000, "1", "number of inputs", minimum=2)
    pattern_length: float = parameter(50.0, "ms", "length of the pattern", above=0)
    max_rate: float = parameter(90.0, "Hz", "highest rate of an input, without noise", above=0)
    noise_rate: float = parameter(10.0, "Hz", "noise rate: of each input", minimum=0)
    period: float = parameter(
        150000.0, "ms", "input period: time after which the input is repeated", above=0
    )
    threshold: float = parameter(
        0.5, "1", "relative threshold: over the sum of the pattern's strongest potentials", above=0
    )
    drive: float = parameter(
        1.9,
        "1",
        "relative drive: sum of all inputs' potentials at the start, over the threshold",
        above=0,
    )
    v_thresh: float = parameter(20.0, "mV", "spike threshold above rest", above=0)
    after_potential: float = parameter(
        2.4, "1", "depth of the reset: below rest, over the threshold (README)", minimum=0
    )
    tau_m: float = parameter(10.0, "ms", "membrane time constant", above=0)
    cm: float = parameter(0.25, "nF", "membrane capacitance: sets the unit of currents", above=0)
    tau_syn: float = parameter(2.5, "ms", "synaptic time constant", above=0)
    tau_refrac: float = parameter(0.1, "ms", "refractory period", above=0)
    A_plus: float = parameter(0.03125, "1", "potentiation at lag 0+, in w_max", minimum=0)
    depression_ratio: float = parameter(
        0.85, "1", "depression / potentiation: A_minus over A_plus", minimum=0
    )
    tau_plus: float = parameter(16.8, "ms", "potentiation time constant", above=0)
    tau_minus: float = parameter(33.7, "ms", "depression time constant", above=0)
    delay: float = parameter(0.1, "ms", "synaptic delay, all of it dendritic", above=0)
    duration: float = parameter(450000.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)

    def __post_init__(self):
        if self.tau_m == self.tau_syn:
            raise ValueError(f"tau_m and tau_syn are both {self.tau_m:g} ms: make one longer")
        for name in ("period", "duration"):
            length, windows = getattr(self, name), getattr(self, name) / self.pattern_length
            if not isclose(windows, round(windows), abs_tol=1e-9):
                raise ValueError(
                    f"{name} {length:g} ms is no multiple of pattern_length"
                    f" {self.pattern_length:g} ms"
                )

    @property
    def repeated(self):
        """Length (ms) of the input, which is repeated until the end of the run."""
        return min(self.period, self.duration)

    @property
    def n_pattern(self):
        """Number of inputs that take part in the pattern."""
        return round(self.proportion * self.n_inputs)

    @property
    def threshold_synapses(self):
        """Threshold in units of the postsynaptic potential of the strongest synapse."""
        return self.threshold * self.n_pattern * (1 - self.deletion)

    @property
    def w_max(self):
        """Largest weight (nA), with a potential of height ``v_thresh / threshold_synapses``."""
        ratio = self.tau_syn / self.tau_m
        peak_mv = self.tau_syn / self.cm * ratio ** (ratio / (1 - ratio))  # of 1 nA
        return self.v_thresh / self.threshold_synapses / peak_mv

    @property
    def w_init(self):
        """Initial weight (nA) of all synapses."""
        return self.drive * self.threshold_synapses / self.n_inputs * self.w_max


def pairing_rule(sim, parameters):
    """PyNN timing dependence of the chosen pairing scheme."""
    rule = getattr(sim, RULES[parameters.pairing])
    return rule(
        tau_plus=parameters.tau_plus,
        tau_minus=parameters.tau_minus,
        A_plus=parameters.A_plus,
        A_minus=parameters.A_plus * parameters.depression_ratio,
    )


def build(sim, parameters, seed):
    """Build the neuron and inputs without spikes; `run` draws the spikes from `seed`."""
    inputs = sim.Population(parameters.n_inputs, sim.SpikeSourceArray(), label="inputs")
    neuron = sim.Population(
        1,
        sim.IF_curr_exp(
            tau_m=parameters.tau_m,
            cm=parameters.cm,
            v_rest=0.0,
            v_reset=-parameters.after_potential * parameters.v_thresh,
            v_thresh=parameters.v_thresh,
            tau_refrac=parameters.tau_refrac,
            tau_syn_E=parameters.tau_syn,
            tau_syn_I=parameters.tau_syn,
            i_offset=0.0,
        ),
        initial_values={"v": 0.0},
        label="neuron",
    )
    synapses = sim.Projection(
        inputs,
        neuron,
        sim.AllToAllConnector(),
        sim.STDPMechanism(
            timing_dependence=pairing_rule(sim, parameters),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=parameters.w_max),
            dendritic_delay_fraction=1.0,
            weight=parameters.w_init,
            delay=parameters.delay,
        ),
        receptor_type="excitatory",
        label="synapses",
    )
    return {"inputs": inputs, "neuron": neuron, "synapses": synapses, "seed": seed}


def run(sim, network, parameters):
    """Draw all input spikes and simulate in slices, setting the spikes of each slice."""
    trains = input_trains(parameters, network["seed"])
    begins = np.arange(0.0, parameters.duration, SLICE_MS)
    for begin, end in zip(begins, [*begins[1:], parameters.duration], strict=True):
        network["inputs"].set(spike_times=spikes_between(trains, begin, end, parameters))
        sim.run(end - begin)
        # Clearing lets a simulator discard the spikes that it stores for the plastic synapses.
        network["inputs"].get_data("spikes", clear=True)
