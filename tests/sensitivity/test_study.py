"""The sensitivity study on runs that nobody simulated: what it finds, names and counts."""

import numpy as np
import pytest
import yaml

from pipelines.sensitivity.faults import FAULTS
from pipelines.sensitivity.frozen_inputs import fault_label, fault_table, find_faults
from pipelines.sensitivity.independent_inputs import detection_rates, false_alarms, make_pool
from pipelines.sensitivity.study_plan import BASE, FROZEN, INDEPENDENT, NAME, make_project
from pipelines.sweep import plan
from tests import synthetic

LATE = {"": 0.0, "threshold": 0.3, "tau_m": 0.5}


def frozen(unlike=""):
    """Regular spikes, later by fault; those of the fault `unlike` differ between the backends."""
    runs, spikes = [], []
    times = np.arange(5.0, 400.0, 7.0)
    for number, (fault, late) in enumerate(LATE.items()):
        for backend in ("nest", "brian2"):
            parameters = {"fault": fault, "strength": 0.1 if fault else 0.0, "duration": 500.0,
                          "timestep": 0.1}  # fmt: skip
            row = synthetic.run_row("study", backend, number, parameters, {"exc": 3})
            runs.append(row)
            own = 0.2 if fault == unlike and fault and backend == "brian2" else 0.0
            moved = times + late * np.arange(len(times)) + own
            spikes.append(
                synthetic.spike_frame(row["run_id"], "exc", np.arange(len(times)) % 3, moved)
            )
    return synthetic.tables(runs, spikes)


def test_a_fault_is_named_by_what_makes_the_other_backend_the_same():
    found = find_faults(frozen())
    assert all(one.is_found and one.is_named for one in found)
    table = fault_table(found)
    # Without a fault, two faults, and spikes recorded late in two ways, on both backends.
    assert len(table) == 2 * (1 + 2 + 2)
    assert set(table[table["fault"] == "(none)"]["verdict"]) == {"identical"}
    assert fault_label("threshold", 0.1) in set(table["named"])
    late = table[table["fault"] == fault_label("spikes recorded late", 1)]
    assert set(late["signatures"]) == {"constant shift"}


def test_a_fault_that_nothing_reproduces_is_found_and_not_named():
    found = {(one.fault, one.backend): one for one in find_faults(frozen(unlike="tau_m"))}
    for backend in ("nest", "brian2"):
        assert found["tau_m", backend].is_found and not found["tau_m", backend].is_named
        assert found["threshold", backend].is_named


def samples(rng, shift=0.0):
    return {("p", "rate"): rng.normal(10 + shift, 2, 60), ("p", "lv"): rng.normal(1, 0.2, 60)}


@pytest.mark.slow
def test_a_strong_fault_is_found_more_often_than_a_weak_one():
    rng = np.random.default_rng(4)
    healthy = [samples(rng) for _ in range(30)]
    faulty = {
        ("threshold", strength): [samples(rng, strength) for _ in range(10)]
        for strength in (0.1, 1.0)
    }
    said = []
    rates = detection_rates(healthy, faulty, said.append, seeds=(4, 8, 12), draws=25)
    found = rates.set_index(["strength", "seeds"])["rate"]
    assert found[1.0, 8] > 0.9 and found[0.1, 8] < 0.3
    # There are not enough runs for twelve.
    assert set(rates["seeds"]) == {4, 8} and set(rates["unit"]) == {"mV"}
    assert said == [fault_label("threshold", 0.1), fault_label("threshold", 1.0)]


@pytest.mark.slow
def test_false_alarms_are_as_rare_as_the_level_says():
    rng = np.random.default_rng(5)
    alarms = false_alarms([samples(rng) for _ in range(40)])
    assert alarms <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_distances_that_are_known_are_not_computed_again():
    rng = np.random.default_rng(6)
    healthy, others = [samples(rng) for _ in range(4)], [samples(rng) for _ in range(3)]
    healthy_pool = make_pool(healthy, [], None)
    for whole, part in zip(
        make_pool([*healthy, *others], [], None).matrices,
        make_pool(healthy, others, healthy_pool).matrices,
        strict=True,
    ):
        assert np.array_equal(whole, part)


def test_the_study_s_sweeps_are_valid_and_hold_every_fault(tmp_path):
    make_project(tmp_path, seeds=3)
    points = plan(NAME, FROZEN, tmp_path).sweep.points
    assert {point["fault"] for point in points} == {
        name for name, fault in FAULTS.items() if fault.inject is not None
    } | {""}
    independent = plan(NAME, INDEPENDENT, tmp_path)
    assert len(independent.runs) == 3 * sum(
        len(fault.independent_strengths) for fault in FAULTS.values()
    )
    base = plan(NAME, BASE, tmp_path).runs
    assert not {run.seed for run in base} & {run.seed for run in independent.runs}
    # Writing it again touches nothing, so that nothing is run again.
    sweep = tmp_path / "experiments" / NAME / "sweep.yaml"
    before = sweep.stat().st_mtime_ns
    make_project(tmp_path, seeds=3)
    assert sweep.stat().st_mtime_ns == before
    assert yaml.safe_load(sweep.read_text())["profiles"][FROZEN]["seeds"] == [1]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [(["--seeds", "3"], "10 and above"), (["--cores", "x"], "--cores: 'x' is no such number")],
)
def test_bad_input_is_one_line_and_code_2(tmp_path, monkeypatch, capsys, arguments, part):
    from pipelines.cli import main

    (tmp_path / "experiments").mkdir()
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(tmp_path))
    assert main(["validate-validator", *arguments]) == 2
    said = capsys.readouterr().err
    assert part in said and said.count("\n") == 1
