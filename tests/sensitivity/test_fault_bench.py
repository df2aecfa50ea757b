"""The fault bench: faults do what they say, have an effect, and are found."""

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Pair
from pipelines.sensitivity import fault_bench
from pipelines.sensitivity.fault import HEALTHY_BACKEND, KINDS, NUMERICS, SPIKES, Fault, truth
from pipelines.sensitivity.fault_bench import (
    COLUMNS,
    COMPARE,
    TABLES,
    counts,
    differ,
    healthy_run,
    judge_faults,
    pair_of,
    run_bench,
)
from pipelines.sensitivity.fault_list import FAULTS
from pipelines.sensitivity.judging import OUTCOMES, RIGHT, WRONG
from pipelines.sensitivity.simulator.example_networks import NETWORKS
from pipelines.sensitivity.simulator.plasticity import PlasticWeights
from pipelines.sensitivity.simulator.run import simulate
from pipelines.sensitivity.simulator.simulation import Simulator


def test_faults_are_many_and_complete():
    assert len(FAULTS) >= 85
    assert {fault.kind for fault in FAULTS.values()} == set(KINDS)
    for name, fault in FAULTS.items():
        assert fault.truth and fault.on and set(fault.on) <= set(NETWORKS), name
        assert fault.network or fault.switches or fault.tables or fault.simulator, name


def test_a_healthy_run_is_identical_to_another():
    bench = judge_faults([Fault("nothing", SPIKES, truth("a"), on=tuple(NETWORKS))])
    assert not bench["effect"].any() and not bench["found"].any()
    assert set(bench["verdict"]) == {"identical"}
    assert set(bench[TABLES]) == {"none"}


def test_run_bench():
    bench = run_bench(["times in s"])
    assert tuple(bench.columns) == COLUMNS
    assert len(bench) == 2 and bench["effect"].all() and bench["found"].all()
    assert set(bench[TABLES]) == set(bench[COMPARE]) == {RIGHT}
    table = counts(bench).set_index(["kind", "data"])
    assert table.loc[("all", TABLES), "faults"] == 2
    assert table.loc[("recorded spikes", TABLES), RIGHT] == 2
    assert table.loc[("all", COMPARE), WRONG] == 0
    assert len(run_bench(["all spikes recorded +1"])) == 2


def test_faults_without_effect_are_counted_apart():
    nothing = Fault("nothing", SPIKES, truth("a"))
    table = counts(judge_faults([nothing]))
    assert set(table["no_effect"]) == {1} and set(table["faults"]) == {0}
    assert not table[list(OUTCOMES)].to_numpy().any()


def test_a_failing_diagnosis_is_wrong(monkeypatch):
    def fail(pair):
        raise KeyError("experiment")

    monkeypatch.setattr(fault_bench, "causes", fail)
    (row,) = run_bench(["times in s"]).query("network == 'plastic'").to_dict("records")
    assert row[TABLES] == WRONG and "KeyError" in row["said_by_tables"]


def test_processes_give_the_same(tmp_path):
    names = ["times in s", "signals a sample late"]
    pd.testing.assert_frame_equal(run_bench(names), run_bench(names, workers=2))


def test_foreign_tables():
    bench = run_bench(["delays +1 step", "times in s"], foreign=True)
    assert set(bench[TABLES]) == {RIGHT} and bench["found"].all()


def test_tables_that_a_fault_changes_are_its_own():
    before = healthy_run("plastic").spikes.copy()
    _, faulty, _ = pair_of(FAULTS["neurons in another order"], "plastic")
    pd.testing.assert_frame_equal(healthy_run("plastic").spikes, before)
    assert not faulty.spikes["neuron"].equals(before["neuron"])


def test_what_was_asked_is_not_what_was_built():
    fault = FAULTS["cm +50 %"]
    healthy, faulty, _ = pair_of(fault, "plastic")
    asked, built = (one.cells["exc"].parameters["cm"] for one in (faulty.asked, faulty.built))
    assert np.all(asked == 0.25) and np.all(built == 0.375)
    for column in ("connectivity_sha256", "input_sha256", "parameters"):
        assert healthy.record[column] == faulty.record[column]
    _, other, _ = pair_of(FAULTS["another seed"], "plastic")
    assert other.record["seed"] == 2 and healthy.record["seed"] == 1
    assert other.record["input_sha256"] != healthy.record["input_sha256"]


class DoublePotentiation(PlasticWeights):
    """Plastic weights that potentiate twice as much."""

    def potentiate(self, rows, trace):
        super().potentiate(rows, 2 * trace)


class LostInputs(Simulator):
    """A simulator whose cells receive nothing while they are refractory."""

    plastic_kind = DoublePotentiation

    def receive(self, now):
        self.pending[now % len(self.pending)][:, self.left > 0] = 0.0
        super().receive(now)


def test_a_fault_can_be_a_simulator_of_its_own():
    fault = Fault("inputs lost", NUMERICS, truth("missing or further input"), simulator=LostInputs)
    assert differ(Pair(healthy_run("plastic").evidence, fault.run("plastic").evidence, 0.1))


def test_differ_sees_each_table():
    healthy = healthy_run("with_signals").evidence
    assert not differ(Pair(healthy, healthy, 0.1))
    for name in ("signals a sample late", "recorded weights in pA", "times in s"):
        fault = FAULTS[name]
        faulty = fault.run(fault.on[-1])
        assert differ(Pair(healthy_run(fault.on[-1]).evidence, faulty.evidence, 0.1)), name


def test_states_are_those_of_the_run():
    run = simulate(NETWORKS["with_signals"](1), backend=HEALTHY_BACKEND)
    states = run.states([("cells", 1), ("driven", 9)], 100.0)
    for (population, neuron), state in states.items():
        rows = run.signals[
            (run.signals["population"] == population) & (run.signals["neuron"] == neuron)
        ]
        for name in ("v", "isyn_exc", "isyn_inh"):
            recorded = rows.loc[rows["variable"] == name, "value"].to_numpy()
            assert np.array_equal(state[name], recorded[: len(state[name])])
        assert state["time_ms"][-1] == 100.0
