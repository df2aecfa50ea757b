"""What a script changes between two runs, against closed forms.

`test_phase_programs` has more of them, in other orders, against the reference backend.

A change acts from the present on, and the sample of the present shows the state before it. After
`reset()` states and weights are those of time 0, parameters stay as they were set, and every
segment keeps its data.
"""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import Unsupported

DT = 0.1
BACKENDS = ["nest", "brian2", "reference"]


@pytest.fixture(params=BACKENDS)
def sim(request, interpreted):
    module = backends.load(request.param)
    module.setup(timestep=DT)
    yield module
    module.end()


def membranes(sim, n=3, **parameters):
    """Cells that are charged by currents and do not fire: tau_m 20 ms, 80 MOhm."""
    cell = {"tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_thresh": 0.0}
    cells = sim.Population(n, sim.IF_curr_exp(**cell | parameters), initial_values={"v": -65.0})
    cells.record("v")
    return cells


def adders(sim, n=1):
    """Cells of which a weight (mV) moves the membrane, and nothing else."""
    cell = sim.IF_curr_delta(tau_m=1e9, cm=1.0, v_rest=0.0, v_thresh=1e6, v_reset=0.0)
    cells = sim.Population(n, cell, initial_values={"v": 0.0})
    cells.record("v")
    return cells


def source(sim, *times):
    return sim.Population(1, sim.SpikeSourceArray(spike_times=list(times)))


def v_of(cells, segment=-1):
    return np.asarray(cells.get_data("v").segments[segment].analogsignals[0].magnitude)


def arrivals(cells, segment=-1):
    """Times (ms) at which weights arrived at the first cell, and the weights (mV)."""
    moved = np.diff(v_of(cells, segment)[:, 0])
    steps = np.flatnonzero(np.abs(moved) > 1e-6)
    return np.round((steps + 1) * DT, 6).tolist(), moved[steps]


def charged(start, end, nA, since):
    """Membrane after `start`, charged by a current for the time since, at samples until `end`."""
    times = np.arange(round(since / DT), round(end / DT) + 1) * DT - since
    return -65 + 80 * nA + (start + 65 - 80 * nA) * np.exp(-times / 20)


# Cells.


def test_parameters_of_populations_views_assemblies_and_cells(sim):
    cells, others = membranes(sim), membranes(sim, 2)
    sim.run(5.0)
    cells[0:1].set(i_offset=0.1)
    cells[1].i_offset = 0.2
    sim.Assembly(cells[2:3], others).set(i_offset=0.3)
    sim.run(5.0)
    expected = [0.1, 0.2, 0.3]
    before, after = v_of(cells)[:51], v_of(cells)[50:]
    np.testing.assert_allclose(before, -65.0, rtol=0, atol=1e-9)
    for k, nA in enumerate(expected):
        np.testing.assert_allclose(after[:, k], charged(-65, 10, nA, 5), rtol=0, atol=1e-9)
    np.testing.assert_allclose(v_of(others)[50:, 1], charged(-65, 10, 0.3, 5), rtol=0, atol=1e-9)


def test_states_of_populations_views_and_cells(sim):
    cells = membranes(sim)
    sim.run(5.0)
    cells.initialize(v=-60.0)
    sim.run(5.0)
    cells[1:3].initialize(v=np.array([-70.0, -50.0]))
    cells[1].set_initial_value("v", -55.0)
    sim.run(5.0)
    v = v_of(cells)
    np.testing.assert_allclose(v[:51], -65.0, rtol=0, atol=1e-9)
    np.testing.assert_allclose(v[51:101, 1], charged(-60, 10, 0, 5)[1:], rtol=0, atol=1e-9)
    for k, start in ((1, -55.0), (2, -50.0)):
        np.testing.assert_allclose(v[101:, k], charged(start, 15, 0, 10)[1:], rtol=0, atol=1e-9)
    np.testing.assert_allclose(v[51:, 0], charged(-60, 15, 0, 5)[1:], rtol=0, atol=1e-9)
    sim.reset()
    sim.run(0.1)
    np.testing.assert_allclose(v_of(cells)[0], [-60.0, -55.0, -50.0], rtol=0, atol=1e-9)


def test_currents_that_are_injected_changed_and_stopped(sim):
    cells = membranes(sim)
    first = sim.DCSource(amplitude=0.1, start=0.0, stop=100.0)
    first.inject_into(cells)
    sim.run(10.0)
    second = sim.DCSource(amplitude=0.2, start=3.0, stop=100.0)
    second.inject_into(cells[1:2])
    first.set_parameters(amplitude=0.3)
    sim.run(10.0)
    first.stop = 20.0
    second.set_parameters(amplitude=0.0)
    sim.run(10.0)
    v = v_of(cells)
    for k, extra in ((0, 0.0), (1, 0.2)):
        one = charged(-65, 10, 0.1, 0)
        two = charged(one[-1], 20, 0.3 + extra, 10)
        three = charged(two[-1], 30, 0.0, 20)
        expected = np.concatenate([one, two[1:], three[1:]])
        np.testing.assert_allclose(v[:, k], expected, rtol=0, atol=1e-9)


