"""What NEST does late is read and written in time: every rule and construct as on the reference."""

import nest
import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.backends.nest.pending_events import read_after_delivery
from pipelines.backends.nest.potentiation import spike_steps
from pipelines.errors import Unsupported

pytestmark = pytest.mark.slow

DT = 0.1
PAIR = {"tau_plus": 15.0, "tau_minus": 25.0, "A_plus": 0.06, "A_minus": 0.05}


def mechanism(sim, rule, **options):
    """A plastic synapse with a rule by name."""
    dependences = {
        "multiplicative": sim.MultiplicativeWeightDependence(w_min=0.0, w_max=1.0),
        "gutig": sim.GutigWeightDependence(w_min=0.0, w_max=1.0, mu_plus=0.3, mu_minus=0.7),
    }
    timings = {
        "nearest": sim.NearestNeighbourSymmetricRule(**PAIR),
        "centred": sim.PresynapticCentredRule(**PAIR),
        "reduced": sim.ReducedSymmetricRule(**PAIR),
        "triplet": sim.TripletRule(A_plus=0.02, A_plus_triplet=0.03),
        "vogels": sim.Vogels2011Rule(tau=20.0, eta=0.03, rho=0.01),
    }
    w_min = options.pop("w_min", 0.0)
    additive = sim.AdditiveWeightDependence(w_min=w_min, w_max=1.0)
    return sim.STDPMechanism(
        timing_dependence=timings.get(rule, sim.SpikePairRule(**PAIR)),
        weight_dependence=dependences.get(rule, additive),
        **{"weight": 0.5, "delay": 1.2} | options,
    )


def network(sim, rule="additive", **options):
    """Driven cells with plastic synapses: the cells and the plastic projection."""
    sim.setup(timestep=DT, rng_seed=2)
    sources = sim.Population(6, sim.SpikeSourcePoisson(rate=60.0), label="sources")
    cells = sim.Population(4, sim.IF_curr_exp(i_offset=0.85, tau_refrac=2.0), label="cells")
    cells.initialize(v=[-60.0, -55.0, -65.0, -52.0])
    plastic = sim.Projection(
        sources, cells, sim.AllToAllConnector(), mechanism(sim, rule, **options),
        receptor_type="excitatory",
    )  # fmt: skip
    cells.record(["spikes", "v"])
    return cells, plastic


def data(cells, plastic, label=""):
    return {
        f"{label} spikes": np.column_stack(collect.spikes(cells)),
        f"{label} v": collect.signal(cells, "v")[1],
        f"{label} weight": collect.weights(plastic)["weight"],
        f"{label} now": collect.weights(plastic, when="now")["weight"],
    }


def compare(script, *arguments):
    found, right = (script(backends.load(name), *arguments) for name in ("nest", "reference"))
    assert found.keys() == right.keys()
    for key, values in right.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-9, atol=1e-9, err_msg=key)
    return right


RULES = ["additive", "multiplicative", "gutig", "nearest", "centred", "reduced", "triplet",
         "vogels"]  # fmt: skip


def weights_set_between_runs(sim, rule, options):
    cells, plastic = network(sim, rule, **options)
    found = {}
    for phase, factor in enumerate((0.9, 1.1, 0.7, 1.0)):
        sim.run(20.0)
        found |= data(cells, plastic, f"{phase} read")
        plastic.set(weight=factor * plastic.get("weight_now", format="array"))
        found |= data(cells, plastic, f"{phase} set")
        cells.set(i_offset=0.85 + 0.05 * phase)
    sim.run(20.0)
    return found | data(cells, plastic)


@pytest.mark.parametrize("rule", RULES)
def test_weights_of_every_rule_are_set_between_runs(rule):
    right = compare(weights_set_between_runs, rule, {})
    assert len(right[" spikes"]) > 15
    assert np.any(right[" now"] != right[" weight"])


@pytest.mark.parametrize(
    "options",
    [
        {"dendritic_delay_fraction": 0.5, "delay": 2.0},
        {"w_min": 0.2},
        {"weight": np.linspace(0.2, 0.8, 24).reshape(6, 4)},
    ],
    ids=["axonal delays", "w_min", "different weights"],
)
def test_weights_of_every_kind_of_synapse_are_set_between_runs(options):
    compare(weights_set_between_runs, "additive", options)


