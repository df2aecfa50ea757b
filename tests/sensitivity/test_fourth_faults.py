"""The fourth set of faults: they are many, unlike the others, and do what they say."""

import numpy as np
import pytest

from pipelines.diagnosis.catalogue import kinds
from pipelines.sensitivity.fault import KINDS, SPIKES, Fault, truth
from pipelines.sensitivity.fault_bench import differ, healthy_run, pair_of
from pipelines.sensitivity.fault_list import FAULTS, SETS, faults_of_set
from pipelines.sensitivity.first_set.cells import scaled
from pipelines.sensitivity.fourth_set.simulators import DecayingLeak, Drifting
from pipelines.sensitivity.simulator.example_networks import NETWORKS
from tests.sensitivity.runs import spikes_of

FOURTH = SETS["fourth set"]


def test_fourth_faults_are_many_and_none_has_a_name_of_the_others():
    faults = list(faults_of_set("fourth set"))
    assert len(faults) >= 60 and len({fault.name for fault in faults}) == len(faults)
    assert {fault.kind for fault in faults} == set(KINDS)
    assert not set(FOURTH) & ({name for key in SETS if key != "fourth set" for name in SETS[key]})
    assert sum(map(len, SETS.values())) == len(FAULTS)
    for fault in faults:
        assert fault.truth and 1 <= len(fault.on) <= 2, fault.name
        assert set(fault.on) <= set(NETWORKS), fault.name
        claimed = fault.broad | fault.consequences | fault.false
        assert not fault.truth & claimed, fault.name
        if fault.is_catalogued:
            assert fault.truth & set(kinds()), fault.name


def test_each_truth_of_two_faults_names_both():
    for name, fault in FOURTH.items():
        for parameter in ("tau_m", "v_reset", "v_thresh", "tau_refrac", "A_plus", "tau_minus"):
            if " and " in name and f"{parameter} " in name:
                assert f"different {parameter}" in fault.truth, name


def test_constants_that_do_not_drift_are_those_of_the_network():
    class Still(Drifting):
        drifting = DecayingLeak.drifting

    still = Fault("still", SPIKES, truth("none"), simulator=Still)
    healthy = healthy_run("plastic").spikes[["neuron", "time_ms"]]
    assert still.run("plastic").spikes[["neuron", "time_ms"]].equals(healthy)
    # At first the drift is small: spikes are those of the constants asked for.
    drifts = FOURTH["tau_m falls by 20 % in 500 ms"]
    other = scaled("tau_m", -20.0)
    first = [row[2] for row in spikes_of(drifts, "plastic") if row[0] in ("exc", "inh")]
    assert first != [row[2] for row in spikes_of(other, "plastic") if row[0] in ("exc", "inh")]


def test_refractory_periods_by_a_clock_of_1_ms_begin_and_end_with_it():
    spikes = FOURTH["refractory periods end at whole ms"].run("with_signals").spikes
    one = spikes[spikes["population"].eq("driven") & spikes["neuron"].eq(9)]["time_ms"].to_numpy()
    healthy = healthy_run("with_signals").spikes
    before = healthy[healthy["population"].eq("driven") & healthy["neuron"].eq(9)]["time_ms"]
    # A driven neuron rests for up to 1 ms longer in each interval.
    late = np.diff(one)[:10] - np.diff(before.to_numpy())[:10]
    assert (late >= -1e-9).all() and (late < 1.0).all() and late.max() > 0.05


@pytest.mark.slow
def test_every_fourth_fault_has_an_effect():
    for name, fault in FOURTH.items():
        for network in fault.on:
            assert differ(pair_of(fault, network)[2]), (name, network)
