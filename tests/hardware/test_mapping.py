"""What was asked of a chip and what it realised, counted by hand."""

import numpy as np
import pytest

from pipelines.hardware.chip import DoesNotFit
from tests.hardware.networks import (
    BACKENDS,
    LEVELS,
    cell_of,
    loss,
    module_of,
    network,
    play,
    rows_of,
    seen,
    setup,
)

pytestmark = pytest.mark.usefixtures("interpreted")

NORMAL = {"distribution": "normal", "cv": 0.2}


def on_chip(active, seed=1, backend="reference", number=1, timestep=0.1):
    sim = module_of(backend, active, seed, number)
    setup(sim, seed, timestep)
    return sim


def mapped(sim, made, constraint, target=None):
    return rows_of(sim.chip.mapping(made), constraint, target)


def relayed(sim, trains, n=4):
    """Sources with given trains onto neurons that spike once for each of the spikes."""
    source = sim.Population(len(trains), sim.SpikeSourceArray(spike_times=trains), label="source")
    cell = sim.IF_curr_exp(tau_refrac=0.1, tau_m=5.0, cm=0.1, tau_syn_E=0.5)
    cells = sim.Population(n, cell, initial_values={"v": -65.0}, label="cells")
    return {"source": source, "cells": cells}


# Events.


@pytest.mark.parametrize("backend", BACKENDS)
def test_events_against_a_count_by_hand(backend):
    sim = on_chip({"synapse_loss": loss(0.5)}, backend=backend)
    made = relayed(sim, [[5.0, 15.0, 25.0], [7.0], [], [9.0, 90.0]])
    source, cells = made["source"], made["cells"]
    synapse = sim.StaticSynapse(weight=20.0, delay=1.0)
    none = sim.StaticSynapse(weight=0.0, delay=1.0)
    ends = {
        "drive": (source, cells, synapse),
        "from_view": (source[1:], cells[:2], none),
        "from_assembly": (cells[::2] + source[:1], cells, none),
        "recurrent": (cells[1:][1:], cells, none),
    }
    for label, (pre, post, kind) in ends.items():
        made[label] = sim.Projection(pre, post, sim.AllToAllConnector(), kind, label=label)
    sim.run(40.0)
    sim.note_events()
    # Spikes at 90 ms have not been sent.
    sent = np.array([3, 1, 0, 1])
    found = seen(made)
    fired = np.bincount(found["spikes"]["cells"][0], minlength=4)
    assert fired.sum() > 0
    pre_of = {
        "drive": sent,
        "from_view": sent[1:],
        "from_assembly": np.array([fired[0], fired[2], sent[0]]),
        "recurrent": fired[2:],
    }
    for label, spikes in pre_of.items():
        expected = spikes[found["weights"][label]["pre"]].sum()
        events = mapped(sim, made, "events", label)["synaptic_events"]
        assert events == (None, expected), label
    assert mapped(sim, made, "events", "source") == {"input_spikes": (None, 5)}
    updates = {"spikes": (None, fired.sum()), "neuron_updates": (None, 4 * 400)}
    assert mapped(sim, made, "events", "cells") == updates


def test_updates_are_those_of_the_chips_steps():
    sim = on_chip({"time_step": {"step_ms": 1}})
    made = {"cells": sim.Population(3, sim.IF_curr_exp(), label="cells")}
    sim.run(20.0)
    sim.note_events()
    assert mapped(sim, made, "events", "cells")["neuron_updates"] == (None, 60)
    assert mapped(sim, made, "time_step") == {"time_step_ms": (0.1, 1.0)}


def test_a_longer_step_of_the_experiment_stays():
    sim = on_chip({"time_step": {"step_ms": 0.1}}, timestep=0.5)
    assert sim.get_time_step() == 0.5
    assert mapped(sim, {}, "time_step") == {"time_step_ms": (0.5, 0.5)}


# Constraints.


def test_share_of_synapses_is_lost_and_every_one_is_counted():
    sim = on_chip({"synapse_loss": loss(0.3)})
    one, other = (sim.Population(80, sim.IF_curr_exp()) for _ in range(2))
    synapse = sim.StaticSynapse(weight=0.1, delay=1.0)
    made = {"p": sim.Projection(one, other, sim.AllToAllConnector(), synapse, label="p")}
    asked, realised = mapped(sim, made, "synapse_loss", "p")["synapses"]
    assert (asked, realised) == (6400, len(made["p"]))
    assert abs(realised / 6400 - 0.7) <= 4 * np.sqrt(0.3 * 0.7 / 6400)
    # Spread over all neurons: a binomial number at each.
    pre = np.bincount(seen(made)["weights"]["p"]["pre"], minlength=80)
    assert abs(pre.std() - np.sqrt(80 * 0.21)) < 4 * np.sqrt(80 * 0.21 / 2 / 80)


