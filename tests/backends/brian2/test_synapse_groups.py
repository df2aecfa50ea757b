"""Synapses of a kind in one object: each projection reads and writes its own."""

import brian2
import numpy as np
import pytest
from brian2.synapses import cythonspikequeue, spikequeue

from pipelines import backends
from pipelines.backends.brian2.pathways import remove_from_queue
from pipelines.backends.brian2.simulation import state
from pipelines.errors import Unsupported

DT = 0.1


@pytest.mark.parametrize("kind", [cythonspikequeue, spikequeue], ids=["compiled", "python"])
def test_spikes_that_were_sent_leave_the_queue(kind):
    queue = kind.SpikeQueue(0, 4)
    # Synapses of neuron 0 with 3 steps of delay, of neuron 1 with 5, 2 and 4.
    queue.prepare(np.array([3, 5, 2, 4]) * 1e-4, 1e-4, np.array([0, 1, 1, 1], dtype=np.int32))
    queue.push(np.array([0, 1], dtype=np.int32))
    queue.advance()

    # Of synapses 0 to 2, what is on its last 3, 2 and 2 steps.
    sent = remove_from_queue(queue, slice(0, 3), np.array([3, 2, 2]))
    assert {k: row.tolist() for k, row in enumerate(sent) if len(row)} == {1: [2], 2: [0]}

    left = {}
    for ahead in range(6):
        if len(queue.peek()):
            left[ahead] = queue.peek().tolist()
        queue.advance()
    assert left == {3: [3], 4: [1]}


@pytest.fixture
def sim(interpreted):
    module = backends.load("brian2")
    module.setup(timestep=DT)
    yield module
    module.end()


def adders(sim, n=1):
    """Cells of which a weight (mV) moves the membrane, and nothing else."""
    celltype = sim.IF_curr_delta(tau_m=1e12, v_rest=0.0, v_reset=0.0, v_thresh=1e6, tau_refrac=DT)
    cells = sim.Population(n, celltype, initial_values={"v": 0.0})
    cells.record("v")
    return cells


def arrivals(cells, neuron=0):
    """Time (ms) at which each weight arrived, and the weight (mV)."""
    v = np.asarray(cells.get_data("v").segments[-1].analogsignals[0])[:, neuron]
    moved = np.diff(v)
    steps = np.flatnonzero(np.abs(moved) > 1e-6)
    # A weight is in the sample of the time at which it arrives.
    return np.round((steps + 1) * DT, 10).tolist(), np.round(moved[steps], 9).tolist()


def joined(sim, source, cells, weight, delay, connector=None):
    return sim.Projection(
        source,
        cells,
        connector or sim.AllToAllConnector(),
        sim.StaticSynapse(weight=weight, delay=delay),
        receptor_type="excitatory",
    )


def plastic(sim, source, cells, weight=0.5, delay=1.0, fraction=1.0, a_plus=0.0):
    """Synapses that change by what is set, and by what postsynaptic spikes add."""
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(20.0, 20.0, a_plus, 0.0),
        weight_dependence=sim.AdditiveWeightDependence(0.0, 10.0),
        weight=weight,
        delay=delay,
        dendritic_delay_fraction=fraction,
    )
    return sim.Projection(
        source, cells, sim.AllToAllConnector(), rule, receptor_type="excitatory"
    )  # fmt: skip


def weights(projection):
    return projection.get("weight", format="list", with_address=False)


@pytest.mark.parametrize("make", [joined, plastic])
def test_projections_of_a_kind_keep_their_own(sim, make):
    source, cells = sim.Population(2, sim.SpikeSourceArray(spike_times=[])), adders(sim, 3)
    one, two = make(sim, source, cells, 0.5, 1.0), make(sim, source, cells[1:2], 0.25, 2.0)
    assert one._parts[0].group is two._parts[0].group
    for when in ("before it is made", "after"):
        if when == "after":
            sim.run(DT)
        one.set(weight=1.5)
        two.set(weight=np.array([[2.0], [3.0]]))
        assert weights(one) == [1.5] * 6, when
        rows = sorted(two.get(["weight", "delay"], format="list"))
        assert rows == [(0, 0, 2.0, 2.0), (1, 0, 3.0, 2.0)], when
        one.set(weight=0.75)
    assert weights(one) == [0.75] * 6 and sorted(weights(two)) == [2.0, 3.0]


def test_assemblies_of_several_groups(sim):
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0], [2.0]]))
    firing = sim.Population(1, sim.IF_curr_exp(i_offset=5.0), initial_values={"v": -65.0})
    one, two = adders(sim), adders(sim)
    pairs = [(0, 1, 1.0, 1.0), (1, 0, 2.0, 1.0), (2, 0, 4.0, 1.0), (1, 1, 8.0, 3.0)]
    projection = joined(
        sim, sim.Assembly(sources, firing), sim.Assembly(one, two), 0.0, DT,
        sim.FromListConnector(pairs),
    )  # fmt: skip
    for _ in range(2):
        found = projection.get(["weight", "delay"], format="list")
        assert sorted(found) == sorted(pairs)
        sim.run(6.0)
    assert arrivals(two) == ([2.0, 5.0], [1.0, 8.0])
    assert arrivals(one)[1][0] == 2.0 and set(arrivals(one)[1][1:]) == {4.0}


