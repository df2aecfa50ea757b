"""Verdicts on all seeds of a point: no word about what was not measured, and margins that count."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.metrics import NETWORK, Metric, only, relative_distance
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.tables.files import read_table, write_table
from pipelines.tables.schemas import ADDED_COLUMNS
from pipelines.verdicts.decision import over_groups
from pipelines.verdicts.equivalence import tost
from pipelines.verdicts.group_verdict import Observed, group_verdict, measured_in_words
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.metric_statistics import statistics
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

DURATION, N = 1000.0, 40


def trains(rng, rate, order=2.0):
    """Renewal trains of N neurons over `DURATION`, the more regular the higher the order."""
    spikes = []
    for neuron in range(N):
        time = np.cumsum(rng.gamma(order, 1000.0 / rate / order, int(3 * rate) + 20))
        time = time - rng.uniform(0, 1000.0 / rate)
        spikes.append((neuron, np.round(time[(time > 0) & (time <= DURATION)], 1)))
    neuron = np.repeat([k for k, _ in spikes], [len(t) for _, t in spikes])
    return neuron, np.concatenate([t for _, t in spikes])


def tables_of(n_seeds, draw, offset=1000, duration=DURATION, points=1, failed=()):
    """Tables of two backends; `draw(backend, rng)` gives neuron and time of the spikes."""
    runs, spikes, number = [], [], 0
    for point in range(points):
        for seed in range(1, n_seeds + 1):
            number += 1
            for k, backend in enumerate(("nest", "brian2")):
                parameters = {"g": float(point), "timestep": 0.1}
                if duration is not None:
                    parameters["duration"] = duration
                status = "failed" if (backend, seed) in failed else "done"
                row = synthetic.run_row(
                    "e", backend, number, parameters, {"cells": N}, seed + k * offset, status
                )
                runs.append(row)
                if status == "done":
                    rng = np.random.default_rng([point, seed, k])
                    spikes.append(
                        synthetic.spike_frame(row["run_id"], "cells", *draw(backend, rng))
                    )
    return synthetic.tables(runs, spikes)


def verdicts_of(tables, known=BUILT_IN):
    found = measure_and_compare(tables, known)[1]
    return found, compare(tables, found, known=known)


def same_on_both(backend, rng):
    return trains(rng, 20.0)


def rows_of(found, **more):
    """Rows of `comparisons` of one population, as `statistics` found them."""
    return pd.DataFrame(
        [
            {
                "population": population, "metric": metric, "distance_name": "KS",
                "backend_a": "nest", "backend_b": "brian2", "statistics": one.verdict, **vars(one),
            }
            for (population, metric), one in found.items()
        ]
    ).assign(**more)  # fmt: skip


def of_rates(a, b, n=20, neurons=50, sd=1.0, seed=1):
    """Statistics of rates: runs whose neurons are spread by `sd` around `a` and `b`, in Hz."""
    rng = np.random.default_rng(seed)
    runs = [[{("p", "rate"): rng.normal(mean, sd, neurons)} for _ in range(n)] for mean in (a, b)]
    return statistics(runs[0], runs[1])


def verdict_of(found, n=20, populations=("p",), **observed):
    return group_verdict(
        rows_of(found), Observed(("nest", "brian2"), populations, (n, n), **observed)
    )


def test_all_seeds_of_independent_draws_have_one_row():
    found, verdicts = verdicts_of(tables_of(10, same_on_both, points=2))
    assert len(verdicts) == 2 and verdicts["n_seeds"].tolist() == [10, 10]
    assert verdicts["point_id"].tolist() == found["point_id"].unique().tolist()
    assert len(found) == found[["point_id", "population", "metric"]].drop_duplicates().shape[0]
    assert verdicts["statistics"].isna().all()


def test_the_evidence_says_what_was_measured_within_which_margins_and_with_which_power():
    _, verdicts = verdicts_of(tables_of(16, same_on_both))
    row = verdicts.iloc[0]
    assert row["verdict"] == "equivalent", row["evidence"]
    for words in (
        "4 primary metrics equivalent with 16 runs a backend",
        "means the same within rate 10 %, isi_cv 10 %, correlation 0.02, synchrony a factor of 1.2",
        "distributions within a distance of 0.1",
        "smallest adjusted p = ",
        "two equal backends equivalent with a probability of at least ",
        "and a rate that is ",
        "off different with one of 80 %",
        "9 of 15 metrics measured; not measured: those of weights, those of signals",
    ):
        assert words in row["evidence"]


def test_without_a_duration_there_is_no_rate_and_nothing_is_equivalent():
    tables = tables_of(12, same_on_both, duration=None)
    found, verdicts = verdicts_of(tables)
    # No rows for what needs a duration: rates, correlations and all that is counted in bins.
    assert set(found["metric"]) == {"isi", "isi_cv", "lv", "latency"}
    assert verdicts["verdict"].tolist() == ["undecided"]
    assert verdicts["evidence"][0].startswith("no rate of cells was measured")
    assert "4 of 15 metrics measured; not measured: rate, fano_factor" in verdicts["evidence"][0]


def test_a_third_of_the_spikes_is_not_equivalent_whatever_was_measured():
    """3,560 against 1,040 spikes, without a duration: intervals as long, fewer neurons fire."""

    def draw(backend, rng):
        neuron, time = trains(rng, 20.0)
        keep = neuron < (N if backend == "nest" else N // 3)
        return neuron[keep], time[keep]

    for duration in (None, DURATION):
        _, verdicts = verdicts_of(tables_of(12, draw, duration=duration))
        assert verdicts["verdict"].tolist() == ["undecided" if duration is None else "different"]


def test_a_population_that_was_not_measured_is_named():
    found = of_rates(20.0, 20.0)
    verdict, evidence = verdict_of(found, populations=("p", "q"))
    assert verdict == "undecided" and "no rate of q was measured" in evidence
    assert verdict_of(found)[0] == "equivalent"
    assert "rate of q" in measured_in_words(rows_of(found), ["p", "q"])


def test_nothing_measured_is_undecided():
    rows = rows_of(of_rates(20.0, 20.0)).iloc[:0]
    verdict, evidence = group_verdict(rows, Observed(("nest", "brian2"), (), (5, 5)))
    assert verdict == "undecided" and evidence.startswith("nothing that can be compared")


def test_runs_without_a_spike_are_no_evidence():
    found = of_rates(20.0, 20.0)
    verdict, evidence = verdict_of(found, n_silent=(20, 20))
    assert verdict == "undecided" and "no run on either has a spike" in evidence
    verdict, evidence = verdict_of(found, n_silent=(0, 20))
    assert verdict == "undecided" and "all of 20 runs on brian2 have no spike" in evidence
    verdict, evidence = verdict_of(found, n_silent=(0, 3))
    assert verdict == "equivalent" and "3 of 20 runs on brian2 have no spike" in evidence


def test_a_run_that_failed_is_no_agreement():
    tables = tables_of(12, same_on_both, failed={("brian2", 1)})
    _, verdicts = verdicts_of(tables)
    assert verdicts["verdict"].tolist() == ["undecided"] and verdicts["n_seeds"].tolist() == [11]
    assert "1 of 12 runs on brian2 failed" in verdicts["evidence"][0]
    every = {("brian2", seed) for seed in range(1, 4)}
    _, verdicts = verdicts_of(tables_of(3, same_on_both, failed=every))
    assert len(verdicts) == 1 and verdicts["evidence"][0].startswith("the run on brian2 failed")


def test_draws_without_randomness_are_identical():
    def regular(backend, rng):
        return np.repeat(np.arange(N), 10), np.tile(np.arange(1, 11) * 50.0, N)

    _, verdicts = verdicts_of(tables_of(3, regular))
    assert verdicts["verdict"].tolist() == ["identical"]
    assert verdicts["evidence"][0] == "the runs of all 3 seeds are identical"


def test_a_difference_far_within_the_margin_is_equivalent_and_told():
    found = of_rates(20.0, 20.3)
    (one,) = found.values()
    assert one.p_value < 0.05 and one.is_within_margins
    verdict, evidence = verdict_of(found)
    assert verdict == "equivalent"
    assert "different, but within the margin: rate of p (p = " in evidence


def test_a_difference_that_may_be_beyond_the_margin_is_undecided():
    found = of_rates(20.0, 21.8, neurons=10, sd=2.0)
    (one,) = found.values()
    assert one.p_value < 0.05 and not one.is_within_margins and not one.is_beyond_margins
    verdict, evidence = verdict_of(found)
    assert verdict == "undecided"
    assert "rate of p differs (p = " in evidence
    assert "seeds a backend would decide the primary metric with a" in evidence


def test_a_difference_beyond_the_margin_is_different():
    verdict, evidence = verdict_of(of_rates(20.0, 23.0))
    assert verdict == "different" and "apart (-3" in evidence


def test_another_distribution_with_the_same_mean_is_different():
    rng = np.random.default_rng(5)
    one = [{("p", "rate"): rng.normal(20, 1, 60)} for _ in range(20)]
    two = [{("p", "rate"): rng.normal(20, 1, 60) + np.tile([-3, 3], 30)} for _ in range(20)]
    found = statistics(one, two)
    (rate,) = found.values()
    assert abs(rate.difference) < rate.margin and rate.excess_high > rate.excess_margin
    assert verdict_of(found)[0] == "different"


def test_a_secondary_metric_that_is_not_certain_does_not_veto():
    rng = np.random.default_rng(6)

    def run(latency=1.0):
        first = np.exp(rng.normal(2, 1)) * latency  # all neurons together: once a run
        return {
            ("p", "rate"): rng.normal(20, 1, 50),
            ("p", "latency"): first + rng.uniform(size=50),
        }

    equal = statistics([run() for _ in range(20)], [run() for _ in range(20)])
    assert equal["p", "latency"].verdict == "undecided" and not equal["p", "latency"].primary
    verdict, evidence = verdict_of(equal)
    assert verdict == "equivalent" and "undecided secondary metrics: latency of p" in evidence
    other = statistics([run() for _ in range(20)], [run(latency=30.0) for _ in range(20)])
    assert other["p", "latency"].verdict == "different"
    assert verdict_of(other)[0] == "different"


def test_all_primary_metrics_are_planned_together():
    rng = np.random.default_rng(9)
    known = KnownMetrics(
        tuple(
            Metric(name, "1", "", float, NETWORK, summary=only, distance=relative_distance)
            for name in ("x", "y", "z")
        )
    )

    def compared(n):
        # One value a run, which varies by an eighth.
        runs = [{("network", x): rng.normal(1, 0.12, 1) for x in "xyz"} for _ in range(2 * n)]
        found = statistics(runs[:n], runs[n:], known.compared)
        observed = Observed(("nest", "brian2"), (), (n, n))
        return found, *group_verdict(rows_of(found), observed, known)

    found, verdict, evidence = compared(16)
    assert verdict == "undecided"
    needed = max(one.runs_needed for one in found.values())
    told = f"{needed} seeds a backend would decide all 3 primary metrics with a probability of 80 %"
    assert 16 < needed < 200 and told in evidence
    # So many do decide.
    of_runs = rng.normal(1, 0.12, (300, 6, needed))
    decided = [
        all(tost(a, b, 0.1 * min(a.mean(), b.mean()), share=0.1).equivalent
            for a, b in zip(runs[:3], runs[3:], strict=True))
        for runs in of_runs
    ]  # fmt: skip
    assert np.mean(decided) >= 0.8


def test_too_few_runs_for_so_many_points_are_not_enough():
    found = [of_rates(20.0, 24.0, n=4, seed=k) for k in range(3)]
    assert {one.verdict for group in found for one in group.values()} == {"different"}
    # The smallest p-value of four runs against four is 1 in 35.
    adjusted = over_groups(found)
    assert {one.verdict for group in adjusted for one in group.values()} == {"undecided"}
    assert {one.runs_needed for group in adjusted for one in group.values()} == {5}


def test_p_values_hold_for_all_points_of_a_sweep():
    found = [of_rates(20.0, 24.0, n=8)] + [of_rates(20.0, 20.0, n=8, seed=k) for k in range(2, 13)]
    adjusted = over_groups(found)
    before, after = ([g["p", "rate"].p_value for g in groups] for groups in (found, adjusted))
    order = np.argsort(before)
    expected = np.minimum(1, np.maximum.accumulate(np.array(before)[order] * np.arange(12, 0, -1)))
    assert np.array(after)[order] == pytest.approx(expected)
    assert adjusted[0]["p", "rate"].verdict == "different"
    # One of twelve at 2 % is what chance gives.
    chance = [{("p", "rate"): replaced(one["p", "rate"], 0.02 if k == 0 else 0.5)}
              for k, one in enumerate(found)]  # fmt: skip
    assert over_groups(chance)[0]["p", "rate"].p_value == pytest.approx(0.24)
    assert over_groups(chance)[0]["p", "rate"].verdict == "undecided"


def replaced(one, p_value):
    from dataclasses import replace

    return replace(one, p_value=p_value)


def test_runs_of_one_seed_that_part_get_a_second_opinion():
    """The spikes of a chaotic network after one rounding: of each seed others, in all the same."""
    tables = tables_of(12, same_on_both, offset=0)
    _, verdicts = verdicts_of(tables)
    assert len(verdicts) == 12 and set(verdicts["verdict"]) == {"different"}
    assert set(verdicts["n_seeds"]) == {12}
    assert verdicts["statistics"].str.startswith("equivalent: 4 primary metrics").all()
    assert (
        verdicts["evidence"]
        .str.contains("as statistics of 12 seeds: equivalent (4 pri", regex=False)
        .all()
    )
    # One seed has no statistics.
    _, verdicts = verdicts_of(tables_of(1, same_on_both, offset=0))
    assert verdicts["statistics"].isna().all() and verdicts["n_seeds"].isna().all()


def test_the_second_opinion_may_be_different_too():
    def draw(backend, rng):
        return trains(rng, 20.0 if backend == "nest" else 30.0)

    _, verdicts = verdicts_of(tables_of(8, draw, offset=0))
    assert verdicts["statistics"].str.startswith("different: rate of cells").all()


def test_tables_of_earlier_versions_are_still_read(tmp_path):
    tables = tables_of(4, same_on_both)
    for name, frame in zip(("comparisons", "verdicts"), verdicts_of(tables), strict=True):
        path = write_table(name, frame, tmp_path / f"{name}.parquet")
        kept = [column for column in frame if column not in ADDED_COLUMNS[name]]
        pq.write_table(pa.table(pq.read_table(path)).select(kept), path)
        assert list(read_table(tmp_path, name)) == kept
