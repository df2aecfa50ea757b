"""Checks of what drives a network: spike sources and injected currents."""

from __future__ import annotations

from typing import Any

import numpy as np

from .check import check
from .neurons import (
    DT,
    begin,
    cell,
    charged,
    poisson_trains,
    samples,
    samples_of_run,
    spike_times,
    spikes_of_run,
)


def one_synapse(sim: Any, source: Any, target: Any, weight: float, delay: float) -> Any:
    """Connect all to all with one static weight."""
    return sim.Projection(
        source, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=delay)
    )


@check("source to current")
def delay_from_source_to_membrane(sim: Any) -> tuple[Any, Any]:
    """A spike at 10 ms with a delay of 1 ms moves the membrane from sample 111 on."""
    begin(sim)
    cells = cell(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
    one_synapse(sim, source, cells, 1.0, 1.0)
    v = samples_of_run(sim, cells, "v", 15.0)[:, 0]
    return v[[109, 110, 111]], [-65.0, -65.0, -64.604965176375]


@check("recording isyn")
def synaptic_current(sim: Any) -> tuple[Any, Any]:
    """The recorded current jumps by the weight at sample 110 and decays."""
    begin(sim)
    cells = cell(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
    one_synapse(sim, source, cells, 1.0, 1.0)
    current = samples_of_run(sim, cells, "isyn_exc", 15.0)[:, 0]
    return current[[0, 109, 110, 120]], [0.0, 0.0, 1.0, np.exp(-1.0 / 5)]


@check("recording isyn")
def inhibitory_current(sim: Any) -> tuple[Any, Any]:
    """A negative weight shows in isyn_inh, and only there."""
    begin(sim)
    cells = cell(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
    sim.Projection(
        source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-1.0, delay=1.0),
        receptor_type="inhibitory",
    )  # fmt: skip
    cells.record(["isyn_exc", "isyn_inh"])
    sim.run(15.0)
    measured = [samples(cells, "isyn_exc")[110, 0], samples(cells, "isyn_inh")[110, 0]]
    return measured, [0.0, -1.0]


@check("source times on grid")
def every_step_is_played_when_it_is_due(sim: Any) -> tuple[Any, Any]:
    """Spikes at k * 0.1 ms, every other step: no rounding moves one."""
    begin(sim)
    times = np.round(np.arange(2, 401, 2) * DT, 1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    return spikes_of_run(sim, source, 41.0), times


@check("SpikeSourceArray under min_delay='auto'")
def sources_under_default_setup(sim: Any) -> tuple[Any, Any]:
    """The smallest delay of the network moves no source."""
    sim.setup(timestep=DT)
    cells = cell(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 10.0, 20.0]))
    one_synapse(sim, source, cells, 0.1, 2.0)
    return spikes_of_run(sim, source, 30.0), [5.0, 10.0, 20.0]


@check("SpikeSourceArray, dt other than 0.1")
def source_with_another_time_step(sim: Any) -> tuple[Any, Any]:
    """dt 0.25 ms: a spike at 10.5 with a delay of 2 moves the membrane after 12.5."""
    sim.setup(timestep=0.25, min_delay=0.25, spike_precision="on_grid")
    cells = cell(sim)
    early = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.25]))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.5]))
    one_synapse(sim, source, cells, 1.5, 2.0)
    cells.record("v")
    early.record("spikes")
    sim.run(15.0)
    v = samples(cells, "v")[:, 0]
    a, b = np.exp(-0.25 / 20), np.exp(-0.25 / 5)
    rise = 1.5 * 20 * 5 / (0.25 * (20 - 5)) * (a - b)
    return np.append(v[[50, 51]], spike_times(early)), [-65.0, -65.0 + rise, 10.25]


@check("source at t < min_delay")
def source_before_the_first_delay(sim: Any) -> tuple[Any, Any]:
    """Spikes at time 0 and in the first step are recorded; the first arrives after its delay."""
    begin(sim)
    cells = cell(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 0.1, 5.0]))
    one_synapse(sim, source, cells, 1.0, 2.0)
    source.record("spikes")
    cells.record("v")
    sim.run(10.0)
    moved = np.flatnonzero(samples(cells, "v")[:, 0] > -65 + 1e-9)
    return [*spike_times(source), *moved[:1]], [0.0, 0.1, 5.0, 21.0]


@check("two spikes in one bin")
def two_spikes_in_one_step(sim: Any) -> tuple[Any, Any]:
    """Two spikes at 10 ms are recorded, and move the membrane as one of twice the weight."""
    begin(sim)
    cells = cell(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 10.0]))
    one_synapse(sim, source, cells, 0.5, 1.0)
    source.record("spikes")
    highest = samples_of_run(sim, cells, "v", 20.0)[:, 0].max()
    # The peak of a response to 1 nA, at ln(tau_m / tau_syn) / (1 / tau_syn - 1 / tau_m).
    peak = np.log(4.0) / (1 / 5 - 1 / 20)
    response = 1.0 * 20 * 5 / (0.25 * (20 - 5)) * (np.exp(-peak / 20) - np.exp(-peak / 5))
    return [*spike_times(source), np.round(highest, 1)], [10.0, 10.0, np.round(-65 + response, 1)]


@check("source at t = T")
def source_at_the_end_of_the_run(sim: Any) -> tuple[Any, Any]:
    """A run covers (0, T]: the spike at T is in it."""
    begin(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 20.0]))
    return spikes_of_run(sim, source, 20.0), [5.0, 20.0]


@check("DC from 0")
def direct_current_from_the_start(sim: Any) -> tuple[Any, Any]:
    """A current from 0 on acts on the first step."""
    begin(sim)
    cells = cell(sim)
    sim.DCSource(amplitude=0.1, start=0.0, stop=50.0).inject_into(cells)
    return samples_of_run(sim, cells, "v", 10.0)[:, 0], charged(101)


