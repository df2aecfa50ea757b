"""The report: well-formed, self-contained, and open about what went wrong."""

import shlex
from collections import Counter
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from snakemake.cli import parse_args, parse_config

from pipelines.cli.main import _parsers
from pipelines.conformance.check import Outcome
from pipelines.conformance.support.outcome import Support
from pipelines.conformance.support.page import support_table
from pipelines.conformance.table import conformance_table
from pipelines.errors import BadInput
from pipelines.experiment import describe
from pipelines.figures.draw import draw_figure, save
from pipelines.figures.evidence_files import write_evidence
from pipelines.figures.gallery import figures_of
from pipelines.report.content import section_of
from pipelines.report.explanations import known_causes
from pipelines.report.findings import findings_of
from pipelines.report.formatting import format_number, run_command
from pipelines.report.page import render, write_report
from pipelines.report.sweep_points import points_of
from pipelines.sweep import plan, plan_point
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.verdicts.expectations import expectations_table
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

ROOT = Path(__file__).parents[2]
VOID = {"meta", "link", "img", "br"}
PLACEHOLDER = "data:,"  # of the figure at full size


class Page(HTMLParser):
    """Collects tags, and fails where they are not nested."""

    def __init__(self, text, *already_open):
        super().__init__()
        self.open, self.tags = list(already_open), []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def results(folder, name, tables, fail=()):
    """Store the tables and figures of an experiment as the workflow does."""
    made = plan(name, "quick", ROOT)
    for row in fail:
        tables.runs.loc[row, "status"] = "failed"
        tables.runs.loc[row, "error"] = "NESTError: <b>it</b> did not converge"
    for field, described in describe(made.experiment.parameters).items():
        if field not in tables.runs:
            tables.runs.insert(tables.runs.columns.get_loc("status"), field, described.default)
    folder = folder / name
    folder.mkdir(parents=True)
    for table in ("runs", "spikes", "weights", "signals"):
        write_table(table, getattr(tables, table), folder / f"{table}.parquet")
    stored = Tables(folder)
    metrics, comparisons = measure_and_compare(stored)
    write_table("metrics", metrics, folder / "metrics.parquet")
    write_table("comparisons", comparisons, folder / "comparisons.parquet")
    write_table("verdicts", compare(stored, comparisons), folder / "verdicts.parquet")
    expectations, _ = expectations_table(made.experiment, stored)
    write_table("expectations", expectations, folder / "expectations.parquet")
    for figure, options in figures_of(made.experiment, made.sweep.figures).items():
        drawing = draw_figure(figure, folder, made.experiment.folder, options, made.swept)
        save(drawing, folder / f"figures/{figure}.png", folder / f"figures/{figure}.svg")
    write_evidence(Tables(folder), folder / "evidence")
    return folder.parent


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = results(tmp_path_factory.mktemp("good"), "lif_fi_curve", synthetic.lif_fi_curve())
    rules = ("additive", "multiplicative", "additive_multiplicative", "gutig")
    window = synthetic.stdp_window(rules, delays=(5.0,), fractions=(0.02, 0.3, 0.5, 1.0))
    results(folder, "stdp_window", window)
    plans = [plan(name, root=ROOT) for name in ("lif_fi_curve", "stdp_window")]
    return write_report(folder / "report.html", folder, plans).read_text()


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    tables = synthetic.lif_fi_curve(late_steps=1)
    folder = results(tmp_path_factory.mktemp("bad"), "lif_fi_curve", tables, fail=[4])
    plans = [plan("lif_fi_curve", root=ROOT)]
    return write_report(folder / "report.html", folder, plans).read_text()


def test_leads_with_what_agrees(good):
    lead = "All 72 runs of 2 experiments were done, all 40 checks of what they must show are met"
    assert f"{lead}, and all 36 points are identical on NEST and Brian2." in good
    assert "Nothing: every run was done" in good


