"""Spikes between the time steps: for those who ask, on the one backend that has them."""

import math
import warnings

import numpy as np
import pytest

from pipelines import backends
from pipelines.errors import CounterpointError

TIMES = [0.075, 10.025, 12.34]


@pytest.fixture(scope="module")
def nest():
    return backends.load("nest")


def firing(sim, dt, **setup):
    """Spike times of a source and of a neuron under constant current, in ms."""
    sim.setup(timestep=dt, **setup)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=TIMES))
    neuron = sim.Population(1, sim.IF_curr_exp(i_offset=1.0, cm=1.0, tau_m=20.0, v_thresh=-50.0))
    for population in (source, neuron):
        population.record("spikes")
    sim.run(30.0)
    found = [population.get_data().segments[0].spiketrains[0] for population in (source, neuron)]
    sim.end()
    return [np.asarray(train) for train in found]


def test_spikes_lie_between_the_steps_when_a_script_asks(nest):
    with pytest.warns(UserWarning, match="the backends will not agree"):
        source, neuron = firing(nest, 0.05, spike_precision="off_grid")
    assert source.tolist() == TIMES
    # 15 mV of the 20 mV that the current would lift the membrane by.
    assert neuron == pytest.approx([20.0 * math.log(4)], abs=1e-9)


def test_the_next_set_up_is_on_the_grid_again(nest):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        firing(nest, 0.05, spike_precision="off_grid")
        source, neuron = firing(nest, 0.05)
    assert source.tolist() == [0.1, 10.05, 12.35]
    assert neuron.tolist() == [27.75]


@pytest.mark.filterwarnings("ignore:setup")
@pytest.mark.parametrize(
    ("times", "message"),
    [([5.0, 3.0], "out of order"), ([-0.05, 1.0], "time begins at 0")],
)
def test_a_train_that_cannot_be_played_is_refused(nest, times, message):
    nest.setup(timestep=0.1, spike_precision="off_grid")
    with pytest.raises(CounterpointError, match=message):
        nest.Population(1, nest.SpikeSourceArray(spike_times=times))


def test_another_precision_is_refused(nest):
    with pytest.raises(CounterpointError, match="'on_grid' or 'off_grid'"):
        nest.setup(spike_precision="of_grid")


@pytest.mark.usefixtures("interpreted")
def test_brian2_has_spikes_at_the_end_of_a_step_and_says_so():
    with pytest.warns(UserWarning, match="the backends will not agree"):
        _, neuron = firing(backends.load("brian2"), 0.05, spike_precision="off_grid")
    assert neuron.tolist() == [27.75]
