"""What a script does with a network on a chip: it reads back what it sets, on every backend."""

import numpy as np
import pytest

from pipelines.backends import collect
from pipelines.errors import Unsupported
from tests.hardware.networks import (
    BACKENDS,
    CONSTRAINTS,
    LEVELS,
    VARIANTS,
    assert_same,
    assert_same_mapping,
    cell_of,
    module_of,
    network,
    number_of_spikes,
    play,
    seen,
    setup,
)

pytestmark = pytest.mark.usefixtures("interpreted")

WIDE = {"distribution": "lognormal", "cv": 0.3}
MISMATCH = {"fixed_pattern": {"cells": {"all": WIDE}, "weights": WIDE}}
ROUGH = {"weight_levels": LEVELS | {"rounding": "stochastic", "bits": 3}}
ON_A_CHIP = {**MISMATCH, **ROUGH, "spike_loss": {"share": 0.1}}


def same_on_all(active, **options):
    """What the reference gives, after the other backends have given the same."""
    first, *others = (play(backend, active, **options) for backend in BACKENDS)
    assert number_of_spikes(first) > 0
    for other in others:
        assert_same(first, other)
        assert_same_mapping(first["mapping"], other["mapping"])
    return first


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


def on_chip(backend, active, seed=1):
    sim = module_of(backend, active, seed)
    setup(sim, seed)
    return sim


def realised(population, name):
    """What the chip makes of a parameter, which no script can read."""
    with population.realised_values():
        return np.broadcast_to(population.get(name, simplify=False), (population.size,))


# Parts of a run, and resets.


def in_parts(sim, made):
    for part in (13.0, 27.0, 20.0, 0.3, 39.7):
        sim.run(part)


def stopping(sim, made):
    """Callbacks of a script, which read weights, at times of their own and of the roundings."""
    read = []

    def look(now):
        read.append((now, collect.weights(made["plastic"], "now")["weight"]))
        return now + 10.0

    sim.run(60.0, callbacks=[look])
    sim.run_until(100.0, callbacks=[look])
    made["read"] = read


def test_a_run_in_parts_is_the_same_run(backend):
    whole = play(backend, ON_A_CHIP)
    parts = play(backend, ON_A_CHIP, run=in_parts)
    assert_same(whole, parts)
    assert_same_mapping(whole["mapping"], parts["mapping"])


def test_callbacks_change_nothing_and_see_rounded_weights(backend):
    whole = play(backend, ON_A_CHIP)
    with_callbacks = play(backend, ON_A_CHIP, run=stopping)
    read = with_callbacks["made"].pop("read")
    assert_same(whole, with_callbacks)
    # Weights are rounded each 20 ms, before the callback of this time; 0.4 nA are 7 levels.
    assert len(read) == 12
    for now, weight in read:
        off = np.abs(weight / 0.4 * 7 - np.rint(weight / 0.4 * 7)).max()
        assert off < 1e-9 if now % 20 == 0 else off > 1e-3, now


def test_callbacks_that_set_weights_are_rounded_alike():
    def learning(sim, made):
        def halve(now):
            plastic = made["plastic"]
            plastic.set(weight=0.5 * plastic.get("weight_now", format="array"))
            return now + 17.0

        sim.run(60.0, callbacks=[halve])
        sim.run(40.0)

    same_on_all(ROUGH, run=learning)


def test_rounding_at_each_step_where_the_interval_is_shorter(backend):
    active = {"weight_levels": LEVELS | {"interval_ms": 0.04}}
    found = play(backend, active, run=lambda sim, made: sim.run(5.0))
    levels = found["weights"]["plastic"]["weight"] / 0.4 * 15
    np.testing.assert_allclose(levels, np.rint(levels), rtol=0, atol=1e-9)


