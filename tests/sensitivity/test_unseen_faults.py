"""The third set of faults: they are many, unlike the others, and do what they say."""

import numpy as np
import pytest

from pipelines.diagnosis.catalogue import kinds
from pipelines.diagnosis.run_pair import Pair
from pipelines.sensitivity.fault import KINDS, NUMERICS, Fault, truth
from pipelines.sensitivity.fault_bench import differ, healthy_run, pair_of, run_bench
from pipelines.sensitivity.fault_list import FAULTS, SETS, faults_of_set
from pipelines.sensitivity.first_set.cells import changed, several
from pipelines.sensitivity.simulator.example_networks import NETWORKS
from tests.sensitivity.runs import spikes_of

FURTHER, UNSEEN = SETS["second set"], SETS["third set"]


def test_unseen_faults_are_many_and_none_has_a_name_of_the_others():
    faults = list(faults_of_set("third set"))
    assert len(faults) >= 90 and len({fault.name for fault in faults}) == len(faults)
    assert {fault.kind for fault in faults} == set(KINDS)
    others = [fault for name, fault in FAULTS.items() if name not in UNSEEN]
    assert len(others) - len(FURTHER) >= 85 and len(others) + len(faults) == len(FAULTS)
    for fault in faults:
        assert fault.truth and 1 <= len(fault.on) <= 2, fault.name
        assert set(fault.on) <= set(NETWORKS), fault.name
        assert not fault.truth & fault.false, fault.name
        if fault.is_catalogued:
            assert fault.truth & set(kinds()), fault.name


def test_the_group_can_be_chosen(monkeypatch):
    from pipelines.sensitivity import fault_bench

    monkeypatch.setattr(fault_bench, "judge_faults", lambda chosen, seed, foreign: chosen)
    assert run_bench(["third set"]) == list(UNSEEN.values())


def test_a_longer_step_in_the_equations_is_that_of_shorter_time_constants():
    shorter = several(
        *(changed(name, times=1 / 1.1) for name in ("tau_m", "cm", "tau_syn_E", "tau_syn_I"))
    )
    constants = Fault("constants", NUMERICS, truth("different cell constants"), shorter)
    longer = UNSEEN["equations solved for 0.11 ms"]
    assert spikes_of(longer, "plastic") == spikes_of(constants, "plastic")


def test_all_excitation_at_the_other_receptor_is_that_of_the_other_time_constant():
    receptor = UNSEEN["all excitation at the inhibitory receptor"]
    constant = UNSEEN["tau_syn_E as long as tau_syn_I"]
    assert spikes_of(receptor, "feed_forward") == spikes_of(constant, "feed_forward")


def test_delays_that_the_rule_ignores_are_those_of_the_network():
    _, faulty, _ = pair_of(UNSEEN["delays ignored by the rule"], "plastic")
    healthy = healthy_run("plastic").weights
    assert np.array_equal(faulty.weights["delay_ms"], healthy["delay_ms"])
    assert not np.allclose(faulty.weights["weight"], healthy["weight"], rtol=0, atol=1e-6)


@pytest.mark.slow
def test_every_unseen_fault_has_an_effect():
    for name, fault in UNSEEN.items():
        for network in fault.on:
            healthy = healthy_run(network).evidence
            assert differ(Pair(healthy, fault.run(network).evidence, 0.1)), (name, network)