def test_synapses_of_sources_may_be_spared():
    """Also those of a view, and not those of an assembly with a neuron in it."""
    sim = on_chip({"synapse_loss": {"share": 0.5, "of_sources": False}})
    made = network(sim)
    cells, source = made["exc"], made["inputs"]
    synapse = sim.StaticSynapse(weight=0.1, delay=1.0)
    for label, pre in (("of_view", source[3:]), ("of_both", source + cells[:1])):
        made[label] = sim.Projection(pre, cells, sim.AllToAllConnector(), synapse, label=label)
    lossy = {row["target"] for row in sim.chip.mapping(made) if row["constraint"] == "synapse_loss"}
    assert lossy == {"exc_to_inh", "inh_to_exc", "of_both"}
    assert len(made["of_view"]) == 47 * 30
    assert 0.4 < len(made["of_both"]) / (51 * 30) < 0.6


def test_plastic_weights_begin_on_levels_with_the_mean_that_was_asked_for():
    active = {"weight_levels": LEVELS | {"bits": 1, "rounding": "stochastic"}}
    sim = on_chip(active)
    one, other = (sim.Population(60, sim.IF_curr_exp()) for _ in range(2))
    mechanism = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
        dendritic_delay_fraction=1.0, weight=0.2, delay=1.0,
    )  # fmt: skip
    p = sim.Projection(one, other, sim.AllToAllConnector(), mechanism)
    weights = p.read(["weight"])["weight"]
    assert set(weights) == {0.0, 1.0}
    assert abs(weights.mean() - 0.2) <= 4 * np.sqrt(0.2 * 0.8 / 3600)


def test_two_connectors_that_make_the_same_network_lose_the_same_synapses():
    rng = np.random.default_rng(6)
    pairs = [(int(i), int(j), 0.1 + 0.01 * k, 1.0 + 0.1 * (k % 5))
             for k, (i, j) in enumerate(rng.integers(0, 12, (200, 2)))]  # fmt: skip
    active = {
        "synapse_loss": loss(0.3), "fan_in": {"inputs": 8},
        "fixed_pattern": {"weights": NORMAL},
    }  # fmt: skip
    found = []
    for listed in (pairs, pairs[::-1], [pairs[k] for k in rng.permutation(200)]):
        sim = on_chip(active)
        one, other = (sim.Population(12, sim.IF_curr_exp()) for _ in range(2))
        connector = sim.FromListConnector(listed, column_names=["weight", "delay"])
        made = {"p": sim.Projection(one, other, connector, sim.StaticSynapse(), label="p")}
        with made["p"]._reading(stored=False):
            gained = np.sort(made["p"]._read(["weight"])["weight"])
        found.append((seen(made)["weights"]["p"], gained))
    for synapses, gained in found[1:]:
        for key, value in synapses.items():
            np.testing.assert_array_equal(value, found[0][0][key])
        np.testing.assert_array_equal(gained, found[0][1])
    assert 0 < len(found[0][1]) < 200 * 0.8


def test_no_neuron_has_more_inputs_than_the_chip_and_none_loses_without_need():
    """Over several projections, a view and an assembly, which have neurons in common."""
    sim = on_chip({"fan_in": {"inputs": 9}})
    first, second = (sim.Population(20, sim.IF_curr_exp(), label=name) for name in "ab")
    rng = sim.NumpyRNG(seed=2)
    synapse = sim.StaticSynapse(weight=0.1, delay=1.0)
    ends = [(first, second), (first, second[:10]), (first, second[5:15] + first), (second, first)]
    made = {
        f"p{k}": sim.Projection(
            pre, post, sim.FixedProbabilityConnector(0.2, rng=rng), synapse, label=f"p{k}"
        )
        for k, (pre, post) in enumerate(ends)
    }
    asked = {"a": np.zeros(20, int), "b": np.zeros(20, int)}
    again = module_of("reference", {})
    setup(again)
    copies = [again.Population(20, again.IF_curr_exp()) for _ in range(2)]
    rng = again.NumpyRNG(seed=2)
    synapse = again.StaticSynapse(weight=0.1, delay=1.0)
    a, b = copies
    got = {"a": np.zeros(20, int), "b": np.zeros(20, int)}
    index = {"p0": [("b", np.arange(20))], "p1": [("b", np.arange(10))],
             "p2": [("b", np.arange(5, 15)), ("a", np.arange(20))], "p3": [("a", np.arange(20))],
             }  # fmt: skip
    where = {
        name: [(which, int(row)) for which, rows in parts for row in rows]
        for name, parts in index.items()
    }
    for name, (pre, post) in zip(made, [(a, b), (a, b[:10]), (a, b[5:15] + a), (b, a)],
                                 strict=True):  # fmt: skip
        connector = again.FixedProbabilityConnector(0.2, rng=rng)
        ideal = again.Projection(pre, post, connector, synapse)
        for target in seen({"p": ideal})["weights"]["p"]["post"]:
            which, row = where[name][target]
            asked[which][row] += 1
        realised = seen({"p": made[name]})["weights"]["p"]["post"]
        for target in realised:
            which, row = where[name][target]
            got[which][row] += 1
        row = mapped(sim, made, "fan_in", name)["synapses"]
        assert row == (len(ideal), len(realised))
    for which in "ab":
        np.testing.assert_array_equal(got[which], np.minimum(asked[which], 9))
    assert asked["b"].max() > 9 > asked["a"].min()


