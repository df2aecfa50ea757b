"""Spike sources on every backend: at time 0, several spikes in a step, processes with memory."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import Unsupported

pytestmark = pytest.mark.usefixtures("interpreted")
every = pytest.mark.parametrize("name", backends.names())
DT, DELAY, WEIGHT, TAU = 0.1, 1.0, 0.5, 5.0


def network(sim, trains, synapse=None, number=1, **setup):
    """Sources of given trains, cells, and a projection of all to all; both record."""
    sim.setup(timestep=DT, **setup)
    sources = sim.Population(len(trains), sim.SpikeSourceArray(spike_times=trains))
    # The second cell is above threshold at first.
    start = {"v": [-65.0, -45.0][:number]}
    cells = sim.Population(number, sim.IF_curr_exp(tau_syn_E=TAU), initial_values=start)
    synapse = synapse or sim.StaticSynapse(weight=WEIGHT, delay=DELAY)
    projection = sim.Projection(sources, cells, sim.AllToAllConnector(), synapse)
    sources.record("spikes")
    cells.record(["spikes", "v", "isyn_exc"])
    return sources, cells, projection


def current(trains, delay=DELAY, until=20.0):
    """The synaptic current (nA) of a cell, at every step from time 0 on."""
    time = np.arange(round(until / DT) + 1) * DT
    total = np.zeros(len(time))
    for spike in np.concatenate([np.asarray(train, dtype=float) for train in trains]):
        since = time - spike - delay
        total += np.where(since > -1e-9, WEIGHT * np.exp(-since / TAU), 0.0)
    return total


def recorded_trains(population):
    neuron, time = collect.spikes(population)
    return [time[neuron == k].tolist() for k in range(population.size)]


@every
@pytest.mark.parametrize(
    "trains",
    [
        [[0.0], []],  # at the start
        [[0.0, 0.1, 0.2], [0.0, 0.0, 7.0]],
        [[0.1], [0.0, 20.0]],  # the first step, and the last one
        [[5.0, 5.0, 5.0], [5.0, 9.9, 9.9]],  # several in a step
    ],
)
@pytest.mark.parametrize("setup", [{}, {"min_delay": 0.5}])
def test_a_spike_arrives_after_its_delay(name, trains, setup):
    sim = backends.load(name)
    sources, cells, _ = network(sim, trains, number=2, **setup)
    for duration in (0.3, 9.7, 10.0):
        sim.run(duration)
    assert recorded_trains(sources) == trains
    assert [t.value.tolist() for t in sources.get("spike_times", simplify=False)] == trains
    time, isyn, _ = collect.signal(cells, "isyn_exc")
    assert time.tolist() == np.round(np.arange(201) * DT, 10).tolist()
    assert np.allclose(isyn, current(trains)[:, None], rtol=0, atol=1e-12)
    # A state above threshold fires in the first step, and no earlier.
    assert collect.spikes(cells)[1][0] == DT
    v = collect.signal(cells, "v")[1]
    assert v[0].tolist() == [-65.0, -45.0]
    sim.end()


@every
def test_decimals_of_one_step_are_two_spikes_of_it(name):
    sim = backends.load(name)
    with pytest.warns(UserWarning, match="1 of 2 values lie between time steps"):
        sources, cells, _ = network(sim, [[10.0, 10.04]])
    sim.run(20.0)
    assert recorded_trains(sources) == [[10.0, 10.0]]
    expected = current([[10.0, 10.0]])
    assert np.allclose(collect.signal(cells, "isyn_exc")[1][:, 0], expected, rtol=0, atol=1e-12)
    sim.end()


@every
def test_before_time_0_there_is_none(name):
    sim = backends.load(name)
    with pytest.raises(Unsupported, match=r"a spike at -0\.1 ms: time begins at 0"):
        network(sim, [[-0.1, 5.0]])


@every
@pytest.mark.parametrize("interval", [0.3, 1.0])
def test_samples_that_are_far_apart_are_where_they_were(name, interval):
    sim = backends.load(name)
    sim.setup(timestep=DT)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 3.0]))
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=TAU), initial_values={"v": -65.0})
    sim.Projection(
        source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=WEIGHT, delay=DELAY)
    )
    cell.record("isyn_exc", sampling_interval=interval)
    sim.run(12.0)
    found = collect.signal(cell, "isyn_exc")[1][:, 0]
    expected = current([[0.0, 3.0]], until=12.0)[:: round(interval / DT)]
    assert np.allclose(found, expected, rtol=0, atol=1e-12)
    sim.end()


@every
def test_segments_and_currents_are_counted_from_time_0(name):
    sim = backends.load(name)
    sources, cells, _ = network(sim, [[0.0, 5.0, 5.1]])
    sim.DCSource(amplitude=0.1, start=0.0, stop=2.0).inject_into(cells)
    sim.run(5.0)
    first = sources.get_data("spikes", clear=True).segments[0].spiketrains[0]
    sim.run(5.0)
    second = sources.get_data("spikes").segments[0].spiketrains[0]
    assert [np.asarray(t).tolist() for t in (first, second)] == [[0.0, 5.0], [5.1]]
    assert sim.get_current_time() == 10.0
    v = cells.get_data("v").segments[0].analogsignals[0]
    assert len(v) == 101
    # The current charges from the first step on; the spike arrives at 1 ms.
    rise = -65 + 0.1 * 20 / 1.0 * (1 - np.exp(-np.arange(11) * DT / 20))
    assert np.allclose(np.asarray(v)[:11, 0], rise, rtol=0, atol=1e-9)
    sim.end()


@every
@pytest.mark.filterwarnings("ignore:.*reset")
def test_spikes_of_time_0_come_again_after_reset(name):
    sim = backends.load(name)
    sources, cells, _ = network(sim, [[0.0, 0.0, 4.0]], t_flush=200.0)
    expected = current([[0.0, 0.0, 4.0]], until=8.0)
    for duration in (8.0, 7.3, 8.0):
        sim.run(duration)
        assert recorded_trains(sources) == [[0.0, 0.0, 4.0]]
        isyn = collect.signal(cells, "isyn_exc")[1][:, 0]
        assert np.allclose(isyn, expected[: len(isyn)], rtol=0, atol=1e-9)
        assert len(isyn) == round(duration / DT) + 1
        sim.reset()
    sim.end()


@every
def test_trains_may_be_given_anew_in_every_form(name):
    sim = backends.load(name)
    sources, cells, _ = network(sim, [[1.0], [2.0], [3.0]])
    sources.set(spike_times=np.array([[0.0, 0.0], [1.0, 4.0], [2.0, 2.0]]))
    sources[1:].set(spike_times=[[4.0], []])
    sources[2].spike_times = [0.0, 8.0]
    expected = [[0.0, 0.0], [4.0], [0.0, 8.0]]
    assert [t.value.tolist() for t in sources.get("spike_times", simplify=False)] == expected
    sim.run(20.0)
    assert recorded_trains(sources) == expected
    isyn = collect.signal(cells, "isyn_exc")[1][:, 0]
    assert np.allclose(isyn, current(expected), rtol=0, atol=1e-12)
    sim.end()


def plastic(sim, trains, delay, fraction):
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(
            tau_plus=20.0, tau_minus=30.0, A_plus=0.02, A_minus=0.012
        ),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=10.0),
        weight=5.0,
        delay=delay,
        dendritic_delay_fraction=fraction,
    )
    _, cells, projection = network(sim, trains, synapse)
    sim.run(20.0)
    return collect.spikes(cells)[1], collect.weights(projection, "transmitted")["weight"]


@every
@pytest.mark.parametrize(("delay", "fraction"), [(1.0, 1.0), (2.0, 0.5)])
def test_each_of_several_spikes_in_a_step_is_a_pair(name, delay, fraction):
    """The sums over all pairs, those of lag 0 left out."""
    trains = [[0.0, 0.0, 12.0, 12.0], [2.0, 2.0, 2.0, 6.0, 15.0]]
    fired, weights = plastic(backends.load(name), trains, delay, fraction)
    assert len(fired) > 1
    dendritic, axonal = delay * fraction, delay * (1 - fraction)
    for train, weight in zip(trains, weights, strict=True):
        pre, post = np.array(train) + axonal, fired + dendritic
        lag = np.round(pre[:, None] - post[None, :], 9)
        # As the last presynaptic spike carried it.
        before = post[None, :] <= pre[-1] + 1e-9
        down = np.where(lag > 0, 0.012 * np.exp(-lag / 30.0), 0.0)
        up = np.where((lag < 0) & before, 0.02 * np.exp(lag / 20.0), 0.0)
        assert weight == pytest.approx(5.0 + 10.0 * np.sum(up - down), abs=1e-9)


@pytest.mark.parametrize("name", [n for n in backends.names() if n != "nest"])
@pytest.mark.parametrize("tau_facil", [0.0, 50.0])
def test_short_term_plasticity_takes_each_of_several_spikes(name, tau_facil):
    """The second of two spikes in a step finds what the first has left."""
    sim = backends.load(name)
    synapse = sim.TsodyksMarkramSynapse(
        U=0.4, tau_rec=100.0, tau_facil=tau_facil, weight=WEIGHT, delay=DELAY
    )
    _, cells, _ = network(sim, [[0.0, 0.0]], synapse)
    sim.run(2.0)
    isyn = collect.signal(cells, "isyn_exc")[1][:, 0]
    # u is U, then U + U (1 - U) unless it is forgotten at once; x is 1, then 1 - U.
    u = 0.4 if tau_facil == 0 else 0.4 + 0.4 * 0.6
    assert isyn[10] == pytest.approx(WEIGHT * (0.4 + u * 0.6), abs=1e-12)


PROCESSES = {
    "SpikeSourcePoisson": {"rate": 16_000.0, "start": 5.0, "duration": 30.0},
    "SpikeSourcePoissonRefractory": {"rate": 150.0, "tau_refrac": 3.0, "start": 10.0},
    "SpikeSourceGamma": {"alpha": 2.5, "beta": 400.0, "duration": 70.0},
    "SpikeSourceInhGamma": {"a": [1.0, 3.0], "b": [0.005, 0.002], "tbins": [0.0, 50.0]},
}


def play(name, celltype, pieces=1, **parameters):
    sim = backends.load(name)
    sim.setup(timestep=DT, rng_seed=5)
    sources = sim.Population(30, getattr(sim, celltype)(**parameters))
    cells = sim.Population(30, sim.IF_curr_exp(), initial_values={"v": -65.0})
    synapse = sim.StaticSynapse(weight=0.3, delay=1.0)
    sim.Projection(sources, cells, sim.OneToOneConnector(), synapse)
    for population in (sources, cells):
        population.record("spikes")
    for _ in range(pieces):
        sim.run(100.0 / pieces)
    found = [*collect.spikes(sources), *collect.spikes(cells)]
    digest = collect.input_sha256(sim)
    sim.end()
    return found, digest


@pytest.mark.parametrize("celltype", PROCESSES)
def test_processes_are_the_same_on_every_backend(celltype):
    parameters = PROCESSES[celltype]
    found, digest = play("reference", celltype, **parameters)
    assert len(found[0]) > 100
    start = parameters.get("start", 0.0)
    assert found[1].min() > start and found[1].max() <= start + parameters.get("duration", 100.0)
    for name in backends.names():
        for pieces in (1, 4):
            same, of_inputs = play(name, celltype, pieces, **parameters)
            assert all(map(np.array_equal, same, found)) and of_inputs == digest


@every
def test_parameters_of_processes_are_a_sources_own(name):
    sim = backends.load(name)
    sim.setup(timestep=DT)
    sources = sim.Population(4, sim.SpikeSourceGamma(alpha=[1.0, 2.0, 3.0, 4.5], beta=300.0))
    refractory = sim.Population(2, sim.SpikeSourcePoissonRefractory(rate=50.0))
    changing = sim.Population(2, sim.SpikeSourceInhGamma(a=[1.0], b=[0.01], tbins=[0.0]))
    sources[1:3].set(beta=[100.0, 200.0])
    refractory.set(tau_refrac=lambda k: 2.0 + k)
    assert list(sources.get("alpha")) == [1.0, 2.0, 3.0, 4.5]
    assert list(sources.get("beta")) == [300.0, 100.0, 200.0, 300.0]
    assert list(refractory.get("tau_refrac")) == [2.0, 3.0]
    assert [one.value.tolist() for one in changing.get("b", simplify=False)] == [[0.01], [0.01]]
    sources.record("spikes")
    sim.run(50.0)
    sim.end()


@every
@pytest.mark.parametrize(
    ("celltype", "parameters", "message"),
    [
        ("SpikeSourcePoissonRefractory", {"rate": 500.0, "tau_refrac": 2.0}, "below 1 / rate"),
        ("SpikeSourceGamma", {"alpha": 0.0}, "alpha: 0; allowed: above 0"),
        ("SpikeSourceGamma", {"beta": -1.0}, "beta: -1; allowed: above 0 Hz"),
        ("SpikeSourceInhGamma", {"a": [0.5]}, "a: 0.5; allowed: 1 and above"),
        ("SpikeSourceInhGamma", {"a": [1.0, 2.0]}, "tbins: 1; allowed: as many times as values"),
    ],
)
def test_parameters_outside_their_range_are_refused(name, celltype, parameters, message):
    sim = backends.load(name)
    sim.setup(timestep=DT)
    with pytest.raises(Unsupported, match=message):
        sim.Population(2, getattr(sim, celltype)(**parameters))
