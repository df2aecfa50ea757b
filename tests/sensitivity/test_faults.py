"""Faults change what they say, and nothing else."""

import numpy as np
import pyNN.mock as mock
import pytest
from pyNN.parameters import Sequence

from pipelines.errors import BadInput
from pipelines.sensitivity.altered_module import scaled, shifted
from pipelines.sensitivity.faults import FAULTS, with_fault

DT = 0.1
CELL = {"tau_refrac": 2.0, "v_thresh": -50.0, "v_reset": -65.0, "tau_m": 20.0, "tau_syn_E": 3.0,
        "tau_syn_I": 8.0, "cm": 0.25, "v_rest": -65.0, "i_offset": 0.1}  # fmt: skip


def value(parameters, name):
    found = parameters[name]
    found.shape = (1,)
    return float(np.ravel(found.evaluate(simplify=False))[0])


def cell(sim):
    space = sim.IF_curr_exp(**CELL).parameter_space
    return {name: value(space, name) for name in CELL}


def mechanism(sim):
    made = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(20.0, 20.0, 0.01, 0.012),
        weight_dependence=sim.AdditiveWeightDependence(0.0, 0.5),
        weight=0.2, delay=1.5, dendritic_delay_fraction=1.0,
    )  # fmt: skip
    parts = {**made.timing_dependence.parameter_space, **made.weight_dependence.parameter_space}
    plain = {name: value(parts, name) for name in parts}
    return type(made.weight_dependence).__name__, plain | {
        "weight": made.weight, "delay": made.delay, "fraction": made.dendritic_delay_fraction,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "strength", "changed"),
    [
        ("refractory period", 1, {"tau_refrac": 2.1}),
        ("refractory period", -1, {"tau_refrac": 1.9}),
        ("threshold", 0.1, {"v_thresh": -49.9}),
        ("reset", -0.1, {"v_reset": -65.1}),
        ("tau_m", 1, {"tau_m": 20.2}),
        ("cm", 5, {"cm": 0.2625}),
        ("leak", 0.5, {"v_rest": -64.5}),
        ("offset", 0.01, {"i_offset": 0.11}),
        ("tau_syn swapped", 1, {"tau_syn_E": 8.0, "tau_syn_I": 3.0}),
    ],
)
def test_faults_of_cells(fault, strength, changed):
    assert cell(with_fault(mock, fault, strength, DT, 1)) == pytest.approx(CELL | changed)
    assert cell(mock) == CELL


@pytest.mark.parametrize(
    ("fault", "strength", "changed"),
    [
        ("delays", 1, {"delay": 1.6}),
        ("weights", 1, {"weight": 0.202}),
        ("delay fraction", 1, {"fraction": 1e-4}),
        ("A_plus", 2, {"A_plus": 0.0102}),
        ("A_minus", -2, {"A_minus": 0.01176}),
        ("tau_plus", 5, {"tau_plus": 21.0}),
        ("tau_minus", 5, {"tau_minus": 21.0}),
        ("w_max", -20, {"w_max": 0.4, "A_plus": 0.0125, "A_minus": 0.015}),
        ("traces exchanged", 1, {"A_plus": 0.012, "A_minus": 0.01}),
        # The weight here is excitatory.
        ("inhibition", 10, {}),
        ("no largest weight", 1, {"w_max": 50.0, "A_plus": 1e-4, "A_minus": 1.2e-4}),
    ],
)
def test_faults_of_synapses(fault, strength, changed):
    usual = mechanism(mock)
    name, found = mechanism(with_fault(mock, fault, strength, DT, 1))
    assert name == usual[0] and found == pytest.approx(usual[1] | changed)
    assert mechanism(mock) == usual


def test_the_other_rule():
    altered = with_fault(mock, "weight dependence", 1, DT, 1)
    assert mechanism(altered)[0] == "MultiplicativeWeightDependence"
    swapped = altered.GutigWeightDependence(w_min=0.0, w_max=0.5, mu_plus=0.5, mu_minus=0.5)
    assert type(swapped).__name__ == "AdditiveWeightDependence"


