"""Devices of a recorder are made for what is recorded, and when it is."""

import nest
import numpy as np
import pytest
from pyNN.parameters import Sequence

from pipelines import backends
from pipelines.backends import collect


def devices(model):
    return len(nest.GetNodes({"model": model}))


def cells_at_rest(sim, n=2, **parameters):
    return sim.Population(n, sim.IF_curr_exp(**parameters), initial_values={"v": -65.0})


def test_nothing_is_made_for_what_is_not_recorded():
    sim = backends.load("nest")
    sim.setup(timestep=0.1)
    silent, recorded = cells_at_rest(sim), cells_at_rest(sim)
    recorded.record("spikes")
    sim.run(1.0)
    assert (devices("spike_recorder"), devices("multimeter")) == (1, 0)
    assert len(collect.spikes(silent)[0]) == 0


def test_a_multimeter_has_the_interval_that_was_asked_for():
    sim = backends.load("nest")
    sim.setup(timestep=0.1)
    cells = cells_at_rest(sim, i_offset=0.1)
    cells.record("v", sampling_interval=0.5)
    sim.run(2.0)
    assert devices("multimeter") == 1
    times, values, _ = collect.signal(cells, "v")
    assert times.tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert len(values) == 5


@pytest.mark.parametrize("backend", ["nest", "brian2"])
def test_what_began_in_mid_run_is_whole_after_a_reset(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1, t_flush=10.0) if backend == "nest" else sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=Sequence([2.0, 7.0])))
    source[0:1].record("spikes")
    sim.run(5.0)
    source.record("spikes")
    sim.run(5.0)
    neuron, time_ms = collect.spikes(source)
    assert np.column_stack([neuron, time_ms]).tolist() == [[0, 2.0], [0, 7.0], [1, 7.0]]
    sim.reset()
    sim.run(10.0)
    neuron, time_ms = collect.spikes(source)
    assert np.column_stack([neuron, time_ms]).tolist() == [[0, 2.0], [1, 2.0], [0, 7.0], [1, 7.0]]


@pytest.mark.parametrize("backend", ["nest", "brian2"])
def test_recording_again_what_is_recorded_changes_nothing(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = cells_at_rest(sim, i_offset=0.1)
    cells.record(["spikes", "v"])
    sim.run(1.0)
    cells.record(["spikes", "v"])
    sim.run(1.0)
    times, values, _ = collect.signal(cells, "v")
    assert len(times) == len(values) == 21


def test_weights_now_need_no_spikes_that_the_script_records():
    weights = []
    for recorded in (False, True):
        sim = backends.load("nest")
        sim.setup(timestep=0.1)
        pre = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence([2.0])))
        post = cells_at_rest(sim, 1, i_offset=3.0)
        rule = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(),
            weight_dependence=sim.AdditiveWeightDependence(),
            weight=0.5, delay=1.0, dendritic_delay_fraction=1.0,
        )  # fmt: skip
        plastic = sim.Projection(pre, post, sim.AllToAllConnector(), rule)
        if recorded:
            pre.record("spikes")
            post.record("spikes")
        sim.run(20.0)
        if not recorded:
            post.record("spikes")
            assert len(collect.spikes(post)[0]) == 0
        weights.append(plastic.get("weight_now", format="array")[0, 0])
    assert weights[0] == weights[1] > 0.5
