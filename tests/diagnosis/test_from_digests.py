"""What the records of two runs say of what was asked for."""

import numpy as np
import pytest

from pipelines.diagnosis import from_weights
from pipelines.diagnosis.from_digests import KINDS, different_requests
from pipelines.diagnosis.run_pair import Evidence, Pair
from tests import synthetic

EMPTY = synthetic.empty("spikes"), synthetic.empty("weights")


def found(a, b):
    return list(different_requests(Pair(Evidence(a, *EMPTY), Evidence(b, *EMPTY), 0.1)))


def parameters(**given):
    return {"parameters": given}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({}, {}),
        (parameters(g=5.0), parameters(g=5)),
        (parameters(g=np.nan), parameters(g=float("nan"))),
        (parameters(g=0.1 + 0.2), parameters(g=0.3)),
        (parameters(g=np.float64(1)), parameters(g=1)),
        (parameters(g=5.0), parameters(g=5.0, h=None)),
        # Nothing is known of one of them.
        (parameters(g=5.0), {}),
        ({"seed": None}, {"seed": 3}),
        ({"seed": np.nan}, {"seed": 3}),
        ({"seed": 3.0}, {"seed": 3}),
        ({"input_sha256": ""}, {"input_sha256": "ab"}),
        ({"connectivity_sha256": None}, {"connectivity_sha256": "ab"}),
        ({"backend": "nest", "run_id": "a", "wall_s": 1.0}, {"backend": "brian2", "run_id": "b"}),
    ],
)
def test_what_is_the_same_or_unknown_is_no_cause(a, b):
    assert found(a, b) == []


@pytest.mark.parametrize(
    ("a", "b", "name", "said"),
    [
        (parameters(g=5.0), parameters(g=6.0), "different parameters", "g = 5.0 and 6.0"),
        (parameters(g=np.nan), parameters(g=6.0), "different parameters", "g = nan and 6.0"),
        (parameters(g=1, h=1), parameters(g=1), "different parameters", "h = 1 in the first run"),
        (parameters(g=1), parameters(g=1, h=2), "different parameters", "h = 2 in the second run"),
        (parameters(rule="a"), parameters(rule="b"), "different parameters", "rule = a and b"),
        (parameters(g=1.0), parameters(g=1 + 1e-9), "different parameters", "g = 1.0 and 1.0000"),
        ({"g": 5.0, "seed": 1}, {"g": 6.0, "seed": 1}, "different parameters", "g = 5.0 and 6.0"),
        ({"simulated_ms": 400.0}, {"simulated_ms": 350.0}, "different parameters", "400 and 350"),
        ({"seed": 1}, {"seed": 2}, "different seeds", "seeds 1, 2"),
        (
            {"input_sha256": "abc"}, {"input_sha256": "abd"},
            "different inputs or initial values", "digests abc and abd",
        ),
        (
            {"connectivity_sha256": "abc"}, {"connectivity_sha256": "abd"},
            "different connectivity", "digests abc and abd",
        ),
    ],
)  # fmt: skip
def test_what_differs_is_named(a, b, name, said):
    for first, second in ((a, b), (b, a)):
        (one,) = found(first, second)
        assert one.name == name
    (one,) = found(a, b)
    assert said in one.explanation
    assert name in {kind.name for kind in (*KINDS, *from_weights.KINDS)}