def test_after_a_reset_the_same_chip_does_the_same_again(backend):
    """The pattern, the trial, and the numbers that decide on roundings and lost spikes stay."""

    def twice(sim, made):
        sim.run(60.0)
        made["first"] = seen(made)
        sim.reset()
        sim.run(60.0)

    second = play(backend, ON_A_CHIP, run=twice)
    first = second["made"].pop("first")
    assert number_of_spikes(first) > 0
    assert_same(first, second)
    once = play(backend, ON_A_CHIP, run=lambda sim, made: sim.run(60.0))
    assert_same(once, second)
    assert_same_mapping(once["mapping"], second["mapping"])


def test_what_was_set_stays_after_a_reset():
    def change(sim, made):
        sim.run(20.0)
        made["exc"].set(tau_m=12.0)
        made["inputs"].set(rate=90.0)
        sim.run(20.0)
        sim.reset()
        sim.run(60.0)
        assert made["exc"].get("tau_m") == 12.0
        assert np.ptp(realised(made["exc"], "tau_m")) > 0

    same_on_all(ON_A_CHIP, run=change)


def test_a_new_setup_is_an_empty_chip():
    sim = module_of("reference", ON_A_CHIP)
    found = []
    for _ in range(2):
        setup(sim)
        made = network(sim)
        sim.run(30.0)
        sim.note_events()
        found.append((seen(made), sim.chip.mapping(made)))
    assert_same(found[0][0], found[1][0])
    assert_same_mapping(found[0][1], found[1][1])


# Parameters of cells.


def test_cells_read_back_what_was_set_and_are_something_else(backend):
    sim = on_chip(backend, MISMATCH)
    cells = sim.Population(20, cell_of(sim, tau_m=np.linspace(10, 29, 20)))
    np.testing.assert_allclose(cells.get("tau_m"), np.linspace(10, 29, 20), rtol=1e-12)
    before = realised(cells, "tau_m") / np.linspace(10, 29, 20)
    assert 0.1 < before.std() < 0.6
    assert cells.get(["cm", "tau_refrac"]) == pytest.approx([0.25, 2.0], rel=1e-12)
    cells.set(tau_m=12.0, cm=0.5)
    assert cells.get("tau_m") == 12.0 and cells.get("cm") == 0.5
    # A cell is off by the same share whatever is asked of it.
    np.testing.assert_allclose(realised(cells, "tau_m") / 12.0, before, rtol=1e-9)
    cells[3:6].set(tau_m=24.0)
    cells[7].tau_m = 6.0
    asked = np.full(20, 12.0)
    asked[3:6], asked[7] = 24.0, 6.0
    np.testing.assert_allclose(cells.get("tau_m"), asked, rtol=1e-12)
    np.testing.assert_allclose(cells[2:9].get("tau_m"), asked[2:9], rtol=1e-12)
    assert cells[7].tau_m == pytest.approx(6.0, rel=1e-12)
    np.testing.assert_allclose(realised(cells, "tau_m") / asked, before, rtol=1e-9)


def test_setting_what_was_read_changes_nothing(backend):
    sim = on_chip(backend, {**MISMATCH, **ROUGH})
    made = network(sim)
    names = ["tau_m", "cm", "v_thresh", "tau_refrac", "tau_syn_E", "v_reset"]
    before = {name: realised(made["exc"], name) for name in names}
    for name in names:
        made["exc"].set(**{name: made["exc"].get(name)})
        made["exc"][2:4].set(**{name: made["exc"][2:4].get(name)})
    for name in names:
        np.testing.assert_allclose(realised(made["exc"], name), before[name], rtol=1e-9)
    for label in ("plastic", "exc_to_inh", "inh_to_exc"):
        one = made[label]
        now = one._read(["weight"])["weight"]
        for attributes in ({"weight": one.get("weight", format="array")},):
            one.set(**attributes)
        np.testing.assert_allclose(one._read(["weight"])["weight"], now, rtol=1e-9)


