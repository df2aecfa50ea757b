"""The pair rule of the reference against the sum over all pairs of spikes."""

import numpy as np
import pytest

from pipelines import backends

DT, W_MAX, T = 0.1, 0.001, 600.0
A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS = 0.03, 0.02, 15.0, 30.0


def by_pairs(pre, post, mu_plus, mu_minus, w_min, weight=0.5):
    """Weights (in units of w_max) that presynaptic spikes carry, and the last one.

    Parameters
    ----------
    pre, post
        Steps in which spikes reach the synapse.
    """
    carried = []
    # Within a step potentiation comes first; a pair of lag zero counts in neither.
    for step, is_pre in sorted([(k, False) for k in post] + [(k, True) for k in pre]):
        others, tau = (post, TAU_MINUS) if is_pre else (pre, TAU_PLUS)
        sum_of_pairs = sum(np.exp(-(step - k) * DT / tau) for k in others if k < step)
        if is_pre:
            weight = max(weight - A_MINUS * (weight - w_min) ** mu_minus * sum_of_pairs, w_min)
            carried.append(weight)
        else:
            weight = min(weight + A_PLUS * (1 - weight) ** mu_plus * sum_of_pairs, 1.0)
    return carried, weight


def play(dependence, delay, fraction, sign=1.0):
    """Two sources onto a cell whose spikes are forced; weights, and the spikes' steps."""
    sim = backends.load("reference")
    sim.setup(timestep=DT)
    rng = np.random.default_rng(5)
    pre = np.cumsum(rng.integers(2, 100, 110)) + 20
    post = np.cumsum(rng.integers(55, 150, 60)) + 20
    pre, post = (steps[steps < T / DT - 2] for steps in (pre, post))
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=np.round(pre * DT, 1)))
    forced = sim.Population(1, sim.SpikeSourceArray(spike_times=np.round((post - 2) * DT, 1)))
    cell = sim.IF_curr_exp(cm=0.25, tau_syn_E=0.5, tau_refrac=5.0)
    target = sim.Population(1, cell, initial_values={"v": -65.0})
    kick = sim.StaticSynapse(weight=100.0, delay=DT)
    sim.Projection(forced, target, sim.AllToAllConnector(), kick)
    timing = sim.SpikePairRule(TAU_PLUS, TAU_MINUS, A_PLUS, A_MINUS)
    plastic = sim.STDPMechanism(
        timing, dependence(sim), dendritic_delay_fraction=fraction,
        weight=0.5 * W_MAX * sign, delay=delay,
    )  # fmt: skip
    receptor = "excitatory" if sign > 0 else "inhibitory"
    made = sim.Projection(source, target, sim.AllToAllConnector(), plastic, receptor_type=receptor)
    target.record(["spikes", f"isyn_{receptor[:3]}"])
    sim.run(T)
    segment = target.get_data().segments[0]
    fired = np.rint(segment.spiketrains[0].magnitude / DT).astype(int)
    read = [made.get(name, format="list", with_address=False) for name in
            ("weight_transmitted", "weight_now")]  # fmt: skip
    current = next(one for one in segment.analogsignals if one.name.startswith("isyn"))
    return pre, fired, np.array(read)[:, 0] / (W_MAX * sign), current.magnitude[:, 0]


DEPENDENCES = {
    "additive": (lambda sim: sim.AdditiveWeightDependence(0.2 * W_MAX, W_MAX), 0.0, 0.0),
    "multiplicative": (lambda sim: sim.MultiplicativeWeightDependence(0.2 * W_MAX, W_MAX), 1, 1),
    "mixed": (
        lambda sim: sim.AdditivePotentiationMultiplicativeDepression(0.2 * W_MAX, W_MAX), 0, 1,
    ),
    "gutig": (lambda sim: sim.GutigWeightDependence(0.2 * W_MAX, W_MAX, 0.2, 0.8), 0.2, 0.8),
}  # fmt: skip


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("delay", [1.0, 5.0])
@pytest.mark.parametrize("name", DEPENDENCES)
def test_every_weight_is_that_of_the_pairs_before(name, delay, fraction):
    dependence, mu_plus, mu_minus = DEPENDENCES[name]
    pre, post, (transmitted, now), current = play(dependence, delay, fraction)
    dendritic = round(fraction * delay / DT)
    axonal = round(delay / DT) - dendritic
    last = round(T / DT)
    arrivals = [steps[steps <= last] for steps in (pre + axonal, post + dendritic)]
    assert len(post) > 40
    carried, latest = by_pairs(*arrivals, mu_plus, mu_minus, 0.2)
    assert transmitted == pytest.approx(carried[-1], abs=1e-12)
    assert now == pytest.approx(latest, abs=1e-12)
    # What the neuron got: two equal synapses, each after the whole delay.
    reached = arrivals[0] + dendritic
    reached = reached[reached <= last]
    jumps = current[reached] - current[reached - 1] * np.exp(-DT / 0.5)
    # Its kicks are on the same receptor, one step before it fires.
    alone = ~np.isin(reached, post - 1)
    expected = 2 * W_MAX * np.array(carried[: len(reached)])
    assert jumps[alone] == pytest.approx(expected[alone], rel=1e-6)


def test_inhibitory_weights_mirror_excitatory_ones():
    _, _, excitatory, _ = play(lambda sim: sim.AdditiveWeightDependence(0.0, W_MAX), 1.5, 0.5)
    _, _, inhibitory, _ = play(
        lambda sim: sim.AdditiveWeightDependence(0.0, -W_MAX), 1.5, 0.5, sign=-1.0
    )
    assert inhibitory == pytest.approx(excitatory, abs=1e-9)


def test_each_synapse_has_its_own_rule():
    sim = backends.load("reference")
    sim.setup(timestep=DT)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[70.0]))
    forced = sim.Population(1, sim.SpikeSourceArray(spike_times=[49.8]))
    cell = sim.IF_curr_exp(cm=0.25, tau_syn_E=0.5, tau_refrac=5.0)
    target = sim.Population(1, cell, initial_values={"v": -65.0})
    kick = sim.StaticSynapse(weight=100.0, delay=DT)
    sim.Projection(forced, target, sim.AllToAllConnector(), kick)
    made = [
        sim.Projection(
            source, target, sim.AllToAllConnector(),
            sim.STDPMechanism(
                sim.SpikePairRule(20.0, tau_minus, 0.01, 0.02),
                sim.AdditiveWeightDependence(0.0, W_MAX), weight=0.5 * W_MAX, delay=1.0,
            ),
        )
        for tau_minus in (10.0, 30.0)
    ]  # fmt: skip
    sim.run(100.0)
    weights = [one.get("weight", format="array")[0, 0] / W_MAX for one in made]
    assert weights == pytest.approx([0.5 - 0.02 * np.exp(-19 / tau) for tau in (10, 30)])
