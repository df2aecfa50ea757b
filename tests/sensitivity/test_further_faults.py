"""The further faults: they are many, unlike the others, and do what they say."""

import numpy as np
import pytest

from pipelines.diagnosis.catalogue import kinds
from pipelines.diagnosis.run_pair import Cause, Pair
from pipelines.sensitivity.fault import CELLS, KINDS, Fault, truth
from pipelines.sensitivity.fault_bench import differ, healthy_run, pair_of
from pipelines.sensitivity.fault_list import FAULTS, SETS, faults_of_set
from pipelines.sensitivity.judging import RIGHT, VAGUE, WRONG, judge_cause
from pipelines.sensitivity.simulator.example_networks import NETWORKS

FURTHER = SETS["second set"]
# An exact method and one of order 2 can give the same spikes.
MAY_HAVE_NO_EFFECT = {"trapezoidal rule"}


def test_further_faults_are_many_and_in_the_list():
    faults = list(faults_of_set("second set"))
    assert len(faults) >= 85 and len({fault.name for fault in faults}) == len(faults)
    assert {fault.kind for fault in faults} == set(KINDS)
    first = len(FAULTS) - len(FURTHER)
    assert set(FURTHER) <= set(FAULTS) and first >= 85
    for fault in faults:
        assert fault.truth and fault.on and set(fault.on) <= set(NETWORKS), fault.name


def test_a_fault_of_the_catalogue_has_a_true_name_there():
    for fault in FURTHER.values():
        if fault.is_catalogued:
            assert fault.truth & set(kinds()), fault.name


def test_a_description_of_a_fault_without_a_name_is_vague():
    described = Cause("more excitable", "", alternatives=("different cm", "different tau_m"))
    known = Fault("known", CELLS, truth("different v_thresh"))
    new = Fault("new", CELLS, truth("different cell type"), is_catalogued=False)
    assert judge_cause(described, known) == WRONG
    assert judge_cause(described, new) == VAGUE
    assert judge_cause(Cause("different cm", ""), new) == WRONG
    assert judge_cause(Cause("different cell type", ""), new) == RIGHT
    false = Fault("noise", CELLS, new.truth, is_catalogued=False, false=truth("more excitable"))
    assert judge_cause(described, false) == WRONG


def test_inputs_that_act_before_integration_come_a_step_early():
    fault = FURTHER["inputs before integration"]
    states = fault.run("with_signals").states([("cells", 0)], 60.0)[("cells", 0)]
    healthy = healthy_run("with_signals").states([("cells", 0)], 60.0)[("cells", 0)]
    moved = np.flatnonzero(~np.isclose(states["v"], healthy["v"], rtol=0, atol=1e-9))
    arrived = np.flatnonzero(np.diff(healthy["isyn_exc"]) > 1e-9) + 1
    assert moved[0] == arrived[0]


def test_a_triplet_rule_only_potentiates_more():
    _, faulty, _ = pair_of(FURTHER["triplets of spikes count"], "plastic")
    healthy = healthy_run("plastic").weights
    last = healthy["time_ms"].gt(0) & healthy["projection"].eq("plastic")
    assert faulty.weights.loc[last, "weight"].mean() > healthy.loc[last, "weight"].mean()


@pytest.mark.slow
def test_every_further_fault_has_an_effect():
    for name, fault in FURTHER.items():
        for network in fault.on:
            healthy = healthy_run(network).evidence
            if name not in MAY_HAVE_NO_EFFECT:
                assert differ(Pair(healthy, fault.run(network).evidence, 0.1)), (name, network)
