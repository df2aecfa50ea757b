"""Hypotheses that are tested by predicting spikes from the recorded spikes that reach a neuron."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.from_prediction import predicted_causes
from pipelines.diagnosis.membrane.equal_potentials import ruled_out
from pipelines.diagnosis.membrane.predicted_spikes import predict, predictable
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.diagnosis.synapses.transmissions import transmissions_to
from pipelines.sensitivity.simulator.example_networks import feed_forward
from pipelines.sensitivity.simulator.run import simulate
from pipelines.sensitivity.simulator.simulation import FORWARD_EULER, Switches

DURATION = 250.0


def small(change=None, factor=1.0):
    """The feed-forward network without its second population, with one parameter changed."""
    network = feed_forward(3, DURATION)
    del network.cells["driven"]
    asked = network.copy()
    if change:
        values = network.cells["cells"].parameters
        values[change] = values[change] * factor
    return asked, network


def pair(change=None, factor=1.0, **switches):
    asked, built = small(change, factor)
    healthy = simulate(asked).evidence
    return Pair(healthy, simulate(asked, built, "b", switches=Switches(**switches)).evidence, 0.1)


def test_a_healthy_run_is_predicted_in_every_interval():
    both = predictable(pair())["cells"]
    for one in both:
        fit = predict(one)
        assert fit.intervals.sum() > 20 and fit.wrong.sum() == 0 == fit.misfit_mv.sum()


def test_what_reaches_a_neuron_must_be_recorded_as_a_whole():
    """Of some presynaptic neurons, or some connections, nothing can be predicted."""
    healthy = pair().a
    described = json.loads(healthy.record["projections"])
    (name, facts), *_ = described.items()
    sample = {**described, name: facts | {"recorded_connections": 3, "connections": 9}}
    some = {facts["pre"]: {"of": 99, "spikes": [0, 1]}}
    for change in ({"projections": sample}, {"recorded_neurons": json.dumps(some)}):
        part = replace(healthy, record=healthy.record | change)
        assert predictable(Pair(healthy, healthy, 0.1)) and not predictable(Pair(part, part, 0.1))
        target = (facts["post"], 0, f"isyn_{facts['receptor'][:3]}", 0.1)
        assert transmissions_to(healthy, *target) is not None
        assert transmissions_to(part, *target) is None


@pytest.mark.parametrize(
    ("change", "factor", "name"),
    [("tau_m", 1.02, "different tau_m"), ("tau_syn_E", 1.1, "different tau_syn_E")],
)
def test_one_constant_is_named_with_its_value(change, factor, name):
    (cause,) = predicted_causes(pair(change, factor))
    assert cause.names == (name,)
    value = {"tau_m": "20.4", "tau_syn_E": "3.3"}[change]
    assert f"{change} of about {value}" in cause.explanation


def test_what_spikes_cannot_tell_apart_is_given_together():
    """Twice the capacitance and twice the distance to the threshold have the same spikes."""
    (cause,) = predicted_causes(pair("cm", 1.05))
    assert {"different cm", "different v_thresh"} <= {*cause.names}
    assert "different tau_m" not in cause.names


def test_a_scheme_and_a_refractory_period():
    (cause,) = predicted_causes(pair(scheme=FORWARD_EULER))
    assert cause.names == ("forward Euler",)
    (cause,) = predicted_causes(pair("tau_refrac", 1.15))
    assert (cause.names, cause.steps) == (("different tau_refrac",), 3)


def test_noise_is_none_of_the_hypotheses():
    assert predicted_causes(pair(noise_mv=0.1)) == []


@pytest.mark.parametrize("lost", ["cell_parameters", "projections", "cell_types"])
def test_without_a_complete_record_nothing_is_predicted(lost):
    both = pair("tau_m", 1.1)
    a, b = (
        Evidence({k: v for k, v in one.record.items() if k != lost}, one.spikes, one.weights)
        for one in (both.a, both.b)
    )
    assert predicted_causes(Pair(a, b, 0.1)) == []


def test_inputs_that_are_not_complete_are_noticed():
    """Without one projection neither run is predicted, so neither deviates."""
    both = pair("tau_m", 1.1)
    name = "input_inh_cells"
    parts = []
    for one in (both.a, both.b):
        known = json.loads(one.record["projections"])
        del known[name]
        parts.append(
            Evidence(one.record | {"projections": json.dumps(known)}, one.spikes, one.weights)
        )
    assert predicted_causes(Pair(*parts, 0.1)) == []


def test_neurons_with_values_of_their_own_are_none_of_them():
    asked, built = small()
    rng = np.random.default_rng(4)
    built.cells["cells"].parameters["tau_m"] = 20 * rng.uniform(0.9, 1.1, 40)
    both = Pair(simulate(asked).evidence, simulate(asked, built, "b").evidence, 0.1)
    assert predicted_causes(both) == []


def clock_driven(timestep_a=0.1, timestep_b=0.1, v_thresh_b=-50.0):
    """One neuron that a constant current drives, and its potential every ms."""

    def run(timestep, v_thresh):
        tau_m, v_rest, v_reset, level, held = 20.0, -65.0, -65.0, -33.0, round(2 / timestep)
        spikes, samples, v, free_from = [], [], v_rest, 0
        for step in range(1, round(1000 / timestep) + 1):
            if step > free_from:
                v = level + (v - level) * np.exp(-timestep / tau_m)
            if v >= v_thresh - 1e-9:
                spikes.append(step * timestep)
                v, free_from = v_reset, step + held
            if step * timestep % 1 < 1e-6 or 1 - step * timestep % 1 < 1e-6:
                samples.append((step * timestep, v))
        return spikes, samples

    constants = {
        "tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0,
        "tau_refrac": 2.0, "tau_syn_E": 5.0, "tau_syn_I": 5.0, "i_offset": 0.4,
    }  # fmt: skip

    def evidence(backend, timestep, v_thresh):
        spikes, samples = run(timestep, v_thresh)
        kept = {"population": "cells", "neuron": 0}
        record = {
            "backend": backend, "seed": 1, "cell_types": json.dumps({"cells": ["IF_curr_exp"]}),
            "cell_parameters": json.dumps({"cells": constants}), "projections": json.dumps({}),
        }  # fmt: skip
        times, values = np.array(samples).T
        return Evidence(
            record,
            pd.DataFrame({**kept, "time_ms": spikes}),
            pd.DataFrame(columns=["projection", "pre", "post", "weight", "delay_ms", "time_ms"]),
            pd.DataFrame({**kept, "variable": "v", "time_ms": times, "value": values}),
        )

    return Pair(evidence("a", timestep_a, -50.0), evidence("b", timestep_b, v_thresh_b), 0.1)


def test_a_longer_time_step_is_told_from_constants_by_equal_potentials():
    """Without signals other constants do the same; equal samples of v rule them out."""
    both = clock_driven(timestep_b=0.2)
    (cause,) = predicted_causes(both)
    assert "coarser time grid" in cause.names and "different v_thresh" in cause.names
    assert {"different tau_m", "different cm", "different tau_refrac"}.isdisjoint(cause.names)
    blind = Pair(replace(both.a, signals=None), replace(both.b, signals=None), 0.1)
    (cause,) = predicted_causes(blind)
    assert {"coarser time grid", "different tau_m", "different v_thresh"} <= {*cause.names}


def test_equal_potentials_rule_out_the_membrane_only_where_they_move_and_are_equal():
    threshold = clock_driven(v_thresh_b=-49.9)
    assert "different cm" in ruled_out(threshold, "cells")
    assert ruled_out(threshold, "others") == frozenset()
    moved = threshold.b.signals.assign(value=threshold.b.signals["value"] + 1e-4)
    assert not ruled_out(replace(threshold, b=replace(threshold.b, signals=moved)), "cells")
    still = [one.signals.assign(value=-65.0) for one in (threshold.a, threshold.b)]
    resting = Pair(
        replace(threshold.a, signals=still[0]), replace(threshold.b, signals=still[1]), 0.1
    )
    assert not ruled_out(resting, "cells")
