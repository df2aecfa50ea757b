"""Numbers with a unit of another prefix are converted exactly; other dimensions are refused."""

import pytest

from pipelines.errors import BadInput
from pipelines.experiment.parameters import Parameter, check_value


@pytest.mark.parametrize(
    ("given", "unit", "value"),
    [
        ("600 pA", "nA", 0.6), ("0.6 uA", "nA", 600.0), ("600pA", "nA", 0.6), ("6e2 pA", "nA", 0.6),
        ("1 \u00b5A", "nA", 1e3), ("0.1 s", "ms", 100.0), ("2 us", "ms", 0.002),
        ("-0.065 V", "mV", -65.0), ("250 pF", "nF", 0.25), ("10 nS", "uS", 0.01),
        ("0.02 kHz", "Hz", 20.0), ("2 min", "s", 120.0), ("1 h", "s", 3600.0), ("2 GB", "MB", 2e3),
        ("5 k\u03a9", "MOhm", 0.005), ("0.5 nA", "nA", 0.5), ("3 mm", "um", 3000.0),
    ],
)  # fmt: skip
def test_a_unit_of_the_same_dimension_is_converted_exactly(given, unit, value):
    assert check_value(Parameter("x", float, 1.0, unit), given, "here") == value


@pytest.mark.parametrize(
    ("given", "unit"),
    [
        ("600 mV", "nA"), ("3 s", "mS"), ("3 S", "ms"), ("3 ma", "nA"), ("3 xA", "nA"),
        ("3 ms", "1"), ("3 nA/ms", "nA"), ("inf pA", "nA"), ("3 m", "ms"), ("3 nA", "1/s"),
    ],
)  # fmt: skip
def test_another_dimension_is_refused_by_name(given, unit):
    with pytest.raises(BadInput) as found:
        check_value(Parameter("x", float, 1.0, unit), given, "here")
    assert given.split()[1] in str(found.value)


def test_limits_and_whole_numbers_hold_after_the_conversion():
    steps = Parameter("n", int, 1, "ms", above=0, maximum=3000)
    assert check_value(steps, "2 s", "here") == 2000
    for wrong in ("4 s", "0.5 us", "-1 s"):
        with pytest.raises(BadInput):
            check_value(steps, wrong, "here")
