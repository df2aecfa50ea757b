"""Poisson sources: drawn once, alike on both backends, at the rate that was asked for."""

from itertools import pairwise
from math import factorial

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.backends.shared.frozen_inputs import PoissonTrains
from pipelines.errors import Unsupported

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


def poisson(rate, start=0.0, duration=1e10, seed=11, dt=0.1, after_step=0):
    values = np.broadcast_arrays(np.asarray(rate, dtype=float), start, duration)
    named = dict(zip(("rate", "start", "duration"), map(np.array, values), strict=True))
    return PoissonTrains(named, dt, np.random.SeedSequence(seed), after_step)


def in_order(found):
    return sorted(zip(*(values.tolist() for values in found), strict=True))


@pytest.mark.parametrize("after_step", [0, 1, 777])
@pytest.mark.parametrize("pieces", [[0, 1, 2, 50, 51, 3999, 4000], [0, 3000, 4000]])
def test_the_same_trains_however_a_simulation_is_cut(pieces, after_step, monkeypatch):
    monkeypatch.setattr("pipelines.backends.shared.frozen_inputs.MAX_BLOCK_SPIKES", 50)
    rates, starts = [0.0, 0.5, 20.0, 400.0, 2e4], [0.0, 0.0, 100.0, 0.0, 30.0]
    given = {"start": starts, "duration": 250.0, "after_step": after_step}
    whole = in_order(poisson(rates, **given).spikes_between(0, 4000))
    assert whole[0][0] > after_step
    trains, parts = poisson(rates, **given), []
    for first, last in pairwise(pieces):
        parts += in_order(trains.spikes_between(first, last))
    assert parts == whole
    # Again from the beginning, as after a reset.
    assert in_order(trains.spikes_between(-1, 4000)) == whole


def test_what_is_held_does_not_grow_with_the_run(monkeypatch):
    monkeypatch.setattr("pipelines.backends.shared.frozen_inputs.MAX_BLOCK_SPIKES", 1000)
    trains = poisson(np.full(100, 1000.0))
    for first in range(0, 2000, 10):
        trains.spikes_between(first, first + 10)
        assert sum(len(steps) for steps, _ in trains._blocks.values()) < 2500


def test_a_change_costs_the_same_however_many_there_were():
    sim = backends.load("reference")
    sim.setup(timestep=0.1, rng_seed=7)
    sources = sim.Population(N, sim.SpikeSourcePoisson(rate=RATE))
    lengths = []
    sim.run(10.0)
    for stimulus in range(20):
        sources.set(rate=RATE + stimulus % 2)
        sim.run(10.0)
        before, after = sources.trains._before, sources.trains.after
        # Of those that were set before them, nothing is kept.
        assert isinstance(before, PoissonTrains)
        held = sum(len(steps) for steps, _ in after._blocks.values())
        assert held < 2 * 4096
        lengths.append(len(sources.trains.specification))
    assert max(lengths[5:]) < 1.1 * min(lengths[5:])


def test_counts_in_steps_and_windows_are_poisson():
    """20 kHz: two spikes a step. 200 sources for 1000 steps, whole counts and single steps."""
    steps, sources = poisson(np.full(200, 2e4), start=10.0, duration=100.0).spikes_between(-1, 5000)
    assert steps.min() == 101 and steps.max() == 1100
    counts = np.zeros((200, 1000), dtype=int)
    np.add.at(counts, (sources, steps - 101), 1)
    n = counts.size
    # Standard errors of the mean, and of the variance (2 + 2 * 2^2) / n, of a Poisson number of 2.
    assert counts.mean() == pytest.approx(2, abs=4 * np.sqrt(2 / n))
    assert counts.var() == pytest.approx(2, abs=4 * np.sqrt(10 / n))
    for k in range(5):
        chance = 2.0**k * np.exp(-2) / factorial(k)
        found = np.mean(counts == k)
        assert found == pytest.approx(chance, abs=4 * np.sqrt(chance / n))
    # One step and the next, one source and the next.
    for a, b in ((counts[:, 1:], counts[:, :-1]), (counts[1:], counts[:-1])):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] == pytest.approx(0, abs=4 / np.sqrt(n))


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_rates_that_are_none(rate):
    with pytest.raises(Unsupported, match=r"SpikeSourcePoisson\.rate: .*; allowed: 0 Hz and above"):
        poisson([5.0, rate])


def changed(backend, pieces):
    """Rates that are set between two runs, of all sources and of some."""
    sim = backends.load(backend)
    sim.setup(timestep=0.1, rng_seed=3, **({"t_flush": 50.0} if backend == "nest" else {}))
    sources = sim.Population(20, sim.SpikeSourcePoisson(rate=5000.0))
    cells = sim.Population(20, sim.IF_curr_exp(), initial_values={"v": -65.0})
    synapse = sim.StaticSynapse(weight=0.1, delay=1.0)
    sim.Projection(sources, cells, sim.OneToOneConnector(), synapse)
    for population in (sources, cells):
        population.record("spikes")
    for rate in (None, 500.0, 2000.0):
        if rate is not None:
            sources[:10].set(rate=rate)
        for _ in range(pieces):
            sim.run(50.0 / pieces)
    found = [*collect.spikes(sources), *collect.spikes(cells)]
    assert sources.get("rate").tolist() == [2000.0] * 10 + [5000.0] * 10
    return sim, sources, found


@pytest.mark.filterwarnings("ignore:.*reset")
@pytest.mark.parametrize("backend", backends.names())
def test_rates_set_between_two_runs_count_from_then_on(backend):
    sim, sources, found = changed(backend, 1)
    neuron, time = found[:2]
    for half, rates in ((neuron < 10, (5000, 500, 2000)), (neuron >= 10, (5000, 5000, 5000))):
        counts = np.histogram(time[half], [0.05, 50.05, 100.05, 150.05])[0]
        assert np.all(np.abs(counts - 0.5 * np.array(rates)) < 4 * np.sqrt(0.5 * np.array(rates)))
    assert len(found[2]) > 20
    sim.reset()
    sim.run(50.0)
    again = collect.spikes(sources)
    sim.end()
    # From the beginning at the last rates.
    assert np.sum(again[0] < 10) == pytest.approx(1000, abs=4 * np.sqrt(1000))
    for other, pieces in ((backend, 5), ("reference", 1)):
        assert all(map(np.array_equal, changed(other, pieces)[2], found))


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
