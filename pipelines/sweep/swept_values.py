"""Values of one swept parameter: a list, or evenly spaced values.

Values that are computed are rounded to 12 significant digits, so that a step of 0.1 gives 0.3 and
not 0.30000000000000004, and the same point has the same identity however it was written.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pipelines.errors import BadInput
from pipelines.experiment.parameters import Parameter, Value, check_value
from pipelines.sweep.model import MAX_POINTS

_FORMS = "a list, {linspace: [a, b, n]}, {logspace: [a, b, n]} or {range: [start, stop, step]}"


def expand(field: Parameter, given: Any, where: str) -> tuple[Value, ...]:
    """Expand a `grid` or `zip` entry to values, checked against the parameter.

    Parameters
    ----------
    field
        The parameter.
    given
        A list; ``{"linspace": [a, b, n]}``; ``{"logspace": [a, b, n]}`` with the end points a and
        b themselves, not their exponents; ``{"range": [start, stop, step]}``, stop included when
        a step falls on it.
    where
        Place to name in an error.

    Raises
    ------
    BadInput
        Another form, a value the parameter refuses, or more than a million values.
    """
    if isinstance(given, list | tuple):
        if not given:
            raise BadInput(where, "the list is empty", allowed="at least one value")
        values = tuple(
            check_value(field, value, f"{where}[{index}]") for index, value in enumerate(given)
        )
    elif isinstance(given, dict) and len(given) == 1:
        values = _spaced(field, given, where)
    else:
        raise BadInput(where, f"{_shown(given)} is no set of values", allowed=_FORMS)
    return values


def refuse_repeats(values: tuple[Value, ...], where: str) -> None:
    """Refuse an axis of a grid that has a value twice.

    Raises
    ------
    BadInput
        Naming the first value that comes again.
    """
    first: dict[Value, int] = {}
    for index, value in enumerate(values):
        if value in first:
            raise BadInput(where, f"values {first[value]} and {index} are both {value!r}")
        first[value] = index


def _spaced(field: Parameter, given: dict[Any, Any], where: str) -> tuple[Value, ...]:
    ((form, arguments),) = given.items()
    if form not in _SPACINGS:
        raise BadInput(where, f"unknown form '{form}'", _FORMS, given=form, among=_SPACINGS)
    where = f"{where}.{form}"
    signature, compute = _SPACINGS[form]
    if not isinstance(arguments, list | tuple) or len(arguments) != 3:
        raise BadInput(where, f"{_shown(arguments)} are not three numbers", allowed=signature)
    if field.kind not in (float, int):
        raise BadInput(where, f"'{field.name}' is no number", allowed="a list of values")
    # Only the values themselves must keep the limits: a step or an end point need not.
    free = Parameter(field.name, float, None, field.unit)
    last = free if form == "range" else Parameter("n", int, None, "1")
    first, second, third = (
        check_value(kind, argument, f"{where}[{index}]")
        for index, (kind, argument) in enumerate(zip((free, free, last), arguments, strict=True))
    )
    computed = compute(float(first), float(second), third, where)
    return tuple(check_value(field, value, where) for value in computed)


def _linspace(start: float, stop: float, number: Any, where: str) -> list[float]:
    _check_number(number, where)
    scale = max(abs(start), abs(stop))
    inner = [
        _rounded((start * (number - 1 - i) + stop * i) / (number - 1), scale)
        for i in range(1, number - 1)
    ]
    return [start, *inner, stop]


def _logspace(start: float, stop: float, number: Any, where: str) -> list[float]:
    _check_number(number, where)
    if start <= 0 or stop <= 0:
        raise BadInput(where, f"from {start} to {stop}", allowed="end points above 0")
    low, high = math.log(start), math.log(stop)
    inner = [
        _rounded(math.exp((low * (number - 1 - i) + high * i) / (number - 1)), 0.0)
        for i in range(1, number - 1)
    ]
    return [start, *inner, stop]


def _range(start: float, stop: float, step: Any, where: str) -> list[float]:
    if step == 0 or (stop - start) * step < 0:
        raise BadInput(
            where,
            f"a step of {step} never leads from {start} to {stop}",
            allowed="a step other than 0 that points from start to stop",
        )
    # The tolerance takes in a stop that rounding has put just out of reach.
    steps = (stop - start) / step + 1e-9
    if steps >= MAX_POINTS:
        raise BadInput(where, "gives too many values", allowed=f"at most {MAX_POINTS}")
    scale = max(abs(start), abs(stop))
    return [_rounded(start + step * i, scale) for i in range(math.floor(steps) + 1)]


def _check_number(number: Any, where: str) -> None:
    if not 2 <= number <= MAX_POINTS:
        raise BadInput(where, f"{number} values", allowed=f"a number from 2 to {MAX_POINTS}")


def _rounded(value: float, scale: float) -> float:
    # What is left of 0 after cancellation is 0.
    return 0.0 if abs(value) < 1e-12 * scale else float(f"{value:.12g}")


_SPACINGS: dict[str, tuple[str, Callable[[float, float, Any, str], list[float]]]] = {
    "linspace": ("[first, last, number of values]", _linspace),
    "logspace": ("[first, last, number of values]", _logspace),
    "range": ("[start, stop, step]", _range),
}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
