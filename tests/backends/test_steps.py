"""Brian2's time steps without what has nothing to do: the same results, fewer calls."""

import brian2
import numpy as np
import pytest
from brian2.core.base import BrianObjectException
from pyNN.parameters import Sequence

from pipelines import backends
from pipelines.backends.brian2 import control, step_calls, steps
from tests.backends.network import play, same


def leave_it_to_brian2(monkeypatch):
    monkeypatch.setattr(control, "quicker", lambda network: network)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("fraction", [1.0, 0.3])
def test_a_plastic_network_is_the_same_in_brian2s_own_loop(monkeypatch, fraction):
    sim = backends.load("brian2")
    ours = play(sim, number=60, duration=200.0, fraction=fraction)
    leave_it_to_brian2(monkeypatch)
    theirs = play(sim, number=60, duration=200.0, fraction=fraction)
    assert len(ours["exc"][0]) > 50
    assert same(ours, theirs)


def pieces(sim):
    """Runs one after another, with spikes under way, sources changed and a reset between them."""
    sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0, 9.9, 10.1]))
    cell = sim.IF_curr_exp(tau_refrac=1.0)
    target = sim.Population(2, cell, initial_values={"v": -65.0})
    sim.Projection(
        source, target, sim.OneToOneConnector(), sim.StaticSynapse(weight=6.0, delay=7.3)
    )
    target.record(["spikes", "v"])
    sim.run(10.0)
    source[0:1].set(spike_times=Sequence([12.0, 30.0]))
    sim.run(20.0)
    sim.reset()
    sim.run(25.0)
    found = [
        (np.asarray(train), np.asarray(segment.analogsignals[0]))
        for segment in target.get_data().segments
        for train in segment.spiketrains
    ]
    sim.end()
    return found


@pytest.mark.parametrize("target", ["numpy", "cython"])
def test_runs_in_pieces_are_the_same_in_brian2s_own_loop(monkeypatch, target):
    monkeypatch.setitem(brian2.prefs, "codegen.target", target)
    sim = backends.load("brian2")
    ours = pieces(sim)
    leave_it_to_brian2(monkeypatch)
    theirs = pieces(sim)
    # One spike for each of the source's, after the reset, too, where one train was set.
    assert [len(spikes) for spikes, _ in ours] == [3, 3, 1, 3]
    for (spikes, v), (their_spikes, their_v) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(spikes, their_spikes)
        np.testing.assert_array_equal(v, their_v)


def brian2_network(*more):
    """A source with a period, a group with an event of its own, a monitor of a part of it."""
    brian2.seed(1)
    clock = brian2.Clock(0.1 * brian2.ms)
    source = brian2.SpikeGeneratorGroup(
        3, [0, 2], [0.2, 1.1] * brian2.ms, period=2 * brian2.ms, clock=clock
    )
    group = brian2.NeuronGroup(
        4,
        "dv/dt = -v / (5*ms) : 1\nn : 1",
        threshold="v > 1",
        reset="v = 0",
        events={"high": "v > 0.8"},
        method="exact",
        clock=clock,
    )
    group.run_on_event("high", "n += 1")
    synapses = brian2.Synapses(source, group, on_pre="v += 0.45", clock=clock)
    synapses.connect()
    synapses.delay = "0.1*ms * (i + j)"
    spikes, high = brian2.SpikeMonitor(group[1:3]), brian2.EventMonitor(group, "high")
    return clock, group, (spikes, high), [source, group, synapses, spikes, high, *more]


@pytest.mark.usefixtures("interpreted")
def test_brian2s_own_models_are_the_same_in_both_loops():
    found = []
    for kind in (steps.Network, brian2.Network):
        clock, group, monitors, objects = brian2_network()
        network = kind(*objects)
        network.clock = clock
        for _ in range(2):
            network.run(13.7 * brian2.ms)
        found.append((np.array(group.v), np.array(group.n), *(np.array(m.t) for m in monitors)))
    assert all(values.any() for values in found[0])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.usefixtures("interpreted")
def test_several_clocks_are_left_to_brian2(monkeypatch):
    called = []
    monkeypatch.setattr(steps.Network, "_steps", lambda *_: called.append(1))
    _, group, _, objects = brian2_network()
    slow = brian2.NetworkOperation(lambda: None, dt=1 * brian2.ms)
    network = steps.Network(*objects, slow)
    network.run(5 * brian2.ms)
    assert not called
    assert np.array(group.n).any()


@pytest.mark.usefixtures("interpreted")
def test_quiet_steps_leave_out_what_waits_for_spikes():
    sim = backends.load("brian2")
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    target = sim.Population(1, sim.IF_curr_exp(), initial_values={"v": -65.0})
    sim.Projection(source, target, sim.OneToOneConnector(), sim.StaticSynapse(delay=2.0))
    target.record("spikes")
    sim.run(3.0)
    network = sim.simulator.state.network
    found = step_calls.steps_of([thing for thing in network.sorted_objects if thing.active], 30)
    guards = {type(call.owner).__name__: call.guard for call in found.calls if call.guard}
    assert set(guards) == {"SourceGroup", "SynapticPathway", "Resetter", "SpikeMonitor"}

    def has_something(name, step):
        return eval(guards[name], found.names | {"step": step})

    # 21 steps after the run began, nothing can be under way from before it.
    assert {name for name in guards if has_something(name, 52)} == {"SourceGroup"}
    assert not has_something("SourceGroup", 48)
    assert has_something("SourceGroup", 49)


@pytest.mark.usefixtures("interpreted")
def test_an_error_within_a_step_names_its_object():
    clock, _, _, objects = brian2_network()

    def fail():
        raise ValueError("no more")

    network = steps.Network(*objects, brian2.NetworkOperation(fail, clock=clock, name="broken"))
    with pytest.raises(BrianObjectException, match="broken") as raised:
        network.run(1 * brian2.ms)
    assert "no more" in str(raised.value.__cause__)
    assert not brian2.Network._globally_running


def test_stock_keeps_brian2s_network():
    ours, stock = backends.load("brian2"), backends.load("brian2", stock=True)
    ours.setup()
    assert type(ours.simulator.state.network) is steps.Network
    assert repr(ours.simulator.state.network.clock).startswith("Clock(dt=0.0001 * second")
    ours.end()
    stock.setup()
    assert type(stock.simulator.state.network) is brian2.Network
    assert type(stock.simulator.state.network.clock) is brian2.Clock
    stock.end()


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(("interval", "ours"), [(0.1, 1), (0.2, 0)])
def test_a_signal_recorded_in_each_step_keeps_the_quicker_loop(monkeypatch, interval, ours):
    called = []
    real = steps.Network._steps
    monkeypatch.setattr(steps.Network, "_steps", lambda *a: (called.append(1), real(*a)))
    sim = backends.load("brian2")
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=0.1), initial_values={"v": -65.0})
    cells.record("v", sampling_interval=interval)
    sim.run(3.0)
    v = np.asarray(cells.get_data().segments[0].analogsignals[0])
    sim.end()
    assert len(called) == ours
    assert v.shape == (round(3.0 / interval) + 1, 2)
    assert (np.diff(v[:, 0]) > 0).all()
