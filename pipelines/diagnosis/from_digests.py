"""Signatures in the records of runs: parameters, seeds, and digests of inputs and connectivity."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Cause, Evidence, Pair, joined
from pipelines.experiment.run_columns import parameter_columns
from pipelines.hardware.variants import AXES, IDEAL
from pipelines.tables.mappings import as_mapping

# Entries of a record that are neither columns of `runs` nor parameters.
_OWN = frozenset({"parameters", "projections", "hardware", "independent_draws"})
# Numbers are the same if they agree to 12 digits: text files may hold no more.
_EQUAL = 1e-12


def different_requests(pair: Pair) -> Iterator[Cause]:
    """All that the records say of different requests; the tables may say more of what differs."""
    yield from different_parameters(pair)
    yield from different_seed(pair)
    yield from different_sizes(pair)
    yield from different_inputs(pair)
    yield from different_connectivity(pair)


def different_parameters(pair: Pair) -> Iterator[Cause]:
    """Different values of parameters of the experiment, or parameters of one run only."""
    said = []
    durations = [one.record.get("simulated_ms") for one in (pair.a, pair.b)]
    if None not in durations and not _same(*durations):
        said.append(f"{durations[0]:g} and {durations[1]:g} ms were simulated")
    first, second = (_parameters(one) for one in (pair.a, pair.b))
    chips = hardware_of_both(pair.a.record, pair.b.record)
    if not first or not second:
        # Nothing is known of the parameters of a run.
        first = second = {}
    for name in dict.fromkeys([*first, *second]):
        if name not in first or name not in second:
            one, where = (first, pair.where[0]) if name in first else (second, pair.where[1])
            said.append(f"{name} = {one[name]} {where} only")
        elif not _same(first[name], second[name]):
            said.append(f"{name} = {first[name]} and {second[name]}")
    said += [f"{name} = {x} and {y}" for name, (x, y) in chips.items() if x != y]
    if said:
        yield Cause("different parameters", "; ".join(said))


def hardware_of_both(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Columns of the hardware of two runs, as text; empty if both are of the ideal network."""
    if all(one.get("hardware", IDEAL) == IDEAL for one in (a, b)):
        return {}
    known = [
        {name: str(one[name]) for name in AXES if not pd.isna(one.get(name)) and one[name] != ""}
        for one in (a, b)
    ]
    return {name: (known[0].get(name, IDEAL), known[1].get(name, IDEAL)) for name in AXES}


def _parameters(one: Evidence) -> dict[str, Any]:
    """Parameters of a run that are known and have a value."""
    given = one.record.get("parameters")
    if not isinstance(given, Mapping):
        names = set(parameter_columns(one.record)) - _OWN
        given = {name: one.record[name] for name in one.record if name in names}
    return {str(name): value for name, value in given.items() if value is not None}


def _same(first: Any, second: Any) -> bool:
    """Whether two values are the same; NaN equals NaN."""
    numbers = (int, float, np.integer, np.floating)
    if isinstance(first, numbers) and isinstance(second, numbers):
        x, y = float(first), float(second)
        return (x != x and y != y) or math.isclose(x, y, rel_tol=_EQUAL)
    return bool(np.array_equal(np.asarray(first), np.asarray(second)))


def different_seed(pair: Pair) -> Iterator[Cause]:
    """Different seeds."""
    seeds = [one.record.get("seed") for one in (pair.a, pair.b)]
    unknown = [seed is None or seed != seed for seed in seeds]
    if not any(unknown) and not _same(*seeds):
        yield Cause("different seeds", f"the runs were drawn from seeds {seeds[0]}, {seeds[1]}")


def different_sizes(pair: Pair) -> Iterator[Cause]:
    """Populations of other sizes; without other initial values only other neurons are recorded."""
    sizes = [as_mapping(one.record.get("population_sizes")) for one in (pair.a, pair.b)]
    inputs = [_text(one.record.get("input_sha256")) for one in (pair.a, pair.b)]
    if not all(sizes) or not all(inputs) or inputs[0] == inputs[1]:
        return
    said = [
        f"{name} has {sizes[0][name]} neurons {pair.where[0]} and {sizes[1][name]} {pair.where[1]}"
        for name in sizes[0]
        if name in sizes[1] and sizes[0][name] != sizes[1][name]
    ]
    if said:
        yield Cause("different populations", joined(said))


def different_inputs(pair: Pair) -> Iterator[Cause]:
    """Different inputs or initial values, by their digest."""
    yield from _different_digest(pair, "input_sha256", "inputs or initial values")


def different_connectivity(pair: Pair) -> Iterator[Cause]:
    """Different connections, weights or delays; the digest does not say which of them."""
    yield from _different_digest(pair, "connectivity_sha256", "connectivity")


def _different_digest(pair: Pair, column: str, what: str) -> Iterator[Cause]:
    first, second = (_text(one.record.get(column)) for one in (pair.a, pair.b))
    if first and second and first != second:
        yield Cause(
            f"different {what}",
            f"what the simulators were handed as {what} differs: digests {first[:8]} and"
            f" {second[:8]}",
        )


def _text(value: object) -> str:
    """A value of a record if it is text, otherwise an empty text; tables may lack it."""
    return value if isinstance(value, str) else ""
