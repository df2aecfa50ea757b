"""What is said of known faults: every one with an effect is found.

All faults take an hour, so that some of them stand for all: one in `COUNTERPOINT_FAULTS`
(`COUNTERPOINT_FAULTS=1 pytest -m slow tests/sensitivity/test_outcomes.py` puts in all of them).
`counterpoint validate-validator` counts how often the named causes are right.
"""

import os

import pytest

from pipelines.sensitivity.fault_bench import run_bench
from pipelines.sensitivity.fault_list import FAULTS

# Rounding alone, and a step at the very end: these may change nothing that is recorded.
MAY_HAVE_NO_EFFECT = {"single precision", "run ends 1 step early", "trapezoidal rule"}
EVERY = int(os.environ.get("COUNTERPOINT_FAULTS", "25"))


@pytest.fixture(scope="module")
def bench():
    found = run_bench([*FAULTS][::EVERY])
    assert set(found.loc[~found["effect"], "fault"]) <= MAY_HAVE_NO_EFFECT
    return found[found["effect"]]


@pytest.mark.slow
def test_every_fault_with_an_effect_is_found(bench):
    assert len(bench) >= len(FAULTS) // EVERY
    assert bench.loc[~bench["found"], ["fault", "network"]].to_numpy().tolist() == []
