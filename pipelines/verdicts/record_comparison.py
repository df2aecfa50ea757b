"""Comparison of what two runs were made from: parameters, seed, digests, simulated time.

A verdict is about what was measured: spikes, weights and signals. What runs were made from does
not change it, but is always said in the evidence, where it differs before anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.from_digests import hardware_of_both
from pipelines.diagnosis.run_pair import Evidence
from pipelines.errors import BadInput
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.experiment.run_columns import parameter_columns
from pipelines.verdicts.coverage import few

# Significant digits to which values from two programs are compared.
_DIGITS = 12
_MOST_NAMED = 4

_SINGLE = {
    "experiment": "experiments",
    "seed": "seeds",
    "connectivity_sha256": "digests of the connectivity",
    "input_sha256": "digests of the inputs",
    "simulated_ms": "simulated times (ms)",
}
_DIGITS_OF_HASH = 8


@dataclass(frozen=True)
class RecordComparison:
    """Phrases on what two runs were made from: what differs, is the same, or is in one alone."""

    differing: tuple[str, ...]
    same: tuple[str, ...]
    not_compared: tuple[str, ...]


def compare_records(
    a: Mapping[str, Any], b: Mapping[str, Any], where: tuple[str, str]
) -> RecordComparison:
    """Compare the records of two runs, or their rows of `runs`.

    Parameters
    ----------
    a, b
        The records.
    where
        Phrases such as ``"on nest"`` for the runs.
    """
    differing, same, missing = [], [], []
    first, second = (parameters_of(record) for record in (a, b))
    for name, of_both in hardware_of_both(a, b).items():
        first[name], second[name] = of_both
    shared = [name for name in first if name in second]
    apart = [name for name in shared if canonical(first[name]) != canonical(second[name])]
    if apart:
        values = [f"{name} = {_text(first[name])} and {_text(second[name])}" for name in apart]
        differing.append(f"parameters differ: {_some(values)}")
    elif shared:
        same.append("parameters")
    for mine, other, place in ((first, second, where[0]), (second, first, where[1])):
        alone = [name for name in mine if name not in other]
        if alone:
            missing.append(f"parameters {few(alone)} ({place} alone)")
    for column, what in _SINGLE.items():
        values = [known_value(record.get(column)) for record in (a, b)]
        if None not in values:
            if canonical(values[0]) == canonical(values[1]):
                same.append(what)
            else:
                differing.append(f"the {what} differ: {_text(values[0])} and {_text(values[1])}")
        elif values != [None, None] and column != "experiment":
            missing.append(f"{what} ({where[0] if values[1] is None else where[1]} alone)")
    return RecordComparison(tuple(differing), tuple(same), tuple(missing))


def parameters_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a run, from its record or its row of `runs`."""
    given = record.get("parameters")
    if isinstance(given, Mapping):
        return dict(given)
    return {name: record[name] for name in parameter_columns(record)}


def canonical(value: Any) -> Any:
    """Key that is equal for equal values of different types, such as 1, 1.0, True and ``"1"``."""
    if isinstance(value, bool | np.bool_):
        return float(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return "nan"
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return "nan" if np.isnan(number) else float(f"{number:.{_DIGITS}g}")


def known_value(value: Any) -> Any:
    """A value of a record; None if it is missing or empty."""
    return None if canonical(value) in ("", "nan") else value


def common_timestep(a: Evidence, b: Evidence) -> float:
    """Time step (ms) of two runs; that of the other if one has none, 0.1 ms if neither has.

    Raises
    ------
    BadInput
        If the time steps differ, or one is not a positive number.
    """
    steps = []
    for one in (a, b):
        given = known_value(parameters_of(one.record).get("timestep"))
        if given is None:
            continue
        step = canonical(given)
        if not isinstance(step, float) or not 0 < step < np.inf:
            raise BadInput("compare", f"the time step is {given!r}", "a positive number (ms)")
        steps.append(step)
    if len(set(steps)) > 1:
        raise BadInput("compare", f"the time steps are {steps[0]:g} and {steps[1]:g} ms", "one")
    return steps[0] if steps else DEFAULT_TIMESTEP


def _text(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.{_DIGITS}g}"
    text = str(value)
    is_digest = len(text) == 64
    return text[:_DIGITS_OF_HASH] if is_digest else text


def _some(values: list[str]) -> str:
    more = len(values) - _MOST_NAMED
    return ", ".join([*values[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])
