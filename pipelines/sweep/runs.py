"""Runs of a sweep, each with an identity that depends on everything that can change its result."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.backends import get, seed_block
from pipelines.errors import BadInput
from pipelines.experiment import Experiment, load_experiment
from pipelines.experiment.parameters import Parameter, Value, check_name, check_value, describe
from pipelines.hardware.profile_model import IDEAL
from pipelines.hardware.variants import (
    AXES,
    IDEAL_NETWORK,
    Variant,
    variants,
    varying_columns,
)
from pipelines.sweep.identity import (
    content_of,
    digest,
    hardware_code,
    identity_from,
    ingredients,
    run_id_of,
)
from pipelines.sweep.model import MAX_SEED, SEED_STRIDE
from pipelines.sweep.points import complete_point, varying
from pipelines.sweep.profile import Sweep, load_sweep, refuse_hardware, sweep_where
from pipelines.sweep.times import check_durations, check_intervals


@dataclass(frozen=True)
class Run:
    """One point of a sweep on one backend, with one seed.

    Attributes
    ----------
    experiment, backend
        Names.
    parameters
        All parameters, in the order of the dataclass, with the types of its fields. Read-only.
    seed
        Seed of the network and its inputs: that of the point, or the backend's own.
    independent_draws
        Whether the backend may draw Poisson trains as it runs.
    run_id
        16 hex digits: hash of everything that can change the result.
    point_id
        16 hex digits: hash of experiment, parameters, hardware and the point's seed; the same on
        every backend.
    variant
        Hardware that the network is put under.
    """

    experiment: str
    backend: str
    parameters: Mapping[str, Value] = field(hash=False)
    seed: int
    run_id: str
    point_id: str
    independent_draws: bool = False
    variant: Variant = IDEAL_NETWORK

    @property
    def values(self) -> dict[str, Any]:
        """What a sweep can vary: parameters, and the columns of the hardware."""
        return {**self.parameters, **self.variant.columns}


@dataclass(frozen=True)
class Plan:
    """All runs of one profile of an experiment.

    Attributes
    ----------
    experiment, sweep
        The experiment and its sweep.
    runs
        All runs, sorted by point, then seed, then backend.
    swept
        Names of the parameters that vary, in the order of the dataclass, then of the columns of
        hardware that do.
    digest
        16 hex digits: hash of all run_ids.
    identities
        Identity by backend: see `pipelines.sweep.identity`.
    ingredients
        Ingredients of the identity by backend.
    contents
        Hash of the bytes of the source files by backend.
    """

    experiment: Experiment = field(hash=False)
    sweep: Sweep = field(hash=False)
    runs: tuple[Run, ...]
    swept: tuple[str, ...]
    digest: str
    identities: Mapping[str, str] = field(hash=False, default_factory=dict)
    ingredients: Mapping[str, Mapping[str, Any]] = field(hash=False, default_factory=dict)
    contents: Mapping[str, str] = field(hash=False, default_factory=dict)

    @property
    def axes(self) -> dict[str, Parameter]:
        """Descriptions of all that a sweep can vary, by name."""
        return describe(self.experiment.parameters) | AXES

    @property
    def has_hardware(self) -> bool:
        """Whether some of the runs are under constraints of hardware."""
        return any(not variant.is_ideal for variant in self.sweep.hardware)


def plan(name: str, profile: str = "quick", root: Path | str | None = None) -> Plan:
    """Plan one profile of an experiment.

    Parameters
    ----------
    name
        Name of the experiment.
    profile
        "quick", "full", or another one of its sweep.yaml.
    root
        Folder that holds `experiments`; see `pipelines.experiment.project_root`.

    Raises
    ------
    BadInput
        The experiment or its sweep.yaml cannot be accepted.
    """
    experiment = load_experiment(name, root)
    sweep = load_sweep(experiment, profile)
    check_durations(experiment, sweep)
    return _plan(experiment, sweep)


def plan_point(
    name: str,
    profile: str = "quick",
    values: Mapping[str, Any] | None = None,
    seed: int | None = None,
    backends: Sequence[str] | None = None,
    root: Path | str | None = None,
    where: str = "--set",
    hardware: str = IDEAL,
) -> Plan:
    """Plan one point of an experiment, with the same run_ids as in a sweep with this point.

    Parameters
    ----------
    name, profile, root
        As in `plan`. The point takes fixed parameters, first seed, backends and recording from the
        profile.
    values
        Parameters set for this point, over the profile's; text or numbers.
    seed, backends
        Seed and backends, in place of the profile's.
    where
        Place to name in an error about `values`.
    hardware
        Hardware profile of the run, in place of those of the profile.
    """
    experiment = load_experiment(name, root)
    sweep = load_sweep(experiment, profile)
    fields = describe(experiment.parameters)
    given = dict(sweep.fixed)
    for key, value in (values or {}).items():
        check_name(fields, key, where)
        given[key] = check_value(fields[key], value, f"{where} {key}")
    for backend in backends or ():
        get(backend)
    if seed is not None and not 1 <= seed <= MAX_SEED:
        raise BadInput("seed", f"{seed} is outside the limits", f"1 to {MAX_SEED}")
    one = dataclasses.replace(
        sweep,
        points=(complete_point(experiment, fields, given, where),),
        seeds=sweep.seeds[:1] if seed is None else (seed,),
        # A seed that is named is the run's own.
        independent=sweep.independent and seed is None,
        backends=tuple(backends) if backends else sweep.backends,
        hardware=variants([hardware], experiment_folder=experiment.folder)[-1:],
    )
    return _plan(experiment, one)


def _plan(experiment: Experiment, sweep: Sweep) -> Plan:
    check_intervals(experiment, sweep)
    refuse_hardware(sweep, f"{sweep_where(experiment)}: profiles.{sweep.profile}")
    contents = {backend: content_of(experiment, backend) for backend in sweep.backends}
    parts = {backend: ingredients(experiment, backend, sweep.record) for backend in sweep.backends}
    identities = {backend: identity_from(experiment.name, parts[backend]) for backend in parts}
    runs = tuple(_runs(experiment.name, sweep, identities))
    swept = varying(describe(experiment.parameters), sweep.points)
    swept += varying_columns(sweep.hardware)
    whole = digest([run.run_id for run in runs])
    return Plan(experiment, sweep, runs, swept, whole, identities, parts, contents)


def _runs(name: str, sweep: Sweep, identities: Mapping[str, str]) -> Iterable[Run]:
    draws = ["independent draws"] if sweep.independent_draws else []
    # Runs of the ideal network do not depend on the code of chips.
    of_chips = [] if all(one.is_ideal for one in sweep.hardware) else [hardware_code()]
    for point, variant in itertools.product(sweep.points, sweep.hardware):
        chip = [] if variant.is_ideal else [dataclasses.asdict(variant)]
        code = of_chips if chip else []
        for seed in sweep.seeds:
            point_id = digest([name, point, seed, *chip])
            for backend in sweep.backends:
                own = own_seed(seed, backend) if sweep.independent else seed
                what = digest([name, point, own, *draws, *chip, *code])
                run_id = run_id_of(identities[backend], what)
                yield Run(
                    name, backend, point, own, run_id, point_id, sweep.independent_draws, variant
                )


def own_seed(seed: int, backend: str) -> int:
    """Seed of a backend that draws its own networks and inputs."""
    return seed + SEED_STRIDE * seed_block(backend)
