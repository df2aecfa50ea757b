"""The typed model of a sweep.yaml: its keys and the kinds of their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipelines.backends import all_names, default_names
from pipelines.errors import BadInput
from pipelines.experiment.parameters import Parameter, check_value

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


def _quantity(unit: str) -> BeforeValidator:
    """A positive number, given as a number or as text with its unit; or None."""

    def check(given: Any) -> Any:
        if given is None:
            return None
        try:
            return check_value(Parameter("", float, None, unit, above=0), given, "")
        except BadInput as error:
            context = {"problem": error.problem, "allowed": error.allowed}
            raise PydanticCustomError("refused", "refused", context) from error

    return BeforeValidator(check)


def _form_of_seeds(given: Any) -> str | None:
    if isinstance(given, Mapping | SeedRange):
        return SEED_RANGE
    return SEED_LIST if isinstance(given, list | tuple) else None


Seed = Annotated[int, Field(strict=True, ge=1, le=MAX_SEED)]
Name = Annotated[str, Field(strict=True, min_length=1)]
Backend = Annotated[Name, AfterValidator(_known_backend)]
Interval = Annotated[float | None, _quantity("ms")]
Every = Annotated[float, _quantity("ms")]
Seconds = Annotated[float | None, _quantity("s")]
Megabytes = Annotated[float | None, _quantity("MB")]


class _Model(BaseModel):
    """Base of all models: frozen, and with messages on unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            keys = ", ".join(cls.model_fields)
            raise PydanticCustomError("no_mapping", "{keys}", {"keys": f"keys: {keys}"})
        for key in data:
            if key not in cls.model_fields:
                among = list(cls.model_fields)
                context = {"what": "key", "key": key, "among": among}
                raise PydanticCustomError("unknown_name", "unknown", context)
        return data


class PopulationRecord(_Model):
    """Recording of one population.

    Attributes
    ----------
    spikes
        Whether its spikes are.
    signals
        State variables sampled in time, such as "v".
    sampling_interval
        Between samples, in ms; None for every time step.
    """

    spikes: StrictBool = False
    signals: tuple[Name, ...] = ()
    sampling_interval: Interval = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        if isinstance(data, list):
            names = [name for name in data if name != "spikes"]
            return {"spikes": "spikes" in data, "signals": names}
        return data


@dataclass(frozen=True)
class Readings:
    """Times at which the weights of a projection are read: at the end of the run, or also earlier.

    Attributes
    ----------
    initial
        Whether at the start, too.
    interval
        Between further readings, in ms from the start; None for none.
    """

    initial: bool = False
    interval: float | None = None


class Record(_Model):
    """Recording of a run.

    Attributes
    ----------
    populations
        By the name `build` returns them under.
    projections
        Names of those whose weights and delays are kept at the end of the run.
    initial_weights
        Those of them whose weights are kept before the run, too: how they change is seen then.
    weights
        Projections whose weights and delays are kept over time, by name: at the start, every so
        many ms, and at the end.
    """

    populations: dict[Name, PopulationRecord] = {}
    projections: tuple[Name, ...] = ()
    initial_weights: tuple[Name, ...] = ()
    weights: dict[Name, Every] = {}

    @property
    def readings(self) -> dict[str, Readings]:
        """Reading times of the weights by projection, sorted by name."""
        return {
            name: Readings(
                initial=name in self.weights or name in self.initial_weights,
                interval=self.weights.get(name),
            )
            for name in sorted({*self.projections, *self.weights})
        }

    def canonical(self) -> dict[str, Any]:
        """Canonical form, independent of the order in the file."""
        populations = {
            name: {
                "spikes": record.spikes,
                "signals": sorted(set(record.signals)),
                "sampling_interval": record.sampling_interval,
            }
            for name, record in self.populations.items()
        }
        readings = {name: asdict(when) for name, when in self.readings.items()}
        return {"populations": populations, "weights": readings}


class SeedRange(_Model):
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


class Limits(_Model):
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


class Profile(_Model):
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
    """

    backends: Annotated[tuple[Backend, ...], Field(min_length=1)] = Field(
        default_factory=default_names
    )
    seeds: Seeds = (1,)
    independent: StrictBool = False
    parameters: dict[Name, Any] = {}
    grid: dict[Name, Any] = {}
    zip: dict[Name, Any] = {}
    points: tuple[dict[Name, Any], ...] = ()
    limits: Limits = Limits()
    shard_size: Annotated[int, Field(strict=True, ge=1)] | None = None
    threads: Annotated[int, Field(strict=True, ge=1)] = 1
    mpi: Annotated[int, Field(strict=True, ge=1)] = 1


class SweepFile(_Model):
    """A whole sweep.yaml.

    Attributes
    ----------
    description
        What the sweep shows, in a sentence; the report begins with it.
    record
        What is recorded of every run.
    figures
        Figures to draw, by name, with their options: `{raster: {population: neurons}}`.
    margins
        Largest differences that do not matter, by metric, in place of the usual ones.
    profiles
        Sizes of the sweep by name: `quick` is what `snakemake` runs by default.
    """

    description: str = ""
    record: Record = Record()
    figures: dict[Name, dict[Name, Any]] = {}
    margins: dict[Name, Annotated[float, Field(gt=0)]] = {}
    profiles: Annotated[dict[Name, Profile], Field(min_length=1)]
