"""What every cell type does, against closed forms and fine integrations, on every backend."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from pipelines import backends
from tests.backends.cells import begin, celltype

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.usefixtures("interpreted"),
]

on_all = pytest.mark.parametrize("backend", backends.names())
DT = 0.1
# Cells with a leaky membrane and a fixed threshold.
LEAKY = ("IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "IF_cond_exp", "IF_cond_alpha",
         "IF_cond_exp_gsfa_grr", "LIF")  # fmt: skip


def leaky(sim, kind, **parameters):
    """Leaky cells of 0.25 nF and 10 ms, so of 40 MOhm, which do not adapt."""
    quiet = {"q_sfa": 0.0, "q_rr": 0.0} if kind == "IF_cond_exp_gsfa_grr" else {}
    of_all = {"cm": 0.25, "tau_m": 10.0, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0}
    return celltype(sim, kind, **(of_all | quiet | parameters))


def samples(population, variable):
    """A signal, in its own unit, of shape (samples, cells)."""
    segment = population.get_data(variable).segments[-1]
    return segment.filter(name=variable)[0]


def spikes(population):
    """Spikes of the first cell (ms)."""
    (train, *_) = population.get_data("spikes").segments[-1].spiketrains
    return train.rescale("ms").magnitude


def project(sim, times, target, weight, receptor, delay=1.0):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    synapse = sim.StaticSynapse(weight=weight, delay=delay)
    connector = sim.AllToAllConnector()
    return sim.Projection(source, target, connector, synapse, receptor_type=receptor)


@on_all
@pytest.mark.parametrize("kind", LEAKY)
def test_charging(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    currents = np.array([0.1, 0.3])
    cells = sim.Population(2, leaky(sim, kind, i_offset=currents))
    cells.initialize(v=[-65.0, -70.0])
    cells.record("v")
    sim.run(30.0)
    t = DT * np.arange(301)[:, None]
    level = -65.0 + 40.0 * currents
    right = level + (np.array([-65.0, -70.0]) - level) * np.exp(-t / 10.0)
    assert np.abs(samples(cells, "v").magnitude - right).max() < 1e-7


@on_all
@pytest.mark.parametrize("kind", LEAKY)
def test_firing_and_refractoriness(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    cells = sim.Population(1, leaky(sim, kind, i_offset=0.5, tau_refrac=2.0))
    cells.record(["spikes", "v"])
    sim.run(70.0)
    first = np.ceil(10.0 * np.log(20.0 / 5.0) / DT) * DT
    assert np.allclose(spikes(cells), first + (first + 2.0) * np.arange(4))
    at = round(first / DT)
    v = samples(cells, "v").magnitude[at : at + 22, 0]
    # The reset is the first of the samples at which the membrane is held.
    assert np.all(v[:21] == -65.0) and v[21] > -65.0


@on_all
def test_the_facets_hardware(backend):
    sim = backends.load(backend)
    begin(sim)
    cells = sim.Population(2, sim.IF_facets_hardware1(g_leak=40.0, v_reset=-65.0))
    cells.initialize(v=-65.0)
    for row, amplitude in enumerate((0.3, 0.6)):
        sim.DCSource(amplitude=amplitude).inject_into(cells[row : row + 1])
    cells.record(["spikes", "v"])
    sim.run(30.0)
    t = DT * np.arange(301)
    # 0.2 nF and 40 nS are 5 ms and 25 MOhm; the threshold is 10 mV above rest.
    right = -65.0 + 7.5 * -np.expm1(-t / 5.0)
    assert np.abs(samples(cells, "v").magnitude[:, 0] - right).max() < 1e-7
    first = np.ceil(5.0 * np.log(15.0 / 5.0) / DT) * DT
    trains = cells.get_data("spikes").segments[-1].spiketrains
    times = next(t for t in trains if t.annotations["source_index"] == 1).magnitude
    assert np.allclose(times, first + (first + 1.0) * np.arange(len(times))) and len(times) > 3


def exponential(s, tau):
    return np.where(s > -1e-9, np.exp(-np.maximum(s, 0.0) / tau), 0.0)


def alpha(s, tau):
    s = np.maximum(s, 0.0)
    return s / tau * np.exp(1 - s / tau)


def beta(s, rise, decay):
    s = np.maximum(s, 0.0)
    peak = rise * decay / (decay - rise) * np.log(decay / rise)

    def form(s):
        return np.exp(-s / decay) - np.exp(-s / rise)

    return form(s) / form(peak)


# Parameters, whether what arrives is a current, and its form for each receptor.
RECEPTORS = {
    "IF_curr_exp": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, exponential),
    "IF_curr_alpha": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, alpha),
    "IF_cond_exp": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, exponential),
    "IF_cond_alpha": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, alpha),
    "IF_cond_exp_gsfa_grr": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, exponential),
    "IF_facets_hardware1": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, exponential),
    "EIF_cond_exp_isfa_ista": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, exponential),
    "EIF_cond_alpha_isfa_ista": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, alpha),
    "HH_cond_exp": ({"tau_syn_E": 3.0, "tau_syn_I": 7.0}, exponential),
    "LIF": ({"AMPA.tau_syn": 3.0, "GABA.tau_syn": 7.0}, exponential),
    "AdExp with alpha": ({"AMPA.tau_syn": 3.0, "GABA.tau_syn": 7.0}, alpha),
    "AdExp with beta": ({"AMPA.tau_rise": 1.0, "AMPA.tau_decay": 3.0, "GABA.tau_rise": 2.0,
                         "GABA.tau_decay": 7.0}, beta),
}  # fmt: skip


@on_all
@pytest.mark.parametrize("kind", RECEPTORS)
def test_each_receptor(backend, kind):
    sim = backends.load(backend)
    parameters, form = RECEPTORS[kind]
    # Spikes of the cell itself, and what drives it, do not matter here.
    begin(sim)
    cells = sim.Population(2, celltype(sim, kind, **parameters))
    currents = "curr" in kind or kind == "LIF"
    named = " with " in kind or kind == "LIF"
    receptors = ("AMPA", "GABA") if named else ("excitatory", "inhibitory")
    weights = (0.3, -0.2) if currents else (0.004, 0.007)
    for weight, receptor in zip(weights, receptors, strict=True):
        # Two of them at once.
        for times in ([5.0, 9.0], [9.0]):
            project(sim, times, cells, weight, receptor)
    names = {
        receptor: f"{receptor}.{'isyn' if currents else 'gsyn'}"
        if named
        else f"{'isyn' if currents else 'gsyn'}_{receptor[:3]}"
        for receptor in receptors
    }
    cells.record(list(names.values()))
    sim.run(25.0)
    t = DT * np.arange(251)
    values = list(parameters.values())
    each = (values[:2], values[2:]) if form is beta else (values[:1], values[1:])
    for receptor, weight, taus in zip(receptors, weights, each, strict=True):
        right = weight * (form(t - 6.0, *taus) + 2 * form(t - 10.0, *taus))
        got = samples(cells, names[receptor]).rescale("nA" if currents else "uS").magnitude
        assert np.abs(got - right[:, None]).max() < 1e-6 * abs(weight)


@on_all
@pytest.mark.parametrize("kind", ["IF_curr_exp", "LIF"])
def test_simultaneous_excitation_and_inhibition_add_up(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    taus = {"tau_syn_E": 8.0, "tau_syn_I": 2.0}
    labels = ("excitatory", "inhibitory")
    if kind == "LIF":
        taus, labels = {"AMPA.tau_syn": 8.0, "GABA.tau_syn": 2.0}, ("AMPA", "GABA")
    parameters = {"tau_m": 20.0, "cm": 1.0, "v_thresh": 1000.0, "i_offset": 0.0}
    cells = sim.Population(2, leaky(sim, kind, **parameters, **taus))
    for weight, label in zip((1.5, -1.5), labels, strict=True):
        project(sim, [10.0, 14.0], cells, weight, label)
    cells.record("v")
    sim.run(60.0)

    def response(s, tau):
        s = np.maximum(s, 0.0)
        return 1.5 / (1 / tau - 1 / 20.0) * (np.exp(-s / 20.0) - np.exp(-s / tau))

    t = DT * np.arange(601)
    right = -65.0 + sum(response(t - on, 8.0) - response(t - on, 2.0) for on in (11.0, 15.0))
    assert np.abs(samples(cells, "v").magnitude - right[:, None]).max() < 1e-9


@on_all
@pytest.mark.parametrize("kind", ["IF_cond_exp", "IF_cond_alpha"])
def test_the_membrane_under_a_conductance(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    parameters = {"tau_syn_E": 1.5, "tau_syn_I": 4.0, "e_rev_I": -80.0, "v_thresh": 0.0}
    cells = sim.Population(1, leaky(sim, kind, i_offset=0.1, **parameters))
    project(sim, [10.0], cells, 0.05, "excitatory")
    project(sim, [20.0], cells, 0.04, "inhibitory")
    cells.record("v")
    sim.run(40.0)
    form = alpha if kind == "IF_cond_alpha" else exponential

    def derivative(t, v):
        inward = 0.05 * form(t - 11.0, 1.5) * -v + 0.04 * form(t - 21.0, 4.0) * (-80.0 - v)
        return (-65.0 - v) / 10.0 + (inward + 0.1) / 0.25

    right = [-65.0]
    # From one arrival to the next, as the derivative jumps there.
    for start, stop in ((0.0, 11.0), (11.0, 21.0), (21.0, 40.0)):
        t = np.linspace(start, stop, round((stop - start) / DT) + 1)
        inside = np.nextafter(stop, start) if form is exponential else stop
        t_eval = np.append(t[1:-1], inside - 1e-6 * (form is exponential))
        span = (start, t_eval[-1])
        found = solve_ivp(derivative, span, [right[-1]], t_eval=t_eval, rtol=1e-10, atol=1e-10)
        right += found.y[0].tolist()
    assert np.abs(samples(cells, "v").magnitude[:, 0] - right).max() < 1e-4


@on_all
def test_conductances_of_adaptation(backend):
    sim = backends.load(backend)
    begin(sim)
    adapting = {"q_sfa": 15.0, "tau_sfa": 60.0, "q_rr": 300.0, "tau_rr": 3.0}
    cells = sim.Population(1, leaky(sim, "IF_cond_exp_gsfa_grr", i_offset=1.0, **adapting))
    cells.record(["spikes", "v", "g_s", "g_r"])
    sim.run(100.0)
    times = spikes(cells)
    assert len(times) > 3 and np.diff(times)[-1] > times[0] + 3
    t = DT * np.arange(1001)
    for variable, quantum, tau in (("g_s", 15.0, 60.0), ("g_r", 300.0, 3.0)):
        right = sum(quantum * exponential(t - time, tau) for time in times)
        signal = samples(cells, variable)
        assert signal.units.dimensionality.string == "nS"
        assert np.abs(signal.magnitude[:, 0] - right).max() < 1e-6 * quantum
    v = samples(cells, "v").magnitude[:, 0]
    # Where it is not refractory, the membrane is driven by these conductances.
    k = round(times[-1] / DT) + 30
    g_s, g_r = (samples(cells, name).magnitude[k, 0] * 1e-3 for name in ("g_s", "g_r"))
    slope = (-(v[k] + 65.0) / 10.0) + (1.0 + (g_s + g_r) * (-75.0 - v[k])) / 0.25
    assert (v[k + 1] - v[k - 1]) / (2 * DT) == pytest.approx(slope, rel=1e-3)


def settled(current, a):
    """Potential (mV) and adaptation (nA) at which an adaptive exponential cell settles."""
    conductance, low, high = 0.281 / 9.3667, -70.6, -50.4
    for _ in range(200):
        v = 0.5 * (low + high)
        onset = 2.0 * np.exp((v + 50.4) / 2.0)
        moves = conductance * (onset - (v + 70.6)) - a * (v + 70.6) + current
        low, high = (v, high) if moves > 0 else (low, v)
    return v, a * (v + 70.6)


ADAPTIVE = ("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista", "AdExp with alpha")


@on_all
@pytest.mark.parametrize("kind", ADAPTIVE)
def test_the_level_of_adaptation(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    currents, a = [0.1, 0.3], [4.0, 40.0]
    cells = sim.Population(2, celltype(sim, kind, i_offset=currents, a=a, tau_w=20.0))
    cells.record(["v", "w"])
    sim.run(300.0)
    right = np.array([settled(i, 1e-3 * x) for i, x in zip(currents, a, strict=True)])
    assert np.abs(samples(cells, "v").magnitude[-1] - right[:, 0]).max() < 0.02
    assert np.abs(samples(cells, "w").rescale("nA").magnitude[-1] - right[:, 1]).max() < 2e-4


@on_all
@pytest.mark.parametrize("kind", ADAPTIVE)
def test_adaptation_by_spikes(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    cells = sim.Population(1, celltype(sim, kind, i_offset=1.5, a=0.0, b=0.05, tau_w=30.0))
    cells.record(["spikes", "w"])
    sim.run(40.0)
    times = spikes(cells)
    assert len(times) > 3
    t = DT * np.arange(401)
    w = samples(cells, "w").magnitude[:, 0]
    # A spike is somewhere within the step at whose end it is stamped.
    latest = sum(0.05 * exponential(t - x, 30.0) for x in times)
    assert np.all((w >= latest * np.exp(-DT / 30.0) - 1e-7) & (w <= latest + 1e-7))


@on_all
@pytest.mark.parametrize("kind", ADAPTIVE)
def test_adaptive_cells_without_an_exponential(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    parameters = {
        "delta_T": 0.0, "a": 0.0, "b": 0.0, "cm": 0.2, "tau_m": 10.0, "v_rest": -70.0,
        "v_reset": -70.0, "v_thresh": -50.0, "v_spike": -50.0, "tau_refrac": 0.1, "i_offset": 0.8,
    }  # fmt: skip
    cells = sim.Population(1, celltype(sim, kind, **parameters))
    cells.initialize(v=-70.0)
    cells.record("spikes")
    sim.run(60.0)
    first = 10.0 * np.log(2.0)
    times = spikes(cells)
    assert abs(times[0] - first) <= DT
    assert len(times) > 6 and np.all(np.abs(np.diff(times) - (first + 0.1)) <= 1.5 * DT)


@on_all
def test_one_spike_for_each_action_potential(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.05, min_delay=0.1)
    cells = sim.Population(1, sim.HH_cond_exp(i_offset=1.0))
    target = sim.Population(1, sim.IF_cond_exp(v_thresh=1000.0, tau_syn_E=0.1))
    synapse = sim.StaticSynapse(weight=0.001, delay=1.0)
    sim.Projection(cells, target, sim.OneToOneConnector(), synapse)
    cells.record(["v", "spikes"])
    target.record("gsyn_exc")
    sim.run(60.0)
    v = samples(cells, "v").magnitude[:, 0]
    peaks = np.sum((v[1:] >= 0) & (v[:-1] < 0))
    assert peaks > 5 and len(spikes(cells)) == peaks
    arrived = samples(target, "gsyn_exc").magnitude[:, 0]
    jumps = np.flatnonzero(np.diff(arrived) > 0.0005) + 1
    late = spikes(cells) + 1.0
    assert np.allclose(0.05 * jumps, late[late <= 60.0])


def fine_izhikevich(current_pa):
    v, u, step, found = -70.0, -14.0, 1e-3, []
    for k in range(100_000):
        dv = 0.04 * v * v + 5 * v + 140 - u + current_pa
        v, u = v + step * dv, u + step * 0.02 * (0.2 * v - u)
        if v >= 30:
            found.append(k * step)
            v, u = -65.0, u + 2.0
    return found


@on_all
def test_izhikevich_cells(backend):
    sim = backends.load(backend)
    begin(sim)
    cells = sim.Population(3, sim.Izhikevich(i_offset=[0.01, 0.006, 0.0]))
    cells.initialize(v=-70.0, u=-14.0)
    project(sim, [20.0], cells[2:3], 5.0, "excitatory")
    cells.record(["spikes", "v"])
    sim.run(100.0)
    trains = cells.get_data("spikes").segments[-1].spiketrains
    by_cell = {int(train.annotations["source_index"]): train.magnitude for train in trains}
    for cell, current in ((0, 10.0), (1, 6.0)):
        right = fine_izhikevich(current)
        assert len(right) > 1
        assert abs(by_cell[cell][0] - right[0]) <= 0.5
        assert abs(len(by_cell[cell]) - len(right)) <= 1
    v = samples(cells, "v").magnitude[:, 2]
    assert v[150] == pytest.approx(-70.0, abs=0.01)
    assert np.diff(v).max() == pytest.approx(5.0, abs=0.1) and v[210] - v[209] > 4


@on_all
def test_a_spike_to_a_refractory_cell_of_jumps_is_lost(backend):
    sim = backends.load(backend)
    begin(sim)
    cells = sim.Population(1, sim.IF_curr_delta(v_reset=-70.0, tau_refrac=5.0))
    cells.initialize(v=-65.0)
    for time, weight in ((10.0, 30.0), (12.0, 40.0), (18.0, 2.0)):
        project(sim, [time], cells, weight, "excitatory")
    cells.record(["v", "spikes"])
    sim.run(30.0)
    assert np.allclose(spikes(cells), [11.0])
    t, v = DT * np.arange(301), samples(cells, "v").magnitude[:, 0]
    assert np.all(v[:110] == -65.0) and np.all(v[110:161] == -70.0)
    free = -65.0 - 5.0 * np.exp(-(t - 16.0) / 20.0)
    free += np.where(t > 19.0 - 1e-9, 2.0 * np.exp(-(t - 19.0) / 20.0), 0.0)
    assert np.abs(v[161:] - free[161:]).max() < 1e-9


@on_all
@pytest.mark.parametrize(
    "kind", ["IF_cond_exp", "IF_facets_hardware1", "EIF_cond_exp_isfa_ista", "HH_cond_exp"]
)
def test_inhibitory_conductances_are_positive_and_stay_inhibitory(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    own = {} if kind == "IF_facets_hardware1" else {"i_offset": 0.0}
    cells = sim.Population(3, celltype(sim, kind, tau_syn_I=5.0, e_rev_I=-90.0, **own))
    made = project(sim, [10.0], cells, 0.5, "inhibitory")
    assert np.allclose(made.get("weight", format="array"), 0.5)
    weights = np.array([[0.01, 0.02, 0.03]])
    made.set(weight=weights)
    assert np.allclose(made.get("weight", format="array"), weights)
    cells.record(["v", "gsyn_inh", "gsyn_exc"])
    sim.run(20.0)
    g, v = samples(cells, "gsyn_inh").rescale("uS").magnitude, samples(cells, "v").magnitude
    assert np.allclose(g.max(axis=0), weights[0])
    assert np.all(samples(cells, "gsyn_exc").magnitude == 0)
    assert np.all(np.diff(v[150]) < 0) and np.all(v[150] < v[109] - 0.05)


@on_all
def test_weights_onto_an_assembly_of_cells_of_jumps_are_in_mv(backend):
    sim = backends.load(backend)
    begin(sim)
    cells = [sim.Population(1, sim.IF_curr_delta()) for _ in range(2)]
    project(sim, [5.0], sim.Assembly(*cells), 3.0, "excitatory")
    for one in cells:
        one.record("v")
    sim.run(8.0)
    assert all(samples(one, "v").magnitude[60, 0] == pytest.approx(-62.0) for one in cells)
