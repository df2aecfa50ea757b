"""Constrained against ideal runs: pairs of seeds, families of comparisons, the table."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipelines.metrics import NETWORK, Margin, Metric, only, relative_distance
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.tables.files import read_table, write_table
from pipelines.verdicts.hardware_comparison import compare_with_ideal, hardware_table
from pipelines.verdicts.hardware_variants import VariantName, constrained_runs
from tests import hardware_runs as runs_of

RATE = ("exc", "rate")


def of(compared, constraints="all", backend="nest", hardware="chip"):
    """The comparison of one variant, at the first setting."""
    return next(
        one
        for one in compared
        if (one.of.variant.hardware, one.of.variant.constraints) == (hardware, constraints)
        and one.of.backend == backend
    )


def test_the_same_spikes_are_equivalent_with_one_seed():
    tables = runs_of.tables_of({("chip", "all"): runs_of.unchanged}, n_seeds=1)
    one = of(compare_with_ideal(tables))
    assert one.n_seeds == 1
    assert {one.agreement(key) for key in one.found} == {"equivalent"}


def test_half_of_the_spikes_are_different_and_the_numbers_say_by_how_much():
    tables = runs_of.tables_of({("chip", "all"): runs_of.lost(0.5)})
    one = of(compare_with_ideal(tables))
    rate = one.found[RATE]
    assert one.agreement(RATE) == "different"
    assert rate.mean_b == pytest.approx(20, rel=0.02) and rate.mean_a == pytest.approx(10, rel=0.03)
    assert rate.difference == pytest.approx(rate.mean_a - rate.mean_b)
    assert one.in_margins(RATE) == pytest.approx(10, rel=0.1)


def test_other_spikes_of_the_same_process_are_equivalent():
    tables = runs_of.tables_of({("chip", "all"): runs_of.redrawn()})
    one = of(compare_with_ideal(tables))
    assert {one.agreement(key) for key, found in one.found.items() if found.primary} == {
        "equivalent"
    }
    assert not one.alike


def test_two_seeds_decide_nothing():
    tables = runs_of.tables_of({("chip", "all"): runs_of.lost(0.5)}, n_seeds=2)
    one = of(compare_with_ideal(tables))
    assert {one.agreement(key) for key in one.found} == {"undecided"}
    assert one.found[RATE].runs_needed == 4  # 1 of 35 divisions is below 5 %


def test_a_silent_network_has_a_rate_and_no_intervals():
    tables = runs_of.tables_of({("chip", "all"): runs_of.lost(1.0)})
    one = of(compare_with_ideal(tables))
    assert one.agreement(RATE) == "different" and one.found[RATE].mean_a == 0
    assert one.agreement(("exc", "isi_cv")) == "not measured"


def test_runs_are_paired_by_seed_whatever_their_order():
    """One number a run: 100 times its seed, and 1 to 3 more on the chip."""
    tables = runs_of.tables_of({("chip", "all"): runs_of.unchanged}, n_seeds=3)
    shift = {1: 1.0, 2: 2.0, 3: 3.0}

    def number(run):
        constrained = run.record["hardware"] != "none"
        return 100.0 * run.record["seed"] + shift[run.record["seed"]] * constrained

    metric = Metric(
        "number", "1", "a number", number, NETWORK, summary=only, distance=relative_distance,
        margin=5.0, margin_of=Margin.NOTHING,
    )  # fmt: skip
    known = KnownMetrics((metric,))
    tables.runs = tables.runs.sample(frac=1, random_state=3).reset_index(drop=True)
    found = of(compare_with_ideal(tables, known)).found["network", "number"]
    interval = stats.ttest_rel([101, 202, 303], [100, 200, 300]).confidence_interval(0.9)
    assert found.difference == pytest.approx(2.0)
    assert (found.difference_low, found.difference_high) == pytest.approx(tuple(interval))


def test_a_margin_that_is_a_share_widens_the_interval():
    """Of a ratio of 1.05 that is the same with every seed, with a margin of 10 % of the mean."""
    values = {seed: 10.0 + seed for seed in range(1, 7)}
    metric = Metric(
        "number", "1", "a number",
        lambda run: values[run.record["seed"]] * (1.05 if run.record["hardware"] != "none" else 1),
        NETWORK, summary=only, distance=relative_distance, margin=0.10,
    )  # fmt: skip
    tables = runs_of.tables_of({("chip", "all"): runs_of.unchanged})
    found = of(compare_with_ideal(tables, KnownMetrics((metric,)))).found["network", "number"]
    ideal = np.array(list(values.values()))
    # The sign of larger - 1.1 smaller = -0.05 ideal says whether the margin is exceeded.
    half = stats.t.ppf(0.95, 5) * 0.05 * ideal.std(ddof=1) / np.sqrt(6)
    assert found.difference == pytest.approx(0.05 * ideal.mean())
    assert found.difference_high - found.difference == pytest.approx(half)


def test_failed_runs_and_other_seeds_have_no_pair():
    tables = runs_of.tables_of({("chip", "all"): runs_of.failed("boom", seeds=(1, 2))})
    group = next(constrained_runs(tables.runs))
    assert len(group.runs) == 6 and len(group.pairs) == 4
    assert group.variant == VariantName("chip", "all")
    one = of(compare_with_ideal(tables))
    assert one.n_seeds == 4


def test_each_variant_is_compared_with_the_ideal_network_of_its_own_setting_and_backend():
    tables = runs_of.tables_of(
        {
            ("generic", "all", 4, None): runs_of.unchanged,
            ("generic", "all", 2, 0.1): runs_of.lost(1),
        },
        n_seeds=2, settings=(1.0, 2.0),
    )  # fmt: skip
    groups = list(constrained_runs(tables.runs))
    assert len(groups) == 2 * 2 * 2
    for group in groups:
        assert set(group.ideal["backend"]) == set(group.runs["backend"]) == {group.backend}
        assert set(group.ideal["g"]) == set(group.runs["g"]) and len(group.ideal) == 2
    labels = [group.variant.label for group in groups[::2]]
    assert labels == 2 * ["generic, 4 bits a weight", "generic, 2 bits a weight, mismatch 10 %"]


def test_an_ablation_does_not_change_what_is_found_of_the_profile():
    variants = {("chip", "all"): runs_of.lost(0.5)}
    alone = of(compare_with_ideal(runs_of.tables_of(variants, n_seeds=4)))
    many = variants | {
        ("chip", f"{word} {name}"): runs_of.unchanged
        for word in ("only", "without")
        for name in ("delays", "fan_in", "synapse_loss", "weight_levels")
    }
    tables = runs_of.tables_of(many, n_seeds=4)
    assert alone.agreement(RATE) == of(compare_with_ideal(tables)).agreement(RATE) == "different"


def test_what_is_the_same_in_every_pair_does_not_count_as_a_test():
    """Four seeds show one difference, but not one of two."""
    variants = {("chip", "all"): runs_of.lost(0.5), ("same", "all"): runs_of.unchanged}
    tables = runs_of.tables_of(variants, n_seeds=4, backends=("nest",))
    assert of(compare_with_ideal(tables)).agreement(RATE) == "different"
    variants["same", "all"] = runs_of.redrawn()
    tables = runs_of.tables_of(variants, n_seeds=4, backends=("nest",))
    assert of(compare_with_ideal(tables)).agreement(RATE) == "undecided"


def test_of_many_networks_that_only_diverged_none_is_different():
    variants = {(f"chip{k}", "all"): runs_of.redrawn(offset=100 * k) for k in range(1, 13)}
    compared = compare_with_ideal(runs_of.tables_of(variants, n_seeds=5, backends=("nest",)))
    found = [one.agreement(key) for one in compared for key in one.found]
    assert len(compared) == 12 and "different" not in found


def test_the_table_has_a_row_a_metric_and_its_own_columns(tmp_path):
    tables = runs_of.tables_of({("chip", "all"): runs_of.lost(1.0)}, n_seeds=4)
    table = hardware_table(compare_with_ideal(tables))
    write_table("hardware", table, tmp_path / "hardware.parquet")
    stored = read_table(tmp_path, "hardware")
    rate = stored[(stored["metric"] == "rate") & (stored["backend"] == "nest")].iloc[0]
    ideal, constrained = tables.runs["hardware"] == "none", tables.runs["hardware"] != "none"
    assert rate["ideal_point_id"] == tables.runs.loc[ideal, "point_id"].iloc[0]
    assert rate["point_id"] == tables.runs.loc[constrained, "point_id"].iloc[0]
    assert (rate["constrained"], rate["agreement"], rate["n_seeds"]) == (0, "different", 4)
    assert set(stored["metric"]) <= set(BUILT_IN.compared)
    lacking = stored[stored["agreement"] == "not measured"]
    assert len(lacking) and pd.isna(lacking["difference"]).all()