def test_a_threshold_that_moves_below_the_reset_potential_takes_it_along(backend):
    pattern = {"cells": {"v_thresh": {"distribution": "normal", "sd": 5.0}}}
    sim = on_chip(backend, {"fixed_pattern": pattern})
    cell = sim.IF_curr_exp(v_rest=-65.0, v_reset=-52.0, v_thresh=-50.0)
    cells = sim.Population(200, cell)
    gap = realised(cells, "v_thresh") - realised(cells, "v_reset")
    assert gap.min() == pytest.approx(0.1) and gap.max() > 5
    assert cells.get("v_reset") == -52.0
    # And back, where there is room again.
    cells.set(v_thresh=-30.0)
    np.testing.assert_allclose(realised(cells, "v_reset"), -52.0, rtol=1e-12)
    cells.set(v_reset=-31.0)
    assert (realised(cells, "v_thresh") - realised(cells, "v_reset")).min() == pytest.approx(0.1)
    assert cells.get("v_reset") == -31.0


def test_relative_spread_of_a_threshold_follows_the_resting_potential(backend):
    pattern = {"cells": {"v_thresh": {"distribution": "normal", "cv": 0.1}}}
    sim = on_chip(backend, {"fixed_pattern": pattern})
    cells = sim.Population(50, sim.IF_curr_exp(v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0))
    deviates = (realised(cells, "v_thresh") + 50.0) / 15.0
    assert deviates.std() == pytest.approx(0.1, rel=0.3)
    cells.set(v_rest=-60.0)
    np.testing.assert_allclose((realised(cells, "v_thresh") + 50) / 10, deviates, atol=1e-9)


def test_blocks_of_a_population_share_what_is_set_on_a_view():
    sim = on_chip("reference", {"shared_parameters": {"neurons": 4, "parameters": ["tau_m"]}})
    cells = sim.Population(8, sim.IF_curr_exp(tau_m=20.0))
    cells[0:2].set(tau_m=10.0)
    assert realised(cells, "tau_m").tolist() == [15.0] * 4 + [20.0] * 4
    assert cells.get("tau_m").tolist() == [10.0] * 2 + [20.0] * 6


def test_cells_with_nested_parameters():
    """Receptors of a `PointNeuron` are spread by "RECEPTOR.name", and with all others."""
    pattern = {"cells": {"all": WIDE, "exc.tau_syn": {"distribution": "normal", "cv": 0.05}}}

    def build(sim):
        response = sim.CurrExpPostSynapticResponse
        cell = sim.PointNeuron(
            sim.LIF(tau_m=15.0, i_offset=0.2), exc=response(tau_syn=3.0), inh=response(tau_syn=9.0)
        )
        cells = sim.Population(10, cell, initial_values={"v": -65.0}, label="exc")
        source = sim.Population(5, sim.SpikeSourcePoisson(rate=80.0), label="source")
        synapse = sim.StaticSynapse(weight=0.8, delay=1.0)
        drive = sim.Projection(
            source, cells, sim.AllToAllConnector(), synapse, receptor_type="exc", label="drive"
        )
        return {"source": source, "exc": cells, "drive": drive}

    def change(sim, made):
        sim.run(50.0)
        made["exc"].set(**{"exc.tau_syn": 6.0})
        sim.run(50.0)

    cells = same_on_all({"fixed_pattern": pattern}, build=build, run=change)["made"]["exc"]
    assert cells.get("exc.tau_syn") == 6.0
    spread = {name: realised(cells, name) for name in ("exc.tau_syn", "inh.tau_syn", "tau_m")}
    assert 0 < spread["exc.tau_syn"].std() / 6.0 < 0.1 < spread["inh.tau_syn"].std() / 9.0
    assert spread["tau_m"].std() > 1