@pytest.mark.parametrize("kind", ["given", "poisson", "refractory", "gamma"])
def test_share_of_spikes_is_lost_and_sent_ones_are_those_of_the_ideal_network(kind):
    n, active = 40, {"spike_loss": {"share": 0.25}}

    def build(sim):
        trains = [np.arange(1.0, 199.0) + 0.1 * k for k in range(n)]
        cell = {
            "given": lambda: sim.SpikeSourceArray(spike_times=trains),
            "poisson": lambda: sim.SpikeSourcePoisson(rate=200.0),
            "refractory": lambda: sim.SpikeSourcePoissonRefractory(rate=200.0, tau_refrac=2.0),
            "gamma": lambda: sim.SpikeSourceGamma(alpha=3.0, beta=600.0),
        }[kind]()
        return {"source": sim.Population(n, cell, label="source")}

    def run(sim, made):
        sim.run(90.3)
        sim.run(109.7)

    ideal = play("reference", None, build=build, run=run)["spikes"]["source"]
    one = play("reference", active, build=build, run=run)
    whole = play("reference", active, build=build, run=lambda sim, made: sim.run(200.0))
    trial = play("reference", active, build=build, run=run, seed=2)
    sent = {(k, round(t, 4)) for k, t in zip(*ideal, strict=True)}
    arrived = list(zip(one["spikes"]["source"][0], np.round(one["spikes"]["source"][1], 4),
                       strict=True))  # fmt: skip
    assert {(int(k), float(t)) for k, t in arrived} <= sent
    number = len(ideal[0])
    assert abs(len(arrived) / number - 0.75) <= 4 * np.sqrt(0.25 * 0.75 / number)
    assert rows_of(one["mapping"], "spike_loss") == {"spikes": (number, len(arrived))}
    for key in (0, 1):
        np.testing.assert_array_equal(one["spikes"]["source"][key], whole["spikes"]["source"][key])
    assert len(trial["spikes"]["source"][0]) != len(arrived) or not np.array_equal(
        trial["spikes"]["source"][0], one["spikes"]["source"][0]
    )


def test_lost_spikes_are_counted_over_changes_of_the_sources():
    def build(sim):
        return {"source": sim.Population(30, sim.SpikeSourcePoisson(rate=50.0), label="source")}

    def change(sim, made):
        for rate in (300.0, 100.0, 500.0):
            sim.run(40.0)
            made["source"].set(rate=rate)
        sim.run(40.0)

    ideal = play("reference", None, build=build, run=change)["spikes"]["source"][0]
    for backend in BACKENDS:
        one = play(backend, {"spike_loss": {"share": 0.1}}, build=build, run=change)
        arrived = len(one["spikes"]["source"][0])
        assert rows_of(one["mapping"], "spike_loss") == {"spikes": (len(ideal), arrived)}
        assert 0.85 * len(ideal) < arrived < 0.95 * len(ideal)


def test_a_link_loses_what_is_above_its_rate():
    def build(sim):
        return {"source": sim.Population(100, sim.SpikeSourcePoisson(rate=50.0), label="source")}

    one = play(
        "reference", {"spike_loss": {"spikes_per_s": 3000}}, build=build,
        run=lambda sim, made: sim.run(1000.0),
    )  # fmt: skip
    time = one["spikes"]["source"][1]
    counts = np.bincount(np.ceil(time - 1e-9).astype(int) - 1, minlength=1000)
    assert counts.max() == 3 and 2500 < len(time) <= 3000


