"""Reports accumulate: results of earlier calls stay in the page, and what is stale is marked."""

import json
import shutil

import pytest

from pipelines.figures.gallery import figures_of
from pipelines.report.origin import date_of, why_stale
from pipelines.report.page import write_report
from pipelines.sweep import plan
from pipelines.sweep.plan_file import plan_path, read_plan, write_plan
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.workflow.sweeps import other_results
from tests import synthetic
from tests.report.test_page import ROOT, results

NAME = "lif_fi_curve"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Results of one experiment as a call leaves them: with the run_ids of their plan."""
    folder = tmp_path_factory.mktemp("older")
    one = plan(NAME, "quick", ROOT)
    results(folder, NAME, synthetic.lif_fi_curve(refractory=(2.0, 5.0)))
    tables = Tables(folder / NAME)
    ids = {old: run.run_id for old, run in zip(tables.runs["run_id"], one.runs, strict=True)}
    for name in ("runs", "spikes", "weights", "signals", "metrics"):
        frame = tables.read(name)
        write_table(
            name, frame.assign(run_id=frame["run_id"].map(ids)), folder / NAME / f"{name}.parquet"
        )
    write_plan(one, plan_path(folder, NAME), figures_of(one.experiment, one.sweep.figures))
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(ROOT))
    return shutil.copytree(made, tmp_path / "results")


def page_of(folder):
    """The page of a call on another experiment, which has no result of its own."""
    return write_report(folder / "report.html", folder, [], older=[NAME]).read_text()


def test_results_of_an_earlier_call_stay_in_the_page(folder):
    text = page_of(folder)
    assert f'<h2 id="{NAME}">' in text and "0 of them of this call, 1 of earlier calls." in text
    assert (
        f"Of an earlier call: made {date_of(folder / NAME)} with profile <code>quick</code>."
        in text
    )
    assert "Left out" not in text


def test_those_without_figures_and_evidence_are_shown_too(folder):
    # As `counterpoint sweep` makes them.
    shutil.rmtree(folder / NAME / "figures")
    shutil.rmtree(folder / NAME / "evidence")
    assert f'<h2 id="{NAME}">' in page_of(folder)


def test_what_would_be_made_otherwise_today_is_marked(folder):
    path = plan_path(folder, NAME)
    content = json.loads(path.read_text())
    for before in content["ingredients"].values():
        before["versions"]["PyNN"] = "0.12.0"
    path.write_text(json.dumps(content | {"digest": "0123456789abcdef"}))
    assert "changed since: PyNN 0.12.0 -&gt; " in page_of(folder)
    assert why_stale(plan(NAME, "quick", ROOT)) == ""


def test_another_sweep_than_that_of_the_tables_is_left_out_and_said(folder):
    other = plan(NAME, "smoke", ROOT)
    write_plan(other, plan_path(folder, NAME), {})
    text = page_of(folder)
    assert f'<h2 id="{NAME}">' not in text
    assert f"<strong>{NAME}</strong>: half written: plan.json has 4 runs of profile smoke," in text


@pytest.mark.parametrize("table", ["verdicts", "expectations"])
def test_a_missing_table_is_said(folder, table):
    (folder / NAME / f"{table}.parquet").unlink()
    assert f"half written: there is no {table}.parquet" in page_of(folder)


def test_a_damaged_table_is_said(folder):
    (folder / NAME / "verdicts.parquet").write_bytes(b"PAR1")
    text = page_of(folder)
    assert f"<strong>{NAME}</strong>" in text and f'<h2 id="{NAME}">' not in text


def test_which_results_are_of_earlier_calls(folder):
    (folder / "no_plan").mkdir()
    found = other_results([], str(folder))
    assert list(found) == [NAME] and other_results([NAME], str(folder)) == {}
    read_plan(plan_path(folder, NAME))
    assert other_results([], str(folder)) == found
    (folder / NAME / "verdicts.parquet").touch()
    assert other_results([], str(folder)) != found
