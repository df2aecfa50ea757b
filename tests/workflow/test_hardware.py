"""Runs on hardware in the workflow: what is made of them, and what is not without them."""

from __future__ import annotations

import pandas as pd
import pytest

from pipelines.workflow import code, sweeps

CHIP = """
title: Small chip
description: A chip for this test.
sources:
  me: {title: t, authors: A. Person, year: 2020, published: here}
constraints:
  weight_levels: {bits: {value: 1, source: me, certainty: verified}}
  synapse_loss: {share: {value: 1, source: me, certainty: verified}}
energy:
  per_spike_j: {value: 2.0e-9, source: me, certainty: verified}
not_modelled: [Everything else.]
"""
TINY = """
title: Tiny chip
description: One neuron.
sources:
  me: {title: t, authors: A. Person, year: 2020, published: here}
capacity:
  neurons: {value: 1, source: me, certainty: verified}
"""
PROFILE = """  chips:
    backends: [nest]
    seeds: [1, 2]
    parameters: {i_offset: 1.0}
    hardware: [small, tiny]
    hardware_ablation: true
"""
EXPECTATION = """
from pipelines.verdicts.expectations import Check

def check(tables):
    return [Check("all runs fire", name, tables.spikes["run_id"].nunique() == len(runs))
            for name, runs in tables.runs.groupby("backend")]

def check_hardware(tables):
    return [Check("some runs do not fit", "nest", (tables.runs["status"] == "unfit").any())]
"""


@pytest.fixture
def project(empty_project, monkeypatch):
    """The experiment `tiny`, whose two cells are connected, with two hardware profiles."""
    empty_project.add_wired()
    folder = empty_project.path("experiments/tiny")
    (folder / "hardware").mkdir()
    (folder / "hardware" / "small.yaml").write_text(CHIP)
    (folder / "hardware" / "tiny.yaml").write_text(TINY)
    (folder / "expectation.py").write_text(EXPECTATION)
    with (folder / "sweep.yaml").open("a") as file:
        file.write(PROFILE)
    monkeypatch.chdir(empty_project.folder)
    monkeypatch.delenv("COUNTERPOINT_ROOT", raising=False)
    return empty_project


def jobs_of(profile):
    plans, _ = sweeps.plan_all(["tiny"], profile, "mpirun")
    return sweeps.jobs_of(plans["tiny"], "results")


def test_tables_and_figure_on_hardware_are_made_where_a_plan_has_some(project):
    with_chips, without = jobs_of("chips"), jobs_of("both")
    added = [
        f"results/tiny/{name}.parquet" for name in ("mapping", "hardware", "hardware_verdicts")
    ]
    assert with_chips.tables == [*without.tables, *added] and with_chips.has_hardware
    assert list(with_chips.figures) == [*without.figures, "hardware"]
    assert not without.has_hardware and without.chips == {}
    assert with_chips.chips["small"]["energy"]["per_spike_j"]["value"] == 2e-9


def test_verdicts_on_hardware_are_made_again_when_metrics_or_expectations_change(project):
    before = code.of_hardware(jobs_of("chips").experiment)
    project.edit("experiments/tiny/expectation.py", "== len(runs)", ">= len(runs)")
    after = code.of_hardware(jobs_of("chips").experiment)
    assert before != after


def test_a_sweep_on_hardware_from_runs_to_the_page(project):
    """Six variants of a chip and one that is too small, twice on one backend."""
    said = project.snakemake("--config", "profile=chips")
    assert "14 of 14 runs done, 0 failed" in said
    results = project.path("results/tiny")
    verdicts = pd.read_parquet(results / "hardware_verdicts.parquet")
    found = verdicts.set_index(["hardware", "constraints"])
    assert found.index.tolist() == [
        ("small", "all"), ("small", "only weight_levels"), ("small", "only synapse_loss"),
        ("small", "without weight_levels"), ("small", "without synapse_loss"), ("tiny", "all"),
    ]  # fmt: skip
    assert found.loc[("tiny", "all"), "verdict"] == "unfit"
    assert "2 neurons where the chip has 1 (2 times)" in found.loc[("tiny", "all"), "evidence"]
    fits = found.drop(index=("tiny", "all"))
    assert (fits["expectations_met"] == 1).all() and (fits["expectations_total"] == 1).all()
    runs = pd.read_parquet(results / "runs.parquet")
    n_spikes = pd.read_parquet(results / "spikes.parquet")["run_id"].value_counts()
    whole = runs[(runs["hardware"] == "small") & (runs["constraints"] == "all")]["run_id"]
    energy = found.loc[("small", "all"), "energy_j"]
    assert energy == pytest.approx(2e-9 * n_spikes[whole].mean())
    checks = pd.read_parquet(results / "expectations.parquet")
    assert checks["check_name"].tolist() == ["all runs fire", "some runs do not fit"]
    assert checks["passed"].all()
    page = project.path("results/report.html").read_text()
    for text in ("Does it work on hardware?", "Small chip: A chip for this test.", "not modelled"):
        assert text.lower() in page.lower()
    assert (results / "figures" / "hardware.svg").stat().st_size > 10_000
    # Another energy is judged again, and simulates nothing.
    stored = project.stamps("tiny/runs/*.zip")
    project.edit("experiments/tiny/hardware/small.yaml", "2.0e-9", "4.0e-9")
    (results / "mapping.parquet").unlink()
    project.snakemake("--config", "profile=chips")
    assert project.stamps("tiny/runs/*.zip") == stored
    again = pd.read_parquet(results / "hardware_verdicts.parquet")
    assert again["energy_j"].iloc[0] == pytest.approx(2 * energy)
