"""Parameters, initial values and spike trains of populations, as numbers.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a random initial value that PyNN draws again whenever it
is read, so that the first recorded sample differs from the state that was simulated (row "random
initial v"); structures in space that cannot be replaced by those of another kind; a population of
no cell. `population_views` has what belongs to parts of a population.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from hashlib import sha256
from typing import Any

import numpy as np
from pyNN.errors import NonExistentParameterError
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, Sequence, simplify
from pyNN.random import RandomDistribution
from pyNN.standardmodels import StandardCellType, cells

from pipelines.errors import CounterpointError, Unsupported

from .assemblies import WithUnits
from .default_random import Sampled, seed_all, seed_structure
from .frozen_inputs import DrawnTrains, PoissonTrains
from .invalid_value import InvalidValue
from .network_registry import Registry
from .parameter_values import plain
from .renewal_sources import GammaTrains, InhGammaTrains, RefractoryTrains
from .spike_trains import GivenTrains, as_parameter, given_trains, parameter_of

# What draws the trains of PyNN's cell types.
_DRAWN: dict[type, type[DrawnTrains]] = {
    cells.SpikeSourcePoisson: PoissonTrains,
    cells.SpikeSourcePoissonRefractory: RefractoryTrains,
    cells.SpikeSourceGamma: GammaTrains,
    cells.SpikeSourceInhGamma: InhGammaTrains,
}
_TIMES = "spike_times"


def as_array(value: Any, size: int) -> np.ndarray:
    """Values of whatever PyNN takes for one: number, list, function of the index, random."""
    if isinstance(value, RandomDistribution):
        return np.atleast_1d(value.next(size))
    lazy = value if isinstance(value, LazyArray) else LazyArray(value, shape=(size,), dtype=float)
    lazy.shape = (size,)
    return np.array(np.broadcast_to(lazy.evaluate(simplify=False), (size,)), dtype=float)


def plain_values(population: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Parameters or initial values in PyNN's units, and spike times, in a form that PyNN takes."""
    known = getattr(population.celltype, "units", {})
    kinds = population.celltype.get_schema()
    lists = {name for name, kind in kinds.items() if issubclass(kind, ArrayParameter)}
    others = {name: value for name, value in values.items() if name not in lists}
    as_given = {name: values[name] for name in values.keys() & lists}
    trains = {_TIMES: parameter_of(values[_TIMES])} if _TIMES in values else {}
    return plain(others, known, f"population {population.label!r}") | as_given | trains


def refuse_unknown(population: Any, variables: Iterable[str]) -> None:
    """Refuse initial values of what is no state variable of a cell type."""
    known = getattr(population.celltype, "default_initial_values", {})
    for name in variables:
        if name not in known:
            where = f"initial value of {name} in population {population.label!r}"
            raise Unsupported(where, "there is no such state variable", given=name, among=known)


