"""Plasticity that differs in one respect: named from each run's own spikes and weights."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.from_plasticity import different_plasticity
from pipelines.diagnosis.kinds.plasticity import KINDS
from pipelines.diagnosis.run_pair import Evidence, Pair
from tests import synthetic
from tests.diagnosis.plastic_runs import DT, N, plastic_run

# Rules whose weights reach their bounds: in a network with feedback, and with frozen spikes.
FEEDBACK = {"A_plus": 0.08, "A_minus": 0.07, "duration": 800.0, "initial": 0.8}
FROZEN = {"A_plus": 0.08, "A_minus": 0.07, "w_max": 1e-6, "duration": 600.0}
# Weights that stay between their bounds.
INSIDE: dict[str, object] = {}


@cache
def _run(items):
    return plastic_run(**dict(items))


def run(base, **changes):
    return _run(tuple(sorted((base | changes).items())))


def causes(a, b):
    return list(different_plasticity(Pair(a, b, DT)))


def named(a, b):
    return [cause.label for cause in causes(a, b)]


CHANGES = {
    "A_plus": ({"A_plus": 0.0816}, ["different A_plus"]),
    "A_minus": ({"A_minus": 0.0686}, ["different A_minus"]),
    "tau_plus": ({"tau_plus": 21.0}, ["different tau_plus"]),
    "tau_minus": ({"tau_minus": 23.0}, ["different tau_minus"]),
    "exchanged": ({"A_plus": 0.07, "A_minus": 0.08}, ["different A_plus", "different A_minus"]),
    "multiplicative": ({"dependence": "multiplicative"}, ["different weight dependence"]),
    "nearest": ({"rule": "NearestNeighbourSymmetricRule"}, ["different spike pairing"]),
    "reduced": ({"rule": "ReducedSymmetricRule"}, ["different spike pairing"]),
    "axonal": ({"fraction": 1e-4}, ["different dendritic delay"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_change_with_feedback(change):
    changed, expected = CHANGES[change]
    a, b = run(FEEDBACK), run(FEEDBACK, **changed)
    assert Pair(a, b, DT).divergence is not None
    assert named(a, b) == expected


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_one_change_with_frozen_spikes(change):
    """Also the other way round: which run is the usual one does not matter."""
    changed, expected = CHANGES[change]
    a, b = run(FROZEN), run(FROZEN, **changed)
    assert Pair(a, b, DT).divergence is None
    assert named(a, b) == expected == named(b, a)


def test_numbers_and_their_errors():
    (cause,) = causes(run(FEEDBACK), run(FEEDBACK, A_plus=0.0816))
    assert "A_plus is 0.08 ± " in cause.explanation
    assert "in the first run and 0.0816 ± " in cause.explanation


def test_no_bound_and_another_bound():
    lower = {"w_max": 0.048, "A_plus": 0.1, "A_minus": 0.0875, "initial": 1.0}
    none = {"w_max": 6.0, "A_plus": 8e-4, "A_minus": 7e-4}
    (cause,) = causes(run(FEEDBACK), run(FEEDBACK, **none))
    assert cause.label == "different w_max"
    assert "w_max is 0.06 in the first run and more than" in cause.explanation
    assert named(run(FEEDBACK), run(FEEDBACK, **lower)) == ["different w_max"]
    assert named(run(FEEDBACK), run(FEEDBACK, w_min=0.018)) == ["different w_min"]


def test_steps_of_weights_inside_their_bounds_have_several_causes():
    """Twice both amplitudes, or twice w_max: the same, as no weight reaches a bound."""
    (cause,) = causes(run(INSIDE), run(INSIDE, A_plus=0.024, A_minus=0.0252))
    assert set(cause.names) == {"different w_max", "different A_plus", "different A_minus"}


@pytest.mark.parametrize("change", [{"source": 1}, {"backend": "nest"}, {"w_max": 6.0}])
def test_the_same_rule_is_no_cause(change):
    """Weights differ with the spikes, or not at all; a bound that is not reached is none."""
    if "w_max" in change:
        change = change | {"A_plus": 2e-4, "A_minus": 2.1e-4}
    assert named(run(INSIDE), run(INSIDE, **change)) == []


def test_other_inputs_with_bounds_that_are_reached_in_one_run_only():
    assert named(run(FROZEN, source=1), run(FROZEN)) == []
    assert named(run(FEEDBACK, source=1), run(FEEDBACK)) == []


def test_a_static_projection_in_one_run():
    a, b = run(FEEDBACK), run(FEEDBACK, static=True)
    assert named(a, b) == ["no plasticity"] == named(b, a)
    frozen = run(FROZEN), run(FROZEN, static=True)
    # With the same spikes, weights may have been written too early.
    assert named(*frozen) == ["no plasticity or weights of another time"]


def test_a_reading_of_another_time():
    assert named(run(INSIDE), run(INSIDE, when="now")) == ["weights of another time"]


def test_without_a_record_and_without_a_reading_at_the_start():
    a, b = (run(FEEDBACK, known=False, read=(), **changed) for changed in ({}, {"tau_plus": 21.0}))
    assert named(a, b) == ["different tau_plus"]
    other = run(FEEDBACK, known=False, read=(), initial=0.7)
    assert named(a, other) == ["different initial weights"]


@pytest.mark.slow
def test_weights_of_inhibition_are_sizes():
    a, b = (run(FEEDBACK, w_max=-0.06, **changed) for changed in ({}, {"A_minus": 0.0686}))
    assert named(a, b) == ["different A_minus"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"dependence": "multiplicative", "A_plus": 0.1}, {"dependence", "A_plus"}),
        ({"rule": "NearestNeighbourSymmetricRule", "tau_plus": 15.0}, {"pairing", "tau_plus"}),
        ({"tau_plus": 25.0, "tau_minus": 20.0}, {"tau_plus", "tau_minus"}),
        ({"dependence": "Gütig", "exponents": (0.3, 0.6)}, {"dependence"}),
    ],
)
def test_two_changes_at_once(changed, expected):
    found = named(run(FEEDBACK), run(FEEDBACK, **changed))
    assert {name.split()[-1] for name in found} == expected


def projection(weights, plastic):
    """Two hundred weights between forty neurons that fire alike in every run."""
    rng = np.random.default_rng(2)
    step = np.cumsum(rng.integers(50, 400, (40, 15)), axis=1)
    spikes = synthetic.spike_frame("r", "cells", np.repeat(np.arange(40), 15), step.ravel() * DT)
    pre, post = np.divmod(np.arange(200), 40)
    table = synthetic.weight_frame("r", "w", pre, post, weights)
    facts = {} if plastic is None else {"w": {"pre": "cells", "post": "cells", "plastic": plastic}}
    return Evidence({"projections": facts}, spikes, table)


DRAWN = np.random.default_rng(7).uniform(0.1, 0.9, 200)


@pytest.mark.parametrize("other", [DRAWN**1.1, np.minimum(DRAWN, 0.6), np.full(200, 0.5)])
@pytest.mark.parametrize("plastic", [None, False])
def test_no_rule_is_named_for_weights_that_may_be_static(other, plastic):
    assert named(projection(DRAWN, plastic), projection(other, plastic)) == []
    one = projection(np.full(200, 0.4), plastic)
    assert named(one, projection(np.full(200, 0.5), plastic)) == []


def test_plastic_weights_that_no_rule_explains():
    """Between neurons with the same spikes: some rule differs, nobody knows which."""
    (cause,) = causes(projection(DRAWN, True), projection(DRAWN**1.1, True))
    assert cause.name == "different weight rule"
    assert "different A_plus" in cause.alternatives


def test_spikes_that_were_not_stored_are_no_plasticity():
    a = run(INSIDE)
    kept = np.random.default_rng(1).random(len(a.spikes)) > 0.1
    fewer = replace(a, spikes=a.spikes[kept])
    assert named(a, fewer) == []
    other = run(INSIDE, source=1)
    assert named(a, replace(other, spikes=other.spikes[other.spikes["neuron"] % 3 > 0])) == []


def test_tables_without_spikes_or_delays():
    a, b = run(FEEDBACK), run(FEEDBACK, A_plus=0.0816)
    silent = [replace(one, spikes=one.spikes.iloc[:0]) for one in (a, b)]
    assert named(*silent) == []
    unknown = [replace(one, weights=one.weights.assign(delay_ms=np.nan)) for one in (a, b)]
    assert named(*unknown) == []
    nothing = [replace(one, weights=one.weights.iloc[:0]) for one in (a, b)]
    assert named(*nothing) == []


def test_tables_of_32_bits():
    a, b = run(FEEDBACK), run(FEEDBACK, A_plus=0.0816)
    small = [replace(one, weights=one.weights.astype({"weight": "float32"})) for one in (a, b)]
    assert named(*small) == ["different A_plus"]


def test_every_name_is_in_the_catalogue():
    names = [kind.name for kind in KINDS]
    assert len(set(names)) == len(names)
    expected = {label for _, labels in CHANGES.values() for label in labels}
    assert expected <= set(names)
    assert all(kind.meaning and kind.test and (kind.weights or kind.spikes) for kind in KINDS)
    assert isinstance(pd.DataFrame(KINDS), pd.DataFrame)


def test_delays_that_the_table_does_not_have():
    """A projection whose delays are a step longer than the table says, with the same spikes."""
    longer = run(FROZEN, delay=1.6)
    said = replace(longer, weights=longer.weights.assign(delay_ms=1.5))
    (cause,) = causes(run(FROZEN), said)
    assert cause.names[0] == "different delays"
    assert "longer than in the table are 0 in the first run and 1 in the second" in (
        cause.explanation
    )


def of_some(one, everything_at_end=False):
    """A run that read every third connection over time, and recorded the spikes of some cells."""
    weights, record = one.weights, dict(one.record)
    connection = weights.groupby("time_ms").cumcount()
    last = weights["time_ms"] == weights["time_ms"].max()
    kept = weights[(connection % 3 == 0) | (last & everything_at_end)]
    facts = json.loads(record["projections"])["plastic"]
    facts |= {"recorded_connections": len(kept), "connections": len(weights), "all_at_end":
              everything_at_end}  # fmt: skip
    record["projections"] = json.dumps({"plastic": facts})
    neurons = list(range(12))
    record["recorded_neurons"] = {"cells": {"of": N, "spikes": neurons}}
    record["population_sizes"] = {"cells": len(neurons)}
    spikes = one.spikes[one.spikes["neuron"].isin(neurons)]
    return replace(one, record=record, weights=kept.reset_index(drop=True), spikes=spikes)


@pytest.mark.parametrize("everything_at_end", [False, True])
def test_some_connections_and_neurons_tell_the_rule(everything_at_end):
    a, b = (of_some(run(FEEDBACK, **one), everything_at_end) for one in ({}, {"A_plus": 0.0816}))
    (cause,) = causes(a, b)
    assert cause.label == "different A_plus" and "0.0816 ± " in cause.explanation
