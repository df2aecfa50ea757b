"""The table `hardware_verdicts`, expectations on each variant, and backends under hardware."""

import dataclasses

import pytest

from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.from_digests import different_parameters
from pipelines.diagnosis.run_pair import Evidence
from pipelines.experiment import load_experiment
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.tables.files import read_table, write_table
from pipelines.tables.some_runs import ideal_runs
from pipelines.verdicts.expectations import expectations_table
from pipelines.verdicts.hardware_expectations import expectations_kept
from pipelines.verdicts.hardware_tables import hardware_tables
from pipelines.verdicts.hardware_variants import VariantName
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.record_comparison import compare_records
from pipelines.verdicts.result_folders import compare_folders, read_folder
from pipelines.verdicts.run_comparison import compare_evidence
from pipelines.verdicts.seed_groups import seed_groups
from pipelines.verdicts.verdict_table import compare
from tests import hardware_runs as runs_of
from tests.verdicts.test_hardware_energy import profile

KNOWN = KnownMetrics(tuple(one for one in BUILT_IN.metrics if one.name in ("rate", "isi_cv")))
CHIP, FAST = VariantName("chip"), "the rate is above 15 Hz"
EXPECTATION = """
from pipelines.verdicts.expectations import Check

def check(tables):
    for backend, runs in tables.runs.groupby("backend", sort=False):
        n = tables.spikes["run_id"].isin(runs["run_id"]).sum()
        rate = n / 40 / 1.5 / (runs["status"] == "done").sum()
        yield Check("the rate is above 15 Hz", backend, rate > 15, rate, 15.0, "Hz")
        yield Check("the rate is above 100 Hz", backend, rate > 100, rate, 100.0, "Hz")
        yield Check("something else", backend, True)
        if rate < 5:
            raise ValueError("too slow")
"""


@pytest.fixture
def experiment(tmp_path):
    folder = tmp_path / "experiments" / "e"
    folder.mkdir(parents=True)
    (folder / "experiment.py").write_text(
        "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Parameters:\n"
        "    duration: float = 1500.0\n\n\ndef build(sim, parameters, seed):\n    return {}\n"
    )
    (folder / "expectation.py").write_text(EXPECTATION)
    return load_experiment("e", tmp_path)


def judged(experiment, variants, **how):
    tables = runs_of.tables_of(variants, **how)
    tables.verdicts = compare(tables)
    energy = profile(per_spike_j=1e-9)
    return tables, *hardware_tables(experiment, tables, lambda name: energy, KNOWN)


def test_one_row_a_variant_setting_and_backend(experiment, tmp_path):
    variants = {
        ("chip", "all"): runs_of.lost(0.5),
        ("chip", "only delays"): runs_of.lost(0.5),
        ("chip", "only fan_in"): runs_of.unchanged,
        ("chip", "without delays"): runs_of.unchanged,
        ("chip", "without fan_in"): runs_of.lost(0.5),
        ("big", "all"): runs_of.unfit("1,200 neurons where the chip has 512 (2.3 times)"),
    }
    tables, hardware, verdicts = judged(experiment, variants, n_seeds=5)
    write_table("hardware_verdicts", verdicts, tmp_path / "hardware_verdicts.parquet")
    stored = read_table(tmp_path, "hardware_verdicts")
    stored = stored.set_index(["hardware", "constraints"]).sort_index()
    assert len(stored) == 2 * len(variants) and set(stored["backend"]) == {"nest", "brian2"}
    whole = stored.loc["chip", "all"]
    assert set(whole["verdict"]) == {"changed"} and set(whole["broken_by"]) == {"delays"}
    assert (whole["expectations_met"] == 1).all() and (whole["expectations_total"] == 2).all()
    lost = f"{FAST} (found 9.91 Hz, allowed 15 Hz)"
    assert set(whole["lost_expectations"]) == {lost}
    evidence = whole["evidence"].iloc[0]
    assert evidence.startswith(f"1 of 2 expectations lost: {lost};")
    assert "By ablation, delays broke it: alone it moves the rate of exc" in evidence
    n_spikes = tables.spikes["run_id"].value_counts()
    of_whole = tables.runs[
        (tables.runs["constraints"] == "all") & (tables.runs["hardware"] == "chip")
    ]
    nest = of_whole.loc[of_whole["backend"] == "nest", "run_id"]
    energies = whole.set_index("backend")["energy_j"]
    assert energies["nest"] == pytest.approx(1e-9 * n_spikes[nest].mean())
    big = stored.loc["big", "all"].iloc[0]
    assert (big["verdict"], big["broken_by"], big["n_seeds"]) == ("unfit", "", 0)
    assert big["evidence"] == "It does not fit: 1,200 neurons where the chip has 512 (2.3 times)."
    assert big.isna()[["expectations_met", "energy_j"]].all()
    assert set(hardware["agreement"]) == {"equivalent", "different"}


def test_an_expectation_that_the_ideal_network_does_not_meet_is_not_lost(experiment):
    variants = {("chip", "all"): runs_of.lost(0.02)}
    tables, _, _ = judged(experiment, variants, n_seeds=2)
    kept = expectations_kept(experiment, tables)
    assert {key: (one.total, one.lost) for key, one in kept.items()} == {
        (CHIP, "nest"): (2, ()),
        (CHIP, "brian2"): (2, ()),
    }


