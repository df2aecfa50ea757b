"""Weights are compared projection by projection."""

import numpy as np
import pandas as pd
import pytest

from pipelines.verdicts.weight_comparison import compare_weights
from tests.synthetic import weight_frame

PRE, POST = [0, 0, 1], [0, 1, 1]


def table(**projections):
    return pd.concat([weight_frame("r", name, PRE, POST, w) for name, w in projections.items()])


def test_each_projection_has_its_own_tolerance():
    """A weight that is 1 % off in a projection of small weights, beside one of large weights."""
    large, small = [1e6, 2e6, 3e6], [1e-4, 2e-4, 3e-4]
    same = compare_weights(table(large=large, small=small), table(large=large, small=small))
    assert same.same and same.number == 6 and same.gap == 0
    assert same.evidence == "all 6 weights of large and small equal"
    off = compare_weights(
        table(large=large, small=small), table(large=large, small=[1e-4, 2.02e-4, 3e-4])
    )
    assert not off.same and off.gap == pytest.approx(2e-6)
    assert off.share == pytest.approx(2e-6 / 3e-4)
    assert off.evidence == "small: 1 of 3 weights differ, by up to 6.7e-03 of the largest"


def test_the_largest_weight_is_that_of_either_run():
    found = compare_weights(table(w=[0.0, 0.0, 0.0]), table(w=[0.0, 0.0, 1.0]))
    assert found.share == 1 and "1 of 3 weights differ" in found.evidence
    assert compare_weights(table(w=[0.0] * 3), table(w=[0.0] * 3)).same


def test_several_projections_that_differ_are_listed_briefly():
    names = [f"w{k}" for k in range(5)]
    a = table(**{name: [1.0, 2.0, 3.0] for name in names})
    b = table(**{name: [1.0, 2.0, 3.0 + k] for k, name in enumerate(names)})
    found = compare_weights(a, b)
    assert found.evidence.count("1 of 3 weights differ") == 3
    assert found.evidence.endswith("; and 1 more")
    assert "w0" not in found.evidence


def test_a_weight_without_a_value():
    nothing = [1.0, np.nan, 3.0]
    found = compare_weights(table(w=nothing), table(w=[1.0, 2.0, 3.0]))
    assert not found.same and "1 of 3 weights differ, some have no value" in found.evidence
    found = compare_weights(table(w=nothing), table(w=nothing))
    assert found.same and found.number == 2


def test_rounding_is_told():
    found = compare_weights(table(w=[1.0, 2.0, 3.0]), table(w=[1.0, 2.0, 3.0 + 3e-10]))
    assert found.same
    assert found.evidence == "all 3 weights of w within 1.0e-10 of the largest of their projection"


def test_several_synapses_of_a_pair_without_delays():
    a = weight_frame("r", "w", [0, 0], [0, 0], [1.0, 2.0], delay_ms=[2.0, 1.0])
    b = weight_frame("r", "w", [0, 0], [0, 0], [2.0, 1.0], delay_ms=np.nan)
    found = compare_weights(a, b)
    assert found.same and found.without_delays == ("w",)
    assert not compare_weights(a, b.assign(delay_ms=[2.0, 1.0])).same
