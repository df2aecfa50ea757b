"""The values that an entry of a grid stands for."""

import pytest

from pipelines.errors import BadInput
from pipelines.experiment import Parameter
from pipelines.sweep.swept_values import expand, refuse_repeats

CURRENT = Parameter("current", float, 0.5, "nA", minimum=-2.0, maximum=1000.0)
NUMBER = Parameter("number", int, 1, "1")
RULE = Parameter("rule", str, "a", "", choices=("a", "b"))


def values(given, field=CURRENT):
    return expand(field, given, "here")


def test_a_list_takes_numbers_and_units_alike():
    assert values([1, 0.5, "0.25 nA", "1e-3", "2nA"]) == (1.0, 0.5, 0.25, 0.001, 2.0)
    assert all(type(value) is float for value in values([1, "2 nA"]))


def test_linspace_prints_well():
    assert values({"linspace": [0.1, 0.8, 8]}) == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
    assert values({"linspace": [-0.3, 0.3, 7]}) == (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
    assert values({"linspace": [1, 0, 3]}) == (1.0, 0.5, 0.0)


def test_linspace_keeps_its_end_points_exactly():
    third = 1 / 3
    assert values({"linspace": [0, third, 4]})[-1] == third


def test_logspace_takes_end_points_and_not_exponents():
    assert values({"logspace": [0.01, 100, 5]}) == (0.01, 0.1, 1.0, 10.0, 100.0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([0, 1, 0.25], (0.0, 0.25, 0.5, 0.75, 1.0)),
        ([0, 0.3, 0.1], (0.0, 0.1, 0.2, 0.3)),
        ([0, 0.35, 0.1], (0.0, 0.1, 0.2, 0.3)),
        ([1, 0, -0.5], (1.0, 0.5, 0.0)),
        ([2, 2, 1], (2.0,)),
        (["0 nA", "1 nA", "0.5 nA"], (0.0, 0.5, 1.0)),
    ],
)
def test_range_includes_its_stop_when_a_step_falls_on_it(given, expected):
    assert values({"range": given}) == expected


def test_spaced_values_of_a_whole_number():
    spaced = values({"linspace": [10, 30, 3]}, NUMBER)
    assert spaced == (10, 20, 30)
    assert all(type(value) is int for value in spaced)


def test_names_are_listed():
    assert values(["a", "b"], RULE) == ("a", "b")


@pytest.mark.parametrize(
    ("field", "given", "part"),
    [
        (CURRENT, [], "the list is empty"),
        (CURRENT, 0.5, "0.5 is no set of values"),
        (CURRENT, {"linspace": [0, 1, 2], "range": [0, 1, 1]}, "is no set of values"),
        (CURRENT, {"linspce": [0, 1, 2]}, "did you mean 'linspace'?"),
        (CURRENT, {"linspace": [0, 1]}, "allowed: [first, last, number of values]"),
        (CURRENT, {"linspace": [0, 1, 1]}, "allowed: a number from 2"),
        (CURRENT, {"linspace": [0, 1, 2.5]}, "2.5 is no whole number"),
        (CURRENT, {"linspace": [0, 1, 2_000_000]}, "2000000 values"),
        (CURRENT, {"logspace": [0, 1, 3]}, "end points above 0"),
        (CURRENT, {"range": [0, 1, 0]}, "never leads"),
        (CURRENT, {"range": [0, 1, -0.1]}, "never leads"),
        (CURRENT, {"range": [0, 1, 1e-12]}, "too many values"),
        (CURRENT, {"linspace": ["0 mV", 1, 3]}, "unit 'mV'"),
        (CURRENT, {"linspace": [-5, 1, 3]}, "at least -2 nA"),
        (NUMBER, {"linspace": [1, 2, 3]}, "1.5 is no whole number"),
        (RULE, {"linspace": [0, 1, 2]}, "is no number"),
        (RULE, ["c"], "allowed: a, b"),
    ],
)
def test_what_is_refused(field, given, part):
    with pytest.raises(BadInput) as caught:
        values(given, field)
    assert part in str(caught.value)
    assert str(caught.value).startswith("here")


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ([0.1, 0.2, "0.1 nA"], "values 0 and 2 are both 0.1"),
        ({"linspace": [1, 1, 3]}, "values 0 and 1 are both 1.0"),
    ],
)
def test_an_axis_of_a_grid_has_each_value_once(given, part):
    with pytest.raises(BadInput, match=part):
        refuse_repeats(values(given, CURRENT), "here")
