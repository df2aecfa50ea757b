"""The points of a profile of a sweep.yaml, in a defined order.

A point is one assignment of values to all parameters. The grid varies in the order in which the
experiment declares its parameters, the first one slowest; the zipped lists vary together as one
further, fastest axis; explicit points come last, as written. The order of keys in the file has
no effect on the order of the points.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.errors import BadInput
from pipelines.experiment import Experiment
from pipelines.experiment.parameters import (
    Parameter,
    Value,
    check_name,
    check_value,
    make_parameters,
)
from pipelines.sweep.model import MAX_POINTS, Profile
from pipelines.sweep.swept_values import expand, refuse_repeats

Point = Mapping[str, Value]


def checked_values(fields: Mapping[str, Parameter], given: Mapping[str, Any], where: str) -> Point:
    for name in given:
        check_name(fields, name, where)
    return {name: check_value(fields[name], given[name], f"{where}.{name}") for name in given}


def _axes(
    fields: Mapping[str, Parameter], given: Mapping[str, Any], where: str
) -> dict[str, tuple[Value, ...]]:
    """Expanded values of a `grid` or `zip`, in the order of the dataclass."""
    for name in given:
        check_name(fields, name, where)
    return {
        name: expand(fields[name], given[name], f"{where}.{name}")
        for name in fields
        if name in given
    }


def points_of_profile(
    experiment: Experiment,
    fields: Mapping[str, Parameter],
    profile: Profile,
    fixed: Point,
    n_seeds: int,
    inside: str,
) -> Iterator[Point]:
    _refuse_overlap(profile, inside)
    grid = _axes(fields, profile.grid, f"{inside}.grid")
    for name, values in grid.items():
        refuse_repeats(values, f"{inside}.grid.{name}")
    # A zipped list may have a value twice: it is its rows that must differ.
    together = _axes(fields, profile.zip, f"{inside}.zip")
    lengths = {name: len(values) for name, values in together.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise BadInput(f"{inside}.zip", f"lists differ in length: {shown}", "lists of one length")
    number = math.prod(map(len, grid.values())) * next(iter(lengths.values()), 1)
    number += len(profile.points)
    if number * n_seeds > MAX_POINTS:
        raise BadInput(
            inside, f"{number} points x {n_seeds} seeds are too many", f"at most {MAX_POINTS}"
        )
    if grid or together or not profile.points:
        rows = list(zip(*together.values(), strict=True)) or [()]
        for values, row in itertools.product(itertools.product(*grid.values()), rows):
            given = dict(zip((*grid, *together), (*values, *row), strict=True))
            yield complete_point(experiment, fields, {**fixed, **given}, inside)
    for index, explicit in enumerate(profile.points):
        where = f"{inside}.points[{index}]"
        given = dict(checked_values(fields, explicit, where))
        yield complete_point(experiment, fields, {**fixed, **given}, where)


def complete_point(
    experiment: Experiment, fields: Mapping[str, Parameter], given: Point, where: str
) -> Point:
    """All parameters of a point, in the order of the experiment's dataclass, with its defaults."""
    instance = make_parameters(experiment.parameters, fields, given, where)
    return {field.name: getattr(instance, field.name) for field in dataclasses.fields(instance)}


def _refuse_overlap(profile: Profile, inside: str) -> None:
    places = {"parameters": profile.parameters, "grid": profile.grid, "zip": profile.zip}
    for (first, a), (second, b) in itertools.combinations(places.items(), 2):
        for name in a:
            if name in b:
                raise BadInput(
                    f"{inside}.{second}.{name}", f"is set in '{first}' too", "one place for each"
                )


def refuse_repeated_points(
    fields: Mapping[str, Parameter], points: tuple[Point, ...], inside: str
) -> None:
    seen: dict[tuple[Value, ...], int] = {}
    for index, point in enumerate(points):
        values = tuple(point.values())
        if values in seen:
            varied = varying(fields, points) or tuple(fields)
            shown = ", ".join(f"{name}={point[name]!r}" for name in varied)
            raise BadInput(
                inside,
                f"points {seen[values] + 1} and {index + 1} are the same: {shown}",
                "each point once",
            )
        seen[values] = index


def varying(fields: Mapping[str, Any], points: tuple[Point, ...]) -> tuple[str, ...]:
    """Names of the parameters that take more than one value, in the order of the dataclass."""
    return tuple(name for name in fields if len({point[name] for point in points}) > 1)