def test_is_well_formed_and_has_its_landmarks(good):
    page = Page(good)
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    within = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    assert len(within) > 20 and set(within) <= set(ids)
    assert all("scope" in cell for cell in page.all("th"))


def test_asks_for_nothing_from_outside(good, bad):
    for text in (good, bad):
        for word in ("http://", "https://", "@import", "url(", "<iframe", "fetch(", "import("):
            assert word not in text
        assert Page(text).all("script") == [{}]
        *images, placeholder = Page(text).all("img")
        assert placeholder["src"] == PLACEHOLDER
        assert all(image["src"].startswith("data:image/png;base64,") for image in images)


def test_every_cell_of_the_matrix_leads_to_its_own_evidence(bad):
    page = Page(bad)
    rows = bad.partition('<table class="matrix named">')[2].partition("</table>")[0]
    links = [a["href"].removeprefix("#") for a in Page(rows + "</table>", "table").all("a")]
    cards = {a["id"] for tag, a in page.tags if tag == "details" and a.get("class") == "card"}
    name, *cells = links
    assert name == "lif_fi_curve" and set(cells) == cards and len(cells) == len(set(cells)) == 11
    # Each with its picture, numbers, parameters and commands.
    for anchor in sorted(cards - {"lif_fi_curve-points"}):
        card = bad.partition(f'id="{anchor}"')[2].partition("</details>")[0]
        for part in ("<img ", "<dt>Point</dt><dd>i_offset = ", "#lif_fi_curve-parameters",
                     "counterpoint run lif_fi_curve --backend brian2"):  # fmt: skip
            assert part in card, (anchor, part)
    points = bad.partition('id="lif_fi_curve-points"')[2].partition("</details>")[0]
    assert points.count("<img ") == 3 and points.count("counterpoint compare nest") == 3
    # The way to the other points of a cause, and to the files of the pictures.
    assert points.count(">PNG</a>") == 3
    assert points.count('<td data-order="') == 20


def test_all_seeds_of_independent_draws_are_one_row_with_their_evidence(tmp_path):
    tables = synthetic.stdp_recurrent(n=20, shifted=3, drives=(2.1,), ratios=(1.0,))
    tables.runs.loc[tables.runs["backend"] == "brian2", "seed"] += 1_000_000
    folder = results(tmp_path, "stdp_recurrent", tables)
    text = render([section_of(plan("stdp_recurrent", "quick", ROOT), folder / "stdp_recurrent")])
    points = text.partition('id="stdp_recurrent-points"')[2].partition("</details>")[0]
    assert points.count('<td data-order="') == 1 and "<td>2 seeds</td>" in points
    assert "2 seeds a backend: " in points and "Rate of neurons: 2 runs a backend are too" in points
    assert "10 of 15 metrics measured" in points
    for title in ("Margins", "What would decide", "Not measured"):
        assert f"<dt>{title}</dt>" in points
    # No seed of one backend is set against one of the other.
    assert "First difference" not in points and "In common" not in points
    assert "counterpoint compare" not in text
    undecided = text.partition('<h2 id="undecided">')[2].partition("<h2")[0]
    assert "1 of 1 point: too few seeds" in undecided


def test_known_causes_are_shown_where_a_table_has_them(good, tmp_path):
    folder = results(tmp_path, "lif_fi_curve", synthetic.lif_fi_curve(late_steps=1))
    made = plan("lif_fi_curve", "quick", ROOT)
    section = section_of(made, folder / "lif_fi_curve")
    assert "nown causes" not in good
    tables = Tables(folder / "lif_fi_curve")
    named = tables.verdicts.assign(causes=["", "refractory period; rounding"] * 10)
    vars(tables)["verdicts"] = named
    runs = tables.runs
    swept = {"i_offset": "nA"}
    known = replace(
        section,
        causes=known_causes(named),
        points=points_of(runs, named, swept),
        differences=findings_of(made, tables, "different", swept),
    )
    text = render([known])
    assert (
        text.count("Known causes that fit: refractory period (10 points), rounding (10 points)")
        == 1
    )
    # One entry a cause, however many points share it.
    n_different = int((named["verdict"] == "different")[1::2].sum())
    found = f"{n_different} of 20 points: known causes that fit: refractory period; rounding</p>"
    assert text.count(found) == 1
    assert text.count("<td>refractory period; rounding</td>") == 10