def nearly_no_weights(sim, rule):
    """Less than the potentiation that NEST has still to add."""
    cells, plastic = network(sim, rule)
    found = {}
    for _ in range(4):
        sim.run(15.0)
        plastic.set(weight=0.001)
        found |= data(cells, plastic, "set")
        sim.run(5.0)
        plastic.set(weight=0.0)
    sim.run(20.0)
    return found | data(cells, plastic)


@pytest.mark.parametrize("rule", ["additive", "multiplicative", "gutig", "nearest", "reduced"])
def test_weights_below_the_potentiation_that_is_to_come(rule):
    compare(nearly_no_weights, rule)


@pytest.mark.parametrize("rule", ["triplet", "vogels"])
def test_such_weights_of_other_rules_are_refused_and_larger_ones_taken(rule):
    sim = backends.load("nest")
    _, plastic = network(sim, rule)
    sim.run(40.0)
    before = collect.weights(plastic, when="now")["weight"]
    with pytest.raises(Unsupported, match=r"less than the potentiation .*: larger weights"):
        plastic.set(weight=1e-6)
    np.testing.assert_array_equal(collect.weights(plastic, when="now")["weight"], before)
    plastic.set(weight=0.5)
    np.testing.assert_allclose(collect.weights(plastic, when="now")["weight"], 0.5, rtol=1e-12)


CHANGES = {
    "triplet": [{"A_plus": 0.0, "A_plus_triplet": 0.0}, {"A_minus": 0.0, "tau_plus": 25.0},
                {"A_plus": 0.03, "tau_plus_triplet": 60.0},
                {"A_minus": 0.02, "A_minus_triplet": 0.03}],
    "vogels": [{"eta": 0.0}, {"eta": 0.05}, {"rho": 0.02}],
    "nearest": [{"A_plus": 0.0, "A_minus": 0.0}, {"A_plus": 0.1}, {"w_max": 1.5}],
    "additive": [{"A_plus": 0.0, "A_minus": 0.0}, {"A_plus": 0.1, "tau_plus": 30.0},
                 {"w_max": 1.5, "A_minus": 0.02}, {"A_minus": 0.04}],
    "gutig": [{"A_minus": 0.02}, {"mu_minus": 0.2}],
}  # fmt: skip


def rules_set_between_runs(sim, rule):
    cells, plastic = network(sim, rule)
    found = {}
    for phase, change in enumerate(CHANGES[rule]):
        sim.run(20.0)
        plastic.set(**change)
        found |= data(cells, plastic, f"{phase}")
        for name in change:
            found[f"{phase} {name}"] = plastic.get(name, format="array")
        sim.run(3.0)
        found |= data(cells, plastic, f"{phase} later")
    sim.run(20.0)
    return found | data(cells, plastic)


@pytest.mark.parametrize("rule", CHANGES)
def test_parameters_of_rules_are_set_between_runs(rule):
    compare(rules_set_between_runs, rule)


@pytest.mark.parametrize(
    ("rule", "name"), [("additive", "tau_minus"), ("nearest", "tau_plus"), ("additive", "w_min")]
)
def test_what_nest_cannot_set_is_refused_before_anything_is_lost_and_set_after_reset(rule, name):
    sim = backends.load("nest")
    _, plastic = network(sim, rule)
    sim.run(20.0)
    before = collect.weights(plastic)
    with pytest.raises(Unsupported, match=rf"at 20 ms on NEST: set\({name}\).*after reset\(\)"):
        plastic.set(**{name: 0.3})
    after = collect.weights(plastic)
    assert all(np.array_equal(after[key], before[key]) for key in before)
    sim.reset()
    plastic.set(**{name: 0.3})
    assert np.all(plastic.get(name, format="array") == 0.3)
    sim.run(20.0)


@pytest.mark.parametrize(
    ("rule", "off", "on"),
    [
        ("triplet", {"A_plus": 0.0, "A_plus_triplet": 0.0}, {"A_plus": 0.3}),
        ("vogels", {"eta": 0.0}, {"eta": 0.3}),
    ],
)
def test_amplitudes_that_small_weights_cannot_take_are_refused_and_larger_weights_can(
    rule, off, on
):
    sim = backends.load("nest")
    _, plastic = network(sim, rule, weight=0.0)
    plastic.set(**off)
    sim.run(40.0)
    with pytest.raises(Unsupported, match=r"at 40 ms .*less than the potentiation .*: amplitudes"):
        plastic.set(**on)
    for name in on:
        assert np.all(plastic.get(name, format="array") == 0.0)
    assert np.all(collect.weights(plastic, when="now")["weight"] == 0.0)
    plastic.set(weight=0.9)
    plastic.set(**on)
    np.testing.assert_allclose(collect.weights(plastic, when="now")["weight"], 0.9, rtol=1e-12)


