"""NEST told and asked without its Python layer's detours: the same nodes, handles and messages."""

import nest
import numpy as np
import pytest
from pyNN.parameters import Sequence

from pipelines import backends
from pipelines.backends.nest import synapse_models
from pipelines.backends.nest.cell_creation import set_status
from pipelines.errors import Unsupported

pytestmark = pytest.mark.slow


@pytest.fixture
def sim():
    module = backends.load("nest")
    module.setup(timestep=0.1)
    return module


def test_nodes_are_told_what_set_would_tell_them(sim):
    told, usual = nest.Create("iaf_psc_exp", 3), nest.Create("iaf_psc_exp", 3)
    set_status(told, {"tau_m": 12.0, "V_m": -61.0})
    usual.set({"tau_m": 12.0, "V_m": -61.0})
    each = [{"I_e": 1.0}, {"I_e": 2.0}, {"I_e": 3.0}]
    set_status(told, each)
    usual.set(each)
    ours, theirs = told.get(), usual.get()
    assert ours["I_e"] == (1.0, 2.0, 3.0)
    assert all(ours[name] == theirs[name] for name in ("tau_m", "V_m", "I_e", "tau_minus"))


def test_what_nest_refuses_is_said(sim):
    nodes = nest.Create("iaf_psc_exp", 2)
    with pytest.raises(nest.NESTError, match="Capacitance"):
        set_status(nodes, {"C_m": -1.0})
    with pytest.raises(nest.NESTError):
        set_status(nodes, {"no_such_parameter": 1.0})


@pytest.mark.parametrize("backend", ["nest", "brian2"])
def test_the_time_is_that_of_the_script_whatever_the_simulator_has_done(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.25, t_flush=100.0) if backend == "nest" else sim.setup(timestep=0.25)
    assert sim.get_time_step() == 0.25
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0))
    cells.record("spikes")
    times = [sim.get_current_time()]
    sim.run(0.0)
    for duration in (10.0, 2.5):
        sim.run(duration)
        times.append(sim.get_current_time())
        # On NEST, reading goes beyond the present.
        cells.get_data()
        times.append(sim.get_current_time())
    sim.reset()
    times.append(sim.get_current_time())
    sim.run(5.0)
    times.append(sim.get_current_time())
    assert times == [0.0, 10.0, 10.0, 12.5, 12.5, 0.0, 5.0]
    sim.setup(timestep=0.1)
    assert sim.get_current_time() == 0.0
    assert sim.get_time_step() == 0.1


def test_an_initial_value_that_nest_lets_nobody_set_is_refused(sim):
    with pytest.raises(Unsupported, match=r"initial value of isyn_exc .* has no way to set it"):
        sim.Population(2, sim.IF_curr_exp(), initial_values={"isyn_exc": 0.5})


@pytest.mark.parametrize("model", ["IF_curr_exp", "IF_cond_alpha", "HH_cond_exp", "Izhikevich"])
def test_initial_values_of_every_kind_arrive(sim, model):
    given = {"one": -63.0, "list": [-61.0, -62.0, -63.0]}
    for value in given.values():
        cells = sim.Population(3, getattr(sim, model)(), initial_values={"v": value})
        assert np.array_equal(cells.node_collection.get("V_m"), np.broadcast_to(value, 3))


def test_a_cell_has_its_handle_when_asked(sim):
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=[10.0, 20.0, 30.0]))
    assert cells[1].local
    assert cells[1].node_collection.get("tau_m") == 20.0
    cells[1].tau_m = 25.0
    assert cells.get("tau_m").tolist() == [10.0, 25.0, 30.0]


def test_making_sources_leaves_their_trains_as_they_were_given(sim):
    trains = [Sequence([5.0, 7.0]), Sequence([6.0])]
    celltype = sim.SpikeSourceArray(spike_times=trains)
    sources = [sim.Population(2, celltype) for _ in range(2)]
    for population in sources:
        assert [train.value.tolist() for train in population.get("spike_times")] == [[5, 7], [6]]
    assert [train.value.tolist() for train in trains] == [[5, 7], [6]]


def test_connections_are_read_some_at_a_time(sim, monkeypatch):
    monkeypatch.setattr(synapse_models, "_MAX_HANDLES", 3)
    monkeypatch.setattr(synapse_models, "_MAX_LISTED", 2)
    cells = nest.Create("parrot_neuron", 3)
    nest.Connect(cells, cells[:2], syn_spec={"synapse_model": "static_synapse", "weight": 9.0})
    model = synapse_models.SynapseModel("static_synapse", "of_its_own", {"weight": 2.0})
    sources, targets = np.repeat([1, 2, 3], 2), np.tile([1, 2], 3)
    model.connect(sources, targets, {"weight": 2.0})
    some = list(model.handle_blocks(6, targets))
    assert [len(handles) for handles in some] == [3, 3]
    found = [
        synapse_models.get_attributes(handles, ["source", "target", "weight"]) for handles in some
    ]
    assert [one["target"].tolist() for one in found] == [[1] * 3, [2] * 3]
    assert all(sorted(one["source"]) == [1, 2, 3] for one in found)
    synapse_models.set_attributes(some[1], {"weight": np.array([3.0, 4.0, 5.0])})
    weights = [
        synapse_models.get_attributes(handles, ["weight"])["weight"].tolist() for handles in some
    ]
    assert weights == [[2.0] * 3, [3.0, 4.0, 5.0]]
    model.remove(6, targets)
    assert nest.num_connections == 6