def test_every_figure_has_a_text(good):
    *images, _ = Page(good).all("img")
    # Three figures; eight metrics of one cell, which has no correlations, seven of cells that fired
    # twice and six of those that fired once; weights, two of v; a raster each.
    assert len(images) == 3 + 8 + 7 + 6 + 1 + 2 + 2
    assert all(len(image["alt"]) > 40 for image in images)
    assert all(min(int(image["width"]), int(image["height"])) > 200 for image in images)


def test_is_small(good):
    assert len(good) < 5_000_000


def test_failures_are_shown_and_escaped(bad):
    assert "39 of 40 runs of 1 experiment were done, " in bad
    assert "NESTError: &lt;b&gt;it&lt;/b&gt; did not converge" in bad
    assert "<b>it</b>" not in bad
    assert "counterpoint run lif_fi_curve --backend nest" in bad
    Page(bad)


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_the_command_of_a_run_makes_the_same_run(profile, tmp_path):
    folder = tmp_path / "experiments" / "toy"
    folder.mkdir(parents=True)
    source = (ROOT / "experiments/lif_fi_curve/experiment.py").read_text()
    (folder / "experiment.py").write_text(source)
    # What `quick` sets for all points, and one of its points sets back to the default.
    (folder / "sweep.yaml").write_text(
        "profiles:\n  quick: {parameters: {cm: 0.5}, points: [{tau_m: 10.0}, {cm: 0.25}]}\n"
        "  full: {points: [{tau_m: 10.0}, {cm: 0.25}]}\n"
    )
    made = plan("toy", profile, tmp_path)
    for run in made.runs:
        row = pd.Series({**run.parameters, "backend": run.backend, "seed": run.seed})
        program, *words = shlex.split(run_command(made, row))
        assert program == "counterpoint"
        options, _ = _parsers()[0].parse_known_args(words)
        values = dict(text.split("=", 1) for text in options.set)
        again = plan_point(
            "toy", options.profile, values, int(options.seed), [options.backend], tmp_path
        )
        assert [r.run_id for r in again.runs] == [run.run_id]


def test_the_command_of_a_run_is_quoted_for_the_shell():
    made = plan("stdp_window", "quick", ROOT)
    row = pd.Series({"weight_dependence": "a b", "backend": "nest", "seed": 1})
    assert "--set 'weight_dependence=a b'" in run_command(made, row)


def test_an_experiment_without_description_has_no_lonely_full_stop(good, tmp_path):
    assert "<p>.</p>" not in good and "..</p>" not in good
    section = section_of(plan("lif_fi_curve", "quick", ROOT), results(
        tmp_path, "lif_fi_curve", synthetic.lif_fi_curve()) / "lif_fi_curve")  # fmt: skip
    assert "<p>.</p>" not in render([replace(section, description="")])
    assert "<p>Words.</p>" in render([replace(section, description="Words.")])


def test_what_does_not_agree_is_shown(bad):
    assert "expectation not met" in bad
    assert "different: NEST and Brian2" in bad
    assert "undecided: NEST and Brian2" in bad
    assert "Nothing: every run was done" not in bad


def test_names_the_command_that_makes_it_again(good):
    command = "snakemake --cores 8 --config &#39;experiments=[&#34;stdp_window&#34;]&#39;"
    assert f"{command} profile=quick" in good


def test_a_missing_figure_is_an_error(tmp_path):
    folder = results(tmp_path, "lif_fi_curve", synthetic.lif_fi_curve())
    (folder / "lif_fi_curve/figures/fi_curve.png").unlink()
    with pytest.raises(BadInput, match="has not been drawn"):
        write_report(folder / "report.html", folder, [plan("lif_fi_curve", root=ROOT)])