class DrawnOnce(Sampled, WithUnits):
    """Mixin of populations: what is random becomes the numbers that it draws.

    Spike sources play trains that are known as numbers, whether a script gives or draws them.

    Attributes
    ----------
    trains
        What the sources play; None for neurons.
    generators
        What draws Poisson trains in the simulator in place of the sources, if anything does.
    """

    size: int
    celltype: Any
    _structure: Any
    _registry: Registry
    _simulator: Any
    trains: GivenTrains | DrawnTrains | _InTurn | None = None
    generators: Any = None
    # Makes the cells of spike sources, which play `spike_trains`.
    _create_sources: Callable[[], None]

    def __init__(self, size: Any, *arguments: Any, **options: Any) -> None:
        if np.any(np.asarray(size) < 1):
            raise InvalidValue("a population", f"{size} cells", allowed="1 and above")
        super().__init__(size, *arguments, **options)  # type: ignore[call-arg]

    def initialize(self, **initial_values: Any) -> None:
        refuse_unknown(self, initial_values)
        seed_all(initial_values, self._registry)
        initial_values = plain_values(self, initial_values)
        drawn = {
            name: as_array(value, self.size) if isinstance(value, RandomDistribution) else value
            for name, value in initial_values.items()
        }
        super().initialize(**drawn)  # type: ignore[misc]

    def _set_cell_initial_value(self, id: Any, variable: str, value: float) -> None:
        # PyNN's notes the value, and tells no simulator.
        id.as_view().initialize(**{variable: value})

    @property
    def structure(self) -> Any:
        """How the cells lie in space: a structure of ``pyNN.space``."""
        return self._structure

    @structure.setter
    def structure(self, structure: Any) -> None:
        if structure is not self._structure:
            # PyNN compares structures of unlike kinds, and fails.
            self._structure = structure
            self._positions = None

    @property
    def positions(self) -> np.ndarray:
        """Positions of the cells in space (um), shape (3, n)."""
        # A script may have given another structure since.
        seed_structure(self._structure, self._registry)
        return self._get_positions()  # type: ignore[attr-defined]

    @positions.setter
    def positions(self, values: Any) -> None:
        self._set_positions(np.asarray(values))  # type: ignore[attr-defined]

    @property
    def drawn_trains(self) -> DrawnTrains | _InTurn | None:
        """The trains, if they are drawn."""
        return None if isinstance(self.trains, GivenTrains) else self.trains

    @property
    def latest_trains(self) -> GivenTrains | DrawnTrains | None:
        """The trains by the parameters that were set last."""
        return self.trains.after if isinstance(self.trains, _InTurn) else self.trains

    def _create_cells(self) -> None:
        celltype = self.celltype
        space: Any = getattr(celltype, "parameter_space", {})
        seed_all(dict(space.items()), self._registry)
        for name, value in plain_values(self, dict(space.items())).items():
            if value is not space[name] and name != _TIMES:
                space._parameters[name] = value
        seed_structure(self._structure, self._registry)
        is_source = isinstance(celltype, (cells.SpikeSourceArray, *_DRAWN))
        if not is_source or not isinstance(celltype, StandardCellType):
            super()._create_cells()  # type: ignore[misc]
            return
        self.celltype = copy(celltype)
        space = celltype.parameter_space
        self._values = {name: self._evaluated(name, space[name]) for name in space.keys()}  # noqa: SIM118
        self._take_trains(self._made_trains())
        self._create_sources()

    def _evaluated(self, name: str, value: LazyArray) -> np.ndarray:
        """Values of a parameter: this population's, whoever else has the cell type."""
        if name == _TIMES and not value.operations:
            return as_parameter(given_trains(value.base_value, self.size))
        drawn = copy(value)
        drawn.shape = (self.size,)
        evaluated = drawn.evaluate(simplify=False)
        if drawn.dtype is Sequence:
            return as_parameter([one.value for one in np.ravel(evaluated)])
        return np.array(np.broadcast_to(evaluated, (self.size,)), dtype=float)

    def _made_trains(self, after_step: int = 0) -> GivenTrains | DrawnTrains:
        """Trains by the parameters as they are now."""
        registry = self._registry
        if _TIMES in self._values:
            times = [train.value for train in self._values[_TIMES]]
            given = GivenTrains(times, registry.timestep, registry.between_steps)
            # As they are played, for whoever asks.
            self._values[_TIMES] = as_parameter(given.times)
            return given
        draws = next(draws for kind, draws in _DRAWN.items() if isinstance(self.celltype, kind))
        return draws(dict(self._values), registry.timestep, registry.next_seeds(), after_step)

    def _take_trains(self, trains: Any) -> None:
        self.trains = trains
        space = self.celltype.parameter_space
        lazy = {
            name: LazyArray(value, shape=(self.size,), dtype=space[name].dtype)
            for name, value in self._values.items()
        }
        self.celltype.parameter_space = ParameterSpace(
            lazy, space.schema, (self.size,), space.component
        )

    def begin_again(self) -> None:
        """Go back to time 0: drawn trains are those of the last parameters from the start on."""
        if isinstance(self.trains, _InTurn):
            self.trains = self.trains.from_the_start()

    def set(self, **parameters: Any) -> None:
        seed_all(parameters, self._registry)
        super().set(**plain_values(self, parameters))  # type: ignore[misc]

    def _get_parameters(self, *names: str) -> Any:
        if self.trains is None:
            return super()._get_parameters(*names)  # type: ignore[misc]
        return of_sources(self, names, np.arange(self.size))

    def _set_parameters(self, parameter_space: Any) -> None:
        if self.trains is None:
            super()._set_parameters(parameter_space)  # type: ignore[misc]
            return
        changed = {name: self._evaluated(name, value) for name, value in parameter_space.items()}
        self._change_sources(changed)

    def _change_sources(self, changed: dict[str, np.ndarray]) -> None:
        """Take new parameters of sources, which count from the present step on."""
        before, self._values = self._values, self._values | changed
        present = round(self._simulator.state.t / self._registry.timestep)
        try:
            trains: Any = self._made_trains(present)
        except CounterpointError:
            self._values = before
            raise
        if present and not isinstance(trains, GivenTrains):
            trains = _InTurn(self.trains, present, trains)
        self._take_trains(trains)


class _InTurn:
    """Drawn trains up to a step, and others after it.

    Of trains that were set before others are set, nothing is asked any more: they are forgotten,
    so that a change costs the same however many there were.
    """

    def __init__(self, before: Any, step: int, after: DrawnTrains) -> None:
        self._step, self.after = step, after
        self._before = before
        if isinstance(before, _InTurn) and before._step < step:
            self._before = before.after
        self.size, self.per_step = after.size, after.per_step
        self.first_step = before.first_step
        self.origin = f"{sha256(before.origin.encode()).hexdigest()} {after.origin}"

    def between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes after step `first`, up to step `last`: steps and sources, in any order."""
        if first >= self._step:
            return self.after.between(first, last)
        if last <= self._step:
            return self._before.between(first, last)
        parts = self._before.between(first, self._step), self.after.between(self._step, last)
        steps, sources = zip(*parts, strict=True)
        return np.concatenate(steps), np.concatenate(sources)

    def from_the_start(self) -> DrawnTrains:
        """The later ones, as if there had been no others."""
        return self.after.from_the_start()


def of_sources(population: Any, names: Iterable[str], rows: np.ndarray) -> ParameterSpace:
    """Parameters of some of a population's sources."""
    known = population._values
    for name in names:
        if name not in known:
            raise NonExistentParameterError(name, type(population.celltype).__name__, list(known))
    values = {
        name: known[name][rows] if known[name].dtype == object else simplify(known[name][rows])
        for name in names
    }
    return ParameterSpace(values, shape=rows.shape)
