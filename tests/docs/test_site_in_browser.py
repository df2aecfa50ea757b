"""The documentation in a browser, opened as files: nothing is fetched, axe finds nothing."""

import pytest
from axe_core_python.base import AXE_FILE_PATH

from tests.docs.test_site import site  # noqa: F401  a fixture
from tests.report.chromium import BROWSER, WHY_NOT, Chromium

pytestmark = [pytest.mark.browser, pytest.mark.skipif(BROWSER is None, reason=WHY_NOT)]

PAGES = (
    "index.html", "tutorial.html", "howto/extend.html", "reference/sweep.html",
    "reference/command.html", "explanation/conventions.html", "explanation/support.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    with Chromium() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 400])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser, site, name, width, scheme):  # noqa: F811
    browser.said.clear()
    browser.asked.clear()
    browser.scheme(scheme)
    browser.size(width, 900)
    browser.open((site / name).as_uri())
    # The scheme of the page before is remembered.
    browser.evaluate("localStorage.clear()")
    browser.open((site / name).as_uri())
    browser.settle()
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    browser.evaluate(AXE_FILE_PATH.read_text() + "; 0")
    found = browser.evaluate(
        "axe.run().then(found => ({ violations: found.violations.map("
        "one => [one.id, one.nodes.length, one.nodes[0].html]),"
        " contrast: found.passes.filter(one => one.id === 'color-contrast').length,"
        " scheme: document.body.dataset.mdColorScheme }))"
    )
    assert found["violations"] == []
    assert found["contrast"] == 1
    assert found["scheme"] == {"light": "default", "dark": "slate"}[scheme]
    assert browser.said == []
    assert all(address.startswith(("file:", "about:", "blob:")) for address in browser.asked)


def test_search_works_without_a_server(browser, site):  # noqa: F811
    browser.size(1300, 900)
    browser.open((site / "index.html").as_uri() + "?q=sampling_interval")
    found = browser.evaluate(
        "new Promise((done) => { const look = () => {"
        " const found = [...document.querySelectorAll('.md-search-result__item a')];"
        " found.length ? done(found.map(one => one.href)) : setTimeout(look, 50); }; look(); })"
    )
    assert any("/howto/record.html" in address for address in found)