def silent_until_the_target_falls(sim):
    """Plasticity that is off for a target out of reach, from weights of 0."""
    cells, plastic = network(sim, "vogels", weight=0.0)
    plastic.set(rho=1.0)
    sim.run(40.0)
    found = data(cells, plastic, "off")
    plastic.set(rho=0.01)
    sim.run(60.0)
    return found | data(cells, plastic, "on")


def test_weights_of_nothing_grow_from_when_the_target_falls():
    right = compare(silent_until_the_target_falls)
    assert np.all(right["off weight"] == 0.0) and right["on weight"].max() > 0.01


def largest_weights_by_late_potentiation(sim):
    cells, plastic = network(sim, "vogels", weight=0.0)
    plastic.set(w_max=0.02, rho=1.0)
    sim.run(40.0)
    now = {"now": collect.weights(plastic, when="now")["weight"]}
    plastic.set(rho=0.01)
    sim.run(20.0)
    return now | data(cells, plastic)


def test_the_largest_weight_needs_no_smaller_one_that_leads_to_it():
    right = compare(largest_weights_by_late_potentiation)
    assert right["now"].max() == pytest.approx(0.02, rel=1e-12)


def short_term_set_between_runs(sim, first, second):
    """Resources that are used every few ms, and parameters that change soon after a spike."""
    sim.setup(timestep=DT)
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=[2.0, 9.0, 13.0, 24.0, 30.0]))
    cells = sim.Population(2, sim.IF_curr_exp(tau_syn_E=0.5, v_thresh=1e3), label="cells")
    synapse = sim.TsodyksMarkramSynapse(U=0.3, tau_rec=80.0, tau_facil=60.0, weight=2.0, delay=1.0)
    projection = sim.Projection(
        sources, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory"
    )
    cells.record("v")
    found = {}
    for change in (first, second, {}):
        sim.run(14.3)
        if change:
            projection.set(**change)
        for name in change:
            found[f"{name} {change}"] = projection.get(name, format="array")
    return found | {"v": collect.signal(cells, "v")[1]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"U": 0.7}, {"U": 0.2, "weight": 1.0}),
        ({"tau_facil": 5.0}, {"tau_facil": 0.0}),
        ({"tau_facil": 1.0, "U": 0.6}, {"tau_facil": 100.0}),
        ({"tau_rec": 30.0}, {"tau_rec": 10.0, "U": 0.5}),
    ],
)
def test_parameters_of_short_term_plasticity_are_set_between_runs(first, second):
    right = compare(short_term_set_between_runs, first, second)
    assert np.ptp(right["v"]) > 0.5


def test_a_slower_recovery_soon_after_a_spike_is_refused_and_later_it_is_not():
    sim = backends.load("nest")
    sim.setup(timestep=DT)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0]))
    cell = sim.Population(1, sim.IF_curr_exp(tau_syn_E=10.0))
    synapse = sim.TsodyksMarkramSynapse(U=0.3, tau_rec=80.0, weight=2.0, delay=1.0)
    projection = sim.Projection(source, cell, sim.AllToAllConnector(), synapse)
    sim.run(5.0)
    with pytest.raises(Unsupported, match=r"set\(tau_rec\) so soon after .* later"):
        projection.set(tau_rec=200.0)
    assert projection.get("tau_rec", format="array") == 80.0
    sim.run(400.0)
    projection.set(tau_rec=200.0)
    assert projection.get("tau_rec", format="array") == 200.0


