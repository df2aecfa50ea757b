"""Verdicts on runs that differ in a known way."""

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.metrics.selection import run_index
from pipelines.tables.files import read_table, write_table
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

WEIGHTS = ([0, 0], [1, 2], [0.5, 0.25])


def two_runs(nest, brian2, weights_brian2=WEIGHTS, status="done"):
    """One point on both backends; spikes as (neuron, time) pairs."""
    failed = () if status == "done" else ("brian2",)
    return runs_of_one_point(
        nest=nest, brian2=brian2, weights={"brian2": weights_brian2}, failed=failed, status=status
    )


def runs_of_one_point(*, weights=None, failed=(), status="failed", **trains):
    """One point on several backends; spikes as (neuron, time) pairs."""
    runs, spikes, of_weights = [], [], []
    for backend, train in trains.items():
        row = synthetic.run_row(
            "e", backend, 1, {"duration": 100.0, "timestep": 0.1}, {"neurons": 5},
            status=status if backend in failed else "done",
        )  # fmt: skip
        runs.append(row)
        neuron, time = zip(*train, strict=True) if train else ((), ())
        spikes.append(synthetic.spike_frame(row["run_id"], "neurons", neuron, time))
        used = (weights or {}).get(backend, WEIGHTS)
        of_weights.append(synthetic.weight_frame(row["run_id"], "plastic", *used))
    return synthetic.tables(runs, spikes, of_weights)


def only(tables):
    verdicts = compare(tables)
    assert len(verdicts) == 1
    return verdicts.iloc[0]


def test_same_spikes_up_to_rounding_are_identical():
    row = only(two_runs([(0, 0.3), (1, 5.0)], [(0, 0.1 + 0.2), (1, 5.0 + 1e-9)]))
    assert row["verdict"] == "identical"
    assert (row["backend_a"], row["backend_b"]) == ("nest", "brian2")
    assert row["n_common"] == 2
    assert row["max_abs_weight_difference"] == 0


def test_the_order_of_simultaneous_spikes_is_no_difference():
    assert only(two_runs([(0, 1.0), (1, 1.0)], [(1, 1.0), (0, 1.0)]))["verdict"] == "identical"


def test_first_difference_is_named():
    row = only(two_runs([(0, 1.0), (2, 4.0), (3, 9.0)], [(0, 1.0), (2, 4.1), (3, 9.0)]))
    assert row["verdict"] == "different"
    assert row["first_difference_ms"] == pytest.approx(4.0)
    assert (row["first_difference_population"], row["first_difference_neuron"]) == ("neurons", 2)
    assert (row["n_spikes_a"], row["n_spikes_b"], row["n_common"]) == (3, 3, 2)
    assert "at 4 ms, neuron 2 of neurons, on nest alone" in row["evidence"]


def test_a_spike_that_occurs_twice_is_a_difference():
    assert only(two_runs([(0, 1.0)], [(0, 1.0), (0, 1.0)]))["verdict"] == "different"


def test_no_spikes_on_either_is_an_agreement():
    row = only(two_runs([], []))
    assert row["verdict"] == "identical" and "no spike on either" in row["evidence"]


@pytest.mark.parametrize(
    ("weights", "verdict"),
    [
        (([0, 0], [1, 2], [0.5 + 1e-10, 0.25]), "identical"),
        (([0, 0], [1, 2], [0.5 + 1e-8, 0.25]), "different"),
        (([0, 0], [1, 2], [float("nan"), 0.25]), "different"),
        (([0, 0], [1, 3], [0.5, 0.25]), "different"),
        (([0], [1], [0.5]), "different"),
        (([0, 0], [2, 1], [0.25, 0.5]), "identical"),
    ],
)
def test_weights(weights, verdict):
    assert only(two_runs([(0, 1.0)], [(0, 1.0)], weights))["verdict"] == verdict


