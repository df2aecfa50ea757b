"""Subnormal numbers: a synapse that has long been silent has no current, and costs no more."""

import subprocess
import sys

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends.shared import subnormals
from pipelines.backends.shared.subnormals import flush_subnormals

SMALLEST = sys.float_info.min
# Time constants of the synapses, ms. The fast one keeps more than half of a current in a step: else
# the smallest number would be rounded to zero.
FAST, SLOW = 0.2, 10.0


def half(number):
    return number * 0.5


def known():
    return (sys.platform, subnormals.platform.machine()) in subnormals._MODES


needs_a_mode = pytest.mark.skipif(not known(), reason="no mode of this machine's is known")


@needs_a_mode
def test_what_is_too_small_is_zero_within_the_block_and_only_there():
    assert half(SMALLEST) > 0.0
    with flush_subnormals():
        assert half(SMALLEST) == 0.0
        assert half(4.0 * SMALLEST) == 2.0 * SMALLEST
        with flush_subnormals(wanted=False):
            assert half(SMALLEST) == 0.0
        with flush_subnormals():
            pass
        assert half(SMALLEST) == 0.0
    assert half(SMALLEST) > 0.0


@needs_a_mode
def test_numpy_knows_its_smallest_numbers_though_first_asked_within_the_block():
    script = (
        "import numpy as np\n"
        "from pipelines.backends.shared.subnormals import flushed\n"
        "with flushed():\n"
        "    kinds = [np.finfo(np.float64), np.finfo(np.float32)]\n"
        "assert all(kind.smallest_subnormal > 0.0 for kind in kinds)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True)
    assert done.returncode == 0, done.stderr


@needs_a_mode
def test_the_mode_is_as_it_was_after_an_error():
    with pytest.raises(KeyError), flush_subnormals():
        raise KeyError
    assert half(SMALLEST) > 0.0


@pytest.mark.parametrize("library", [None, object()])
def test_a_machine_that_is_not_known_computes_as_it_does(monkeypatch, library):
    if library is None:
        monkeypatch.setattr(subnormals, "_library", lambda: None)
    else:
        monkeypatch.setattr(subnormals, "_MODES", {})
    with flush_subnormals():
        assert half(SMALLEST) > 0.0


def silent(name, *, stock=False, **setup):
    """One spike into a fast and a slow synapse, then 160 ms of silence: two currents, a train."""
    sim = backends.load(name, stock=stock)
    sim.setup(timestep=0.1, **setup)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    cell = sim.IF_curr_exp(tau_syn_E=FAST, tau_syn_I=SLOW, cm=0.1, tau_refrac=2.0)
    cells = sim.Population(1, cell, initial_values={"v": -65.0})
    for weight, receptor in ((60.0, "excitatory"), (-0.001, "inhibitory")):
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record(["spikes", "v"])
    sim.run(165.0)
    if name == "nest":
        import nest

        meter = nest.Create("multimeter", {"record_from": ["I_syn_ex", "I_syn_in"]})
        nest.Connect(meter, nest.NodeCollection([int(cells[0])]))
        sim.run(2.0)
        events = meter.events
        currents = [float(events[key][-1]) for key in ("I_syn_ex", "I_syn_in")]
    else:
        held = cells.brian2_group.get_states(units=False) if stock else cells.group.values
        currents = [float(held[key][0]) for key in ("ie", "ii")]
    segment = cells.get_data().segments[0]
    found = currents, np.asarray(segment.spiketrains[0]), np.asarray(segment.analogsignals[0])
    sim.end()
    return found


@needs_a_mode
@pytest.mark.parametrize("name", ["nest", "brian2"])
def test_a_silent_synapse_has_no_current_and_the_rest_is_the_same(monkeypatch, name):
    (fast, slow), train, v = silent(name)
    assert fast == 0.0
    assert slow < -1e-30
    assert len(train) == 1

    monkeypatch.setattr(subnormals, "_MODES", {})
    (kept, slow_kept), train_kept, v_kept = silent(name)
    assert 0.0 < abs(kept) < SMALLEST
    assert slow_kept == slow
    np.testing.assert_array_equal(train_kept, train)
    np.testing.assert_array_equal(v_kept, v)


@needs_a_mode
def test_several_threads_of_nest_compute_alike(apart):
    assert 0.0 < abs(apart(fast_with_two_threads)) < SMALLEST


def fast_with_two_threads():
    (fast, _), _, _ = silent("nest", threads=2)
    return float(fast)


@needs_a_mode
@pytest.mark.parametrize("name", ["nest", "brian2"])
def test_stock_computes_as_it_does(name):
    grid = {"spike_precision": "on_grid"} if name == "nest" else {}
    (fast, _), _, _ = silent(name, stock=True, **grid)
    assert 0.0 < abs(fast) < SMALLEST
