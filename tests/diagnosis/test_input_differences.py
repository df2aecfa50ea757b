"""Causes told from the inputs of a neuron whose projections are known."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.from_states import state_causes
from pipelines.diagnosis.run_pair import Evidence, Pair

DT, STEPS, DELAY = 0.1, 1200, 1.0
RNG = np.random.default_rng(4)
# Two presynaptic populations of two neurons.
TRAINS = {
    (name, k): np.sort(RNG.choice(np.arange(10, STEPS - 20), 12, replace=False)) * DT
    for name in ("plain", "learning")
    for k in range(2)
}
WEIGHT = {"plain": 0.3, "learning": 0.2}
PROJECTIONS = {
    name: {"pre": name, "post": "p", "receptor": "excitatory", "plastic": name == "learning",
           "synapse": "STDPMechanism" if name == "learning" else "StaticSynapse"}
    for name in WEIGHT
}  # fmt: skip


def run(factor=lambda name, ordinal: 1.0, delays=(0, 0), known=True):
    """A silent neuron; `factor` of (projection, ordinal) changes what is transmitted."""
    current, late = np.zeros(STEPS), dict(zip(WEIGHT, delays, strict=True))
    for (name, _), train in TRAINS.items():
        for ordinal, time in enumerate(train):
            at = round((time + DELAY) / DT) + late[name]
            current[at] += WEIGHT[name] * factor(name, ordinal)
    for k in range(1, STEPS):
        current[k] += np.exp(-DT / 4.0) * current[k - 1]
    state = {"time_ms": np.arange(STEPS) * DT, "v": np.full(STEPS, -65.0), "isyn_exc": current}
    spikes = pd.DataFrame(
        [(name, k, time) for (name, k), train in TRAINS.items() for time in train],
        columns=["population", "neuron", "time_ms"],
    )
    weights = pd.DataFrame(
        [(name, k, 0, WEIGHT[name], DELAY, 100.0) for name, k in TRAINS],
        columns=["projection", "pre", "post", "weight", "delay_ms", "time_ms"],
    )
    record = {"projections": json.dumps(PROJECTIONS)} if known else {}
    return Evidence(record, spikes, weights, states={("p", 0): state})


def told(**changed):
    known = changed.get("known", True)
    return state_causes(Pair(run(known=known), run(**changed), DT))


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("plain", ("weights scaled",)),
        ("learning", ("different initial weights", "different weight rule")),
    ],
)
def test_what_is_transmitted_from_the_first_spike_on(name, names):
    (cause,) = told(factor=lambda which, _: 1.5 if which == name else 1.0)
    assert cause.names == names and f"through {name}" in cause.explanation, cause


def test_later_transmissions_are_the_rule_and_no_weight():
    (cause,) = told(factor=lambda name, k: 1.0 + 0.1 * k if name == "learning" else 1.0)
    assert cause.names == ("different weight rule", "different synapse type")
    assert "synapses that have not learned yet agree" in cause.explanation


def test_synapses_that_learned_before_their_first_spike_say_less():
    early = Pair(run(), run(lambda name, k: 1.5 if name == "learning" else 1.0), DT)
    fired = pd.DataFrame({"population": ["p"], "neuron": [0], "time_ms": [0.5]})
    a, b = (
        replace(one, spikes=pd.concat([one.spikes, fired], ignore_index=True))
        for one in (early.a, early.b)
    )
    (cause,) = state_causes(replace(early, a=a, b=b))
    assert cause.names == ("different weight rule", "different initial weights")


def test_without_projections_less_is_said():
    (cause,) = told(factor=lambda name, k: 1.0 + 0.1 * k, known=False)
    assert cause.names == ("different weights", "different weight rule")
    (cause,) = told(factor=lambda name, k: 1.5, known=False)
    assert cause.names == ("weights scaled", "different initial weights")


def test_delays():
    (cause,) = told(delays=(2, 2))
    assert cause.names == ("different delays",) and cause.steps == 2
    assert "presynaptic spikes are the same" in cause.explanation
    (cause,) = told(delays=(0, -1))
    assert cause.names == ("different delays",) and cause.steps == -1
    assert "through learning" in cause.explanation
    (cause,) = told(delays=(2, 2), known=False)
    assert cause.names == ("different delays", "inputs delayed")


def test_missing_inputs():
    (cause,) = told(factor=lambda name, k: float((name, k) != ("plain", 3)))
    assert cause.names == ("missing or further input",)
    assert "through plain" in cause.explanation
    (cause,) = told(factor=lambda name, k: float(name != "plain"))
    assert cause.names == ("missing or further input", "different connectivity")
