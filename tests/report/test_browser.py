"""The page in a real browser, where there is one."""

import re
import shutil
import subprocess

import pytest

from pipelines.report.page import write_report
from tests import synthetic
from tests.report.test_page import ROOT, results

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    results(folder, "lif_fi_curve", synthetic.lif_fi_curve(late_steps=1), fail=[4])
    results(folder, "stdp_recurrent", synthetic.stdp_recurrent())
    names = ["lif_fi_curve", "stdp_recurrent"]
    return write_report(folder / "report.html", folder, names, "quick", ROOT)


def opened(page, fragment, tmp_path):
    """The document after its script has run, and what the browser said."""
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
        "--virtual-time-budget=3000", f"--user-data-dir={tmp_path}", "--dump-dom",
        f"{page.as_uri()}{fragment}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr


def test_opens_without_an_error_and_gets_its_tools(page, tmp_path):
    document, said = opened(page, "", tmp_path)
    assert "CONSOLE" not in said, said
    tables = document.count('class="sortable"')
    assert tables == 4
    assert document.count('class="tools"') == document.count('type="search"') == tables
    # Ten columns of metrics, and six of points after those of the swept parameters.
    assert len(re.findall(r"<th [^>]*><button", document)) == 2 * (10 + 6 + 2)
    assert {"any", "identical", "undecided"} < set(re.findall(r'<option value="(\w+)"', document))


def test_a_link_of_the_matrix_leads_into_what_is_closed(page, tmp_path):
    closed = 'id="stdp_recurrent-evidence">'
    assert closed in opened(page, "", tmp_path)[0]
    document, _ = opened(page, "#stdp_recurrent-rate-neurons", tmp_path)
    assert closed not in document
    assert re.search(r'id="stdp_recurrent-evidence" open', document)
