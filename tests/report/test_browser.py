"""The page in a real browser, where there is one: clicked through, typed into, looked at."""

import json

import pytest
from axe_core_python.base import AXE_FILE_PATH

from pipelines.report.page import write_report
from pipelines.sweep import plan
from tests import synthetic
from tests.report.chromium import BROWSER, WHY_NOT, Chromium
from tests.report.test_page import ROOT, results

pytestmark = [pytest.mark.browser, pytest.mark.skipif(BROWSER is None, reason=WHY_NOT)]

RATE = "lif_fi_curve-rate-neurons"
METRICS = '[aria-label="Metrics of lif_fi_curve"] table'
POINTS = '[aria-label="Points of lif_fi_curve"] table'
FOCUSED = "document.activeElement"


@pytest.fixture(scope="module")
def browser():
    with Chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    results(folder, "lif_fi_curve", synthetic.lif_fi_curve(late_steps=1), fail=[4])
    results(folder, "stdp_recurrent", synthetic.stdp_recurrent())
    plans = [plan(name, root=ROOT) for name in ("lif_fi_curve", "stdp_recurrent")]
    return write_report(folder / "report.html", folder, plans)


@pytest.fixture
def page(browser, written):
    """The page, freshly opened; at the end, that nobody complained and nothing was fetched."""
    browser.said.clear()
    browser.asked.clear()
    browser.scheme("light")
    browser.size(1200, 900)
    browser.open("about:blank")
    browser.open(written.as_uri())
    browser.settle()
    yield browser
    assert browser.said == []
    assert {address.partition("#")[0] for address in browser.asked} == {written.as_uri()}


def seen(page, selector):
    """Whether an element lies in the window, and is neither closed in nor hidden."""
    return page.evaluate(
        f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
        " const b = e.getBoundingClientRect();"
        " return e.checkVisibility() && b.height > 0 && b.top < innerHeight && b.bottom > 0; })()"
    )


def column(page, table, number):
    """Texts of the visible rows of a column."""
    return page.evaluate(
        f"[...document.querySelectorAll('{table} tbody tr')].filter(row => !row.hidden)"
        f".map(row => row.cells[{number}].textContent.trim())"
    )


def test_complaints_and_requests_are_heard(browser, tmp_path):
    noisy = tmp_path / "noisy.html"
    noisy.write_text(
        "<!doctype html><link rel=icon href='data:,'><img src='http://127.0.0.1:9/x.png'>"
        "<script>console.error('loud'); missing()</script>"
    )
    browser.said.clear()
    browser.asked.clear()
    browser.open(noisy.as_uri())
    browser.settle()
    assert browser.asked == [noisy.as_uri(), "http://127.0.0.1:9/x.png"]
    said = " ".join(browser.said)
    assert "loud" in said and "missing is not defined" in said


def test_every_cell_of_the_matrix_opens_its_evidence(page):
    links = page.evaluate("[...document.querySelectorAll('.matrix td a')].map(a => a.hash)")
    # Of each experiment: the points, eight metrics of spikes, and what else it recorded.
    assert len(links) == len(set(links)) == 11 + 11
    for link in links:
        page.click(f".matrix a[href='{link}']")
        assert page.evaluate("location.hash") == link
        card = f"[id='{link[1:]}']"
        assert page.evaluate(f'document.querySelector("{card}").open')
        # Here the keyboard goes on, and a screen reader says what it is.
        assert page.evaluate(f'{FOCUSED}.matches("{card} > summary")')
        assert seen(page, f"{card} > summary")
        assert seen(page, f"{card} > p") or seen(page, f"{card} img")


