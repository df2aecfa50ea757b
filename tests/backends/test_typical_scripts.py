"""Scripts in the style of published ones: the same on every backend, and right where it is known.

Each is written as its authors write it: generators without a seed, delays left to PyNN, callbacks.
"""

import numpy as np
import pytest
from pyNN.parameters import Sequence
from pyNN.random import RandomDistribution

from pipelines import backends
from pipelines.backends import collect

pytestmark = pytest.mark.usefixtures("interpreted")


def synfire_chain(sim):
    """Groups that excite the next one, in a ring; one spike at time 0 starts it."""
    sim.setup(timestep=0.1)
    groups = [sim.Population(10, sim.IF_curr_exp, {"tau_refrac": 20.0}) for _ in range(5)]
    start = sim.Population(1, sim.SpikeSourceArray, {"spike_times": [[0.0]]})
    for group in groups:
        group.record("spikes")
    link = sim.StaticSynapse(weight=2.0, delay=7.0)
    for one, following in zip(groups, groups[1:] + groups[:1], strict=True):
        sim.Projection(one, following, sim.FixedNumberPreConnector(5), synapse_type=link)
    sim.Projection(start, groups[0], sim.AllToAllConnector(), sim.StaticSynapse(weight=10.0))
    sim.run(60.0)
    return groups


def balanced_network(sim):
    """Random weights and delays, Poisson drive, and an input whose rate changes between runs."""
    sim.setup(timestep=0.1)
    exc, inh = sim.Population(40, sim.IF_curr_exp()), sim.Population(10, sim.IF_curr_exp())
    given = sim.Population(20, sim.SpikeSourcePoisson(rate=0.0))
    for cells in (exc, inh):
        cells.initialize(v=RandomDistribution("uniform", low=-65.0, high=-55.0))
        drive = sim.Population(cells.size, sim.SpikeSourcePoisson(rate=1000.0))
        once = sim.StaticSynapse(weight=0.12, delay=1.0)
        sim.Projection(drive, cells, sim.OneToOneConnector(), once)
    for pre, post, sign in ((exc, exc, 1), (exc, inh, 1), (inh, inh, -1), (inh, exc, -1)):
        low, high = (0.0, np.inf) if sign > 0 else (-np.inf, 0.0)
        mu = 0.1 if sign > 0 else -0.5
        made = sim.StaticSynapse(
            weight=RandomDistribution("normal_clipped", mu=mu, sigma=0.1, low=low, high=high),
            delay=RandomDistribution("normal_clipped", mu=1.5, sigma=0.75, low=1.0, high=1.6),
        )
        receptor = "excitatory" if sign > 0 else "inhibitory"
        connector = sim.FixedProbabilityConnector(0.1)
        sim.Projection(pre, post, connector, made, receptor_type=receptor)
    sim.Projection(given, exc, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2))
    exc.record("spikes")
    given.record("spikes")
    for rate in (0.0, 100.0, 10.0):
        given.set(rate=rate)
        sim.run(20.0)
    return [exc, given]


def pairing(sim, weights):
    """Two cells that are made to fire in pairs, and the plastic synapse between them."""
    sim.setup(timestep=0.1, min_delay=1.0)
    made = []
    for phase in (5.0, 15.0):
        cell = sim.Population(1, sim.IF_curr_exp, {"tau_m": 10.0})
        source = sim.SpikeSourceArray(spike_times=[np.arange(phase, 190.0, 50.0).tolist()])
        strong = sim.StaticSynapse(weight=8.0)
        sim.Projection(sim.Population(1, source), cell, sim.OneToOneConnector(), strong)
        cell.record("spikes")
        made.append(cell)
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(20.0, 30.0, A_plus=0.02, A_minus=0.01),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.01),
        weight=0.005,
        delay=2.0,
    )
    plastic = sim.Projection(*made, sim.OneToOneConnector(), synapse_type=rule)
    sim.run(200.0)
    weights.append(collect.weights(plastic, when="now")["weight"][0])
    return made


def sources_set_in_callbacks(sim):
    """Spike times and rates that a callback sets every 20 ms."""
    sim.setup()
    arrays = sim.Population(4, sim.SpikeSourceArray())
    poisson = sim.Population(10, sim.SpikeSourcePoisson(rate=0.0))
    arrays.annotate(phase=[0.0, 0.25, 0.5, 0.75])
    steps = iter(range(1, 4))

    def renew(t):
        step = next(steps, None)
        if step is not None:
            interval = 20.0 / step
            times = t + np.arange(0, 20.0, interval)
            phases = arrays.annotations["phase"]
            arrays.set(spike_times=[Sequence(times + phase * interval) for phase in phases])
            poisson.set(rate=100.0 * step)
        return t + 20.0

    for sources in (arrays, poisson):
        sources.record("spikes")
    sim.run(80.0, callbacks=[renew])
    return [arrays, poisson]


def trains(script, backend, *more):
    made = script(backends.load(backend), *more)
    return [np.stack(collect.spikes(population)) for population in made]


@pytest.mark.parametrize("script", [synfire_chain, balanced_network, sources_set_in_callbacks])
def test_every_backend_gives_the_same_spikes(script):
    expected = trains(script, "reference")
    assert all(found.size for found in expected)
    for name in backends.default_names():
        for found, right in zip(trains(script, name), expected, strict=True):
            assert np.array_equal(found, right)


@pytest.mark.parametrize("backend", backends.names())
def test_a_synfire_chain_takes_as_long_as_the_closed_form_says(backend):
    steps = np.arange(1, 200) * 0.1
    # PyNN's defaults: tau_m 20 ms, tau_syn 5 ms, cm 1 nF, 15 mV below threshold; 10 nA arrive.
    potential = 10.0 * (20.0 * 5.0 / 15.0) * (np.exp(-steps / 20.0) - np.exp(-steps / 5.0))
    rise = steps[np.argmax(potential >= 15.0)]
    found = trains(synfire_chain, backend)
    first = [times.min() for _, times in found]
    assert np.allclose(np.diff(first), 7.0 + rise)
    assert all(np.sum(times == times.min()) == 10 for _, times in found)


@pytest.mark.parametrize("backend", backends.names())
def test_a_pairing_protocol_follows_the_closed_form(backend):
    weights = []
    (_, pre), (_, post) = trains(pairing, backend, weights)
    assert len(pre) == len(post) == 4
    # The whole delay is dendritic: a postsynaptic spike reaches the synapse 2 ms later.
    apart = post[:, None] + 2.0 - pre
    # What is still on its way at the end has changed nothing.
    apart = apart[post + 2.0 <= 200.0]
    gain = 0.02 * np.exp(-apart[apart > 0] / 20.0).sum()
    loss = 0.01 * np.exp(apart[apart < 0] / 30.0).sum()
    assert weights[0] == pytest.approx(0.005 + 0.01 * (gain - loss), abs=1e-12)