def test_faults_of_inputs():
    rng = np.random.default_rng(3)
    times = [np.unique(rng.integers(30, 5000, 20)) * DT for _ in range(2)]
    trains = [Sequence(each) for each in times]

    def played(fault):
        sim = with_fault(mock, fault, 1, DT, 1)
        given = sim.SpikeSourceArray(spike_times=trains).parameter_space["spike_times"].base_value
        return [train.value.tolist() for train in given]

    assert played("shared input") == [times[0].tolist()] * 2
    redrawn = played("other input")
    assert redrawn != played("threshold")
    for train, was in zip(redrawn, trains, strict=True):
        assert train[0] == pytest.approx(was.value[0])
        assert sorted(np.diff(train)) == pytest.approx(sorted(np.diff(was.value)))

    late = played("late input")
    for train, was in zip(late, trains, strict=True):
        assert train == pytest.approx(was.value + DT)
    strong = with_fault(mock, "input rate", 50, DT, 1).SpikeSourceArray(spike_times=trains)
    more = [train.value for train in strong.parameter_space["spike_times"].base_value]
    for train, was in zip(more, trains, strict=True):
        assert set(was.value.round(9)) < set(train.round(9))


def test_other_and_doubled_connections():
    pairs = np.argwhere(np.ones((20, 10)))
    twice = with_fault(mock, "synapses twice", 1, DT, 1).FromListConnector(pairs).conn_list
    assert sorted(map(tuple, twice)) == sorted(map(tuple, [*pairs, *pairs]))
    pairs = pairs[::3]
    other = with_fault(mock, "other connections", 1, DT, 1).FromListConnector(pairs).conn_list
    assert np.array_equal(other[:, 0], pairs[:, 0]) and not np.array_equal(other, pairs)
    assert sorted(other[:, 1]) == sorted(pairs[:, 1])


def test_inhibition_alone():
    sim = with_fault(mock, "inhibition", 10, DT, 1)
    weights = [
        sim.StaticSynapse(weight=given, delay=1.0).parameter_space["weight"]
        for given in (0.5, -0.5)
    ]
    assert [each.base_value for each in weights] == pytest.approx([0.5, -0.55])


def test_faults_of_populations():
    start = np.array([-60.0, -55.0])
    mock.setup(timestep=DT)
    higher = with_fault(mock, "initial v", 0.5, DT, 1).Population(
        2, mock.IF_curr_exp(), initial_values={"v": start}
    )
    assert higher.initial_values["v"].evaluate().tolist() == [-59.5, -54.5]
    silent = with_fault(mock, "silent neuron", 1, DT, 1).Population(2, mock.IF_curr_exp())
    assert silent.get("v_thresh").tolist() == [1000.0, -50.0]


def test_missing_synapses():
    pairs = np.argwhere(np.ones((50, 40)))
    left = with_fault(mock, "missing synapses", 20, DT, 1).FromListConnector(pairs).conn_list
    assert len(left) == pytest.approx(1600, abs=4 * np.sqrt(320))
    assert {tuple(pair) for pair in left} < {tuple(pair) for pair in pairs}


def test_no_fault_is_the_module_itself():
    assert with_fault(mock, "", 0, DT, 1) is mock


def test_an_unknown_fault_is_named_with_the_nearest():
    with pytest.raises(BadInput, match="did you mean 'threshold'"):
        with_fault(mock, "treshold", 1, DT, 1)


def test_every_fault_says_what_it_does():
    assert len(FAULTS) >= 15
    for name, fault in FAULTS.items():
        assert fault.strengths, name
        assert ("{}" in fault.description) == bool(fault.unit), name


def test_values_of_every_kind_can_be_changed():
    assert shifted("0.2 + d", 0.1) == "(0.2 + d) + 0.1" and scaled("d", 2.0) == "(d) * 2.0"
    assert shifted(np.array([1.5]), 0.1).tolist() == [1.6] and scaled(3, 2.0) == 6.0
    drawn = mock.RandomDistribution("uniform", low=1.0, high=2.0, rng=mock.NumpyRNG(seed=1))
    later = shifted(drawn, 10.0)
    later.shape = (100,)
    assert np.all((later.evaluate() >= 11.0) & (later.evaluate() <= 12.0))