def test_an_error_of_the_checks_loses_what_they_did_not_come_to(experiment):
    """The check of the first backend ends with an error, and nothing is checked of the second."""
    tables, _, _ = judged(experiment, {("chip", "all"): runs_of.lost(0.9)}, n_seeds=2)
    kept = expectations_kept(experiment, tables)
    assert [str(one) for one in kept[CHIP, "nest"].lost] == [
        f"{FAST} (found 2.17 Hz, allowed 15 Hz)"
    ]
    assert [one.check for one in kept[CHIP, "brian2"].lost] == [FAST, "something else"]
    why = kept[CHIP, "brian2"].lost[0].why
    assert why.startswith("could not be checked: ") and why.endswith("ValueError: too slow")


def test_what_a_chip_loses_is_no_failed_expectation(experiment):
    tables, _, _ = judged(experiment, {("chip", "all"): runs_of.lost(1.0)}, n_seeds=2)
    table, outcome = expectations_table(experiment, ideal_runs(tables))
    passed = dict(zip(table["check_name"], table["passed"], strict=True))
    assert passed == {FAST: True, "the rate is above 100 Hz": False, "something else": True}
    assert not outcome.error
    mixed, _ = expectations_table(experiment, tables)
    assert not mixed["passed"].iloc[0]


def test_backends_are_compared_under_each_hardware_variant():
    """One of two variants differs on the second backend; the ideal network does not."""
    variants = {
        ("chip", "all", 4, None): runs_of.lost(0.5),
        ("chip", "all", 2, None): runs_of.lost(0.3),
    }
    tables = runs_of.tables_of(variants, n_seeds=3)
    runs = tables.runs
    moved = runs[(runs["backend"] == "brian2") & (runs["weight_bits"] == 2)]["run_id"]
    gone = tables.spikes["run_id"].isin(moved) & (tables.spikes["neuron"] < 10)
    tables.spikes = tables.spikes[~gone]
    comparisons = measure_and_compare(tables, KNOWN)[1]
    verdicts = compare(tables, comparisons).merge(
        runs.drop_duplicates("point_id")[["point_id", "hardware", "weight_bits"]], on="point_id"
    )
    of_bits = verdicts.groupby(verdicts["weight_bits"].astype(object).fillna(0))["verdict"]
    assert of_bits.agg(set).to_dict() == {0: {"identical"}, 2: {"different"}, 4: {"identical"}}
    rate = comparisons[comparisons["metric"] == "rate"].merge(
        runs.drop_duplicates("point_id")[["point_id", "weight_bits"]], on="point_id"
    )
    means = rate.groupby(rate["weight_bits"].astype(object).fillna(0))["mean_a"].first()
    assert means.to_dict() == pytest.approx({0: 19.9, 2: 13.9, 4: 9.95}, rel=0.02)


def test_groups_of_seeds_are_of_one_hardware_variant():
    variants = {("chip", "all", None, 0.1): runs_of.unchanged, ("chip", "all"): runs_of.unchanged}
    groups = list(seed_groups(runs_of.tables_of(variants, n_seeds=3).runs))
    assert [len(group) for group in groups] == [6, 6, 6]
    assert [len(group[["hardware", "mismatch"]].drop_duplicates()) for group in groups] == [1] * 3


@pytest.mark.parametrize(
    ("where", "verdicts"), [(("nest", "brian2"), []), (("nest",), ["different"])]
)
def test_a_network_that_fits_on_no_backend_is_not_compared(where, verdicts):
    tables = runs_of.tables_of({("chip", "all"): runs_of.unfit("too large")}, n_seeds=1)
    fits = ~tables.runs["backend"].isin(where) & (tables.runs["status"] == "unfit")
    tables.runs.loc[fits, ["status", "error"]] = ["done", ""]
    found = compare(tables)
    ideal = tables.runs.loc[tables.runs["hardware"] == "none", "point_id"]
    assert found.loc[~found["point_id"].isin(ideal), "verdict"].tolist() == verdicts
    if verdicts:
        assert "the run on nest does not fit (too large)" in found["evidence"].iloc[-1]


def test_a_variant_is_named_by_what_tells_it_from_others():
    name = VariantName("chip", "only delays", 4, 0.1)
    assert name.label == "chip, only delays, 4 bits a weight, mismatch 10 %"
    assert dataclasses.replace(name, constraints="all", mismatch=None).label == (
        "chip, 4 bits a weight"
    )


def test_a_difference_of_hardware_is_the_cause_that_is_named_first():
    """Two stored runs of one seed: on a chip and without one."""
    tables = runs_of.tables_of({("chip", "all"): runs_of.lost(0.5)}, n_seeds=1, backends=("nest",))
    ideal, constrained = (
        Evidence(
            row, tables.spikes[tables.spikes["run_id"] == row["run_id"]], tables.weights.head(0)
        )
        for row in tables.runs.to_dict("records")
    )
    pair, result = compare_evidence(ideal, constrained, 0.1, ("a", "b"))
    assert result.verdict == "different"
    first = causes(pair)[0]
    assert first.name == "different parameters"
    assert first.explanation == "hardware = none and chip; constraints = none and all"
    told = compare_records(ideal.record, constrained.record, ("in a", "in b"))
    assert told.differing[0].startswith("parameters differ: hardware = none and chip")
    same, _ = compare_evidence(ideal, ideal, 0.1, ("a", "b"))
    assert not list(different_parameters(same))


def test_runs_of_a_folder_are_paired_by_their_hardware(tmp_path):
    tables = runs_of.tables_of({("chip", "all"): runs_of.lost(0.5)}, n_seeds=2, backends=("nest",))
    for name in ("runs", "spikes", "weights", "signals"):
        getattr(tables, name).to_parquet(tmp_path / f"{name}.parquet")
    folder = read_folder(tmp_path)
    found = compare_folders(folder, folder)
    assert [one.point["hardware"] for one in found.pairs] == ["none", "none", "chip", "chip"]
    assert {one.result.verdict for one in found.pairs} == {"identical"}