def everything_reset(sim, rule, options):
    """A network of all kinds of parts, of which much is changed, goes back to time 0 twice."""
    cells, plastic = network(sim, rule, **options)
    depressing = sim.TsodyksMarkramSynapse(U=0.4, tau_rec=60.0, weight=0.6, delay=1.5)
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=[0.0, 3.0, 19.5]))
    sim.Projection(sources, cells, sim.AllToAllConnector(), depressing, receptor_type="excitatory")
    mutual = sim.Projection(
        cells, cells[1:3], sim.FixedProbabilityConnector(0.7),
        sim.StaticSynapse(weight=-0.5, delay=2.5), receptor_type="inhibitory",
    )  # fmt: skip
    current = sim.StepCurrentSource(times=[2.0, 8.0], amplitudes=[0.2, -0.1])
    current.inject_into(cells[0:2])
    conductances = sim.Population(2, sim.HH_cond_exp(i_offset=1.0))
    conductances.record(["spikes", "v"])
    found = {}
    for segment in range(3):
        sim.run(20.0)
        found |= data(cells, plastic, f"{segment}")
        found[f"{segment} HH"] = np.column_stack(collect.spikes(conductances))
        if segment == 0:
            plastic.set(weight=0.9)
            mutual.set(weight=-1.0)
            cells.set(tau_m=12.0)
        sim.run(10.0)
        sim.reset()
        found[f"{segment} weight after reset"] = collect.weights(plastic)["weight"]
        found[f"{segment} static after reset"] = collect.weights(mutual)["weight"]
        cells[2:].set(i_offset=1.2)
    trains = [one.spiketrains for one in cells.get_data("spikes").segments]
    found["trains"] = np.concatenate([train.magnitude for one in trains for train in one])
    return found


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("additive", {}),
        ("nearest", {"weight": np.linspace(0.2, 0.8, 24).reshape(6, 4)}),
        ("additive", {"dendritic_delay_fraction": 0.5, "delay": 2.0, "w_min": 0.1}),
    ],
    ids=["plain", "lead and weights", "axonal and w_min"],
)
def test_reset_makes_the_same_network_again(rule, options):
    right = compare(everything_reset, rule, options)
    assert len(right["2 spikes"]) >= 5 and len(right["2 HH"]) > 1


def test_cells_keep_their_numbers_through_a_reset():
    sim = backends.load("nest")
    cells, plastic = network(sim, dendritic_delay_fraction=0.5, delay=2.0)
    late = sim.Population(2, sim.IF_cond_exp(tau_m=[10.0, 12.0]))
    numbers = [int(cell) for cell in (*cells, *late)]
    sim.run(5.0)
    sim.reset()
    sim.run(5.0)
    assert [int(cell) for cell in (*cells, *late)] == numbers
    assert late[1].tau_m == 12.0
    assert str(nest.GetStatus(late.node_collection, "model")[0]) == "iaf_cond_exp"
    assert len(plastic.get("weight", format="list")) == 24


def cells_of_every_kind(sim):
    pulses = sim.native_cell_type("poisson_generator")(rate=400.0)
    point = sim.PointNeuron(
        sim.AdExp(tau_m=10.0, v_thresh=-50.0), gaba=sim.AlphaPSR(e_syn=-70.0, tau_syn=4.0)
    )
    made = [
        sim.Population(2, celltype)
        for celltype in (
            sim.native_cell_type("iaf_psc_alpha_multisynapse")(I_e=500.0), point,
            sim.GIF_cond_exp(i_offset=0.5), sim.IF_cond_alpha(i_offset=0.9, tau_m=[10.0, 14.0]),
            sim.EIF_cond_exp_isfa_ista(i_offset=0.9),
        )
    ]  # fmt: skip
    driven = sim.Population(2, sim.IF_curr_exp())
    drive = sim.StaticSynapse(weight=1.5, delay=1.0)
    sim.Projection(sim.Population(2, pulses), driven, sim.OneToOneConnector(), drive)
    for population in (*made, driven):
        population.record("spikes")
    return made, driven


def test_cells_of_every_kind_begin_again():
    sim = backends.load("nest")
    sim.setup(timestep=DT, rng_seed=8)
    made, driven = cells_of_every_kind(sim)
    made[3].record(["v", "gsyn_exc"])
    for _ in range(2):
        sim.run(60.0)
        sim.reset()
    for population in (*made, driven):
        first, second = population.get_data("spikes").segments
        for one, other in zip(first.spiketrains, second.spiketrains, strict=True):
            np.testing.assert_array_equal(one.magnitude, other.magnitude)
    assert sum(len(train) for train in driven.get_data("spikes").segments[0].spiketrains) > 3


def test_spikes_between_the_steps_begin_again():
    sim = backends.load("nest")
    with pytest.warns(UserWarning, match="between the time steps"):
        sim.setup(timestep=DT, spike_precision="off_grid")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.03, 7.41]))
    cell = sim.Population(1, sim.IF_curr_exp(i_offset=0.9))
    sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0, delay=1.0))
    cell.record("spikes")
    source.record("spikes")
    for _ in range(2):
        sim.run(50.0)
        sim.reset()
    for population in (source, cell):
        first, second = population.get_data("spikes").segments
        assert first.spiketrains[0].tolist() == second.spiketrains[0].tolist()
        assert len(first.spiketrains[0]) > 1


