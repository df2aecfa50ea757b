"""Causes told from the states of single neurons, known in closed form."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.from_states import state_causes
from pipelines.diagnosis.kinds.states import KINDS
from pipelines.diagnosis.membrane.spike_constants import spike_constants
from pipelines.diagnosis.repeats.built_network import BuiltNetwork, BuiltPopulation
from pipelines.diagnosis.run_pair import Pair
from tests.diagnosis import exact_cells as cells
from tests.diagnosis.exact_cells import DT, cell, conductance_cell, evidence, pair_of

FREE = {"threshold": np.inf}
ALPHA = {"alpha": True, "w_e": 0.5}
NO_INPUT = {"w_e": 0.0, "w_i": 0.0, "offset": 0.3}

V_REST = ("different v_rest", "different i_offset")


def _label(value):
    """Name of a test case that is the same in every process."""
    ordered = sorted(value) if isinstance(value, set) else value
    return re.sub(r" at 0x[0-9a-f]+", "", str(ordered))


def told(common, **changed):
    a, b = cell(**common), cell(**{**common, **changed})
    found = state_causes(pair_of(a, b))
    assert {name for one in found for name in one.names} <= {kind.name for kind in KINDS} | {
        "weights scaled", "different delays", "inputs delayed", "different initial weights",
        "different connectivity", "different inputs",
    }  # fmt: skip
    return found


def numbers(text):
    """Numbers with their errors, such as 21.00(1), of a text."""
    return [
        (float(value), int(last) * 10.0 ** -len(value.partition(".")[2]))
        for value, last in re.findall(r"(-?\d+\.?\d*)\((\d+)\)", text)
    ]


@pytest.mark.parametrize("common", [{}, ALPHA, FREE, NO_INPUT], ids=_label)
def test_the_same_cell_has_no_cause(common):
    assert told(common) == []
    # Input, initial values and the threshold are no constants of the membrane.
    assert [one.name for one in told(common, start=-61.0)] == ["different initial potential"]


@pytest.mark.parametrize("common", [{}, ALPHA], ids=_label)
@pytest.mark.parametrize(
    ("changed", "names", "number"),
    [
        ({"tau_m": 20.2}, ("different tau_m",), 20.2),
        ({"tau_m": 15.0}, ("different tau_m",), 15.0),
        ({"cm": 0.26}, ("different cm",), 0.26),
        ({"cm": 0.375}, ("different cm",), 0.375),
        ({"rest": -64.9}, V_REST, -64.9),
        ({"offset": 0.001}, V_REST, -64.92),
        ({"tau_e": 3.1}, ("different tau_syn_E",), 3.1),
        ({"tau_i": 7.5}, ("different tau_syn_I",), 7.5),
        ({"tau_e": 8.0, "tau_i": 3.0}, ("tau_syn_E and tau_syn_I exchanged",), None),
        ({"scheme": lambda a: cells.exact(a, 0.101)},
         ("different time step in the equations",), 1.01),
        ({"scheme": cells.euler}, ("forward Euler",), None),
        ({"scheme": cells.euler_twice}, ("forward Euler",), None),
        ({"scheme": cells.exponential_euler}, ("exponential Euler",), None),
        ({"scheme": cells.runge_kutta_2}, ("Runge-Kutta of low order",), None),
        ({"scheme": cells.backward_euler}, ("implicit integration",), None),
        ({"every": 2}, ("coarser time grid",), None),
        ({"every": 5}, ("coarser time grid",), None),
        ({"tau_m": 20.2, "cm": 0.26}, ("different cell constants",), None),
        ({"tau_e": 3.1, "rest": -64.0}, ("different cell constants",), None),
    ],
    ids=_label,
)  # fmt: skip
def test_a_constant_that_differs_is_named_with_its_number(common, changed, names, number):
    (cause,) = told(common, **changed)
    assert cause.names == names, cause
    if number is not None:
        ((value, error),) = numbers(cause.explanation)
        assert abs(value - number) <= 5 * error, cause


def test_the_run_with_the_other_scheme_is_said():
    a, b = cell(), cell(scheme=cells.euler)
    for pair, where in ((pair_of(a, b), "second"), (pair_of(b, a), "first")):
        (cause,) = state_causes(pair)
        assert cause.name == "forward Euler" and f"constants in the {where} run" in (
            cause.explanation
        )


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        # v_rest, i_offset and cm all move the level alone, without synaptic input.
        ({"rest": -64.9}, {*V_REST, "different cm"}),
        ({"offset": 0.31}, {*V_REST, "different cm"}),
        ({"cm": 0.26}, {*V_REST, "different cm"}),
        ({"tau_m": 20.2}, {"different tau_m"}),
        ({"scheme": cells.euler}, {"forward Euler"}),
        ({"scheme": cells.runge_kutta_2}, {"Runge-Kutta of low order"}),
        ({"scheme": cells.exponential_euler}, set()),
        ({"scheme": lambda a: cells.exact(a, 0.101)},
         {"different tau_m", "different time step in the equations"}),
    ],
    ids=_label,
)  # fmt: skip
def test_what_cannot_be_told_apart_without_input_is_named_as_alternatives(changed, names):
    found = told(NO_INPUT, **changed)
    assert {name for one in found for name in one.names} == names
    assert len(found) <= 1


@pytest.mark.parametrize("common", [{}, ALPHA, NO_INPUT], ids=_label)
@pytest.mark.parametrize(
    ("changed", "name", "said"),
    [
        ({"threshold": -49.9}, "different v_thresh", "makes a spike in the first run"),
        ({"threshold": -50.1}, "different v_thresh", "makes a spike in the second run"),
        ({"reset": -66.0}, "different v_reset", "-65 mV in the first run and -66 in the second"),
        ({"held": 21}, "different tau_refrac", "for 20 steps in the first run and 21 in the sec"),
        ({"held": 17}, "different tau_refrac", "for 20 steps in the first run and 17 in the sec"),
        ({"start": -61.0}, "different initial potential", "-60 mV in the first run and -61"),
    ],
)
def test_what_spikes_and_the_start_show(common, changed, name, said):
    (cause,) = told(common, **changed)
    assert cause.names == (name,) and said in cause.explanation, cause


def test_a_refractory_period_without_input_is_bounded_only():
    # v_reset is v_rest, and without input a free membrane stays there as a held one does.
    v = np.append(np.linspace(-60.0, -50.1, 30), np.full(50, -65.0))
    found = spike_constants(v, np.array([30]), np.append(np.nan, v[:-1]), 0.0)
    assert found.reset_mv == -65.0 and found.refractory == (0, len(v))
    # Input moves it in step 70, or would have moved it in step 40.
    v[70:] = -64.0
    predicted = v.copy()
    predicted[40] = -64.0
    found = spike_constants(v, np.array([30]), predicted, 0.0)
    assert found.refractory == (10, 39)


def test_a_refractory_period_without_a_fit_needs_several_spikes():
    v = np.linspace(-60.0, -50.0, 200) + np.sqrt(np.arange(200))
    spikes = np.array([20, 70, 130])
    for spike in spikes:
        v[spike : spike + 21] = -65.0
    assert spike_constants(v, spikes, None, 0.0).refractory == (20, 20)
    assert spike_constants(v, spikes[:2], None, 0.0).refractory is None
    v[91] = -65.0
    assert spike_constants(v, spikes, None, 0.0).refractory is None


def test_noise_is_measured():
    (cause,) = told({}, noise=0.02)
    assert cause.names == ("noise in the membrane",)
    ((size, error),) = numbers(cause.explanation)
    assert abs(size - 0.02) < 4 * error
    (cause,) = told({"noise": 0.02}, seed=2)
    assert cause.names == ("noise in the membrane",) and "in both runs" in cause.explanation
    assert told({"noise": 0.02}) == []


def test_noise_makes_errors_larger_and_causes_fewer():
    # A tenth of a percent of tau_m is within the error.
    noise = {"noise": 0.02, **FREE}
    assert told(noise, tau_m=20.02) == []
    (cause,) = told(noise, tau_m=30.0)
    assert cause.name == "different tau_m"
    # tau_syn has no noise.
    assert told(noise, tau_e=3.1)[0].names == ("different tau_syn_E",)


def test_stored_with_few_digits_is_no_noise():
    state, spikes = cell(**FREE)
    few = {name: values.astype(np.float32) for name, values in state.items() if name != "time_ms"}
    few["time_ms"] = state["time_ms"]
    assert state_causes(pair_of((state, spikes), (few, spikes))) == []


def test_a_current_that_acts_earlier():
    (cause,) = told(FREE, act=1)
    assert cause.names == ("different order of updates",) and "1 step earlier" in cause.explanation


@pytest.mark.parametrize("common", [FREE, {**ALPHA, **FREE}], ids=_label)
def test_inputs(common):
    (cause,) = told(common, w_e=1.1 * common.get("w_e", 1.2))
    assert cause.names == ("weights scaled", "different initial weights")
    assert "1.1 times as large in all" in cause.explanation
    (cause,) = told(common, late=2)
    assert cause.names == ("different delays", "inputs delayed") and cause.steps == 2
    (cause,) = told(common, late=-1)
    assert cause.names == ("different delays", "inputs delayed") and cause.steps == -1
    (cause,) = told(common, lost=(3, 40))
    assert cause.name == "missing or further input" and "2 inputs" in cause.explanation


def test_inputs_after_the_runs_part_are_no_cause():
    a, b = cell(**FREE), cell(**FREE, lost=(100,))
    arrival = cells.inputs(1500, 150, 8)[100] * DT
    # A presynaptic neuron fires in one run alone, before the input that is missing.
    others = [("q", 0, arrival - 1.0)]
    pair = Pair(evidence({("p", 0): a}, others=others), evidence({("p", 0): b}), DT)
    assert state_causes(pair) == []
    assert state_causes(replace(pair, a=evidence({("p", 0): a})))[0].name == (
        "missing or further input"
    )


def test_several_neurons_agree_on_one_cause():
    many = {("p", k): {"start": -60.0 - k} for k in range(3)}
    a = {key: cell(**given) for key, given in many.items()}
    b = {key: cell(**given, cm=0.26) for key, given in many.items()}
    (cause,) = state_causes(Pair(evidence(a), evidence(b), DT))
    assert cause.names == ("different cm",) and "3 of 3 recorded neurons" in cause.explanation
    # One population alone.
    b |= {("q", 0): a["p", 0]}
    a |= {("q", 0): a["p", 0]}
    (cause,) = state_causes(Pair(evidence(a), evidence(b), DT))
    assert cause.names == ("different cm",) and "3 of 4 recorded neurons" in cause.explanation
    # Without input v_rest and cm cannot be told apart; another neuron tells.
    a["p", 3], b["p", 3] = cell(**NO_INPUT), cell(**NO_INPUT, cm=0.26)
    (cause,) = state_causes(Pair(evidence(a), evidence(b), DT))
    assert cause.names == ("different cm",)


def signals(state, spikes, every=1):
    rows = [
        pd.DataFrame(
            {"population": "p", "neuron": 0, "variable": name,
             "time_ms": state["time_ms"][::every], "value": state[name][::every]}
        )
        for name in ("v", "isyn_exc", "isyn_inh")
    ]  # fmt: skip
    one = evidence({("p", 0): (state, spikes)})
    return replace(one, states={}, signals=pd.concat(rows, ignore_index=True))


@pytest.mark.parametrize("late", [1, -1])
def test_spikes_with_the_time_of_another_sample(late):
    (a, at_a), (b, at_b) = cell(), cell(tau_m=20.2)
    stamp, cause = state_causes(pair_of((a, at_a), (b, at_b + late)))
    assert stamp.names == (
        "constant shift", "one population recorded late", "different order of updates",
    )  # fmt: skip
    assert stamp.steps == late
    # The constants are measured nevertheless.
    assert cause.names == ("different tau_m",)


def test_neurons_with_one_receptor_agree_with_the_others():
    exchanged = {"tau_e": 8.0, "tau_i": 3.0}
    given = {("p", 0): {"w_i": 0.0}, ("p", 1): {}}
    a = {key: cell(**one, **FREE) for key, one in given.items()}
    b = {key: cell(**one, **FREE, **exchanged) for key, one in given.items()}
    (cause,) = state_causes(Pair(evidence(a), evidence(b), DT))
    assert cause.names == ("tau_syn_E and tau_syn_I exchanged",)
    # That neuron alone.
    (cause,) = told({"w_i": 0.0, **FREE}, **exchanged)
    assert cause.names == ("different tau_syn_E", "tau_syn_E and tau_syn_I exchanged")


def test_recorded_signals_do_as_well():
    a, b = cell(), cell(tau_m=20.2)
    (cause,) = state_causes(Pair(signals(*a), signals(*b), DT))
    assert cause.names == ("different tau_m",)
    # Not if they are sampled more rarely than every step.
    assert state_causes(Pair(signals(*a, 10), signals(*b, 10), DT)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tau_m": 20.2}, "20.20000000(3) in the second run (tau_m of 20 was asked for)"),
        ({"offset": 0.001}, "as by +0.001 nA"),
        ({"reset": -66.0}, "(v_reset of -65 was asked for)"),
        ({"held": 21}, "(tau_refrac of 2 was asked for)"),
    ],
)
def test_what_was_asked_for_is_said(changed, said):
    asked = {"tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "tau_refrac": 2.0}
    population = BuiltPopulation("IF_curr_exp", {k: np.array([x]) for k, x in asked.items()})
    built = BuiltNetwork({"p": population}, {})
    pair = pair_of(cell(), cell(**changed))
    (cause,) = state_causes(
        replace(pair, a=replace(pair.a, built=built), b=replace(pair.b, built=built))
    )
    assert said in cause.explanation, cause


def test_v_alone_is_not_enough_with_input():
    a, b = ({key: one[key] for key in ("time_ms", "v")} for one in (cell()[0], cell(cm=0.26)[0]))
    assert state_causes(pair_of((a, cell()[1]), (b, cell(cm=0.26)[1]))) == []


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, ()),
        ({"tau_m": 20.2}, ("different tau_m",)),
        ({"cm": 0.26}, ("different cm",)),
        ({"rest": -64.9}, V_REST),
        ({"e_rev": (-5.0, -80.0)}, ("different e_rev_E",)),
        ({"e_rev": (0.0, -79.0)}, ("different e_rev_I",)),
        ({"tau": (3.1, 8.0)}, ("different tau_syn_E",)),
        ({"tau": (8.0, 3.0)}, ("tau_syn_E and tau_syn_I exchanged",)),
        ({"scheme": "euler"}, ("forward Euler",)),
        ({"scheme": "exponential"}, ("exponential Euler",)),
        ({"noise": 0.02}, ("noise in the membrane",)),
    ],
    ids=_label,
)
def test_conductances(changed, names):
    found = state_causes(pair_of(conductance_cell(), conductance_cell(**changed)))
    assert [one.names for one in found] == ([names] if names else [])


def test_cells_with_further_variables_have_no_membrane_constants():
    kinds = {"cell_types": {"p": ["EIF_cond_alpha_isfa_ista"]}}
    a, b = (evidence({("p", 0): one}, kinds) for one in (cell(), cell(tau_m=20.2)))
    assert state_causes(Pair(a, b, DT)) == []


def test_a_potential_at_a_round_number_is_a_tie():
    rising = -45.0 - 40 * 0.95 ** np.arange(60)
    rising += -50.0 - rising[40]
    runs = []
    # One run fires when the potential is at -50 mV, the other one a step later.
    for fires in (41, 40):
        v = np.where(np.arange(60) < fires, rising, -65.0)
        runs.append(({"time_ms": np.arange(60) * DT, "v": v}, np.array([fires])))
    (cause,) = state_causes(pair_of(*runs))
    assert cause.name == "threshold tie"


def test_a_membrane_that_is_not_linear_says_nothing():
    state, spikes = cell()
    curved = state | {"v": -65 - np.sqrt(np.abs(state["v"]))}
    other = curved | {"v": curved["v"] - np.linspace(0, 1, len(state["v"])) ** 2}
    assert state_causes(pair_of((curved, spikes), (other, spikes))) == []