def test_cells_without_a_resting_potential():
    """`Izhikevich` has no time constant either: its constants can be named, weights are spread."""
    pattern = {"cells": {"a": {"distribution": "normal", "cv": 0.2}, "all": WIDE}, "weights": WIDE}

    def build(sim):
        cells = sim.Population(8, sim.Izhikevich(i_offset=0.008), label="exc")
        source = sim.Population(5, sim.SpikeSourcePoisson(rate=80.0), label="source")
        synapse = sim.StaticSynapse(weight=4.0, delay=1.0)
        drive = sim.Projection(source, cells, sim.AllToAllConnector(), synapse, label="drive")
        return {"exc": cells, "source": source, "drive": drive}

    cells = same_on_all({"fixed_pattern": pattern}, build=build)["made"]["exc"]
    assert realised(cells, "a").std() / 0.02 == pytest.approx(0.2, rel=0.7)
    assert np.ptp(realised(cells, "b")) == 0


def test_current_sources_and_drawn_parameters():
    def build(sim):
        rng = sim.NumpyRNG(seed=4)
        drawn = sim.RandomDistribution("uniform", low=10.0, high=30.0, rng=rng)
        cells = sim.Population(12, cell_of(sim, tau_m=drawn), label="exc")
        sim.DCSource(amplitude=0.4, start=10.0, stop=70.0).inject_into(cells)
        sim.StepCurrentSource(times=[20.0, 50.0], amplitudes=[0.2, 0.0]).inject_into(cells[3:9])
        cells[0].inject(sim.ACSource(amplitude=0.1, frequency=20.0, start=5.0, stop=90.0))
        return {"exc": cells}

    same_on_all({**MISMATCH, "time_step": {"step_ms": 0.5}}, build=build)


# Weights and delays.


def test_static_weights_read_back_as_stored_whatever_their_gain(backend):
    sim = on_chip(backend, {**MISMATCH, "weight_levels": LEVELS})
    made = network(sim)
    one = made["exc_to_inh"]
    n = len(one)
    stored = np.array(one.get("weight", format="list", with_address=False))
    step = 0.2 / 15
    assert stored.max() == pytest.approx(0.2, rel=0.01)
    largest = stored.max()
    np.testing.assert_allclose(stored / largest * 15, np.rint(stored / largest * 15), atol=1e-9)
    gains = one._read(["weight"])["weight"] / one.read(["weight"])["weight"]
    assert 0.15 < np.nanstd(gains) < 0.5
    # A level stays a level; what lies between is rounded.
    one.set(weight=7 * largest / 15 + 0.3 * step)
    got = np.array(one.get("weight", format="list", with_address=False))
    # Levels are those of the largest weight there was.
    np.testing.assert_allclose(got, np.full(n, 7 * largest / 15), rtol=1e-9)
    np.testing.assert_allclose(
        one._read(["weight"])["weight"] / one.read(["weight"])["weight"], gains, rtol=1e-9
    )
    sim.run(5.0)
    list(one.connections)[3].weight = 2 * largest / 15
    got = np.array(one.get("weight", format="list", with_address=False))
    assert np.flatnonzero(np.abs(got - 7 * largest / 15) > 1e-9).tolist() == [3]
    assert list(one.connections)[3].weight == pytest.approx(2 * largest / 15)
    # A larger weight has levels of its own.
    one.set(weight=0.5)
    np.testing.assert_allclose(one.get("weight", format="list", with_address=False), 0.5)


def test_one_plastic_weight_is_set_and_the_others_stay(backend):
    active = {"weight_levels": LEVELS | {"interval_ms": 1000.0}, **MISMATCH}
    sim = on_chip(backend, active)
    made = network(sim)
    one = made["plastic"]
    sim.run(50.0)
    before = np.array(one.get("weight", format="list", with_address=False))
    changed = np.abs(before / 0.4 * 15 - np.rint(before / 0.4 * 15)) > 1e-3
    assert changed.sum() > 10
    list(one.connections)[5].weight = 0.21
    after = np.array(one.get("weight", format="list", with_address=False))
    assert after[5] == pytest.approx(8 * 0.4 / 15)
    np.testing.assert_allclose(np.delete(after, 5), np.delete(before, 5), rtol=1e-9)


