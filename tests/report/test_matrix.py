"""The matrix of verdicts: the most urgent one, and a way to the evidence for it."""

from types import SimpleNamespace

import pandas as pd
import pytest

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.labels import metric_label
from pipelines.report.explanations import explain_verdict, known_causes, why_no_value
from pipelines.report.formatting import anchor, compare_command, point_label
from pipelines.report.matrix import SPIKES, Cell, cell_of, cells_of, why_mixed
from pipelines.report.matrix import why_no_value as why_no_cell
from pipelines.sweep.model import Record
from tests import synthetic


@pytest.mark.parametrize(
    ("verdicts", "word", "n"),
    [
        (["identical", "identical"], "identical", 2),
        (["identical", "equivalent"], "equivalent", 1),
        (["undecided", "equivalent", "undecided"], "undecided", 2),
        (["identical", "undecided", "different"], "different", 1),
    ],
)
def test_a_cell_shows_the_most_urgent_verdict(verdicts, word, n):
    cell = cell_of(verdicts, "there")
    assert (cell.verdict, cell.n, cell.n_whole, cell.anchor) == (word, n, len(verdicts), "there")


def test_columns_are_those_metrics_that_there_are():
    table = pd.DataFrame({"metric": ["weight", "rate"], "verdict": ["identical", "different"]})
    evidence = [
        SimpleNamespace(metric="rate", verdict="identical", anchor="e-rate-a"),
        SimpleNamespace(metric="rate", verdict="different", anchor="e-rate-b"),
        SimpleNamespace(metric="weight", verdict="identical", anchor="e-weight-w"),
    ]
    cells = cells_of("e", pd.DataFrame({"verdict": ["different"]}), table, evidence)
    assert list(cells) == [SPIKES, "rate", "weight"]
    # A cell leads to the population that its verdict is about.
    assert [cell.anchor for cell in cells.values()] == ["e-points", "e-rate-b", "e-weight-w"]
    assert cells_of("e", pd.DataFrame({"verdict": []}), table.iloc[:0], []) == {}


@pytest.mark.parametrize(
    ("verdict", "numbers", "part"),
    [
        ("identical", {}, "The two runs have the same values."),
        ("different", {"p_value": 0.0123}, "further apart than two seeds of one backend are (p ="),
        ("equivalent", {"p_value": 0.5}, "no further apart than two seeds of one backend are (p ="),
        ("equivalent", {"p_value": 0.5, "power": 0.87}, "with a probability of 87 %."),
        ("equivalent", {"p_value": 1e-3}, "differ (p = 0.001), but by less than the margin."),
        ("undecided", {"runs_needed": 4}, "1 run a backend is too few to say whether seeds"),
        ("undecided", {"runs_needed": 9, "n_a": 5, "n_b": 6}, "5 runs a backend are too few"),
        ("undecided", {"runs_needed": 9, "n_a": 5, "n_b": 6}, "About 9 seeds would decide."),
        ("undecided", {"p_value": 1e-3}, "by more than the margin is not certain. More seeds"),
        ("undecided", {"n_a": 0}, "Only one of the backends has values."),
        ("undecided", {"p_value": 0.3}, "Seeds could explain the distance (p = 0.3), but"),
    ],
)  # fmt: skip
def test_what_the_numbers_mean_is_said(verdict, numbers, part):
    row = {"verdict": verdict, "n_a": 1, "n_b": 1, "p_value": None, "runs_needed": None} | numbers
    assert part in explain_verdict(row)


def test_known_causes_are_counted_by_point():
    table = pd.DataFrame({"causes": ["one; two", "", None, "two", "three"]})
    assert known_causes(table) == [("two", 2), ("one", 1), ("three", 1)]
    # Tables from before there were causes have none.
    assert known_causes(pd.DataFrame({"verdict": ["different"]})) == []


def test_ids_in_the_page_are_words_and_never_the_same():
    assert anchor((), "e", "isi_cv", "layer 2/3") == "e-isi_cv-layer-2-3"
    assert anchor({"e-a-b", "e-a-b-2"}, "e", "a b") == "e-a-b-3"


def test_a_place_has_values_with_units_and_the_seeds_of_both():
    runs = pd.DataFrame(
        [synthetic.run_row("e", b, 1, {"i": 0.5, "g": 3}, {}, seed) for b, seed in
         (("nest", 1), ("brian2", 1001))]
    )  # fmt: skip
    swept = {"i": "nA", "g": "1"}
    assert point_label(runs, swept) == "i = 0.5 nA, g = 3, seed 1 on NEST and 1001 on Brian2"
    assert point_label(runs.head(1), swept) == "i = 0.5 nA, g = 3, seed 1"
    assert point_label(runs, swept, 20) == "i = 0.5 nA, g = 3, 20 seeds a backend"


def test_how_metrics_and_commands_are_written():
    assert [metric_label(name) for name in ("isi_cv", "lv", "weight_change")] == [
        "ISI CV", "LV", "weight change",
    ]  # fmt: skip
    ids = ["0123456789abcdef", "fedcba9876543210"]
    assert compare_command(ids) == "counterpoint compare 0123456789 fedcba9876"
    assert compare_command(ids, "a b").endswith(" --results 'a b'")


def test_why_a_number_is_not_there_is_said():
    row = {"n_a": 1, "n_b": 1, "backend_a": "nest", "backend_b": "brian2", "p_value": None}
    assert why_no_value(row, "p_value") == "1 seed a backend"
    assert why_no_value(row | {"n_a": 9, "n_b": 9}, "distance") == "independent seeds are no pairs"
    assert why_no_value(row | {"n_b": 0}, "p_value") == "no run on Brian2 has one"
    assert why_no_value(row | {"p_value": 0.5}, "p_value") == ""


def test_why_a_cell_is_empty_is_said():
    record = Record(populations={"n": ["spikes"]})
    kinds = {name: why_no_cell(BUILT_IN[name], record) for name in ("rate", "weight", "signal_rms")}
    assert kinds == {
        "rate": "too few spikes or neurons", "weight": "no weights recorded",
        "signal_rms": "no signals recorded",
    }  # fmt: skip
    assert why_no_cell(BUILT_IN["rate"], Record()) == "no spikes recorded"
    assert why_no_cell(None, record) == "not one of its metrics"


def test_why_a_row_has_several_verdicts_is_said():
    cells = {
        SPIKES: Cell("different", 3, 8, "a"),
        "rate": Cell("identical", 8, 8, "b"),
        "isi_cv": Cell("undecided", 3, 8, "c"),
        "latency": Cell("undecided", 3, 8, "d"),
    }
    undecided, identical = why_mixed(cells, draws=False)
    assert undecided.startswith("ISI CV, latency: undecided, because its values differ, and there")
    assert identical.startswith("rate: identical, because its values are the same in both runs")
    assert why_mixed({SPIKES: cells[SPIKES]}, draws=False) == []