def test_parameters_and_weights_before_and_after():
    active = {
        "shared_parameters": {"neurons": 5, "parameters": ["tau_m"]},
        "fixed_pattern": {"cells": {"tau_m": NORMAL, "e_rev_E": NORMAL}, "weights": NORMAL},
        "weight_levels": {"bits": 2, "plastic": "refused", "rounding": "nearest"},
        "delays": {"common_ms": 2.0},
    }
    sim = on_chip(active)
    tau_m = np.linspace(10.0, 30.0, 20)
    made = {"exc": sim.Population(20, cell_of(sim, tau_m=tau_m), label="exc")}
    synapse = sim.StaticSynapse(weight=np.linspace(0.01, 0.3, 400).reshape(20, 20), delay=1.5)
    made["p"] = sim.Projection(
        made["exc"], made["exc"], sim.AllToAllConnector(), synapse, label="p"
    )
    blocks = tau_m.reshape(4, 5).mean(axis=1).repeat(5)
    shared = mapped(sim, made, "shared_parameters", "exc")
    assert shared["mean_tau_m_ms"] == pytest.approx((20.0, 20.0))
    assert shared["sd_tau_m_ms"] == pytest.approx((tau_m.std(), blocks.std()))
    with made["exc"].realised_values():
        realised = np.array(made["exc"].get("tau_m"))
    spread = mapped(sim, made, "fixed_pattern", "exc")
    assert spread["mean_tau_m_ms"] == pytest.approx((20.0, realised.mean()))
    assert spread["sd_tau_m_ms"] == pytest.approx((blocks.std(), realised.std()))
    # Cells of currents have no reversal potential.
    assert spread["neurons_with_e_rev_E"] == (20, 0)
    asked = np.linspace(0.01, 0.3, 400)
    levels = np.rint(asked / 0.3 * 3) * 0.1
    weights = mapped(sim, made, "weight_levels", "p")
    assert weights["mean_weight_nA"] == pytest.approx((asked.mean(), levels.mean()))
    assert weights["sd_weight_nA"] == pytest.approx((asked.std(), levels.std()))
    moved = np.sqrt(np.mean((levels - asked) ** 2))
    assert weights["rms_weight_change_nA"] == pytest.approx((0.0, moved))
    gained = made["p"]._read(["weight"])["weight"]
    gains = mapped(sim, made, "fixed_pattern", "p")
    assert gains["mean_weight_nA"] == pytest.approx((levels.mean(), gained.mean()))
    assert gains["sd_weight_nA"] == pytest.approx((levels.std(), gained.std()))
    assert mapped(sim, made, "delays", "p")["mean_delay_ms"] == pytest.approx((1.5, 2.0))


def test_rows_are_sorted_and_bear_the_names_of_the_network():
    sim = on_chip({"synapse_loss": loss(0.1), "fan_in": {"inputs": 1000}})
    made = network(sim)
    renamed = {"zz": made["exc_to_inh"], "aa": made["plastic"]}
    rows = sim.chip.mapping(renamed)
    keys = [(row["constraint"], row["target"], row["quantity"]) for row in rows]
    assert keys == sorted(keys)
    assert {row["target"] for row in rows} == {"aa", "zz", "inh_to_exc"}


# Patterns of a chip, and of a trial.


def gains_and_constants(active, seed=1, number=1):
    sim = on_chip(active, seed, number=number)
    made = network(sim)
    with made["exc"].realised_values():
        tau_m = np.array(made["exc"].get("tau_m"))
    asked = made["exc"].get("tau_m")
    return tau_m / asked, made["exc_to_inh"]._gains


@pytest.mark.parametrize(
    ("kind", "same_in_each_run"), [("fixed_pattern", True), ("trial_to_trial", False)]
)
def test_a_pattern_is_of_the_chip_and_a_trial_of_the_run(kind, same_in_each_run):
    active = {kind: {"cells": {"tau_m": NORMAL}, "weights": NORMAL}}
    one, again = gains_and_constants(active), gains_and_constants(active)
    other_run = gains_and_constants(active, seed=2)
    other_chip = gains_and_constants(active, number=2)
    assert one[0].std() == pytest.approx(0.2, rel=0.5)
    for k in range(2):
        shared = min(len(one[k]), len(other_run[k]))
        np.testing.assert_array_equal(one[k], again[k])
        # The networks have as many synapses as the seed gives them, and other ones.
        same = k == 0 or len(one[k]) == len(other_run[k])
        if same:
            assert np.allclose(one[k][:shared], other_run[k][:shared]) == same_in_each_run
        assert not np.allclose(one[k][:5], other_chip[k][:5])