def test_bounds_of_plastic_weights_read_back_as_set(backend):
    sim = on_chip(backend, {**MISMATCH, **ROUGH})
    made = network(sim)
    one = made["plastic"]
    assert set(np.round(one.read(["w_max"])["w_max"], 12)) == {0.4}
    one.set(w_max=0.3, weight=0.15)
    np.testing.assert_allclose(one.read(["w_max"])["w_max"], 0.3, rtol=1e-12)
    sim.run(40.0)
    levels = one.read(["weight_now"])["weight_now"] / 0.3 * 7
    np.testing.assert_allclose(levels, np.rint(levels), rtol=0, atol=1e-9)


def test_delays_set_before_the_run_are_those_of_the_chip(backend):
    sim = on_chip(backend, {"delays": {"minimum_ms": 1, "step_ms": 2, "bits": 2}, **MISMATCH})
    made = network(sim)
    one = made["exc_to_inh"]
    before = one.get("weight", format="list")
    one.set(delay=4.4)
    assert set(one.get("delay", format="list", with_address=False)) == {5.0}
    drawn = np.random.default_rng(2).uniform(0.1, 12.0, one.shape)
    one.set(delay=drawn)
    assert set(one.get("delay", format="list", with_address=False)) <= {1.0, 3.0, 5.0, 7.0}
    np.testing.assert_allclose(one.get("weight", format="list"), before, rtol=1e-12)
    sim.run(1.0)
    with pytest.raises(Unsupported, match="delay once the simulation has begun"):
        one.set(delay=2.0)


def test_changes_in_mid_run_are_the_same_on_all_backends():
    def change(sim, made):
        made["inh_to_exc"].set(delay=2.4)
        sim.run(30.0)
        made["exc_to_inh"].set(weight=0.11)
        made["plastic"].set(weight=0.2)
        made["exc"][:10].set(tau_m=11.0, v_thresh=-52.0)
        made["inh"].set(tau_refrac=3.7)
        made["inputs"][:20].set(rate=120.0)
        sim.run(30.0)
        list(made["plastic"].connections)[4].weight = 0.33
        made["exc"].initialize(v=-60.0)
        sim.run(40.0)

    same_on_all(CONSTRAINTS | {"time_step": {"step_ms": 0.2}}, run=change)


# Forms of networks.


def test_create_and_connect():
    def build(sim):
        cells = sim.create(sim.IF_curr_exp, {"tau_m": 18.0, "i_offset": 1.2}, n=10)
        others = sim.create(sim.IF_curr_exp(i_offset=0.2), n=5)
        joined = sim.connect(cells, others, weight=1.5, delay=2.0, p=0.7, rng=sim.NumpyRNG(3))
        return {"exc": cells, "others": others, "joined": joined}

    active = {**MISMATCH, "synapse_loss": {"share": 0.3}, "delays": {"common_ms": 1.1}}
    found = same_on_all(active, build=build)
    assert set(found["weights"]["joined"]["delay_ms"]) == {1.1}


def test_views_and_assemblies_and_multapses():
    def build(sim):
        source = sim.Population(20, sim.SpikeSourcePoisson(rate=60.0), label="source")
        first = sim.Population(12, cell_of(sim), label="exc")
        second = sim.Population(12, cell_of(sim, tau_m=12.0), label="second")
        rng = sim.NumpyRNG(seed=8)
        weight = sim.RandomDistribution("uniform", low=0.1, high=0.9, rng=rng)
        synapse = sim.StaticSynapse(weight=weight, delay=1.5)
        ends = {
            "to_view": (source[5:], first[2:9], sim.FixedTotalNumberConnector(60, rng=rng)),
            "to_all": (source, first + second, sim.FixedNumberPreConnector(4, rng=rng)),
            "from_all": (first[1:] + second[:5], second[::2], sim.FixedProbabilityConnector(
                0.5, rng=rng)),
            # The same pair three times, with other weights, and other delays.
            "listed": (source, second, sim.FromListConnector(
                [(0, 1, 0.5, 1.0), (0, 1, 0.3, 1.0), (0, 1, 0.4, 2.0), (3, 2, 0.2, 1.0)],
                column_names=["weight", "delay"])),
        }  # fmt: skip
        made = {"source": source, "exc": first, "second": second}
        for label, (pre, post, connector) in ends.items():
            kind = sim.StaticSynapse() if label == "listed" else synapse
            made[label] = sim.Projection(pre, post, connector, kind, label=label)
        return made

    def change(sim, made):
        sim.run(40.0)
        made["to_view"].set(weight=0.35)
        one = made["from_all"]
        one.set(weight=one.get("weight", format="list", with_address=False)[::-1])
        (made["exc"][:4] + made["second"][4:]).set(tau_m=13.0)
        sim.run(60.0)

    active = {**MISMATCH, "weight_levels": LEVELS, "fan_in": {"inputs": 7}}
    active |= {"synapse_loss": {"share": 0.1}, "delays": {"minimum_ms": 1.0}}
    found = same_on_all(active, build=build, run=change)
    assert found["made"]["exc"].get("tau_m")[:5].tolist() == [13.0] * 4 + [20.0]


