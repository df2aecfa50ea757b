"""The study with different seeds: draws, shares of verdicts, and curves."""

import numpy as np
import pandas as pd
import pytest

from pipelines.figures import power_curves
from pipelines.sensitivity import seed_study
from pipelines.sensitivity.seed_study import (
    NO_FAULT,
    VERDICTS,
    graded_faults,
    roc_points,
    roc_table,
    shares,
    study,
)
from pipelines.sensitivity.seed_verdict import seed_verdict

COMPARISONS = pd.DataFrame(
    [(NO_FAULT, 0.0, "", n, "equivalent", 0.5) for n in (4, 12) for _ in range(3)]
    + [(NO_FAULT, 0.0, "", 12, "different", 0.04)]
    + [
        ("tau_m", strength, "%", n, "different" if strength > 5 else "undecided", 0.3 / strength)
        for strength in (1.0, 20.0)
        for n in (4, 12)
    ],
    columns=["fault", "strength", "unit", "seeds", "verdict", "p_value"],
)


def samples(rng, shift=0.0):
    return {("p", "rate"): rng.normal(10 + shift, 0.3, 60)}


def test_the_verdict_on_seeds_is_different_for_another_rate():
    rng = np.random.default_rng(2)
    healthy, faulty = ([samples(rng, by) for _ in range(8)] for by in (0.0, 2.0))
    verdict, p_value = seed_verdict(healthy, faulty)
    assert verdict == "different" and p_value < 0.05
    verdict, p_value = seed_verdict(healthy, [samples(rng) for _ in range(8)])
    assert verdict != "different" and p_value > 0.05


def test_shares_of_verdicts():
    found = shares(COMPARISONS).set_index(["fault", "strength", "seeds"])
    assert found.loc[(NO_FAULT, 0.0, 12), list(VERDICTS)].tolist() == [0.75, 0.0, 0.25]
    assert found.loc[("tau_m", 20.0, 4), "different"] == 1.0
    assert found.loc[("tau_m", 1.0, 4), "undecided"] == 1.0
    assert np.allclose(found[list(VERDICTS)].sum(axis=1), 1.0)


def test_roc_points():
    alarms, found = roc_points(np.array([0.2, 0.6]), np.array([0.01, 0.2, 0.9]))
    # Thresholds below all, and at 0.01, 0.2, 0.6 and 0.9.
    assert alarms.tolist() == [0, 0, 0.5, 1, 1]
    assert found == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3, 1])
    table = roc_table(COMPARISONS, 12)
    assert set(table["strength"]) == {1.0, 20.0} and set(table["fault"]) == {"tau_m"}
    assert roc_table(COMPARISONS, 99).empty


def test_curves_have_a_panel_for_each_fault():
    found = shares(COMPARISONS)
    titles = [
        [axes.get_title("left") for axes in figure.axes if axes.axison]
        for figure in (
            power_curves.draw_by_seeds(found, NO_FAULT),
            power_curves.draw_by_strength(found, NO_FAULT),
            power_curves.draw_roc(roc_table(COMPARISONS, 12), 12),
        )
    ]
    assert titles == [[NO_FAULT, "tau_m"], ["tau_m (%)"], ["tau_m"]]


def test_graded_faults_have_several_strengths():
    listed = list(graded_faults())
    assert listed[0].injected is None and listed[0].fault == NO_FAULT
    for one in listed[1:]:
        assert one.injected is not None
        same = [other.strength for other in listed if other.fault == one.fault]
        assert len(same) == len(set(same)) >= 3


@pytest.mark.slow
def test_a_fault_is_compared_at_each_strength_and_number_of_seeds(monkeypatch):
    monkeypatch.setattr(seed_study, "DURATION_MS", 200.0)
    said = []
    found = study(1, draws=2, seeds=(2, 3), report=said.append, names=[NO_FAULT, "tau_m"])
    assert len(found) == (5 + 3) * 2 * 2 and len(said) == 4
    assert set(found["verdict"]) <= set(VERDICTS)
    assert found.groupby(["fault", "strength"])["seeds"].nunique().eq(2).all()