# Sources and weights.


def test_spike_times_that_are_past_are_not_played(sim):
    spikes, cells = source(sim, 2.0, 12.0), adders(sim)
    weights = sim.StaticSynapse(weight=1.0, delay=1.0)
    sim.Projection(spikes, cells, sim.AllToAllConnector(), weights, receptor_type="excitatory")
    sim.run(10.0)
    spikes.set(spike_times=[5.0, 10.0, 11.0, 11.0, 14.0])
    sim.run(10.0)
    times, sizes = arrivals(cells)
    assert times == [3.0, 12.0, 15.0]
    np.testing.assert_allclose(sizes, [1.0, 2.0, 1.0])


@pytest.mark.parametrize("plastic", [False, True])
def test_a_weight_is_that_of_spikes_from_then_on(sim, plastic):
    """A plastic weight leaves the synapse when the spike is there; all of the delay comes later."""
    spikes, cells = source(sim, 2.0, 9.5, 10.5), adders(sim)
    synapse = sim.StaticSynapse(weight=1.0, delay=2.0)
    if plastic:
        synapse = additive(sim, weight=1.0, delay=2.0, A_plus=0.0, A_minus=0.0)
    projection = sim.Projection(
        spikes, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory"
    )
    sim.run(10.0)
    assert projection.get("weight", format="array").tolist() == [[1.0]]
    projection.set(weight=np.array([[3.0]]))
    assert projection.get("weight", format="array").tolist() == [[3.0]]
    sim.run(10.0)
    times, sizes = arrivals(cells)
    assert times == [4.0, 11.5, 12.5]
    np.testing.assert_allclose(sizes, [1.0, 1.0, 3.0])


def test_a_rate_of_zero_silences_a_source(sim):
    sources = sim.Population(3, sim.SpikeSourcePoisson(rate=2000.0))
    sources.record("spikes")
    sim.run(20.0)
    sources[0:2].set(rate=0.0)
    sim.run(20.0)
    neuron, time = collect.spikes(sources)
    late = neuron[time > 20.0]
    assert set(neuron[time <= 20.0]) == {0, 1, 2}
    assert set(late) == {2} and 15 < len(late) < 80


# Plasticity.


def additive(sim, weight=1.0, delay=1.0, **parameters):
    parameters = {"tau_plus": 20.0, "tau_minus": 30.0, "A_plus": 0.05, "A_minus": 0.0} | parameters
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**parameters),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=4.0),
        weight=weight,
        delay=delay,
    )


def pair(sim, pre, post, **parameters):
    """A plastic synapse, of which both neurons spike when they are told to."""
    forced = sim.Population(1, sim.IF_curr_delta(tau_refrac=DT), initial_values={"v": -65.0})
    forced.record("spikes")
    # A spike in the step in which it arrives.
    kick = sim.StaticSynapse(weight=50.0, delay=DT)
    trigger = source(sim, *(time - DT for time in post))
    sim.Projection(trigger, forced, sim.AllToAllConnector(), kick, receptor_type="excitatory")
    pre = source(sim, *pre)
    synapse = additive(sim, **parameters)
    return sim.Projection(pre, forced, sim.AllToAllConnector(), synapse, receptor_type="excitatory")


def weight_of(projection):
    return projection.get("weight", format="array")[0, 0]


def test_learning_is_frozen_and_goes_on(sim):
    """Each presynaptic spike shows the potentiation by the pairs before it."""
    synapse = pair(sim, [10.0, 30.0, 50.0, 70.0], [15.0, 35.0, 55.0], tau_plus=5.0)
    per_pair = 4 * 0.05 * np.exp(-6.0 / 5.0)  # lag at the synapse 6 ms
    once = np.exp(-20.0 / 5.0)  # of the traces of earlier presynaptic spikes
    sim.run(32.0)
    assert weight_of(synapse) == pytest.approx(1 + per_pair, rel=1e-9)
    synapse.set(A_plus=0.0)
    sim.run(20.0)
    assert weight_of(synapse) == pytest.approx(1 + per_pair, rel=1e-9)
    synapse.set(A_plus=0.05)
    sim.run(20.0)
    third = per_pair * (1 + once + once**2)
    assert weight_of(synapse) == pytest.approx(1 + per_pair + third, rel=1e-9)


