"""What is said of known faults: every one with an effect is found.

All faults take most of an hour, so that some of them stand for all: one in `COUNTERPOINT_FAULTS`
(`COUNTERPOINT_FAULTS=1 pytest -m slow tests/sensitivity/test_outcomes.py` puts in all of them).
`counterpoint validate-validator` counts how often the named causes are right.
"""

import os

import pytest

from pipelines.sensitivity.fault_bench import COMPARE, TABLES, run_bench
from pipelines.sensitivity.fault_list import FAULTS
from pipelines.sensitivity.judging import ONE_OF_THESE, RIGHT, WRONG

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


@pytest.mark.slow
@pytest.mark.parametrize(("data", "least"), [(TABLES, 0.8), (COMPARE, 0.9)])
def test_causes_are_right_or_one_of_these(bench, data, least):
    # Of few faults, one or two more may be vague.
    spread = (least * (1 - least) / len(bench)) ** 0.5
    assert bench[data].isin([RIGHT, ONE_OF_THESE]).mean() >= least - spread


@pytest.mark.slow
@pytest.mark.parametrize("data", [TABLES, COMPARE])
def test_hardly_any_cause_is_wrong(bench, data):
    wrong = bench.loc[bench[data] == WRONG, ["fault", "network", f"causes_{data}"]]
    assert len(wrong) <= 0.02 * len(bench), wrong.to_string()