def commands_in(text):
    """Lines of all commands in a page, as a reader would copy them."""
    return [
        line
        for block in text.split("<pre ")[1:]
        for line in unescape(block.partition("<code>")[2].partition("</code>")[0]).splitlines()
    ]


def test_all_commands_are_understood_and_name_folder_and_profile(tmp_path, monkeypatch):
    tables = synthetic.lif_fi_curve([0.4, 0.8], (2.0,), late_steps=1)
    folder = results(tmp_path / "my results", "lif_fi_curve", tables, fail=[0])
    made = plan("lif_fi_curve", "smoke", ROOT)
    section = section_of(made, folder / "lif_fi_curve", str(folder))
    found = commands_in(render([section]))
    # Of a failed run, a difference, an undecided point, every metric, and of the whole sweep.
    assert len(found) > 20
    programs = Counter()
    for line in found:
        program, *words = shlex.split(line)
        if program == "counterpoint":
            options, unknown = _parsers()[0].parse_known_args(words)
            assert not unknown and options.results == str(folder)
            assert options.command == "compare" or options.profile == "smoke"
            program = options.command
        else:
            assert program == "snakemake"
            _, options = parse_args(words)
            asked = {"experiments": ["lif_fi_curve"], "profile": "smoke", "results": str(folder)}
            assert parse_config(options.config) == asked
        programs[program] += 1
    assert set(programs) == {"run", "compare", "snakemake"}


def test_points_that_share_a_cause_are_one_entry(bad):
    page = bad.partition('<h2 id="problems">')[2].partition('<h2 id="undecided">')
    # Sixteen points differ for one reason, and one is undecided because a run failed.
    assert page[0].count("<strong>different: NEST and Brian2</strong>") == 1
    assert "points: known causes that fit: " in page[0] or "no known cause fits" in page[0]
    assert "undecided" not in page[0]
    undecided = page[2].partition("<section")[0]
    assert "1 of 20 points: the run on nest failed" in undecided
    assert "<dt>What would decide</dt>" in undecided


def test_figures_lead_to_their_files(tmp_path):
    folder = results(tmp_path, "lif_fi_curve", synthetic.lif_fi_curve([0.8], (2.0,)))
    text = write_report(
        folder / "report.html", folder, [plan("lif_fi_curve", root=ROOT)]
    ).read_text()
    links = [a["href"] for a in Page(text).all("a") if not a["href"].startswith("#")]
    assert (
        "lif_fi_curve/figures/fi_curve.svg" in links
        and "lif_fi_curve/figures/fi_curve.png" in links
    )
    assert all((folder / unquote(link)).is_file() for link in links)


def test_numbers_are_short():
    assert [format_number(v) for v in (0.0, 12345.0, 0.0999274, 1e-9, None, float("nan"))] == [
        "0", "12,345", "0.0999", "1e-09", "no value", "no value",
    ]  # fmt: skip


def test_outcomes_of_the_suite_that_were_left_out_are_not_shown(tmp_path):
    folder = results(tmp_path, "lif_fi_curve", synthetic.lif_fi_curve())
    written = conformance_table(
        [Outcome("regular_firing", "refractory period", "nest", False, "failed", 0.1, 1e-9, "1")]
    )
    write_table("conformance", written, folder / "conformance.parquet" / "nest.parquet")
    found = [Support("cell", "HH_cond_exp", "nest", "wrong", "reference", 0.1, "v: -65")]
    write_table("support", support_table(found), folder / "support.parquet")
    plans = [plan("lif_fi_curve", root=ROOT)]
    page = [
        write_report(folder / "report.html", folder, plans, conformance=asked).read_text()
        for asked in (True, False)
    ]
    assert "regular_firing" in page[0] and "NEST: 1 failed" in page[0]
    assert "HH_cond_exp" in page[0] and "NEST: 1 wrong" in page[0]
    assert "HH_cond_exp" not in page[1]
    assert "regular_firing" not in page[1] and "Not checked" in page[1]