@pytest.mark.parametrize("make", [joined, plastic])
@pytest.mark.parametrize("times", [[1.0], [0.6, 0.9, 1.0, 1.1, 1.3]])
def test_a_weight_that_is_set_is_that_of_later_spikes(sim, make, times):
    source, cells = sim.Population(1, sim.SpikeSourceArray(spike_times=times)), adders(sim)
    one, other = make(sim, source, cells, 1.0, 0.5), adders(sim)
    same = make(sim, source, other, 3.0, 0.5)
    sim.run(1.0)
    one.set(weight=2.0)
    sim.run(2.0)
    due = [round(time + 0.5, 10) for time in times]
    assert arrivals(cells) == (due, [1.0 if time <= 1.0 else 2.0 for time in times])
    assert arrivals(other) == (due, [3.0] * len(times))
    assert weights(one) == [2.0] and weights(same) == [3.0]


def test_weights_wait_in_a_ring_while_they_are_under_way(sim):
    """Potentiated between two spikes that are both on their dendritic way."""
    times = [1.0, 2.0, 3.0, 4.0, 4.1, 5.0]
    source, cells = sim.Population(1, sim.SpikeSourceArray(spike_times=times)), adders(sim)
    projection = plastic(sim, source, cells, weight=1.0, delay=5.0)
    for k in range(1, 5):
        sim.run(1.0)
        projection.set(weight=1.0 + k)
    sim.run(10.0)
    assert arrivals(cells) == ([time + 5.0 for time in times], [1.0, 2.0, 3.0, 4.0, 5.0, 5.0])
    sim.reset()
    sim.run(10.0)
    assert arrivals(cells) == ([6.0, 7.0, 8.0, 9.0, 9.1, 10.0], [1.0] * 6)


@pytest.mark.parametrize("make", [joined, plastic])
def test_a_delay_that_is_set_before_the_first_run_and_after_a_reset(sim, make):
    source, cells = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0])), adders(sim, 2)
    one, two = make(sim, source, cells[0:1], 1.0, 0.5), make(sim, source, cells[1:2], 2.0, 1.0)
    one.set(delay=0.8)
    sim.run(3.0)
    assert arrivals(cells, 0) == ([1.8], [1.0]) and arrivals(cells, 1) == ([2.0], [2.0])
    with pytest.raises(Unsupported, match="once the simulation has begun"):
        one.set(delay=1.5)
    sim.reset()
    two.set(delay=1.5)
    sim.run(3.0)
    assert arrivals(cells, 0) == ([1.8], [1.0]) and arrivals(cells, 1) == ([2.5], [2.0])
    assert one.get("delay", format="list", with_address=False) == [0.8]
    assert two.get("delay", format="list", with_address=False) == [1.5]


def test_a_projection_that_is_refused_leaves_nothing(sim):
    source, cells = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0])), adders(sim, 2)
    kept = joined(sim, source, cells, 1.0, 0.5)
    blocked = sim.FromListConnector([(0, 0, 1.0, 0.5), (1, 1, -1.0, 0.5)])
    with pytest.raises(Unsupported, match="weight -1"):
        joined(sim, source, cells, 1.0, 0.5, blocked)
    assert sum(group.size for group in state.network.synapses) == len(kept) == 4
    sim.run(2.0)
    assert arrivals(cells) == ([1.5], [2.0])


@pytest.mark.parametrize("fraction", [1.0, 0.5])
def test_a_refractory_period_that_is_lowered_makes_room(sim, fraction):
    """Of spikes 0.6 ms apart, 4 ms are under way: each carries the weight that it was sent with."""
    times = [1.0, 10.0, 10.6, 11.2, 11.8]
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    source = sim.Population(1, sim.IF_curr_delta(tau_refrac=5.0), initial_values={"v": -65.0})
    joined(sim, driver, source, 100.0, DT)
    cells = adders(sim)
    projection = plastic(sim, source, cells, weight=1.0, delay=8.0, fraction=fraction)
    sim.run(6.5)
    source.set(tau_refrac=0.5)
    projection.set(weight=2.0)
    sim.run(4.0)
    projection.set(weight=3.0)
    sim.run(12.0)
    times, sizes = arrivals(cells)
    assert times == [9.1, 18.1, 18.7, 19.3, 19.9]
    # Weights leave the synapse when the axonal part of the delay has passed.
    sent = np.array([1.1, 10.1, 10.7, 11.3, 11.9]) + 8.0 * (1 - fraction)
    expected = np.where(sent < 6.5, 1.0, np.where(sent <= 10.5, 2.0, 3.0))
    np.testing.assert_allclose(sizes, expected, rtol=1e-7)


@pytest.mark.parametrize("target", ["numpy", "cython"])
def test_a_refractory_period_that_is_lowered_before_the_first_step(monkeypatch, target):
    """The queues are made for the first step: there is nothing in them to keep."""
    monkeypatch.setitem(brian2.prefs, "codegen.target", target)
    sim = backends.load("brian2")
    sim.setup(timestep=DT)
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 1.6, 2.2]))
    source = sim.Population(1, sim.IF_curr_exp(tau_refrac=5.0), initial_values={"v": -65.0})
    joined(sim, driver, source, 1e4, DT)
    target = sim.Population(1, sim.IF_curr_exp(v_thresh=1e3), initial_values={"v": -65.0})
    target.record("isyn_exc")
    plastic(sim, source, target, weight=1.0, delay=4.0)
    sim.run(0.0)
    source.set(tau_refrac=DT)
    sim.run(8.0)
    source.record("spikes")
    isyn = np.asarray(target.get_data().segments[0].analogsignals[0].magnitude)[:, 0]
    decay = np.exp(-DT / 5.0)
    grown = isyn[1:] - decay * isyn[:-1]
    # A large current holds the cell above its threshold: it spikes every other step.
    assert np.flatnonzero(grown > 0.5).tolist() == list(range(51, 80, 2))
    sim.end()
