"""NEST's slices: as long as the network allows, and without any effect on what a script sees."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import Unsupported
from tests.backends.network import play, same

pytestmark = pytest.mark.slow


@pytest.fixture
def sim():
    return backends.load("nest")


def pair(sim, spike_times=(), delay=1.5, plastic=False, **setup):
    """A source, a cell and a synapse; returns the three."""
    sim.setup(timestep=0.1, **setup)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=list(spike_times)), label="source")
    cell = sim.Population(1, sim.IF_curr_exp(tau_refrac=2.0, i_offset=0.9), label="cell")
    synapse = sim.StaticSynapse(weight=1.0, delay=delay)
    if plastic:
        synapse = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.01, A_minus=0.012),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2.0),
            weight=1.0,
            delay=delay,
            dendritic_delay_fraction=1.0,
        )
    projection = sim.Projection(source, cell, sim.AllToAllConnector(), synapse)
    for population in (source, cell):
        population.record("spikes")
    return source, cell, projection


@pytest.mark.parametrize(
    ("spike_times", "delay", "duration", "steps"),
    [
        ([30.0], 1.5, 100.0, 10),  # a millisecond at most
        ([30.0], 0.7, 100.0, 5),  # a divisor of the millisecond, not above the delay
        ([30.0], 0.1, 100.0, 1),
        ([30.0], 1.5, 100.5, 5),  # the run is a whole number of slices
        ([30.0], 1.5, 100.3, 1),
        ([0.2], 1.5, 100.0, 10),  # sources send as neurons do, from the first step on
        ([], 1.5, 100.0, 10),  # a source whose train is still to come
    ],
)
def test_as_long_as_delays_sources_and_the_run_allow(sim, spike_times, delay, duration, steps):
    pair(sim, spike_times, delay)
    sim.run(duration)
    assert sim.registry.slice_steps == steps
    assert sim.get_current_time() == duration


def test_one_step_where_a_script_may_act_at_any_time(sim):
    pair(sim, [30.0])
    sim.run(20.0, callbacks=[lambda t: t + 5.0])
    assert sim.registry.slice_steps == 1
    _, cell, _ = pair(sim, [30.0])
    sim.DCSource(amplitude=0.1, start=10.0, stop=20.0).inject_into(cell)
    sim.run(50.0)
    assert sim.registry.slice_steps == 1


@pytest.mark.parametrize("rule", ["additive", "gutig"])
@pytest.mark.parametrize("duration", [200.0, 130.5])
def test_the_slice_changes_no_spike_and_no_weight(sim, monkeypatch, rule, duration):
    options = {"rule": rule, "number": 60, "duration": duration, "fraction": 1.0}
    long = play(sim, **options)
    assert sim.registry.slice_steps == 5
    monkeypatch.setattr("pipelines.backends.nest.communication_interval._LONGEST_MS", 0.1)
    short = play(sim, **options)
    assert sim.registry.slice_steps == 1
    assert len(long["exc"][0]) > 100
    assert same(long, short)


def test_drawn_sources_play_the_same_trains_with_every_slice(sim, monkeypatch):
    def trains(pieces):
        sim.setup(timestep=0.1, rng_seed=3)
        source = sim.Population(20, sim.SpikeSourcePoisson(rate=50.0, start=5.0))
        cell = sim.Population(20, sim.IF_curr_exp())
        synapse = sim.StaticSynapse(weight=3.0, delay=1.0)
        sim.Projection(source, cell, sim.OneToOneConnector(), synapse)
        for population in (source, cell):
            population.record("spikes")
        for _ in range(pieces):
            sim.run(300.0 / pieces)
        return sim.registry.slice_steps, [*collect.spikes(source), *collect.spikes(cell)]

    slices, whole = trains(1)
    assert slices == 10 and len(whole[0]) > 200
    for pieces in (3, 100):
        assert all(map(np.array_equal, whole, trains(pieces)[1]))
    monkeypatch.setattr("pipelines.backends.nest.communication_interval._LONGEST_MS", 0.1)
    slices, short = trains(1)
    assert slices == 1
    assert all(map(np.array_equal, whole, short))


def test_the_first_spikes_of_drawn_sources_do_not_shorten_slices(sim, monkeypatch):
    def played():
        sim.setup(timestep=0.1, rng_seed=3)
        sources = sim.Population(100, sim.SpikeSourcePoisson(rate=500.0))
        cells = sim.Population(50, sim.IF_curr_exp())
        connector = sim.FixedProbabilityConnector(0.1, rng=sim.NumpyRNG(seed=4))
        synapse = sim.StaticSynapse(weight=0.3, delay=1.5)
        sim.Projection(sources, cells, connector, synapse)
        for population in (sources, cells):
            population.record("spikes")
        cells.record("v")
        sim.run(50.0)
        found = [*collect.spikes(sources), *collect.spikes(cells)]
        return [*found, cells.get_data("v").segments[0].analogsignals[0].magnitude]

    long = played()
    assert sim.registry.slice_steps == 10
    # The first step in which a source can fire, and the targets fire too.
    assert long[1].min() == 0.1 and len(long[2]) > 50
    monkeypatch.setattr("pipelines.backends.nest.communication_interval._LONGEST_MS", 0.1)
    short = played()
    assert sim.registry.slice_steps == 1
    assert all(map(np.array_equal, long, short))


def test_weights_are_those_of_the_spikes_until_now(sim):
    trains = [20.0, 50.1, 50.9]
    for duration, slices in ((50.0, 10), (50.5, 5)):
        found = []
        for longest in (1.0, 0.1):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("pipelines.backends.nest.communication_interval._LONGEST_MS", longest)
                *_, synapse = pair(sim, trains, plastic=True)
                sim.run(duration)
                assert sim.registry.slice_steps == (slices if longest == 1.0 else 1)
                found.append(collect.weights(synapse)["weight"].tolist())
        assert found[0] == found[1]


def test_weights_within_a_slice_are_read_and_cannot_be_set(sim):
    *_, synapse = pair(sim, [20.0, 50.2, 50.5], plastic=True)
    sim.run(50.0)
    sim.run(0.3)
    read = synapse.get("weight", format="array")
    refused = r"at 50\.3 ms on NEST.*slices at 1 ms.*multiples of 1 ms; or setup\(min_delay=0.1\)"
    with pytest.raises(Unsupported, match=refused):
        synapse.set(weight=0.5)
    sim.run(0.7)
    synapse.set(weight=0.5)
    assert synapse.get("weight", format="array").tolist() == [[0.5]]
    # The way out.
    *_, synapse = pair(sim, [20.0, 50.2, 50.5], plastic=True, min_delay=0.1)
    sim.run(50.0)
    sim.run(0.3)
    assert synapse.get("weight", format="array") == read
    synapse.set(weight=0.5)


def test_spikes_are_told_and_taken_back_at_any_time(sim):
    source, _, _ = pair(sim, [30.0, 50.4])
    sim.run(50.0)
    assert collect.spikes(source)[1].tolist() == [30.0]
    source.set(spike_times=[30.0, 50.1])
    sim.run(50.0)
    assert collect.spikes(source)[1].tolist() == [30.0, 50.1]
    source.set(spike_times=[100.1])
    sim.run(50.0)
    assert collect.spikes(source)[1].tolist() == [30.0, 50.1, 100.1]


def test_sources_without_a_train_may_be_given_one_of_spikes_to_come_at_once(sim):
    source, _, _ = pair(sim)
    sim.run(50.0)
    source.set(spike_times=[50.1])
    sim.run(50.0)
    assert collect.spikes(source)[1].tolist() == [50.1]


@pytest.mark.parametrize("name", backends.default_names())
def test_trains_that_were_set_are_kept_through_a_reset(name):
    sim = backends.load(name)
    source, _, _ = pair(sim, [5.0])
    for set_to in ([5.0, 12.0], [3.0, 14.0]):
        sim.run(10.0)
        source.set(spike_times=set_to)
        sim.reset()
        sim.run(20.0)
        assert source.get("spike_times").value.tolist() == set_to
        assert collect.spikes(source)[1].tolist() == set_to
        sim.reset()


def test_a_synapse_quicker_than_those_of_the_first_run_is_refused(sim):
    source, cell, _ = pair(sim, [30.0])
    sim.run(50.0)
    with pytest.raises(Unsupported, match=r"delay of 0\.5 ms, below those of the first run"):
        sim.Projection(
            source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=0.5)
        )


def with_a_slower_synapse(name, **setup):
    """Spike times (ms) of a cell that gets another synapse, of 3 ms, between two runs."""
    sim = backends.load(name)
    source, cell, _ = pair(sim, [30.0, 34.0], **setup)
    sim.run(20.0)
    slow = sim.StaticSynapse(weight=9.0, delay=3.0)
    sim.Projection(source, cell, sim.AllToAllConnector(), slow)
    sim.run(30.0)
    return collect.spikes(cell)[1].tolist()


def test_a_synapse_slower_than_those_of_the_first_run_is_refused_or_has_room():
    with pytest.raises(Unsupported, match=r"above those of .* or setup\(max_delay=3\)"):
        with_a_slower_synapse("nest")
    given = {name: with_a_slower_synapse(name, max_delay=3.0) for name in ("nest", "reference")}
    assert given["nest"] == given["reference"] and len(given["nest"]) > 2


@pytest.mark.parametrize("name", backends.default_names())
def test_the_minimal_delay_is_that_of_setup_or_of_the_network(name):
    sim = backends.load(name)
    pair(sim, [30.0])
    assert sim.get_min_delay() == 1.5
    pair(sim, [30.0], min_delay=0.5)
    assert sim.get_min_delay() == 0.5
    sim.setup(timestep=0.2)
    assert sim.get_min_delay() == 0.2


def test_generators_that_nest_alone_has_are_played_by_slices_of_a_step(sim):
    sim.setup(timestep=0.1, rng_seed=5)
    source = sim.Population(5, sim.native_cell_type("poisson_generator")(rate=50.0))
    cell = sim.Population(5, sim.IF_curr_exp())
    sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    source.record("spikes")
    sim.run(200.0)
    assert sim.registry.slice_steps == 1
    assert len(collect.spikes(source)[0]) > 10
