"""Initial values and Poisson trains that are drawn once, for populations and their views.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a random initial value that PyNN draws again whenever it
is read, so that the first recorded sample differs from the state that was simulated (row "random
initial v"); initial values of a view, which are not implemented (row "v of a view", both backends).
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

import numpy as np
from pyNN.parameters import LazyArray, ParameterSpace, simplify
from pyNN.random import RandomDistribution

from pipelines.errors import Unsupported

from .drawn import PoissonTrains, SpikeSourcePoisson

_RATES = ("rate", "start", "duration")


def as_array(value: Any, size: int) -> np.ndarray:
    """Values of whatever PyNN takes for one: number, list, function of the index, random."""
    if isinstance(value, RandomDistribution):
        return np.atleast_1d(value.next(size))
    lazy = value if isinstance(value, LazyArray) else LazyArray(value, shape=(size,), dtype=float)
    lazy.shape = (size,)
    return np.array(np.broadcast_to(lazy.evaluate(simplify=False), (size,)), dtype=float)


def _refuse_unknown(population: Any, variables: Iterable[str]) -> None:
    """Refuse initial values of what is no state variable of a cell type."""
    known = getattr(population.celltype, "default_initial_values", {})
    for name in variables:
        if name not in known:
            where = f"initial value of {name} in population {population.label!r}"
            raise Unsupported(where, "there is no such state variable", given=name, among=known)


class DrawnOnce:
    """Mixin of populations: what is random becomes the numbers that it draws.

    Poisson sources are played as arrays of drawn spike times.
    """

    size: int
    celltype: Any
    _registry: Any
    _simulator: Any
    _array_celltype: Any
    drawn_trains: PoissonTrains | None = None

    def initialize(self, **initial_values: Any) -> None:
        _refuse_unknown(self, initial_values)
        drawn = {
            name: as_array(value, self.size) if isinstance(value, RandomDistribution) else value
            for name, value in initial_values.items()
        }
        super().initialize(**drawn)  # type: ignore[misc]

    def _create_cells(self) -> None:
        poisson = self.celltype
        if not isinstance(poisson, SpikeSourcePoisson):
            trains = poisson.parameter_space
            # A function, which may draw the trains.
            if "spike_times" in trains.keys() and callable(trains["spike_times"].base_value):  # noqa: SIM118
                self._evaluate_once(["spike_times"])
            super()._create_cells()  # type: ignore[misc]
            return
        self.celltype = self._array_celltype(spike_times=[])
        super()._create_cells()  # type: ignore[misc]
        self.celltype = poisson
        self._draw_trains()

    def _evaluate_once(self, names: Iterable[str]) -> None:
        """Replace parameters by their values: this population's, whoever else has the cell type."""
        self.celltype = copy(self.celltype)
        space = self.celltype.parameter_space
        values = dict(space.items())
        for name in names:
            drawn = copy(space[name])
            drawn.shape = (self.size,)
            evaluated = drawn.evaluate(simplify=False)
            values[name] = LazyArray(evaluated, shape=(self.size,), dtype=drawn.dtype)
        self.celltype.parameter_space = ParameterSpace(
            values, space.schema, (self.size,), space.component
        )

    def _draw_trains(self) -> None:
        self._evaluate_once(_RATES)
        space, registry = self.celltype.parameter_space, self._registry
        rate, start, duration = (as_array(space[name], self.size) for name in _RATES)
        first = registry.min_delay_steps + 1
        self.drawn_trains = PoissonTrains(
            rate, start, duration, registry.timestep, first, registry.next_seeds()
        )

    def draw_until(self, time_ms: float) -> None:
        """Have trains ready that reach beyond `time_ms`, for sources that are drawn."""
        if self.drawn_trains is None:
            return
        ahead = 2 * (self._registry.slice_steps or 1) + 2
        self.drawn_trains.draw_until(round(time_ms / self._registry.timestep) + ahead)
        self._play(self.drawn_trains.steps)

    def _play(self, steps: list[np.ndarray]) -> None:
        """Hand the simulator each source's spikes, as steps."""
        raise NotImplementedError

    def _get_parameters(self, *names: str) -> Any:
        if self.drawn_trains is None:
            return super()._get_parameters(*names)  # type: ignore[misc]
        return _rates(self, names, np.arange(self.size))

    def _set_parameters(self, parameter_space: Any) -> None:
        if self.drawn_trains is None:
            super()._set_parameters(parameter_space)  # type: ignore[misc]
            return
        if self._simulator.state.t > 0:
            raise Unsupported(
                "SpikeSourcePoisson.set()",
                "the simulation has begun, and its trains are drawn",
                allowed="rates before the first run; or SpikeSourceArray",
            )
        for name, value in parameter_space.items():
            self.celltype.parameter_space[name] = value
        self._draw_trains()


class PartOfDrawn:
    """Mixin of views: initial values, and rates of drawn sources, are rows of the population's."""

    size: int
    grandparent: Any
    _simulator: Any

    def initialize(self, **initial_values: Any) -> None:
        if self._simulator.state.t > 0:
            raise Unsupported(
                "initialize() on a view",
                "the simulation has begun",
                allowed="initial values before the first run",
            )
        _refuse_unknown(self, initial_values)
        for name, value in initial_values.items():
            whole = as_array(self.grandparent.initial_values[name], self.grandparent.size)
            whole[self._rows()] = as_array(value, self.size)
            self.grandparent.initialize(**{name: whole})

    @property
    def initial_values(self) -> dict[str, np.ndarray]:
        """Initial values of the view's neurons, an array a state variable."""
        whole = self.grandparent
        return {
            name: as_array(value, whole.size)[self._rows()]
            for name, value in whole.initial_values.items()
        }

    def _rows(self) -> np.ndarray:
        """Indices of the view's neurons within the whole population."""
        return np.asarray(self.index_in_grandparent(np.arange(self.size)))  # type: ignore[attr-defined]

    def _get_parameters(self, *names: str) -> Any:
        if self.grandparent.drawn_trains is None:
            return super()._get_parameters(*names)  # type: ignore[misc]
        return _rates(self.grandparent, names, self._rows())

    def _set_parameters(self, parameter_space: Any) -> None:
        whole = self.grandparent
        if whole.drawn_trains is None:
            super()._set_parameters(parameter_space)  # type: ignore[misc]
            return
        parameter_space.evaluate(simplify=False)
        changed = {}
        for name, value in parameter_space.items():
            changed[name] = as_array(whole.celltype.parameter_space[name], whole.size)
            changed[name][self._rows()] = value
        whole._set_parameters(ParameterSpace(changed, shape=(whole.size,)))


def _rates(population: Any, names: Iterable[str], rows: np.ndarray) -> ParameterSpace:
    """Parameters of some of a population's Poisson sources."""
    space = population.celltype.parameter_space
    values = {name: simplify(as_array(space[name], population.size)[rows]) for name in names}
    return ParameterSpace(values, shape=rows.shape)
