"""Poisson sources: drawn once, alike on both backends, at the rate that was asked for."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.backends.shared.drawn import PoissonTrains

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


def test_on_nest_they_are_sources_like_those_of_given_trains():
    """The same spikes and plastic weights, although NEST plays them by another model."""
    sim = backends.load("nest")

    def played(celltype):
        sim.setup(timestep=0.1, rng_seed=7)
        sources = sim.Population(N, celltype())
        cells = sim.Population(10, sim.IF_curr_exp(), initial_values={"v": -65.0})
        synapse = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.02, A_minus=0.015),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.3),
            weight=0.15,
            delay=1.5,
            dendritic_delay_fraction=0.4,
        )
        plastic = sim.Projection(sources[10:], cells, sim.AllToAllConnector(), synapse)
        for population in (sources, cells):
            population.record("spikes")
        sim.run(DURATION)
        sent, fired = collect.spikes(sources), collect.spikes(cells)
        return [*sent, *fired, plastic.get("weight", format="array")]

    drawn = played(lambda: sim.SpikeSourcePoisson(rate=RATE))
    trains = [drawn[1][drawn[0] == k].tolist() for k in range(N)]
    given = played(lambda: sim.SpikeSourceArray(spike_times=trains))
    assert len(drawn[2]) > 20 and np.abs(drawn[4] - 0.15).max() > 0.05
    assert all(map(np.array_equal, drawn, given))


@pytest.mark.filterwarnings("ignore:.*reset")
@pytest.mark.parametrize("backend", backends.default_names())
def test_they_begin_again_after_reset(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1, rng_seed=7, **({"t_flush": 200.0} if backend == "nest" else {}))
    sources = sim.Population(N, sim.SpikeSourcePoisson(rate=RATE))
    sources.record("spikes")
    found = []
    for _ in range(3):
        sim.run(50.0)
        found.append(collect.spikes(sources))
        sim.reset()
    sim.end()
    assert len(found[0][0]) > 100
    for again in found[1:]:
        assert all(map(np.array_equal, found[0], again))


@pytest.mark.parametrize("pieces", [[4000], [0, 1, 2, 50, 51, 3999, 4000]])
def test_trains_are_drawn_an_interval_at_a_time_whatever_the_pieces(pieces):
    rate = np.array([0.0, 0.5, 20.0, 400.0, 1000.0])
    start, duration = np.array([0.0, 0.0, 100.0, 0.0, 30.0]), np.full(5, 250.0)
    seeds = np.random.SeedSequence(11)
    trains = PoissonTrains(rate, start, duration, 0.1, 2, seeds)
    for step in pieces:
        trains.draw_until(step)
        assert all(len(train) == 0 or train[-1] <= step for train in trains.steps)
    for k, seed in enumerate(np.random.SeedSequence(11).spawn(5)):
        rng, expected = np.random.default_rng(seed), []
        step = max(round(start[k] / 0.1), 1)
        while rate[k] > 0:
            step += rng.geometric(rate[k] * 1e-4)
            if step > min(4000, (start[k] + duration[k]) / 0.1):
                break
            expected.append(step)
        assert trains.steps[k].tolist() == expected
    assert len(trains.steps[4]) > 150


@pytest.mark.parametrize("backend", backends.default_names())
def test_they_fire_within_their_window(backend):
    (sources, _), _ = fired(backend, start=100.0, duration=200.0)
    assert sources[1].min() > 100.0 and sources[1].max() <= 300.0


@pytest.mark.parametrize("backend", backends.default_names())
def test_rates_are_drawn_once_and_are_a_populations_own(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    rate = sim.RandomDistribution("uniform", (50.0, 500.0), rng=sim.NumpyRNG(seed=3))
    sources = sim.SpikeSourcePoisson(rate=rate)
    first, second = (sim.Population(4, sources) for _ in range(2))
    rates = [population.get("rate") for population in (first, second)]
    assert len({*rates[0], *rates[1]}) == 8
    first.set(rate=5.0)
    first[1:3].set(rate=[6.0, 7.0])
    assert list(first.get("rate")) == [5.0, 6.0, 7.0, 5.0]
    assert list(first[2:].get("rate")) == [7.0, 5.0]
    assert np.array_equal(second.get("rate"), rates[1])
