"""Causes told from the state of one neuron, simulated here with the exact propagators."""

import numpy as np
import pytest

from pipelines.diagnosis.causes import add_state_causes
from pipelines.diagnosis.from_states import state_causes
from pipelines.diagnosis.run_pair import Cause

DT, STEPS = 0.1, 600
RNG = np.random.default_rng(8)
INPUT = np.sort(RNG.choice(np.arange(30, 590), 60, replace=False))


def neuron(
    tau_m=20.0, cm=0.25, rest=-65.0, reset=-65.0, threshold=-50.0, held=20, tau_syn=3.0,
    start=-60.0, weight=1.5, arrive=INPUT, offset=0.0,
):  # fmt: skip
    """A cell with exponential currents (Rotter and Diesmann 1999): its state and its spikes."""
    decay, leak = np.exp(-DT / tau_syn), np.exp(-DT / tau_m)
    effect = tau_m * tau_syn / (cm * (tau_m - tau_syn)) * (leak - decay)
    level = rest + offset * tau_m / cm
    v, current = np.full(STEPS, start), np.zeros(STEPS)
    spikes, wait = [], 0
    for k in range(1, STEPS):
        current[k] = decay * current[k - 1] + weight * np.sum(arrive == k)
        if wait:
            v[k], wait = v[k - 1], wait - 1
            continue
        v[k] = level + leak * (v[k - 1] - level) + effect * current[k - 1]
        if v[k] >= threshold:
            v[k], wait = reset, held
            spikes.append(k)
    return {"time_ms": np.arange(STEPS) * DT, "v": v, "isyn_exc": current}, np.array(spikes) * DT


def told(**changed):
    (a, at_a), (b, at_b) = neuron(), neuron(**changed)
    assert len(at_a) > 2
    # As `trace` does: until just after the first spike that one run alone has.
    apart = np.setxor1d(np.rint(at_a / DT), np.rint(at_b / DT))
    end = int(apart.min()) + 20 if len(apart) else STEPS
    cut = [{name: values[:end] for name, values in state.items()} for state in (a, b)]
    return state_causes((cut[0], cut[1]), (at_a, at_b), DT)


@pytest.mark.parametrize(
    ("changed", "name", "said"),
    [
        ({"threshold": -50.2}, "different threshold", "makes a spike in the second run"),
        ({"threshold": -49.9}, "different threshold", "makes a spike in the first run"),
        ({"tau_m": 21.0}, "different tau_m", "20 and 21 ms"),
        ({"cm": 0.26}, "different cm", "0.9615385 times as far"),
        ({"rest": -64.0}, "different resting potential or constant current", "-65 and -64 mV"),
        ({"offset": 0.01}, "different resting potential or constant current", "-65 and -64.2 mV"),
        ({"reset": -66.0}, "different reset potential", "-65 and -66 mV"),
        ({"held": 21}, "refractory period", "20 and 21 steps"),
        ({"start": -59.0}, "different initial state", "begins at -60 mV"),
        ({"tau_syn": 3.3}, "different tau_syn", "3 ms in the first run, 3.3 ms in the second"),
        ({"weight": 1.4}, "different synaptic weight", "0.933333 times"),
        ({"arrive": INPUT + 1}, "different delay or time of input", "1 step later"),
        ({"arrive": INPUT - 1}, "different delay or time of input", "1 step earlier"),
        ({"arrive": np.delete(INPUT, 3)}, "missing or further input", "in the first run alone"),
    ],
)
def test_what_differs_is_named(changed, name, said):
    (cause,) = told(**changed)
    assert cause.name == name and said in cause.explanation, cause


def test_the_same_state_has_no_cause():
    state, spikes = neuron()
    assert state_causes((state, state), (spikes, spikes), DT) == []


def test_a_potential_at_a_round_number_is_a_tie():
    rising = -45.0 - 40 * 0.95 ** np.arange(60)
    rising += -50.0 - rising[40]
    states, spikes = [], []
    # One run fires when the potential is at -50 mV, the other one a step later.
    for fires in (41, 40):
        v = np.where(np.arange(60) < fires, rising, -65.0)
        states.append({"time_ms": np.arange(60) * DT, "v": v})
        spikes.append(np.array([fires * DT]))
    (cause,) = state_causes((states[0], states[1]), (spikes[0], spikes[1]), DT)
    assert cause.name == "threshold tie"


def test_a_membrane_that_is_not_linear_says_nothing():
    state, spikes = neuron()
    curved = state | {"v": -65 - np.sqrt(np.abs(state["v"]))}
    other = curved | {"v": curved["v"] - np.linspace(0, 1, STEPS) ** 2}
    assert state_causes((curved, other), (spikes, spikes), DT) == []


def test_a_state_takes_the_place_of_what_tables_say_vaguely():
    vague, telling = Cause("less excitable", "", 1.0), Cause("weights scaled", "", 1.0)
    seen = Cause("different tau_m", "", 1.0)
    assert add_state_causes([vague], [seen]) == [seen]
    assert add_state_causes([telling], [seen]) == [telling, seen]
    assert add_state_causes([vague], []) == [vague]
