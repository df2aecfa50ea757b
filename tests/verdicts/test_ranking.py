"""Which point of a sweep a metric is judged by, and in which order points need a look."""

import pandas as pd

from pipelines.tables.schemas import SCHEMAS
from pipelines.verdicts.ranking import count_verdicts, most_urgent, points_by_urgency


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


def verdicts(*rows):
    """Rows of the table, from (verdict, first difference, spikes)."""
    usual = dict.fromkeys(SCHEMAS["verdicts"].names)
    made = [
        usual
        | {
            "experiment": "e", "point_id": f"p{k}", "backend_a": "nest", "backend_b": "brian2",
            "verdict": verdict, "first_difference_ms": first, "n_spikes_a": n,
        }
        for k, (verdict, first, n) in enumerate(rows)
    ]  # fmt: skip
    return pd.DataFrame(made)


def test_the_worst_verdict_then_the_smallest_p_value_then_the_largest_distance():
    table = comparisons(
        ("rate", "b", "identical", 0.9, 0.0),
        ("rate", "a", "equivalent", 0.8, 0.10),
        ("rate", "a", "different", 0.01, 0.2),
        ("rate", "a", "different", 0.001, 0.1),
        ("rate", "a", "undecided", 0.0001, 0.9),
        ("isi_cv", "a", "undecided", 0.5, 0.1),
        ("isi_cv", "a", "undecided", 0.5, 0.3),
    )
    chosen = most_urgent(table, verdicts(*[("different", 1.0, 1)] * 7))
    # In the order of the report: metrics, then populations.
    assert chosen[["metric", "population", "point_id"]].to_numpy().tolist() == [
        ["rate", "a", "p3"],
        ["rate", "b", "p0"],
        ["isi_cv", "a", "p6"],
    ]
    assert list(chosen) == list(table)


def test_of_points_that_are_level_the_one_with_the_most_spikes_is_shown():
    table = comparisons(*[("rate", "a", "identical", None, 0.0)] * 4)
    points = verdicts(*(("identical", None, n) for n in (None, 0, 70, 30)))
    assert most_urgent(table, points)["point_id"].tolist() == ["p2"]


def test_points_in_order_of_urgency():
    points = verdicts(
        ("identical", None, 1),
        ("different", 7.0, 1),
        ("undecided", None, 1),
        ("different", 3.0, 1),
        ("equivalent", 0.1, 1),
        ("different", None, 1),
    )
    found = points_by_urgency(points)["point_id"].tolist()
    assert found == ["p3", "p1", "p5", "p2", "p4", "p0"]
    assert count_verdicts(points["verdict"]) == {
        "different": 3, "undecided": 1, "equivalent": 1, "identical": 1,
    }  # fmt: skip