def with_course(times=(0.0, 50.0, 100.0), **changed):
    """One point on both backends, its weights read several times; of Brian2 some are others."""
    tables = runs_of_one_point(nest=[(0, 1.0)], brian2=[(0, 1.0)])
    parts = []
    for backend in ("nest", "brian2"):
        for time in times:
            rows = synthetic.weight_frame(f"{backend}0001", "plastic", *WEIGHTS, time_ms=time)
            if backend == "brian2" and time == 50.0:
                rows = rows.assign(**changed)
            parts.append(rows)
    tables.weights = pd.concat(parts, ignore_index=True)
    return tables


def test_weights_that_part_and_meet_again_are_different():
    assert "; all 6 weights of plastic equal. Not compared: " in only(with_course())["evidence"]
    row = only(with_course(weight=[0.5, 0.2501]))
    assert row["verdict"] == "different"
    text = "plastic: 1 of 6 weights differ, by up to 2.0e-04 of the largest, first at 50 ms. Not"
    assert text in row["evidence"]
    assert row["max_abs_weight_difference"] == pytest.approx(1e-4)


def test_weights_read_at_other_times_are_different():
    row = only(with_course(time_ms=51.0))
    assert row["verdict"] == "different" and "read at other times" in row["evidence"]
    # Once at the end of either is the same; the times of others' tables may be unknown.
    tables = with_course(times=(50.0,), time_ms=0.0)
    assert only(tables)["verdict"] == "identical"


def test_failed_run_is_undecided():
    row = only(two_runs([(0, 1.0)], [], status="failed"))
    assert row["verdict"] == "undecided" and row["evidence"].startswith(
        "the run on brian2 failed (NEST"
    )


def test_missing_run_is_undecided():
    tables = synthetic.stdp_recurrent(n=5, drives=(2.1,), ratios=(1.0,))
    tables.runs = tables.runs.drop(index=1).reset_index(drop=True)
    verdicts = compare(tables)
    assert verdicts["verdict"].tolist() == ["undecided", "identical"]
    assert verdicts["evidence"][0] == "no run on brian2"


def test_one_backend_alone_has_nothing_to_compare():
    tables = synthetic.stdp_recurrent(n=5)
    tables.runs = tables.runs[tables.runs["backend"] == "nest"]
    assert compare(tables).empty


def test_shifted_spikes_in_a_network():
    tables = synthetic.stdp_recurrent(n=20, shifted=3, drives=(0.0015, 2.1), ratios=(1.0,))
    verdicts = compare(tables)
    assert verdicts["verdict"].tolist() == ["identical"] * 2 + ["different"] * 2
    assert (verdicts["n_spikes_a"] - verdicts["n_common"] <= 3).all()


@pytest.mark.parametrize("status", ["done", "failed"])
def test_verdicts_can_be_stored(tmp_path, status):
    verdicts = compare(two_runs([(0, 1.0)], [(0, 1.0)], status=status))
    write_table("verdicts", verdicts, tmp_path / "verdicts.parquet")
    stored = read_table(tmp_path, "verdicts")
    assert stored["verdict"].tolist() == verdicts["verdict"].tolist()
    assert stored["first_difference_population"].isna().all()


def later(train, steps):
    return [(neuron, round(time + steps * 0.1, 10)) for neuron, time in train]


REGULAR = [(neuron, 5.0 + neuron + 12.0 * k) for neuron in range(5) for k in range(5)]


def test_runs_of_one_seed_that_differ_have_a_cause():
    row = only(two_runs(REGULAR, later(REGULAR, 1)))
    assert row["causes"].startswith("constant shift")
    said = "spikes of neurons come 1 step later on brian2, all of them from the first on"
    assert said in row["evidence"]
    assert only(two_runs(REGULAR, REGULAR))["causes"] == ""


