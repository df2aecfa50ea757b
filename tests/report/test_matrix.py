"""The matrix of verdicts: the most urgent one, and a way to the numbers behind it."""

import pandas as pd
import pytest

from pipelines.report.matrix import SPIKES, cell_of, cells_of, evidence_of
from pipelines.tables.schemas import SCHEMAS


def comparisons(*rows):
    """Rows of the table, from (metric, population, verdict, p_value, distance)."""
    usual = dict.fromkeys(SCHEMAS["comparisons"].names)
    made = [
        usual
        | {
            "experiment": "e", "point_id": f"p{k}", "backend_a": "nest", "backend_b": "brian2",
            "metric": metric, "population": population, "verdict": verdict, "p_value": p,
            "distance": distance, "n_a": 5, "n_b": 5,
        }
        for k, (metric, population, verdict, p, distance) in enumerate(rows)
    ]  # fmt: skip
    return pd.DataFrame(made)


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
    table = comparisons(
        ("weight", "w", "identical", None, 0.0), ("rate", "p", "different", 0.01, 1)
    )
    cells = cells_of("e", pd.DataFrame({"verdict": ["different"]}), table)
    assert list(cells) == [SPIKES, "rate", "weight"]
    assert cells[SPIKES].anchor == "e" and cells["rate"].anchor == "e-rate"
    assert cells_of("e", pd.DataFrame({"verdict": []}), table.iloc[:0]) == {}


def test_evidence_is_of_the_point_that_needs_a_look_the_most():
    table = comparisons(
        ("rate", "b", "identical", 0.9, 0.0),
        ("rate", "a", "equivalent", 0.8, 0.10),
        ("rate", "a", "different", 0.01, 0.2),
        ("rate", "a", "different", 0.001, 0.1),
        ("rate", "a", "undecided", 0.0001, 0.9),
    )
    first, second = evidence_of("e", table)
    assert (first.population, second.population) == ("a", "b")
    assert (first.verdict, first.numbers["p_value"], first.unit) == ("different", 0.001, "Hz")
    assert first.counts == "2 different, 1 undecided, 1 equivalent"
    # One row of the two can be linked to.
    assert (first.anchor, second.anchor) == ("e-rate", "")
