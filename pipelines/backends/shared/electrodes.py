"""Current sources, whose current in each time step is the same on every backend.

Mends (seen in PyNN 0.13.0): Brian2 injects the same noise into every cell (row
"NoisyCurrentSource"), and draws it unseeded (row "seeds"); it counts the times of a source from the
start of the first run, so that a source that is changed or injected in mid-run with past times has
no effect (row "changes in mid-run").
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
from .parameter_values import CURRENT_SOURCE_UNITS, normalised
from .synapse_types import same_names
from .time_grid import round_to_steps, to_ms, to_steps


class CurrentSource(StandardCurrentSource):
    """Base of current sources.

    Attributes
    ----------
    cell_list : list
        Cells into which the source is injected, each repeated for every injection.
    """

    _registry: Registry

    def __init__(self, **parameters: Any) -> None:
        parameters = normalised(parameters, CURRENT_SOURCE_UNITS, type(self).__name__)
        super().__init__(**parameters)
        self.cell_list: list[Any] = []
        self._values: dict[str, Any] = {}
        self.reset()
        space = ParameterSpace(self.default_parameters, self.get_schema(), shape=(1,))
        space.update(**parameters)
        self.set_native_parameters(self.translate(space))

    def reset(self) -> None:
        """Set the time to 0, at first and after a reset."""
        # Currents (nA) of the steps before parameters were last set.
        self._past_currents = np.array([])

    def _present_step(self) -> int:
        """Present step of the simulation, as the script sees it."""
        raise NotImplementedError

    def get_native_parameters(self) -> ParameterSpace:
        return ParameterSpace(dict(self._values))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        parameters.evaluate(simplify=True)
        given = {
            name: value.value if isinstance(value, Sequence) else value
            for name, value in parameters.items()
        }
        values = self._check_values(self._values | given)
        present = self._present_step()
        if self._values and present > len(self._past_currents):
            self._past_currents = self._currents_until(present)
        self._values = values

    def _check_values(self, values: dict[str, Any]) -> dict[str, Any]:
        """Check native parameters, and return them on the grid."""
        return values

    def inject_into(self, cells: Any) -> None:
        """Inject this current into each of the cells."""
        for cell in cells:
            if not cell.celltype.injectable:
                raise TypeError("Can't inject current into a spike source.")
        self._inject(list(cells))
        self.cell_list.extend(cells)

    def _inject(self, cells: list[Any]) -> None:
        raise NotImplementedError

    def current_in(self, steps: np.ndarray) -> np.ndarray:
        """Current (nA) in the given steps, by the present parameters."""
        raise NotImplementedError

    def _is_on(self, steps: np.ndarray) -> np.ndarray:
        """Whether each step lies within ``start <= t < stop``."""
        dt = self._registry.timestep
        start, stop = (np.rint(self._values[name] / dt) for name in ("start", "stop"))
        on: np.ndarray = (start <= steps) & (steps < stop)
        return on

    def set_parameters(self, **parameters: Any) -> None:
        super().set_parameters(**normalised(parameters, CURRENT_SOURCE_UNITS, type(self).__name__))

    def record(self) -> None:
        """Do nothing: the current is computed when it is read."""

    def _get_data(self) -> tuple[np.ndarray, np.ndarray]:
        """Times (ms) and currents (nA) of every step until now."""
        currents = self._currents_until(self._present_step() + 1)
        return to_ms(np.arange(len(currents)), self._registry.timestep), currents

    def _currents_until(self, step: int) -> np.ndarray:
        """Currents (nA) in all steps before this one."""
        return np.append(
            self._past_currents, self.current_in(np.arange(len(self._past_currents), step))
        )


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
    # Parameters to restore on a reset, if they differ from the present ones.
    values_after_reset: Mapping[str, np.ndarray] = MappingProxyType({})

    def reset(self) -> None:
        super().reset()
        # Current (nA) until the first of `times`: the last amplitude that was set before.
        self._initial_amplitude = 0.0
        self._values = self._values | dict(self.values_after_reset)

    def _check_values(self, values: dict[str, Any]) -> dict[str, Any]:
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
            self._initial_amplitude = float(self.current_in(np.array([present]))[0])
        steps = round_to_steps(times, self._registry.timestep)
        # The last of several amplitudes in one step.
        last = np.diff(steps, append=np.inf) > 0
        on_grid = to_ms(steps[last], self._registry.timestep)
        return values | {"times": on_grid, "amplitudes": amplitudes[last]}

    def current_in(self, steps: np.ndarray) -> np.ndarray:
        begins = np.rint(self._values["times"] / self._registry.timestep)
        values = np.append(self._initial_amplitude, self._values["amplitudes"])
        return values[np.searchsorted(begins, steps, side="right")]


class FrozenNoise(electrodes.NoisyCurrentSource):
    """Base of `NoisyCurrentSource`: a step current for each cell, drawn on injection.

    Parameters that are set in mid-run apply from the present or `start` on, whichever is later;
    after a reset they apply to all times.
    """

    translations = same_names("mean", "start", "stop", "stdev", "dt")
    _registry: Registry
    _simulator: Any
    _step_class: type[StepCurrentSource]

    def __init__(self, **parameters: Any) -> None:
        # As in PyNN, the default interval is the time step of the simulation.
        given = {"dt": self._registry.timestep} | normalised(
            parameters, CURRENT_SOURCE_UNITS, type(self).__name__
        )
        super().__init__(**given)
        self._native = self.default_parameters | given
        self._step_currents: list[StepCurrentSource] = []
        self._is_recorded = False

    def inject_into(self, cells: Any) -> None:
        """Inject independent noise into each cell."""
        for cell in cells:
            seeds = self._registry.next_seeds()
            current = self._step_class(**self._draw_step_current(self._native, seeds))
            current.inject_into([cell])
            if self._is_recorded and not self._step_currents:
                current.record()
            self._step_currents.append(current)

    def _draw_step_current(
        self, native: dict[str, Any], seeds: Any, after: float = 0.0
    ) -> dict[str, Any]:
        """Parameters of a step current that is noise after the time `after` (ms)."""
        options = {"interval" if name == "dt" else name: v for name, v in native.items()}
        options["start"] = max(options["start"], after)
        times, amplitudes = noise_steps(**options, dt=self._registry.timestep, seed=seeds)
        if times[0] > after > 0:
            times, amplitudes = np.append(after, times), np.append(0.0, amplitudes)
        return {"times": times, "amplitudes": amplitudes}

    def get_native_parameters(self) -> ParameterSpace:
        return ParameterSpace(dict(self._native), shape=(1,))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        parameters.evaluate(simplify=True)
        native = self._native | dict(parameters.items())
        seeds = [self._registry.next_seeds() for _ in self._step_currents]
        now = float(self._simulator.state.t)
        changed = [self._draw_step_current(native, one, now) for one in seeds]
        for current, one, values in zip(self._step_currents, seeds, changed, strict=True):
            current.set_parameters(**values)
            current.values_after_reset = self._draw_step_current(native, one)
        self._native = native

    def record(self) -> None:
        """Record the current of the first cell, from now or from its injection on."""
        self._is_recorded = True
        for first in self._step_currents[:1]:
            first.record()

    def _get_data(self) -> Any:
        if not self._step_currents:
            raise Unsupported(
                "recording a NoisyCurrentSource",
                "it has not been injected, and each cell has a noise of its own",
                allowed="reading it after inject_into(), which gives that of the first cell",
            )
        return self._step_currents[0]._get_data()


def noise_steps(
    mean: float, stdev: float, start: float, stop: float, interval: float, dt: float, seed: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Times (ms) and amplitudes (nA) of a step current that is Gaussian noise.

    A new amplitude is drawn every `interval` from `start` on; at `stop` the current is 0.

    Parameters
    ----------
    mean, stdev
        Of the amplitudes, in nA.
    start, stop, interval, dt
        In ms; `dt` is the time step.
    seed
        Seed of NumPy's default generator.

    Returns
    -------
    times, amplitudes : ndarray, shape (n_steps + 1,)

    Raises
    ------
    Unsupported
        If a time is off the grid, or `stop` is not finite.
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
