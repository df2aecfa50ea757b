"""The typed model of a sweep.yaml: its keys and the kinds of their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, StrictBool, Tag
from pydantic_core import PydanticCustomError

from pipelines.backends import all_names, default_names
from pipelines.hardware.profile_model import IDEAL
from pipelines.sweep.fields import Interval, Name, quantity
from pipelines.sweep.record import Record
from pipelines.typed_model import Model

MAX_POINTS = 1_000_000
MAX_SEED = 2**31 - 1
# Between the seeds of one backend and those of the next, where they are independent.
SEED_STRIDE = 1_000_000

# The two forms of `seeds`; angle brackets tell them from keys of the file.
SEED_RANGE, SEED_LIST = "<range>", "<list>"


def _known_backend(name: str) -> str:
    among = list(all_names())
    if name not in among:
        raise PydanticCustomError(
            "unknown_name", "unknown", {"what": "backend", "key": name, "among": among}
        )
    return name


def _form_of_seeds(given: Any) -> str | None:
    if isinstance(given, Mapping | SeedRange):
        return SEED_RANGE
    return SEED_LIST if isinstance(given, list | tuple) else None


Seed = Annotated[int, Field(strict=True, ge=1, le=MAX_SEED)]
Backend = Annotated[Name, AfterValidator(_known_backend)]
WarmUp = Annotated[float | None, quantity("ms", minimum=0)]
Seconds = Annotated[float | None, quantity("s")]
Megabytes = Annotated[float | None, quantity("MB")]


class SeedRange(Model):
    """A range of `count` seeds: `first`, `first` + 1, ...

    Attributes
    ----------
    first
        The first seed.
    count
        Number of seeds.
    """

    first: Seed = 1
    count: Annotated[int, Field(strict=True, ge=1, le=MAX_POINTS)]


Seeds = Annotated[
    Annotated[SeedRange, Tag(SEED_RANGE)]
    | Annotated[tuple[Seed, ...], Field(min_length=1), Tag(SEED_LIST)],
    Discriminator(_form_of_seeds),
]


class Limits(Model):
    """Limits of one run; a run that exceeds one is killed, and fails.

    Attributes
    ----------
    time
        From its start to its stored result, in s of the clock; None for any.
    memory
        Resident memory in MB (10^6 bytes), the simulator's own included; None for any.
    """

    time: Seconds = None
    memory: Megabytes = None


class Profile(Model):
    """One size of a sweep; see `pipelines.sweep.points` for how the values multiply.

    Attributes
    ----------
    backends
        Backends that run every point; `nest` and `brian2` by default.
    seeds
        Seeds of every point: a list, or `{first: 1, count: 20}`.
    parameters
        Values that are the same at every point, by parameter; the defaults of the experiment hold
        for all others.
    grid
        Values by parameter, each combination of which is a point: a list, or
        `{linspace: [start, stop, number]}`, `{logspace: ...}` or `{range: ...}`.
    zip
        Lists of equal length by parameter, which vary together.
    points
        Further points, each with its values by parameter.
    limits
        What one run may take.
    shard_size
        Runs of one process (one job of a cluster); chosen by the number of runs if it is not given.
        No result depends on it.
    independent
        Whether each backend gets seeds of its own, so that networks and inputs are drawn anew, and
        may draw Poisson trains as it runs, at its own speed: backends are then compared by their
        statistics.
    threads
        Of the simulator in each run, on backends that have them. No result depends on it.
    mpi
        MPI processes that share each run's network, on backends that can; the others simulate it in
        one. No result depends on it.
    hardware
        Hardware profiles under which every run is repeated: names of those of the library, or of
        files in the experiment's folder `hardware`. The ideal network, `none`, is always there.
    hardware_ablation
        Whether each constraint of each hardware profile is also tried alone, and all but each.
    weight_bits
        Numbers of bits of weights to try under each hardware profile; of `generic` without one.
    mismatch
        Relative spreads to try under each hardware profile, of the parameters that vary on its
        chip; of all under `generic`, which is used without a profile.
    duration
        Value of the parameter `duration` (ms), for experiments that are not in phases; None where
        it is set as other parameters are.
    warm_up
        Time at the start of each run that metrics of spikes and signals leave out, in ms; None for
        that of the file.
    """

    backends: Annotated[tuple[Backend, ...], Field(min_length=1)] = Field(
        default_factory=default_names
    )
    seeds: Seeds = (1,)
    independent: StrictBool = False
    parameters: dict[Name, Any] = Field(default={})
    grid: dict[Name, Any] = Field(default={})
    zip: dict[Name, Any] = Field(default={})
    points: tuple[dict[Name, Any], ...] = ()
    limits: Limits = Limits()
    shard_size: Annotated[int, Field(strict=True, ge=1)] | None = None
    threads: Annotated[int, Field(strict=True, ge=1)] = 1
    mpi: Annotated[int, Field(strict=True, ge=1)] = 1
    hardware: Annotated[tuple[Name, ...], Field(min_length=1)] = (IDEAL,)
    hardware_ablation: StrictBool = False
    weight_bits: tuple[Annotated[int, Field(strict=True, ge=1, le=32)], ...] = ()
    mismatch: tuple[Annotated[float, Field(ge=0, le=10)], ...] = ()
    duration: Interval = None
    warm_up: WarmUp = None


class SweepFile(Model):
    """A whole sweep.yaml.

    Attributes
    ----------
    description
        What the sweep shows, in a sentence; the report begins with it.
    record
        What is recorded of every run.
    figures
        Figures to draw, by name, with their options: `{raster: {populations: [exc, inh]}}`.
    margins
        Largest differences that do not matter, by metric, in place of the usual ones.
    warm_up
        Time at the start of each run that all metrics of spikes and signals leave out, in ms. No
        run is repeated for another one.
    profiles
        Sizes of the sweep by name: `quick` is what `snakemake` runs by default.
    """

    description: str = ""
    record: Record = Record()
    figures: dict[Name, dict[Name, Any]] = Field(default={})
    margins: dict[Name, Annotated[float, Field(gt=0)]] = Field(default={})
    warm_up: WarmUp = None
    profiles: Annotated[dict[Name, Profile], Field(min_length=1)]
