"""Checks of the neuron: integration, threshold, refractory period, what is recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines import backends
from pipelines.errors import BadInput

from .check import check

CELL = {
    "tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0,
    "tau_syn_E": 5.0, "tau_syn_I": 5.0, "tau_refrac": 2.0,
}  # fmt: skip
DT = 0.1


def begin(sim: Any, **options: Any) -> None:
    """Set up a new network on the grid: time step 0.1 ms, minimal delay of one step."""
    # `spike_precision` is given for stock NEST, so that each check shows one difference only.
    sim.setup(**{"timestep": DT, "min_delay": DT, "spike_precision": "on_grid", **options})


def cell(sim: Any, n: int = 1, **changes: Any) -> Any:
    """Cells that start at rest."""
    return sim.Population(n, sim.IF_curr_exp(**(CELL | changes)), initial_values={"v": -65.0})


def spike_trains(population: Any) -> list[np.ndarray]:
    """Spikes of each neuron through PyNN's own `get_data`, in ms."""
    trains = population.get_data("spikes").segments[-1].spiketrains
    return [np.asarray(train.rescale("ms").magnitude, dtype=float) for train in trains]


def spike_times(population: Any, neuron: int = 0) -> np.ndarray:
    """Spikes of one neuron of a small population, in ms."""
    return spike_trains(population)[neuron]


def samples_of_run(sim: Any, population: Any, variable: str, time: float) -> np.ndarray:
    """Signal of a population that is recorded in a run of `time` ms, shape (samples, neurons)."""
    population.record(variable)
    sim.run(time)
    return samples(population, variable)


def spikes_of_run(sim: Any, population: Any, time: float) -> np.ndarray:
    """Spikes of the first neuron of a population, in ms, in a run of `time` ms."""
    population.record("spikes")
    sim.run(time)
    return spike_times(population)


def poisson_trains(
    sim: Any, n: int, parameters: dict[str, float], time: float, **options: Any
) -> list[np.ndarray]:
    """Spikes of `n` Poisson sources, in ms, over `time` ms of a fresh network."""
    begin(sim, **options)
    sources = sim.Population(n, sim.SpikeSourcePoisson(**parameters))
    sources.record("spikes")
    sim.run(time)
    return spike_trains(sources)


def samples(population: Any, variable: str) -> np.ndarray:
    """Recorded signal through PyNN's own `get_data`, shape (samples, neurons)."""
    signal = population.get_data(variable).segments[-1].filter(name=variable)[0]
    return np.asarray(signal.magnitude, dtype=float)


def charged(n: int) -> np.ndarray:
    """The first `n` samples of a cell at rest that a constant current of 0.1 nA charges."""
    return -65 + 8 * (1 - np.exp(-np.arange(n) * DT / 20))


@check("DC / AC / step sources")
def charging_curve(sim: Any) -> tuple[Any, Any]:
    """501 samples of a membrane that a constant current charges."""
    begin(sim)
    cells = cell(sim, i_offset=0.1)
    return samples_of_run(sim, cells, "v", 50.0)[:, 0], charged(501)


@check("spike stamp")
def spike_at_the_end_of_its_step(sim: Any) -> tuple[Any, Any]:
    """The threshold is reached in the step from 9.4 to 9.5 ms."""
    begin(sim)
    cells = cell(sim, i_offset=0.5)
    return spikes_of_run(sim, cells, 20.0)[:1], [9.5]


@check("threshold")
def exact_tie_at_the_threshold(sim: Any) -> tuple[Any, Any]:
    """A membrane that rests at its threshold has reached it."""
    begin(sim)
    at_rest = CELL | {"v_rest": -50.0, "v_thresh": -50.0, "tau_refrac": 50.0}
    cells = sim.Population(1, sim.IF_curr_exp(**at_rest), initial_values={"v": -50.0})
    return spikes_of_run(sim, cells, 10.0), [0.1]


@check("default precision")
def first_spike_under_default_setup(sim: Any) -> tuple[Any, Any]:
    """The end of the step in which the threshold is reached, on the grid."""
    sim.setup(timestep=DT)
    cells = cell(sim, i_offset=0.5)
    return spikes_of_run(sim, cells, 20.0)[:1], [9.5]


@check("refractory period")
def regular_firing(sim: Any) -> tuple[Any, Any]:
    """17 spikes in 200 ms, 11.5 ms apart."""
    begin(sim)
    cells = cell(sim, i_offset=0.5)
    return spikes_of_run(sim, cells, 200.0), 9.5 + 11.5 * np.arange(17)


@check("refractory period")
def shortest_refractory_period(sim: Any) -> tuple[Any, Any]:
    """PyNN's default of one step."""
    begin(sim)
    cells = cell(sim, i_offset=0.5, tau_refrac=0.1)
    return spikes_of_run(sim, cells, 200.0), 9.5 + 9.6 * np.arange(20)


@check("per-neuron tau_refrac")
def refractory_period_of_each_neuron(sim: Any) -> tuple[Any, Any]:
    """Intervals of three neurons with periods of their own."""
    begin(sim)
    periods = [0.1, 2.0, 5.0]
    cells = cell(sim, 3, i_offset=0.5, tau_refrac=periods)
    cells.record("spikes")
    sim.run(100.0)
    measured = [float(np.diff(spike_times(cells, k))[0]) for k in range(3)]
    return measured, [9.6, 11.5, 14.5]


