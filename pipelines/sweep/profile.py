"""One profile of an experiment's sweep.yaml, loaded, checked and expanded to points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.backends import stock_names
from pipelines.errors import BadInput
from pipelines.experiment import Experiment, returned_names
from pipelines.experiment.parameters import describe
from pipelines.hardware.profile_model import IDEAL
from pipelines.hardware.variants import IDEAL_NETWORK, Variant, variants
from pipelines.sweep.model import (
    MAX_SEED,
    SEED_STRIDE,
    Limits,
    Profile,
    SeedRange,
    SweepFile,
)
from pipelines.sweep.points import (
    Point,
    checked_values,
    points_of_profile,
    refuse_repeated_points,
)
from pipelines.sweep.record import Record
from pipelines.typed_model import read_model

# Names of profiles: the everyday one, and the one that runs it on PyNN's unmodified modules.
QUICK, STOCK = "quick", "stock"


@dataclass(frozen=True)
class Sweep:
    """One profile of an experiment's sweep, checked and expanded.

    Attributes
    ----------
    profile
        Name of the profile.
    description
        What the experiment shows, in one line.
    record
        Recording of each run.
    figures
        Generic figures to draw, with their options, by name.
    margins
        Equivalence margin for the difference of means between backends, by metric.
    backends, seeds
        Each point is run with each seed on each backend.
    independent
        Whether each backend has its own seeds; see `pipelines.sweep.runs.own_seed`.
    independent_draws
        Whether each backend may also draw Poisson trains during the simulation, so that the trains
        differ between backends.
    fixed
        Parameters set for all points.
    points
        All parameters of each point, in the order of the dataclass.
    limits
        Limits of time and memory of a run.
    shard_size
        Largest number of runs that one process executes; None to derive it from their number.
    threads
        Threads of the simulator in each run, on backends that have threads.
    mpi
        MPI processes that share each run's network, on backends that support MPI.
    warm_up
        Time (ms) at the start of each run that metrics of spikes and signals leave out. No run
        depends on it.
    hardware
        Variants of hardware under which each run is repeated; the first is the ideal network.
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
    warm_up: float = 0.0
    hardware: tuple[Variant, ...] = (IDEAL_NETWORK,)


def sweep_where(experiment: Experiment) -> str:
    """Name of an experiment's sweep file in messages."""
    return f"experiments/{experiment.name}/sweep.yaml"


def read_sweep(experiment: Experiment) -> SweepFile:
    """Read an experiment's sweep.yaml; values of parameters are not checked yet."""
    return read_model(SweepFile, experiment.folder / "sweep.yaml", sweep_where(experiment))


def load_sweep(experiment: Experiment, profile: str) -> Sweep:
    """Read one profile of an experiment's sweep.yaml and expand it.

    Raises
    ------
    BadInput
        If the file is not valid; one line with file, key and what is allowed.
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
    fixed = {
        **checked_values(fields, chosen.parameters, f"{inside}.parameters"),
        **checked_values(fields, _duration(experiment, chosen, inside), inside),
    }
    points = tuple(points_of_profile(experiment, fields, chosen, fixed, len(seeds), inside))
    refuse_repeated_points(fields, points, inside)
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
        hardware=_hardware(experiment, chosen, inside),
        warm_up=next((one for one in (chosen.warm_up, file.warm_up) if one is not None), 0.0),
    )


def _hardware(experiment: Experiment, profile: Profile, inside: str) -> tuple[Variant, ...]:
    """Variants of hardware under which the runs of a profile are repeated."""
    return variants(
        profile.hardware, profile.hardware_ablation, profile.weight_bits, profile.mismatch,
        experiment.folder, f"{inside}.hardware",
    )  # fmt: skip


def refuse_hardware(sweep: Sweep, inside: str) -> None:
    """Refuse hardware where a chip cannot be put in front of the simulator.

    Raises
    ------
    BadInput
        A backend is PyNN's unmodified module, or several processes share a network.
    """
    if all(variant.is_ideal for variant in sweep.hardware):
        return
    for name in sweep.backends:
        if name in stock_names():
            raise BadInput(
                f"{inside}.hardware",
                f"the backend '{name}' is PyNN's unmodified module, which cannot be put on a chip",
                stock_names()[name],
            )
    if sweep.mpi > 1:
        raise BadInput(f"{inside}.hardware", f"together with mpi: {sweep.mpi}", "mpi: 1")


def _duration(experiment: Experiment, profile: Profile, inside: str) -> dict[str, float]:
    """The parameter `duration`, if the profile sets it by its key of this name."""
    if profile.duration is None:
        return {}
    where = f"{inside}.duration"
    if experiment.run is not None:
        raise BadInput(
            where,
            f"the experiment '{experiment.name}' has phases: its run() sets their durations",
            allowed="no 'duration'; what run() uses under 'parameters'",
        )
    places = {"parameters": profile.parameters, "grid": profile.grid, "zip": profile.zip}
    places |= {f"points[{index}]": point for index, point in enumerate(profile.points)}
    for place, names in places.items():
        if "duration" in names:
            raise BadInput(where, f"is set in '{place}' too", "one place for it")
    return {"duration": profile.duration}


def _with_stock(profiles: Mapping[str, Profile]) -> dict[str, Profile]:
    """The profiles of a file, and `stock`: `quick` on PyNN's unmodified modules."""
    if STOCK in profiles or QUICK not in profiles:
        return dict(profiles)
    quick = profiles[QUICK]
    unmodified = {name: stock for stock, name in stock_names().items()}
    backends = tuple(unmodified.get(name, name) for name in quick.backends)
    # PyNN's modules know no hardware.
    changed = {"backends": backends, "hardware": (IDEAL,), "weight_bits": (), "mismatch": ()}
    return {**profiles, STOCK: quick.model_copy(update=changed)}


def _refuse_unknown_sources(experiment: Experiment, record: Record, where: str) -> None:
    """Refuse to record names that `build` does not return, if these can be read from its code."""
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
    """Refuse seeds that are too large, or that overlap those of another backend."""
    most = SEED_STRIDE - 1 if profile.independent else MAX_SEED
    if last > most:
        raise BadInput(f"{inside}.seeds", f"ends at {last}", allowed=f"up to {most}")
