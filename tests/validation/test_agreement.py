"""Verdicts on runs that differ in a known way."""

import pytest

from pipelines.analysis.selection import run_index
from pipelines.tables.files import read_table, write_table
from pipelines.validation.agreement import compare
from tests import synthetic

WEIGHTS = ([0, 0], [1, 2], [0.5, 0.25])


def two_runs(nest, brian2, weights_brian2=WEIGHTS, status="done"):
    """One point on both backends; spikes as (neuron, time) pairs."""
    runs, spikes, weights = [], [], []
    for backend, train in (("nest", nest), ("brian2", brian2)):
        row = synthetic.run_row(
            "e", backend, 1, {"duration": 100.0, "timestep": 0.1}, {"neurons": 5},
            status=status if backend == "brian2" else "done",
        )  # fmt: skip
        runs.append(row)
        neuron, time = zip(*train, strict=True) if train else ((), ())
        spikes.append(synthetic.spike_frame(row["run_id"], "neurons", neuron, time))
        used = weights_brian2 if backend == "brian2" else WEIGHTS
        weights.append(synthetic.weight_frame(row["run_id"], "plastic", *used))
    return synthetic.tables(runs, spikes, weights)


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


def test_run_index_of_unknown_runs():
    tables = two_runs([(0, 1.0)], [(1, 2.0)])
    assert run_index(tables.runs.iloc[:1], tables.spikes["run_id"]).tolist() == [0, -1]
