"""Populations, views and assemblies, with parameters and states as arrays over neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common
from pyNN.errors import NonExistentParameterError
from pyNN.parameters import ParameterSpace, simplify

from pipelines.errors import Unsupported

from ..shared.assemblies import SharedAssembly
from ..shared.initial_values import SharedPopulation, as_array
from ..shared.population_views import SharedPopulationView
from ..shared.value_checks import refuse_invalid_parameters
from . import simulator
from .cell_types import SpikeSources
from .recording import Recorder
from .simulator import ID, registry, state


class Assembly(SharedAssembly, common.Assembly):
    __doc__ = common.Assembly.__doc__
    _simulator = simulator
    _registry = registry


class _ArrayParameters:
    """Mixin of populations and views: parameters as rows of the arrays of `root_population`."""

    _simulator = simulator
    _assembly_class = Assembly
    root_population: Any
    _rows: Any

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        parameters, celltype = (
            self.root_population.neurons.parameters,
            self.root_population.celltype,
        )
        for name in names:
            known = celltype.get_parameter_names()
            if name not in known:
                raise NonExistentParameterError(name, type(celltype).__name__, known)
        # Copies: values that were read do not change later.
        parts = {name: parameters[name][self._rows()].copy() for name in names}
        return ParameterSpace(
            {name: simplify(part) for name, part in parts.items()},
            shape=(self.size,),  # type: ignore[attr-defined]
        )

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        parameter_space.evaluate(simplify=False)
        neurons = self.root_population.neurons
        before = {name: value.copy() for name, value in neurons.parameters.items()}
        for name, value in parameter_space.items():
            neurons.parameters[name][self._rows()] = value
        try:
            refuse_invalid_parameters(self.root_population.celltype, neurons.parameters)
            neurons.update_constants()
        except Exception:
            neurons.parameters.update(before)
            raise


class PopulationView(SharedPopulationView, _ArrayParameters, common.PopulationView):
    __doc__ = common.PopulationView.__doc__
    root_population = common.PopulationView.grandparent


class _Cells(_ArrayParameters, common.Population):
    """Population without `SharedPopulation`: creates cells and spike sources."""

    @property
    def root_population(self) -> Any:
        return self

    def _rows(self) -> slice:
        return slice(None)

    def _create_cells(self) -> None:
        if not hasattr(self.celltype, "model"):
            what = f"the cell type {type(self.celltype).__name__}"
            raise Unsupported(f"population {self.label!r}", what, "those of this backend")
        space = self.celltype.native_parameters
        space.shape = (self.size,)
        space.evaluate(simplify=False)
        values = {name: np.array(value).reshape(self.size) for name, value in space.items()}
        refuse_invalid_parameters(self.celltype, values)
        self._register_cells(self.celltype.model(values, self.size, state.dt))

    def _create_sources(self) -> None:
        self._register_cells(SpikeSources())

    def _register_cells(self, neurons: Any) -> None:
        """Assign ids to the cells, and add the population to the network."""
        first = state.id_counter
        state.id_counter += self.size
        self.all_cells = np.empty(self.size, dtype=object)
        self.all_cells[:] = [ID(first + k) for k in range(self.size)]
        self._mask_local = np.ones(self.size, dtype=bool)
        for cell in self.all_cells:
            cell.parent = self
        self.id_range = slice(first, first + self.size)
        self.neurons: Any = neurons
        state.populations.append(self)

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        self.neurons.set(variable, as_array(value, self.size))

    def _set_state(self, variable: str, rows: np.ndarray, values: np.ndarray) -> None:
        self.neurons.get(variable)[rows] = values


class Population(SharedPopulation, _Cells):
    __doc__ = common.Population.__doc__
    _recorder_class = Recorder
    _registry = registry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        registry.populations.append(self)

    def prepare(self, first: int, last: int) -> None:
        """Load the spikes of sources after step `first`, up to step `last`."""
        if self.trains is not None:
            self.neurons.load_spikes(self.trains, first, last)

    def advance(self, step: int, current: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        """Advance to a step, and return the ids of the neurons that spike."""
        fired = self.neurons.step(step, current[self.id_range], self._arriving_here(arriving))
        return self._record_spikes(step, fired)

    def fire(self, step: int) -> np.ndarray:
        """Sources that spike in a step, as ids."""
        return self._record_spikes(step, self.neurons.fire(step))

    def _record_spikes(self, step: int, fired: np.ndarray) -> np.ndarray:
        """Record spikes given as indices, and return them as ids."""
        self.recorder.add_spikes(step, fired)
        return fired + self.id_range.start

    def receive(self, arriving: np.ndarray) -> None:
        """Add weights that arrive after the neurons have advanced to this step."""
        self.neurons.receive(self._arriving_here(arriving), self.neurons.refractory_steps_left == 0)

    def _arriving_here(self, arriving: np.ndarray) -> np.ndarray:
        """Arriving weights of this population, shape (n_receptors, n)."""
        return arriving[: len(self.celltype.receptor_types), self.id_range]

    def restart(self) -> None:
        """Go back to time 0 and the initial values."""
        self.reset_trains()
        initial = {name: as_array(v, self.size) for name, v in self.initial_values.items()}
        self.neurons.restart(initial)
