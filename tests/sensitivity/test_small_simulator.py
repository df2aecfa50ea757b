"""The small simulator without a fault is exact: the reference gives the same spikes and weights."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.sensitivity.simulator.example_networks import NETWORKS
from pipelines.sensitivity.simulator.network import EXCITATORY
from pipelines.sensitivity.simulator.run import simulate


def on_reference(network):
    """Spikes and weights of the network on the reference backend, and the state of one cell."""
    from pyNN.parameters import Sequence

    sim = backends.load("reference")
    sim.setup(timestep=network.timestep)
    made = {}
    for name, cells in network.cells.items():
        made[name] = sim.Population(
            cells.n, sim.IF_curr_exp(**cells.parameters), initial_values={"v": cells.initial_v}
        )
    for name, trains in network.sources.items():
        listed = [Sequence(train) for train in trains]
        made[name] = sim.Population(len(trains), sim.SpikeSourceArray(spike_times=listed))
    projections = {}
    for name, one in network.synapses.items():
        rows = np.column_stack([one.pre, one.post, one.weight, one.delay_ms])
        if one.rule is None:
            kind = sim.StaticSynapse()
        else:
            rule = one.rule
            dependence = sim.AdditiveWeightDependence(w_min=rule.w_min, w_max=rule.w_max)
            if rule.mu_plus:
                dependence = sim.MultiplicativeWeightDependence(w_min=rule.w_min, w_max=rule.w_max)
            kind = sim.STDPMechanism(
                timing_dependence=sim.SpikePairRule(
                    rule.tau_plus, rule.tau_minus, rule.A_plus, rule.A_minus
                ),
                weight_dependence=dependence,
                dendritic_delay_fraction=rule.dendritic_fraction,
                weight=0.0,
                delay=1.0,
            )
        projections[name] = sim.Projection(
            made[one.source],
            made[one.target],
            sim.FromListConnector(rows, column_names=["weight", "delay"]),
            kind,
            receptor_type="excitatory" if one.receptor == EXCITATORY else "inhibitory",
        )
    for population in made.values():
        population.record("spikes")
    first = next(iter(made))
    made[first][[3]].record("v")
    sim.run(network.duration)
    spikes = {name: collect.spikes(population) for name, population in made.items()}
    weights = {name: collect.weights(projection) for name, projection in projections.items()}
    v = collect.signal(made[first][[3]], "v")[1][:, 0]
    sim.end()
    return spikes, weights, v


def variant(name):
    """A network of the study, or the plastic one with another rule."""
    if name in NETWORKS:
        return NETWORKS[name](seed=3, duration=300.0)
    network = NETWORKS["plastic"](seed=3, duration=300.0)
    rule = network.synapses["plastic"].rule
    if name == "axonal":
        rule.dendritic_fraction = 0.0
    else:
        rule.mu_plus = rule.mu_minus = 1.0
    return network


@pytest.mark.parametrize("name", ["plastic", "feed_forward", "multiplicative", "axonal"])
def test_spikes_and_weights_are_those_of_the_reference(name):
    network = variant(name)
    spikes, weights, v = on_reference(network)
    run = simulate(network)
    for population, (neuron, time_ms) in spikes.items():
        ours = run.spikes[run.spikes["population"] == population]
        theirs = sorted(zip(np.rint(time_ms / 0.1).astype(int), neuron, strict=True))
        steps = np.rint(ours["time_ms"] / 0.1).astype(int)
        assert sorted(zip(steps, ours["neuron"], strict=True)) == theirs, population
    assert len(run.spikes[~run.spikes["population"].str.startswith("input")]) > 100
    for projection, table in weights.items():
        ours = run.weights[(run.weights["projection"] == projection) & (run.weights["time_ms"] > 0)]
        order = np.lexsort((table["post"], table["pre"]))
        for column in ("pre", "post", "weight", "delay_ms"):
            theirs = table[column][order]
            assert ours[column].to_numpy() == pytest.approx(theirs, abs=1e-12), projection
    if network.initial_reading:
        assert not np.allclose(run.weights["weight"][run.weights["projection"] == "plastic"], 0.054)
    first = next(iter(network.cells))
    states = run.states([(first, 3)], network.duration)
    assert states[first, 3]["v"] == pytest.approx(v, abs=1e-9)
