"""Section `record` of a sweep.yaml: what is recorded of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    StrictBool,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipelines.sweep.fields import Interval, Name, quantity
from pipelines.typed_model import Model

# Forms of keys that have two; angle brackets tell them from keys of the file.
_WHOLE, _PART = "<whole>", "<part>"


def _whole_or_part(given: Any) -> str:
    """Form of a key that has a single value for the whole, and further keys for a part of it."""
    return _PART if isinstance(given, Mapping | BaseModel) else _WHOLE


def _check_neurons(given: Any) -> Any:
    """A number of neurons, or their indices, each once and in ascending order."""
    if isinstance(given, int) and not isinstance(given, bool) and given >= 1:
        return given
    if isinstance(given, list | tuple) and given:
        whole = all(isinstance(one, int) and not isinstance(one, bool) for one in given)
        if whole and min(given) >= 0 and len({*given}) == len(given):
            return tuple(sorted(given))
    raise PydanticCustomError(
        "refused", "refused",
        {"problem": f"{given!r} is not accepted",
         "allowed": "a number of neurons, or a list of different indices from 0"},
    )  # fmt: skip


Neurons = Annotated[int | tuple[int, ...], BeforeValidator(_check_neurons)]
Every = Annotated[float, quantity("ms")]


class SpikeRecord(Model):
    """Recording of the spikes of some neurons.

    Attributes
    ----------
    neurons
        Their number, evenly spread over the population (all of a smaller one), or their indices.
    """

    neurons: Neurons


class PopulationRecord(Model):
    """Recording of one population.

    Attributes
    ----------
    spikes
        Whether its spikes are, of all neurons; or of which.
    signals
        State variables sampled in time, such as "v".
    neurons
        Neurons whose signals are recorded: a number, evenly spread over the population (all of a
        smaller one), or indices; None for all.
    sampling_interval
        Between samples, in ms; None for every time step.
    """

    spikes: Annotated[
        Annotated[StrictBool, Tag(_WHOLE)] | Annotated[SpikeRecord, Tag(_PART)],
        Discriminator(_whole_or_part),
    ] = False
    signals: tuple[Name, ...] = ()
    neurons: Neurons | None = None
    sampling_interval: Interval = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        if isinstance(data, list):
            names = [name for name in data if name != "spikes"]
            return {"spikes": "spikes" in data, "signals": names}
        return data

    @model_validator(mode="after")
    def _neurons_of_signals(self) -> Self:
        if self.neurons is not None and not self.signals:
            problem = "'neurons' is for signals, and 'signals' is empty"
            allowed = "signals: [v], or for spikes of some neurons spikes: {neurons: ...}"
            context = {"problem": problem, "allowed": allowed}
            raise PydanticCustomError("refused", "refused", context)
        return self

    @property
    def spiking_neurons(self) -> int | tuple[int, ...] | None:
        """Neurons whose spikes are recorded, as `neurons`, if spikes are; None for all."""
        return self.spikes.neurons if isinstance(self.spikes, SpikeRecord) else None

    def canonical(self) -> dict[str, Any]:
        """Canonical form; without keys for neurons where all are recorded."""
        found: dict[str, Any] = {
            "spikes": bool(self.spikes),
            "signals": sorted(set(self.signals)),
            "sampling_interval": self.sampling_interval,
        }
        chosen = {"spiking_neurons": self.spiking_neurons, "neurons": self.neurons}
        return found | {key: value for key, value in chosen.items() if value is not None}


class WeightRecord(Model):
    """Recording of the weights of some connections of a projection over time.

    Attributes
    ----------
    every
        Interval between readings, in ms.
    connections
        Number of connections, evenly spread over those of the projection; None for all.
    """

    every: Every
    connections: Annotated[int, Field(strict=True, ge=1)] | None = None


@dataclass(frozen=True)
class Readings:
    """Times at which the weights of a projection are read: at the end of the run, or also earlier.

    Attributes
    ----------
    initial
        Whether at the start, too.
    interval
        Between further readings, in ms from the start; None for none.
    connections
        Number of connections that are read; None for all.
    all_at_end
        Whether all connections are read at the end of the run.
    """

    initial: bool = False
    interval: float | None = None
    connections: int | None = None
    all_at_end: bool = True

    def canonical(self) -> dict[str, Any]:
        """Canonical form; without keys for connections where all are read."""
        found = asdict(self)
        return found if self.connections else {k: found[k] for k in ("initial", "interval")}


class Record(Model):
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
        many ms, and at the end. With a number of connections only these are, and at the end of
        the run all if `projections` has the projection, too.
    """

    populations: dict[Name, PopulationRecord] = Field(default={})
    projections: tuple[Name, ...] = ()
    initial_weights: tuple[Name, ...] = ()
    weights: dict[
        Name,
        Annotated[
            Annotated[Every, Tag(_WHOLE)] | Annotated[WeightRecord, Tag(_PART)],
            Discriminator(_whole_or_part),
        ],
    ] = Field(default={})

    @model_validator(mode="after")
    def _initial_weights_of_all(self) -> Self:
        for name in self.initial_weights:
            course = self.weights.get(name)
            if isinstance(course, WeightRecord) and course.connections:
                problem = f"'{name}' is read at the start by its key 'connections' in 'weights'"
                context = {"problem": problem, "allowed": f"initial_weights without '{name}'"}
                raise PydanticCustomError("refused", "refused", context)
        return self

    @property
    def readings(self) -> dict[str, Readings]:
        """Reading times of the weights by projection, sorted by name."""
        found = {
            name: Readings(initial=name in self.initial_weights)
            for name in sorted({*self.projections, *self.weights})
        }
        for name, given in self.weights.items():
            course = given if isinstance(given, WeightRecord) else WeightRecord(every=given)
            whole = course.connections is None or name in self.projections
            found[name] = Readings(True, course.every, course.connections, whole)
        return found

    def canonical(self) -> dict[str, Any]:
        """Canonical form, independent of the order in the file."""
        return {
            "populations": {name: one.canonical() for name, one in self.populations.items()},
            "weights": {name: when.canonical() for name, when in self.readings.items()},
        }
