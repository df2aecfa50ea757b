"""What a PyNN script does with the reference: views, changes between runs, reset, refusals."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import Unsupported

DT = 0.1


@pytest.fixture
def sim():
    module = backends.load("reference")
    module.setup(timestep=DT)
    return module


def cells(sim, n=4, **changes):
    values = {"cm": 0.25, "tau_refrac": 2.0} | changes
    return sim.Population(n, sim.IF_curr_exp(**values), initial_values={"v": -65.0})


def times(population, segment=-1):
    trains = population.get_data("spikes").segments[segment].spiketrains
    return [list(np.round(train.magnitude, 4)) for train in trains]


def first_spike(current):
    """Of a membrane at rest, under a constant current (nA)."""
    return np.ceil(-20 * np.log(1 - 15 / (80 * current)) / DT) * DT


def test_views_and_assemblies_act_on_their_cells(sim):
    first, second = cells(sim), cells(sim, 2)
    both = first[1:3] + second
    both.set(i_offset=0.5)
    first[2:3].set(i_offset=0.4, tau_refrac=5.0)
    first[0].i_offset = 0.3
    assert list(first.get("i_offset")) == [0.3, 0.5, 0.4, 0.0]
    assert first[1:3].get("tau_refrac").tolist() == [2.0, 5.0]
    assert first[3].i_offset == 0.0
    first[0:2].initialize(v=[-60.0, -65.0])
    first.record(["spikes", "v"])
    second[1:2].record("spikes")
    sim.run(30.0)
    assert [train[:1] for train in times(first)[1:]] == [
        [pytest.approx(first_spike(0.5))], [pytest.approx(first_spike(0.4))], [],
    ]  # fmt: skip
    time_ms, v, neuron = collect.signal(first, "v")
    assert v.shape == (301, 4) and list(v[0]) == [-60.0, -65.0, -65.0, -65.0]
    assert time_ms[-1] == 30.0 and list(neuron) == [0, 1, 2, 3]
    assert set(collect.spikes(second)[0]) == {1}
    assert list(second.get_spike_counts().values()) == [len(times(second)[0])]


def test_a_run_in_pieces_is_the_whole_run(sim):
    def play(*pieces):
        sim.setup(timestep=DT, rng_seed=3)
        source = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))
        target = cells(sim)
        rule = sim.STDPMechanism(
            sim.SpikePairRule(), sim.AdditiveWeightDependence(0.0, 1.0),
            dendritic_delay_fraction=0.5, weight=0.3, delay=2.0,
        )  # fmt: skip
        plastic = sim.Projection(source, target, sim.AllToAllConnector(), rule)
        target.record(["spikes", "v"])
        for piece in pieces:
            sim.run(piece)
        return collect.spikes(target)[1], collect.signal(target, "v")[1], collect.weights(plastic)

    whole, parts = play(90.0), play(30.0, 0.1, 59.9)
    assert len(whole[0]) > 10
    assert np.array_equal(whole[0], parts[0]) and np.array_equal(whole[1], parts[1])
    assert np.array_equal(whole[2]["weight"], parts[2]["weight"])


def test_what_is_set_between_two_runs_shows_after_the_present(sim):
    population = cells(sim, 1)
    population.record("v")
    sim.run(1.0)
    population.initialize(v=-60.0)
    sim.run(1.0)
    v = collect.signal(population, "v")[1][:, 0]
    assert v[10] == -65.0 and v[11] == pytest.approx(-65 + 5 * np.exp(-DT / 20), abs=1e-12)


def test_a_weight_is_that_of_the_step_in_which_a_spike_is_sent(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 8.0]))
    target = cells(sim, 1)
    static = sim.Projection(
        source, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=4.0)
    )
    target.record("isyn_exc")
    sim.run(6.0)
    static.set(weight=0.25)
    assert collect.weights(static)["weight"] == [0.25]
    sim.run(7.0)
    isyn = collect.signal(target, "isyn_exc")[1][:, 0]
    assert isyn[90] == 0.5 and isyn[120] - isyn[119] * np.exp(-DT / 5) == pytest.approx(0.25)


def test_reset_begins_a_segment_with_everything_as_it_was(sim):
    source = sim.Population(2, sim.SpikeSourcePoisson(rate=50.0))
    target = cells(sim, 3, i_offset=0.5)
    rule = sim.STDPMechanism(
        sim.SpikePairRule(), sim.AdditiveWeightDependence(0.0, 1.0), weight=0.3
    )
    plastic = sim.Projection(source, target, sim.AllToAllConnector(), rule)
    target.record(["spikes", "v"])
    sim.run(60.0)
    changed = collect.weights(plastic)["weight"]
    assert not np.all(changed == 0.3)
    sim.reset()
    assert sim.get_current_time() == 0.0 and np.all(collect.weights(plastic)["weight"] == 0.3)
    sim.run(60.0)
    assert times(target, 0) == times(target, 1)
    assert np.array_equal(collect.weights(plastic)["weight"], changed)
    # PyNN's own leaves the first one empty.
    before, after = (one.analogsignals[0] for one in target.get_data("v").segments)
    assert before.shape == (601, 3) and np.array_equal(before.magnitude, after.magnitude)


def test_callbacks_are_called_when_they_asked_to_be(sim):
    cells(sim)
    called = {"often": [], "seldom": []}

    def often(t):
        called["often"].append(t)
        return t + DT

    def seldom(t):
        called["seldom"].append(t)
        return t + 7.0

    sim.run(20.0, callbacks=[often, seldom])
    assert called["often"] == list(np.round(np.arange(201) * DT, 1))
    assert called["seldom"] == [0.0, 7.0, 14.0]


def test_many_synapses_of_one_pair_keep_their_weights(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    target = cells(sim, 2)
    pairs = [(0, 1, 0.1, 1.0), (0, 1, 0.2, 1.0), (0, 0, 0.3, 2.0)]
    made = sim.Projection(
        source,
        target,
        sim.FromListConnector(pairs),
        sim.StaticSynapse(),
        receptor_type="excitatory",
    )
    assert sorted(made.get(["weight", "delay"], format="list")) == sorted(pairs)
    target.record("isyn_exc")
    sim.run(8.0)
    isyn = collect.signal(target, "isyn_exc")[1]
    assert isyn[60, 1] == pytest.approx(0.3) and isyn[70, 0] == pytest.approx(0.3)


@pytest.mark.parametrize("name", ["GIF_cond_exp", "ElectricalSynapse"])
def test_what_it_has_not_it_refuses_by_name(sim, name):
    with pytest.raises(
        Unsupported, match=f"{name}: the reference has no such model; allowed: .*(IF|Synapse)"
    ):
        getattr(sim, name)()


def test_no_other_name_is_there(sim):
    assert not hasattr(sim, "IF_curr_expp")
    assert {"IF_curr_exp", "IF_cond_alpha", "SpikeSourcePoisson"} <= set(sim.list_standard_models())
    assert "GIF_cond_exp" not in sim.list_standard_models()


def test_models_of_another_backend_are_refused(sim):
    from pyNN.standardmodels import cells as pynn_cells

    with pytest.raises(Unsupported, match="'alien': the cell type IF_curr_exp"):
        sim.Population(2, pynn_cells.IF_curr_exp(), label="alien")


def test_what_makes_no_sense_is_refused(sim):
    one = cells(sim)
    with pytest.raises(Unsupported, match=r"initial value of w in population .* no such state"):
        one.initialize(w=0.1)
    with pytest.raises(ValueError, match="2 ascending times from 0 on"):
        sim.StepCurrentSource(times=[5.0, 3.0], amplitudes=[0.1, 0.2])
    sim.run(5.0)
    with pytest.raises(ValueError, match="in the past"):
        sim.run_until(3.0)


@pytest.mark.parametrize(
    "celltype, held",
    [("IF_cond_exp", -60.0), ("IF_cond_exp_gsfa_grr", -60.0), ("IF_curr_exp", -70.0)],
)
def test_a_potential_that_is_set_while_the_membrane_is_held(sim, celltype, held):
    """NEST holds conductance-based cells at v_reset, and others at what was set."""
    neuron = getattr(sim, celltype)(i_offset=20.0, v_reset=-60.0, tau_refrac=2.0)
    cell = sim.Population(1, neuron)
    cell.record(["spikes", "v"])
    sim.run(1.0)
    assert len(times(cell)[0]) == 1
    cell.initialize(v=-70.0)
    sim.run(0.5)
    _, v, _ = collect.signal(cell, "v")
    assert list(v[-5:, 0]) == [held] * 5
