"""Rules of plasticity on every backend, against sums over pairs and triplets of spikes."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import Unsupported

pytestmark = pytest.mark.usefixtures("interpreted")
DT, W_MAX, T = 0.1, 0.001, 400.0
BACKENDS = ("nest", "brian2", "reference")
PAIRS = {"tau_plus": 15.0, "tau_minus": 30.0, "A_plus": 0.05, "A_minus": 0.04}
TRIPLETS = {
    "tau_plus": 16.8, "tau_minus": 33.7, "tau_plus_triplet": 101.0, "tau_minus_triplet": 125.0,
    "A_plus": 0.002, "A_minus": 0.02, "A_plus_triplet": 0.01, "A_minus_triplet": 0.004,
}  # fmt: skip
VOGELS = {"tau": 20.0, "eta": 0.06 * W_MAX, "rho": 0.02}
RULES = {
    "SpikePairRule": PAIRS,
    "NearestNeighbourSymmetricRule": PAIRS,
    "PresynapticCentredRule": PAIRS,
    "ReducedSymmetricRule": PAIRS,
    "TripletRule": TRIPLETS,
    "Vogels2011Rule": VOGELS,
}


def summed(steps, now, tau):
    """Sum over spikes of exp(-lag / tau)."""
    return sum(np.exp(-(now - step) * DT / tau) for step in steps)


def partners(rule, pre, post, now, is_pre):
    """Steps of the spikes with which one is paired, from the definition of the scheme.

    Parameters
    ----------
    pre, post
        Steps in which spikes reach the synapse.
    now, is_pre
        The spike itself.
    """
    others, own = (post, pre) if is_pre else (pre, post)
    earlier = [k for k in others if k < now]
    if rule == "SpikePairRule" or not earlier:
        return earlier
    before = max((k for k in own if k < now), default=-1)
    if rule == "NearestNeighbourSymmetricRule":
        return earlier[-1:]
    if rule == "PresynapticCentredRule":
        return earlier[-1:] if is_pre else [k for k in earlier if k >= before]
    if not is_pre:
        return [k for k in earlier[-1:] if k >= before]
    # A postsynaptic spike since the presynaptic one before: in its own step it comes first.
    return earlier[-1:] if any(before < k <= now for k in post) else []


def by_definition(rule, pre, post, values, exponents=(0.0, 0.0), w_min=0.0, weight=0.5):
    """Weight that the last presynaptic spike carries, and the last one, in units of w_max."""
    mu_plus, mu_minus = exponents
    carried = weight
    # Within a step potentiation comes first; a pair of lag zero counts in neither.
    for now, is_pre in sorted([(k, False) for k in post] + [(k, True) for k in pre]):
        earlier_pre, earlier_post = ([k for k in side if k < now] for side in (pre, post))
        if rule == "TripletRule":
            if is_pre:
                slow = summed(earlier_pre, now, values["tau_plus_triplet"])
                size = values["A_minus"] + values["A_minus_triplet"] * slow
                change = -size * summed(earlier_post, now, values["tau_minus"])
            else:
                slow = summed(earlier_post, now, values["tau_minus_triplet"])
                size = values["A_plus"] + values["A_plus_triplet"] * slow
                change = size * summed(earlier_pre, now, values["tau_plus"])
        elif rule == "Vogels2011Rule":
            eta, tau = values["eta"] / W_MAX, values["tau"]
            change = eta * summed(earlier_post if is_pre else earlier_pre, now, tau)
            weight = min(weight + change, 1.0)
            change = -eta * 2 * values["rho"] * tau if is_pre else 0.0
        else:
            side = "minus" if is_pre else "plus"
            lags = summed(partners(rule, pre, post, now, is_pre), now, values[f"tau_{side}"])
            room = (weight - w_min) ** mu_minus if is_pre else (1 - weight) ** mu_plus
            change = (-1 if is_pre else 1) * values[f"A_{side}"] * room * lags
        weight = min(max(weight + change, w_min), 1.0)
        carried = weight if is_pre else carried
    return carried, weight


def trains(seed):
    """Steps of a presynaptic and of a postsynaptic train, with pairs of lag zero among them."""
    rng = np.random.default_rng(seed)
    pre = np.cumsum(rng.integers(2, 120, 120)) + 300
    post = np.cumsum(rng.integers(55, 150, 80)) + 60
    pre, post = (steps[steps < T / DT - 80] for steps in (pre, post))
    # A lag of zero for each split of a delay below.
    alike = [post[3 + k :: 7] + lag for k, lag in enumerate((10, -8, 0, -48, -20, 50))]
    return np.unique(np.concatenate([pre, *alike])), post


class Played:
    """Plastic synapses from two like sources onto a cell whose spikes are forced."""

    def __init__(self, backend, seed=5, conductances=False):
        self.sim = sim = backends.load(backend)
        sim.setup(timestep=DT)
        self.pre, post = trains(seed)
        self.source = sim.Population(
            2, sim.SpikeSourceArray(spike_times=np.round(self.pre * DT, 1))
        )
        forced = sim.Population(1, sim.SpikeSourceArray(spike_times=np.round((post - 2) * DT, 1)))
        kind, kick = (sim.IF_cond_exp, 1.0) if conductances else (sim.IF_curr_exp, 100.0)
        cell = kind(cm=0.25, tau_syn_E=0.5, tau_refrac=5.0)
        self.target = sim.Population(1, cell, initial_values={"v": -65.0})
        strong = sim.StaticSynapse(weight=kick, delay=DT)
        sim.Projection(forced, self.target, sim.AllToAllConnector(), strong)
        self.source.record("spikes")
        self.target.record("spikes")
        self.made = []

    def add(self, timing, dependence, delay, fraction, sign=1.0, receptor="excitatory"):
        """Make plastic synapses."""
        sim = self.sim
        plastic = sim.STDPMechanism(
            timing, dependence, dendritic_delay_fraction=fraction,
            weight=0.5 * W_MAX * sign, delay=delay,
        )  # fmt: skip
        self.made.append(
            sim.Projection(
                self.source, self.target, sim.AllToAllConnector(), plastic, receptor_type=receptor
            )
        )

    def run(self):
        """Weights as last transmitted and as they are now, and steps of postsynaptic spikes."""
        self.sim.run(T)
        read = [
            [collect.weights(one, when=when)["weight"] / W_MAX for when in ("transmitted", "now")]
            for one in self.made
        ]
        _, times = collect.spikes(self.target)
        self.sim.end()
        return np.array(read), np.rint(times / DT).astype(int)

    def arrivals(self, post, delay, fraction):
        """Steps in which spikes reach the synapse until the end."""
        dendritic = round(fraction * delay / DT)
        axonal = round(delay / DT) - dendritic
        last = round(T / DT)
        return [
            [int(k) for k in steps if k <= last] for steps in (self.pre + axonal, post + dendritic)
        ]


DEPENDENCES = {
    "additive": (lambda sim, low, top: sim.AdditiveWeightDependence(low, top), (0, 0)),
    "multiplicative": (lambda sim, low, top: sim.MultiplicativeWeightDependence(low, top), (1, 1)),
    "mixed": (
        lambda sim, low, top: sim.AdditivePotentiationMultiplicativeDepression(low, top), (0, 1),
    ),
    "gutig": (lambda sim, low, top: sim.GutigWeightDependence(low, top, 0.2, 0.8), (0.2, 0.8)),
}  # fmt: skip
# Delay in ms, fraction of it that is dendritic.
DELAYS = ((1.0, DT), (1.0, 0.5), (1.0, 1.0), (5.0, DT / 5), (5.0, 0.3), (5.0, 0.5), (5.0, 1.0))


def dependences(rule):
    return DEPENDENCES if "tau_plus_triplet" not in RULES[rule] and "eta" not in RULES[rule] else (
        "additive",
    )  # fmt: skip


@pytest.mark.parametrize("conductances", [False, True], ids=["currents", "conductances"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_weights_are_those_of_the_pairs(backend, rule, conductances):
    played = Played(backend, conductances=conductances)
    sim, values = played.sim, RULES[rule]
    delays = ((5.0, 0.3), (1.0, 1.0)) if conductances else DELAYS
    cases = [
        (name, delay, fraction, w_min)
        for name in dependences(rule)
        for delay, fraction in delays
        for w_min in (0.0, 0.3)
    ]
    for name, delay, fraction, w_min in cases:
        dependence = DEPENDENCES[name][0](sim, w_min * W_MAX, W_MAX)
        # Weights onto an inhibitory conductance are positive too.
        receptor = "inhibitory" if conductances and w_min else "excitatory"
        played.add(getattr(sim, rule)(**values), dependence, delay, fraction, receptor=receptor)
    weights, post = played.run()
    assert len(post) > 30
    for case, found in zip(cases, weights, strict=True):
        name, delay, fraction, w_min = case
        arrivals = played.arrivals(post, delay, fraction)
        assert len(np.intersect1d(*arrivals)) > 2
        expected = by_definition(rule, *arrivals, values, DEPENDENCES[name][1], w_min)
        assert found == pytest.approx(np.repeat(expected, 2).reshape(2, 2), abs=1e-10), case


UP, DOWN = {"A_plus": 0.9, "A_minus": 0.0}, {"A_plus": 0.0, "A_minus": 0.9}
BOUNDS = {
    "NearestNeighbourSymmetricRule": (UP, DOWN),
    "PresynapticCentredRule": (UP, DOWN),
    "ReducedSymmetricRule": (UP, DOWN),
    "TripletRule": (UP | {"A_minus_triplet": 0.0}, DOWN | {"A_plus_triplet": 0.0}),
    "Vogels2011Rule": ({"rho": 0.0, "eta": 0.9 * W_MAX}, {"rho": 3.0, "eta": 0.1 * W_MAX}),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("rule", BOUNDS)
def test_weights_stay_between_their_bounds(backend, rule):
    played = Played(backend)
    sim = played.sim
    for changed in BOUNDS[rule]:
        for sign in (1.0, -1.0):
            # Inhibitory currents have negative weights, with w_max as their strongest.
            bounds = sim.AdditiveWeightDependence(0.2 * W_MAX * sign, W_MAX * sign)
            played.add(
                getattr(sim, rule)(**RULES[rule] | changed), bounds, 1.0, 1.0, sign,
                "excitatory" if sign > 0 else "inhibitory",
            )  # fmt: skip
    weights, _ = played.run()
    for found, expected in zip(weights, (1.0, -1.0, 0.2, -0.2), strict=True):
        assert found == pytest.approx(np.full((2, 2), expected), abs=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("rule", RULES)
def test_parameters_are_read_back(backend, rule):
    sim = backends.load(backend)
    sim.setup(timestep=DT)
    cells = sim.Population(2, sim.IF_curr_exp())
    values = dict(RULES[rule])
    tau = "tau" if "tau" in values else "tau_minus"
    # One number that all share, and one of each synapse.
    each = next(name for name in values if name != tau and name[0] != "t")
    values[each] = np.array([[1.0, 2.0], [3.0, 4.0]]) * values[each]
    made = sim.Projection(
        cells, cells, sim.AllToAllConnector(),
        sim.STDPMechanism(
            getattr(sim, rule)(**values),
            sim.AdditiveWeightDependence(0.2 * W_MAX, W_MAX), weight=0.5 * W_MAX, delay=1.0,
        ),
    )  # fmt: skip
    for name, value in values.items():
        read = made.get(name, format="array")
        assert read == pytest.approx(np.broadcast_to(value, (2, 2)), rel=1e-12), name
    made.set(**{tau: 11.0})
    assert made.get(tau, format="array") == pytest.approx(np.full((2, 2), 11.0))
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("rule", ["TripletRule", "Vogels2011Rule"])
def test_a_weight_dependence_that_a_rule_has_not_is_refused(backend, rule):
    sim = backends.load(backend)
    sim.setup(timestep=DT)
    with pytest.raises(Unsupported, match=f"{rule} with GutigWeightDependence.*Additive"):
        sim.STDPMechanism(getattr(sim, rule)(), sim.GutigWeightDependence(0.0, 1.0))
    with pytest.raises(Unsupported, match=r"weight_dependence: none; allowed: .*Additive"):
        sim.STDPMechanism(getattr(sim, rule)())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("rule", "wrong"),
    [("SpikePairRule", {"A_plus": -0.1}), ("Vogels2011Rule", {"eta": -1e-3}),
     ("TripletRule", {"tau_plus_triplet": 0.0})],
)  # fmt: skip
def test_values_that_have_no_meaning_are_refused(backend, rule, wrong):
    sim = backends.load(backend)
    sim.setup(timestep=DT)
    cell = sim.Population(1, sim.IF_curr_exp())
    mechanism = sim.STDPMechanism(
        getattr(sim, rule)(**wrong), sim.AdditiveWeightDependence(0.0, 1.0), weight=0.5
    )
    (name,) = wrong
    with pytest.raises(Unsupported, match=f"{name} = .*; allowed: {name}"):
        sim.Projection(cell, cell, sim.AllToAllConnector(), mechanism)


def everything(sim, synapse):
    """Signals, spikes and currents of a network with these synapses, run in pieces."""
    sim.setup(timestep=DT, rng_seed=3)
    cells = sim.Population(3, sim.IF_curr_exp(), initial_values={"v": -60.0})
    arrays = sim.Population(2, sim.SpikeSourceArray(spike_times=[2.0, 11.3, 40.0]))
    poisson = sim.Population(2, sim.SpikeSourcePoisson(rate=100.0, start=5.0, duration=60.0))
    for source in (arrays, poisson, cells):
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse(sim))
    sim.DCSource(amplitude=0.5, start=0.0, stop=20.0).inject_into(cells)
    sim.StepCurrentSource(times=[1.0, 30.0], amplitudes=[0.3, 0.8]).inject_into(cells[:2])
    cells.record("spikes")
    arrays.record("spikes")
    cells.record(["v", "isyn_exc"], sampling_interval=0.3)
    sim.run(25.0)
    arrays.set(spike_times=[50.0, 60.0])
    sim.run(55.0)
    found = []
    for population in (cells, arrays):
        segment = population.get_data().segments[0]
        found += [np.asarray(train) for train in segment.spiketrains]
        found += [np.asarray(signal) for signal in segment.analogsignals]
        found += [np.asarray(signal.times) for signal in segment.analogsignals]
    times = [sim.get_current_time(), *arrays.get("spike_times", simplify=False)[0].value]
    sim.end()
    return [*found, np.array(times)]


def test_a_clock_that_begins_early_changes_nothing():
    sim = backends.load("nest")

    def plastic(rule):
        return lambda sim: sim.STDPMechanism(
            getattr(sim, rule)(A_plus=0.0, A_minus=0.0), sim.AdditiveWeightDependence(0.0, 1.0),
            weight=0.8, delay=1.2,
        )  # fmt: skip

    expected = everything(sim, plastic("SpikePairRule"))
    assert sum(len(part) for part in expected[:3]) > 5
    for found, right in zip(
        everything(sim, plastic("ReducedSymmetricRule")), expected, strict=True
    ):
        assert found == pytest.approx(right, rel=1e-12, abs=1e-12)


def test_nearest_neighbour_synapses_after_the_first_run_are_refused_on_nest():
    sim = backends.load("nest")
    sim.setup(timestep=DT)
    cell = sim.Population(1, sim.IF_curr_exp())
    rule = sim.STDPMechanism(
        sim.NearestNeighbourSymmetricRule(), sim.AdditiveWeightDependence(0.0, 1.0),
        weight=0.5, delay=1.0,
    )  # fmt: skip
    sim.run(10.0)
    with pytest.raises(Unsupported, match="nearest-neighbour rule that are made after the first"):
        sim.Projection(cell, cell, sim.AllToAllConnector(), rule)
    sim.run(790.0)
    assert len(sim.Projection(cell, cell, sim.AllToAllConnector(), rule)) == 1


def test_two_rules_that_need_one_neuron_to_differ_are_refused_on_nest():
    sim = backends.load("nest")
    sim.setup(timestep=DT)
    cell = sim.Population(1, sim.IF_curr_exp())

    def join(timing):
        weights = sim.AdditiveWeightDependence(0.0, 1.0)
        made = sim.STDPMechanism(timing, weights, weight=0.5)
        return sim.Projection(cell, cell, sim.AllToAllConnector(), made)

    join(sim.TripletRule(tau_minus=20.0, tau_minus_triplet=90.0))
    join(sim.Vogels2011Rule(tau=20.0))
    with pytest.raises(ValueError, match="tau_minus_triplet = 80 ms onto neurons that have 90 ms"):
        join(sim.TripletRule(tau_minus=20.0, tau_minus_triplet=80.0))
    with pytest.raises(ValueError, match="tau_minus = 25 ms onto neurons that have 20 ms"):
        join(sim.Vogels2011Rule(tau=25.0))


def test_a_weight_below_w_min_is_refused_on_nest():
    sim = backends.load("nest")
    sim.setup(timestep=DT)
    cell = sim.Population(1, sim.IF_curr_exp())
    rule = sim.STDPMechanism(
        sim.SpikePairRule(), sim.AdditiveWeightDependence(0.2, 1.0), weight=0.1
    )
    with pytest.raises(Unsupported, match=r"weight 0.1, w_min = 0.2; allowed: weights between"):
        sim.Projection(cell, cell, sim.AllToAllConnector(), rule)
