"""What a change re-runs, and what it does not. Each test leaves the project finished."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

STEPS = ("*.parquet", "figures/*", "runs/*.zip")


def changed(before, after):
    """Names of files that were made again or for the first time."""
    return {name for name, stamp in after.items() if before.get(name) != stamp}


def made_from(experiment):
    """Patterns of everything the workflow makes for an experiment."""
    return [f"{experiment}/{step}" for step in STEPS]


def drawn(experiment):
    """Files of the figure of an experiment."""
    return {f"{experiment}/figures/bars.{kind}" for kind in ("png", "svg", "pdf", "txt")}


def test_nothing_to_do_when_all_is_done(project):
    before = project.stamps()
    said = project.snakemake()
    assert "Nothing to be done" in said
    assert project.stamps() == before


def test_a_deleted_run_is_made_again_with_what_depends_on_it(project):
    lost = sorted(project.path("results/one/runs").glob("*.zip"))[0]
    before = project.stamps()
    lost.unlink()
    project.snakemake()
    again = changed(before, project.stamps(*made_from("*"), "report.html"))
    assert [name for name in again if name.endswith(".zip")] == [f"one/runs/{lost.name}"]
    assert {"one/runs.parquet", "one/metrics.parquet", "report.html"} <= again
    assert not [name for name in again if name.startswith("two/")]


@pytest.mark.slow
def test_a_damaged_run_is_made_again(project):
    damaged = sorted(project.path("results/one/runs").glob("*.zip"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-40])
    before = project.stamps("*/runs/*.zip")
    project.snakemake()
    assert changed(before, project.stamps("*/runs/*.zip")) == {f"one/runs/{damaged.name}"}


@pytest.mark.slow
@pytest.mark.parametrize("table", ["runs", "spikes", "metrics", "verdicts"])
def test_a_table_that_is_cut_off_is_made_again(project, table):
    path = project.path(f"results/one/{table}.parquet")
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    runs = project.stamps("*/runs/*.zip")
    project.snakemake()
    assert path.read_bytes() == content and project.stamps("*/runs/*.zip") == runs


@pytest.mark.slow
def test_a_table_with_a_flipped_bit_is_named_and_made_again(project):
    path = project.path("results/one/spikes.parquet")
    content = path.read_bytes()
    flipped = bytearray(content)
    # The last byte of a column's values, which have checksums; Parquet's metadata have none.
    neuron = pq.read_metadata(path).row_group(0).column(2)
    begin = neuron.dictionary_page_offset or neuron.data_page_offset
    flipped[begin + neuron.total_compressed_size - 1] ^= 0x10
    path.write_bytes(flipped)
    said = project.snakemake(fails=True)
    assert "results/one/spikes.parquet: cannot be read" in said
    assert "the same command again makes this table again" in said
    project.snakemake()
    assert path.read_bytes() == content


def test_a_new_value_simulates_the_new_points_only(project):
    before = project.stamps(*made_from("*"))
    project.edit(
        "experiments/one/sweep.yaml",
        "quick:\n    backends: [nest]\n    grid:\n      i_offset: [0.5, 1.0]",
        "quick:\n    backends: [nest]\n    grid:\n      i_offset: [0.5, 0.8, 1.0]",
    )
    project.snakemake()
    after = project.stamps(*made_from("*"))
    again = changed(before, after)
    new_runs = [name for name in again if name.endswith(".zip")]
    assert len(new_runs) == 1 and new_runs[0] not in before
    assert "one/runs.parquet" in again
    assert not [name for name in again if name.startswith("two/")]


@pytest.mark.slow
def test_changed_code_of_a_figure_draws_that_figure_only(project):
    before = project.stamps()
    project.edit("experiments/two/figures/bars.py", "Figure()", "Figure(figsize=(3, 2))")
    project.snakemake()
    again = changed(before, project.stamps(*made_from("*"), "report.html"))
    assert again == {*drawn("two"), "report.html"}


@pytest.mark.slow
def test_a_changed_style_draws_all_figures_and_repeats_no_run(project):
    before = project.stamps()
    style = project.path("experiments/style.mplstyle")
    style.write_text("font.size: 6\n")
    project.snakemake()
    after = project.stamps(*made_from("*"), "report.html")
    assert changed(before, after) == {*drawn("one"), *drawn("two"), "report.html"}
    style.unlink()
    project.snakemake()


@pytest.mark.slow
def test_changed_expectation_is_checked_anew_and_no_more(project):
    before = project.stamps()
    project.path("experiments/two/expectation.py").write_text("def check(tables):\n    return []\n")
    project.snakemake()
    again = changed(before, project.stamps(*made_from("*"), "report.html"))
    assert again == {"two/expectations.parquet", "report.html"}


@pytest.mark.slow
def test_changed_code_of_an_experiment_runs_that_experiment_only(project):
    before = project.stamps()
    project.edit("experiments/two/experiment.py", "Population(2,", "Population(3,")
    project.snakemake()
    again = changed(before, project.stamps(*made_from("*"), "report.html"))
    assert len([name for name in again if name.endswith(".zip")]) == 2
    assert {"two/runs.parquet", "two/figures/bars.png", "report.html"} <= again
    assert not [name for name in again if name.startswith("one/")]


def test_a_comment_changes_nothing(project):
    project.edit("experiments/two/experiment.py", "def build", "# A comment.\ndef build")
    project.edit("experiments/two/sweep.yaml", "profiles:", "# Another one.\nprofiles:")
    assert "Nothing to be done" in project.snakemake()
