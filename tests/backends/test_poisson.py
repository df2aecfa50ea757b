"""Poisson sources: drawn once, alike on both backends, at the rate that was asked for."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect

pytestmark = pytest.mark.usefixtures("interpreted")
N, RATE, DURATION = 50, 100.0, 400.0


def fired(backend, **parameters):
    sim = backends.load(backend)
    sim.setup(timestep=0.1, rng_seed=7)
    sources = sim.Population(N, sim.SpikeSourcePoisson(rate=RATE, **parameters))
    cells = sim.Population(N, sim.IF_curr_exp(), initial_values={"v": -65.0})
    sim.Projection(
        sources, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.5, delay=1.0)
    )
    for population in (sources, cells):
        population.record("spikes")
    sim.run(DURATION)
    found = [collect.spikes(population) for population in (sources, cells)]
    digest = collect.input_sha256(sim)
    sim.end()
    return found, digest


def test_the_same_trains_and_the_same_answer_on_both():
    on_nest, on_brian2 = fired("nest"), fired("brian2")
    assert on_nest[1] == on_brian2[1]
    for a, b in zip(on_nest[0], on_brian2[0], strict=True):
        assert len(a[0]) > 0
        assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    expected = N * RATE * DURATION * 1e-3
    assert len(on_nest[0][0][0]) == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_the_digest_of_inputs_tells_seeds_and_rates_apart():
    sim = backends.load("nest")

    def digest(rate, seed):
        sim.setup(timestep=0.1, rng_seed=seed)
        sim.Population(2, sim.SpikeSourcePoisson(rate=rate))
        return collect.input_sha256(sim)

    assert digest(10.0, 1) == digest(10.0, 1)
    assert len({digest(10.0, 1), digest(11.0, 1), digest(10.0, 2)}) == 3


@pytest.mark.parametrize("backend", backends.BACKENDS)
def test_they_fire_within_their_window(backend):
    (sources, _), _ = fired(backend, start=100.0, duration=200.0)
    assert sources[1].min() > 100.0 and sources[1].max() <= 300.0