def test_a_trace_decays_with_the_time_constant_of_the_time(sim):
    synapse = pair(sim, [10.0, 60.0], [40.0])
    sim.run(30.0)
    synapse.set(tau_plus=10.0)
    sim.run(40.0)
    # At the synapse, the spikes of 10 and 40 ms are there at 10 and 41 ms.
    grown = 4 * 0.05 * np.exp(-20 / 20 - 11 / 10)
    assert weight_of(synapse) == pytest.approx(1 + grown, rel=1e-9)


def test_a_bound_that_is_lowered(sim):
    """A weight beyond it comes down to it at the next potentiation; A_plus is in units of it."""
    synapse = pair(sim, [10.0, 30.0, 50.0], [15.0, 35.0], tau_plus=5.0, weight=1.0)
    sim.run(20.0)
    synapse.set(w_max=1.1, weight=1.05)
    sim.run(20.0)
    assert weight_of(synapse) == pytest.approx(1.05, rel=1e-9)
    sim.run(20.0)
    assert weight_of(synapse) == pytest.approx(
        1.05 + 1.1 * 0.05 * np.exp(-6 / 5) * (1 + np.exp(-4)), rel=1e-9
    )


def test_short_term_plasticity_of_other_parameters(sim):
    """Of cells whose potential jumps, what a spike used comes back with tau_rec at once."""
    spikes, cells = source(sim, 10.0, 40.0), adders(sim)
    synapse = sim.TsodyksMarkramSynapse(U=0.4, tau_rec=50.0, tau_facil=0.0, weight=1.0, delay=1.0)
    projection = sim.Projection(
        spikes, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory"
    )
    sim.run(20.0)
    projection.set(U=0.7, tau_rec=80.0)
    sim.run(30.0)
    times, sizes = arrivals(cells)
    assert times == [11.0, 41.0]
    recovered = 1 - 0.4 * np.exp(-10 / 50 - 20 / 80)
    np.testing.assert_allclose(sizes, [0.4, 0.7 * recovered], rtol=1e-7)


# Reset.


def test_weights_are_those_of_time_0_and_parameters_stay(sim):
    synapse = pair(sim, [10.0, 30.0], [15.0], tau_plus=5.0)
    static = sim.Projection(
        source(sim, 2.0), adders(sim), sim.AllToAllConnector(),
        sim.StaticSynapse(weight=1.0, delay=1.0), receptor_type="excitatory",
    )  # fmt: skip
    grown = 4 * 0.05 * np.exp(-6 / 5)
    for factor, start in ((1, 1.0), (2, 1.0), (2, 0.5)):
        sim.run(40.0)
        assert weight_of(synapse) == pytest.approx(start + factor * grown, rel=1e-9)
        static.set(weight=5.0)
        synapse.set(A_plus=0.1, weight=3.0)
        sim.reset()
        assert weight_of(static) == 1.0
        assert weight_of(synapse) == pytest.approx(start, rel=1e-12)
        if factor == 2:
            synapse.set(weight=0.5)