@check("DC from 0")
def step_current_from_the_start(sim: Any) -> tuple[Any, Any]:
    """A step current whose first amplitude is due at 0."""
    begin(sim)
    cells = cell(sim)
    sim.StepCurrentSource(times=[0.0, 5.0], amplitudes=[0.1, 0.0]).inject_into(cells)
    return samples_of_run(sim, cells, "v", 5.0)[:, 0], charged(51)


@check("DC / AC / step sources")
def currents_from_the_first_step_that_can_be(sim: Any) -> tuple[Any, Any]:
    """DC, step and AC sources from min_delay + 2 dt on, for two minimal delays."""
    measured, expected = [], []
    for min_delay in (DT, 0.5):
        begin(sim, min_delay=min_delay)
        start = round(min_delay + 2 * DT, 10)
        cells = cell(sim, 3)
        made = [
            sim.DCSource(amplitude=0.1, start=start, stop=9.0),
            sim.StepCurrentSource(times=[start, 9.0], amplitudes=[0.1, 0.0]),
            sim.ACSource(
                amplitude=0.0, offset=0.1, frequency=50.0, phase=0.0, start=start, stop=9.0
            ),
        ]
        for source, target in zip(made, cells, strict=True):
            source.inject_into([target])
        cells.record("v")
        sim.run(10.0)
        steps = np.arange(101) - round(start / DT)
        rise = 8 * (1 - np.exp(-np.clip(steps, 0, round((9 - start) / DT)) * DT / 20))
        fall = np.exp(-np.clip(np.arange(101) - 90, 0, None) * DT / 20)
        measured.append(samples(cells, "v"))
        expected.append(np.repeat(-65 + (rise * fall)[:, None], 3, axis=1))
    return measured, expected


@check("DC / AC / step sources")
def direct_current(sim: Any) -> tuple[Any, Any]:
    """A current of 0.1 nA from 10 to 30 ms acts on steps 100 to 299."""
    begin(sim)
    cells = cell(sim)
    current = sim.DCSource(amplitude=0.1, start=10.0, stop=30.0)
    current.inject_into(cells)
    v = samples_of_run(sim, cells, "v", 40.0)[:, 0]
    up = 8 * (1 - np.exp(-np.arange(201) * DT / 20))
    down = up[-1] * np.exp(-np.arange(1, 101) * DT / 20)
    return v, -65 + np.concatenate([np.zeros(100), up, down])


@check("NoisyCurrentSource")
def noise_of_two_cells(sim: Any) -> tuple[Any, Any]:
    """Two cells that are injected with noise differ."""
    begin(sim)
    cells = cell(sim, 2)
    noise = sim.NoisyCurrentSource(mean=0.0, stdev=0.5, start=2.0, stop=40.0, dt=DT)
    noise.inject_into(cells)
    v = samples_of_run(sim, cells, "v", 40.0)
    return [float(np.allclose(v[:, 0], v[:, 1]))], [0.0]


@check("SpikeSourcePoisson")
def window_of_poisson_sources(sim: Any) -> tuple[Any, Any]:
    """Sources that may fire in (100, 150] fire in all of it, and nowhere else."""
    # So many that some fire in each step, on a backend that draws anew each time too.
    window = {"rate": 300.0, "start": 100.0, "duration": 50.0}
    times = np.concatenate(poisson_trains(sim, 1000, window, 200.0))
    inside = (times > 100.0) & (times <= 150.0 + 1e-9)
    ends = [times.min() < 100.6, times.max() > 149.4]
    return [np.sum(~inside), *ends], [0.0, 1.0, 1.0]


@check("SpikeSourcePoisson", tolerance=4.0)
def rate_of_poisson_sources(sim: Any) -> tuple[Any, Any]:
    """500 sources of 320 Hz for one second: the mean rate."""
    # Standard error of the mean rate: sqrt(320 / 500) = 0.8 Hz. The tolerance is five of them,
    # as a backend that is not seeded draws anew each time.
    trains = poisson_trains(sim, 500, {"rate": 320.0}, 1000.0)
    return [np.mean([len(train) for train in trains])], [320.0]


@check("SpikeSourcePoisson", tolerance=315.0)
def several_spikes_a_step_of_poisson_sources(sim: Any) -> tuple[Any, Any]:
    """100 sources of 20 kHz, two spikes a step, for 50 ms: the mean rate."""
    # Standard error of the mean rate: sqrt(20000 / (100 * 0.05)) = 63 Hz; five of them.
    window = {"rate": 20_000.0, "start": 10.0, "duration": 50.0}
    trains = poisson_trains(sim, 100, window, 100.0)
    return [np.mean([len(train) for train in trains]) * 20], [20_000.0]


@check("sources with memory", tolerance=2.5)
def rate_and_window_of_gamma_sources(sim: Any) -> tuple[Any, Any]:
    """500 sources of shape 4 that may fire in (100, 1100] ms: the mean rate, and the window."""
    begin(sim)
    celltype = sim.SpikeSourceGamma(alpha=4, beta=400.0, start=100.0, duration=1000.0)
    sources = sim.Population(500, celltype)
    sources.record("spikes")
    sim.run(1200.0)
    found = sources.get_data("spikes").segments[0].spiketrains
    times = np.concatenate([np.asarray(train) for train in found])
    outside = np.sum((times <= 100.0) | (times > 1100.0 + 1e-9))
    # Standard error: a coefficient of variation of 0.5, sqrt(100) / 2 / sqrt(500) = 0.22 Hz.
    return [len(times) / 500, 1e3 * outside], [100.0, 0.0]
