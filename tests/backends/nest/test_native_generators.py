"""NEST's generators in the place of Poisson sources, where independent draws are asked for."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.backends.shared.time_grid import UNLIMITED_STEPS

DT, DELAY = 0.1, 1.5
RATE = 20_000.0  # Hz: two spikes in a step


@pytest.fixture
def sim():
    return backends.load("nest")


def begin(sim, seed=1):
    sim.setup(timestep=DT, rng_seed=seed, independent_draws=True)


def network(sim, n=40, rate=RATE, weight=1.0, **window):
    """Sources, cells whose current in a sample counts the spikes that have just come, synapses."""
    sources = sim.Population(n, sim.SpikeSourcePoisson(rate=rate, **window))
    cells = sim.Population(n, sim.IF_curr_exp(v_thresh=1e9, tau_syn_E=1e-3, tau_syn_I=1e-3))
    cells.record("isyn_exc")
    return sources, cells, project(sim, sources, cells, weight)


def project(sim, sources, cells, weight=1.0, synapse=None, connector=None):
    synapse = synapse or sim.StaticSynapse(weight=weight, delay=DELAY)
    return sim.Projection(sources, cells, connector or sim.OneToOneConnector(), synapse)


def arrived(cells):
    """Times of samples, and how many spikes came in each, an axis a cell."""
    time_ms, values, _ = collect.signal(cells, "isyn_exc")
    return time_ms, np.rint(values)


def test_they_draw_at_the_rate_of_each_source_and_each_for_itself(sim):
    begin(sim)
    rates = np.repeat([0.0, 2_000.0, RATE], 30)
    sources, cells, _ = network(sim, n=90, rate=rates)
    sim.run(300.0)
    assert sources.generators is not None and len(sources.generators.nodes) == 3
    counts = arrived(cells)[1][round(DELAY / DT) + 1 :]
    expected = rates * DT * 1e-3 * len(counts)
    assert np.all(np.abs(counts.sum(axis=0) - expected) <= 5 * np.sqrt(expected))
    # The variance of counts in windows of 10 ms is their mean.
    windows = counts[: len(counts) // 100 * 100].reshape(-1, 100, 90).sum(axis=1)[:, 30:]
    fano = windows.var(axis=0, ddof=1) / windows.mean(axis=0)
    assert fano.mean() == pytest.approx(1, abs=5 * np.sqrt(2 / (windows.size - 60)))
    together = np.corrcoef(windows[:, 30:].T)[np.triu_indices(30, 1)]
    assert abs(together.mean()) < 5 / np.sqrt(together.size * len(windows))


@pytest.mark.parametrize("lead", [False, True])
@pytest.mark.parametrize(("start", "duration"), [(0.0, 10.0), (5.0, 10.0), (0.0, 1e9)])
def test_their_window_is_that_of_the_sources(sim, start, duration, lead):
    begin(sim)
    sources, cells, _ = network(sim, start=start, duration=duration)
    if lead:
        # A spike at time 0, for which NEST's clock has to begin earlier.
        early = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0]))
        project(sim, early, cells, 0.0, connector=sim.AllToAllConnector())
    for _ in range(3):
        sim.run(10.0)
    time_ms, counts = arrived(cells)
    there = time_ms[counts.sum(axis=1) > 0]
    assert sources.generators is not None
    assert there[0] == pytest.approx(start + DT + DELAY)
    assert there[-1] == pytest.approx(min(start + duration + DELAY, 30.0))


def test_the_seed_gives_the_same_draws_again(sim):
    def draws(seed):
        begin(sim, seed)
        _, cells, _ = network(sim)
        sim.run(20.0)
        return arrived(cells)[1]

    first = draws(3)
    assert np.array_equal(first, draws(3)) and not np.array_equal(first, draws(4))


def test_weights_delays_and_receptors_are_those_of_the_synapses(sim):
    begin(sim)
    sources = sim.Population(3, sim.SpikeSourcePoisson(rate=RATE))
    cells = sim.Population(3, sim.IF_cond_exp(tau_syn_I=1e-3, v_thresh=1e9))
    cells.record("gsyn_inh")
    weights, delays = [0.5, 1.0, 2.0], [0.5, 1.0, 5.0]
    listed = [(k, 2 - k, weights[k], delays[k]) for k in range(3)]
    connector = sim.FromListConnector(listed)
    sim.Projection(sources, cells, connector, sim.StaticSynapse(), receptor_type="inhibitory")
    sim.run(50.0)
    assert sources.generators is not None
    time_ms, values, _ = collect.signal(cells, "gsyn_inh")
    for k in range(3):
        got = values[:, 2 - k]
        assert time_ms[np.argmax(got > 0)] == pytest.approx(delays[k] + DT, abs=1.5)
        assert np.allclose(got / weights[k], np.rint(got / weights[k]), atol=1e-5)
        assert got.mean() == pytest.approx(2 * weights[k], rel=0.2)


def plastic(sim):
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(),
        weight_dependence=sim.AdditiveWeightDependence(w_max=2.0),
        weight=1.0, delay=DELAY,
    )  # fmt: skip


NEEDED = {
    "recorded": lambda sim, sources, cells: sources.record("spikes"),
    "recorded in part": lambda sim, sources, cells: sources[:2].record("spikes"),
    "two projections": lambda sim, sources, cells: project(sim, sources[:1], cells),
    "in an assembly": lambda sim, sources, cells: project(
        sim, sources + sim.Population(40, sim.SpikeSourcePoisson()), cells,
        connector=sim.AllToAllConnector(),
    ),
    "plastic": lambda sim, sources, cells: project(sim, sources, cells, synapse=plastic(sim)),
    "short-term": lambda sim, sources, cells: project(
        sim, sources, cells, synapse=sim.TsodyksMarkramSynapse(weight=1.0, delay=DELAY)
    ),
    "by hand": lambda sim, sources, cells: sim.nest.Connect(
        sources.node_collection, cells.node_collection
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("why", NEEDED)
def test_sources_whose_spikes_are_needed_have_spikes(sim, why):
    """They are the same as without independent draws."""

    def simulated(independent):
        sim.setup(timestep=DT, rng_seed=1, independent_draws=independent)
        sources, cells, _ = network(sim)
        NEEDED[why](sim, sources, cells)
        sim.run(20.0)
        assert sources.generators is None
        return arrived(cells)[1]

    found = simulated(True)
    assert found.sum() > 1000 and np.array_equal(found, simulated(False))


@pytest.mark.parametrize(
    "options",
    [{"independent_draws": False}, {"independent_draws": True, "spike_precision": "off_grid"}],
)
@pytest.mark.filterwarnings("ignore")
def test_they_are_for_those_who_ask(sim, options):
    sim.setup(timestep=DT, **options)
    sources = sim.Population(4, sim.SpikeSourcePoisson(rate=RATE))
    project(sim, sources, sim.Population(4, sim.IF_curr_exp()))
    sim.run(5.0)
    assert sources.generators is None


def with_threads(threads, independent):
    sim = backends.load("nest")
    sim.setup(timestep=DT, independent_draws=independent, threads=threads)
    sources, cells, _ = network(sim, n=8)
    sim.run(20.0)
    return sources.generators is None, arrived(cells)[1]


def test_with_several_threads_there_are_none(apart):
    """What they draw would depend on the number of threads."""
    none, counts = apart(with_threads, 2, True)
    _, drawn = apart(with_threads, 1, False)
    assert none and counts.sum() > 300 and np.array_equal(counts, drawn)


def other_sources(sim):
    return sim.SpikeSourceGamma(beta=100.0), sim.SpikeSourcePoissonRefractory(rate=100.0)


@pytest.mark.parametrize("which", [0, 1])
def test_sources_with_memory_are_drawn_as_ever(sim, which):
    begin(sim)
    sources = sim.Population(4, other_sources(sim)[which])
    project(sim, sources, sim.Population(4, sim.IF_curr_exp()))
    sim.run(5.0)
    assert sources.generators is None


def test_a_rate_that_is_set_is_drawn_at_from_then_on(sim):
    begin(sim)
    sources, cells, _ = network(sim)
    sim.run(50.0)
    generators = sources.generators
    sources.set(rate=RATE / 4)
    sim.run(50.0)
    assert sources.generators is generators is not None
    counts = arrived(cells)[1]
    border = round((50.0 + DELAY) / DT) + 1
    before, after = counts[17:border].mean(), counts[border:].mean()
    assert (before, after) == pytest.approx((2.0, 0.5), rel=0.03)


CHANGES = {
    "recorded": lambda sim, sources, cells, synapses: sources.record("spikes"),
    "a weight": lambda sim, sources, cells, synapses: synapses.set(weight=3.0),
    "a synapse": lambda sim, sources, cells, synapses: project(sim, sources, cells, 2.0),
    "some rates": lambda sim, sources, cells, synapses: sources[:20].set(rate=5 * RATE),
}


@pytest.mark.parametrize(("what", "factor"), zip(CHANGES, (1, 3, 3, 3), strict=True))
def test_what_needs_their_spikes_later_gets_them(sim, what, factor):
    """What comes on average is right before and after."""
    begin(sim)
    sources, cells, synapses = network(sim)
    sim.run(50.0)
    assert sources.generators is not None
    CHANGES[what](sim, sources, cells, synapses)
    assert sources.generators is None
    sim.run(50.0)
    counts = arrived(cells)[1]
    border = round((50.0 + DELAY) / DT)
    # NEST hands spikes on a slice at a time.
    before, after = counts[17 : border - 10].mean(), counts[border + 20 :].mean()
    assert (before, after) == pytest.approx((2.0, 2.0 * factor), rel=0.03)
    if what == "recorded":
        assert len(collect.spikes(sources)[0]) == pytest.approx(40 * 50 * 20, rel=0.03)


def test_they_go_on_after_a_reset(sim):
    begin(sim)
    sources, cells, _ = network(sim, start=5.0, duration=10.0)
    sim.run(30.0)
    sim.reset()
    sim.run(30.0)
    assert sources.generators is not None
    first, second = (
        np.rint(segment.filter(name="isyn_exc")[0].magnitude)
        for segment in cells.get_data().segments
    )
    for counts in (first, second):
        there = np.flatnonzero(counts.sum(axis=1))
        assert (there[0], there[-1]) == (66, 165)
        assert counts[66:166].mean() == pytest.approx(2.0, rel=0.06)


def test_runs_are_not_cut_into_blocks_for_them(sim):
    begin(sim)
    network(sim)
    assert sim.registry.block_end(0) < UNLIMITED_STEPS
    sim.run(1.0)
    assert sim.registry.block_end(0) == UNLIMITED_STEPS