def test_evidence_has_a_picture_numbers_parameters_and_commands(page):
    page.click(f".matrix a[href='#{RATE}']")
    image = f"document.querySelector('#{RATE} img')"
    page.evaluate(f"{image}.decode()")
    assert page.evaluate(f"[{image}.naturalWidth, {image}.naturalHeight]") > [500, 100]
    assert len(page.evaluate(f"{image}.alt")) > 40
    for part in (f"#{RATE} img", f"#{RATE} dl"):
        assert seen(page, part)
    said = page.evaluate(f"document.querySelector('#{RATE}').innerText")
    assert "counterpoint run lif_fi_curve --backend nest --set " in said
    assert "i_offset = " in said and "Distance of its two runs" in said
    page.click(f"#{RATE} a[href='#lif_fi_curve-parameters']")
    assert page.evaluate("document.querySelector('#lif_fi_curve-parameters').open")
    assert seen(page, "#lif_fi_curve-parameters tbody tr")


def test_a_problem_leads_to_the_spikes_around_it(page):
    link = page.evaluate("document.querySelector('.problems a').hash")
    page.click(f".problems a[href='{link}']")
    assert page.evaluate("document.querySelector('#lif_fi_curve-points').open")
    assert page.evaluate(f"{FOCUSED}.id") == link[1:]
    assert seen(page, f"{link} img")


def test_a_closed_one_opens_again_at_a_second_click(page):
    for _ in range(2):
        page.click(f".matrix a[href='#{RATE}']")
        assert page.evaluate(f"document.getElementById('{RATE}').open")
        page.click(f"#{RATE} > summary")
        assert not page.evaluate(f"document.getElementById('{RATE}').open")


def test_an_address_leads_into_what_is_closed(page, written):
    page.open("about:blank")
    page.open(f"{written.as_uri()}#stdp_recurrent-rate-neurons")
    page.settle()
    card = "document.getElementById('stdp_recurrent-rate-neurons')"
    assert page.evaluate(f"{card}.open && {card}.parentElement.open")
    assert page.evaluate(f"{FOCUSED} === {card}.firstElementChild")


def test_the_keyboard_alone_gets_there_and_back(page):
    page.press("Tab")
    assert page.evaluate(f"{FOCUSED}.className") == "skip"
    page.press("Enter")
    assert page.evaluate(f"{FOCUSED}.id") == "main"
    # The table itself, which can be scrolled; then the experiment, its points and its first metric.
    for _ in range(4):
        page.press("Tab")
    assert page.evaluate(f"{FOCUSED}.hash") == f"#{RATE}"
    # Where one is, can be seen.
    assert page.evaluate(f"getComputedStyle({FOCUSED}).outlineStyle") == "solid"
    page.press("Enter")
    assert page.evaluate(f"{FOCUSED}.parentElement.id") == RATE
    # The picture at full size, its file, the commands.
    image = page.evaluate(f"document.querySelector('#{RATE} .files a').getAttribute('href')")
    for expected in ("BUTTON", image, "PRE", "#lif_fi_curve-parameters", "#agreement"):
        page.press("Tab")
        assert page.evaluate(f"{FOCUSED}.getAttribute('href') ?? {FOCUSED}.tagName") == expected
    page.press("Enter")
    assert page.evaluate(f"{FOCUSED}.id") == "agreement" and seen(page, ".matrix")


@pytest.mark.parametrize("again", [False, True], ids=["ascending", "descending"])
def test_a_table_is_sorted_by_numbers(page, again):
    page.click(".matrix a[href='#lif_fi_curve-points']")
    before = [float(text) for text in column(page, POINTS, 0)]
    assert before != sorted(before) and len(before) == 20
    for _ in range(1 + again):
        page.click(f"{POINTS} th:nth-child(1) button")
    after = [float(text) for text in column(page, POINTS, 0)]
    assert after == sorted(before, reverse=again)
    sorts = page.evaluate(
        f"[...document.querySelectorAll('{POINTS} th')].map(th => th.getAttribute('aria-sort'))"
    )
    assert sorts == ["descending" if again else "ascending"] + [None] * (len(sorts) - 1)


def test_verdicts_are_sorted_by_urgency(page):
    page.click(".matrix a[href='#lif_fi_curve-points']")
    page.click(f"{POINTS} th:nth-child(1) button")
    page.click(f"{POINTS} th:nth-child(4) button")
    verdicts = [text.split()[-1] for text in column(page, POINTS, 3)]
    found = list(dict.fromkeys(verdicts))
    assert found == ["different", "undecided", "identical"]
    assert verdicts == sorted(verdicts, key=found.index)