def test_lost_synapses_are_those_of_the_chip_in_each_run():
    active = {"synapse_loss": loss(0.5)}
    found = []
    for seed in (1, 2):
        sim = on_chip(active, seed)
        cells = sim.Population(10, sim.IF_curr_exp())
        synapse = sim.StaticSynapse(weight=0.1, delay=1.0)
        made = {"p": sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)}
        found.append(seen(made)["weights"]["p"])
    for key, value in found[0].items():
        np.testing.assert_array_equal(value, found[1][key])


# What does not fit.


def unfit(active, build=network):
    sim = on_chip(active)
    made = build(sim)
    with pytest.raises(DoesNotFit) as caught:
        sim.check(made)
    return str(caught.value), caught.value.mapping


@pytest.mark.parametrize(
    ("capacity", "said"),
    [
        ({"neurons": 20}, "40 neurons where the chip has 20 (2 times)"),
        ({"receptors_per_neuron": 1}, "2 receptors per neuron where the chip has 1 (2 times)"),
    ],
)
def test_a_network_that_needs_more_than_the_chip_has(capacity, said):
    message, rows = unfit({"capacity": capacity})
    assert message == said
    ((quantity, (asked, realised)),) = rows_of(rows, "capacity").items()
    assert {quantity: realised} == capacity and asked == 2 * realised


def test_synapses_and_inputs_that_were_asked_for_count():
    """Not only those that are left where some are lost."""
    sim = on_chip({})
    made = network(sim)
    numbers = [len(made[name]) for name in ("plastic", "exc_to_inh", "inh_to_exc")]
    weights = seen(made)["weights"]
    inputs = max(
        np.bincount(weights["plastic"]["post"], minlength=30).__add__(
            np.bincount(weights["inh_to_exc"]["post"], minlength=30)).max(),
        np.bincount(weights["exc_to_inh"]["post"]).max(),
    )  # fmt: skip
    capacity = {"synapses": sum(numbers) - 1, "inputs_per_neuron": int(inputs) - 1}
    message, rows = unfit({"capacity": capacity, "synapse_loss": loss(0.5)})
    assert message == "; ".join(
        [
            f"{sum(numbers):,} synapses where the chip has {sum(numbers) - 1:,} (1 times)",
            f"{inputs} inputs per neuron where the chip has {inputs - 1}"
            f" ({inputs / (inputs - 1):.3g} times)",
        ]
    )
    assert rows_of(rows, "capacity")["synapses"] == (sum(numbers), sum(numbers) - 1)
    fits = on_chip({"capacity": {name: value + 1 for name, value in capacity.items()}})
    fits.check(network(fits))


def test_rules_of_plasticity_that_the_chip_does_not_have():
    message, rows = unfit({"plasticity": {"rules": []}})
    assert message == "projection 'plastic' has SpikePairRule, where the chip has no plasticity"
    asked, realised = rows_of(rows, "plasticity", "plastic")["plastic_synapses"]
    assert asked > 0 and realised == 0
    message, _ = unfit({"plasticity": {"rules": ["TripletRule", "Vogels2011Rule"]}})
    assert message.endswith("where the chip has the rules TripletRule, Vogels2011Rule alone")
    fits = on_chip({"plasticity": {"rules": ["SpikePairRule"]}})
    fits.check(network(fits))


def test_plastic_weights_where_they_are_refused_and_all_reasons_at_once():
    levels = LEVELS | {"plastic": "refused"}
    message, _ = unfit({"weight_levels": levels, "capacity": {"neurons": 10}})
    assert message == (
        "projection 'plastic' is plastic, while the weights of 4 bits do not change on this chip; "
        "40 neurons where the chip has 10 (4 times)"
    )


def test_short_term_plasticity_is_a_rule_too():
    def build(sim):
        cells = sim.Population(3, sim.IF_curr_exp())
        synapse = sim.TsodyksMarkramSynapse(weight=1.0, delay=1.0)
        return {"p": sim.Projection(cells, cells, sim.AllToAllConnector(), synapse, label="p")}

    message, _ = unfit({"plasticity": {"rules": ["SpikePairRule"]}}, build)
    assert message.startswith("projection 'p' has TsodyksMarkramSynapse, where the chip has")
    fits = on_chip({"plasticity": {"rules": ["TsodyksMarkramSynapse"]}})
    fits.check(build(fits))
