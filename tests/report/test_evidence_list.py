"""Evidence as a list: what is under which heading, from texts as the verdicts write them."""

from types import SimpleNamespace

import pandas as pd
import pytest

from pipelines.report.evidence_list import clauses, evidence_items
from pipelines.verdicts.group_verdict import Observed, group_verdict
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.verdict_table import compare
from tests import synthetic


def listed(row, comparisons=None):
    return {item.title: item.texts for item in evidence_items(row, comparisons)}


def verdicts_of(tables):
    """Verdicts and comparisons of tables, as the workflow makes them."""
    comparisons = measure_and_compare(tables)[1]
    return compare(tables, comparisons), comparisons


def test_clauses_end_outside_brackets_only():
    assert clauses("a (b; c); d [e; f]; g") == ["a (b; c)", "d [e; f]", "g"]
    # Also where an error message has a bracket that is never closed, nothing is lost.
    assert "; ".join(clauses("no (x; y")) == "no (x; y"


def test_two_runs_that_differ():
    verdicts, comparisons = verdicts_of(synthetic.stdp_recurrent(shifted=3, n=20, drives=(2.1,)))
    row = verdicts.iloc[0]
    found = listed(row, comparisons[comparisons["point_id"] == row["point_id"]])
    assert row["verdict"] == "different"
    assert found["What differs"][0].startswith("spikes in common: ")
    assert any(text.startswith("the first difference is at ") for text in found["What differs"])
    together = found["All 2 seeds together"][0]
    assert together.startswith("undecided: ")
    assert found["Margins"][0].startswith("rate 10 %") and "What would decide" in found
    # Nothing of the text is lost, but for what is said about the statistics.
    told = " ".join(text for texts in found.values() for text in texts)
    for cause in filter(None, str(row["causes"]).split("; ")):
        assert cause in told


def test_causes_have_a_heading_of_their_own():
    row = {
        "verdict": "different", "causes": "refractory period; spike stamp", "statistics": None,
        "evidence": "spikes in common: 0 of 2 on a and 2 on b; the first difference is at 1 ms."
        " Not compared: signals (none recorded); the reference agrees with a; refractory period:"
        " it lasts one step less (p; q); also so; spike stamp: late",
    }  # fmt: skip
    assert listed(row) == {
        "What differs": (
            "spikes in common: 0 of 2 on a and 2 on b", "the first difference is at 1 ms",
        ),
        "Known causes that fit": (
            "refractory period: it lasts one step less (p; q); also so", "spike stamp: late",
        ),
        "The reference": ("the reference agrees with a",),
        "Not compared": ("signals (none recorded)",),
    }  # fmt: skip


@pytest.fixture(scope="module")
def draws():
    tables = synthetic.stdp_recurrent(n=20, drives=(2.1,), ratios=(1.0,))
    tables.runs.loc[tables.runs["backend"] == "brian2", "seed"] += 1_000_000
    return measure_and_compare(tables)[1]


@pytest.mark.parametrize("verdict", ["equivalent", "undecided", "different"])
def test_independent_draws_say_what_was_measured_within_which_margins_with_which_power(
    draws, verdict
):
    rows = draws.assign(
        statistics=verdict, p_value=0.01, difference=0.1, difference_low=0.0, difference_high=0.2,
        margin=1.0, power=0.9, detectable=0.5, between=0.2, seed_floor=0.1, floor_low=0.0,
        floor_high=0.1, n_a=9, n_b=9, runs_needed=pd.array([30] * len(draws), "Int64"),
    )  # fmt: skip
    found, evidence = group_verdict(rows, Observed(("nest", "brian2"), ("neurons",), (9, 9)))
    assert found == verdict
    row = {"verdict": found, "evidence": evidence, "n_seeds": 9, "statistics": None}
    items = listed(row, rows)
    assert items["Measured"][0].endswith(" metrics measured")
    assert items["Margins"][0].startswith("rate 10 %, ")
    assert items["Power"][0].startswith("so many runs find two equal backends equivalent")
    assert ("What would decide" in items) == (verdict == "undecided")
    assert ("What differs" in items) == (verdict == "different")


def test_a_row_from_a_table_without_causes_or_statistics():
    row = SimpleNamespace(verdict="identical", evidence="all 3 spikes of n on the same steps")
    assert listed(vars(row)) == {"What was found": ("all 3 spikes of n on the same steps",)}
