"""Populations on Brian2.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): initial values of a view that are not
implemented (row "v of a view"); a refractory period that cannot differ between neurons, and
that a view sets on itself instead of on its neurons ("per-neuron tau_refrac").
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.brian2 as stock
from pyNN.parameters import ParameterSpace

from ..shared.drawn import PartOfDrawnTrains, PlaysDrawnTrains
from ..shared.populations import DrawnOnce, PartOfInitialValues
from .cells import SpikeSourceArray
from .control import registry
from .recording import Recorder


class Assembly(stock.Assembly):
    __doc__ = stock.Assembly.__doc__


class RowsOfParameters:
    """Mixin of views: their parameters are rows of the whole population's."""

    size: int
    grandparent: Any

    @property
    def brian2_group(self) -> Any:
        return self.grandparent.brian2_group

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        whole = self.grandparent._get_native_parameters(*names)
        whole.evaluate(simplify=False)
        rows = self._rows()  # type: ignore[attr-defined]
        parameters = {name: np.asarray(value)[rows] for name, value in whole.items()}
        return ParameterSpace(parameters, shape=(self.size,))

    def _set_parameters(self, parameter_space: Any) -> None:
        parameter_space.evaluate(simplify=False)
        rows = self._rows()  # type: ignore[attr-defined]
        for name, value in parameter_space.items():
            if name == "spike_time_sequences":
                self.brian2_group._set_spike_time_sequences(value, rows)
            else:
                getattr(self.brian2_group, name)[rows] = value


class PopulationView(
    PartOfInitialValues, PartOfDrawnTrains, RowsOfParameters, stock.PopulationView
):
    __doc__ = stock.PopulationView.__doc__
    _assembly_class = Assembly

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)


class Population(PlaysDrawnTrains, DrawnOnce, stock.Population):
    __doc__ = stock.Population.__doc__
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
        self.brian2_group.play(steps)
