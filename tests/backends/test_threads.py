"""More threads of a simulator: the same spikes and weights, and signals to rounding."""

import os

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import Unsupported

pytestmark = pytest.mark.slow

N = 11


def drawn(sim, seed, low, high):
    return sim.RandomDistribution("uniform", low=low, high=high, rng=sim.NumpyRNG(seed=seed))


def network(sim, threads):
    """Sources, currents, static and plastic synapses with axonal delays, views and an assembly."""
    sim.setup(timestep=0.1, threads=threads)
    times = [[3.0 + 1.7 * k, 21.0 + 0.9 * k, 30.0 + 2.1 * k] for k in range(N)]
    played = sim.Population(N, sim.SpikeSourceArray(spike_times=times))
    poisson = sim.Population(N, sim.SpikeSourcePoisson(rate=400.0))
    cells = sim.Population(N, sim.IF_curr_exp(i_offset=1.2, tau_refrac=2.0))
    others = sim.Population(N, sim.IF_curr_alpha(i_offset=1.4))
    for population in (cells, others):
        population.initialize(v=drawn(sim, 5, -65.0, -52.0))
        population.record(["spikes", "v"])
    poisson.record("spikes")
    played.record("spikes")
    sim.DCSource(amplitude=0.2, start=0.0, stop=15.0).inject_into(cells[::2])
    sim.NoisyCurrentSource(mean=0.1, stdev=0.1, start=0.0, stop=30.0).inject_into(others[3:])
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(15.0, 25.0, 0.02, 0.03),
        weight_dependence=sim.MultiplicativeWeightDependence(0.0, 0.1),
        weight=drawn(sim, 6, 0.02, 0.08),
        delay=drawn(sim, 7, 0.4, 4.0),
        dendritic_delay_fraction=0.4,
    )
    chosen = sim.FixedTotalNumberConnector(90, rng=sim.NumpyRNG(seed=8))
    rest = sim.Assembly(cells[:4], others[2:9])
    static = sim.StaticSynapse(weight=0.01, delay=drawn(sim, 9, 0.1, 3.0))
    return {
        "populations": [played, poisson, cells, others],
        "plastic": [
            sim.Projection(played, cells, sim.AllToAllConnector(), plastic),
            sim.Projection(cells, cells, chosen, plastic, receptor_type="excitatory"),
        ],
        "static": [sim.Projection(poisson, rest, chosen, static, receptor_type="excitatory")],
    }


def results(backend, threads):
    sim = backends.load(backend)
    made = network(sim, threads)
    sim.run(20.0)
    made["static"][0].set(weight=0.012)
    sim.run(25.0)
    weights = [collect.weights(p) for p in made["plastic"] + made["static"]]
    weights += [collect.weights(p, "now") for p in made["plastic"]]
    return {
        "spikes": [collect.spikes(p) for p in made["populations"]],
        "weights": weights,
        # Synapses of one pair with the same delay are in any order.
        "lists": [sorted(p.get(["delay", "weight"], format="list")) for p in made["plastic"]],
        "signals": [collect.signal(p, "v") for p in made["populations"][2:]],
        "digest": collect.connectivity_sha256(sim),
    }


@pytest.mark.parametrize("backend", [n for n in backends.names() if backends.get(n).threads])
def test_spikes_and_weights_are_those_of_one_thread(backend, apart):
    one = apart(results, backend, 1)
    assert all(len(neuron) > N for neuron, _ in one["spikes"])
    for threads in (2, 3):
        more = apart(results, backend, threads)
        assert more["digest"] == one["digest"]
        for before, now in zip(one["spikes"], more["spikes"], strict=True):
            assert np.array_equal(before, now)
        for before, now in zip(one["weights"], more["weights"], strict=True):
            for name in ("pre", "post", "delay_ms"):
                assert np.array_equal(before[name], now[name])
            largest = np.abs(before["weight"]).max()
            assert np.allclose(before["weight"], now["weight"], rtol=0, atol=1e-9 * largest)
        for before, now in zip(one["lists"], more["lists"], strict=True):
            assert np.allclose(before, now, rtol=0, atol=1e-10)
        for before, now in zip(one["signals"], more["signals"], strict=True):
            assert np.array_equal(before[0], now[0]) and np.array_equal(before[2], now[2])
            assert np.allclose(before[1], now[1], rtol=0, atol=1e-9)


def in_a_fork():
    """What NEST says in a fork of a process in which it had two threads."""
    sim = backends.load("nest")
    network(sim, 2)
    sim.run(1.0)
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            sim.setup()
            os.write(writing, b"set up")
        except Unsupported as refusal:
            os.write(writing, str(refusal).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading) as said:
        return said.read()


def test_a_fork_of_a_process_with_threads_is_refused(apart):
    """It would wait for them for ever."""
    assert "its parent has simulated with several threads" in apart(in_a_fork)


def test_only_backends_with_threads_get_them():
    for name in backends.all_names():
        has = backends.get(name).threads and name not in backends.stock_names()
        assert backends.threads_of(name, 4) == (4 if has else 1)