def test_what_only_nest_can_make_is_refused_at_a_reset():
    sim = backends.load("nest")
    cells, _ = network(sim)
    native = sim.native_synapse_type("static_synapse")(weight=1.0, delay=1.0)
    sim.Projection(cells, cells, sim.OneToOneConnector(), native)
    sim.run(5.0)
    with pytest.raises(Unsupported, match=r"reset\(\) on NEST with projection .* a new setup\(\)"):
        sim.reset()
    assert sim.get_current_time() == 5.0


def test_reading_leaves_nest_where_it_is():
    sim = backends.load("nest")
    cells, plastic = network(sim)
    cells.record("isyn_exc")
    sim.run(20.0)
    time = nest.biological_time
    cells.get_data()
    plastic.get(["weight", "weight_now"], format="list")
    assert nest.biological_time == time


def test_an_error_in_a_fork_is_that_of_the_script():
    sim = backends.load("nest")
    network(sim)
    sim.run(5.0)

    def refused():
        raise Unsupported("where", "what", allowed="another")

    with pytest.raises(Unsupported, match=r"where: what; allowed: another"):
        read_after_delivery(refused)
    assert read_after_delivery(lambda: nest.biological_time) == pytest.approx(5.1)
    assert nest.biological_time == 5.0


def with_threads():
    sim = backends.load("nest")
    sim.setup(timestep=DT, threads=2)
    cells = sim.Population(4, sim.IF_curr_exp(i_offset=0.9))
    cells.record("v")
    sim.run(10.0)
    cells.set(i_offset=0.5)
    cells.get_data()
    try:
        cells.set(i_offset=0.1)
    except Unsupported as error:
        refused = str(error)
    sim.run(5.0)
    cells.set(i_offset=0.1)
    sim.run(5.0)
    return refused, collect.signal(cells, "v")[1]


def test_with_threads_changes_after_reading_are_refused_and_the_way_out_works(apart):
    refused, v = apart(with_threads)
    assert (
        "with several threads or processes, to read" in refused and "after the next run" in refused
    )
    sim = backends.load("reference")
    sim.setup(timestep=DT)
    cells = sim.Population(4, sim.IF_curr_exp(i_offset=0.9))
    cells.record("v")
    for length, nA in ((10.0, 0.5), (5.0, 0.1), (5.0, 0.0)):
        sim.run(length)
        cells.set(i_offset=nA)
    np.testing.assert_allclose(v, collect.signal(cells, "v")[1], rtol=1e-9)


def test_what_is_kept_to_read_synapses_does_not_grow_with_the_run():
    """Of a source the spikes are kept that may still be on their way, and the one before."""
    sim = backends.load("nest")
    cells, plastic = network(sim, delay=2.0, dendritic_delay_fraction=0.5)
    sources = plastic.pre
    for read in range(1, 31):
        sim.run(10.0)
        plastic.get("weight", format="array")
        counts = cells.get_spike_counts()
        for recent, known in zip(
            spike_steps(sources, recent=True), spike_steps(sources), strict=True
        ):
            dropped = known[: len(known) - len(recent)]
            np.testing.assert_array_equal(recent, known[len(dropped) :])
            assert not len(dropped) or (len(recent) and known[len(dropped)] <= read * 100 - 20)
            assert np.count_nonzero(recent <= read * 100 - 20) <= 1
    assert min(map(len, spike_steps(sources))) > 5
    # Read in parts, they are all there.
    neuron, time_ms = collect.spikes(cells)
    assert list(counts.values()) == np.bincount(neuron, minlength=4).tolist()
    cells, plastic = network(sim, delay=2.0, dendritic_delay_fraction=0.5)
    sim.run(300.0)
    for one, right in zip(collect.spikes(cells), (neuron, time_ms), strict=True):
        np.testing.assert_array_equal(one, right)


def test_setting_parameters_of_cells_reads_none(monkeypatch):
    sim = backends.load("nest")
    cells, _ = network(sim)
    sim.run(5.0)
    asked = []
    monkeypatch.setattr(type(cells), "get", lambda self, *names, **options: asked.append(names))
    cells.set(v_thresh=np.array([-51.0, -52.0, -53.0, -54.0]))
    assert not asked
    monkeypatch.undo()
    assert cells.get("v_thresh").tolist() == [-51.0, -52.0, -53.0, -54.0]