def test_short_term_plasticity():
    def build(sim):
        source = sim.Population(10, sim.SpikeSourcePoisson(rate=60.0), label="source")
        cells = sim.Population(10, cell_of(sim), label="exc")
        synapse = sim.TsodyksMarkramSynapse(
            U=0.2, tau_rec=100.0, tau_facil=50.0, delay=1.0,
            weight=sim.RandomDistribution("uniform", low=1.0, high=5.0, rng=sim.NumpyRNG(5)),
        )  # fmt: skip
        drive = sim.Projection(source, cells, sim.AllToAllConnector(), synapse, label="drive")
        return {"source": source, "exc": cells, "drive": drive}

    active = {**MISMATCH, "weight_levels": LEVELS, "synapse_loss": {"share": 0.2}}
    weights = same_on_all(active, build=build)["weights"]["drive"]["weight"]
    levels = weights / weights.max() * 15
    np.testing.assert_allclose(levels, np.rint(levels), rtol=0, atol=1e-9)


@pytest.mark.parametrize("rule", ["Vogels2011Rule", "TripletRule"])
def test_other_rules_of_plasticity(rule):
    def build(sim):
        source = sim.Population(10, sim.SpikeSourcePoisson(rate=60.0), label="source")
        cells = sim.Population(10, cell_of(sim), label="exc")
        timing = sim.Vogels2011Rule(eta=0.02, rho=0.1) if rule == "Vogels2011Rule" else (
            sim.TripletRule()
        )  # fmt: skip
        mechanism = sim.STDPMechanism(
            timing_dependence=timing,
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2.0),
            dendritic_delay_fraction=1.0, weight=0.8, delay=1.0,
        )  # fmt: skip
        drive = sim.Projection(source, cells, sim.AllToAllConnector(), mechanism, label="drive")
        return {"source": source, "exc": cells, "drive": drive}

    found = same_on_all({**MISMATCH, **ROUGH}, build=build)
    assert len(np.unique(np.round(found["weights"]["drive"]["weight"], 9))) > 2


def test_no_synapse_is_left(backend):
    found = play(
        backend, {"synapse_loss": {"share": 1}, "fixed_pattern": {"weights": WIDE}, **ROUGH}
    )
    assert len(found["weights"]["plastic"]["weight"]) == 0
    assert number_of_spikes(found) == 0


def test_a_simulators_own_synapse_type_is_refused():
    sim = on_chip("nest", {"synapse_loss": {"share": 0.1}})
    cells = sim.Population(2, sim.IF_curr_exp())
    own = sim.native_synapse_type("static_synapse")(weight=1.0, delay=1.0)
    with pytest.raises(Unsupported, match="own synapse type, which cannot be put on a chip"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), own)


def test_a_network_without_constraints_on_a_chip_is_the_ideal_network(backend):
    """What a point of no strength is."""
    assert_same(play(backend, None), play(backend, {}))
    assert VARIANTS
