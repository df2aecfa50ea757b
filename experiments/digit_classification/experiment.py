"""Unsupervised learning of handwritten digits by competing spiking neurons with STDP.

After Diehl and Cook (2015), with current-based synapses; README.md lists the differences.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.experiment import parameter

from . import digits

N_DIGITS = 1797
LOWEST_THRESHOLD = 1.0  # mV above rest; lower bound of homeostasis
BETWEEN_NORMALISATIONS = 0.5
SPEED_STEP = 0.9  # of the speed of learning, which is a parameter of every synapse


@dataclass(frozen=True)
class Parameters:
    """Parameters of inputs, competing neurons, plasticity, homeostasis and stimuli."""

    n_neurons: int = parameter(100, "1", "excitatory neurons", minimum=2)
    n_passes: int = parameter(
        3, "1", "training passes: times that the digits are learned", minimum=1
    )
    n_training: int = parameter(1297, "1", "training digits: those that are learned", minimum=10)
    n_test: int = parameter(500, "1", "held-out digits: those that are tested", minimum=1)
    split: int = parameter(1, "1", "random division: which one, into the two", minimum=0)
    stimulus: float = parameter(
        300.0, "ms", "presentation time: for which a digit is shown", above=0
    )
    rate_max: float = parameter(400.0, "Hz", "highest input rate: of the darkest pixel", above=0)
    total_psp: float = parameter(
        1.5,
        "mV",
        "total potential: by how much a spike of every input would lift a membrane",
        above=0,
    )
    inhibition: float = parameter(
        12.0, "mV", "inhibition: by how much a spike lowers the membrane of all others", minimum=0
    )
    A_plus: float = parameter(0.004, "1", "potentiation at lag 0+, in w_max", minimum=0)
    A_minus: float = parameter(0.0, "1", "depression at lag 0-, in w_max", minimum=0)
    tau_stdp: float = parameter(20.0, "ms", "plasticity time constant: of both sides", above=0)
    w_max: float = parameter(0.125, "1", "largest weight, in the total of a neuron", above=0)
    homeostasis: float = parameter(
        7.0,
        "mV",
        "homeostasis: by how much thresholds rise in all for a digit, by shares of spikes",
        minimum=0,
    )
    slowing: float = parameter(
        0.05, "1", "slowing: speed of learning and homeostasis, last over first", above=0, maximum=1
    )
    cm: float = parameter(1.0, "nF", "membrane capacitance: sets the unit of currents", above=0)
    tau_m: float = parameter(100.0, "ms", "membrane time constant", above=0)
    tau_syn: float = parameter(5.0, "ms", "synaptic time constant", above=0)
    tau_refrac: float = parameter(3.0, "ms", "refractory period", above=0)
    v_rest: float = parameter(-65.0, "mV", "resting potential: that after a spike, too")
    v_thresh: float = parameter(-50.0, "mV", "initial spike threshold")
    delay: float = parameter(1.0, "ms", "synaptic delay", above=0)
    timestep: float = parameter(0.5, "ms", "time step", above=0)

    def __post_init__(self):
        if self.n_training + self.n_test > N_DIGITS:
            raise ValueError(
                f"n_training {self.n_training} and n_test {self.n_test} are"
                f" {self.n_training + self.n_test} digits: there are {N_DIGITS}"
            )

    @property
    def total_weight(self):
        """Sum of the input weights of a neuron (nA) after normalisation."""
        return self.total_psp * self.na_per_mv

    @property
    def na_per_mv(self):
        """Weight (nA) whose synaptic charge would depolarise the membrane by 1 mV at once."""
        return self.cm / self.tau_syn


def build(sim, parameters, seed):
    """Build the network; `seed` sets the initial weights.

    The backend draws the trains of the inputs from the same seed.
    """
    inputs = sim.Population(digits.PIXELS, sim.SpikeSourcePoisson(rate=0.0), label="inputs")
    excitatory = sim.Population(
        parameters.n_neurons,
        sim.IF_curr_exp(
            tau_m=parameters.tau_m,
            cm=parameters.cm,
            v_rest=parameters.v_rest,
            v_reset=parameters.v_rest,
            v_thresh=parameters.v_thresh,
            tau_refrac=parameters.tau_refrac,
            tau_syn_E=parameters.tau_syn,
            tau_syn_I=parameters.tau_syn,
        ),
        initial_values={"v": parameters.v_rest},
        label="excitatory",
    )
    rng = np.random.default_rng(seed)
    start = rng.uniform(0.3, 1.0, (digits.PIXELS, parameters.n_neurons))
    learned = sim.Projection(
        inputs,
        excitatory,
        sim.AllToAllConnector(),
        sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(
                tau_plus=parameters.tau_stdp,
                tau_minus=parameters.tau_stdp,
                A_plus=parameters.A_plus,
                A_minus=parameters.A_minus,
            ),
            weight_dependence=sim.AdditiveWeightDependence(
                w_min=0.0, w_max=parameters.w_max * parameters.total_weight
            ),
            weight=start * parameters.total_weight / start.sum(axis=0),
            delay=parameters.delay,
        ),
        receptor_type="excitatory",
        label="learned",
    )
    rivals = sim.Projection(
        excitatory,
        excitatory,
        sim.AllToAllConnector(allow_self_connections=False),
        sim.StaticSynapse(
            weight=-parameters.inhibition * parameters.na_per_mv, delay=parameters.delay
        ),
        receptor_type="inhibitory",
        label="rivals",
    )
    return {"inputs": inputs, "excitatory": excitatory, "learned": learned, "rivals": rivals}


def run(sim, network, parameters):
    """Simulate all passes: training digits with plasticity, held-out digits without."""
    learned = network["learned"]
    pixels, _ = digits.images()
    n_learned = 0
    for (_, phase), stimuli in digits.schedule(parameters).groupby(
        ["number_of_pass", "phase"], sort=False
    ):
        rates = parameters.rate_max * pixels[stimuli["digit"]]
        if phase == digits.TRAINING:
            _train(sim, network, parameters, rates, n_learned)
            n_learned += len(stimuli)
            continue
        learned.set(A_plus=0.0, A_minus=0.0)
        for rate in rates:
            _show(sim, network, parameters, rate)


def _train(sim, network, parameters, rates, n_learned):
    """Simulate the training digits, with weight normalisation and threshold adaptation.

    Learning rates and homeostasis decrease exponentially over all passes. Weights are normalised
    after as much plasticity as in `BETWEEN_NORMALISATIONS` digits at the initial learning rate.
    """
    excitatory, learned = network["excitatory"], network["learned"]
    thresholds = np.array(excitatory.get("v_thresh", simplify=False), dtype=float)
    before = _spike_counts(excitatory)
    since, set_to = np.inf, np.inf
    for rate in rates:
        speed = parameters.slowing ** (n_learned / (parameters.n_passes * parameters.n_training))
        n_learned += 1
        if speed < SPEED_STEP * set_to:
            learned.set(A_plus=parameters.A_plus * speed, A_minus=parameters.A_minus * speed)
            set_to = speed
        if since >= BETWEEN_NORMALISATIONS:
            _normalise(learned, parameters)
            since = 0.0
        since += speed
        _show(sim, network, parameters, rate)
        counts = _spike_counts(excitatory)
        share = (counts - before) / max(np.sum(counts - before), 1.0)
        before = counts
        thresholds += parameters.homeostasis * speed * (share - share.mean())
        thresholds = np.maximum(thresholds, parameters.v_rest + LOWEST_THRESHOLD)
        excitatory.set(v_thresh=thresholds)
    _normalise(learned, parameters)


def _normalise(learned, parameters):
    """Scale the input weights of every neuron to the same sum (synaptic scaling)."""
    weights = learned.get("weight", format="array")
    total = weights.sum(axis=0)
    # On hardware with few levels of weights a neuron can lose all of them.
    scale = np.divide(parameters.total_weight, total, out=np.ones_like(total), where=total > 0)
    learned.set(weight=weights * scale)


def _show(sim, network, parameters, rate):
    """Reset the neurons to rest and simulate one digit with the given input rates."""
    network["inputs"].set(rate=rate)
    sim.run(parameters.stimulus)
    # Replaces a pause of several membrane time constants.
    network["excitatory"].initialize(v=parameters.v_rest)


def _spike_counts(population):
    """Spike count of each neuron since the start of the run."""
    return np.array(list(population.get_spike_counts().values()), dtype=float)
