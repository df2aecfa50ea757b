"""Current sources: the current of each is a function of the step, the same on every backend.

Mends (seen in PyNN 0.13.0): Brian2 gives every cell the same noise, unseeded (row
"NoisyCurrentSource"), which is not that of a seed (row "seeds"); it counts the times of a source
from the first run on, so that one which is changed or injected in mid-run, with times that are
past, is never heard (row "changes in mid-run").
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from pyNN.parameters import ParameterSpace, Sequence
from pyNN.standardmodels import StandardCurrentSource, electrodes

from pipelines.errors import Unsupported

from .invalid_value import InvalidValue
from .network_registry import Registry
from .parameter_values import OF_CURRENTS, plain
from .synapse_types import same_names
from .time_grid import moved_steps, to_ms, to_steps


class CurrentSource(StandardCurrentSource):
    """Base of current sources.

    Attributes
    ----------
    cell_list : list
        Cells into which the source is injected: one stands there as often as it was.
    """

    _registry: Registry

    def __init__(self, **parameters: Any) -> None:
        parameters = plain(parameters, OF_CURRENTS, type(self).__name__)
        super().__init__(**parameters)
        self.cell_list: list[Any] = []
        self._values: dict[str, Any] = {}
        self.reset()
        space = ParameterSpace(self.default_parameters, self.get_schema(), shape=(1,))
        space.update(**parameters)
        self.set_native_parameters(self.translate(space))

    def reset(self) -> None:
        """Begin at time 0, at first and after a reset."""
        # Currents (nA) in the steps before parameters were last set.
        self._past = np.array([])

    def _present_step(self) -> int:
        """Steps that the script has seen."""
        raise NotImplementedError

    def get_native_parameters(self) -> ParameterSpace:
        return ParameterSpace(dict(self._values))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        parameters.evaluate(simplify=True)
        given = {
            name: value.value if isinstance(value, Sequence) else value
            for name, value in parameters.items()
        }
        values = self._checked(self._values | given)
        present = self._present_step()
        if self._values and present > len(self._past):
            self._past = self._until(present)
        self._values = values

    def _checked(self, values: dict[str, Any]) -> dict[str, Any]:
        return values

    def inject_into(self, cells: Any) -> None:
        """Inject this current into some cells."""
        for cell in cells:
            if not cell.celltype.injectable:
                raise TypeError("Can't inject current into a spike source.")
        self._inject(list(cells))
        self.cell_list.extend(cells)

    def _inject(self, cells: list[Any]) -> None:
        raise NotImplementedError

    def current_in(self, steps: np.ndarray) -> np.ndarray:
        """Current (nA) in these steps, by the parameters as they are now."""
        raise NotImplementedError

    def _is_on(self, steps: np.ndarray) -> np.ndarray:
        dt = self._registry.timestep
        start, stop = (np.rint(self._values[name] / dt) for name in ("start", "stop"))
        on: np.ndarray = (start <= steps) & (steps < stop)
        return on

    def set_parameters(self, **parameters: Any) -> None:
        super().set_parameters(**plain(parameters, OF_CURRENTS, type(self).__name__))

    def record(self) -> None:
        """Nothing to do: what a source gives is known at any time."""

    def _get_data(self) -> tuple[np.ndarray, np.ndarray]:
        """Times (ms) and currents (nA) of every step until now."""
        currents = self._until(self._present_step() + 1)
        return to_ms(np.arange(len(currents)), self._registry.timestep), currents

    def _until(self, step: int) -> np.ndarray:
        """Currents (nA) in all steps before this one."""
        return np.append(self._past, self.current_in(np.arange(len(self._past), step)))


class DCSource(CurrentSource, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__
    translations = same_names("amplitude", "start", "stop")

    def current_in(self, steps: np.ndarray) -> np.ndarray:
        return np.where(self._is_on(steps), self._values["amplitude"], 0.0)


class ACSource(CurrentSource, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__
    translations = same_names("amplitude", "start", "stop", "frequency", "offset", "phase")

    def current_in(self, steps: np.ndarray) -> np.ndarray:
        values = self._values
        turns = 1e-3 * values["frequency"] * (steps * self._registry.timestep - values["start"])
        wave = np.sin(2 * np.pi * (turns + values["phase"] / 360))
        return np.where(self._is_on(steps), values["offset"] + values["amplitude"] * wave, 0.0)


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__
    translations = same_names("times", "amplitudes")
    # Values to begin with after a reset, where they are others than those of now.
    from_start: Mapping[str, np.ndarray] = MappingProxyType({})

    def reset(self) -> None:
        super().reset()
        # Of the amplitudes that were set before: it holds until the first of the new ones.
        self._held = 0.0
        self._values = self._values | dict(self.from_start)

    def _checked(self, values: dict[str, Any]) -> dict[str, Any]:
        times, amplitudes = (np.asarray(values[n], dtype=float) for n in ("times", "amplitudes"))
        if np.any(times < 0) or np.any(np.diff(times) <= 0):
            raise InvalidValue(
                "StepCurrentSource.times",
                "they are negative or out of order",
                allowed="increasing times of 0 ms and above",
            )
        if times.shape != amplitudes.shape:
            what = f"{times.size} of them for {amplitudes.size} amplitudes"
            raise InvalidValue("StepCurrentSource.times", what, allowed="one an amplitude")
        present = self._present_step()
        if self.cell_list and present > 0:
            self._held = float(self.current_in(np.array([present]))[0])
        steps = moved_steps(times, self._registry.timestep)
        # Of several amplitudes in a step the last.
        last = np.diff(steps, append=np.inf) > 0
        on_grid = to_ms(steps[last], self._registry.timestep)
        return values | {"times": on_grid, "amplitudes": amplitudes[last]}

    def current_in(self, steps: np.ndarray) -> np.ndarray:
        begins = np.rint(self._values["times"] / self._registry.timestep)
        values = np.append(self._held, self._values["amplitudes"])
        return values[np.searchsorted(begins, steps, side="right")]


class FrozenNoise(electrodes.NoisyCurrentSource):
    """Base of `NoisyCurrentSource`: one step current a cell, drawn when it is injected.

    Parameters that are set in mid-run are those of noise that begins then, or at `start`; after a
    reset they are those of the noise of all times.
    """

    translations = same_names("mean", "start", "stop", "stdev", "dt")
    _registry: Registry
    _simulator: Any
    _step_class: type[StepCurrentSource]

    def __init__(self, **parameters: Any) -> None:
        # PyNN: an interval that is not given is the time step of the simulation.
        given = {"dt": self._registry.timestep} | plain(
            parameters, OF_CURRENTS, type(self).__name__
        )
        super().__init__(**given)
        self._native = self.default_parameters | given
        self._steps: list[StepCurrentSource] = []
        self._is_recorded = False

    def inject_into(self, cells: Any) -> None:
        """Inject noise of its own into each cell."""
        for cell in cells:
            seeds = self._registry.next_seeds()
            current = self._step_class(**self._drawn(self._native, seeds))
            current.inject_into([cell])
            if self._is_recorded and not self._steps:
                current.record()
            self._steps.append(current)

    def _drawn(self, native: dict[str, Any], seeds: Any, after: float = 0.0) -> dict[str, Any]:
        """Parameters of a step current that is noise after a time (ms)."""
        asked = {"interval" if name == "dt" else name: v for name, v in native.items()}
        asked["start"] = max(asked["start"], after)
        times, amplitudes = noise_steps(**asked, dt=self._registry.timestep, seed=seeds)
        if times[0] > after > 0:
            times, amplitudes = np.append(after, times), np.append(0.0, amplitudes)
        return {"times": times, "amplitudes": amplitudes}

    def get_native_parameters(self) -> ParameterSpace:
        return ParameterSpace(dict(self._native), shape=(1,))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        parameters.evaluate(simplify=True)
        native = self._native | dict(parameters.items())
        seeds = [self._registry.next_seeds() for _ in self._steps]
        now = float(self._simulator.state.t)
        changed = [self._drawn(native, one, now) for one in seeds]
        for current, one, values in zip(self._steps, seeds, changed, strict=True):
            current.set_parameters(**values)
            current.from_start = self._drawn(native, one)
        self._native = native

    def record(self) -> None:
        """Record the current of the first cell, from now on or from when it is injected."""
        self._is_recorded = True
        for first in self._steps[:1]:
            first.record()

    def _get_data(self) -> Any:
        if not self._steps:
            raise Unsupported(
                "recording a NoisyCurrentSource",
                "it has not been injected, and each cell has a noise of its own",
                allowed="reading it after inject_into(), which gives that of the first cell",
            )
        return self._steps[0]._get_data()


def noise_steps(
    mean: float, stdev: float, start: float, stop: float, interval: float, dt: float, seed: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Times (ms) and amplitudes (nA) of a step current that is Gaussian noise.

    A new amplitude is drawn every `interval` from `start` on; at `stop` the current is 0.

    Raises
    ------
    Unsupported
        If a time is off the grid, or `stop` has no bound.
    """
    if not stop < 1e9:
        raise Unsupported(
            "NoisyCurrentSource.stop", f"{stop:g} ms", allowed="the time at which the noise ends"
        )
    first, last, every = (
        int(to_steps(time, dt, f"NoisyCurrentSource.{name}"))
        for name, time in (("start", start), ("stop", stop), ("dt", interval))
    )
    if every < 1:
        raise Unsupported("NoisyCurrentSource.dt", f"{interval:g} ms", allowed=f"{dt:g} and above")
    steps = np.arange(first, last, every)
    amplitudes = mean + stdev * np.random.default_rng(seed).standard_normal(len(steps))
    return to_ms(np.append(steps, last), dt), np.append(amplitudes, 0.0)
