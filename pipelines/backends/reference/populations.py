"""Populations, views and assemblies: parameters and states are arrays, one value a neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common
from pyNN.parameters import ParameterSpace, simplify

from pipelines.errors import Unsupported

from ..shared.drawn import PartOfDrawnTrains, PlaysDrawnTrains
from ..shared.populations import DrawnOnce, PartOfInitialValues, as_array
from . import simulator
from .cells import Sources, SpikeSourceArray
from .recording import Recorder
from .simulator import ID, registry, state


class Assembly(common.Assembly):
    __doc__ = common.Assembly.__doc__
    _simulator = simulator


class PopulationView(PartOfInitialValues, PartOfDrawnTrains, common.PopulationView):
    __doc__ = common.PopulationView.__doc__
    _simulator = simulator
    _assembly_class = Assembly

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        if self.grandparent.drawn_trains is not None:
            return super()._get_parameters(*names)
        return self.grandparent.part_of_parameters(names, self._rows())

    _get_native_parameters = _get_parameters

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        if self.grandparent.drawn_trains is not None:
            super()._set_parameters(parameter_space)
        else:
            self.grandparent.set_part(parameter_space, self._rows())


class _Cells(common.Population):
    """A population whose cells are made, whatever their type."""

    _simulator = simulator
    drawn_trains: Any

    def _create_cells(self) -> None:
        model = getattr(self.celltype, "model", None)
        if model is None and not isinstance(self.celltype, SpikeSourceArray):
            raise Unsupported(
                f"population {self.label!r}",
                f"the cell type {type(self.celltype).__name__}",
                allowed="a cell type of this backend",
            )
        first = state.id_counter
        state.id_counter += self.size
        self.all_cells = np.empty(self.size, dtype=object)
        self.all_cells[:] = [ID(first + k) for k in range(self.size)]
        self._mask_local = np.ones(self.size, dtype=bool)
        for cell in self.all_cells:
            cell.parent = self
        space = self.celltype.native_parameters
        space.shape = (self.size,)
        space.evaluate(simplify=False)
        values = {name: np.array(value) for name, value in space.items()}
        self.slice = slice(first, first + self.size)
        self.neurons: Any = (model or Sources)(values, self.size, state.dt)
        state.populations.append(self)

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        if not isinstance(self.neurons, Sources):
            self.neurons.set(variable, as_array(value, self.size))

    def _get_parameters(self, *names: str) -> ParameterSpace:
        return self.part_of_parameters(names, slice(None))

    _get_native_parameters = _get_parameters

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        self.set_part(parameter_space, slice(None))

    def part_of_parameters(self, names: Any, rows: Any) -> ParameterSpace:
        """Parameters of some neurons."""
        parts = {name: self.neurons.parameters[name][rows] for name in names}
        size = len(np.arange(self.size)[rows])
        return ParameterSpace(
            {name: simplify(part) for name, part in parts.items()}, shape=(size,)
        )

    def set_part(self, parameter_space: ParameterSpace, rows: Any) -> None:
        """Set parameters of some neurons; they act from the present on."""
        parameter_space.evaluate(simplify=False)
        before = {name: value.copy() for name, value in self.neurons.parameters.items()}
        for name, value in parameter_space.items():
            self.neurons.parameters[name][rows] = value
        try:
            self.neurons.renew()
        except Exception:
            self.neurons.parameters.update(before)
            raise


class Population(PlaysDrawnTrains, DrawnOnce, _Cells):
    __doc__ = common.Population.__doc__
    _recorder_class = Recorder
    _assembly_class = Assembly
    _array_celltype = SpikeSourceArray
    _registry = registry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        registry.populations.append(self)

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _play(self, steps: list[np.ndarray]) -> None:
        self.neurons.play(steps)

    def advance(self, step: int, current: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        """Move on to a step; the neurons that spike, as numbers within the network."""
        if isinstance(self.neurons, Sources):
            fired = self.neurons.step_at(step)
        else:
            fired = self.neurons.step(current[self.slice], arriving[:, self.slice])
        self.recorder.note_spikes(step, fired)
        return fired + self.slice.start

    def receive(self, arriving: np.ndarray) -> None:
        """Take weights that arrive after the neurons have moved on."""
        if not isinstance(self.neurons, Sources):
            self.neurons.receive(arriving[:, self.slice], self.neurons.held == 0)

    def restart(self) -> None:
        """Go back to the initial values."""
        names = self.initial_values
        self.neurons.restart({name: as_array(names[name], self.size) for name in names})