def test_spikes_under_way_are_gone(sim):
    spikes, cells = source(sim, 9.0), adders(sim)
    for synapse in (sim.StaticSynapse(weight=1.0, delay=5.0), additive(sim, delay=5.0)):
        sim.Projection(spikes, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    sim.run(10.0)
    sim.reset()
    spikes.set(spike_times=[2.0])
    sim.run(20.0)
    times, sizes = arrivals(cells)
    assert times == [7.0]
    np.testing.assert_allclose(sizes, [2.0])


def test_every_segment_keeps_its_data(sim):
    cells, spikes = membranes(sim), source(sim, 2.0, 6.0)
    spikes.record("spikes")
    for nA, length in ((0.1, 5.0), (0.2, 10.0), (0.3, 7.0)):
        cells.set(i_offset=nA)
        sim.run(length)
        sim.reset()
    spikes.set(spike_times=[1.0])
    cells.set(i_offset=0.0)
    sim.run(3.0)
    for _ in range(2):
        lengths = [len(one.analogsignals[0]) for one in cells.get_data("v").segments]
        assert lengths == [51, 101, 71, 31]
        assert v_of(cells, 1)[-1] == pytest.approx(charged(-65, 10, 0.2, 0)[-1])
    trains = [one.spiketrains[0].tolist() for one in spikes.get_data(clear=True).segments]
    assert trains == [[2.0], [2.0, 6.0], [2.0, 6.0], [1.0]]
    sim.run(3.0)
    sim.reset()
    sim.run(2.0)
    trains = [one.spiketrains[0].tolist() for one in spikes.get_data().segments]
    assert trains[-1] == [1.0] and [2.0] not in trains


def test_a_weight_that_is_set_at_the_start_is_that_of_a_reset_before_the_first_step(sim):
    synapse = pair(sim, [10.0], [15.0])
    sim.run(0.0)
    synapse.set(weight=2.0)
    sim.reset()
    assert weight_of(synapse) == 2.0


# Recording.


def test_signals_that_are_recorded_later(sim):
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=20.0, cm=0.25, v_thresh=0.0, i_offset=0.1))
    cells.initialize(v=-65.0)
    cells[1:2].record("v")
    sim.run(5.0)
    cells[0:2].record(["v", "isyn_exc"])
    sim.run(5.0)
    block = cells.get_data().segments[0]
    (v,) = block.filter(name="v")
    (isyn,) = block.filter(name="isyn_exc")
    expected = charged(-65, 10, 0.1, 0)
    assert v.t_start == 0.0 and len(v) == 101
    np.testing.assert_allclose(v.magnitude[:, 1], expected, rtol=0, atol=1e-9)
    assert np.isnan(v.magnitude[:51, 0]).all()
    np.testing.assert_allclose(v.magnitude[51:, 0], expected[51:], rtol=0, atol=1e-9)
    assert float(isyn.t_start) == pytest.approx(5.1) and isyn.shape == (50, 2)
    times, values, neuron = collect.signal(cells[0:1], "v")
    assert times[0] == 5.1 and len(times) == 50 and neuron.tolist() == [0]
    np.testing.assert_allclose(values[:, 0], expected[51:], rtol=0, atol=1e-9)
    sim.reset()
    sim.run(5.0)
    (v,) = cells.get_data().segments[1].filter(name="v")
    assert v.shape == (51, 2) and not np.isnan(v.magnitude).any()


def test_a_sampling_interval_of_later(sim):
    cells = sim.Population(1, sim.IF_curr_exp(tau_m=20.0, cm=0.25, v_thresh=0.0, i_offset=0.1))
    cells.initialize(v=-65.0)
    sim.run(4.3)
    cells.record("v", sampling_interval=0.5)
    sim.run(4.0)
    (v,) = cells.get_data().segments[0].analogsignals
    assert np.round(v.times.magnitude, 6).tolist() == np.arange(4.5, 8.1, 0.5).tolist()
    expected = charged(-65, 8, 0.1, 0)[45::5]
    np.testing.assert_allclose(v.magnitude[:, 0], expected, rtol=0, atol=1e-9)


# Refused.


@pytest.mark.parametrize("name", ["delay", "dendritic_delay_fraction"])
def test_delays_are_refused_and_the_way_out_works(sim, name):
    spikes, cells = source(sim, 2.0, 12.0), adders(sim)
    synapse = additive(sim, delay=4.0, A_plus=0.0)
    projection = sim.Projection(
        spikes, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory"
    )
    sim.run(10.0)
    with pytest.raises(Unsupported, match=rf"{name} once .* or after reset\(\)"):
        projection.set(**{name: 0.5})
    sim.run(10.0)
    assert arrivals(cells)[0] == [6.0, 16.0]
    sim.reset()
    projection.set(**{name: 0.5})
    assert np.all(projection.get(name, format="array") == 0.5)
    sim.run(10.0)
    assert arrivals(cells)[0] == [2.5 if name == "delay" else 6.0]


def test_a_run_of_no_time_leaves_the_start_open(sim):
    """What is set and recorded at time 0 after it is there from time 0 on."""
    cells = membranes(sim, 2)
    sim.run(0.0)
    cells.initialize(v=-60.0)
    cells.record("isyn_exc")
    sim.run(5.0)
    block = cells.get_data().segments[0]
    (v,), (isyn,) = (block.filter(name=name) for name in ("v", "isyn_exc"))
    assert len(v) == len(isyn) == 51
    np.testing.assert_allclose(v.magnitude[:, 1], charged(-60, 5, 0, 0), rtol=0, atol=1e-9)


def test_recording_is_given_up_and_begins_again(sim):
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=20.0, cm=0.25, v_thresh=0.0, i_offset=0.1))
    cells.initialize(v=-65.0)
    cells.record("v")
    sim.run(5.0)
    cells.record(None)
    sim.run(5.0)
    cells[1:3].record("v")
    sim.run(5.0)
    (v,) = cells.get_data().segments[0].analogsignals
    assert float(v.t_start) == pytest.approx(10.1) and v.shape == (50, 2)
    expected = charged(-65, 15, 0.1, 0)[101:]
    np.testing.assert_allclose(v.magnitude[:, 0], expected, rtol=0, atol=1e-9)
