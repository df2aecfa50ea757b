"""Checks of what is done to a network beside running it once: seeds, changes, `reset`."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import Sequence

from .check import check
from .neurons import DT, begin, cell, poisson_trains, samples, spike_trains
from .plasticity_parameters import accepted_fraction
from .stdp import KICK, W_MAX, plastic_pair, weight_dependence, weight_of


@check("seeds")
def trains_of_a_seed(sim: Any) -> tuple[Any, Any]:
    """Two set-ups with one seed give the same trains, with another seed others."""
    one, same, other = (
        np.concatenate(poisson_trains(sim, 5, {"rate": 80.0}, 100.0, rng_seed=seed))
        for seed in (5, 5, 6)
    )
    return [np.array_equal(one, same), np.array_equal(one, other)], [1.0, 0.0]


@check("changes in mid-run", refusable=True)
def parameter_changed_after_reading(sim: Any) -> tuple[Any, Any]:
    """A current that is set after 10 ms, when data were read, acts from the next step on."""
    return _current_set_at_ten(sim, read=True)


@check("changes in mid-run", refusable=True)
def parameter_changed_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """A current that is set after 10 ms acts from the next step on."""
    return _current_set_at_ten(sim, read=False)


def _current_set_at_ten(sim: Any, read: bool) -> tuple[Any, Any]:
    begin(sim)
    cells = cell(sim)
    cells.record("v")
    sim.run(10.0)
    if read:
        samples(cells, "v")
    cells.set(i_offset=0.1)
    sim.run(10.0)
    risen = np.clip(np.arange(201) - 100, 0, None) * DT
    return samples(cells, "v")[:, 0], -65 + 8 * (1 - np.exp(-risen / 20))


def _spikes_around_ten(sim: Any) -> tuple[Any, Any]:
    """A projection and its targets: a pair of cells for each spike at 9.7, 10.0, 10.1, 10.3 ms."""
    begin(sim)
    trains = [Sequence([time]) for time in (9.7, 10.0, 10.1, 10.3)]
    source = sim.Population(len(trains), sim.SpikeSourceArray(spike_times=trains))
    targets = cell(sim, len(trains))
    synapse = sim.StaticSynapse(weight=1.0, delay=0.5)
    projection = sim.Projection(source, targets, sim.OneToOneConnector(), synapse)
    targets.record("v")
    return projection, targets


def _first_steps(v: np.ndarray) -> np.ndarray:
    """Step in which each membrane first moves."""
    return np.argmax(v > -65.0, axis=0)


@check("changes in mid-run")
def weight_changed_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """A weight that is set at 10 ms is that of spikes after 10 ms, not of those under way."""
    projection, targets = _spikes_around_ten(sim)
    sim.run(10.0)
    projection.set(weight=2.0)
    sim.run(2.0)
    v = samples(targets, "v")
    kick = 20 * 5 / (0.25 * 15) * (np.exp(-DT / 20) - np.exp(-DT / 5))
    transmitted = (v[_first_steps(v), range(v.shape[1])] + 65.0) / kick
    return transmitted, [1.0, 1.0, 2.0, 2.0]


@check("changes in mid-run", refusable=True)
def delay_changed_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """A delay that is set at 10 ms is that of spikes after 10 ms, not of those under way."""
    projection, targets = _spikes_around_ten(sim)
    sim.run(10.0)
    projection.set(delay=1.0)
    sim.run(2.0)
    v = samples(targets, "v")
    return (_first_steps(v) - 1) * DT, [10.2, 10.5, 11.1, 11.3]


@check("record() in mid-run")
def spikes_recorded_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """Of a cell that is recorded from 10 ms on, later spikes; of one recorded before, all."""
    begin(sim)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=Sequence([5.0, 10.0, 12.0])))
    source[0:1].record("spikes")
    sim.run(10.0)
    source.record("spikes")
    sim.run(10.0)
    trains = spike_trains(source)
    return np.concatenate(trains), [5.0, 10.0, 12.0, 12.0]


@check("record() in mid-run", refusable=True)
def signal_recorded_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """A membrane that is recorded from 10 ms on: as many samples as there are, or none."""
    begin(sim)
    cells = cell(sim, i_offset=0.1)
    cells.record("spikes")
    sim.run(10.0)
    cells.record("v")
    sim.run(10.0)
    signal = cells.get_data("v").segments[-1].filter(name="v")[0]
    start = float(signal.t_start.rescale("ms").magnitude)
    times = start + np.arange(len(signal)) * DT
    return np.asarray(signal.magnitude)[:, 0], -65 + 8 * (1 - np.exp(-times / 20))


@check("changes in mid-run", refusable=True)
def plastic_weight_changed_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """Post at 60 potentiates; a weight that is set at 70 is depressed by pre at 90 alone."""
    begin(sim)
    fraction = accepted_fraction(sim)
    synapse, target = plastic_pair(
        sim, [50.0, 90.0], [60.0], weight_dependence(sim, "additive"), 1.0, fraction
    )
    sim.run(70.0)
    synapse.set(weight=0.3 * W_MAX)
    sim.run(30.0)
    fired = spike_trains(target)[0][0]
    # The lag as the synapse sees it: the dendritic delay takes away, the axonal one adds to it.
    lag = 90.0 - fired + (1 - 2 * fraction)
    return [weight_of(synapse)], [0.3 - 0.02 * np.exp(-lag / 20)]


@check("changes in mid-run", refusable=True)
def plastic_weight_changed_under_way(sim: Any) -> tuple[Any, Any]:
    """A weight that is set while a spike is on its dendritic way is not that of the spike."""
    begin(sim)
    fraction = accepted_fraction(sim)
    synapse, target = plastic_pair(
        sim, [10.0], [60.0], weight_dependence(sim, "additive"), 5.0, fraction
    )
    target.record("v")
    sim.run(12.0)
    synapse.set(weight=0.3 * W_MAX)
    sim.run(4.0)
    v = samples(target, "v")
    kick = 20 * 0.5 / (0.25 * 19.5) * (np.exp(-DT / 20) - np.exp(-DT / 0.5))
    transmitted = (v[_first_steps(v), 0] + 65.0) / kick / W_MAX
    return transmitted, [0.5 if fraction == 1 else 0.3]


def _charged(*changes: tuple[int, float]) -> np.ndarray:
    """Membrane at each step of 20 ms, after changes (step, nA) of the injected current."""
    steps = np.arange(201)
    risen = [nA * (1 - np.exp(-np.clip(steps - k, 0, None) * DT / 20)) for k, nA in changes]
    return -65 + 80 * np.sum(risen, axis=0)


@check("changes in mid-run", refusable=True)
def current_changed_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """The amplitude of a current is doubled at 10 ms."""
    begin(sim)
    cells = cell(sim)
    current = sim.DCSource(amplitude=0.1, start=5.0, stop=15.0)
    current.inject_into(cells)
    cells.record("v")
    sim.run(10.0)
    current.amplitude = 0.2
    sim.run(10.0)
    return samples(cells, "v")[:, 0], _charged((50, 0.1), (100, 0.1), (150, -0.2))


@check("changes in mid-run", refusable=True)
def step_current_changed_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """Steps of a current are set anew at 10 ms, all of them still to come."""
    begin(sim)
    cells = cell(sim)
    current = sim.StepCurrentSource(times=[5.0, 18.0], amplitudes=[0.1, 0.0])
    current.inject_into(cells)
    cells.record("v")
    sim.run(10.0)
    current.set_parameters(times=[14.0, 16.0], amplitudes=[0.2, 0.1])
    sim.run(10.0)
    return samples(cells, "v")[:, 0], _charged((50, 0.1), (140, 0.1), (160, -0.1))


def _injected_at_ten(sim: Any, start: float) -> np.ndarray:
    begin(sim)
    cells = cell(sim)
    cells.record("v")
    sim.run(10.0)
    sim.DCSource(amplitude=0.1, start=start, stop=18.0).inject_into(cells)
    sim.run(10.0)
    return samples(cells, "v")[:, 0]


@check("changes in mid-run", refusable=True)
def current_injected_in_mid_run(sim: Any) -> tuple[Any, Any]:
    """A current from 14 ms on, injected at 10 ms."""
    return _injected_at_ten(sim, 14.0), _charged((140, 0.1), (180, -0.1))


@check("changes in mid-run", refusable=True)
def current_injected_when_it_is_due(sim: Any) -> tuple[Any, Any]:
    """A current from 10 ms on, injected at 10 ms."""
    return _injected_at_ten(sim, 10.0), _charged((100, 0.1), (180, -0.1))


@check("reset()", refusable=True)
def sources_after_a_reset(sim: Any) -> tuple[Any, Any]:
    """A source plays its train in both segments, and its target responds."""
    begin(sim, t_flush=200.0)
    cells = cell(sim, tau_syn_E=0.5)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 12.3]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=KICK, delay=DT))
    for population in (source, cells):
        population.record("spikes")
    sim.run(20.0)
    sim.reset()
    sim.run(20.0)
    trains = [
        segment.spiketrains[0].rescale("ms").magnitude
        for population in (source, cells)
        for segment in population.get_data("spikes").segments
    ]
    return np.concatenate(trains), [5.0, 12.3, 5.0, 12.3, 5.2, 12.5, 5.2, 12.5]


@check("reset()", refusable=True)
def plastic_weights_after_a_reset(sim: Any) -> tuple[Any, Any]:
    """Weights are again what they were at the start."""
    begin(sim, t_flush=200.0)
    synapse, _ = plastic_pair(
        sim, [50.0, 90.0], [60.0], weight_dependence(sim, "additive"), 1.0, accepted_fraction(sim)
    )
    sim.run(100.0)
    sim.reset()
    return [weight_of(synapse)], [0.5]
