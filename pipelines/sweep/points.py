"""From a profile of a sweep.yaml to its points, in a defined order.

A point is one assignment of values to all parameters. The grid is walked in the order in which
the experiment declares its parameters, the first slowest; the zipped lists walk together as one
further, fastest axis; explicit points come last, as written. So the order of the points does not
depend on the order of keys in the file.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.backends import stock_names
from pipelines.errors import BadInput
from pipelines.experiment import Experiment, returned_names
from pipelines.experiment.parameters import (
    DEFAULT_TIMESTEP,
    Parameter,
    Value,
    check_name,
    check_value,
    describe,
    make_parameters,
)
from pipelines.sweep.model import (
    MAX_POINTS,
    MAX_SEED,
    SEED_STRIDE,
    Limits,
    Profile,
    Record,
    SeedRange,
    SweepFile,
)
from pipelines.sweep.sweep_file import read_sweep_file
from pipelines.sweep.swept_values import expand, refuse_repeats

Point = Mapping[str, Value]

# Names of profiles: that of every day, and what it gives on PyNN's unmodified modules.
QUICK, STOCK = "quick", "stock"

# Far above the rounding of a quotient such as 0.3 / 0.1.
_OFF_GRID = 1e-6


@dataclass(frozen=True)
class Sweep:
    """One profile of an experiment's sweep, checked and expanded.

    Attributes
    ----------
    profile
        Its name.
    description
        What the experiment shows, in a line.
    record
        What is recorded of each run.
    figures
        Generic figures to draw, with their options, by name.
    margins
        Differences of a metric's mean between backends that do not matter, by metric.
    backends, seeds
        Each point is run with each seed on each backend.
    independent
        Whether each backend draws from seeds of its own; see `pipelines.sweep.runs.own_seed`.
    independent_draws
        Whether it may also draw Poisson trains as it runs, which no other backend has then.
    fixed
        Parameters set for all points.
    points
        All parameters of each point, in the order of the dataclass.
    limits
        Time and memory that a run may take.
    shard_size
        Most runs that one process executes; None for a size that suits their number.
    threads
        Of the simulator in each run, on backends that have them.
    mpi
        Processes that share each run's network, on backends that can.
    """

    profile: str
    description: str
    record: Record
    figures: Mapping[str, Mapping[str, Any]]
    margins: Mapping[str, float]
    backends: tuple[str, ...]
    seeds: tuple[int, ...]
    independent: bool
    independent_draws: bool
    fixed: Point
    points: tuple[Point, ...]
    limits: Limits
    shard_size: int | None
    threads: int = 1
    mpi: int = 1


def sweep_where(experiment: Experiment) -> str:
    """Name of an experiment's sweep file in messages."""
    return f"experiments/{experiment.name}/sweep.yaml"


def read_sweep(experiment: Experiment) -> SweepFile:
    """The structure of an experiment's sweep.yaml, its values not looked at yet."""
    return read_sweep_file(experiment.folder / "sweep.yaml", sweep_where(experiment))


def load_sweep(experiment: Experiment, profile: str) -> Sweep:
    """Read one profile of an experiment's sweep.yaml and expand it.

    Raises
    ------
    BadInput
        Anything wrong in the file: one line with file, key and what is allowed.
    """
    file = read_sweep(experiment)
    where = sweep_where(experiment)
    profiles = _with_stock(file.profiles)
    if profile not in profiles:
        raise BadInput(
            f"{where}: profiles", f"no profile '{profile}'", given=profile, among=profiles
        )
    _refuse_unknown_sources(experiment, file.record, where)
    chosen = profiles[profile]
    inside = f"{where}: profiles.{profile}"
    fields = describe(experiment.parameters, f"experiments/{experiment.name}: Parameters")
    seeds = _seeds(chosen, inside)
    if len(set(chosen.backends)) < len(chosen.backends):
        raise BadInput(f"{inside}.backends", "a backend is there twice")
    fixed = _values(fields, chosen.parameters, f"{inside}.parameters")
    points = tuple(_points(experiment, fields, chosen, fixed, len(seeds), inside))
    _refuse_repeats(fields, points, inside)
    return Sweep(
        profile=profile,
        description=file.description,
        record=file.record,
        figures=file.figures,
        margins=file.margins,
        backends=chosen.backends,
        seeds=seeds,
        independent=chosen.independent,
        independent_draws=chosen.independent,
        fixed=fixed,
        points=points,
        limits=chosen.limits,
        shard_size=chosen.shard_size,
        threads=chosen.threads,
        mpi=chosen.mpi,
    )


