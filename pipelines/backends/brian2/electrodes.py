"""Current sources on Brian2: the current of each, as a function of the step.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): a source counts its times from the first run
on, so one that is changed or injected in mid-run, with times that are past, is never heard (row
"changes in mid-run").
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import ParameterSpace, Sequence
from pyNN.standardmodels import StandardCurrentSource, electrodes

from ..shared.electrodes import FrozenNoise
from ..shared.invalid import InvalidValue
from ..shared.synapses import same_names
from . import simulation as simulator
from .simulation import registry, state


class CurrentSource(StandardCurrentSource):
    """A current that is a function of time."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.cell_list: list[Any] = []
        self._values: dict[str, Any] = {}
        space = ParameterSpace(self.default_parameters, self.get_schema(), shape=(1,))
        space.update(**parameters)
        self.set_native_parameters(self.translate(space))

    def get_native_parameters(self) -> ParameterSpace:
        return ParameterSpace(dict(self._values))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        parameters.evaluate(simplify=True)
        given = {
            name: value.value if isinstance(value, Sequence) else value
            for name, value in parameters.items()
        }
        self._values = self._checked(self._values | given)

    def _checked(self, values: dict[str, Any]) -> dict[str, Any]:
        return values

    def inject_into(self, cells: Any) -> None:
        """Inject this current into some cells."""
        for cell in cells:
            if not cell.celltype.injectable:
                raise TypeError("Can't inject current into a spike source.")
        self.cell_list.extend(cells)
        groups = {id(cell.parent.group): cell.parent.group for cell in cells}
        for key, group in groups.items():
            inside = [cell for cell in cells if id(cell.parent.group) == key]
            rows = [int(cell.parent.rows[cell.parent.id_to_index(cell)]) for cell in inside]
            state.network.currents.inject(self, group, np.array(rows))

    def amplitudes(self, steps: np.ndarray) -> np.ndarray:
        """Current (nA) in these steps."""
        raise NotImplementedError

    def reset(self) -> None:
        """Go back to time 0."""

    def _is_on(self, steps: np.ndarray) -> np.ndarray:
        start, stop = (np.rint(self._values[name] / state.dt) for name in ("start", "stop"))
        on: np.ndarray = (start <= steps) & (steps < stop)
        return on

    def record(self) -> None:
        """Nothing to do: what a source gives is known at any time."""

    def _get_data(self) -> tuple[np.ndarray, np.ndarray]:
        """Times (ms) and currents (nA) of every step until now."""
        steps = np.arange(state.network.step + 1)
        return steps * state.dt, self.amplitudes(steps)


class DCSource(CurrentSource, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__
    translations = same_names("amplitude", "start", "stop")

    def amplitudes(self, steps: np.ndarray) -> np.ndarray:
        return np.where(self._is_on(steps), self._values["amplitude"], 0.0)


class ACSource(CurrentSource, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__
    translations = same_names("amplitude", "start", "stop", "frequency", "offset", "phase")

    def amplitudes(self, steps: np.ndarray) -> np.ndarray:
        values = self._values
        turns = 1e-3 * values["frequency"] * (steps * state.dt - values["start"])
        wave = np.sin(2 * np.pi * (turns + values["phase"] / 360))
        return np.where(self._is_on(steps), values["offset"] + values["amplitude"] * wave, 0.0)


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__
    translations = same_names("times", "amplitudes")
    # Steps and amplitudes that were set before: they hold until the first of the new ones.
    _past: tuple[np.ndarray, np.ndarray] = (np.array([-1.0]), np.array([0.0]))

    def _checked(self, values: dict[str, Any]) -> dict[str, Any]:
        times, amplitudes = (np.asarray(values[n], dtype=float) for n in ("times", "amplitudes"))
        if np.any(times < 0) or np.any(np.diff(times) <= 0):
            raise InvalidValue(
                "StepCurrentSource.times",
                "they are negative or out of order",
                allowed="increasing times of 0 ms and above",
            )
        if self.cell_list and state.network.step > 0:
            present = np.array([state.network.step])
            self._past = present, self.amplitudes(present)
        return values | {"times": times, "amplitudes": amplitudes}

    def amplitudes(self, steps: np.ndarray) -> np.ndarray:
        begins = np.rint(self._values["times"] / state.dt)
        # Of several amplitudes in a step the last.
        values = np.append(self._past[1], self._values["amplitudes"])
        return values[np.searchsorted(begins, steps, side="right")]

    def reset(self) -> None:
        self._past = type(self)._past


class NoisyCurrentSource(FrozenNoise):
    __doc__ = FrozenNoise.__doc__
    _registry = registry
    _simulator = simulator
    _step_class = StepCurrentSource
