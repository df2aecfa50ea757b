"""Values against the fields of an experiment's Parameters."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pipelines.errors import BadInput
from pipelines.experiment import (
    Experiment,
    Parameter,
    check_parameters,
    check_value,
    describe,
    parameter,
)


@dataclass(frozen=True)
class Parameters:
    weight: float = parameter(1, "nA", "weight", above=0)
    capacity: float = parameter(250.0, "uF", "capacitance")
    number: int = parameter(4, "1", "number", minimum=1, maximum=10)
    rule: str = parameter("a", "", "rule", choices=["a", "b"])
    frozen: bool = parameter(False, "", "frozen")
    plain: float = 2.0
    duration: float = 10.0


EXPERIMENT = Experiment("toy", Path("toy"), Parameters, print, None, Path("toy/experiment.py"))
FIELDS = describe(Parameters)


@pytest.mark.parametrize("given", [2, 2.0, "2", "2.0", "2 nA", "2nA", "+2e0 nA", np.float32(2),
                                   np.int8(2), np.array(2)])  # fmt: skip
def test_one_value_has_many_spellings(given):
    made = check_parameters(EXPERIMENT, {"weight": given}, "here")
    assert made == Parameters(weight=2.0)
    assert type(made.weight) is float


def test_defaults_take_the_type_of_their_field():
    made = check_parameters(EXPERIMENT, {}, "here")
    assert type(made.weight) is float and made.plain == 2.0


@pytest.mark.parametrize("unit", ["uF", "\u00b5F", "\u03bcF"])
def test_the_micro_sign_is_a_u(unit):
    assert check_parameters(EXPERIMENT, {"capacity": f"3 {unit}"}, "here").capacity == 3.0


def test_minus_zero_is_zero():
    assert str(check_value(FIELDS["plain"], -0.0, "here")) == "0.0"


def test_a_whole_float_is_a_whole_number():
    for given in (3, 3.0, "3", "3.0", "3 1", np.float64(3)):
        value = check_value(FIELDS["number"], given, "here")
        assert value == 3 and type(value) is int


@pytest.mark.parametrize(
    ("name", "given", "part"),
    [
        ("weight", True, "True is no number; allowed: a number in nA"),
        ("weight", np.True_, "True is no number"),
        ("weight", None, "None is no number"),
        ("weight", [1], "[1] is no number"),
        ("weight", "", "'' is no number"),
        ("weight", "nA", "'nA' is no number"),
        ("weight", "1 pF", "unit 'pF' in '1 pF'; allowed: nA"),
        ("weight", "1 na", "unit 'na'"),
        ("weight", "1 2", "unit '2'"),
        ("weight", "inf", "not finite"),
        ("weight", float("nan"), "not finite"),
        ("weight", 10**400, "too large"),
        ("weight", "1" * 5000, "not finite"),
        ("weight", 0, "0.0 nA is outside the limits; allowed: above 0 nA"),
        ("number", 2.5, "2.5 is no whole number"),
        ("number", 0, "allowed: at least 1 and at most 10"),
        ("number", 2**70, "too large"),
        ("rule", "c", "'c' is no choice; allowed: a, b"),
        ("rule", 1, "1 is no text"),
        ("frozen", 1, "1 is no truth value; allowed: true, false"),
        ("frozen", "true", "'true' is no truth value"),
        ("plain", "1 mV", "unit 'mV' in '1 mV'; allowed: a number without a unit"),
        ("duration", 0, "allowed: above 0"),
        ("wieght", 1, "unknown parameter 'wieght'; allowed: weight, capacity"),
        ("wieght", 1, "did you mean 'weight'?"),
    ],
)
def test_what_is_refused(name, given, part):
    with pytest.raises(BadInput) as caught:
        check_parameters(EXPERIMENT, {name: given}, "here")
    line = str(caught.value)
    assert line.startswith("here") and part in line and "\n" not in line


def test_the_class_has_the_last_word():
    @dataclass(frozen=True)
    class Pair:
        low: float = 1.0
        high: float = 2.0
        duration: float = 1.0

        def __post_init__(self):
            if self.low > self.high:
                raise ValueError("low is above high")

    pair = Experiment("pair", Path("p"), Pair, print, None, Path("p"))
    with pytest.raises(BadInput, match="refused by the experiment: low is above high"):
        check_parameters(pair, {"low": 3}, "here")


def test_a_parameter_without_default_must_be_given():
    @dataclass(frozen=True)
    class Needy:
        needed: float
        duration: float = 1.0

    needy = Experiment("needy", Path("p"), Needy, print, None, Path("p"))
    assert check_parameters(needy, {"needed": 1}, "here").needed == 1.0
    with pytest.raises(BadInput, match="'needed' has no default"):
        check_parameters(needy, {}, "here")


def test_descriptions_hold_units_limits_and_docs():
    assert FIELDS["weight"] == Parameter("weight", float, 1.0, "nA", "weight", above=0)
    assert FIELDS["rule"].choices == ("a", "b")
    assert FIELDS["plain"].unit is None


@pytest.mark.parametrize(
    ("kind", "default", "part"),
    [
        (list, field(default_factory=list), "type list cannot be swept; allowed: float, int"),
        (float, parameter(-1.0, "ms", "", above=0), "-1.0 ms is outside the limits"),
        (float, parameter("a", "ms", ""), "'a' is no number"),
    ],
)
def test_a_wrong_declaration_is_said(kind, default, part):
    wrong = dataclass(frozen=True)(type("W", (), {"__annotations__": {"x": kind}, "x": default}))
    with pytest.raises(BadInput) as caught:
        describe(wrong)
    assert part in str(caught.value)


def test_reserved_names_are_times():
    wrong = dataclass(frozen=True)(
        type("W", (), {"__annotations__": {"duration": float}, "duration": parameter(1.0, "s", "")})
    )
    with pytest.raises(BadInput, match="unit 's'; allowed: ms"):
        describe(wrong)
