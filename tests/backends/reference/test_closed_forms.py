"""The reference against formulas, and against an integrator that is not its own."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from pipelines import backends

DT = 0.1
CELL = {
    "tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0,
    "tau_refrac": 2.0, "tau_syn_E": 5.0, "tau_syn_I": 5.0,
}  # fmt: skip
START = {"v": -65.0}


@pytest.fixture
def sim():
    module = backends.load("reference")
    module.setup(timestep=DT)
    return module


def cell(sim, kind="IF_curr_exp", n=1, **changes):
    celltype = getattr(sim, kind)
    known = celltype.default_parameters
    values = {name: value for name, value in (CELL | changes).items() if name in known}
    return sim.Population(n, celltype(**values), initial_values=START)


def synapse(sim, times, target, weight, delay=1.0, receptor_type="excitatory", kind=None):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    made = (kind or sim.StaticSynapse)(weight=weight, delay=delay)
    return sim.Projection(
        source, target, sim.AllToAllConnector(), made, receptor_type=receptor_type
    )


def signal(population, name):
    return population.get_data(name).segments[-1].filter(name=name)[0].magnitude[:, 0]


def spikes(population, neuron=0):
    return population.get_data("spikes").segments[-1].spiketrains[neuron].magnitude


def test_a_membrane_is_charged(sim):
    cells = cell(sim, i_offset=0.1)
    cells.record("v")
    sim.run(50.0)
    v = signal(cells, "v")
    assert len(v) == 501
    assert v[100] == pytest.approx(-61.852245277701, abs=1e-12)
    assert v == pytest.approx(-65 + 8 * (1 - np.exp(-np.arange(501) * DT / 20)), abs=1e-12)


@pytest.mark.parametrize(("tau_refrac", "interval"), [(2.0, 11.5), (0.1, 9.6), (0.25, 9.8)])
def test_spikes_are_stamped_at_the_end_of_their_step_and_hold_the_membrane(
    sim, tau_refrac, interval
):
    cells = cell(sim, i_offset=0.5, tau_refrac=tau_refrac)
    cells.record("spikes")
    sim.run(200.0)
    expected = np.arange(9.5, 200.01, interval)
    assert len(spikes(cells)) == len(expected) and spikes(cells) == pytest.approx(expected)


def test_a_source_spike_arrives_after_its_delay(sim):
    cells = cell(sim)
    synapse(sim, [10.0], cells, 1.0)
    cells.record(["v", "isyn_exc"])
    sim.run(15.0)
    assert list(signal(cells, "isyn_exc")[[109, 110]]) == [0.0, 1.0]
    assert signal(cells, "v")[[110, 111]] == pytest.approx([-65.0, -64.604965176375], abs=1e-12)


def test_a_synapse_may_be_as_slow_as_the_membrane(sim):
    cells = cell(sim, tau_syn_E=20.0)
    synapse(sim, [10.0], cells, 0.3)
    cells.record("v")
    sim.run(30.0)
    assert signal(cells, "v")[200] == pytest.approx(-65 + 1.2 * 9 * np.exp(-0.45), abs=1e-12)


def test_every_step_is_played_when_it_is_due(sim):
    times = np.round(np.arange(2, 401) * DT, 1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    source.record("spikes")
    sim.run(41.0)
    assert np.array_equal(spikes(source), times)


def test_another_time_step():
    sim = backends.load("reference")
    sim.setup(timestep=0.25)
    cells = cell(sim)
    synapse(sim, [10.25], cells, 1.5, delay=2.0)
    cells.record("isyn_exc")
    sim.run(15.0)
    assert list(signal(cells, "isyn_exc")[[48, 49]]) == [0.0, 1.5]


def test_an_alpha_current_peaks_at_its_weight(sim):
    cells = cell(sim, "IF_curr_alpha", tau_syn_I=3.0, v_thresh=1e3)
    synapse(sim, [10.0], cells, 0.7)
    synapse(sim, [10.0], cells, -0.4, receptor_type="inhibitory")
    cells.record(["isyn_exc", "isyn_inh"])
    sim.run(40.0)
    t = np.clip(np.arange(401) * DT - 11.0, 0, None)
    for name, weight, tau in (("isyn_exc", 0.7, 5.0), ("isyn_inh", -0.4, 3.0)):
        assert signal(cells, name) == pytest.approx(weight * t / tau * np.exp(1 - t / tau))


def test_a_potential_jumps_but_not_while_it_is_held(sim):
    cells = cell(sim, "IF_curr_delta")
    # The third brings it to threshold; what comes in the 20 steps after that is lost.
    synapse(sim, [9.0, 9.1, 9.2, 9.3, 11.2, 11.3], cells, 5.1)
    cells.record(["v", "spikes"])
    sim.run(20.0)
    decay = np.exp(-DT / 20)
    v = signal(cells, "v") + 65
    assert v[[100, 101]] == pytest.approx([5.1, 5.1 * decay + 5.1], abs=1e-12)
    assert list(spikes(cells)) == [10.2]
    assert v[102:124] == pytest.approx([0.0] * 21 + [5.1], abs=1e-12)


@pytest.mark.parametrize("kind", ["IF_cond_exp", "IF_cond_alpha"])
def test_conductances_follow_their_equations(sim, kind):
    changes = {"e_rev_E": 0.0, "e_rev_I": -70.0, "v_thresh": 0.0, "i_offset": 0.1}
    cells = cell(sim, kind, **changes)
    synapse(sim, [5.0, 6.0], cells, 0.02)
    synapse(sim, [12.0], cells, 0.03, receptor_type="inhibitory")
    cells.record(["v", "gsyn_exc", "gsyn_inh"])
    sim.run(30.0)
    alpha = kind == "IF_cond_alpha"

    def derivative(_, y):
        v, g = y[0], y[1:3]
        current = 0.1 - g @ (v - np.array([0.0, -70.0])) - 0.25 / 20 * (v + 65)
        rise = y[3:] if alpha else np.zeros(2)
        return [current / 0.25, *(rise - g / 5.0), *(-y[3:] / 5.0)]

    y, t = np.array([-65.0] + [0.0] * (4 if alpha else 2)), 0.0
    expected = {}
    kicks = {6.0: (0.02, 0.0), 7.0: (0.02, 0.0), 13.0: (0.0, 0.03), 30.0: (0.0, 0.0)}
    for time, weights in kicks.items():
        y = solve_ivp(derivative, (t, time), y, rtol=1e-10, atol=1e-12).y[:, -1]
        y[3:5] += np.multiply(weights, np.e / 5) if alpha else 0.0
        y[1:3] += 0.0 if alpha else weights
        t = time
        expected[round(time / DT)] = y[:3].copy()
    for step, values in expected.items():
        measured = [signal(cells, name)[step] for name in ("v", "gsyn_exc", "gsyn_inh")]
        assert measured == pytest.approx(values, rel=1e-6)


@pytest.mark.parametrize(
    ("U", "tau_rec", "tau_facil"), [(0.5, 100.0, 0.0), (0.2, 30.0, 300.0), (0.4, 5.0, 50.0)]
)
def test_short_term_plasticity_follows_its_equations(sim, U, tau_rec, tau_facil):
    # In the last case the resources recover as fast as the current decays.
    cells = cell(sim, v_thresh=1e3)
    times = [10.0, 20.0, 25.0, 27.0, 60.0]

    def kind(**values):
        return sim.TsodyksMarkramSynapse(U=U, tau_rec=tau_rec, tau_facil=tau_facil, **values)

    synapse(sim, times, cells, 2.0, kind=kind)
    cells.record("isyn_exc")
    sim.run(70.0)
    isyn = signal(cells, "isyn_exc")
    arrivals = np.rint(np.array(times) / DT).astype(int) + 10
    transmitted = isyn[arrivals] - isyn[arrivals - 1] * np.exp(-DT / 5)

    def derivative(_, y):
        x, y_, u = y
        still = 0.0 if tau_facil == 0 else -u / tau_facil
        return [(1 - x - y_) / tau_rec, -y_ / 5.0, still]

    state, last, expected = np.array([1.0, 0.0, 0.0]), times[0], []
    for time in times:
        if time > last:
            state = solve_ivp(derivative, (last, time), state, rtol=1e-11, atol=1e-13).y[:, -1]
        x, y, u = state
        u = U if tau_facil == 0 else u + U * (1 - u)
        state, last = np.array([x - u * x, y + u * x, u]), time
        expected.append(2.0 * u * x)
    assert transmitted == pytest.approx(expected, rel=1e-8)


def test_currents_act_when_they_are_due(sim):
    cells = cell(sim, n=3)
    made = [
        sim.DCSource(amplitude=0.1, start=10.0, stop=30.0),
        sim.StepCurrentSource(times=[10.0, 30.0], amplitudes=[0.1, 0.0]),
        sim.ACSource(amplitude=0.05, offset=0.1, frequency=50.0, phase=90.0, start=10.0, stop=30.0),
    ]
    for source, target in zip(made, cells, strict=True):
        source.inject_into([target])
        source.record()
    sim.run(40.0)
    steps = np.arange(401)
    on = (steps >= 100) & (steps < 300)
    wave = 0.1 + 0.05 * np.cos(2 * np.pi * 0.05 * (steps - 100) * DT)
    for source, expected in zip(made, (0.1 * on, 0.1 * on, wave * on), strict=True):
        data = source.get_data()
        assert data.magnitude[:, 0] == pytest.approx(expected, abs=1e-12)
        assert data.times.rescale("ms").magnitude == pytest.approx(steps * DT)
