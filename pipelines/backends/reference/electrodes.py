"""Injected currents (nA), constant during each time step.

Step k, counted from 0, leads from k dt to (k + 1) dt, with the current of the time k dt. Times off
the grid are rounded to the nearest step. A cell into which a source is injected twice receives
twice its current.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from pyNN.parameters import ParameterSpace, Sequence
from pyNN.standardmodels import StandardCurrentSource, electrodes

from ..shared.electrodes import FrozenNoise
from ..shared.invalid_value import InvalidValue
from ..shared.parameter_values import CURRENT_SOURCE_UNITS, normalised
from ..shared.synapse_types import same_names
from ..shared.time_grid import round_to_steps, to_ms
from . import simulator
from .simulator import registry, state


class CurrentSource(StandardCurrentSource):
    """Base of current sources; `neurons` are the cells, repeated for every injection."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**normalised(parameters, CURRENT_SOURCE_UNITS, type(self).__name__))
        self.neurons = np.empty(0, dtype=np.int64)
        self.values: dict[str, Any] = {}
        self.set_native_parameters(self.native_parameters)
        self._currents = [self.current_at(step) for step in range(state.step)]
        state.current_sources.append(self)

    def set_parameters(self, **parameters: Any) -> None:
        super().set_parameters(**normalised(parameters, CURRENT_SOURCE_UNITS, type(self).__name__))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        """Set parameters from the present step on."""
        parameters.shape = (1,)
        parameters.evaluate(simplify=True)
        lists = {k: v.value for k, v in parameters.items() if isinstance(v, Sequence)}
        self.values = self.values | dict(parameters.items()) | lists

    def get_native_parameters(self) -> ParameterSpace:
        wrapped = {k: Sequence(v) if np.ndim(v) else v for k, v in self.values.items()}
        return ParameterSpace(wrapped, shape=(1,))

    def inject_into(self, cells: Any) -> None:
        """Inject the current into each of the cells."""
        if not all(cell.celltype.injectable for cell in cells):
            raise TypeError("Can't inject current into a spike source.")
        self.neurons = np.append(self.neurons, [int(cell) for cell in cells]).astype(np.int64)

    def restart(self) -> None:
        """Go back to time 0."""
        self._currents = []

    def next_current(self, step: int) -> float:
        """Current (nA) during the next step, `step`, which is stored."""
        self._currents.append(self.current_at(step))
        return self._currents[-1]

    def current_at(self, step: int) -> float:
        """Current (nA) during a step."""
        on, off = (np.rint(self.values[name] / state.dt) for name in ("start", "stop"))
        return float(self.value_at(step * state.dt)) if on <= step < off else 0.0

    def value_at(self, time: float) -> float:
        """Current (nA) at a time (ms) within ``start <= t < stop``."""
        raise NotImplementedError

    def record(self) -> None:
        """Do nothing: the current of every step is stored."""

    def _get_data(self) -> tuple[np.ndarray, np.ndarray]:
        """Times (ms) and currents (nA) of all steps until now."""
        values = np.array([*self._currents, self.current_at(state.step)])
        return to_ms(np.arange(len(values)), state.dt), values


class DCSource(CurrentSource, electrodes.DCSource):
    """I(t) = amplitude for start <= t < stop."""

    translations = same_names(*electrodes.DCSource.default_parameters)

    def value_at(self, time: float) -> float:
        return float(self.values["amplitude"])


class ACSource(CurrentSource, electrodes.ACSource):
    """I(t) = offset + amplitude sin(2 pi frequency (t - start) + phase) for start <= t < stop.

    The frequency is in Hz, the phase in degrees.
    """

    translations = same_names(*electrodes.ACSource.default_parameters)

    def value_at(self, time: float) -> float:
        v = self.values
        turns = 1e-3 * v["frequency"] * (time - v["start"]) + v["phase"] / 360
        return float(v["offset"] + v["amplitude"] * np.sin(2 * np.pi * turns))


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):
    """I(t) = amplitudes[k] for times[k] <= t < times[k + 1]; 0 before times[0].

    The last of several amplitudes in one step is used. When times are set in mid-run, the present
    current holds until the first of them.
    """

    translations = same_names(*electrodes.StepCurrentSource.default_parameters)
    # Parameters to restore on a reset, if they differ from the present ones.
    values_after_reset: Mapping[str, np.ndarray] = MappingProxyType({})

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        begun = self.current_at(state.step) if state.step and self.neurons.size else 0.0
        super().set_native_parameters(parameters)
        times, number = self.values["times"], len(self.values["amplitudes"])
        if len(times) != number or np.any(times < 0) or np.any(np.diff(times) <= 0):
            allowed = f"{number} ascending times from 0 on, one an amplitude"
            raise InvalidValue("StepCurrentSource.times", str(times), allowed)
        self._present_amplitude = begun

    def restart(self) -> None:
        super().restart()
        self._present_amplitude = 0.0
        self.values = self.values | dict(self.values_after_reset)

    def current_at(self, step: int) -> float:
        begins = round_to_steps(self.values["times"], state.dt)
        at = np.searchsorted(begins, step, side="right")
        return float(self.values["amplitudes"][at - 1]) if at else self._present_amplitude


class NoisyCurrentSource(FrozenNoise):
    __doc__ = FrozenNoise.__doc__
    _registry = registry
    _simulator = simulator
    _step_class = StepCurrentSource
