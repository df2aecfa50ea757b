"""Code that was made before is found, and only where it is the same."""

import brian2
import numpy as np
import pytest
from brian2.groups import group as brian2_group
from brian2.synapses import synapses as brian2_synapses

from pipelines import backends
from pipelines.backends.brian2 import control, known_code, steps
from tests.backends.test_steps import pieces


@pytest.fixture(autouse=True)
def compiled(monkeypatch):
    monkeypatch.setitem(brian2.prefs, "codegen.target", "cython")
    monkeypatch.setattr(known_code, "_known", {})


@pytest.fixture
def made(monkeypatch):
    """Templates of the code that Brian2 makes."""
    real, found = brian2_group.create_runner_codeobj, []

    def create(group, code, template_name, *further, **named):
        found.append(template_name)
        return real(group, code, template_name, *further, **named)

    def create_named(*further, template_name=None, **named):
        if template_name is None:
            return create(*further, **named)
        return create(named.pop("group"), named.pop("code"), template_name, **named)

    for module in (brian2_group, brian2_synapses):
        monkeypatch.setattr(module, "create_runner_codeobj", create_named)
    return found


def test_a_network_like_the_last_one_needs_no_code(made):
    sim = backends.load("brian2")
    first = pieces(sim)
    assert {"stateupdate", "threshold", "reset", "synapses", "synapses_push_spikes"} <= set(made)
    made.clear()
    again = pieces(sim)
    assert made == []
    for (spikes, v), (their_spikes, their_v) in zip(first, again, strict=True):
        np.testing.assert_array_equal(spikes, their_spikes)
        np.testing.assert_array_equal(v, their_v)


def cells(sim, **parameters):
    """Spike times of two cells, each at a current of its own."""
    sim.setup(timestep=0.1)
    found = sim.Population(2, sim.IF_curr_exp(**parameters), initial_values={"v": -65.0})
    found.record("spikes")
    sim.run(60.0)
    trains = [np.asarray(train) for train in found.get_data().segments[0].spiketrains]
    sim.end()
    return trains


@pytest.mark.parametrize(
    ("parameters", "template"),
    [({"i_offset": [1.5, 1.6]}, None), ({"tau_refrac": [1.0, 3.0]}, "stateupdate")],
)
def test_other_values_need_other_code_only_where_the_code_is_another(made, parameters, template):
    sim = backends.load("brian2")
    usual = {"i_offset": 1.5, "tau_refrac": 1.0}
    cells(sim, **usual)
    made.clear()
    ours = cells(sim, **usual | parameters)
    assert made == ([] if template is None else [template])
    assert not np.array_equal(*ours)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(control, "quicker", lambda network: network)
        theirs = cells(sim, **usual | parameters)
    for train, their_train in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(train, their_train)


RATE = "dv/dt = -v * rate : 1\nrate : Hz"


def decay(equations=RATE, namespace=None):
    """Where an exponential decay has come to after 1 ms."""
    clock = brian2.Clock(0.1 * brian2.ms, name="of_decay")
    group = brian2.NeuronGroup(1, equations, method="exact", clock=clock, name="decaying")
    group.v = 1
    if "rate" in group.variables:
        group.rate = 200 * brian2.Hz
    network = steps.Network(group)
    network.clock = clock
    network.run(1 * brian2.ms, namespace=namespace or {})
    return float(group.v[0])


def test_constants_of_the_namespace_are_looked_at_each_time(made):
    for tau in (5.0, 10.0):
        found = decay("dv/dt = -v / tau : 1", {"tau": tau * brian2.ms})
        assert found == pytest.approx(np.exp(-1.0 / tau), rel=1e-12)
    assert made == ["stateupdate", "stateupdate"]


def test_other_preferences_need_other_code(made, monkeypatch):
    first = decay()
    assert decay() == first
    assert made == ["stateupdate"]
    monkeypatch.setitem(brian2.prefs, "codegen.loop_invariant_optimisations", False)
    assert decay() == pytest.approx(first, rel=1e-12)
    assert made == ["stateupdate", "stateupdate"]


def test_a_function_of_the_same_name_in_the_namespace_is_left_to_brian2(made):
    equations = "dv/dt = -v * rate * exp(0 * v) : 1\nrate : Hz"
    decay(equations)
    decay(equations)
    assert made == ["stateupdate"]
    decay(equations, {"exp": brian2.DEFAULT_FUNCTIONS["sin"]})
    assert made == ["stateupdate", "stateupdate"]


def test_little_is_kept_of_many_networks(monkeypatch):
    monkeypatch.setattr(known_code, "_MOST", 2)
    for k in range(4):
        decay(f"{RATE}\nw{k} : 1")
        assert 1 <= len(known_code._known) <= 2
