"""The documentation is built strictly, needs no network, and has what the code has."""

import re
import subprocess
import sys

import pytest

from pipelines.cli.main import _COMMANDS
from pipelines.figures.gallery import GENERIC
from pipelines.metrics.known import BUILT_IN
from pipelines.sweep.json_schema import models
from pipelines.tables.schemas import SCHEMAS
from tests.docs.pages import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def headings(page):
    """Identifiers of the headings of a page."""
    return set(re.findall(r'<h[1-6] id="([^"]+)"', page.read_text()))


def test_reference_has_what_the_code_has(site):
    reference = site / "reference"
    assert set(GENERIC) <= headings(reference / "figures.html")
    assert set(_COMMANDS) <= headings(reference / "command.html")
    assert set(SCHEMAS) <= headings(reference / "tables.html")
    assert {metric.name for metric in BUILT_IN.metrics} <= headings(reference / "metrics.html")
    sweep = (reference / "sweep.html").read_text()
    keys = {key for kind in models().values() for key in kind.model_fields}
    assert all(f"<code>{key}</code>" in sweep for key in keys)
    experiment = headings(reference / "experiment.html")
    assert {"experimentpy", "expectationpy", "metricspy", "check", "parameter"} <= experiment


def test_rules_of_plasticity_are_explained(site):
    rules = {"nearestneighboursymmetricrule", "presynapticcentredrule", "tripletrule"}
    assert rules <= headings(site / "explanation" / "conventions.html")


def test_no_mark_is_left(site):
    for page in site.rglob("*.html"):
        assert not re.search(r"(generated|include): ", page.read_text()), page.name


def test_nothing_is_fetched_from_elsewhere(site):
    for page in site.rglob("*.html"):
        fetched = r'<(?:script|img|link|iframe|source)\b[^>]*(?:src|href)="(?:[a-z]+:)?//'
        assert not re.search(fetched, page.read_text()), page.name


def test_types_of_options_are_words_and_examples_are_lines_of_their_own(site):
    figures = (site / "reference" / "figures.html").read_text()
    assert "list of population names" in figures
    assert not re.search(r"Sequence|Annotated|\bstr\b|\bint\b|\wName\b", figures)
    command = (site / "reference" / "command.html").read_text()
    assert "example: " not in command and "<p>Examples:</p>" in command
