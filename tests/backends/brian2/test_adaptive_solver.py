"""Compiled steps of cells: what they leave behind, voltage jumps, and what they refuse."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.backends.brian2 import adaptive_solver
from pipelines.errors import BadInput, Unsupported

pytestmark = pytest.mark.usefixtures("interpreted")

DT = 0.1
DRIVEN = {
    "IF_cond_exp": ({"i_offset": 1.0, "cm": 0.5, "tau_refrac": 2.0}, ("v", "gsyn_exc")),
    "IF_cond_exp_gsfa_grr": ({"i_offset": 1.0, "tau_refrac": 2.0}, ("v", "g_s", "g_r")),
    "EIF_cond_alpha_isfa_ista": ({"i_offset": 1.0}, ("v", "w", "gsyn_exc")),
    "HH_cond_exp": ({"i_offset": 0.5}, ("v", "m", "h", "n")),
    "Izhikevich": ({"i_offset": 0.01}, ("v", "u")),
    "IF_curr_delta": ({"i_offset": 1.0, "cm": 0.5, "tau_refrac": 2.0}, ("v",)),
}


def driven(sim, name):
    """Two cells that fire, the second driven by the first, and all that is recorded of them."""
    parameters, variables = DRIVEN[name]
    sim.setup(timestep=DT)
    cells = sim.Population(2, getattr(sim, name)(**parameters))
    weight = 0.01 if cells.conductance_based else 2.0
    synapse = sim.StaticSynapse(weight=weight, delay=0.3)
    sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), synapse)
    cells.record(["spikes", *variables])
    return cells, variables


def record_of(cells, variables):
    rows, times = collect.spikes(cells)
    signals = [collect.signal(cells, variable)[1] for variable in variables]
    return np.asarray(rows), np.asarray(times), signals


def assert_equal(one, other):
    assert len(one[0]) > 1
    for found, right in zip([*one[:2], *one[2]], [*other[:2], *other[2]], strict=True):
        np.testing.assert_array_equal(found, right)


@pytest.mark.parametrize("name", DRIVEN)
def test_a_run_in_pieces_and_one_after_a_reset_are_the_same_to_the_last_bit(name):
    sim = backends.load("brian2")
    cells, variables = driven(sim, name)
    sim.run(30.0)
    whole = record_of(cells, variables)
    sim.reset()
    for length in (0.1, 13.2, 16.7):
        sim.run(length)
    assert_equal(record_of(cells, variables), whole)


@pytest.mark.parametrize("delay", [0.1, 0.2, 3.0])
@pytest.mark.parametrize("name", ["IF_curr_delta", "Izhikevich"])
def test_a_jump_over_the_threshold_makes_a_spike_in_the_step_of_its_arrival(name, delay):
    sim = backends.load("brian2")
    sim.setup(timestep=DT)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
    cells = sim.Population(3, getattr(sim, name)())
    cells.record("spikes")
    synapse = sim.StaticSynapse(weight=200.0, delay=delay)
    inputs = [
        sim.Projection(source, cells[0:1], sim.AllToAllConnector(), synapse),
        sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), synapse),
        sim.Projection(cells[1:2], cells[2:3], sim.AllToAllConnector(), synapse),
    ]
    assert all(one.get("delay", format="list")[0][2] == delay for one in inputs)
    sim.run(30.0)
    assert all(one.get("delay", format="list")[0][2] == delay for one in inputs)
    rows, times = collect.spikes(cells)
    assert np.asarray(rows).tolist() == [0, 1, 2]
    np.testing.assert_allclose(times, 10.0 + delay * np.arange(1, 4), rtol=0, atol=1e-9)


def test_what_is_on_its_way_to_a_jump_keeps_its_weight_and_goes_at_a_reset():
    sim = backends.load("brian2")
    sim.setup(timestep=DT)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 1.5]))
    cell = sim.Population(1, sim.IF_curr_delta(tau_m=1e9), initial_values={"v": -65.0})
    cell.record("v")
    synapse = sim.StaticSynapse(weight=1.0, delay=0.4)
    jumps = sim.Projection(source, cell, sim.AllToAllConnector(), synapse)

    def play():
        jumps.set(weight=1.0)
        sim.run(1.2)
        jumps.set(weight=5.0)  # the first spike is under way
        sim.run(1.0)
        return collect.signal(cell, "v")[1][:, 0]

    once = play()
    for step, v in ((13, -65.0), (14, -64.0), (18, -64.0), (19, -59.0)):
        assert once[step] == pytest.approx(v, abs=1e-6)
    sim.reset()
    jumps.set(weight=1.0)
    sim.run(1.3)  # until the step before the arrival
    sim.reset()
    np.testing.assert_array_equal(play(), once)


def test_what_arrives_in_the_last_step_of_a_run_is_of_the_state_then():
    sim = backends.load("brian2")
    sim.setup(timestep=DT)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cell = sim.Population(1, sim.IF_cond_exp(tau_syn_E=1e9))
    cell.record("gsyn_exc")
    synapse = sim.StaticSynapse(weight=0.5, delay=0.5)
    sim.Projection(source, cell, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    sim.run(1.5)
    assert collect.signal(cell, "gsyn_exc")[1][-2:, 0].tolist() == [0.0, 0.5]
    cell.initialize(gsyn_exc=0.25)
    sim.run(0.1)
    assert collect.signal(cell, "gsyn_exc")[1][-1, 0] == pytest.approx(0.25)


def composed(sim, neuron, receptor, **parameters):
    """Two cells, one of them composed of a membrane and receptors, with the same parameters."""
    shared = {"tau_refrac": 2.0, "i_offset": 0.6} | parameters
    own = {"e_rev_E": -5.0, "e_rev_I": -90.0, "tau_syn_E": 3.0, "tau_syn_I": 6.0}
    if neuron == "LIF":
        shared |= {"cm": 0.3}
    make = getattr(sim, receptor)
    return shared | own, sim.PointNeuron(
        getattr(sim, neuron)(**shared),
        excitatory=make(e_syn=-5.0, tau_syn=3.0),
        inhibitory=make(e_syn=-90.0, tau_syn=6.0),
    )


@pytest.mark.parametrize(
    ("name", "neuron", "receptor"),
    [
        ("IF_cond_exp", "LIF", "ExpPSR"),
        ("IF_cond_alpha", "LIF", "AlphaPSR"),
        ("EIF_cond_exp_isfa_ista", "AdExp", "ExpPSR"),
        ("EIF_cond_alpha_isfa_ista", "AdExp", "AlphaPSR"),
    ],
)
def test_a_composed_cell_is_the_cell_type_of_the_same_equations(name, neuron, receptor):
    sim = backends.load("brian2")
    sim.setup(timestep=DT)
    parameters, made = composed(sim, neuron, receptor)
    both = [sim.Population(1, kind) for kind in (getattr(sim, name)(**parameters), made)]
    times = [np.arange(5.0, 60.0, interval) for interval in (3.0, 7.0)]
    for receptor_type, train in zip(("excitatory", "inhibitory"), times, strict=True):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=train))
        synapse = sim.StaticSynapse(weight=0.02, delay=1.0)
        for cell in both:
            connector = sim.AllToAllConnector()
            sim.Projection(source, cell, connector, synapse, receptor_type=receptor_type)
    for cell in both:
        cell.initialize(v=-68.0)
        cell.record(["spikes", "v"])
    sim.run(60.0)
    (_, one), (_, other) = (collect.spikes(cell) for cell in both)
    assert len(one) > 2 and np.array_equal(one, other)
    v = [collect.signal(cell, "v")[1] for cell in both]
    np.testing.assert_allclose(v[1], v[0], rtol=0, atol=1e-5 if neuron == "AdExp" else 1e-10)


def test_more_receptors_than_there_is_room_for_are_refused():
    sim = backends.load("brian2")
    receptors = {f"r{k}": sim.AlphaPSR() for k in range(17)}
    with pytest.raises(Unsupported, match="17 receptors"):
        sim.PointNeuron(sim.AdExp(), **receptors)


def test_two_spikes_in_a_step_and_a_state_without_bounds_are_refused():
    sim = backends.load("brian2")
    for parameters, error, words in (
        ({"tau_refrac": 0.0, "i_offset": 1e4}, Unsupported, "twice"),
        ({"i_offset": -1e3}, BadInput, "without bounds"),
    ):
        sim.setup(timestep=DT)
        sim.Population(2, sim.EIF_cond_exp_isfa_ista(**parameters))
        with pytest.raises(error, match=words):
            sim.run(20.0)


def test_without_a_compiler_cells_are_refused(monkeypatch):
    def fail(*_, **__):
        raise OSError("no g++")

    sim = backends.load("brian2")
    adaptive_solver.compiled_steps.cache_clear()
    monkeypatch.setattr(adaptive_solver.cython_extension_manager, "create_extension", fail)
    sim.setup(timestep=DT)
    sim.Population(1, sim.IF_cond_exp())
    with pytest.raises(Unsupported, match=r"compiled \(no g\+\+\).*IF_curr_exp"):
        sim.run(1.0)
    adaptive_solver.compiled_steps.cache_clear()
