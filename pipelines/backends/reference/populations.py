"""Populations, views and assemblies: parameters and states are arrays, one value a neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common
from pyNN.errors import NonExistentParameterError
from pyNN.parameters import ParameterSpace, simplify

from pipelines.errors import Unsupported

from ..shared.assemblies import WholeAssembly
from ..shared.initial_values import DrawnOnce, as_array
from ..shared.population_views import PartOfDrawn
from ..shared.value_checks import refuse_impossible
from . import simulator
from .cell_types import Sources
from .recording import Recorder
from .simulator import ID, registry, state


class Assembly(WholeAssembly, common.Assembly):
    __doc__ = common.Assembly.__doc__
    _simulator = simulator
    _registry = registry


class _Members:
    """What populations and views have in common: some rows of the arrays of `whole`."""

    _simulator = simulator
    _assembly_class = Assembly
    whole: Any
    _rows: Any

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        parameters, celltype = self.whole.neurons.parameters, self.whole.celltype
        for name in names:
            known = celltype.get_parameter_names()
            if name not in known:
                raise NonExistentParameterError(name, type(celltype).__name__, known)
        # What is set later does not change what was read.
        parts = {name: parameters[name][self._rows()].copy() for name in names}
        return ParameterSpace(
            {name: simplify(part) for name, part in parts.items()},
            shape=(self.size,),  # type: ignore[attr-defined]
        )

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        parameter_space.evaluate(simplify=False)
        neurons = self.whole.neurons
        before = {name: value.copy() for name, value in neurons.parameters.items()}
        for name, value in parameter_space.items():
            neurons.parameters[name][self._rows()] = value
        try:
            refuse_impossible(self.whole.celltype, neurons.parameters)
            neurons.renew()
        except Exception:
            neurons.parameters.update(before)
            raise


class PopulationView(PartOfDrawn, _Members, common.PopulationView):
    __doc__ = common.PopulationView.__doc__
    whole = common.PopulationView.grandparent


class _Cells(_Members, common.Population):
    """A population whose cells are made, whatever their type."""

    @property
    def whole(self) -> Any:
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
        refuse_impossible(self.celltype, values)
        self._place(self.celltype.model(values, self.size, state.dt))

    def _create_sources(self) -> None:
        self._place(Sources())

    def _place(self, neurons: Any) -> None:
        """Give the cells their numbers within the network."""
        first = state.id_counter
        state.id_counter += self.size
        self.all_cells = np.empty(self.size, dtype=object)
        self.all_cells[:] = [ID(first + k) for k in range(self.size)]
        self._mask_local = np.ones(self.size, dtype=bool)
        for cell in self.all_cells:
            cell.parent = self
        self.place = slice(first, first + self.size)
        self.neurons: Any = neurons
        state.populations.append(self)

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        self.neurons.set(variable, as_array(value, self.size))

    def _set_state(self, variable: str, rows: np.ndarray, values: np.ndarray) -> None:
        self.neurons.get(variable)[rows] = values


class Population(DrawnOnce, _Cells):
    __doc__ = common.Population.__doc__
    _recorder_class = Recorder
    _registry = registry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        registry.populations.append(self)

    def prepare(self, first: int, last: int) -> None:
        """Be ready for the steps after `first`, up to `last`."""
        if self.trains is not None:
            self.neurons.play(self.trains, first, last)

    def advance(self, step: int, current: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        """Move on to a step; the neurons that spike, as numbers within the network."""
        fired = self.neurons.step(step, current[self.place], self._for_these(arriving))
        return self._noted(step, fired)

    def fire(self, step: int) -> np.ndarray:
        """Sources that spike in a step, as numbers within the network."""
        return self._noted(step, self.neurons.fire(step))

    def _noted(self, step: int, fired: np.ndarray) -> np.ndarray:
        self.recorder.note_spikes(step, fired)
        return fired + self.place.start

    def receive(self, arriving: np.ndarray) -> None:
        """Take weights that arrive after the neurons have moved on."""
        self.neurons.receive(self._for_these(arriving), self.neurons.held == 0)

    def _for_these(self, arriving: np.ndarray) -> np.ndarray:
        """Of weights that arrive, those at these neurons, shape (n_receptors, n)."""
        return arriving[: len(self.celltype.receptor_types), self.place]

    def restart(self) -> None:
        """Go back to the initial values."""
        self.begin_again()
        initial = {name: as_array(v, self.size) for name, v in self.initial_values.items()}
        self.neurons.restart(initial)
