"""Causes that are named for a known fault are judged as a user would judge them."""

import pytest

from pipelines.diagnosis.run_pair import Cause
from pipelines.sensitivity.fault import CELLS, Fault, truth
from pipelines.sensitivity.judging import (
    NONE,
    ONE_OF_THESE,
    RIGHT,
    VAGUE,
    WRONG,
    has_true_numbers,
    judge,
    outcome_of,
)

FAULT = Fault(
    "cm +50 %", CELLS, truth("different cm"), consequences=truth("silent sources"),
    broad=truth("different membrane"), false=truth("less excitable"),
    numbers=(0.375, 1.5, 1 / 1.5),
)  # fmt: skip


def cause(name, explanation="", *others, steps=0):
    return Cause(name, explanation, steps=steps, alternatives=others)


@pytest.mark.parametrize(
    ("causes", "outcome"),
    [
        ([], NONE),
        ([cause("different cm")], RIGHT),
        ([cause("different tau_m")], WRONG),
        # A right cause does not make up for a wrong one beside it.
        ([cause("different cm"), cause("different tau_m")], WRONG),
        ([cause("different cm", "", "different tau_m")], ONE_OF_THESE),
        ([cause("different tau_m", "", "different v_rest")], WRONG),
        ([cause("different cm"), cause("different v_rest", "", "different cm")], RIGHT),
        ([cause("different cm", "", *map(str, range(20)))], VAGUE),
        ([cause("more excitable")], VAGUE),
        ([cause("less excitable")], WRONG),
        ([cause("different membrane")], VAGUE),
        ([cause("silent sources")], VAGUE),
        ([cause("silent sources"), cause("different cm")], RIGHT),
        # A description with the causes that it can have.
        ([cause("more excitable", "", "different tau_m", "different cm")], ONE_OF_THESE),
        ([cause("less excitable", "", "different cm")], RIGHT),
        ([cause("more excitable", "", "different tau_m", "different v_rest")], WRONG),
        # Names of the past are those of today, or a choice among them.
        ([cause("different inputs or initial values")], WRONG),
    ],
)
def test_outcomes(causes, outcome):
    assert judge(causes, FAULT) == outcome


def test_names_that_stand_for_others():
    inputs = Fault("", CELLS, truth("different inputs"))
    assert judge([cause("different inputs or initial values")], inputs) == ONE_OF_THESE
    refractory = Fault("", CELLS, truth("different tau_refrac"), steps=1)
    assert judge([cause("refractory period", steps=1)], refractory) == RIGHT
    assert judge([cause("refractory period", steps=2)], refractory) == WRONG
    euler = Fault("", CELLS, truth("forward Euler"))
    assert judge([cause("integration scheme")], euler) == ONE_OF_THESE


@pytest.mark.parametrize(
    ("explanation", "true"),
    [
        ("another capacitance", True),
        ("cm is 0.25 nF in the first run and 0.375 in the second", True),
        ("1.5 times as large", True),
        ("0.25 and 0.3", False),
        ("0.38 +/- 0.01 nF", True),
        ("0.42 ± 0.01 nF", False),
        ("0.2500(1) nF in the first run and 0.3750(2) in the second", True),
        ("0.2500(1) nF in the first run and 0.3850(2) in the second", False),
        ("1.1 ± 0.01 times as large, of 375 spikes", False),
    ],
)
def test_numbers(explanation, true):
    named = cause("different cm", explanation)
    assert has_true_numbers(named, FAULT) == true
    assert judge([named], FAULT) == (RIGHT if true else WRONG)


def test_outcomes_together():
    assert outcome_of([VAGUE, RIGHT, ONE_OF_THESE]) == RIGHT
    assert outcome_of([RIGHT, WRONG]) == WRONG
    assert outcome_of([VAGUE, ONE_OF_THESE]) == ONE_OF_THESE
