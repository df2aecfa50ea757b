"""Populations whose parameters, initial values and spike trains are numbers, drawn once.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN draws a random initial value again whenever it is
read, so that the first recorded sample differs from the simulated state (row "random initial v");
a structure in space cannot be replaced by one of another kind; an empty population is accepted.
See `population_views` for parts of a population.
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

from .assemblies import UnitsMixin
from .default_random import SampleMixin, seed_distributions, seed_structure
from .frozen_inputs import DrawnTrains, PoissonTrains
from .invalid_value import InvalidValue
from .network_registry import Registry
from .parameter_values import normalised
from .renewal_sources import GammaTrains, InhGammaTrains, RefractoryTrains
from .spike_trains import GivenTrains, as_sequences, given_trains, spike_times_parameter

# Class of trains of each of PyNN's cell types.
_TRAIN_CLASSES: dict[type, type[DrawnTrains]] = {
    cells.SpikeSourcePoisson: PoissonTrains,
    cells.SpikeSourcePoissonRefractory: RefractoryTrains,
    cells.SpikeSourceGamma: GammaTrains,
    cells.SpikeSourceInhGamma: InhGammaTrains,
}
_SPIKE_TIMES = "spike_times"


def as_array(value: Any, size: int) -> np.ndarray:
    """Values of shape (size,) from a number, list, function of the index or distribution."""
    if isinstance(value, RandomDistribution):
        return np.atleast_1d(value.next(size))
    lazy = value if isinstance(value, LazyArray) else LazyArray(value, shape=(size,), dtype=float)
    lazy.shape = (size,)
    return np.array(np.broadcast_to(lazy.evaluate(simplify=False), (size,)), dtype=float)


def normalised_values(population: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Parameters, initial values and spike times in PyNN's units, in forms that PyNN accepts."""
    known = getattr(population.celltype, "units", {})
    kinds = population.celltype.get_schema()
    lists = {name for name, kind in kinds.items() if issubclass(kind, ArrayParameter)}
    others = {name: value for name, value in values.items() if name not in lists}
    unchanged = {name: values[name] for name in values.keys() & lists}
    trains = (
        {_SPIKE_TIMES: spike_times_parameter(values[_SPIKE_TIMES])}
        if _SPIKE_TIMES in values
        else {}
    )
    return normalised(others, known, f"population {population.label!r}") | unchanged | trains


def refuse_unknown(population: Any, variables: Iterable[str]) -> None:
    """Refuse initial values of names that are not state variables of the cell type."""
    known = getattr(population.celltype, "default_initial_values", {})
    for name in variables:
        if name not in known:
            where = f"initial value of {name} in population {population.label!r}"
            raise Unsupported(where, "there is no such state variable", given=name, among=known)


