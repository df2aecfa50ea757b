"""Metrics of two backends against the seed floor: known trains, known verdicts."""

import numpy as np
import pandas as pd
import pytest

from pipelines.errors import BadInput
from pipelines.metrics.known import BUILT_IN
from pipelines.tables.files import read_table, write_table
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.metric_statistics import statistics
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

N, DURATION = 250, 2000.0
# What spikes and weights that were read once have.
COMPARED = [name for name in BUILT_IN.compared if "course" not in name and "signal" not in name]
SHARED, OWN = 0, 1000


def poisson(seed, rate):
    """Trains of N neurons on the grid of 0.1 ms: (neuron, time in ms)."""
    rng = np.random.default_rng(seed)
    steps = [
        np.unique(rng.integers(1, 20_000, rng.poisson(rate * DURATION / 1e3))) for _ in range(N)
    ]
    return np.repeat(np.arange(N), [len(s) for s in steps]), np.concatenate(steps) * 0.1


def independent(n_seeds, rates=(20.0, 20.0), offset=OWN, weight_error=0.0):
    """Poisson trains of two backends, drawn from seeds that are `offset` apart."""
    runs, spikes, weights = [], [], []
    for seed in range(1, n_seeds + 1):
        for k, backend in enumerate(("nest", "brian2")):
            row = synthetic.run_row(
                "e", backend, seed, {"duration": DURATION, "timestep": 0.1}, {"cells": N},
                seed=seed + k * offset,
            )  # fmt: skip
            runs.append(row)
            neuron, time = poisson(seed + k * offset, rates[k])
            spikes.append(synthetic.spike_frame(row["run_id"], "cells", neuron, time))
            values = np.random.default_rng(seed).uniform(0, 1, N) + k * weight_error
            weights.append(synthetic.weight_frame(row["run_id"], "w", [0] * N, range(N), values))
    return synthetic.tables(runs, spikes, weights)


def compare_metrics(tables, known=BUILT_IN):
    return measure_and_compare(tables, known)[1]


def verdicts_of(tables):
    found = compare_metrics(tables)
    return found, compare(tables, found)


def test_the_same_seed_gives_identical_metrics():
    found, verdicts = verdicts_of(independent(3, offset=SHARED))
    assert set(found["verdict"]) == {"identical"} and (found["distance"] == 0).all()
    # Weights that were read once have not changed.
    assert set(found["metric"]) == set(COMPARED) - {"weight_change"}
    assert len(found) == 3 * (len(COMPARED) - 1)
    assert set(verdicts["verdict"]) == {"identical"}
    # The floor is there all the same: that of seeds.
    rates = found[found["metric"] == "rate"]
    assert (rates["seed_floor"] > 0.02).all() and (rates["floor_low"] < rates["floor_high"]).all()


def test_rounding_of_weights_is_no_difference():
    found, _ = verdicts_of(independent(2, offset=SHARED, weight_error=1e-13))
    assert set(found["verdict"]) == {"identical"}


def test_rounding_of_small_changes_of_weights_is_no_difference():
    tables = independent(2, offset=SHARED, weight_error=1e-13)
    at_start = tables.weights.assign(time_ms=0.0, weight=tables.weights["weight"].round(9) - 1e-6)
    tables.weights = pd.concat([at_start, tables.weights])
    changes = compare_metrics(tables)
    changes = changes[changes["metric"] == "weight_change"]
    assert len(changes) and set(changes["verdict"]) == {"identical"}
    assert changes["mean_a"].to_numpy() == pytest.approx(1e-6, rel=1e-3)


def test_rounding_of_the_intervals_of_regular_trains_is_no_difference():
    found = [
        synthetic.samples(synthetic.recorded(np.zeros(30), first + 7.3 * np.arange(30), 1, 400.0))[
            "isi_cv"
        ]
        for first in (1.0, 101.7)
    ]
    assert found[0].tolist() == found[1].tolist() == [0.0]


def test_weights_that_were_read_twice_have_changed():
    tables = independent(4, weight_error=0.5)
    at_start = tables.weights.assign(time_ms=0.0, weight=0.25)
    tables.weights = pd.concat([at_start, tables.weights])
    found = compare_metrics(tables)
    changes = found[found["metric"] == "weight_change"]
    assert len(changes) == 1 and set(changes["verdict"]) == {"different"}
    assert changes["difference"].to_numpy() == pytest.approx(-0.5, abs=1e-6)


def test_the_same_process_from_other_seeds_is_equivalent():
    found, verdicts = verdicts_of(independent(10))
    assert set(verdicts["verdict"]) == {"equivalent"}, verdicts["evidence"].iloc[0]
    assert set(found["verdict"]) == {"equivalent"}
    assert found["p_value"].min() >= 0.05
    assert (found["difference_low"] > -found["margin"]).all()
    assert (found["difference_high"] < found["margin"]).all()
    bounded = found[found["excess_margin"].notna()]
    assert len(bounded) == len(found) - 1 and (bounded["excess_margin"] == 0.1).all()
    assert (bounded["excess_high"] < 0.1).all()
    assert (found.loc[found["population"] == "cells", "power"] > 0.8).all()


