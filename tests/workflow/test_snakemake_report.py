"""`snakemake --report` on a run of an experiment: captions, categories, no network."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.report.chromium import BROWSER, WHY_NOT, Chromium
from tests.workflow.conftest import ROOT, Project

pytestmark = pytest.mark.slow

NAME = "lif_fi_curve"
ASKED = ("--config", "profile=smoke")


@pytest.fixture(scope="module")
def carried_out(tmp_path_factory):
    """A project of one experiment, carried out, with Snakemake's own report."""
    made = Project(tmp_path_factory.mktemp("reported"))
    shutil.copytree(ROOT / "experiments" / NAME, made.path("experiments") / NAME)
    made.snakemake(*ASKED)
    said = made.snakemake(*ASKED, "--report", "results/snakemake_report.html")
    assert "Report created." in said and "Could not" not in said
    return made


def test_every_result_has_its_caption_and_category(carried_out):
    page = carried_out.path("results/snakemake_report.html").read_text()
    for text in (
        "Above: firing rate of a leaky integrate-and-fire neuron",
        "in the way they are compared",
        "Spikes of population neurons on nest and on brian2",
        "Do two backends agree?",
        "a matrix of verdicts, and a way from each to the evidence",
    ):
        assert text in page, text
    evidence = json.loads(carried_out.path(f"results/{NAME}/evidence/index.json").read_text())
    assert len(evidence) == 8 + 2 + 1
    for drawn in evidence:
        assert drawn["file"] in page
    # Categories and what is in them, as the page's script reads it.
    (categories,) = re.findall(r"^\s*(?:var|const|let) categories = (\{.*?\});?$", page, re.M)
    found = json.loads(categories)
    assert set(found) == {NAME, "All experiments"}
    assert set(found[NAME]) == {"Figures", "Evidence", "Tables"}
    assert [len(found[NAME][kind]) for kind in ("Figures", "Evidence", "Tables")] == [2, 11, 3]


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason=WHY_NOT)
def test_it_opens_without_a_network(carried_out):
    path = carried_out.path("results/snakemake_report.html")
    with Chromium() as browser:
        browser.open(path.as_uri())
        browser.settle()
        assert browser.asked == [path.as_uri()]
        shown = browser.evaluate("document.body.innerText")
    assert NAME in shown and "Each experiment was written once, in PyNN" in shown


def test_evidence_that_is_gone_is_drawn_again_and_nothing_else(carried_out):
    folder = f"{NAME}/evidence"
    before = carried_out.stamps("**/*.parquet", "**/figures/*", f"{folder}/*.png", "report.html")
    contents = carried_out.path("results/report.html").read_bytes()
    shutil.rmtree(carried_out.path(f"results/{folder}"))
    carried_out.snakemake(*ASKED)
    after = carried_out.stamps("**/*.parquet", "**/figures/*", f"{folder}/*.png", "report.html")
    assert set(after) == set(before)
    again = {name for name in after if after[name] != before[name]}
    assert again == {name for name in after if name.startswith(folder)} | {"report.html"}
    assert carried_out.path("results/report.html").read_bytes() == contents