def _with_stock(profiles: Mapping[str, Profile]) -> dict[str, Profile]:
    """The profiles of a file, and `stock`: `quick` on PyNN's unmodified modules."""
    if STOCK in profiles or QUICK not in profiles:
        return dict(profiles)
    quick = profiles[QUICK]
    unmodified = {name: stock for stock, name in stock_names().items()}
    backends = tuple(unmodified.get(name, name) for name in quick.backends)
    return {**profiles, STOCK: quick.model_copy(update={"backends": backends})}


def _refuse_unknown_sources(experiment: Experiment, record: Record, where: str) -> None:
    """Refuse to record what `build` does not return, as far as its code tells."""
    for name in record.initial_weights:
        if name not in record.projections:
            raise BadInput(
                f"{where}: record.initial_weights",
                f"'{name}' is not in record.projections",
                allowed=None if record.projections else "nothing: it is empty",
                given=name,
                among=record.projections,
            )
    known = returned_names(experiment.source)
    if known is None:
        return
    for kind in ("populations", "projections", "weights"):
        for name in getattr(record, kind):
            if name not in known:
                raise BadInput(
                    f"{where}: record.{kind}",
                    f"build returns no '{name}'",
                    allowed=None if known else "nothing: build returns no names",
                    given=name,
                    among=known,
                )


def refuse_off_grid(experiment: Experiment, sweep: Sweep) -> None:
    """Refuse intervals between readings of weights that end between two time steps of a point."""
    steps_ms = sorted({float(point.get("timestep", DEFAULT_TIMESTEP)) for point in sweep.points})
    for name, interval in sweep.record.weights.items():
        for dt in steps_ms:
            steps = interval / dt
            if round(steps) < 1 or abs(steps - round(steps)) > _OFF_GRID * steps:
                raise BadInput(
                    f"{sweep_where(experiment)}: record.weights.{name}",
                    f"{interval:g} ms is not a whole number of time steps of {dt:g} ms",
                    allowed=f"multiples of {dt:g} ms",
                )


def _seeds(profile: Profile, inside: str) -> tuple[int, ...]:
    if isinstance(profile.seeds, SeedRange):
        last = profile.seeds.first + profile.seeds.count - 1
        _refuse_large(profile, last, inside)
        return tuple(range(profile.seeds.first, last + 1))
    seen = set()
    for seed in profile.seeds:
        if seed in seen:
            raise BadInput(f"{inside}.seeds", f"seed {seed} is there twice")
        seen.add(seed)
    _refuse_large(profile, max(profile.seeds), inside)
    return profile.seeds


def _refuse_large(profile: Profile, last: int, inside: str) -> None:
    """Refuse seeds beyond the largest one, or that another backend would have too."""
    most = SEED_STRIDE - 1 if profile.independent else MAX_SEED
    if last > most:
        raise BadInput(f"{inside}.seeds", f"ends at {last}", allowed=f"up to {most}")


def _values(fields: Mapping[str, Parameter], given: Mapping[str, Any], where: str) -> Point:
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


def _points(
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
        given = dict(_values(fields, explicit, where))
        yield complete_point(experiment, fields, {**fixed, **given}, where)


def complete_point(
    experiment: Experiment, fields: Mapping[str, Parameter], given: Point, where: str
) -> Point:
    """All parameters of a point, by the experiment's own dataclass, in its order."""
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


def _refuse_repeats(
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