def test_a_table_is_filtered_by_words_and_by_verdict(page):
    page.click(f".matrix a[href='#{RATE}']")
    page.click('[aria-label="Find in Metrics of lif_fi_curve"]')
    page.type("latency")
    # Secondary metrics are in parentheses.
    assert column(page, METRICS, 0) == ["(latency)"]
    said = "[...document.querySelectorAll('[role=status]')].map(one => one.textContent).join('')"
    assert page.evaluate(said) == "1 of 10 rows"
    page.evaluate(
        "(() => { const s = document.querySelector("
        "'[aria-label=\"Verdict in Points of lif_fi_curve\"]');"
        " s.value = 'undecided'; s.dispatchEvent(new Event('change')); })()"
    )
    # One run failed.
    assert [text.split()[-1] for text in column(page, POINTS, 3)] == ["undecided"]


def test_a_figure_at_full_size_opens_and_closes_by_keyboard_and_mouse(page):
    button = "section .files button"
    opened = "document.getElementById('full-size').open"
    page.evaluate(f"document.querySelector('{button}').focus()")
    page.press("Enter")
    assert page.evaluate(opened)
    image = "document.querySelector('#full-size img')"
    page.evaluate(f"{image}.decode()")
    assert page.evaluate(f"{image}.getBoundingClientRect().width >= {image}.naturalWidth")
    assert len(page.evaluate(f"{image}.alt")) > 40
    # The keyboard stays in it, and Esc leads back to where one was.
    assert page.evaluate(f"document.getElementById('full-size').contains({FOCUSED})")
    page.press("Escape")
    assert not page.evaluate(opened)
    assert page.evaluate(f"{FOCUSED} === document.querySelector('{button}')")
    page.click("section figure img")
    assert page.evaluate(opened)
    page.click("#full-size img")
    assert not page.evaluate(opened)


def test_on_a_small_screen_nothing_is_cut(page):
    page.size(400, 900)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    page.settle()
    cut = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(one => one.checkVisibility()"
        " && !one.closest('.scroll table, dialog, .skip')"
        " && (one.getBoundingClientRect().right > innerWidth + 1"
        "  || (one.scrollWidth > one.clientWidth + 1"
        "   && getComputedStyle(one).overflowX === 'hidden')))"
        ".map(one => one.outerHTML.slice(0, 99))"
    )
    assert cut == []
    # A table that is wider scrolls in its box, and says so.
    wide = page.evaluate(
        "[...document.querySelectorAll('.scroll')].map(box =>"
        " [box.scrollWidth > box.clientWidth, box.previousElementSibling.hidden])"
    )
    assert [True, False] in wide and all(is_wide != hidden for is_wide, hidden in wide)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_axe_finds_nothing(page, scheme, width):
    page.scheme(scheme)
    page.size(width, 900)
    # The figures are white sheets in either scheme; what is in them is for their texts to say.
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    page.settle()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(AXE_FILE_PATH.read_text() + "; 0")
    page.evaluate("document.querySelector('.files button').click()")
    with_figure = page.evaluate("axe.run().then(found => found.violations.map(one => one.id))")
    assert with_figure == []
    page.press("Escape")
    found = page.evaluate(
        "axe.run().then(found => ({ violations: found.violations.map("
        "one => [one.id, one.help, one.nodes.length, one.nodes[0].html]),"
        " contrast: found.passes.filter(one => one.id === 'color-contrast')"
        ".flatMap(one => one.nodes).length,"
        " dark: getComputedStyle(document.body).backgroundColor }))"
    )
    assert found["violations"] == []
    # It has looked: at hundreds of texts, of the page in its dark and its light form.
    assert found["contrast"] > 300
    assert (found["dark"] == "rgb(21, 24, 28)") == (scheme == "dark")