def test_several_causes_are_all_named_and_the_first_are_explained():
    tables = two_runs(REGULAR, later(REGULAR, 1), ([0, 0], [1, 2], [0.25, 0.125], 2.0))
    tables.runs["input_sha256"] = ["aa", "bb"]
    tables.runs["projections"] = '{"plastic": {"plastic": false}}'
    row = only(tables)
    named = ["different inputs or initial values", "different delays", "weights scaled"]
    # Other inputs and delays shift spikes; their record is not what differs.
    assert row["causes"] == "; ".join(named)
    assert all(f"{name}: " in row["evidence"] for name in named)
    assert "constant shift" not in row["evidence"]


def test_runs_of_other_seeds_are_not_explained():
    tables = two_runs(REGULAR, later(REGULAR, 1))
    tables.runs["seed"] = [1, 2]
    assert only(tables)["causes"] == ""


def test_spikes_between_the_steps_are_not_those_on_them():
    """Within half a step, and so on the same one when they are rounded."""
    between = [(neuron, time + 0.03) for neuron, time in REGULAR]
    row = only(two_runs(between, REGULAR))
    assert row["verdict"] == "different" and row["n_common"] == 0
    assert row["causes"].startswith("spikes off the grid")
    assert only(two_runs(between, between))["verdict"] == "identical"


def test_many_spikes_are_explained_from_the_first_ones():
    n, neurons = 200_000, 500
    step, neuron = np.arange(n) // 5 + 1, (np.arange(n) * 7) % neurons
    trains = [list(zip(neuron.tolist(), (step * 0.1).round(1).tolist(), strict=True))]
    trains.append(later(trains[0], 1))
    pair = two_runs(*trains)
    spikes = [pair.spikes[pair.spikes["run_id"] == run_id] for run_id in pair.runs["run_id"]]
    early = Pair(Evidence({}, spikes[0], pair.weights), Evidence({}, spikes[1], pair.weights), 0.1)
    assert max(len(key) for key in early.early.keys) <= 50_000 < len(spikes[0])
    assert only(pair)["causes"].startswith("constant shift")


def test_run_index_of_unknown_runs():
    tables = two_runs([(0, 1.0)], [(1, 2.0)])
    assert run_index(tables.runs.iloc[:1], tables.spikes["run_id"]).tolist() == [0, -1]


def test_the_reference_says_who_is_right():
    trains = {"nest": [(0, 1.0), (2, 4.0)], "brian2": [(0, 1.0), (2, 4.1)]}
    told = {
        "the reference agrees with nest": trains["nest"],
        "the reference agrees with brian2": trains["brian2"],
        "the reference agrees with neither: of its 3 spikes 2 with nest and 1 with brian2": [
            (0, 1.0), (2, 4.0), (2, 8.0),
        ],
    }  # fmt: skip
    for words, train in told.items():
        verdicts = compare(runs_of_one_point(**trains, reference=train))
        pairs = list(zip(verdicts["backend_a"], verdicts["backend_b"], strict=True))
        assert pairs == [("nest", "brian2"), ("nest", "reference"), ("brian2", "reference")]
        assert words in verdicts["evidence"][0]
        # Not of a pair of which it is one itself.
        assert not any("agrees" in text for text in verdicts["evidence"][1:])


def test_the_reference_has_to_have_the_same_weights():
    train = [(0, 1.0)]
    tables = runs_of_one_point(
        nest=train, brian2=train, reference=train,
        weights={"brian2": ([0, 0], [1, 2], [0.5, 0.26])},
    )  # fmt: skip
    assert "the reference agrees with nest" in compare(tables)["evidence"][0]


def test_nothing_is_said_where_the_reference_failed_or_backends_agree():
    trains = {"nest": [(0, 1.0)], "brian2": [(0, 2.0)], "reference": [(0, 1.0)]}
    failed = compare(runs_of_one_point(**trains, failed=("reference",)))
    assert failed["verdict"][0] == "different" and "reference" not in failed["evidence"][0]
    same = compare(runs_of_one_point(**trains | {"brian2": [(0, 1.0)]}))
    assert set(same["verdict"]) == {"identical"}
    assert not any("reference" in text for text in same["evidence"])