def test_another_rate_is_found_and_named():
    found, verdicts = verdicts_of(independent(6, rates=(20.0, 26.0)))
    assert set(verdicts["verdict"]) == {"different"}
    assert "rate of cells: KS distance" in verdicts["evidence"].iloc[0]
    assert "the means are 6" in verdicts["evidence"].iloc[0].replace("-", "")
    rate = found[found["metric"] == "rate"].iloc[0]
    assert rate["between"] > rate["floor_high"] and rate["p_value"] < 0.05
    assert rate["difference"] == pytest.approx(-6.0, abs=0.6)


@pytest.mark.parametrize("rate", [20.0, 80.0])
def test_too_few_seeds_decide_nothing_and_say_how_many_would(rate):
    found, verdicts = verdicts_of(independent(3, rates=(20.0, rate)))
    assert set(verdicts["verdict"]) == {"undecided"}
    assert "3 runs a backend are too few" in verdicts["evidence"].iloc[0]
    assert found[found["verdict"] == "undecided"]["runs_needed"].min() >= 4


def test_runs_of_one_seed_that_differ_are_different_whatever_the_statistics():
    tables = independent(10)
    tables.runs["seed"] = 1
    _, verdicts = verdicts_of(tables)
    assert set(verdicts["verdict"]) == {"different"}
    assert "the first difference is at" in verdicts["evidence"].iloc[0]


def test_silence_is_no_evidence_and_unlike_activity():
    found, verdicts = verdicts_of(independent(5, rates=(0.0, 0.0)))
    assert set(verdicts["verdict"]) == {"undecided"}
    assert "no run on either has a spike, although spikes were recorded" in verdicts["evidence"][0]
    # Intervals and all else that takes spikes was not measured, and is not called the same.
    assert set(found["metric"]) == {"rate", "spectrum", "weight"}
    found, verdicts = verdicts_of(independent(5, rates=(0.0, 20.0)))
    assert set(verdicts["verdict"]) == {"different"}
    assert "all of 5 runs on nest have no spike, although" in verdicts["evidence"][0]
    alone = found[found["n_a"] == 0]
    assert {"isi", "isi_cv", "latency"} <= set(alone["metric"])
    assert set(alone["verdict"]) == {"undecided"} and alone["distance"].isna().all()


def test_rows_are_in_order_and_can_be_stored(tmp_path):
    tables = independent(4)
    other = independent(4)
    other.runs["duration"] = DURATION + 1
    for frame in (other.runs, other.spikes, other.weights):
        frame["run_id"] = "x" + frame["run_id"]
    other.runs["point_id"] = "x" + other.runs["point_id"]
    # The seeds of two points in turn.
    tables.runs = pd.concat([tables.runs, other.runs]).sort_values("seed", kind="stable")
    tables.spikes = pd.concat([tables.spikes, other.spikes])
    tables.weights = pd.concat([tables.weights, other.weights])
    found = compare_metrics(tables)
    # Independent draws have one row for all seeds, under the first point.
    points = tables.runs["point_id"].drop_duplicates().tolist()
    assert found["point_id"].drop_duplicates().tolist() == points[:2]
    assert found["distance"].isna().all() and (found["n_a"] == 4).all()
    metrics = found[found["point_id"] == points[0]].groupby("population", sort=False)["metric"]
    assert metrics.agg(list)["cells"] == [m for m in COMPARED if not m.startswith("weight")]
    write_table("comparisons", found, tmp_path / "comparisons.parquet")
    stored = read_table(tmp_path, "comparisons")
    assert stored["verdict"].tolist() == found["verdict"].tolist()
    again = compare_metrics(tables)
    pd.testing.assert_frame_equal(again, found)


def test_margins_of_a_sweep_take_the_place_of_the_usual_ones():
    given = BUILT_IN.with_margins({"rate": 1e-9})
    assert given["rate"].margin == 1e-9 and given["isi_cv"] == BUILT_IN["isi_cv"]
    found = compare_metrics(independent(10), given)
    rate = found[found["metric"] == "rate"]
    assert set(rate["verdict"]) == {"undecided"} and (rate["margin"] < 1e-6).all()


def test_an_unknown_metric_has_no_margin():
    with pytest.raises(BadInput, match=r"there is no metric 'rte'.*did you mean 'rate'"):
        BUILT_IN.with_margins({"rte": 0.1})


def test_means_that_are_all_zero_are_the_same():
    """Intervals of clocks have a CV of 0: equivalent, though a share of 0 leaves no margin."""
    runs = [{("p", "isi_cv"): np.zeros(size)} for size in range(10, 22)]
    (found,) = statistics(runs[:6], runs[6:]).values()
    assert (found.margin, found.verdict) == (0, "equivalent")


def test_a_backend_with_itself_raises_few_false_alarms():
    """200 comparisons under other seeds: 5 % of them may say different."""
    rng = np.random.default_rng(8)
    alarms = 0
    for _ in range(200):
        runs = [
            {("p", "rate"): rng.poisson(20, 50) / 2.0, ("p", "lv"): rng.normal(1, 0.2, 50)}
            for _ in range(12)
        ]
        found = statistics(runs[:6], runs[6:], seed=int(rng.integers(1 << 30)))
        alarms += any(one.verdict == "different" for one in found.values())
    assert alarms / 200 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