class SharedPopulation(SampleMixin, UnitsMixin):
    """Mixin of populations: random values are drawn once, and kept as numbers.

    The trains of spike sources, given or drawn, are known as spike times.

    Attributes
    ----------
    trains
        Trains of the spike sources; None for neurons.
    generators
        The simulator's own generators, if they draw the Poisson trains instead of `trains`.
    """

    size: int
    celltype: Any
    _structure: Any
    _registry: Registry
    _simulator: Any
    trains: GivenTrains | DrawnTrains | _ConsecutiveTrains | None = None
    generators: Any = None
    # Creates the cells of spike sources, which emit the spikes of `trains`.
    _create_sources: Callable[[], None]

    def __init__(self, size: Any, *arguments: Any, **options: Any) -> None:
        if np.any(np.asarray(size) < 1):
            raise InvalidValue("a population", f"{size} cells", allowed="1 and above")
        super().__init__(size, *arguments, **options)  # type: ignore[call-arg]

    def initialize(self, **initial_values: Any) -> None:
        refuse_unknown(self, initial_values)
        seed_distributions(initial_values, self._registry)
        initial_values = normalised_values(self, initial_values)
        drawn = {
            name: as_array(value, self.size) if isinstance(value, RandomDistribution) else value
            for name, value in initial_values.items()
        }
        super().initialize(**drawn)  # type: ignore[misc]

    def _set_cell_initial_value(self, id: Any, variable: str, value: float) -> None:
        # PyNN's method keeps the value without setting it in the simulator.
        id.as_view().initialize(**{variable: value})

    @property
    def structure(self) -> Any:
        """Arrangement of the cells in space: a structure of ``pyNN.space``."""
        return self._structure

    @structure.setter
    def structure(self, structure: Any) -> None:
        if structure is not self._structure:
            # PyNN compares the structures, which fails for those of different kinds.
            self._structure = structure
            self._positions = None

    @property
    def positions(self) -> np.ndarray:
        """Positions of the cells in space (um), shape (3, n)."""
        # The script may have replaced the structure.
        seed_structure(self._structure, self._registry)
        return self._get_positions()  # type: ignore[attr-defined]

    @positions.setter
    def positions(self, values: Any) -> None:
        self._set_positions(np.asarray(values))  # type: ignore[attr-defined]

    @property
    def drawn_trains(self) -> DrawnTrains | _ConsecutiveTrains | None:
        """The trains if they are drawn, else None."""
        return None if isinstance(self.trains, GivenTrains) else self.trains

    @property
    def latest_trains(self) -> GivenTrains | DrawnTrains | None:
        """The trains of the parameters that were set last."""
        return self.trains.after if isinstance(self.trains, _ConsecutiveTrains) else self.trains

    def _create_cells(self) -> None:
        celltype = self.celltype
        space: Any = getattr(celltype, "parameter_space", {})
        seed_distributions(dict(space.items()), self._registry)
        for name, value in normalised_values(self, dict(space.items())).items():
            if value is not space[name] and name != _SPIKE_TIMES:
                space._parameters[name] = value
        seed_structure(self._structure, self._registry)
        is_source = isinstance(celltype, (cells.SpikeSourceArray, *_TRAIN_CLASSES))
        if not is_source or not isinstance(celltype, StandardCellType):
            super()._create_cells()  # type: ignore[misc]
            return
        self.celltype = copy(celltype)
        space = celltype.parameter_space
        self._source_parameters = {
            name: self._evaluate_parameter(name, value) for name, value in space.items()
        }
        self._set_trains(self._make_trains())
        self._create_sources()

    def _evaluate_parameter(self, name: str, value: LazyArray) -> np.ndarray:
        """Values of a parameter in this population; the cell type may be shared with others."""
        if name == _SPIKE_TIMES and not value.operations:
            return as_sequences(given_trains(value.base_value, self.size))
        drawn = copy(value)
        drawn.shape = (self.size,)
        evaluated = drawn.evaluate(simplify=False)
        if drawn.dtype is Sequence:
            return as_sequences([one.value for one in np.ravel(evaluated)])
        return np.array(np.broadcast_to(evaluated, (self.size,)), dtype=float)

    def _make_trains(self, after_step: int = 0) -> GivenTrains | DrawnTrains:
        """New trains of the present parameters, which begin after a step."""
        registry = self._registry
        if _SPIKE_TIMES in self._source_parameters:
            times = [train.value for train in self._source_parameters[_SPIKE_TIMES]]
            given = GivenTrains(times, registry.timestep, registry.off_grid)
            # Reading `spike_times` gives the rounded times.
            self._source_parameters[_SPIKE_TIMES] = as_sequences(given.times)
            return given
        draws = next(
            draws for kind, draws in _TRAIN_CLASSES.items() if isinstance(self.celltype, kind)
        )
        return draws(
            dict(self._source_parameters), registry.timestep, registry.next_seeds(), after_step
        )

    def _set_trains(self, trains: Any) -> None:
        """Set the trains, and the parameters that `get` reads."""
        self.trains = trains
        space = self.celltype.parameter_space
        lazy = {
            name: LazyArray(value, shape=(self.size,), dtype=space[name].dtype)
            for name, value in self._source_parameters.items()
        }
        self.celltype.parameter_space = ParameterSpace(
            lazy, space.schema, (self.size,), space.component
        )

    def reset_trains(self) -> None:
        """Go back to time 0: drawn trains have the last parameters from the start on."""
        if isinstance(self.trains, _ConsecutiveTrains):
            self.trains = self.trains.restarted()

    def set(self, **parameters: Any) -> None:
        seed_distributions(parameters, self._registry)
        super().set(**normalised_values(self, parameters))  # type: ignore[misc]

    def _get_parameters(self, *names: str) -> Any:
        if self.trains is None:
            return super()._get_parameters(*names)  # type: ignore[misc]
        return source_parameters(self, names, np.arange(self.size))

    def _set_parameters(self, parameter_space: Any) -> None:
        if self.trains is None:
            super()._set_parameters(parameter_space)  # type: ignore[misc]
            return
        changed = {
            name: self._evaluate_parameter(name, value) for name, value in parameter_space.items()
        }
        self._set_source_parameters(changed)

    def _set_source_parameters(self, changed: dict[str, np.ndarray]) -> None:
        """Set parameters of spike sources from the present step on."""
        before, self._source_parameters = self._source_parameters, self._source_parameters | changed
        present = round(self._simulator.state.t / self._registry.timestep)
        try:
            trains: Any = self._make_trains(present)
        except CounterpointError:
            self._source_parameters = before
            raise
        if present and not isinstance(trains, GivenTrains):
            trains = _ConsecutiveTrains(self.trains, present, trains)
        self._set_trains(trains)


class _ConsecutiveTrains:
    """Drawn trains of two sets of parameters: `before` up to a step, `after` from then on.

    Only the last two sets are kept, so that the cost does not grow with the number of changes.
    """

    def __init__(self, before: Any, step: int, after: DrawnTrains) -> None:
        self._step, self.after = step, after
        self._before = before
        if isinstance(before, _ConsecutiveTrains) and before._step < step:
            self._before = before.after
        self.size, self.spikes_per_step = after.size, after.spikes_per_step
        self.first_step = before.first_step
        self.specification = (
            f"{sha256(before.specification.encode()).hexdigest()} {after.specification}"
        )

    def spikes_between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes after step `first`, up to step `last`: steps and sources, in any order."""
        if first >= self._step:
            return self.after.spikes_between(first, last)
        if last <= self._step:
            return self._before.spikes_between(first, last)
        parts = (
            self._before.spikes_between(first, self._step),
            self.after.spikes_between(self._step, last),
        )
        steps, sources = zip(*parts, strict=True)
        return np.concatenate(steps), np.concatenate(sources)

    def restarted(self) -> DrawnTrains:
        """The trains of the later parameters, from step 0 on."""
        return self.after.restarted()


def source_parameters(population: Any, names: Iterable[str], rows: np.ndarray) -> ParameterSpace:
    """Parameters of the spike sources of a population in the given rows."""
    known = population._source_parameters
    for name in names:
        if name not in known:
            raise NonExistentParameterError(name, type(population.celltype).__name__, list(known))
    values = {
        name: known[name][rows] if known[name].dtype == object else simplify(known[name][rows])
        for name in names
    }
    return ParameterSpace(values, shape=rows.shape)