@check("per-neuron tau_refrac")
def refractory_period_set_on_a_view(sim: Any) -> tuple[Any, Any]:
    """A value that is set after creation, on part of the population."""
    begin(sim)
    cells = cell(sim, 2, i_offset=0.5)
    cells[1:2].set(tau_refrac=5.0)
    cells.record("spikes")
    sim.run(100.0)
    return [np.diff(spike_times(cells, k))[0] for k in range(2)], [11.5, 14.5]


@check("tau_refrac off grid")
def refractory_period_off_the_grid(sim: Any) -> tuple[Any, Any]:
    """0.25 ms holds the membrane for three whole steps."""
    begin(sim)
    cells = cell(sim, i_offset=0.5, tau_refrac=0.25)
    cells.record("spikes")
    sim.run(50.0)
    return np.diff(spike_times(cells))[:3], [9.8, 9.8, 9.8]


@check("tau_refrac off grid")
def refractory_period_just_above_the_grid(sim: Any) -> tuple[Any, Any]:
    """1.9003 ms hold the membrane for 20 whole steps, though they are 1.900 ms in whole us."""
    begin(sim)
    cells = cell(sim, i_offset=0.5, tau_refrac=1.9003)
    cells.record("spikes")
    sim.run(50.0)
    return np.diff(spike_times(cells))[:3], [11.5, 11.5, 11.5]


@check("tau_syn = tau_m")
def synapse_as_slow_as_the_membrane(sim: Any) -> tuple[Any, Any]:
    """v(20) = -65 + 1.2 * 9 * exp(-0.45) after a current of 0.3 nA at 11 ms."""
    begin(sim)
    cells = cell(sim, tau_syn_E=20.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.3, delay=1.0))
    return samples_of_run(sim, cells, "v", 30.0)[200], [-65 + 1.2 * 9 * np.exp(-0.45)]


@check("random initial v")
def random_initial_potential(sim: Any) -> tuple[Any, Any]:
    """The first sample is the state from which the second follows."""
    begin(sim)
    rng = sim.NumpyRNG(seed=7)
    start = sim.RandomDistribution("uniform", low=-65.0, high=-55.0, rng=rng)
    cells = sim.Population(5, sim.IF_curr_exp(**CELL), initial_values={"v": start})
    v = samples_of_run(sim, cells, "v", 10.0)
    return v[1] + 65, (v[0] + 65) * np.exp(-DT / 20)


@check("v of a view")
def initial_potential_of_a_view(sim: Any) -> tuple[Any, Any]:
    """Half of the cells start higher; after one step all have decayed towards rest."""
    begin(sim)
    cells = cell(sim, 4)
    cells[2:4].initialize(v=-60.0)
    cells.record("v")
    sim.run(1.0)
    expected = -65 + np.array([0, 0, 5, 5]) * np.exp(-1.0 / 20)
    return samples(cells, "v")[10], expected


@check("sampling_interval > dt")
def sampled_once_a_millisecond(sim: Any) -> tuple[Any, Any]:
    """Samples at 0, 1, 2 ... ms, and no shift."""
    begin(sim)
    cells = cell(sim, i_offset=0.1)
    cells.record("v", sampling_interval=1.0)
    sim.run(20.0)
    t = np.arange(21.0)
    return samples(cells, "v")[:, 0], -65 + 8 * (1 - np.exp(-t / 20))


@check("get_data(clear=True)")
def reading_and_clearing(sim: Any) -> tuple[Any, Any]:
    """Three pieces of 10 ms, each read and cleared, join to the whole curve."""
    begin(sim)
    cells = cell(sim, i_offset=0.1)
    cells.record("v")
    pieces = []
    for _ in range(3):
        sim.run(10.0)
        block = cells.get_data("v", clear=True)
        values = block.segments[-1].filter(name="v")[0].magnitude[:, 0]
        pieces.append(np.asarray(values, dtype=float))
    expected = charged(301)
    return np.concatenate(pieces), np.concatenate(
        [expected[:101], expected[100:201], expected[200:301]]
    )


@check("get_spike_counts")
def counting_spikes_at_the_end(sim: Any) -> tuple[Any, Any]:
    """A run that ends one step before a spike counts none, after its data were read too."""
    begin(sim)
    cells = cell(sim, i_offset=0.5)
    cells.record("spikes")
    sim.run(9.4)
    spike_trains(cells)
    return list(cells.get_spike_counts().values()), [0]


@check("run(10.05)", refusable=True)
def duration_off_the_grid(sim: Any) -> tuple[Any, Any]:
    """Half a step cannot be simulated."""
    begin(sim)
    cell(sim)
    sim.run(10.05)
    return [sim.get_current_time()], [10.05]


@check("source to current")
def response_to_a_spike_train(sim: Any) -> tuple[Any, Any]:
    """Membrane against the reference, over spikes and refractory periods."""
    return _response(sim), _response(reference())


def reference() -> Any:
    """The reference backend, with which checks compare.

    Raises
    ------
    BadInput
        If no backend is the reference.
    """
    for name in filter(backends.is_reference, backends.names()):
        return backends.load(name)
    raise BadInput("backend", "none of them is the reference", among=backends.names())


def _response(sim: Any) -> np.ndarray:
    begin(sim)
    cells = cell(sim)
    arrivals = [10.0, 12.3, 12.4, 20.0, 41.7]
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=arrivals))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0, delay=1.5))
    return samples_of_run(sim, cells, "v", 60.0)[:, 0]
