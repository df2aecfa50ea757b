"""What is recorded: spikes of some rows of a group, samples every so many steps."""

from types import SimpleNamespace

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends.brian2 import monitors
from pipelines.backends.brian2.monitors import SignalMonitor, SpikeMonitor


def firing(monitor, fired_by_step):
    """Let a group fire as given."""
    for step, fired in fired_by_step.items():
        monitor.append(step, np.array(fired, dtype=np.int32))


def group_of(size):
    return SimpleNamespace(size=size)


@pytest.mark.parametrize("room", [2, 4096])
def test_spikes_of_the_populations_of_a_group(monkeypatch, room):
    monkeypatch.setattr(monitors, "_INITIAL_CAPACITY", room)
    monitor = SpikeMonitor(group_of(6))
    monitor.add_rows(np.array([0, 1, 4]))
    monitor.prepare()
    firing(monitor, {3: [4, 0, 5], 4: [1, 2, 4], 7: [0, 1, 2, 3, 4, 5]})
    # Rows in order, and for each the steps that its spikes ended.
    assert [values.tolist() for values in monitor.spikes_of(0, 2)] == [[0, 0, 1, 1], [4, 8, 5, 8]]
    assert [values.tolist() for values in monitor.spikes_of(2, 4)] == [[], []]
    assert [values.tolist() for values in monitor.spikes_of(4, 6)] == [[4, 4, 4], [4, 5, 8]]
    firing(monitor, {9: [4]})
    assert monitor.spikes_of(4, 6)[1].tolist() == [4, 5, 8, 10]


def test_room_that_grows_keeps_what_there_was(monkeypatch):
    monkeypatch.setattr(monitors, "_INITIAL_CAPACITY", 1)
    monitor = SpikeMonitor(group_of(3))
    monitor.add_rows(np.arange(3))
    monitor.prepare()
    firing(monitor, {step: [0, 1, 2][: step % 4] for step in range(400)})
    expected = [step + 1 for step in range(400) if step % 4 > 1]
    assert monitor.spikes_of(1, 2)[1].tolist() == expected


def test_what_is_recorded_no_longer_is_forgotten():
    monitor = SpikeMonitor(group_of(3))
    monitor.add_rows(np.arange(3))
    monitor.prepare()
    firing(monitor, {1: [0, 1, 2]})
    monitor.stop_recording(np.array([1, 2]))
    monitor.prepare()
    firing(monitor, {2: [0, 1, 2]})
    monitor.add_rows(np.array([2]))
    monitor.prepare()
    firing(monitor, {3: [0, 1, 2]})
    assert [values.tolist() for values in monitor.spikes_of(0, 3)] == [[0, 0, 0, 2], [2, 3, 4, 4]]


def test_a_group_that_has_grown_records_the_same_rows():
    monitor = SpikeMonitor(group_of(2))
    monitor.add_rows(np.array([1]))
    monitor.group = group_of(3)
    monitor.prepare()
    assert monitor.is_recorded.tolist() == [False, True, False]


@pytest.mark.parametrize("pieces", [[20], [7, 1, 12], [3, 3, 14]])
def test_samples_every_three_steps_however_the_run_is_cut(pieces):
    group = SimpleNamespace(kind=SimpleNamespace(undelivered={}), values={"v": np.zeros(3)})
    both = monitors.Monitors()
    monitor = both.record_signal(group, "v", 3, np.array([2, 0]), 0)
    first = 0
    for length in pieces:
        both.prepare(first, first + length)
        for step in range(first, first + length):
            both.sample(step)
            group.values["v"][:] = (step + 1) * np.array([1, 10, 100])
        first += length
        both.sample(first)
    expected = np.arange(0, 21, 3)[:, np.newaxis] * np.array([[1.0, 100.0]])
    np.testing.assert_array_equal(monitor.samples(np.array([0, 2])), expected)
    np.testing.assert_array_equal(monitor.samples(np.array([2])), expected[:, 1:])


def test_cells_of_later_have_no_samples_before_and_none_when_they_are_forgotten():
    group = SimpleNamespace(kind=SimpleNamespace(undelivered={}), values={"v": np.arange(3.0)})
    both = monitors.Monitors()
    for first, row in ((4, 2), (6, 0)):
        monitor = both.record_signal(group, "v", 3, np.array([row]), first)
        both.prepare(first, first + 2)
        for step in range(first, first + 2):
            both.sample(step)
        both.sample(first + 2)
    nan = np.nan
    expected = [[nan, nan], [nan, nan], [nan, 2.0]]  # of steps 0, 3 and 6
    np.testing.assert_array_equal(monitor.samples(np.array([0, 2])), expected)
    both.prepare(8, 10)
    both.sample(9)
    expected.append([0.0, 2.0])
    np.testing.assert_array_equal(monitor.samples(np.array([0, 2])), expected)
    both.stop_recording(group, np.array([2]))
    assert np.isnan(monitor.samples(np.array([2]))).all()
    assert monitor.rows.tolist() == [0]


def test_the_next_sample_that_is_due_is_that_of_any_monitor():
    group = SimpleNamespace(kind=SimpleNamespace(undelivered={}), values={"v": np.zeros(1)})
    both = monitors.Monitors()
    for every in (3, 2):
        both.record_signal(group, "v", every, np.array([0]), 0)
    both.prepare(0, 10)
    assert [both.sample(step) for step in range(5)] == [2, 2, 3, 4, 6]
    assert isinstance(next(iter(both.signals.values())), SignalMonitor)


@pytest.mark.usefixtures("interpreted")
def test_populations_of_a_kind_are_recorded_apart():
    sim = backends.load("brian2")
    sim.setup(timestep=0.1)
    trains = [[1.0, 3.0], [2.0], [4.0, 4.5, 5.0]]
    sources = [sim.Population(1, sim.SpikeSourceArray(spike_times=train)) for train in trains]
    cells = [
        sim.Population(2, sim.IF_curr_exp(i_offset=i), initial_values={"v": -65.0})
        for i in (0.1, 0.2)
    ]
    for source in (sources[0], sources[2]):
        source.record("spikes")
    cells[0].record("v", sampling_interval=0.3)
    cells[1].record("v")
    cells[1][1:2].record("isyn_exc")
    sim.run(6.0)
    found = [source.get_data().segments[0].spiketrains[0] for source in sources[::2]]
    assert [np.asarray(train).tolist() for train in found] == [trains[0], trains[2]]
    slow, fast = (
        np.asarray(population.get_data("v").segments[0].analogsignals[0]) for population in cells
    )
    assert slow.shape == (21, 2) and fast.shape == (61, 2)
    # Twice the current: twice as far from rest.
    np.testing.assert_allclose(2 * (slow + 65), fast[::3] + 65, rtol=0, atol=1e-12)
    sim.end()
